/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A root made for the test, beside a file outside that nothing may reach. */
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "base/root.h"
#include "base/subprocess.h"
#include "fault.h"

static char top[] = "/tmp/holdfast-root-XXXXXX";
static struct root root = ROOT_NONE;
static struct arena arena;

static const char *host(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/root%s", top, name);
	return path;
}

static void put(const char *path, struct str text)
{
	own(close_fd) int fd = open(host(path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, text.ptr, text.len) != (ssize_t)text.len)
		exit(2);
}

static void must(int r)
{
	if (r < 0)
		exit(2);
}

static void prepare(void)
{
	static const char *const directories[] = { "",     "/etc",     "/etc/conf.d",
						   "/usr", "/usr/lib", "/proc" };

	if (!mkdtemp(top))
		exit(2);
	for (size_t i = 0; i < COUNT(directories); i++)
		must(mkdir(host(directories[i]), 0755));
	put("/etc/passwd", STR("inside\n"));
	put("/../outside", STR("outside\n"));
	put("/usr/lib/os-release", STR("ID=test\n"));
	put("/etc/conf.d/10-a.conf", STR("a"));
	put("/etc/conf.d/20-b.conf", STR("b"));
	put("/etc/conf.d/.hidden.conf", STR("h"));
	put("/etc/conf.d/readme", STR("r"));
	put("/etc/empty", STR(""));
	must(symlink("/etc/passwd", host("/absolute")));
	must(symlink("../../../../../../outside", host("/escape")));
	must(symlink("../outside", host("/etc/climb")));
	must(symlink("../usr/lib/os-release", host("/etc/os-release")));
	must(symlink("/etc", host("/usr/etc")));
	must(symlink("loop-b", host("/loop-a")));
	must(symlink("loop-a", host("/loop-b")));
	must(symlink("nowhere", host("/dangling")));
	must(symlink("/proc/self/exe", host("/magic")));
	must(symlink(".", host("/self")));
	must(mkfifo(host("/etc/fifo"), 0644));
	must(root_open(host(""), false, &root));
}

static void is_read(const char *path, struct str want, const char *name)
{
	struct str text = {};
	int r = root_read(&root, path, 0, &arena, &text, NULL);

	if (r < 0)
		is_int(r, 0, name);
	else
		is_str(text, want, name);
}

static void not_read(const char *path, size_t max, int want, const char *name)
{
	struct str text = STR("untouched");
	struct stat st = { .st_size = -7 };

	is_int(root_read(&root, path, max, &arena, &text, &st), want, name);
	if (!str_eq(text, STR("untouched")) || st.st_size != -7)
		ok(false, "outputs are untouched on failure");
}

static void test_inside(void)
{
	is_read("/etc/passwd", STR("inside\n"), "a file");
	is_read("etc/passwd", STR("inside\n"), "without the first slash");
	is_read("//etc/./conf.d//../passwd", STR("inside\n"), "with needless parts");
	is_read("/absolute", STR("inside\n"), "an absolute link stays inside");
	is_read("/usr/etc/passwd", STR("inside\n"), "a link to a directory");
	is_read("/../../../etc/passwd", STR("inside\n"), "\"..\" ends at the root");
	is_read("/etc/empty", STR(""), "an empty file");
	not_read("/escape", 0, -ENOENT, "a link with many \"..\" stays inside");
	not_read("/etc/climb", 0, -ENOENT, "one \"..\" too many, too");
	not_read("/../outside", 0, -ENOENT, "and so does a path");
	not_read("/loop-a", 0, -ELOOP, "a loop of links");
	not_read("/dangling", 0, -ENOENT, "a link to nothing");
	not_read("/etc/passwd/", 0, -ENOTDIR, "a file as a directory");
	not_read("/etc/passwd/x", 0, -ENOTDIR, "a path through a file");
}

static void test_not_regular(void)
{
	struct stat st;

	not_read("/etc", 0, -EINVAL, "a directory as a file");
	not_read("/", 0, -EINVAL, "the root as a file");
	not_read("", 0, -EINVAL, "an empty path is the root");
	not_read("/etc/fifo", 0, -EINVAL, "a FIFO does not hang");
	ok(root_stat(&root, "/etc/fifo", &st) == 0 && S_ISFIFO(st.st_mode), "but can be looked at");
	if (mknod(host("/etc/device"), S_IFCHR | 0600, makedev(1, 5)) < 0)
		skip("a device", "cannot make one");
	else
		not_read("/etc/device", 0, -EINVAL, "a device is not opened");
}

