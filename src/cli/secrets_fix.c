/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>

#include "base/diag.h"
#include "cli/secrets.h"
#include "secrets/fix.h"

#define JOURNAL "/var/lib/holdfast/undo"

bool secrets_can_rewrite(const struct report_item *i)
{
	return (i->r.flags & FILE_HISTORY) && i->r.len && i->r.mode;
}

/* Only where nobody else has any business: a site's settings may be read by its server's group. */
bool secrets_can_close(const struct report_item *i, uint32_t *ret_mode)
{
	bool key = !strcmp(i->r.kind, "private-key");

	if (!((i->r.flags & FILE_PRIVATE) || (key && str_contains(i->path, STR("/.ssh/")))) ||
	    !(i->r.mode & 077))
		return false;
	*ret_mode = i->r.mode & 07700;
	return true;
}

struct plan {
	struct fix_file *files;
	size_t n, cap;
	size_t lines;
	struct arena arena;
};

static int add_file(struct plan *p, const struct root *root, const struct report_item *first,
		    size_t n)
{
	struct fix_span *spans = arena_array(&p->arena, n, sizeof *spans);
	struct fix_file f = {
		.device = first->r.device,
		.inode = first->r.inode,
		.size = first->r.size,
		.mtime = first->r.mtime,
		.mtime_ns = first->r.mtime_ns,
		.mode = first->r.mode & 07777,
		.spans = spans,
	};
	const char *named = arena_cstr(&p->arena, first->path);
	struct str path;

	if (!spans || !named)
		return -ENOMEM;
	/* Where the file is by another name: links in its way are resolved now, not when it is opened. */
	if (root_realpath(root, named, &p->arena, &path) < 0)
		return 0;
	f.path = path.ptr;
	for (size_t i = 0; i < n; i++)
		if (secrets_can_rewrite(&first[i]))
			spans[f.n_spans++] = (struct fix_span){ first[i].r.offset, first[i].r.len };
	for (size_t i = 0; i < n && !f.chmod; i++)
		f.chmod = secrets_can_close(&first[i], &f.new_mode);
	p->lines += f.n_spans;
	return f.n_spans || f.chmod ? arena_push(&p->arena, p->files, p->n, p->cap, f) : 0;
}

static int make_plan(const struct secrets_list *l, const struct root *root, struct plan *p)
{
	int r = 0;

	for (size_t i = 0, n; r >= 0 && i < l->n; i += n) {
		for (n = 1; i + n < l->n && str_eq(l->items[i].path, l->items[i + n].path);)
			n++;
		r = add_file(p, root, &l->items[i], n);
	}
	return r;
}

static void show_plan(const struct plan *p, FILE *to)
{
	char shown[2048];

	for (size_t i = 0; i < p->n; i++) {
		const struct fix_file *f = &p->files[i];

		text_safe(str_of(f->path), shown, sizeof shown);
		if (f->n_spans)
			fprintf(to, "rewrite %s: %zu secret%s replaced by " FIX_MARK "\n", shown,
				f->n_spans, f->n_spans == 1 ? "" : "s");
		if (f->chmod)
			fprintf(to, "chmod %04o %s (is %04o)\n", f->new_mode, shown, f->mode);
	}
}

/* Only a person at a terminal, or --yes. */
static int confirm(const struct secrets_fix *f, size_t n)
{
	char answer[16] = "";

	if (f->yes)
		return EXIT_OK;
	if (!isatty(STDIN_FILENO)) {
		cli_error("nothing was changed: --fix asks at a terminal, or wants --yes");
		return EXIT_USAGE;
	}
	fprintf(stderr, "Change %zu file%s? [y/N] ", n, n == 1 ? "" : "s");
	fflush(stderr);
	if (!fgets(answer, sizeof answer, stdin) || (answer[0] | 32) != 'y') {
		fprintf(stderr, "Nothing was changed.\n");
		return EXIT_FINDINGS;
	}
	return EXIT_OK;
}

