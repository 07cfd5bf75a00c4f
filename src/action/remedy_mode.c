/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mode: permission bits and owner of files that a check names. */
#include <stdio.h>

#include "action/remedy.h"

/* "root:shadow", "root", ":adm", "-" (as it is): numbers of the root's own files. */
static int parse_owner(const struct remedy_input *in, struct str text, uint32_t *uid, uint32_t *gid)
{
	struct str user = str_cut(&text, ':');
	int r = 0;

	if (user.len && !str_eq(user, STR("-")))
		r = remedy_uid(in, user, uid);
	if (r >= 0 && text.len)
		r = remedy_gid(in, text, gid);
	return r;
}

/* "0640": to be; "-027": bits that go, "-" or "": as it is. */
static int parse_mode(struct str text, uint32_t *ret, bool *ret_less)
{
	uint64_t bits;
	bool less = str_starts(text, STR("-"));

	if (less)
		text = str_sub(text, 1, text.len);
	if (!text.len) {
		*ret = CHANGE_KEEP;
		*ret_less = false;
		return 0;
	}
	if (str_to_u64(text, 8, &bits) < 0 || bits > 07777)
		return -EINVAL;
	*ret = (uint32_t)bits;
	*ret_less = less;
	return 0;
}

static int plan_one(const struct remedy_input *in, struct plan *p, struct str path, uint32_t mode,
		    bool less, uint32_t uid, uint32_t gid)
{
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
	if (less)
		mode = st.st_mode & 07777 & ~mode;
	return plan_attributes(p, named, mode, uid, gid, NULL);
}

static int plan_mode(const struct remedy_input *in, struct plan *p)
{
	uint32_t mode = CHANGE_KEEP, uid = CHANGE_KEEP, gid = CHANGE_KEEP;
	bool less = false;
	int r = in->n_args < 2 || parse_mode(in->args[0], &mode, &less) < 0
			? plan_cannot(p, "the check's action is not understood")
			: parse_owner(in, in->args[1], &uid, &gid);

	if (r == -ENOENT)
		return plan_cannot(p, "there is no user or group %.*s", STR_FMT(in->args[1]));
	for (size_t i = 2; r >= 0 && i < in->n_args; i++)
		r = plan_one(in, p, in->args[i], mode, less, uid, gid);
	/* No path in the action: those of the rows. */
	for (size_t i = 0; r >= 0 && in->n_args == 2 && i < in->n_resources; i++) {
		if (!str_starts(in->resources[i].resource, STR("/")))
			return plan_cannot(p, "%.*s is no path",
					   STR_FMT(in->resources[i].resource));
		r = plan_one(in, p, in->resources[i].resource, mode, less, uid, gid);
	}
	return r;
}

const struct remedy remedy_mode = {
	.kind = "mode",
	.args = "MODE OWNER[:GROUP] [PATH …]",
	.what = "permission bits and owner; MODE 0640, or -027 for bits that go, - for as it is; "
		"without PATH the resources of the check",
	.plan = plan_mode,
};
