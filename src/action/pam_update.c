/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "action/pam_update.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "action/pam_edit.h"
#include "action/step.h"

#define PROGRAM "/usr/sbin/pam-auth-update"
#define TEMPLATES "/var/lib/dpkg/info/libpam-runtime.templates"
#define PROFILES "/usr/share/pam-configs"
#define STATE "/var/lib/pam"
#define STACKS "/etc/pam.d"
#define WORK "/debconf"
#define RUN_MS 60'000
#define FILES_MAX 256u

static const char *const folders[] = { "/etc", "/etc/pam.d", "/var",   "/var/lib", STATE,
				       "/usr", "/usr/share", PROFILES, WORK };
static const char *const kinds[] = { "auth", "account", "password", "session",
				     "session-noninteractive" };

/* A folder that only this user enters, with copies of what the program reads and writes. */
struct scratch {
	char path[64];
	struct root root;
};

static void empty(const struct root *root, const char *folder)
{
	struct arena own(arena_release) a = {};
	struct dir_list list = {};
	own(close_fd) int fd = -1;

	if (root_list(root, folder, &a, &list) < 0 || root_open_dir(root, folder, &fd) < 0)
		return;
	for (size_t i = 0; i < list.n; i++)
		(void)unlinkat(fd, list.entries[i].name, 0);
}

static void scratch_release(struct scratch *s)
{
	if (!s->path[0])
		return;
	for (size_t i = COUNT(folders); i > 0; i--) {
		empty(&s->root, folders[i - 1]);
		(void)unlinkat(s->root.fd, folders[i - 1] + 1, AT_REMOVEDIR);
	}
	root_release(&s->root);
	(void)rmdir(s->path);
}

static int put(const struct scratch *s, const char *path, struct str bytes)
{
	own(close_fd) int fd = openat(s->root.fd, path + 1,
				      O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);

	if (fd < 0)
		return -errno;
	while (bytes.len) {
		ssize_t n = write(fd, bytes.ptr, bytes.len);

		if (n < 0 && errno != EINTR)
			return -errno;
		bytes = str_sub(bytes, (size_t)MAX(n, 0), bytes.len);
	}
	return 0;
}

static int scratch_make(struct scratch *ret)
{
	struct scratch s = { .path = "/tmp/holdfast-pam-XXXXXX", .root = ROOT_NONE };
	int r;

	if (!mkdtemp(s.path))
		return -errno;
	r = root_open(s.path, true, &s.root);
	if (r < 0) {
		(void)rmdir(s.path);
		return r;
	}
	for (size_t i = 0; r >= 0 && i < COUNT(folders); i++)
		if (mkdirat(s.root.fd, folders[i] + 1, 0755) < 0)
			r = -errno;
	if (r < 0)
		scratch_release(&s);
	else
		*ret = s;
	return r;
}

/* Files of a folder of the root, as they are planned to be. */
static int copy_folder(const struct remedy_input *in, const struct scratch *s, const char *folder)
{
	struct dir_list list = {};
	int r = root_list(in->root, folder, in->arena, &list);

	if (r >= 0 && list.n > FILES_MAX)
		return -E2BIG;
	for (size_t i = 0; r >= 0 && i < list.n; i++) {
		struct str path = arena_fmt(in->arena, "%s/%s", folder, list.entries[i].name);
		struct str text;

		if (!path.ptr)
			return -ENOMEM;
		if (!strcmp(folder, STACKS) && !str_starts(str_basename(path), STR("common-")))
			continue;
		r = root_read(in->root, path.ptr, EDIT_MAX, in->arena, &text, NULL);
		if (r >= 0)
			r = put(s, path.ptr, text);
		else if (r == -EINVAL || r == -ENOENT)
			r = 0;
	}
	return r;
}

/* Its questions and answers go beside the copies, not to those of this machine. */
static int run(const struct scratch *s, const struct pam_profile *list, size_t n)
{
	static const char *const settings =
		"Config: answers\nTemplates: questions\n\nName: answers\nDriver: File\n"
		"Filename: %s" WORK "/answers\n\nName: questions\nDriver: File\n"
		"Filename: %s" WORK "/questions\n";
	char rc[128], text[512];
	const char *argv[16] = { "env",       "DEBIAN_FRONTEND=noninteractive",
				 rc,          PROGRAM,
				 "--root",    s->path,
				 "--package", "--enable" };
	struct diag d = {};
	size_t used = 8;
	int r;

	(void)snprintf(rc, sizeof rc, "DEBCONF_SYSTEMRC=%s" WORK "/settings", s->path);
	(void)snprintf(text, sizeof text, settings, s->path, s->path);
	r = put(s, WORK "/settings", str_of(text));
	for (size_t i = 0; i < n && used + 1 < COUNT(argv); i++)
		argv[used++] = list[i].name;
	argv[used] = NULL;
	return r < 0 ? r : step_ask(argv, RUN_MS, &d);
}

