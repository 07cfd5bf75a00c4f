/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The journal of changes: entry.json, and the slots of its state ("S" before them). */
#include "action/journal.h"
#include "fuzz.h"

static void status(struct str slots)
{
	char text[JOURNAL_STATE_SLOT];
	struct entry_status s, again;

	if (entry_status_parse(slots, &s) < 0)
		return;
	entry_status_format(&s, text);
	fuzz_assert(entry_status_parse((struct str){ text, sizeof text }, &again) >= 0);
	fuzz_assert(again.state == s.state && again.step == s.step && again.until == s.until &&
		    again.sequence == s.sequence && !strcmp(again.why, s.why));
}

static void look(const struct entry *e)
{
	fuzz_assert(e->id && e->run && e->check && e->title && e->n <= CHANGES_MAX);
	for (size_t i = 0; i < e->n; i++) {
		const struct change *c = &e->list[i].c;

		fuzz_assert(!!c->path + !!c->unit + !!c->argv == 1);
		fuzz_assert(!c->path || (c->path[0] == '/' && !strstr(c->path, "/../")));
		fuzz_assert(!c->argv || c->argv[0]);
		fuzz_assert(!c->undo || c->undo[0]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	own(arena_release) struct arena a = {};
	struct str text = { (const char *)data, len }, written;
	struct entry e, again;
	struct diag d = {};

	if (len && data[0] == 'S') {
		status(str_sub(text, 1, len));
		return 0;
	}
	if (entry_parse(text, &a, &e, &d) < 0) {
		fuzz_assert(d.reason[0]);
		return 0;
	}
	look(&e);
	fuzz_assert(entry_format(&e, &a, &written) >= 0);
	fuzz_assert(entry_parse(written, &a, &again, &d) >= 0 && again.n == e.n);
	return 0;
}
