/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decoders, by tests/events/NAME.txt: after "@ decoder option…" come logs, separated by blank
 * lines; "> " is a line of a log, "< " an event it must become, in order; "# " a remark.
 * Options: times, only=a,b (fields), more=a,b (names that rules would ask for),
 * zone=Europe/Berlin, now=2027-01-02T00:00:00Z.
 */
#include "base/root.h"
#include "events.h"

#define FOLDER "tests/events"

struct settings {
	const struct decoder *decoder;
	bool times;
	char only[256], more[256], zone[64];
	int64_t now;
};

static void list_of(struct str text, char ret[static 256])
{
	snprintf(ret, 256, "%.*s", STR_FMT(text));
	for (char *p = ret; *p; p++)
		if (*p == ',')
			*p = ' ';
}

static bool settings_parse(struct str line, struct settings *ret)
{
	struct settings s = { .now = EVENTS_NOW };
	struct clock clock = {};
	struct str word = str_word(&line);
	char name[64];

	snprintf(name, sizeof name, "%.*s", STR_FMT(word));
	s.decoder = events_decoder(name);
	while ((word = str_word(&line)).ptr) {
		if (str_eq(word, STR("times")))
			s.times = true;
		else if (EAT(&word, "only="))
			list_of(word, s.only);
		else if (EAT(&word, "more="))
			list_of(word, s.more);
		else if (EAT(&word, "zone="))
			snprintf(s.zone, sizeof s.zone, "%.*s", STR_FMT(word));
		else if (!EAT(&word, "now=") || !clock_iso(&clock, &word, &s.now))
			return false;
	}
	*ret = s;
	return s.decoder != NULL;
}

static void run(const struct settings *s, struct str log, struct str want, const char *name)
{
	struct zone *zone = NULL;
	struct events_out out = { .text = BUF((size_t)1 << 20),
				  .times = s->times,
				  .decoder = strcmp(s->decoder->name, "json") ? s->decoder : NULL };
	struct decode_context x = { .now = s->now };

	if (*s->zone && zone_open(s->zone, &zone) < 0) {
		ok(false, "the zone is there");
		return;
	}
	events_names(&out.names, s->more);
	out.only = *s->only ? s->only : NULL;
	x.names = out.names;
	x.zone = zone;
	events_decode(s->decoder, &x, log, &out);
	is_str(buf_view(&out.text), want, name);
	if (out.unpromised)
		ok(false, "every event is one of the forms that its decoder names");
	zone_release(&zone);
	names_release(&out.names);
	buf_release(&out.text);
}

static void file(const char *name, struct str text)
{
	struct settings s = { .now = EVENTS_NOW };
	struct buf log = BUF((size_t)1 << 20), want = BUF((size_t)1 << 20);
	unsigned number = 0, begin = 0;
	struct str line;
	bool more = true;

	while (more) {
		char title[96];

		more = str_line(&text, &line, &number);
		if (more && str_starts(line, STR("> "))) {
			begin = begin ? begin : number;
			buf_str(&log, str_sub(line, 2, line.len));
			buf_putc(&log, '\n');
		} else if (more && str_starts(line, STR("< "))) {
			if (want.len)
				buf_putc(&want, '\n');
			buf_str(&want, str_sub(line, 2, line.len));
		} else if (more && str_starts(line, STR("@ "))) {
			if (!settings_parse(str_sub(line, 2, line.len), &s))
				ok(false, "settings are understood");
		} else if ((!more || !line.len) && log.len) {
			snprintf(title, sizeof title, "%s:%u", name, begin);
			run(&s, buf_view(&log), buf_view(&want), title);
			buf_reset(&log);
			buf_reset(&want);
			begin = 0;
		}
	}
	buf_release(&log);
	buf_release(&want);
}

int main(void)
{
	own(root_release) struct root root = ROOT_NONE;
	own(arena_release) struct arena a = {};
	struct dir_list list = {};

	if (root_open(FOLDER, true, &root) < 0 || root_list(&root, ".", &a, &list) < 0) {
		ok(false, FOLDER " can be listed (run from the top of the tree)");
		return done();
	}
	for (size_t i = 0; i < list.n; i++) {
		struct str text;

		if (root_read(&root, list.entries[i].name, 0, &a, &text, NULL) < 0)
			ok(false, list.entries[i].name);
		else
			file(list.entries[i].name, text);
	}
	ok(list.n > 4, "there were logs");
	return done();
}
