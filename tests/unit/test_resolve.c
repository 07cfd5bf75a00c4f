/* SPDX-License-Identifier: GPL-3.0-or-later */
/* openat2(2) by hand beside the system call, on a tree with every kind of link. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/resolve.h"
#include "tap.h"

static const char *const parts[] = {
	"a", "b",  "c", "file",   "up",    "self", "loop", "abs",   "out",  "deep", "dangling",
	".", "..", "",  "tofile", "slash", "abc",  "x",    "todot", "abs2", "a.",   "dirdots",
};
static const uint64_t ways[] = {
	RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
	RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS,
	RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
};
static const int flags[] = { O_PATH,
			     O_RDONLY,
			     O_PATH | O_NOFOLLOW,
			     O_RDONLY | O_NOFOLLOW,
			     O_RDONLY | O_DIRECTORY,
			     O_PATH | O_DIRECTORY,
			     O_RDONLY | O_DIRECTORY | O_NOFOLLOW,
			     O_PATH | O_DIRECTORY | O_NOFOLLOW,
			     O_RDONLY | O_NONBLOCK | O_NOCTTY };
static uint64_t state = 88172645463325252U;

static size_t below(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state * 0x2545f4914f6cdd1dU % n;
}

static void link_to(int at, const char *target, const char *name)
{
	if (symlinkat(target, at, name) < 0)
		printf("# %s: %s\n", name, strerror(errno));
}

static void make(int at)
{
	mkdirat(at, "a", 0755);
	mkdirat(at, "a/b", 0755);
	mkdirat(at, "a/b/c", 0755);
	mkdirat(at, "x", 0755);
	close(openat(at, "file", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	close(openat(at, "a/b/file", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	link_to(at, "..", "a/up");
	link_to(at, "../..", "a/b/up");
	link_to(at, "../../../../../..", "a/b/out");
	link_to(at, ".", "self");
	link_to(at, "loop", "loop");
	link_to(at, "/a/b", "abs");
	link_to(at, "/abs/../b/./c/", "abs2");
	link_to(at, "//file", "a/abs");
	link_to(at, "a/b/c/../../b", "deep");
	link_to(at, "nothing", "dangling");
	link_to(at, "file", "tofile");
	link_to(at, "../tofile", "x/tofile");
	link_to(at, "file/", "slash");
	link_to(at, "a/", "a.");
	link_to(at, "a/..", "dirdots");
	link_to(at, "./", "todot");
	link_to(at, "self/self/a/b/up/abs/c", "abc");
}

/* errno of a descriptor, or what it is. */
static int64_t what_is(int fd, int error, struct stat *st)
{
	int mode;

	if (fd < 0)
		return -error;
	mode = fstat(fd, st) < 0 ? -1 : fcntl(fd, F_GETFL) & ~(O_NOFOLLOW | O_DIRECTORY);
	if (!(fcntl(fd, F_GETFD) & FD_CLOEXEC))
		mode = -2;
	close(fd);
	return mode;
}

/* EAGAIN: somebody renamed a file or mounted one while "..", of any tree, was looked at. */
static int open_there(int at, const char *path, const struct open_how *how)
{
	int fd;

	do
		fd = (int)syscall(SYS_openat2, at, path, how, sizeof *how);
	while (fd < 0 && errno == EAGAIN);
	return fd;
}

static bool same(int at, const char *path, const struct open_how *how)
{
	struct stat x = {}, y = {};
	int fd = open_there(at, path, how), error = errno;
	int64_t theirs = what_is(fd, error, &x), ours;

	fd = resolve_by_hand(at, path, how);
	ours = what_is(fd, errno, &y);
	/* Whose link of /proc it is, is not asked before it is refused. */
	if (theirs == -EACCES && ours == -ELOOP)
		return true;
	if (ours == theirs && x.st_dev == y.st_dev && x.st_ino == y.st_ino)
		return true;
	printf("# '%s', flags %llx, resolve %llx: openat2 %lld, by hand %lld\n", path,
	       (unsigned long long)how->flags, (unsigned long long)how->resolve, (long long)theirs,
	       (long long)ours);
	return false;
}

static void play(int at, const char *const *names, size_t n_names, unsigned rounds,
		 const char *what)
{
	unsigned differ = 0, opened = 0;

	for (unsigned i = 0; i < rounds && differ < 10; i++) {
		struct open_how how = { .flags = (unsigned)(flags[below(COUNT(flags))] | O_CLOEXEC),
					.resolve = ways[below(COUNT(ways))] };
		char path[256] = "";
		int fd;

		if (below(6) == 0)
			strcat(path, "/");
		for (size_t n = 1 + below(6); n > 0; n--) {
			strcat(path, names[below(n_names)]);
			if (n > 1 || below(5) == 0)
				strcat(path, "/");
		}
		differ += !same(at, path, &how);
		fd = resolve_by_hand(at, path, &how);
		opened += fd >= 0;
		if (fd >= 0)
			close(fd);
	}
	is_int(differ, 0, what);
	ok(opened > rounds / 50, "some of them are there");
}

static void long_ones(int at)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC,
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	char path[8192] = "";

	ok(same(at, "", &how), "nothing");
	memset(path, 'n', 256);
	ok(same(at, path, &how), "a name that is too long");
	path[255] = '\0';
	ok(same(at, path, &how), "one that is not");
	memset(path, '/', 4095);
	path[4095] = '\0';
	ok(same(at, path, &how), "a path of slashes");
	path[4095] = '/';
	path[4096] = '\0';
	ok(same(at, path, &how), "one that is too long");
	path[0] = '\0';
	for (int i = 0; i < 800; i++)
		strcat(path, i % 2 ? "../" : "a/");
	ok(same(at, path, &how), "up and down");
	path[0] = '\0';
	for (int i = 0; i < 41; i++)
		strcat(path, "self/");
	ok(same(at, path, &how), "41 links");
	path[strlen(path) - 5] = '\0';
	ok(same(at, path, &how), "40 links");
}

int main(void)
{
	static const char *const of_proc[] = { "self", "exe", "cwd",    "root",    "mounts",
					       "fd",   "0",   "status", "..",      "ns",
					       "mnt",  "1",   "task",   "version", "thread-self" };
	char top[] = "/tmp/holdfast-resolve-XXXXXX", command[64];
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
	int at, proc;

	if (!mkdtemp(top))
		return 1;
	at = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (syscall(SYS_openat2, at, ".", &how, sizeof how) < 0) {
		skip("resolve", "there is no openat2(2) to stand beside");
	} else {
		make(at);
		play(at, parts, COUNT(parts), 40'000, "a tree of links");
		long_ones(at);
		proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (proc >= 0)
			play(proc, of_proc, COUNT(of_proc), 5'000, "links of /proc");
		proc = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
		play(proc,
		     (const char *const[]){ "proc", "dev", "etc", "self", "..", "passwd", "null",
					    "bin", "sh", "tmp", "shm", "stat", "sys" },
		     13, 5'000, "file systems of their own");
	}
	snprintf(command, sizeof command, "rm -rf %s", top);
	(void)!system(command); /* NOLINT(cert-env33-c): a name of our own */
	return done();
}