static void test_size(void)
{
	static char big[300001];
	static const size_t sizes[] = { 1, 8190, 8191, 8192, 8193, 16384, 65536, 300000 };
	struct str text;
	struct stat st;
	bool good = true;

	memset(big, 'x', sizeof big - 1);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		put("/etc/big", (struct str){ big, sizes[i] });
		good = good && root_read(&root, "/etc/big", 0, &arena, &text, &st) == 0 &&
		       text.len == sizes[i] && text.ptr[text.len] == '\0' &&
		       !memcmp(text.ptr, big, text.len) && st.st_size == (off_t)text.len;
	}
	ok(good, "files of all sizes end with NUL");
	not_read("/etc/big", 299999, -EFBIG, "one byte over the limit");
	ok(root_read(&root, "/etc/big", 300000, &arena, &text, NULL) == 0, "exactly the limit");
	put("/etc/big", (struct str){ big, 100 });
	not_read("/etc/big", 99, -EFBIG, "a small file over a small limit");
	must(truncate(host("/etc/big"), (off_t)1 << 40));
	not_read("/etc/big", 0, -EFBIG, "a hole of a terabyte");
	must(unlink(host("/etc/big")));
}

/* Pseudo files say that they have no length. */
static void test_pseudo(void)
{
	own(root_release) struct root live = ROOT_NONE;
	struct str text;
	struct stat st;

	if (root_open("/", true, &live) < 0 || root_stat(&live, "/proc/self/status", &st) < 0) {
		skip("pseudo files", "no /proc");
		return;
	}
	ok(root_read(&live, "/proc/self/status", 0, &arena, &text, NULL) == 0 && text.len > 100,
	   "a file of /proc");
	ok(root_read(&live, "/proc/self/smaps", 0, &arena, &text, NULL) == 0 && text.len > 8192,
	   "a long file of /proc");
	is_int(root_read(&live, "/proc/self/smaps", 9000, &arena, &text, NULL), -EFBIG,
	       "a long file of /proc over the limit");
	is_int(root_read(&live, "/proc/self/exe", 0, &arena, &text, NULL), -ELOOP,
	       "magic links are not followed");
	ok(root_readlink(&live, "/proc/self/exe", &arena, &text) == 0 && text.ptr[0] == '/',
	   "but can be read");
}

static void grow(const char *path)
{
	own(close_fd) int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	for (unsigned i = 0;; i++) {
		char line[16];
		int n = snprintf(line, sizeof line, "%u\n", i);

		if (write(fd, line, (size_t)n) < 0)
			_exit(1);
	}
}

/* Whether text is the start of "0\n1\n2\n..." */
static bool is_counting(struct str text)
{
	struct str line;

	for (unsigned i = 0; str_line(&text, &line, NULL); i++) {
		char want[16];

		snprintf(want, sizeof want, "%u", i);
		if (!str_eq(line, str_of(want)) && (text.len || !str_starts(str_of(want), line)))
			return false;
	}
	return true;
}

static void test_growing(void)
{
	bool good = true;
	size_t last = 0;
	pid_t pid;

	put("/etc/growing", STR(""));
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		grow(host("/etc/growing"));
	for (int i = 0; i < 300 && last < 1000000 && good; i++) {
		own(arena_release) struct arena a = {};
		struct str text = {};
		int r = root_read(&root, "/etc/growing", 2000000, &a, &text, NULL);

		good = r == -EFBIG || (r == 0 && text.len >= last && is_counting(text));
		last = text.len;
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ok(good, "a file that grows is read up to some point, without gaps");
	must(unlink(host("/etc/growing")));
}

static void test_links(void)
{
	static const struct {
		const char *path, *real;
		int error;
	} rows[] = {
		{"/",			  "/",                   0       },
		{ "",			  "/",                   0       },
		{ "/etc/passwd",               "/etc/passwd",         0       },
		{ "etc//conf.d/../passwd",     "/etc/passwd",         0       },
		{ "/../..",                    "/",                   0       },
		{ "/absolute",                 "/etc/passwd",         0       },
		{ "/usr/etc/passwd",           "/etc/passwd",         0       },
		{ "/usr/etc/..",               "/",                   0       },
		{ "/usr/etc/../usr/lib",       "/usr/lib",            0       },
		{ "/etc/os-release",           "/usr/lib/os-release", 0       },
		{ "/self/self/etc/os-release", "/usr/lib/os-release", 0       },
		{ "/usr/etc/",                 "/etc",                0       },
		{ "/escape",                   NULL,                  -ENOENT },
		{ "/dangling",                 NULL,                  -ENOENT },
		{ "/loop-a",                   NULL,                  -ELOOP  },
		{ "/absolute/",                NULL,                  -ENOTDIR},
		{ "/absolute/..",              NULL,                  -ENOTDIR},
		{ "/etc/passwd/..",            NULL,                  -ENOTDIR},
		{ "/nowhere/..",               NULL,                  -ENOENT },
	};
	struct str s = STR("untouched");
	struct stat st;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str real = {};
		int r = root_realpath(&root, rows[i].path, &arena, &real);

		is_int(r, rows[i].error, rows[i].path);
		if (r == 0)
			is_str(real, str_of(rows[i].real), "is named");
	}
	ok(root_readlink(&root, "/absolute", &arena, &s) == 0 && str_eq(s, STR("/etc/passwd")),
	   "root_readlink");
	is_int(root_readlink(&root, "/etc/passwd", &arena, &s), -EINVAL, "not a link");
	ok(root_lstat(&root, "/loop-a", &st) == 0 && S_ISLNK(st.st_mode), "root_lstat of a loop");
	is_int(root_stat(&root, "/loop-a", &st), -ELOOP, "root_stat of a loop");
}

