/* SPDX-License-Identifier: GPL-3.0-or-later */
/* events: what stands in Windows event logs. */
#include <inttypes.h>
#include <stdio.h>

#include "base/diag.h"
#include "base/mapped.h"
#include "base/sandbox.h"
#include "cli/cli.h"
#include "events/evtx.h"
#include "events/evtx_value.h"

#define RECORD_TEXT_MAX ((size_t)16 << 20)
#define SKIPS_SHOWN 10
#define KEEP_MAPPED ((uint64_t)32 << 20)

enum format { FORMAT_XML, FORMAT_JSON, FORMAT_JSONL };

struct output {
	enum format format;
	int64_t since, until;
	bool any; /* an event was written */
	struct buf text;
	struct evtx_reader *reader; /* of the file that is read */
};

/* What is wrong with one file. */
struct trouble {
	const char *path;
	unsigned shown;
	uint64_t skips;
};

static void show_skip(void *user, const struct evtx_skip *s)
{
	struct trouble *t = user;
	char record[40] = "";

	t->skips++;
	if (t->shown++ >= SKIPS_SHOWN)
		return;
	if (s->record)
		snprintf(record, sizeof record, " (record %" PRIu64 ")", s->record);
	cli_error("%s: at %" PRIu64 ": %" PRIu64 " bytes%s: %s", t->path, s->offset, s->size,
		  record, s->reason);
}

static int write_event(void *user, const struct event *e)
{
	struct output *o = user;
	int r;

	if (e->time < o->since || e->time >= o->until)
		return 0;
	buf_reset(&o->text);
	r = evtx_render(o->reader, e, o->format == FORMAT_XML ? EVTX_FORMAT_XML : EVTX_FORMAT_JSON,
			&o->text);
	/* A damaged record was named when it was decoded; here is what is left of it. */
	if (r < 0 && r != -EBADMSG) {
		cli_error("record %" PRIu64 ": %s", e->record,
			  r == -EFBIG ? "too long to be shown" : strerror(-r));
		return r == -EFBIG ? 0 : r;
	}
	if (o->any && o->format == FORMAT_JSON)
		putchar(',');
	if (o->any || o->format != FORMAT_JSONL)
		putchar('\n');
	o->any = true;
	fwrite(o->text.ptr, 1, o->text.len, stdout);
	return ferror(stdout) ? -EPIPE : 0;
}

/* The last line of errors about a file; false where nothing is missing. */
static bool sum_up(const struct trouble *t, const struct evtx_counts *c, const struct mapped *m)
{
	bool torn = mapped_torn(m);

	if (torn)
		cli_error("%s: a part of the file could not be read", t->path);
	if (!t->skips)
		return torn;
	cli_error("%s: %" PRIu64 " records; %" PRIu64 " places could not be read, %" PRIu64
		  " records only in part%s",
		  t->path, c->records, t->skips - c->damaged, c->damaged,
		  t->shown > SKIPS_SHOWN ? " (the first are named)" : "");
	return true;
}

/* Exit code. */
static int read_file(const char *path, const struct mapped *m, bool carve, struct names *names,
		     struct output *o)
{
	struct trouble trouble = { .path = path };
	struct evtx_options options = {
		.names = names,
		.slack = carve,
		.checksums = true,
		.skip = show_skip,
		.skip_user = &trouble,
	};
	struct evtx_scan scan = {
		.bytes = m->bytes,
		.carve = carve,
		.skip = show_skip,
		.skip_user = &trouble,
	};
	own(evtx_reader_release) struct evtx_reader *reader = NULL;
	struct evtx_chunk chunk;
	uint64_t done = 0;
	int r;

	if (!carve && !evtx_recognise(m->bytes)) {
		cli_error("%s: at 0: not a Windows event log (--carve looks for parts of one)",
			  path);
		return EXIT_FAILED;
	}
	r = evtx_reader_new(&options, &reader);
	o->reader = reader;
	while (r == 0 && evtx_scan_next(&scan, &chunk)) {
		r = evtx_read_chunk(reader, &chunk, write_event, o);
		if (chunk.offset - done > KEEP_MAPPED) {
			done = chunk.offset;
			mapped_done(m, done);
		}
	}
	/* What is wrong with the output is for main() to say. */
	if (r == -EPIPE)
		return EXIT_OK;
	if (r < 0) {
		cli_error("%s: %s", path, strerror(-r));
		return EXIT_FAILED;
	}
	return sum_up(&trouble, evtx_reader_counts(reader), m) ? EXIT_FAILED : EXIT_OK;
}

struct files {
	struct mapped *list;
	int n;
};

static void files_release(struct files *f)
{
	for (int i = 0; i < f->n; i++)
		mapped_release(&f->list[i]);
	free(f->list);
}

