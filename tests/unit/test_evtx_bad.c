/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Event logs that were cut, damaged, not closed, or made to do harm: what can be read is read. */
#include "evtx_make.h"
#include "fault.h"

#define RECORDS 20U

static struct make m;
static struct names *names;
static struct evtx_reader *reader;
static struct buf out = BUF(8 << 20);
static uint64_t ids[256];
static unsigned n_ids, n_skips;
static const char *reason;

static void note_skip(void *user, const struct evtx_skip *s)
{
	(void)user;
	n_skips++;
	reason = s->reason;
}

static int note(void *user, const struct event *e)
{
	(void)user;
	if (n_ids < COUNT(ids))
		ids[n_ids++] = e->record;
	for (int f = EVTX_FORMAT_XML; f <= EVTX_FORMAT_JSON; f++) {
		buf_reset(&out);
		if (evtx_render(reader, e, (enum evtx_format)f, &out) == -EINVAL)
			return -EINVAL;
	}
	for (uint32_t i = 0; i < e->n; i++)
		event_text(e, &e->values[i]);
	return 0;
}

static struct evtx_counts read_chunk(struct evtx_chunk c)
{
	struct evtx_options o = {
		.names = names, .lazy = true, .checksums = true, .skip = note_skip
	};
	struct evtx_counts counts = {};

	n_ids = n_skips = 0;
	reason = "";
	if (evtx_reader_new(&o, &reader) < 0)
		return counts;
	if (evtx_read_chunk(reader, &c, note, NULL) == 0)
		counts = *evtx_reader_counts(reader);
	evtx_reader_release(&reader);
	return counts;
}

static const struct make_value values[] = {
	{EVTX_UINT16,    { "\x10\x12", 2 }                        },
	{ EVTX_FILETIME, { "\x18\x96\x57\x57\x44\xd9\xd1\x01", 8 }},
	{ EVTX_STRING,   { "p\0c\0\0\0", 6 }                      },
	{ EVTX_NULL,     { "", 0 }				},
};

/* RECORDS records of one template. */
static struct evtx_chunk make_log(void)
{
	uint32_t definition;

	make_start(&m);
	make_record(&m);
	make_event_definition(&m, 0x1111);
	definition = m.definition;
	make_values(&m, values, COUNT(values));
	make_record_end(&m);
	while (m.id < RECORDS) {
		make_record(&m);
		make_instance(&m, 0x1111, definition);
		make_values(&m, values, COUNT(values));
		make_record_end(&m);
	}
	return make_chunk(&m);
}

/* Offset of the record, from 1. */
static uint32_t record_at(unsigned id)
{
	uint32_t at = EVTX_CHUNK_HEADER;

	while (--id)
		at += evtx_get32(m.c + at + 4);
	return at;
}

static void test_hints(void)
{
	static const uint32_t ends[] = { 0,    1,     511,   512,   513,       600,
					 2000, 65535, 65536, 65537, UINT32_MAX };
	struct evtx_chunk c = make_log();
	struct evtx_counts counts = read_chunk(c);

	is_int((int64_t)counts.records, RECORDS, "a log");
	is_int((int64_t)(counts.header_checksums + counts.data_checksums + counts.skipped), 0,
	       "without fault");
	for (size_t i = 0; i < COUNT(ends); i++) {
		set32(&m, 48, ends[i]);
		counts = read_chunk(c);
		is_int((int64_t)counts.records, RECORDS, "a wrong end of records");
		is_int((int64_t)counts.header_checksums, 1, "  which the sum shows");
	}
	c = make_log();
	memset(m.c + 8, 0xff, 40);
	is_int((int64_t)read_chunk(c).records, RECORDS, "wrong numbers in the header");
	c = make_log();
	m.c[m.pos - 1] ^= 1;
	counts = read_chunk(c);
	is_int((int64_t)counts.data_checksums, 1, "a wrong sum of the data");
	is_int((int64_t)counts.records, RECORDS, "takes no record away");
	memset(m.c, 0, EVTX_CHUNK_HEADER);
	is_int((int64_t)read_chunk(c).records, RECORDS, "a header of zeros");
}

static void test_sizes(void)
{
	static const uint32_t sizes[] = { 0, 1, 23, 27, 70000, UINT32_MAX };
	struct evtx_chunk c;
	struct evtx_counts counts;

	for (size_t i = 0; i < COUNT(sizes); i++) {
		c = make_log();
		set32(&m, record_at(5) + 4, sizes[i]);
		counts = read_chunk(c);
		is_int((int64_t)counts.records, RECORDS - 1, "a record of impossible size");
		ok(counts.skipped == 1 && n_skips == 1 && counts.skipped_bytes > 0, "  is named");
	}
	c = make_log();
	set32(&m, record_at(5) + 4, evtx_get32(m.c + record_at(5) + 4) + 8);
	counts = read_chunk(c);
	is_int((int64_t)counts.records, RECORDS, "a size that is too large by 8");
	c = make_log();
	memcpy(m.c + record_at(7), "xx", 2);
	counts = read_chunk(c);
	is_int((int64_t)counts.records, RECORDS - 1, "a record without its signature");
	is_int((int64_t)counts.skipped, 1, "  is named");
}

