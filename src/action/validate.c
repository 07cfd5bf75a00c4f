/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "action/validate.h"

#include <fcntl.h>
#include <stdio.h>

#include "action/step.h"
#include "base/buf.h"

#define FILES_MAX 512u
#define COPY_NAME 200
#define DEPTH_MAX 16u
#define LOOK_MS 60'000
#define SSHD_MAIN "/etc/ssh/sshd_config"

/* A folder that only this user enters, with copies of what is to be looked at. */
struct scratch {
	char path[64];
	int dir;
	unsigned n;
};

static void scratch_release(struct scratch *s)
{
	struct root here = { .fd = s->dir, .live = true };
	struct arena own(arena_release) a = {};
	struct dir_list list = {};

	if (s->dir < 0)
		return;
	if (root_list(&here, ".", &a, &list) >= 0)
		for (size_t i = 0; i < list.n; i++)
			(void)unlinkat(s->dir, list.entries[i].name, 0);
	close_fd(&s->dir);
	(void)rmdir(s->path);
}

static int scratch_make(struct scratch *ret)
{
	struct scratch s = { .path = "/tmp/holdfast-check-XXXXXX", .dir = -1 };

	if (!mkdtemp(s.path))
		return -errno;
	s.dir = open(s.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (s.dir < 0) {
		(void)rmdir(s.path);
		return -errno;
	}
	*ret = s;
	return 0;
}

static int scratch_put(const struct scratch *s, const char *name, struct str bytes, uint32_t mode)
{
	own(close_fd) int fd =
		openat(s->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	while (bytes.len) {
		ssize_t n = write(fd, bytes.ptr, bytes.len);

		if (n < 0 && errno != EINTR)
			return -errno;
		bytes = str_sub(bytes, (size_t)MAX(n, 0), bytes.len);
	}
	return fchmod(fd, mode) < 0 ? -errno : 0;
}

/* ---- sshd --------------------------------------------------------------------------------------- */

struct copy {
	const struct root *root;
	struct scratch *to;
	struct arena *a;
	unsigned depth;
};

static int copy_file(struct copy *c, const char *path, char name[static COPY_NAME]);

/* "Include a b" becomes one of the copies of what they match. */
static int copy_include(struct copy *c, struct str patterns, struct buf *out)
{
	struct str pattern;
	int r = 0;

	while (r >= 0 && (pattern = str_quoted_word(&patterns)).ptr) {
		struct str *paths = NULL, full;
		size_t n = 0;

		full = arena_cat(c->a, str_starts(pattern, STR("/")) ? STR("") : STR("/etc/ssh/"),
				 pattern, STR(""));
		r = full.ptr ? root_glob(c->root, full.ptr, c->a, &paths, &n) : -ENOMEM;
		for (size_t i = 0; r >= 0 && i < n; i++) {
			char name[COPY_NAME];

			r = copy_file(c, paths[i].ptr, name);
			if (r >= 0)
				buf_fmt(out, "Include %s/%s\n", c->to->path, name);
			else if (r == -ENOENT)
				r = 0;
		}
	}
	return r;
}

/* The path with '%' for '/', so that what sshd says of a copy can be said of what was copied. */
static void copy_name(const struct copy *c, const char *path, char name[static COPY_NAME])
{
	(void)snprintf(name, COPY_NAME, "%s", path);
	if (strlen(path) >= COPY_NAME || strpbrk(path, "% \t"))
		(void)snprintf(name, COPY_NAME, "%u.conf", c->to->n);
	for (char *p = name; *p; p++)
		if (*p == '/')
			*p = '%';
}

static int copy_file(struct copy *c, const char *path, char name[static COPY_NAME])
{
	own(buf_release) struct buf out = BUF(CHANGE_FILE_MAX);
	struct str text, line;
	int r = 0;

	if (c->depth == DEPTH_MAX || c->to->n == FILES_MAX)
		return -E2BIG;
	copy_name(c, path, name);
	if (faccessat(c->to->dir, name, F_OK, AT_SYMLINK_NOFOLLOW) >= 0)
		return 0;
	r = root_read(c->root, path, CHANGE_FILE_MAX, c->a, &text, NULL);
	c->to->n++;
	c->depth++;
	while (r >= 0 && str_line(&text, &line, NULL)) {
		struct str rest = str_trim(line), word = str_word(&rest);

		if (str_ieq(word, STR("include")))
			r = copy_include(c, rest, &out);
		else
			buf_fmt(&out, "%.*s\n", STR_FMT(line));
	}
	c->depth--;
	if (r >= 0)
		r = out.error;
	return r < 0 ? r : scratch_put(c->to, name, buf_view(&out), 0600);
}

/* 0, -EINVAL with its words, -ENOENT: no sshd here. */
static int run_sshd(const struct root *root, struct diag *d)
{
	struct scratch own(scratch_release) s = { .dir = -1 };
	struct arena own(arena_release) a = { .limit = (size_t)256 << 20 };
	struct copy c = { .root = root, .to = &s, .a = &a };
	char main[COPY_NAME + 64], key[96], name[COPY_NAME];
	const char *argv[8] = { "sshd", "-t", "-f", main };
	struct diag ignored = {};
	int r = scratch_make(&s);

	if (r >= 0)
		r = copy_file(&c, SSHD_MAIN, name);
	if (r < 0)
		return diag_set(d, r, SSHD_MAIN, 0, "%s", strerror(-r));
	(void)snprintf(main, sizeof main, "%s/%s", s.path, name);
	/* Keys of another tree are not those of this machine. */
	(void)snprintf(key, sizeof key, "%s/key", s.path);
	if (!root->live && step_program((const char *const[]){ "ssh-keygen", "-q", "-t", "ed25519",
							       "-N", "", "-f", key, NULL },
					&ignored) >= 0) {
		argv[4] = "-h";
		argv[5] = key;
	}
	return step_ask(argv, LOOK_MS, d);
}

/* Words about a copy as words about what was copied. */
static void plain_words(struct diag *d)
{
	char text[sizeof d->reason];
	struct str rest = str_of(d->reason);
	bool copy = false;
	size_t n = 0;

	while (rest.len && n + 1 < sizeof text) {
		if (str_starts(rest, STR("/tmp/holdfast-check-"))) {
			rest = str_sub(rest, strlen("/tmp/holdfast-check-XXXXXX/"), rest.len);
			copy = str_starts(rest, STR("%"));
			continue;
		}
		copy = copy && !strchr(" \t:", *rest.ptr);
		text[n] = *rest.ptr;
		if (copy && text[n] == '%')
			text[n] = '/';
		n++;
		rest = str_sub(rest, 1, rest.len);
	}
	text[n] = '\0';
	memcpy(d->reason, text, n + 1);
}

static int validate_sshd(const struct root *root, struct diag *d)
{
	struct root bare = *root;
	struct diag now = {}, before = {};
	int r = run_sshd(root, &now), old;

	if (r >= 0 || r == -ENOENT)
		return 0;
	plain_words(&now);
	bare.over = NULL;
	old = run_sshd(&bare, &before);
	plain_words(&before);
	if (old < 0 && !strcmp(now.reason, before.reason))
		return 0;
	return diag_set(d, -EINVAL, NULL, 0, "refused: %s", now.reason);
}

/* ---- one file at a time ------------------------------------------------------------------------- */

/* The file's own name, where a program goes by it. */
static int try_file(const struct change *c, struct str bytes, const char *const before[],
		    const char *name, uint32_t mode, struct diag *d)
{
	struct scratch own(scratch_release) s = { .dir = -1 };
	const char *argv[8];
	char path[512];
	size_t n = 0;
	int r = scratch_make(&s);

	if (r >= 0)
		r = scratch_put(&s, name, bytes, mode);
	if (r < 0)
		return diag_set(d, r, c->path, 0, "%s", strerror(-r));
	(void)snprintf(path, sizeof path, "%s/%s", s.path, name);
	while (before[n] && n < 6) {
		argv[n] = before[n];
		n++;
	}
	argv[n++] = path;
	argv[n] = NULL;
	r = step_ask(argv, LOOK_MS, d);
	plain_words(d);
	return r;
}

static int validate_file(const struct change *c, const char *const argv[], const char *name,
			 uint32_t mode, struct diag *d)
{
	struct diag now = {}, before = {};
	int r = try_file(c, c->bytes, argv, name, mode, &now);

	if (r >= 0 || r == -ENOENT)
		return 0;
	/* What is there, or nothing at all: does the program get that far here? */
	if (try_file(c, c->old, argv, name, mode, &before) < 0 &&
	    !strcmp(now.reason, before.reason))
		return 0;
	return diag_set(d, -EINVAL, NULL, 0, "refused: %s", now.reason);
}

/* Without the lines that include other files: those of another tree, or that are planned, too. */
static int plain_rules(struct str text, struct arena *a, struct str *ret)
{
	own(buf_release) struct buf out = BUF(CHANGE_FILE_MAX);
	struct str line, rest;

	while (str_line(&text, &line, NULL)) {
		rest = line;
		if (!str_eq(str_word(&rest), STR("include")))
			buf_str(&out, line);
		buf_putc(&out, '\n');
	}
	*ret = arena_str(a, buf_view(&out));
	return out.error ? out.error : ret->ptr ? 0 : -ENOMEM;
}

static int validate_rules(const struct change *c, struct diag *d)
{
	struct arena own(arena_release) a = {};
	struct change plain = *c;
	int r = plain_rules(c->bytes, &a, &plain.bytes);

	if (r >= 0)
		r = plain_rules(c->old, &a, &plain.old);
	if (r < 0)
		return diag_set(d, r, c->path, 0, "%s", strerror(-r));
	return validate_file(&plain, (const char *const[]){ "nft", "-c", "-f", NULL }, "rules",
			     0600, d);
}

static bool is_unit(struct str name)
{
	return str_ends(name, STR(".service")) || str_ends(name, STR(".timer")) ||
	       str_ends(name, STR(".socket")) || str_ends(name, STR(".mount")) ||
	       str_ends(name, STR(".path"));
}

static int validate_change(const struct root *root, const struct plan *p, const struct change *c,
			   struct diag *d)
{
	struct str path = str_of(c->path), name = str_basename(path);
	int r = 0;

	if (p->validate & VALIDATE_SUDO && str_starts(path, STR("/etc/sudoers")))
		r = validate_file(c, (const char *const[]){ "visudo", "-c", "-f", NULL }, "sudoers",
				  0440, d);
	if (r >= 0 && p->validate & VALIDATE_NFT && str_contains(path, STR("nft")))
		r = validate_rules(c, d);
	if (r >= 0 && p->validate & VALIDATE_SYSTEMD && is_unit(name))
		r = validate_file(
			c, (const char *const[]){ "systemd-analyze", "verify", "--man=no", NULL },
			name.ptr, 0600, d);
	if (r >= 0 && p->validate & VALIDATE_PAM &&
	    (str_contains(path, STR("/pam.d/")) || str_eq(path, STR("/etc/pam.conf"))))
		r = validate_pam(root, c, d);
	return r;
}

int validate_plan(const struct root *root, const struct plan *p, struct diag *d)
{
	int r = 0;

	if (p->validate & VALIDATE_SSHD)
		r = validate_sshd(root, d);
	for (size_t i = 0; r >= 0 && i < p->n; i++)
		if (p->list[i].kind == CHANGE_FILE)
			r = validate_change(root, p, &p->list[i], d);
	return r;
}
