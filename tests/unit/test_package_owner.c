/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which package a file belongs to, and what of it is kept for the next collector. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "facts/linux/package_db.h"
#include "facts/sink.h"
#include "tap.h"

static void folder(const char *base, const char *path)
{
	char full[256];

	snprintf(full, sizeof full, "%s%s", base, path);
	if (mkdir(full, 0755) < 0)
		printf("# %s: %s\n", full, strerror(errno));
}

static void file(const char *base, const char *path, const char *text)
{
	char full[256];
	int fd;

	snprintf(full, sizeof full, "%s%s", base, path);
	fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		printf("# %s: %s\n", full, strerror(errno));
	close_fd(&fd);
}

static void gone(const char *base, const char *path)
{
	char full[256];

	snprintf(full, sizeof full, "%s%s", base, path);
	(void)remove(full);
}

static struct str owner(struct collect *c, const char *path)
{
	struct str ret;

	return package_db_owners(c, &(struct str){ path, strlen(path) }, 1, &ret) < 0 ? STR("error")
										      : ret;
}

static void test_notes(struct collect *c, const char *root)
{
	const struct str paths[] = { STR("/bin/tool"), STR("/opt/own"), STR(""),
				     STR("/usr/sbin/other"), STR("/usr/bin/tool") };
	struct str ret[COUNT(paths)];

	is_int(package_db_owners(c, paths, COUNT(paths), ret), 0, "several files");
	is_str(ret[0], STR("one"), "a program");
	is_str(ret[1], STR(""), "one of no package");
	is_str(ret[2], STR(""), "no file");
	is_str(ret[3], STR("two"), "of the folder that was moved");
	is_str(ret[4], STR("one"), "by both of its names");
	gone(root, "/var/lib/dpkg/info/two.list");
	is_str(owner(c, "/usr/sbin/other"), STR("two"), "what is known is not looked up again");
	is_str(owner(c, "/opt/own"), STR(""), "nor that nobody has it");
	is_str(owner(c, "/usr/sbin/third"), STR(""), "what is not known is");
	c->notes = NULL;
	is_str(owner(c, "/usr/sbin/other"), STR(""), "without notes everything is");
}

/* A list that cannot be read leaves open whose the file is. */
static void test_trouble(struct collect *c, const char *root)
{
	struct collect_notes notes = {};
	unsigned before;

	c->notes = &notes;
	file(root, "/var/lib/rpm/rpmdb.sqlite", "no database");
	before = c->sink->problems;
	is_str(owner(c, "/usr/bin/far"), STR(""), "a database that is damaged");
	ok(c->sink->problems > before, "is said");
	before = c->sink->problems;
	is_str(owner(c, "/usr/bin/far"), STR(""), "the next one who asks");
	ok(c->sink->problems > before, "is told, too");
	map_release(&notes.package_of);
	arena_release(&notes.arena);
}

int main(void)
{
	static const char *const folders[] = { "/var", "/var/lib", "/var/lib/dpkg",
					       "/var/lib/dpkg/info", "/var/lib/rpm" };
	static const char *const files[] = { "/var/lib/dpkg/info/one.list",
					     "/var/lib/dpkg/info/two.list",
					     "/var/lib/rpm/rpmdb.sqlite" };
	char root[] = "/tmp/holdfast-owner-XXXXXX";
	own(arena_release) struct arena arena = {};
	own(root_release) struct root r = ROOT_NONE;
	struct root_trouble trouble = {};
	struct collect_notes notes = {};
	struct sink sink = { .fd = -1 };
	struct collect c = { .root = &r, .arena = &arena, .sink = &sink, .notes = &notes };

	if (!mkdtemp(root))
		return 99;
	for (size_t i = 0; i < COUNT(folders); i++)
		folder(root, folders[i]);
	file(root, files[0], "/.\n/usr\n/usr/bin/tool\n");
	file(root, files[1], "/usr/sbin/other\n");
	if (root_open(root, false, &r) < 0)
		return 99;
	r.trouble = &trouble;
	test_notes(&c, root);
	test_trouble(&c, root);
	map_release(&notes.package_of);
	arena_release(&notes.arena);
	sink_release(&sink);
	for (size_t i = 0; i < COUNT(files); i++)
		gone(root, files[i]);
	for (size_t i = COUNT(folders); i--;)
		gone(root, folders[i]);
	gone(root, "");
	return done();
}
