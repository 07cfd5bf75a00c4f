/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Event logs that others wrote. Counts of records: those of the evtx crate's tests, which the corpus
 * has in counts.json. JSON: SigmaHQ's regression data. Everything else: what is shown as XML and
 * read again has the same fields.
 */
#include <ftw.h>
#include <jansson.h>
#include <libgen.h>
#include <limits.h>

#include "base/mapped.h"
#include "events/evtx.h"
#include "events/evtx_value.h"
#include "events/evtx_xml.h"
#include "tap.h"

#define CORPUS "../shared/corpora/evtx"
#define FILES_MAX 2000U

static char *files[FILES_MAX];
static size_t n_files;
static struct names *names;
static struct evtx_reader *reader, *again;
static struct buf xml = BUF(16 << 20), json = BUF(16 << 20);

static int note_file(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)f;
	if (type == FTW_F && str_ends(str_of(path), STR(".evtx")) && n_files < FILES_MAX)
		files[n_files++] = strdup(path);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static struct evtx_counts read_bytes(struct str bytes, bool lazy, event_fn *emit, void *user)
{
	struct evtx_options o = { .names = names, .lazy = lazy, .checksums = true };
	struct evtx_scan s = { .bytes = bytes };
	struct evtx_counts counts = {};
	struct evtx_chunk c;

	if (evtx_reader_new(&o, &reader) < 0)
		return counts;
	while (evtx_scan_next(&s, &c))
		if (evtx_read_chunk(reader, &c, emit, user) < 0)
			break;
	counts = *evtx_reader_counts(reader);
	evtx_reader_release(&reader);
	return counts;
}

static struct evtx_counts read_path(const char *path, event_fn *emit, void *user)
{
	own(mapped_release) struct mapped m = {};

	if (mapped_open(path, &m) < 0)
		return (struct evtx_counts){};
	return read_bytes(m.bytes, true, emit, user);
}

static int ignore(void *user, const struct event *e)
{
	(void)user;
	(void)e;
	return 0;
}

/*
 * More than the crate's, where it gives up the rest of a chunk at the first record it cannot read, or
 * where its later versions count more (449 of the log with a record of size 0).
 */
static void test_counts(void)
{
	json_error_t e;
	json_t *all = json_load_file(CORPUS "/odd-files/counts.json", 0, &e), *pair;
	const char *name;

	json_object_foreach(json_object_get(all, "ok_err"), name, pair)
	{
		char path[PATH_MAX];
		int64_t want = json_integer_value(json_array_get(pair, 0));
		bool clean = json_integer_value(json_array_get(pair, 1)) == 0 &&
			     json_is_integer(json_array_get(pair, 1));
		int64_t got;

		snprintf(path, sizeof path, CORPUS "/odd-files/%s", name);
		got = (int64_t)read_path(path, ignore, NULL).records;
		if (clean)
			is_int(got, want, name);
		else if (!ok(got >= want, name))
			printf("# got %" PRId64 ", want at least %" PRId64 "\n", got, want);
	}
	json_decref(all);
}

static void test_sums(void)
{
	struct evtx_counts sum = {}, c;

	for (size_t i = 0; i < n_files; i++) {
		c = read_path(files[i], ignore, NULL);
		evtx_counts_add(&sum, &c);
	}
	is_int((int64_t)sum.data_checksums, 11, "chunks whose data do not have the sum");
	is_int((int64_t)sum.header_checksums, 2, "chunks whose headers do not");
	ok(sum.records >= 27056, "records of all files");
	printf("# %" PRIu64 " records in %" PRIu64 " chunks, %" PRIu64 " damaged, %" PRIu64
	       " places skipped, %" PRIu64 " in slack\n",
	       sum.records, sum.chunks, sum.damaged, sum.skipped, sum.slack);
	is_int((int64_t)sum.values_cut, 0, "no value is beyond a limit");
}

static struct str trimmed(const char *s)
{
	struct str text = str_of(s);

	while (text.len && text.ptr[text.len - 1] == ' ')
		text.len--;
	return text;
}

/*
 * The corpus has microseconds where the log has 100 ns, lacks blanks at the end, and one of its texts
 * has Explorer.exe where the log has Explorer.EXE.
 */
static bool same_text(const char *key, const char *ours, const char *want)
{
	struct str a = trimmed(ours), b = trimmed(want);

	if (!strcmp(key, "SystemTime"))
		return evtx_time_parse(a) == evtx_time_parse(b);
	return strcmp(key, "ParentCommandLine") ? str_eq(a, b) : str_ieq(a, b);
}

