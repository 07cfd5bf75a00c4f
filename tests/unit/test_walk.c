/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The walk over a tree of known size: by many threads, and with hardly any memory for its queue. */
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sys/stat.h>

#include "facts/linux/walk.h"
#include "tap.h"

#define WIDE 120
#define FILES 40
#define DEEP 300

static unsigned made;

static void make(const char *dir, const char *name, mode_t mode)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	made++;
	if (S_ISDIR(mode)) {
		if (mkdir(path, 0755) < 0)
			made--;
		return;
	}
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0 || fchmod(fd, mode & 07777) < 0)
		made--;
	if (fd >= 0)
		close(fd);
}

/* Directories beside each other with files, and one below the other. */
static void build(const char *root)
{
	char path[PATH_MAX], name[32];

	for (int i = 0; i < WIDE; i++) {
		snprintf(name, sizeof name, "d%d", i);
		make(root, name, S_IFDIR);
		snprintf(path, sizeof path, "%s/d%d", root, i);
		for (int k = 0; k < FILES; k++) {
			snprintf(name, sizeof name, "a-file-with-a-name-%d", k);
			make(path, name, k ? 0644 : 04755);
		}
	}
	snprintf(path, sizeof path, "%s", root);
	for (int i = 0; i < DEEP; i++) {
		size_t n = strlen(path);

		make(path, "x", S_IFDIR);
		make(path, "y", S_IFDIR);
		snprintf(path + n, sizeof path - n, "/x");
	}
	make(path, "end", 0666);
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void walk(const char *path, unsigned threads, size_t queue_max, const char *name)
{
	own(root_release) struct root root = ROOT_NONE;
	own(arena_release) struct arena a = {};
	struct mount_table none = {};
	struct walk_options o = {
		.root = &root, .mounts = &none, .threads = threads, .queue_max = queue_max
	};
	struct walk_result w = {};
	unsigned suid = 0, writable = 0;
	bool sorted = true;

	if (!ok(root_open(path, false, &root) == 0 && walk_run(&o, &a, &w) == 0, name))
		return;
	for (size_t i = 0; i < w.n; i++) {
		suid += w.findings[i].kind == WALK_SUID;
		writable += w.findings[i].kind == WALK_WORLD_WRITABLE;
		sorted &= !i || str_cmp(w.findings[i - 1].path, w.findings[i].path) <= 0;
	}
	is_int((int64_t)w.stats.files, made, "every file is seen once");
	is_int((int64_t)w.stats.directories, WIDE + 2 * DEEP + 1, "every directory is read");
	is_int(suid, WIDE, "every set-uid file is found");
	is_int(writable, 1, "and the one at the end");
	ok(sorted && !w.stats.unreadable && !w.not_reached, "in order, nothing left");
}

static unsigned judge(const char *name, enum walk_zone zone, uint32_t mode, uint32_t uid)
{
	struct id_range known[] = {
		{0,     0   },
                { 1000, 1005}
	};
	struct id_set ids = { known, COUNT(known), 0, true };

	return walk_judge(&(struct walk_facts){ str_of(name), zone, mode, uid, 0, false }, &ids,
			  &ids);
}

static void judgements(void)
{
	is_int(judge("su", ZONE_NONE, S_IFREG | 06755, 0), 1 << WALK_SUID | 1 << WALK_SGID,
	       "set-id");
	is_int(judge("x", ZONE_NONE, S_IFLNK | 0777, 0), 0, "a link");
	is_int(judge("x", ZONE_NONE, S_IFDIR | 01777, 0), 0, "a sticky directory");
	is_int(judge("x", ZONE_NONE, S_IFREG | 0644, 1005), 0, "the last known owner");
	is_int(judge("x", ZONE_NONE, S_IFREG | 0644, 1006), 1 << WALK_UNOWNED, "the next one");
	is_int(judge("x", ZONE_PRIVATE, S_IFREG | 0644, 61184), 0, "a dynamic user");
	is_int(judge("sda", ZONE_DEVICES, S_IFBLK | 0666, 0), 0, "a device in its place");
	is_int(judge("x", ZONE_TEMPORARY, S_IFREG | 0700, 0), 1 << WALK_SUSPICIOUS_EXEC,
	       "a program in /tmp");
	is_int(judge(".x", ZONE_SYSTEM, S_IFREG | 0755, 0), 1 << WALK_SUSPICIOUS_EXEC,
	       "a hidden program");
	is_int(judge("..x", ZONE_NONE, S_IFDIR | 0755, 0), 0, "a name with dots");
	is_int(judge(".. ", ZONE_NONE, S_IFDIR | 0755, 0), 1 << WALK_SUSPICIOUS_EXEC, "a trap");
}

static void ids(void)
{
	own(arena_release) struct arena a = {};
	struct id_set s = {};

	ok(id_set_add_file(&s, &a,
			   STR("a:x:5:\nb:x:6:0\n+nis\nc:x:99999999999:\nd:x:4294967295:\n"),
			   false) == 0 &&
		   id_set_add_file(&s, &a, STR("a:100:3\nb:4294967290:100\nc:7:0\n"), true) == 0,
	   "numbers of passwd and subuid");
	id_set_seal(&s);
	is_int((int64_t)s.n, 3, "put together");
	ok(id_set_has(&s, 5) && id_set_has(&s, 6) && !id_set_has(&s, 7) && !id_set_has(&s, 4) &&
		   id_set_has(&s, 102) && !id_set_has(&s, 103) && id_set_has(&s, UINT32_MAX),
	   "and found");
}

int main(void)
{
	char dir[] = "/tmp/hf-walk-XXXXXX";

	judgements();
	ids();
	if (!mkdtemp(dir))
		return 99;
	build(dir);
	walk(dir, 1, 0, "one thread");
	walk(dir, 8, 0, "eight threads");
	walk(dir, 1, 1, "one thread without a queue");
	walk(dir, 8, 1, "eight threads without a queue");
	nftw(dir, drop, 32, FTW_DEPTH | FTW_PHYS);
	return done();
}