static void test_slack(void)
{
	struct evtx_chunk c;

	/* A log that was closed with ten records, over one that had twenty. */
	make_log();
	m.pos = record_at(11);
	m.id = 10;
	c = make_chunk(&m);
	is_int((int64_t)read_chunk(c).records, 10, "what is behind the end was there before");
	is_int((int64_t)read_chunk(c).slack, 10, "and is counted");
	c.closed = false;
	is_int((int64_t)read_chunk(c).records, RECORDS,
	       "in a log that was not closed it goes on where the numbers do");
	for (unsigned i = 11; i <= RECORDS; i++)
		m.c[record_at(i) + 8] = (uint8_t)(i - 10);
	is_int((int64_t)read_chunk(c).records, 10, "and not where they begin again");
}

static void make_plain_start(void)
{
	make_start(&m);
	make_record(&m);
	make_open(&m, "Event", false);
	make_content(&m);
	make_open(&m, "System", false);
	make_content(&m);
	make_leaf(&m, "EventID", "1");
	make_end(&m);
}

static void test_loops(void)
{
	struct evtx_chunk c;
	struct evtx_counts counts;
	uint32_t definition;

	make_start(&m);
	make_record(&m);
	make_definition(&m, 0x7777);
	definition = m.definition;
	make_open(&m, "Event", false);
	make_content(&m);
	make_leaf(&m, "EventID", "1");
	for (unsigned i = 0; i < 50; i++) {
		make_instance(&m, 0x7777, definition);
		make_values(&m, NULL, 0);
	}
	make_end(&m);
	make_definition_end(&m);
	make_values(&m, NULL, 0);
	make_record_end(&m);
	c = make_chunk(&m);
	counts = read_chunk(c);
	is_int((int64_t)(counts.records + counts.skipped), 1, "a template that holds itself ends");
	ok(counts.damaged + counts.skipped == 1, "and is named");

	make_plain_start();
	for (unsigned i = 0; i < 300; i++) {
		make_open(&m, "a", false);
		make_content(&m);
	}
	make_record_end(&m);
	counts = read_chunk(make_chunk(&m));
	is_int((int64_t)counts.records, 1, "elements nested 300 deep: what is before them is read");
	is_int((int64_t)counts.damaged, 1, "and the record is damaged");
	is_str(str_of(reason), STR("nested too deeply"), "with the reason");
}

/* Values that are more, or longer, than there is. */
static void test_values(void)
{
	struct evtx_chunk c = make_log();
	uint32_t values_at = record_at(3) + 24 + 4 + 10;
	struct evtx_counts counts;

	is_int((int64_t)evtx_get32(m.c + values_at), COUNT(values), "the values of a record");
	set32(&m, values_at, UINT32_MAX);
	counts = read_chunk(c);
	is_int((int64_t)counts.records, RECORDS - 1, "too many of them");
	is_str(str_of(reason), STR("broken template instance"), "  are named");
	set32(&m, values_at, COUNT(values));
	m.c[values_at + 4 + 9] = 0xff; /* length of the computer's name */
	counts = read_chunk(c);
	is_int((int64_t)counts.records, RECORDS, "one that is too long");
	is_int((int64_t)counts.damaged, 1, "  is missing, the others are not");
	c = make_log();
	set32(&m, values_at - 8, 0x2222);
	counts = read_chunk(c);
	is_int((int64_t)counts.skipped, 1, "another template's number");
	is_str(str_of(reason), STR("its template is not in the chunk"), "  is named");
	c = make_log();
	set32(&m, values_at - 4, UINT32_MAX - 10);
	is_int((int64_t)read_chunk(c).skipped, 1, "a template outside of the chunk");
}

static struct str no_bytes(void) { return (struct str){ (const char *)m.c, 0 }; }

/* Chunks of a file: how many there are, and of how many records. */
static void scan(struct str bytes, bool carve, unsigned chunks, unsigned records, const char *name)
{
	struct evtx_scan s = { .bytes = bytes, .carve = carve, .skip = note_skip };
	struct evtx_chunk c;
	unsigned n = 0, all = 0, skips = 0;

	n_skips = 0;
	while (evtx_scan_next(&s, &c)) {
		n++;
		skips += n_skips;
		all += (unsigned)read_chunk(c).records;
		skips += n_skips;
		n_skips = 0;
	}
	n_skips += skips;
	is_int(n, chunks, name);
	is_int(all, records, "  its records");
}