static bool different(const char *key, const char *how)
{
	printf("# %s: %s\n", key, how);
	return false;
}

static bool same(const char *key, json_t *ours, json_t *want);

static bool same_members(const char *key, json_t *ours, json_t *want)
{
	const char *name;
	json_t *value;

	if (json_object_size(ours) != json_object_size(want))
		return different(key, "other members");
	json_object_foreach(want, name, value)
	{
		if (!same(name, json_object_get(ours, name), value))
			return false;
	}
	return true;
}

static bool same(const char *key, json_t *ours, json_t *want)
{
	json_t *value;
	size_t i;

	if (!ours || json_typeof(ours) != json_typeof(want))
		return different(key, "missing, or of another type");
	if (json_is_object(want))
		return same_members(key, ours, want);
	if (json_is_array(want)) {
		if (json_array_size(ours) != json_array_size(want))
			return different(key, "another length");
		json_array_foreach(want, i, value)
		{
			if (!same(key, json_array_get(ours, i), value))
				return false;
		}
		return true;
	}
	if (json_is_string(want))
		return same_text(key, json_string_value(ours), json_string_value(want)) ||
		       different(key, json_string_value(ours));
	return json_equal(ours, want) || different(key, "another value");
}

struct wanted {
	json_t *json;
	bool found;
};

/* Of a log's events the one with the number of the JSON. */
static int compare(void *user, const struct event *e)
{
	struct wanted *w = user;
	json_t *ours, *system = json_object_get(json_object_get(w->json, "Event"), "System");
	json_t *number = json_object_get(system, "EventRecordID");

	if (w->found || (uint64_t)json_integer_value(number) != e->record)
		return 0;
	buf_reset(&json);
	if (evtx_render(reader, e, EVTX_FORMAT_JSON, &json) < 0)
		return 0;
	ours = json_loadb(json.ptr, json.len, JSON_REJECT_DUPLICATES, NULL);
	w->found = ours && same("", ours, w->json);
	json_decref(ours);
	return 0;
}

/* The JSON beside a log: one event after the other. */
static void compare_case(const char *log, unsigned *cases, unsigned *texts, unsigned *good)
{
	struct str path = { log, strlen(log) - strlen(".evtx") };
	char name[PATH_MAX];
	FILE *f;

	snprintf(name, sizeof name, "%.*s.json", STR_FMT(path));
	f = fopen(name, "r");
	if (!f)
		return;
	++*cases;
	for (;;) {
		struct wanted w = { .json = json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL) };

		if (!w.json)
			break;
		++*texts;
		read_path(log, compare, &w);
		*good += w.found;
		if (!w.found && *texts - *good < 10)
			printf("# %s\n", name);
		json_decref(w.json);
	}
	fclose(f);
}

static void test_json(void)
{
	unsigned cases = 0, texts = 0, good = 0;

	for (size_t i = 0; i < n_files; i++)
		compare_case(files[i], &cases, &texts, &good);
	is_int(cases, 202, "cases of SigmaHQ");
	ok(texts >= cases, "have JSON");
	is_int(good, texts, "as it should be");
}

/* Names of all fields, so that every value is compared. */
static int add_names(void *user, const struct event *e)
{
	(void)user;
	buf_reset(&json);
	if (evtx_render(reader, e, EVTX_FORMAT_XML, &json) < 0)
		return 0;
	for (const char *p = json.ptr;
	     (p = memmem(p, json.len - (size_t)(p - json.ptr), "<Data Name=\"", 12));) {
		struct str rest = str_sub(buf_view(&json), (size_t)(p - json.ptr) + 12, json.len);
		uint16_t id;

		if (names_add(names, str_cut(&rest, '"'), &id) < 0)
			return -ENOMEM;
		p += 12;
	}
	return 0;
}

struct both {
	const struct event *first;
	uint64_t values, bad;
	bool read;
};

/* U+FFFD stands for what XML cannot bear. */
static bool same_value(struct str a, struct str b)
{
	if (str_eq(a, b))
		return true;
	while (a.len && b.len) {
		int32_t c = str_rune(&a), d = str_rune(&b);

		if (c != d && d != 0xfffd)
			return false;
	}
	return a.len == b.len;
}

