/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The last alerts: one file grows, becomes the older one, and neither grows without end. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "guard/kept.h"
#include "tap.h"

static int64_t size_of(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : st.st_size;
}

int main(void)
{
	char folder[] = "/tmp/holdfast-kept-XXXXXX", line[1000], path[64];
	int dir own(close_fd) = -1, fd own(close_fd) = -1, other = -1;
	const char *const names[] = { "guard.alerts", "guard.alerts.old", "guard.alerts.new" };

	memset(line, 'a', sizeof line);
	line[sizeof line - 1] = '\n';
	if (!mkdtemp(folder) || (dir = open(folder, O_RDONLY | O_DIRECTORY)) < 0)
		return 1;
	is_int(kept_turn(dir), 0, "nothing there");
	is_int(kept_open(dir, &fd), 0, "opened");
	for (size_t n = 0; n <= KEPT_MAX; n += sizeof line)
		if (write(fd, line, sizeof line) != sizeof line)
			return 1;
	is_int(kept_turn(dir), 0, "full");
	is_int(size_of(dir, names[0]), 0, "empty again");
	ok(size_of(dir, names[1]) > (int64_t)KEPT_MAX, "its lines are in the older file");
	is_int(size_of(dir, names[2]), -ENOENT, "nothing half made");
	ok(write(fd, line, sizeof line) == sizeof line, "goes on");
	is_int(size_of(dir, names[0]), sizeof line, "at the beginning");
	is_int(kept_turn(dir), 0, "not full");
	is_int(size_of(dir, names[0]), sizeof line, "stays");
	unlinkat(dir, names[0], 0);
	ok(!symlinkat("/etc/hostname", dir, names[0]), "a link");
	is_int(kept_open(dir, &other), -ELOOP, "is not followed");
	is_int(kept_turn(dir), -ELOOP, "nor turned");
	for (size_t i = 0; i < COUNT(names); i++)
		unlinkat(dir, names[i], 0);
	snprintf(path, sizeof path, "%s", folder);
	rmdir(path);
	return done();
}
