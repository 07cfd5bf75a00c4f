/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * decode: records of the kernel's programs to events. Records are looked at as if anybody had
 * written them: a size or kind that is wrong makes -EBADMSG, never more.
 */
#ifndef HF_SENSOR_DECODE_H
#define HF_SENSOR_DECODE_H

#include "events/decoder.h"
#include "sensor/field.h"
#include "sensor/image.h"
#include "sensor/user.h"

#define DECODE_VALUES 32
#define DECODE_TEXT 16384
#define DECODE_LINE 2048

struct record_decoder {
	uint16_t fields[SENSOR_FIELDS];
	uint16_t product, categories[SENSOR_CATEGORIES];
	struct images images;
	struct users users;
	int64_t offset; /* ns from CLOCK_BOOTTIME to CLOCK_REALTIME */
	struct event e;
	struct event_value values[DECODE_VALUES];
	const struct names *names;
	char text[DECODE_TEXT];
	size_t used;
	char line[DECODE_LINE];
};

void record_decoder_names(struct record_decoder *d, const struct names *n);
/* Reads both clocks. */
void record_decoder_clock(struct record_decoder *d);
/*
 * Up to two events. Their number, -EBADMSG, -ENOMEM, or what fn returned below 0.
 */
[[nodiscard]] int record_decode(struct record_decoder *d, const void *record, size_t n,
				event_fn *fn, void *user);
void record_decoder_release(struct record_decoder *d);
/* Makes e.raw of what the event says: category and NAME=VALUE, cut to fit. */
void record_line(struct record_decoder *d);

#endif
