/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who did it: /proc/PID, read at once and kept for a moment, since it may end any time. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "sensor/integrity_work.h"

#define FRESH 50   /* milliseconds for which an answer is not asked for again */
#define KEPT 2'000 /* and for which it stands in for a process that is gone */
#define ANCESTORS 8

int64_t fim_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1'000'000;
}

static const char *const managers[] = {
	"dpkg",
	"dpkg-deb",
	"dpkg-divert",
	"dpkg-statoverride",
	"dpkg-reconfigure",
	"apt",
	"apt-get",
	"aptitude",
	"aptd",
	"rpm",
	"rpm2cpio",
	"dnf",
	"dnf5",
	"microdnf",
	"yum",
	"zypper",
	"apk",
	"packagekitd",
	"pkcon",
	"snapd",
	"unattended-upgr",
	"unattended-upgrade",
	"update-alternatives",
};

static bool is_name(struct str name)
{
	for (size_t i = 0; i < COUNT(managers); i++)
		if (str_eq(name, str_of(managers[i])))
			return true;
	return false;
}

/* Programs of that name elsewhere are somebody else's. Python runs dnf and unattended-upgrades. */
static bool is_manager(struct str image, struct str command_line)
{
	static const struct str folders[] = { STR("/usr/bin/"), STR("/usr/sbin/"),
					      STR("/bin/"),     STR("/sbin/"),
					      STR("/usr/lib"),  STR("/usr/libexec/") };
	bool placed = false;

	for (size_t i = 0; i < COUNT(folders); i++)
		placed |= str_starts(image, folders[i]);
	if (!placed)
		return false;
	if (is_name(str_basename(image)))
		return true;
	if (!str_starts(str_basename(image), STR("python")) &&
	    !str_starts(str_basename(image), STR("perl")))
		return false;
	str_word(&command_line);
	for (struct str word = str_word(&command_line); word.ptr; word = str_word(&command_line)) {
		if (word.len && word.ptr[0] == '-')
			continue;
		return str_starts(word, STR("/usr/")) && is_name(str_basename(word));
	}
	return false;
}

struct room {
	char *at, *end;
};

/* Keeps a text; what does not fit is left out. */
static struct str keep(struct room *r, struct str s)
{
	struct str kept = { r->at, MIN(s.len, (size_t)(r->end - r->at)) };

	if (kept.len)
		memcpy(r->at, s.ptr, kept.len);
	r->at += kept.len;
	return kept;
}

