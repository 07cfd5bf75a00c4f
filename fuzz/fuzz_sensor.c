/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records of the sensors, one after the other: two bytes of length, then the record. */
#include "fuzz.h"
#include "sensor/decode.h"
#include "sensor/sensor.h"

static int look([[maybe_unused]] void *user, const struct event *e)
{
	fuzz_assert(e->raw.len <= DECODE_LINE);
	for (uint32_t i = 0; i < e->n; i++) {
		struct str s = event_text(e, &e->values[i]);

		fuzz_assert(e->values[i].field && s.ptr && s.len <= DECODE_TEXT);
		fuzz_assert(!memchr(s.ptr, 0, s.len) || e->values[i].type == VALUE_TEXT);
		for (uint32_t k = 0; k < i; k++)
			fuzz_assert(e->values[k].field != e->values[i].field);
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct names *names = NULL;
	struct record_decoder *d = calloc(1, sizeof(*d));
	static _Alignas(8) char record[65536];

	if (d && names_new(&names) == 0 && sensors_fields(names) == 0) {
		record_decoder_names(d, names);
		users_set(&d->users, (struct str){ (const char *)data, len });
		while (len >= 2) {
			size_t n = MIN((size_t)(data[0] | data[1] << 8), len - 2);
			int r;

			memcpy(record, data + 2, n);
			memset(record + n, 'x', MIN(64, sizeof(record) - n));
			r = record_decode(d, record, n, look, NULL);
			fuzz_assert(r >= 0 || r == -EBADMSG);
			data += 2 + n;
			len -= 2 + n;
		}
		record_decoder_release(d);
	}
	names_release(&names);
	free(d);
	return 0;
}
