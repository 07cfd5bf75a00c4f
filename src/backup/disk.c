/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "backup/disk.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/str.h"

#define LEVELS 8

/* "8:1\n" of a file "dev" of sysfs. */
static bool read_dev(const char *dir, dev_t *ret)
{
	char path[PATH_MAX + 8], text[32] = "";
	uint64_t major, minor;
	struct str number;
	FILE *f;
	bool ok;

	snprintf(path, sizeof path, "%s/dev", dir);
	f = fopen(path, "re");
	if (!f)
		return false;
	ok = fgets(text, sizeof text, f);
	(void)fclose(f);
	number = str_trim(str_of(text));
	ok = ok && !str_to_u64(str_cut(&number, ':'), 10, &major) &&
	     !str_to_u64(number, 10, &minor);
	if (ok)
		*ret = makedev((unsigned)major, (unsigned)minor);
	return ok;
}

/* The first name in DIR/slaves: device mapper and RAID. */
static bool first_slave(const char *dir, dev_t *ret)
{
	char path[PATH_MAX + 300];
	struct dirent *e;
	bool found = false;
	DIR *list;

	snprintf(path, sizeof path, "%s/slaves", dir);
	list = opendir(path);
	while (list && !found && (e = readdir(list))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/slaves/%s", dir, e->d_name);
		found = read_dev(path, ret);
	}
	if (list)
		closedir(list);
	return found;
}

dev_t disk_of(dev_t dev)
{
	for (int i = 0; i < LEVELS; i++) {
		char link[64], dir[PATH_MAX], path[PATH_MAX + 16];
		dev_t above;

		snprintf(link, sizeof link, "/sys/dev/block/%u:%u", major(dev), minor(dev));
		if (!realpath(link, dir))
			return dev;
		if (first_slave(dir, &above)) {
			dev = above;
			continue;
		}
		snprintf(path, sizeof path, "%s/partition", dir);
		if (access(path, F_OK) < 0)
			return dev;
		snprintf(path, sizeof path, "%s/..", dir);
		if (!read_dev(path, &above))
			return dev;
		dev = above;
	}
	return dev;
}

/* Of the nearest folder that is there. */
static bool device(const char *path, dev_t *ret)
{
	char copy[PATH_MAX];
	struct stat st;

	if ((size_t)snprintf(copy, sizeof copy, "%s", path) >= sizeof copy)
		return false;
	while (stat(copy, &st) < 0) {
		char *slash = strrchr(copy, '/');

		if (!slash)
			return false;
		slash[slash == copy] = '\0';
		if (slash == copy && stat(copy, &st) < 0)
			return false;
	}
	*ret = st.st_dev;
	return true;
}

bool disk_same(const char *a, const char *b)
{
	dev_t x, y;

	return !device(a, &x) || !device(b, &y) || disk_of(x) == disk_of(y);
}
