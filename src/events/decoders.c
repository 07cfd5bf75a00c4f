/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "events/decoders.h"

const struct decoder *const decoders[] = {
	&decoder_evtx,
	&decoder_windows_xml,
	&decoder_syslog,
	&decoder_access,
	&decoder_w3c,
	&decoder_json,
	&decoder_audit,
};
const size_t n_decoders = COUNT(decoders);
