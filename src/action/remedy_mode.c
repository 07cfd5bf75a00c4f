/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mode: permission bits and owner of files that a check names. */
#include <stdio.h>

#include "action/remedy.h"

/*
 * "root:shadow", "root", ":adm", "-" (as it is): numbers of the root's own files. Of several groups,
 * "root:shadow,root", the first that there is.
 */
static int parse_owner(const struct remedy_input *in, struct str text, uint32_t *uid, uint32_t *gid)
{
	struct str user = str_cut(&text, ':');
	int r = 0;

	if (user.len && !str_eq(user, STR("-")))
		r = remedy_uid(in, user, uid);
	while (r >= 0 && text.ptr && *gid == CHANGE_KEEP) {
		struct str group = str_cut(&text, ',');

		if (group.len)
			r = remedy_gid(in, group, gid);
		if (r == -ENOENT && text.ptr)
			r = 0;
	}
	return r;
}

/* What becomes of the permission bits. */
struct bits {
	uint32_t mode; /* CHANGE_KEEP: nothing */
	bool less, more;
};

/* "0640": to be; "-027": bits that go, "+1000": that come, "-" or "": as it is. */
static int parse_mode(struct str text, struct bits *ret)
{
	struct bits b = { .less = str_starts(text, STR("-")), .more = str_starts(text, STR("+")) };
	uint64_t bits;

	if (b.less || b.more)
		text = str_sub(text, 1, text.len);
	if (!text.len) {
		*ret = (struct bits){ .mode = CHANGE_KEEP };
		return 0;
	}
	if (str_to_u64(text, 8, &bits) < 0 || bits > 07777)
		return -EINVAL;
	b.mode = (uint32_t)bits;
	*ret = b;
	return 0;
}

/* The path of a resource: "file /etc/x", "/etc/x"; empty where it names none. */
static struct str path_of(struct str resource)
{
	ssize_t at = str_find(resource, '/');

	if (at > 0 && (resource.ptr[at - 1] != ' ' || str_find(resource, ' ') != at - 1))
		at = -1;
	return at < 0 ? (struct str){} : str_sub(resource, (size_t)at, resource.len);
}

static int plan_one(const struct remedy_input *in, struct plan *p, struct str path,
		    const struct bits *bits, uint32_t uid, uint32_t gid)
{
	uint32_t mode = bits->mode;
	const char *named = arena_cstr(in->arena, path);
	struct stat st;
	int r;

	if (!named)
		return -ENOMEM;
	r = root_lstat(in->root, named, &st);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	if (S_ISLNK(st.st_mode)) {
		struct str real;

		r = root_realpath(in->root, named, in->arena, &real);
		if (r < 0)
			return r == -ENOENT ? 0 : r;
		named = real.ptr;
		r = root_lstat(in->root, named, &st);
		if (r < 0)
			return r;
	}
	if (bits->less)
		mode = st.st_mode & 07777 & ~mode;
	else if (bits->more)
		mode |= st.st_mode & 07777;
	return plan_attributes(p, named, mode, uid, gid, NULL);
}

static int plan_mode(const struct remedy_input *in, struct plan *p)
{
	uint32_t uid = CHANGE_KEEP, gid = CHANGE_KEEP;
	struct bits bits = {};
	bool any = in->n_args > 2;
	int r = in->n_args < 2 || parse_mode(in->args[0], &bits) < 0
			? plan_cannot(p, "the check's action is not understood")
			: parse_owner(in, in->args[1], &uid, &gid);

	if (r == -ENOENT)
		return plan_cannot(p, "there is no user or group %.*s", STR_FMT(in->args[1]));
	for (size_t i = 2; r >= 0 && i < in->n_args; i++)
		r = plan_one(in, p, in->args[i], &bits, uid, gid);
	/* No path in the action: those of the rows. */
	for (size_t i = 0; r >= 0 && in->n_args == 2 && i < in->n_resources; i++) {
		struct str path = path_of(in->resources[i].resource);

		if (!path.len)
			continue;
		any = true;
		r = plan_one(in, p, path, &bits, uid, gid);
	}
	if (r >= 0 && !any)
		return plan_cannot(p, "the finding names no single file");
	return r;
}

const struct remedy remedy_mode = {
	.kind = "mode",
	.args = "MODE OWNER[:GROUP] [PATH …]",
	.what = "permission bits and owner; MODE 0640, or -027 for bits that go, +1000 for bits that "
		"come, - for as it is; of several GROUPs (a,b) the first that there is; "
		"without PATH the resources of the check",
	.plan = plan_mode,
};