static int compare_fields(void *user, const struct event *e)
{
	struct both *b = user;
	const struct event *first = b->first;

	b->read = true;
	for (uint32_t i = 0; i < first->n; i++) {
		const struct event_value *v = &first->values[i], *w = event_get(e, v->field);

		b->values++;
		if (w ? same_value(event_text(first, v), event_text(e, w)) : v->type == VALUE_NULL)
			continue;
		if (b->bad++ < 10)
			printf("# record %" PRIu64 ": %.*s\n", first->record,
			       STR_FMT(names_text(names, v->field)));
	}
	for (uint32_t i = 0; i < e->n; i++)
		b->bad += !event_get(first, e->values[i].field);
	b->bad += memcmp(&e->source, &first->source, sizeof e->source) != 0;
	return 0;
}

static int read_again(void *user, const struct event *e)
{
	struct both *b = user;
	struct str text;
	size_t at = 0;

	buf_reset(&xml);
	if (evtx_render(reader, e, EVTX_FORMAT_XML, &xml) < 0)
		return 0;
	b->first = e;
	b->read = false;
	if (!evtx_xml_find(buf_view(&xml), &at, &text) || at != xml.len ||
	    evtx_xml_read(again, text, 1, compare_fields, b, NULL) < 0 || !b->read)
		b->bad++;
	return 0;
}

static void test_again(void)
{
	struct evtx_options o = {};
	struct both b = {};

	for (size_t i = 0; i < n_files; i++)
		read_path(files[i], add_names, NULL);
	o.names = names;
	if (evtx_reader_new(&o, &again) < 0)
		return;
	for (size_t i = 0; i < n_files; i++)
		read_path(files[i], read_again, &b);
	evtx_reader_release(&again);
	printf("# %" PRIu64 " values\n", b.values);
	ok(b.values > 250000, "values were compared");
	is_int((int64_t)b.bad, 0, "shown as XML and read again they are the same");
}

static int touch(void *user, const struct event *e)
{
	(void)user;
	buf_reset(&xml);
	return evtx_render(reader, e, EVTX_FORMAT_JSON, &xml) == -EINVAL ? -EINVAL : 0;
}

/* Cut anywhere and with bits flipped: it ends, and what is whole is read. */
static void test_damage(void)
{
	uint64_t state = 88172645463325252, lost = 0, all = 0, cut_bad = 0;

	for (size_t i = 0; i < n_files; i += 7) {
		own(mapped_release) struct mapped m = {};
		own(free_ptr) char *copy = NULL;
		size_t len, cut;
		uint64_t whole, left;

		if (mapped_open(files[i], &m) < 0 || !m.bytes.len)
			continue;
		len = MIN(m.bytes.len, EVTX_FILE_HEADER + 3 * EVTX_CHUNK_MAX);
		copy = malloc(len);
		if (!copy)
			return;
		memcpy(copy, m.bytes.ptr, len);
		whole = read_bytes((struct str){ copy, len }, true, ignore, NULL).records;
		state = state * 6364136223846793005 + 1442695040888963407;
		cut = (state >> 33) % len;
		left = read_bytes((struct str){ copy, cut }, false, touch, NULL).records;
		cut_bad += left > whole;
		for (unsigned k = 0; k < 20; k++) {
			state = state * 6364136223846793005 + 1442695040888963407;
			((uint8_t *)copy)[(state >> 33) % len] ^=
				(uint8_t)(1U << (state >> 20) % 8);
		}
		left = read_bytes((struct str){ copy, len }, false, touch, NULL).records;
		all += whole;
		lost += whole > left ? whole - left : 0;
	}
	is_int((int64_t)cut_bad, 0, "files that are cut off have no more records than before");
	printf("# 20 flipped bits a file: %" PRIu64 " of %" PRIu64 " records lost\n", lost, all);
	ok(all > 1000 && lost * 10 < all, "flipped bits take few records away");
}

int main(void)
{
	uint16_t id;

	if (access(CORPUS, R_OK) < 0) {
		skip("event logs of others", "the corpus is not here");
		return done();
	}
	if (names_new(&names) < 0 || names_add(names, STR("Channel"), &id) < 0)
		return 1;
	nftw(CORPUS, note_file, 20, FTW_PHYS);
	qsort(files, n_files, sizeof *files, by_name);
	is_int((int64_t)n_files, 502, "files");
	test_counts();
	test_sums();
	test_json();
	test_again();
	test_damage();
	names_release(&names);
	buf_release(&xml);
	buf_release(&json);
	for (size_t i = 0; i < n_files; i++)
		free(files[i]);
	return done();
}