/* What it made of a file. */
static int take_file(const struct remedy_input *in, struct plan *p, const struct scratch *s,
		     const char *folder, const char *name)
{
	struct str path = arena_fmt(in->arena, "%s/%s", folder, name), text;
	int r = path.ptr ? root_read(&s->root, path.ptr, EDIT_MAX, in->arena, &text, NULL)
			 : -ENOMEM;

	return r < 0 ? r
		     : plan_file(p, path.ptr, text, CHANGE_KEEP, CHANGE_KEEP, CHANGE_KEEP, NULL);
}

/* Its record names every profile: it has taken them, and not refused because of changes by hand. */
static bool was_done(const struct remedy_input *in, const struct scratch *s,
		     const struct pam_profile *list, size_t n)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++) {
		struct str module = arena_fmt(in->arena, "Module: %s\n", list[i].name);
		bool there = false;

		for (size_t k = 0; k < COUNT(kinds) && module.ptr; k++) {
			struct str path = arena_fmt(in->arena, STATE "/%s", kinds[k]), text;

			there = there || (path.ptr &&
					  root_read(&s->root, path.ptr, EDIT_MAX, in->arena, &text,
						    NULL) >= 0 &&
					  str_contains(text, module));
		}
		found += there;
	}
	return found == n;
}

static int plan_profiles(const struct remedy_input *in, struct plan *p,
			 const struct pam_profile *list, size_t n, const struct scratch *s)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < n; i++)
		if (list[i].body)
			r = take_file(in, p, s, PROFILES, list[i].name);
	for (size_t i = 0; r >= 0 && i < COUNT(kinds); i++) {
		struct str stack = arena_fmt(in->arena, "common-%s", kinds[i]);

		r = stack.ptr ? take_file(in, p, s, STACKS, stack.ptr) : -ENOMEM;
		if (r >= 0)
			r = take_file(in, p, s, STATE, kinds[i]);
	}
	if (r >= 0)
		r = take_file(in, p, s, STATE, "seen");
	p->risky = true;
	p->validate |= VALIDATE_PAM;
	return r;
}

static int prepare(const struct remedy_input *in, const struct scratch *s,
		   const struct pam_profile *list, size_t n)
{
	int r = copy_folder(in, s, PROFILES);

	if (r >= 0)
		r = copy_folder(in, s, STACKS);
	if (r >= 0)
		r = copy_folder(in, s, STATE);
	for (size_t i = 0; r >= 0 && i < n; i++) {
		struct str path = arena_fmt(in->arena, PROFILES "/%s", list[i].name);
		struct str text = arena_fmt(in->arena, "Name: Holdfast: %s",
					    list[i].body ? list[i].body : "");

		if (!path.ptr || !text.ptr)
			return -ENOMEM;
		if (list[i].body)
			r = put(s, path.ptr, text);
	}
	return r;
}

int pam_update(const struct remedy_input *in, struct plan *p, const struct pam_profile *list,
	       size_t n, bool *ret_done)
{
	struct scratch own(scratch_release) s = { .root = ROOT_NONE };
	int r = 0;

	*ret_done = false;
	if (!remedy_has_file(in, PROFILES "/unix") || !remedy_has_file(in, STATE "/auth") ||
	    access(PROGRAM, X_OK) < 0 || access(TEMPLATES, R_OK) < 0)
		return 0;
	r = scratch_make(&s);
	if (r >= 0)
		r = prepare(in, &s, list, n);
	if (r >= 0)
		r = run(&s, list, n);
	/* What it cannot do is done to the lines. */
	if (r < 0 && r != -ENOMEM)
		return 0;
	if (r < 0 || !was_done(in, &s, list, n))
		return r;
	*ret_done = true;
	return plan_profiles(in, p, list, n, &s);
}
