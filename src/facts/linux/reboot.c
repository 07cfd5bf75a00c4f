/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/reboot.h"
#include "facts/linux/package_db.h"

/* update-notifier-common and unattended-upgrades leave these; needs-restarting(1) of Amazon. */
static int by_file(struct collect *c, int64_t *ret, struct str *ret_reason)
{
	static const char *const files[] = { "/run/reboot-required", "/var/run/reboot-required",
					     "/run/reboot-needed" };
	struct str text, line;
	struct stat st;

	for (size_t i = 0; i < COUNT(files); i++) {
		struct str pkgs, reason = str_of(files[i]);
		int r;

		if (root_stat(c->root, files[i], &st) < 0)
			continue;
		pkgs = arena_cat(c->arena, reason, STR(".pkgs"), STR(""));
		r = pkgs.ptr ? collect_read(c, pkgs.ptr, &text, NULL) : -ENOMEM;
		for (int n = 0; r == 1 && n < 8 && str_line(&text, &line, NULL); n++) {
			reason = arena_cat(c->arena, reason, n ? STR(", ") : STR(": "),
					   str_trim(line));
			if (!reason.ptr)
				return -ENOMEM;
		}
		if (r < 0)
			return r;
		*ret = 1;
		*ret_reason = reason;
		return 1;
	}
	return 0;
}

/* "6.1.0-10-amd64" -> "amd64": a cloud kernel is no successor of another flavour. */
static struct str flavour(struct str release)
{
	size_t from = release.len;

	while (from && release.ptr[from - 1] != '-' && release.ptr[from - 1] != '.')
		from--;
	return from < release.len && release.ptr[from] >= '0' && release.ptr[from] <= '9'
		       ? STR("")
		       : str_sub(release, from, release.len);
}

/* The newest kernel of the running one's flavour below /boot; ptr == NULL where it is not there. */
static int newest_kernel(struct collect *c, struct str running, struct str *ret)
{
	struct dir_list names;
	struct str newest = {};
	bool found = false;
	int r = collect_list(c, "/boot", &names);

	for (size_t i = 0; r == 1 && i < names.n; i++) {
		struct str name = str_of(names.entries[i].name);

		if (!str_starts(name, STR("vmlinuz-")) || str_contains(name, STR("rescue")))
			continue;
		name = str_sub(name, strlen("vmlinuz-"), name.len);
		found |= str_eq(name, running);
		if (str_eq(flavour(name), flavour(running)) &&
		    (!newest.ptr || strverscmp(newest.ptr, name.ptr) < 0))
			newest = name;
	}
	*ret = found ? newest : (struct str){};
	return MIN(r, 0);
}

/*
 * A kernel of Debian may be replaced under its name: /proc/version ends in "Debian 6.1.76-1 (date)".
 */
static int replaced_kernel(struct collect *c, struct str running, int64_t *ret,
			   struct str *ret_reason)
{
	struct str name = arena_cat(c->arena, STR("linux-image-"), running, STR("")), version;
	const char *names[] = { name.ptr };
	struct package found;
	int r = name.ptr ? package_db_find(c, names, 1, &found) : -ENOMEM;

	if (r < 0 || !found.name.ptr)
		return r;
	r = root_read(c->proc, "version", 4096, c->arena, &version, NULL);
	if (r < 0 || !str_contains(version, STR(" Debian ")))
		return r == -ENOMEM ? r : 0;
	if (!str_contains(version, found.version)) {
		*ret = 1;
		*ret_reason = arena_fmt(c->arena, "%s is version %.*s, another one runs", name.ptr,
					STR_FMT(found.version));
		return ret_reason->ptr ? 0 : -ENOMEM;
	}
	return 0;
}

static int by_kernel(struct collect *c, int64_t *ret, struct str *ret_reason)
{
	struct str running, newest;
	int r = root_read(c->proc, "sys/kernel/osrelease", 4096, c->arena, &running, NULL);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	running = str_trim(running);
	r = newest_kernel(c, running, &newest);
	if (r < 0 || !newest.ptr)
		return r;
	if (str_eq(newest, running)) {
		*ret = 0;
		return replaced_kernel(c, running, ret, ret_reason);
	}
	*ret = 1;
	*ret_reason = arena_fmt(c->arena, "kernel %.*s runs, %.*s is installed", STR_FMT(running),
				STR_FMT(newest));
	return ret_reason->ptr ? 0 : -ENOMEM;
}

int reboot_required(struct collect *c, int64_t *ret, struct str *ret_reason)
{
	int r;

	*ret = FACT_UNKNOWN;
	*ret_reason = STR("");
	r = by_file(c, ret, ret_reason);
	if (r == 0 && c->proc)
		r = by_kernel(c, ret, ret_reason);
	return MIN(r, 0);
}
