/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which file systems have files of interest, by /proc/self/mountinfo. */
#include <stdio.h>
#include <sys/sysmacros.h>

#include "sensor/integrity_work.h"

#define MOUNTS_MAX 256
#define MOUNTINFO_MAX ((size_t)16 << 20)

/* Made by the kernel, or of others: what changes there is not this machine's. */
static const char *const passed_over[] = {
	"proc",     "sysfs",       "cgroup", "cgroup2",    "devpts",    "securityfs", "debugfs",
	"tracefs",  "pstore",      "bpf",    "mqueue",     "hugetlbfs", "autofs",     "fusectl",
	"configfs", "binfmt_misc", "nsfs",   "rpc_pipefs", "selinuxfs", "efivarfs",   "devtmpfs",
	"nfs",      "nfs4",        "cifs",   "smb3",       "ceph",      "9p",         "afs",
	"squashfs", "iso9660",     "ramfs",  "glusterfs",  "lustre",    "erofs",
};

static bool is_passed_over(struct str type, struct str path)
{
	for (size_t i = 0; i < COUNT(passed_over); i++)
		if (str_eq(type, str_of(passed_over[i])))
			return true;
	/* Those of containers; one's own root may be one, too. */
	return (str_eq(type, STR("overlay")) || str_starts(type, STR("fuse"))) &&
	       !str_eq(path, STR("/"));
}

/* \040 and the like are the only escapes. */
static struct str unescape(struct str s, struct arena *a)
{
	char *to = arena_alloc(a, s.len + 1);
	size_t n = 0;

	for (size_t i = 0; to && i < s.len; i++) {
		uint64_t c;

		if (s.ptr[i] == '\\' && i + 3 < s.len &&
		    str_to_u64(str_sub(s, i + 1, i + 4), 8, &c) == 0 && c < 256) {
			to[n++] = (char)c;
			i += 3;
		} else {
			to[n++] = s.ptr[i];
		}
	}
	return (struct str){ to, to ? n : 0 };
}

/* What is below the sensor's root: "/" itself, or the rest behind it. */
static bool below_top(const struct fim *f, struct str path, struct str *ret)
{
	struct str top = str_of(f->top);

	if (!top.len) {
		*ret = path;
		return true;
	}
	if (!str_starts(path, top) || (path.len > top.len && path.ptr[top.len] != '/'))
		return false;
	*ret = path.len > top.len ? str_sub(path, top.len, path.len) : STR("/");
	return true;
}

static bool matters(const struct fim *f, struct str path, bool nosuid)
{
	struct str folder = str_eq(path, STR("/")) ? STR("") : path;

	if (fim_patterns_ignored(&f->patterns, folder))
		return false;
	return (f->config->suid && !nosuid) ||
	       fim_patterns_may_match_below(&f->patterns, folder, true);
}

struct line {
	struct str device, part, path, options, type;
};

/* proc_pid_mountinfo(5): id, parent, device, root, mount point, options, tags, "-", type … */
static bool split(struct str text, struct line *l)
{
	str_word(&text);
	str_word(&text);
	l->device = str_word(&text);
	l->part = str_word(&text);
	l->path = str_word(&text);
	l->options = str_word(&text);
	for (struct str word = str_word(&text); word.ptr; word = str_word(&text))
		if (str_eq(word, STR("-"))) {
			l->type = str_word(&text);
			return l->type.ptr != NULL;
		}
	return false;
}

static bool has_option(struct str options, struct str one)
{
	while (options.len)
		if (str_eq(str_cut(&options, ','), one))
			return true;
	return false;
}

static int add(struct fim *f, const struct line *l, struct fim_mount *list, size_t *n)
{
	struct fim_mount one = { .nosuid = has_option(l->options, STR("nosuid")),
				 .whole = str_eq(l->part, STR("/")) };
	struct str device = l->device, major = str_cut(&device, ':');
	struct str path = unescape(l->path, &f->keep), below;
	uint64_t x = 0, y = 0;

	if (!path.ptr)
		return -ENOMEM;
	if (!below_top(f, path, &below) || is_passed_over(l->type, below) ||
	    !matters(f, below, one.nosuid) || str_to_u64(major, 10, &x) < 0 ||
	    str_to_u64(device, 10, &y) < 0)
		return 0;
	one.device = makedev((unsigned)x, (unsigned)y);
	one.path = arena_cstr(&f->keep, below);
	if (!one.path)
		return -ENOMEM;
	for (size_t i = 0; i < *n; i++) {
		if (list[i].device != one.device)
			continue;
		/* The first one with the whole file system stands for it: later ones lie on top. */
		if (!list[i].whole && one.whole)
			list[i] = one;
		return 0;
	}
	if (*n < MOUNTS_MAX)
		list[(*n)++] = one;
	return 0;
}

int fim_mounts_read(struct fim *f, struct fim_mount **ret, size_t *ret_n)
{
	struct fim_mount *list = arena_array(&f->keep, MOUNTS_MAX, sizeof *list);
	struct arena_mark mark = arena_mark(&f->arena);
	struct str text, row;
	size_t n = 0;
	int r = list ? root_read(&f->proc, "self/mountinfo", MOUNTINFO_MAX, &f->arena, &text, NULL)
		     : -ENOMEM;

	while (r == 0 && str_line(&text, &row, NULL)) {
		struct line l;

		if (split(row, &l))
			r = add(f, &l, list, &n);
	}
	arena_rewind(&f->arena, mark);
	if (r < 0)
		return r;
	*ret = list;
	*ret_n = n;
	return 0;
}