static void test_list(void)
{
	struct dir_list list = {};

	is_int(root_list(&root, "/etc/conf.d", &arena, &list), 0, "root_list");
	if (is_int((int64_t)list.n, 4, "all names without . and .."))
		ok(!strcmp(list.entries[0].name, ".hidden.conf") &&
			   !strcmp(list.entries[1].name, "10-a.conf") &&
			   !strcmp(list.entries[3].name, "readme"),
		   "sorted");
	is_int(root_list(&root, "/etc/passwd", &arena, &list), -ENOTDIR, "a file");
	is_int(root_list(&root, "/etc/fifo", &arena, &list), -ENOTDIR, "a FIFO");
	is_int(root_list(&root, "/nowhere", &arena, &list), -ENOENT, "nothing");
	is_int((int64_t)list.n, 4, "the output is untouched on failure");
	is_int(root_list(&root, "/proc", &arena, &list), 0, "an empty directory");
	is_int((int64_t)list.n, 0, "has no entries");
}

static void is_glob(const char *pattern, const char *want)
{
	own(buf_release) struct buf got = BUF(1 << 20);
	struct str *paths = NULL;
	size_t n = 0;
	int r = root_glob(&root, pattern, &arena, &paths, &n);

	for (size_t i = 0; i < n; i++) {
		buf_str(&got, paths[i]);
		buf_putc(&got, ' ');
	}
	is_int(r, 0, pattern);
	is_str(buf_view(&got), str_of(want), "matches");
}

static void test_glob(void)
{
	struct str *paths;
	size_t n;

	is_glob("/etc/conf.d/*.conf", "/etc/conf.d/10-a.conf /etc/conf.d/20-b.conf ");
	is_glob("etc/*/[12]0-?.conf", "etc/conf.d/10-a.conf etc/conf.d/20-b.conf ");
	is_glob("/etc/conf.d/.*.conf", "/etc/conf.d/.hidden.conf ");
	is_glob("/*/passwd", "/etc/passwd ");
	is_glob("/usr/*/passwd", "/usr/etc/passwd ");
	is_glob("/etc/passwd", "/etc/passwd ");
	is_glob("/etc//passwd", "/etc/passwd ");
	is_glob("/etc/nothing", "");
	is_glob("/etc/nothing/*", "");
	is_glob("/etc/passwd/*", "");
	is_glob("/dang*", "/dangling ");
	is_glob("/loop-a/*", "");
	is_glob("/etc/pass\\wd", "/etc/passwd ");
	is_glob("/../../etc/pass*", "/../../etc/passwd ");
	is_int(root_glob(&root, "", &arena, &paths, &n), -EINVAL, "an empty pattern");
	must(symlink(".", host("/self-b")));
	must(symlink(".", host("/self-c")));
	{
		own(arena_release) struct arena a = {};

		is_int(root_glob(&root,
				 "/self*/self*/self*/self*/self*/self*/self*/self*/self*/"
				 "self*/self*/self*/nothing*",
				 &a, &paths, &n),
		       -E2BIG, "3^12 directories to look into");
	}
	must(unlink(host("/self-b")));
	must(unlink(host("/self-c")));
}

