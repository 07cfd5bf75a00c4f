/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log-files: wtmp and btmp are there, so that logins are written down. */
#include "action/draft.h"

static int plan_log_files(const struct remedy_input *in, struct plan *p)
{
	static const struct {
		const char *resource, *path;
		uint32_t mode;
	} files[] = {
		{"file /var/log/wtmp",  "/var/log/wtmp", 0664},
		{ "file /var/log/btmp", "/var/log/btmp", 0660},
	};
	uint32_t gid = 0;
	int r = remedy_gid(in, STR("utmp"), &gid);

	if (r < 0 && r != -ENOENT)
		return r;
	r = 0;
	for (size_t i = 0; r >= 0 && i < COUNT(files); i++)
		if (remedy_fails(in, str_of(files[i].resource)))
			r = plan_file(p, files[i].path, STR(""), files[i].mode, 0, gid, NULL);
	return r;
}

const struct remedy remedy_log_files = {
	.kind = "log-files",
	.args = "",
	.what = "/var/log/wtmp and /var/log/btmp are made, empty, where they are missing",
	.plan = plan_log_files,
};