static ssize_t read_proc(const struct fim *f, int64_t pid, const char *what, char *to, size_t n)
{
	own(close_fd) int fd = -1;
	char path[64];

	snprintf(path, sizeof path, "%lld/%s", (long long)pid, what);
	fd = openat(f->proc.fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	return fd < 0 ? -1 : read(fd, to, n);
}

static struct str read_image(const struct fim *f, int64_t pid, struct room *room)
{
	static const struct str deleted = STR(" (deleted)");
	char path[64], text[512];
	struct str s;
	ssize_t n;

	snprintf(path, sizeof path, "%lld/exe", (long long)pid);
	n = readlinkat(f->proc.fd, path, text, sizeof text);
	if (n <= 0)
		return STR("");
	s = (struct str){ text, (size_t)n };
	if (str_ends(s, deleted))
		s.len -= deleted.len;
	return keep(room, s);
}

static struct str read_command(const struct fim *f, int64_t pid, struct room *room)
{
	char text[600];
	ssize_t n = read_proc(f, pid, "cmdline", text, sizeof text);

	while (n > 0 && !text[n - 1])
		n--;
	for (ssize_t i = 0; i < n; i++)
		if (!text[i])
			text[i] = ' ';
	return n > 0 ? keep(room, (struct str){ text, (size_t)n }) : STR("");
}

/* "PPid:" and the real "Uid:" of status; false: there is no such process. name: 16 bytes. */
static bool read_status(const struct fim *f, int64_t pid, int64_t *ret_parent, int64_t *ret_uid,
			char *name)
{
	char bytes[2048];
	ssize_t n = read_proc(f, pid, "status", bytes, sizeof bytes);
	struct str text = { bytes, n > 0 ? (size_t)n : 0 }, line;

	*ret_parent = 0;
	*ret_uid = -1;
	while (str_line(&text, &line, NULL)) {
		struct str word = str_word(&line);

		if (str_eq(word, STR("PPid:")))
			(void)str_to_int64(str_word(&line), ret_parent);
		else if (str_eq(word, STR("Uid:")))
			(void)str_to_int64(str_word(&line), ret_uid);
		else if (str_eq(word, STR("Name:")) && name)
			snprintf(name, 16, "%.*s", STR_FMT(str_trim(line)));
	}
	return n > 0;
}

/* By the passwd that is in the table: no file is opened for it. */
static struct str user_name(const struct fim *f, int64_t uid)
{
	const struct fim_record *r = fim_table_find(&f->table, STR("/etc/passwd"));
	struct str items = r ? (struct str){ r->items, r->n_items } : STR("");
	struct fim_item one;

	/* Whoever else has its number: it is root. */
	if (uid == 0)
		return STR("root");
	while (fim_items_next(&items, &one)) {
		struct str value = one.value;
		int64_t n;

		if (str_to_int64(str_cut(&value, ':'), &n) == 0 && n == uid)
			return one.key;
	}
	return STR("");
}

static bool started_by_manager(const struct fim *f, int64_t pid)
{
	for (unsigned i = 0; i < ANCESTORS && pid > 1; i++) {
		char text[1200];
		struct room room = { text, text + sizeof text };
		int64_t parent, uid;

		if (is_manager(read_image(f, pid, &room), read_command(f, pid, &room)))
			return true;
		if (!read_status(f, pid, &parent, &uid, NULL))
			return false;
		pid = parent;
	}
	return false;
}

static bool read_process(const struct fim *f, int64_t pid, struct fim_seen *s)
{
	struct room room = { s->text, s->text + sizeof s->text };
	struct fim_process p = { .pid = pid, .uid = -1 };
	char name[16] = "", shown[20];

	if (!read_status(f, pid, &p.ppid, &p.uid, name))
		return false;
	p.image = read_image(f, pid, &room);
	p.command_line = read_command(f, pid, &room);
	/* It has ended, and is not buried yet: as ps(1) shows it. */
	if (!p.command_line.len && name[0]) {
		snprintf(shown, sizeof shown, "[%s]", name);
		p.command_line = keep(&room, str_of(shown));
	}
	p.user = p.uid >= 0 ? keep(&room, user_name(f, p.uid)) : STR("");
	p.parent_image = p.ppid > 0 ? read_image(f, p.ppid, &room) : STR("");
	p.parent_command_line = p.ppid > 0 ? read_command(f, p.ppid, &room) : STR("");
	p.manager = is_manager(p.image, p.command_line) || started_by_manager(f, p.ppid);
	s->process = p;
	return true;
}

const struct fim_process *fim_process_find(struct fim *f, int64_t pid)
{
	struct fim_seen *oldest = &f->seen[0], *found = NULL;
	int64_t now = fim_clock();

	if (pid <= 0)
		return NULL;
	for (size_t i = 0; i < FIM_SEEN_MAX; i++) {
		struct fim_seen *s = &f->seen[i];

		if (s->pid == pid && s->when)
			found = s;
		if (s->when < oldest->when)
			oldest = s;
	}
	if (found && now - found->when < FRESH)
		return &found->process;
	if (found && now - found->when < KEPT) {
		char path[32];
		struct stat st;

		snprintf(path, sizeof path, "%lld", (long long)pid);
		if (fstatat(f->proc.fd, path, &st, 0) < 0)
			return &found->process;
	}
	if (!found)
		found = oldest;
	found->pid = pid;
	found->when = now;
	if (!read_process(f, pid, found)) {
		found->when = 0;
		return NULL;
	}
	return &found->process;
}

/* Whoever writes the database holds a lock on one of these (fcntl(2)). */
bool fim_manager_runs(struct fim *f)
{
	static const char *const locks[] = { "/var/lib/dpkg/lock", "/var/lib/rpm/.rpm.lock",
					     "/usr/lib/sysimage/rpm/.rpm.lock",
					     "/lib/apk/db/lock" };

	for (size_t i = 0; i < COUNT(locks); i++) {
		struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
		own(close_fd) int fd = -1;
		struct stat st;

		if (root_open_file(&f->root, locks[i], &st, &fd) == 0 &&
		    fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
			return true;
	}
	return false;
}