/* A root that is not readable for everybody, seen without privileges. */
static void test_unreadable(void)
{
	int status = -1;
	pid_t pid;

	must(mkdir(host("/secret"), 0700));
	put("/secret/key.conf", STR("k"));
	must(chmod(host("/.."), 0755));
	if (geteuid() == 0)
		must(chown(host("/secret"), 1, 1));
	else
		must(chmod(host("/secret"), 0));
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		struct str *paths, text;
		size_t n;

		if (geteuid() == 0 && setresuid(65534, 65534, 65534) < 0)
			_exit(1);
		if (root_glob(&root, "/secret/*.conf", &arena, &paths, &n) < 0 || n != 1 ||
		    !str_eq(paths[0], STR("/secret/*.conf")))
			_exit(2);
		if (root_read(&root, paths[0].ptr, 0, &arena, &text, NULL) != -EACCES)
			_exit(3);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	is_int(status, 0, "what cannot be listed stays a pattern, and reading it says why");
	must(chmod(host("/secret"), 0700));
	must(unlink(host("/secret/key.conf")));
	must(rmdir(host("/secret")));
}

/* 77: cannot mount; otherwise the number of the expectation that failed. */
static int in_mount_namespace(void)
{
	own(root_release) struct root live = ROOT_NONE, foreign = ROOT_NONE;
	struct dir_list list;
	struct str text, *paths;
	size_t n;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", host("/proc"), "tmpfs", 0, NULL) < 0)
		return 77;
	put("/proc/file", STR("mounted"));
	must(symlink("/proc/file", host("/proc-link")));
	if (root_open(host(""), false, &foreign) < 0 ||
	    root_read(&foreign, "/proc/file", 0, &arena, &text, NULL) != -EXDEV)
		return 1;
	if (root_read(&foreign, "/proc-link", 0, &arena, &text, NULL) != -EXDEV)
		return 2;
	if (root_list(&foreign, "/proc", &arena, &list) != -EXDEV)
		return 3;
	if (root_realpath(&foreign, "/proc-link", &arena, &text) != -EXDEV)
		return 4;
	if (root_glob(&foreign, "/proc/*", &arena, &paths, &n) < 0 || n != 1 ||
	    !str_eq(paths[0], STR("/proc/*")))
		return 5;
	if (root_read(&foreign, "/proc/../etc/passwd", 0, &arena, &text, NULL) != -EXDEV)
		return 6;
	if (root_open(host(""), true, &live) < 0 ||
	    root_read(&live, "/proc-link", 0, &arena, &text, NULL) < 0 ||
	    !str_eq(text, STR("mounted")))
		return 7;
	return 0;
}

static void test_mount(void)
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(in_mount_namespace());
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip("another file system inside", "cannot mount");
	else
		is_int(status, 0, "another file system is entered on the running machine only");
	unlink(host("/proc-link"));
}

static void test_open(void)
{
	struct root r = ROOT_NONE;

	is_int(root_open(host("/nowhere"), false, &r), -ENOENT, "a root that is not there");
	is_int(root_open(host("/etc/passwd"), false, &r), -ENOTDIR, "a root that is a file");
	ok(r.fd == -1 && r.path == NULL, "the output is untouched on failure");
	root_release(&r);
	r = (struct root){};
	root_release(&r);
	ok(r.fd == -1, "releasing a zeroed root");
}

static int read_all(void *arg)
{
	own(arena_release) struct arena a = {};
	struct dir_list list;
	struct str text, *paths;
	size_t n;
	int r = root_read(&root, "/etc/passwd", 0, &a, &text, NULL);

	(void)arg;
	if (r >= 0)
		r = root_read(&root, "/etc/large", 0, &a, &text, NULL);
	if (r >= 0)
		r = root_list(&root, "/etc", &a, &list);
	if (r >= 0)
		r = root_glob(&root, "/e*/*.d/*", &a, &paths, &n);
	if (r >= 0)
		r = root_realpath(&root, "/usr/etc/os-release", &a, &text);
	if (r >= 0)
		r = root_readlink(&root, "/absolute", &a, &text);
	return r;
}

static void test_faults(void)
{
	static char large[20000];

	memset(large, 'l', sizeof large);
	put("/etc/large", (struct str){ large, sizeof large });
	fault_walk(read_all, NULL, "each allocation fails once");
}

static void clean(void)
{
	own(buf_release) struct buf out = BUF(1 << 16);
	const char *const argv[] = { "rm", "-rf", "--one-file-system", top, NULL };
	int status;

	if (subprocess_run(argv, 60000, &out, &status) < 0)
		printf("# %s stays\n", top);
}

int main(void)
{
	prepare();
	test_open();
	test_inside();
	test_not_regular();
	test_size();
	test_pseudo();
	test_growing();
	test_links();
	test_list();
	test_glob();
	test_unreadable();
	test_mount();
	test_faults();
	clean();
	arena_release(&arena);
	root_release(&root);
	return done();
}
