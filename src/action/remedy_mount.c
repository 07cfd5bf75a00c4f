/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mount: options of file systems where everybody writes: fstab(5), and the mounts as they are. */
#include "action/draft.h"
#include "action/settings.h"

#define FSTAB "/etc/fstab"

/* What is mounted there where no line says so. */
static const struct {
	const char *dir, *entry;
} entries[] = {
	{"/tmp",      "tmpfs /tmp tmpfs mode=1777,%s 0 0" },
	{ "/var/tmp", "/var/tmp /var/tmp none bind,%s 0 0"},
	{ "/dev/shm", "tmpfs /dev/shm tmpfs %s 0 0"       },
};

static int join(const struct remedy_input *in, struct str before, struct str *ret)
{
	struct str s = before;

	for (size_t i = 0; i < in->n_args; i++) {
		s = arena_cat(in->arena, s, s.len ? STR(",") : STR(""), in->args[i]);
		if (!s.ptr)
			return -ENOMEM;
	}
	*ret = s;
	return 0;
}

static int write_fstab(const struct remedy_input *in, struct plan *p, struct str dir,
		       struct str options)
{
	own(draft_release) struct draft d = {};
	struct buf out = BUF(EDIT_MAX);
	struct str entry = {};
	int r;

	for (size_t i = 0; i < COUNT(entries); i++)
		if (str_eq(dir, str_of(entries[i].dir))) {
			struct str text = str_of(entries[i].entry);
			size_t at = (size_t)str_find(text, '%');

			entry = arena_cat(in->arena, str_sub(text, 0, at), options,
					  str_sub(text, at + 2, text.len));
		}
	draft_open(&d, p, FSTAB);
	r = d.error < 0 ? d.error
			: edit_fstab(buf_view(&d.text), dir, in->args, in->n_args, entry, &out);
	if (r == -ENOENT) {
		buf_release(&out);
		return plan_cannot(p, FSTAB " does not mount %.*s", STR_FMT(dir));
	}
	draft_take(&d, r, &out);
	return draft_save(&d, 0644, NULL);
}

/* The mount that is there gets them now; what is mounted at the next start only waits for it. */
static int remount(const struct remedy_input *in, struct plan *p, struct str dir,
		   struct str options)
{
	struct str *now, set, back = STR("remount");
	size_t n;
	int r = remedy_query_text(in, "SELECT flags FROM mounts WHERE path = ?1", dir, &now, &n);

	if (r < 0 || !n)
		return r;
	for (size_t i = 0; i < in->n_args; i++) {
		struct str list = now[n - 1];
		bool has = false;

		while (list.ptr)
			has |= str_eq(str_cut(&list, ','), in->args[i]);
		/* "noexec" is taken back by "exec". */
		if (!has && str_starts(in->args[i], STR("no")))
			back = arena_cat(in->arena, back, STR(","),
					 str_sub(in->args[i], 2, in->args[i].len));
		if (!back.ptr)
			return -ENOMEM;
	}
	set = arena_cat(in->arena, STR("remount,"), options, STR(""));
	dir = arena_str(in->arena, dir);
	if (!set.ptr || !dir.ptr)
		return -ENOMEM;
	return plan_command(p, (const char *const[]){ "mount", "-o", set.ptr, dir.ptr, NULL },
			    (const char *const[]){ "mount", "-o", back.ptr, dir.ptr, NULL }, NULL);
}

static int plan_mount(const struct remedy_input *in, struct plan *p)
{
	struct str options;
	int r = in->n_args ? 0 : settings_misread(p);

	if (r >= 0)
		r = join(in, STR(""), &options);
	if (r >= 0 && !remedy_has_file(in, FSTAB))
		return plan_cannot(p, "there is no " FSTAB);
	for (size_t i = 0; r >= 0 && i < in->n_resources; i++) {
		struct str dir = in->resources[i].resource;

		if (!str_starts(dir, STR("/")))
			continue;
		r = write_fstab(in, p, dir, options);
		if (r >= 0 && in->options->live)
			r = remount(in, p, dir, options);
	}
	if (r >= 0)
		r = plan_effect(p, (const char *const[]){ "systemctl", "daemon-reload", NULL });
	return r < 0 ? r
		     : plan_breaks(p, "programs that are started from these directories: some "
				      "installers, and packages that ask questions "
				      "(APT::ExtractTemplates::TempDir helps)");
}

const struct remedy remedy_mount = {
	.kind = "mount",
	.args = "OPTION …",
	.what = "options of the mounts that the check finds, in /etc/fstab and on what is mounted now",
	.plan = plan_mount,
};
