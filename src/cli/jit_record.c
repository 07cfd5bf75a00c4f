/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/jit_record.h"

#include <limits.h>
#include <stdio.h>
#include <time.h>

#include "cli/fix.h"

#define WORDS_MAX (JIT_PROTECTED_MAX + 8u)

bool jit_record_is(const struct entry *e)
{
	return !e->broken.reason[0] && !strcmp(e->check, JIT_RECORD);
}

void jit_record_release(struct jit_record *r)
{
	changelog_release(&r->j);
	root_release(&r->root);
	arena_release(&r->arena);
}

/* PROGRAM jit WORD --no-record [--socket PATH] PORT … */
static int put_words(struct jit_record *r, const struct jit_host *h, const char *word,
		     const struct knock_port *list, size_t n, const char *ret[static WORDS_MAX])
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
	size_t k = 0;

	if (len <= 0)
		return -errno;
	ret[k++] = arena_cstr(&r->arena, (struct str){ path, (size_t)len });
	ret[k++] = "jit";
	ret[k++] = word;
	ret[k++] = "--no-record";
	if (h->socket) {
		ret[k++] = "--socket";
		ret[k++] = h->socket;
	}
	for (size_t i = 0; i < n && k + 1 < WORDS_MAX; i++) {
		char text[JIT_PORT_TEXT];

		ret[k] = arena_cstr(&r->arena, jit_port_format(list[i], text));
		if (!ret[k++])
			return -ENOMEM;
	}
	ret[k] = NULL;
	return ret[0] ? 0 : -ENOMEM;
}

static int write_down(struct jit_record *r, const struct jit_host *h, const struct knock_port *list,
		      size_t n, unsigned within, struct diag *d)
{
	const char *argv[WORDS_MAX], *undo[WORDS_MAX];
	struct plan p = {
		.arena = &r->arena,
		.root = &r->root,
		.check = JIT_RECORD,
		.title = "Ports are shut for everybody who has not asked",
		.risky = true,
	};
	struct buf what own(buf_release) = BUF(4'096);
	int error = put_words(r, h, "enable", list, n, argv);

	if (error >= 0)
		error = put_words(r, h, "disable", list, n, undo);
	buf_puts(&what, "shut");
	for (size_t i = 0; i < n; i++) {
		char text[JIT_PORT_TEXT];

		buf_putc(&what, ' ');
		buf_str(&what, jit_port_format(list[i], text));
	}
	if (error >= 0)
		error = what.error ? what.error : plan_command(&p, argv, undo, what.ptr);
	if (error < 0)
		return diag_set(d, error, NULL, 0, "%s", strerror(-error));
	r->entry.made = time(NULL);
	r->entry.within = within;
	session_self(&r->entry.session);
	entry_deadline(&r->entry, within);
	error = changelog_add(&r->j, &p, &r->arena, &r->entry, d);
	return error < 0 ? error : changelog_mark(&r->j, &r->entry, ENTRY_APPLYING, 1, NULL);
}

int jit_record_begin(const struct jit_host *h, const struct knock_port *list, size_t n,
		     unsigned within, struct jit_record *ret)
{
	struct jit_record own(jit_record_release) r = JIT_RECORD_NONE;
	struct diag d = {};
	char text[600];
	int code;

	if (h->no_record || geteuid() != 0)
		return EXIT_OK;
	r.arena.limit = FIX_ARENA;
	code = fix_open_root(NULL, &r.root);
	if (code == EXIT_OK)
		code = fix_open_journal(&r.root, true, &r.j);
	if (code != EXIT_OK)
		return code;
	if (write_down(&r, h, list, n, within, &d) < 0) {
		cli_error("nothing was changed: %s", diag_text(&d, text, sizeof text));
		return EXIT_FAILED;
	}
	r.on = true;
	*ret = r;
	ret->j.root = &ret->root;
	r = JIT_RECORD_NONE; // NOLINT(clang-analyzer-deadcode.DeadStores): own() sees it
	return EXIT_OK;
}

void jit_record_end(struct jit_record *r, bool done)
{
	int error;

	if (!r->on)
		return;
	if (done)
		entry_deadline(&r->entry, r->entry.within);
	error = changelog_mark(&r->j, &r->entry, done ? ENTRY_AWAITING : ENTRY_FAILED, 1,
			       done ? NULL : "failed");
	if (error >= 0)
		error = changelog_tidy(&r->j, &r->arena);
	if (error < 0)
		cli_error("the journal: %s", strerror(-error));
}

/* ---- later -------------------------------------------------------------------------------------- */

/* The ports of an entry, from its words. */
static size_t ports_of(const struct entry *e, struct knock_port ret[static JIT_PROTECTED_MAX])
{
	const char *const *argv = e->n ? e->list[0].c.argv : NULL;
	size_t n = 0, i = 0;

	while (argv && argv[i] && i < 4)
		i++;
	if (argv && argv[i] && !strcmp(argv[i], "--socket"))
		i += argv[i + 1] ? 2 : 1;
	for (; argv && argv[i] && n < JIT_PROTECTED_MAX; i++)
		if (jit_port_parse(str_of(argv[i]), &ret[n]) >= 0)
			n++;
	return n;
}

static bool any_shut(const struct entry *e, const struct knock_port *shut, size_t n)
{
	struct knock_port own_ports[JIT_PROTECTED_MAX];
	size_t n_own = ports_of(e, own_ports);

	for (size_t i = 0; i < n_own; i++)
		for (size_t k = 0; k < n; k++)
			if (own_ports[i].port == shut[k].port &&
			    own_ports[i].protocol == shut[k].protocol)
				return true;
	return false;
}

static bool is_done(const struct entry *e)
{
	return e->status.state == ENTRY_AWAITING || e->status.state == ENTRY_APPLIED ||
	       e->status.state == ENTRY_CONFIRMED;
}

/* confirm: those that wait; else those that are open again. */
static void settle(bool confirm, const struct knock_port *shut, size_t n_shut)
{
	struct jit_record own(jit_record_release) r = JIT_RECORD_NONE;
	struct entry *list = NULL;
	size_t n = 0;
	int error;

	r.arena.limit = FIX_ARENA;
	if (geteuid() != 0 || root_open("/", true, &r.root) < 0 ||
	    changelog_open(&r.root, JOURNAL_FOLDER, false, 0, &r.j) < 0)
		return;
	error = changelog_lock(&r.j, FIX_LOCK_MS);
	if (error >= 0)
		error = changelog_list(&r.j, &r.arena, &list, &n);
	for (size_t i = 0; error >= 0 && i < n; i++) {
		struct entry *e = &list[i];

		if (!jit_record_is(e) || !is_done(e))
			continue;
		if (confirm && e->status.state == ENTRY_AWAITING)
			error = changelog_mark(&r.j, e, ENTRY_CONFIRMED, e->status.step, NULL);
		else if (!confirm && !any_shut(e, shut, n_shut))
			error = changelog_mark(&r.j, e, ENTRY_UNDONE, 0, "jit-disable");
	}
	if (error >= 0)
		error = changelog_tidy(&r.j, &r.arena);
	if (error < 0)
		cli_error("the journal: %s", strerror(-error));
}

void jit_record_confirmed(void) { settle(true, NULL, 0); }

void jit_record_opened(const struct knock_port *shut, size_t n) { settle(false, shut, n); }