/* Opens what can be opened; exit code. paths[i] is NULL for what cannot. */
static int open_files(int n, char **paths, struct files *ret)
{
	int code = EXIT_OK;

	ret->list = calloc((size_t)n, sizeof *ret->list);
	if (!ret->list) {
		cli_error("out of memory");
		return EXIT_FAILED;
	}
	for (ret->n = 0; ret->n < n; ret->n++) {
		int r = mapped_open(paths[ret->n], &ret->list[ret->n]);

		if (r == 0)
			continue;
		cli_error("%s: %s", paths[ret->n],
			  r == -EINVAL ? "neither a file nor a disk" : strerror(-r));
		paths[ret->n] = NULL;
		code = EXIT_FAILED;
	}
	return code;
}

static int confine(void)
{
	struct sandbox_state state;
	int r = sandbox_enter(SANDBOX_EVALUATE, NULL, 0, &state);

	if (r < 0)
		cli_error("cannot enter the sandbox: %s", strerror(-r));
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}

static int parse_time(const char *option, const char *s, int64_t *ret)
{
	int64_t t = s ? evtx_time_parse(str_of(s)) : *ret;

	if (s && t == INT64_MIN) {
		cli_error("events: --%s is a time in UTC such as 2026-11-22 or "
			  "2026-11-22T10:48:00 (not '%s')",
			  option, s);
		return EXIT_USAGE;
	}
	*ret = t;
	return EXIT_OK;
}

static int write_all(int n, char **paths, const struct files *files, bool carve, struct output *o)
{
	static const char *const before[] = {
		"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Events>", "[", ""
	};
	static const char *const after[] = { "\n</Events>\n", "\n]\n", "\n" };
	own(names_release) struct names *names = NULL;
	int code = EXIT_OK;

	if (names_new(&names) < 0) {
		cli_error("out of memory");
		return EXIT_FAILED;
	}
	fputs(before[o->format], stdout);
	for (int i = 0; i < n; i++)
		if (paths[i] && read_file(paths[i], &files->list[i], carve, names, o) != EXIT_OK)
			code = EXIT_FAILED;
	if (o->any || o->format != FORMAT_JSONL)
		fputs(after[o->format], stdout);
	return code;
}

static int run(const struct verb *v, int argc, char **argv)
{
	const char *format = "xml", *since = NULL, *until = NULL;
	bool carve = false;
	const struct option_spec options[] = {
		{.name = "format",
                 .letter = 'f',
                 .value = "FORMAT",
                 .text = &format,
                 .words = "xml json jsonl",
                 .help = "xml (default), json, or jsonl: one event a line" },
		{ .name = "since",
                 .value = "TIME",
                 .text = &since,
                 .help = "only events from this time on (UTC, 2026-11-22 or 2026-11-22T10:48)" },
		{ .name = "until",
                 .value = "TIME",
                 .text = &until,
                 .help = "only events before this time" },
		{ .name = "carve",
                 .flag = &carve,
                 .help = "look for parts of logs anywhere: in images of disks and of memory, and "
			  "behind the end of logs"							       },
	};
	own(files_release) struct files files = {};
	struct output o = { .since = INT64_MIN, .until = INT64_MAX, .text = BUF(RECORD_TEXT_MAX) };
	int n = cli_parse(v, options, COUNT(options), argc, argv), code, opened;

	if (n < 0)
		return cli_exit(n);
	if (n < 1) {
		cli_error("events takes files (see: holdfast help events)");
		return EXIT_USAGE;
	}
	o.format = format[0] == 'x'         ? FORMAT_XML
		   : strcmp(format, "json") ? FORMAT_JSONL
					    : FORMAT_JSON;
	if (parse_time("since", since, &o.since) != EXIT_OK ||
	    parse_time("until", until, &o.until) != EXIT_OK)
		return EXIT_USAGE;
	opened = open_files(n, argv + 1, &files);
	code = confine();
	if (code == EXIT_OK)
		code = write_all(n, argv + 1, &files, carve, &o);
	buf_release(&o.text);
	return MAX(code, opened);
}

const struct verb verb_events = {
	.name = "events",
	.args = "FILE...",
	.summary = "Show what stands in Windows event logs",
	.detail =
		"XML as the Event Viewer shows it, one event a line, or JSON in the form of the evtx\n"
		"crate and of SigmaHQ's regression data: attributes are \"#attributes\", named Data are\n"
		"members. Logs that were not closed, were cut off or are damaged are read as far as\n"
		"they can be; what could not be read is named with its offset, and the exit code is 3.",
	.examples = {
		{ "holdfast events Security.evtx", "every event as XML" },
		{ "holdfast events -f jsonl --since 2026-11-01 System.evtx Security.evtx",
		  "one JSON object a line" },
		{ "holdfast events --carve -f jsonl memory.raw",
		  "events of logs that are somewhere in an image" },
	},
	.run = run,
};
