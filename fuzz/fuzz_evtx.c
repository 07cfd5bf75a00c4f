/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A chunk of an event log, without its header: records, templates, values, and how they are shown. */
#include "events/evtx.h"
#include "fuzz.h"

static struct names *names;
static struct evtx_reader *reader;
static struct buf out = BUF((size_t)8 << 20);

static bool start(void)
{
	static const char *const asked[] = {
		"EventID",     "Channel", "Computer", "Data",    "Image",    "Signature",
		"TimeCreated", "UserID",  "a",        "windows", "security", "process_creation",
	};
	const struct evtx_options o = { .lazy = true, .slack = true, .checksums = true };
	struct evtx_options with = o;
	uint16_t id;

	if (reader)
		return true;
	if (names_new(&names) < 0)
		return false;
	for (size_t i = 0; i < COUNT(asked); i++)
		if (names_add(names, str_of(asked[i]), &id) < 0)
			return false;
	with.names = names;
	return evtx_reader_new(&with, &reader) == 0;
}

static int note(void *user, const struct event *e)
{
	(void)user;
	fuzz_assert(e->n <= EVENT_VALUES_MAX);
	for (uint32_t i = 0; i < e->n; i++) {
		fuzz_assert(e->values[i].field != 0);
		fuzz_assert(event_get(e, e->values[i].field) == &e->values[i]);
		event_text(e, &e->values[i]);
	}
	for (int f = EVTX_FORMAT_XML; f <= EVTX_FORMAT_JSON; f++) {
		buf_reset(&out);
		fuzz_assert(evtx_render(reader, e, (enum evtx_format)f, &out) != -EINVAL);
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t *file = calloc(1, EVTX_CHUNK_HEADER + len);
	struct evtx_scan scan;
	struct evtx_chunk c;
	unsigned chunks = 0;

	if (!file || !start()) {
		free(file);
		return 0;
	}
	memcpy(file, "ElfChnk", sizeof "ElfChnk");
	file[40] = 128;
	memcpy(file + EVTX_CHUNK_HEADER, data, len);
	scan = (struct evtx_scan){
		.bytes = {(const char *)file, EVTX_CHUNK_HEADER + len},
		.carve = len % 2,
	};
	while (evtx_scan_next(&scan, &c)) {
		fuzz_assert(c.ptr >= file && c.len <= EVTX_CHUNK_MAX &&
			    c.offset == (size_t)(c.ptr - file));
		fuzz_assert(evtx_read_chunk(reader, &c, note, NULL) == 0);
		fuzz_assert(++chunks <= len / 8 + 1);
	}
	free(file);
	return 0;
}