static void test_files(void)
{
	const size_t size = EVTX_FILE_HEADER + 4 * EVTX_CHUNK_MAX;
	own(free_ptr) char *file = calloc(1, size + 1000);
	struct str all = { file, size };
	char *chunks = file ? file + EVTX_FILE_HEADER : NULL;

	if (!file)
		return;
	make_file_header((uint8_t *)file, false);
	make_log();
	for (size_t i = 0; i < 4; i++)
		memcpy(chunks + i * EVTX_CHUNK_MAX, m.c, EVTX_CHUNK_MAX);
	ok(evtx_recognise(all) && !evtx_recognise(no_bytes()), "is recognised");
	scan(all, false, 4, 4 * RECORDS, "a file");
	scan(str_sub(all, 0, size - 30000), false, 4, 4 * RECORDS, "a file that is cut off");
	scan(str_sub(all, 0, 100), false, 0, 0, "a part of a header");
	file[42] = (char)0xff;
	file[43] = (char)0xff;
	n_skips = 0;
	scan(all, false, 4, 4 * RECORDS, "a wrong number of chunks");
	is_str(str_of(reason), STR("the header says that there is more"), "  is named");
	file[42] = 4;
	file[43] = 0;
	memset(chunks + EVTX_CHUNK_MAX, 0, 8);
	scan(all, false, 4, 4 * RECORDS, "a chunk without its signature");
	memset(chunks + EVTX_CHUNK_MAX, 0, EVTX_CHUNK_MAX);
	n_skips = 0;
	scan(all, false, 3, 3 * RECORDS, "a chunk of zeros");
	is_int(n_skips, 0, "  which is none");
	memset(chunks + EVTX_CHUNK_MAX, 'x', EVTX_CHUNK_MAX);
	scan(all, false, 3, 3 * RECORDS, "a chunk of something else");
	/* The rest of the file moved by something that was put in. */
	memmove(chunks + EVTX_CHUNK_MAX + 1000, chunks + 2 * EVTX_CHUNK_MAX, 2 * EVTX_CHUNK_MAX);
	scan(all, false, 3, 3 * RECORDS, "chunks that are not where they should be");
	memset(file, 0, EVTX_FILE_HEADER);
	scan(all, true, 3, 3 * RECORDS, "found in an image");
	memcpy(chunks + 20000, chunks, 10000);
	scan(all, true, 4, 4 * RECORDS, "one within another");
	scan(no_bytes(), true, 0, 0, "nothing");
}

static uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Whatever happens, it ends, and no record comes twice. */
static void test_damage(void)
{
	uint64_t state = 0x9e3779b97f4a7c15;
	unsigned bad = 0, lost = 0;
	struct evtx_chunk c;
	uint32_t end;

	make_log();
	end = MAX(m.pos, 1);
	for (uint32_t len = 0; len < end; len += 13) {
		c = make_log();
		c.len = len;
		bad += read_chunk(c).records > RECORDS;
	}
	is_int(bad, 0, "cut anywhere");
	for (unsigned i = 0; i < 1500; i++) {
		c = make_log();
		for (unsigned k = 0; k <= i % 4; k++)
			m.c[random_next(&state) % end] ^= (uint8_t)(1U << random_next(&state) % 8);
		bad += read_chunk(c).records > RECORDS;
		lost += n_ids < RECORDS / 2;
	}
	is_int(bad, 0, "bits flipped anywhere");
	ok(lost < 500, "mostly few records are lost");
	printf("# less than half was left in %u of 1500\n", lost);
	for (unsigned i = 0; i < 300; i++) {
		c = make_log();
		for (unsigned k = 0; k < 40; k++)
			m.c[random_next(&state) % end] = (uint8_t)random_next(&state);
		bad += read_chunk(c).records > RECORDS;
	}
	is_int(bad, 0, "bytes overwritten anywhere");
}

static void test_tiny(void)
{
	static const uint8_t zeros[EVTX_CHUNK_MAX];

	is_int((int64_t)read_chunk((struct evtx_chunk){ zeros, sizeof zeros, 0, true }).records, 0,
	       "a chunk of zeros");
	is_int(n_skips, 0, "has nothing that could not be read");
	for (uint32_t len = 0; len < 600; len++)
		read_chunk((struct evtx_chunk){ zeros, len, 0, false });
	is_int(n_skips, 0, "and its beginnings neither");
}

/* Every allocation fails once: what could not be held is damaged or skipped, nothing else. */
static void test_memory(void)
{
	struct evtx_chunk c = make_log();
	unsigned bad = 0, n = 0, less = 0;

	do {
		struct evtx_counts counts;

		fault_after = ++n;
		counts = read_chunk(c);
		bad += counts.records + counts.skipped > RECORDS;
		less += counts.records < RECORDS || counts.damaged;
	} while (!fault_after && n < 100000);
	fault_after = 0;
	is_int(bad, 0, "memory that is not there");
	ok(n > 10 && n < 100000 && less > 3, "takes records away");
}

int main(void)
{
	uint16_t id;

	if (names_new(&names) < 0 || names_add(names, STR("EventID"), &id) < 0 ||
	    names_add(names, STR("Computer"), &id) < 0)
		return 1;
	test_hints();
	test_sizes();
	test_slack();
	test_loops();
	test_values();
	test_files();
	test_tiny();
	test_damage();
	test_memory();
	names_release(&names);
	buf_release(&out);
	return done();
}
