/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wanted: which lines are worth decoding for a set of rules. */
#ifndef HF_DETECT_WANTED_H
#define HF_DETECT_WANTED_H

#include "detect/rule.h"
#include "events/reader.h"

/*
 * One filter a decoder, in the order of decoders[]; in the arena, with the texts. A message whose form says by
 * itself what no rule asks for is not decoded.
 */
[[nodiscard]] int wanted_lines(const struct rules *r, const struct names *names, struct arena *a,
			       struct reader_filter **ret);

#endif
