/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Event logs, and events that are XML, as formats of the reader. */
#include "events/decoders.h"
#include "events/evtx.h"
#include "events/evtx_value.h"
#include "events/evtx_xml.h"

static int start(struct evtx_reader **reader, const struct decode_context *x)
{
	struct evtx_options o = {
		.names = x->names,
		.file = x->file,
		.lazy = true,
		.checksums = true,
	};

	return *reader ? 0 : evtx_reader_new(&o, reader);
}

struct log_state {
	struct evtx_reader *reader;
};

static unsigned recognise_log(struct str head) { return evtx_recognise(head) ? 100 : 0; }

static const char *look_log(struct str head, uint64_t size, uint32_t *ret_hint)
{
	uint64_t stated = 0;

	*ret_hint = evtx_is_closed(head, &stated);
	return size && stated > size ? "is cut off: its header says that there is more" : NULL;
}

static void count_skip(void *user, const struct evtx_skip *s)
{
	(void)s;
	++*(uint64_t *)user;
}

/* What could not be read, wholly or in part. */
static uint64_t bad(const struct evtx_reader *r)
{
	const struct evtx_counts *c = evtx_reader_counts(r);

	return c->skipped + c->damaged;
}

static int decode_log(void *state, const struct decode_context *x, struct str block,
		      uint64_t first_line, event_fn *emit, void *user, uint64_t *skipped)
{
	struct log_state *s = state;
	struct evtx_scan scan = {
		.bytes = block,
		.part = true,
		.closed = x->hint,
		.skip = count_skip,
		.skip_user = skipped,
	};
	struct evtx_chunk c;
	uint64_t before;
	int r = start(&s->reader, x);

	(void)first_line;
	if (r < 0)
		return r;
	evtx_reader_file(s->reader, x->file);
	before = bad(s->reader);
	while (r == 0 && evtx_scan_next(&scan, &c))
		r = evtx_read_chunk(s->reader, &c, emit, user);
	*skipped += bad(s->reader) - before;
	return r;
}

static int64_t when_log(void *state, const struct decode_context *x, struct str block)
{
	struct evtx_scan scan = { .bytes = block };
	struct evtx_chunk c;

	(void)state;
	(void)x;
	return evtx_scan_next(&scan, &c) ? evtx_chunk_time(&c) : EVENT_TIME_UNKNOWN;
}

static void release_log(void *state) { evtx_reader_release(&((struct log_state *)state)->reader); }

const struct decoder decoder_evtx = {
	.name = "evtx",
	.summary = "Windows event logs",
	.state_size = sizeof(struct log_state),
	.recognise = recognise_log,
	.decode = decode_log,
	.when = when_log,
	.release = release_log,
	.find = evtx_find_chunk,
	.look = look_log,
	.oldest = evtx_find_oldest,
	.head = EVTX_FILE_HEADER,
	.unit = EVTX_CHUNK_MAX,
};

struct xml_state {
	struct evtx_reader *reader;
	struct buf text; /* UTF-8 that is not decoded yet */
	uint64_t line;
	bool started, wide;
	char carry[3]; /* of UTF-16: half a unit, or the first of a pair */
	size_t n_carry;
};

static bool is_wide(struct str s)
{
	return str_starts(s, STR("\xff\xfe")) || str_starts(s, STR("<\0"));
}

static unsigned recognise_xml(struct str head)
{
	char narrow[3072];

	if (is_wide(head)) {
		head = str_sub(head, 0, 2048);
		head = (struct str){ narrow, evtx_utf8(head.ptr, head.len, narrow) };
	}
	if (!str_contains(head, STR("<Event")) || !str_contains(head, STR("<System>")))
		return 0;
	if (str_contains(head, STR("schemas.microsoft.com/win/2004/08/events/event")))
		return 95;
	if (str_starts(head, STR("\xef\xbb\xbf")))
		head = str_sub(head, 3, head.len);
	/* In a syslog it is one of many programs. */
	return str_starts(str_trim(head), STR("<")) ? 90 : 10;
}

/* Adds a block as UTF-8. */
static int add_wide(struct xml_state *s, struct str block)
{
	own(free_ptr) char *joined = malloc(s->n_carry + block.len + 1);
	own(free_ptr) char *narrow = NULL;
	size_t n = s->n_carry + block.len, whole = n & ~(size_t)1;

	if (!joined)
		return -ENOMEM;
	memcpy(joined, s->carry, s->n_carry);
	memcpy(joined + s->n_carry, block.ptr, block.len);
	if (whole >= 2 && (joined[whole - 1] & 0xfc) == 0xd8)
		whole -= 2;
	s->n_carry = n - whole;
	memcpy(s->carry, joined + whole, s->n_carry);
	narrow = malloc(whole / 2 * 3 + 1);
	if (!narrow)
		return -ENOMEM;
	return buf_add(&s->text, narrow, evtx_utf8(joined, whole, narrow));
}

static unsigned count_lines(struct str s)
{
	unsigned n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.ptr[i] == '\n';
	return n;
}

/* What of the text is whole; keeps the rest, unless it is longer than any event. */
static int decode_text(struct xml_state *s, event_fn *emit, void *user, uint64_t *skipped)
{
	struct str text = buf_view(&s->text), event;
	size_t at = 0, counted = 0;
	int r = 0;

	while (r == 0 && evtx_xml_find(text, &at, &event)) {
		size_t begin = at - event.len;

		s->line += count_lines(str_sub(text, counted, begin));
		counted = begin;
		r = evtx_xml_read(s->reader, event, s->line, emit, user, NULL);
		if (r == -EBADMSG) {
			++*skipped;
			r = 0;
		}
	}
	if (text.len - at > EVTX_XML_MAX) {
		++*skipped;
		at = text.len;
	}
	s->line += count_lines(str_sub(text, counted, at));
	memmove(s->text.ptr, s->text.ptr + at, text.len - at);
	s->text.len -= at;
	return r;
}

static int decode_xml(void *state, const struct decode_context *x, struct str block,
		      uint64_t first_line, event_fn *emit, void *user, uint64_t *skipped)
{
	struct xml_state *s = state;
	int r = start(&s->reader, x);

	(void)first_line;
	if (r < 0 || !block.len)
		return r;
	if (!s->started) {
		s->wide = is_wide(block);
		s->line = 1;
		s->text.limit = SIZE_MAX / 2;
		s->started = true;
	}
	r = s->wide ? add_wide(s, block) : buf_str(&s->text, block);
	return r < 0 ? r : decode_text(s, emit, user, skipped);
}

static void release_xml(void *state)
{
	struct xml_state *s = state;

	evtx_reader_release(&s->reader);
	buf_release(&s->text);
}

const struct decoder decoder_windows_xml = {
	.name = "windows-xml",
	.summary = "Windows events as XML: exported, forwarded, of Sysmon for Linux",
	.state_size = sizeof(struct xml_state),
	.recognise = recognise_xml,
	.decode = decode_xml,
	.release = release_xml,
	.unit = 1,
	.ordered = true,
};