/* /var/lib/holdfast/undo, or below the state folder of who is not root; its parents are made. */
static int journal_folder(const struct secrets_fix *f, char *path, size_t size)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int n;

	if (f->journal)
		n = snprintf(path, size, "%s", f->journal);
	else if (!geteuid())
		n = snprintf(path, size, JOURNAL);
	else if (state && state[0] == '/')
		n = snprintf(path, size, "%s/holdfast/undo", state);
	else
		n = snprintf(path, size, "%s/.local/state/holdfast/undo", home ? home : "");
	if (n < 0 || (size_t)n >= size || !path[0])
		return -ENAMETOOLONG;
	for (char *p = strchr(path + 1, '/'); p && !f->journal; p = strchr(p + 1, '/')) {
		*p = '\0';
		(void)mkdir(path, 0700);
		*p = '/';
	}
	return 0;
}

static int apply(const struct plan *p, const struct root *root, const char *folder)
{
	struct fix_journal own(fix_journal_release) j = {};
	size_t done = 0;
	char shown[2048];
	int r = fix_journal_new(folder, &j);

	if (r < 0) {
		cli_error("%s: no journal can be kept here, nothing was changed: %s",
			  text_safe(str_of(folder), shown, sizeof shown), strerror(-r));
		return EXIT_FAILED;
	}
	for (size_t i = 0; i < p->n; i++) {
		struct diag d = {};
		char why[600];

		if (fix_apply(root, &p->files[i], &j, &d) >= 0)
			done++;
		else
			cli_error("left as it is: %s", diag_text(&d, why, sizeof why));
	}
	fprintf(stderr, "%zu of %zu files changed", done, p->n);
	if (done)
		fprintf(stderr, "; undo: holdfast secrets --undo %s", j.id);
	fputc('\n', stderr);
	return done == p->n ? EXIT_OK : EXIT_FAILED;
}

static int open_root(const struct secrets_fix *f, struct root *ret)
{
	int r = root_open(f->root ? f->root : "/", !f->root, ret);

	if (r < 0)
		cli_error("%s: %s", f->root ? f->root : "/", strerror(-r));
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}

int secrets_fix_all(const struct secrets_fix *f, const struct secrets_list *l)
{
	struct root own(root_release) root = ROOT_NONE;
	struct plan p = {};
	char folder[PATH_MAX];
	int code = open_root(f, &root), r;

	if (code != EXIT_OK)
		return code;
	r = sodium_init() < 0 ? -EIO : make_plan(l, &root, &p);
	if (r >= 0)
		r = journal_folder(f, folder, sizeof folder);
	if (r < 0) {
		cli_error("secrets: %s", strerror(-r));
		code = EXIT_FAILED;
	} else if (!p.n) {
		fprintf(stderr, "There is nothing that --fix may change.\n");
		code = l->n ? EXIT_FINDINGS : EXIT_OK;
	} else {
		show_plan(&p, f->json ? stderr : stdout);
		fflush(stdout);
		code = confirm(f, p.n);
		if (code == EXIT_OK)
			code = apply(&p, &root, folder);
	}
	arena_release(&p.arena);
	return code;
}

static void undone(void *user, const char *path, int error)
{
	bool *bad = user;
	char shown[2048];

	text_safe(str_of(path), shown, sizeof shown);
	if (error >= 0)
		printf("%s is what it was\n", shown);
	else
		cli_error("%s stays as it is: %s", shown,
			  error == -ESTALE ? "it has changed since" : strerror(-error));
	*bad = *bad || error < 0;
}

int secrets_undo(const struct secrets_fix *f, const char *id)
{
	struct root own(root_release) root = ROOT_NONE;
	char folder[PATH_MAX], shown[300];
	bool bad = false;
	int code = open_root(f, &root), r;

	if (code != EXIT_OK)
		return code;
	r = sodium_init() < 0 ? -EIO : journal_folder(f, folder, sizeof folder);
	if (r >= 0)
		r = fix_undo(&root, folder, id, undone, &bad);
	if (r < 0)
		cli_error("--undo %s: %s", text_safe(str_of(id), shown, sizeof shown),
			  r == -ENOENT ? "there is nothing of that name in the journal"
				       : strerror(-r));
	return r < 0 || bad ? EXIT_FAILED : EXIT_OK;
}
