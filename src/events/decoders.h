/* SPDX-License-Identifier: GPL-3.0-or-later */
/* decoders: every decoder of the table in decoders.c. */
#ifndef HF_EVENTS_DECODERS_H
#define HF_EVENTS_DECODERS_H

#include "events/decoder.h"

extern const struct decoder decoder_evtx, decoder_windows_xml;
extern const struct decoder decoder_syslog, decoder_access, decoder_w3c, decoder_json, decoder_audit;

#endif
