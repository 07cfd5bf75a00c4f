/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a sandboxed process cannot do, and what it still can; each in a child of its own. */
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/root.h"
#include "base/sandbox.h"
#include "tap.h"

static char dir[] = "/tmp/holdfast-sandbox-XXXXXX";

static const char *in_dir(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	return path;
}

/* Each returns 0 where it worked, -errno where it was refused. */
static int as_errno(long r) { return r < 0 ? -errno : 0; }

static int open_close(const char *path, int flags)
{
	own(close_fd) int fd = open(path, flags | O_CLOEXEC, 0600);

	return as_errno(fd);
}

static int do_exec(void)
{
	char *const argv[] = { (char[]){ "true" }, NULL };

	return as_errno(execve("/bin/true", argv, argv + 1));
}

static int do_execveat(void)
{
	char *const argv[] = { (char[]){ "true" }, NULL };

	return as_errno(syscall(SYS_execveat, AT_FDCWD, "/bin/true", argv, argv + 1, 0));
}

static int do_fork(void) { return as_errno(fork()); }
static int do_vfork_clone(void) { return as_errno(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)); }
static int do_clone_namespace(void)
{
	return as_errno(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
}
static int do_unshare(void) { return as_errno(unshare(CLONE_NEWUSER)); }
static int do_socket_inet(void) { return as_errno(socket(AF_INET, SOCK_STREAM, 0)); }
static int do_socket_unix(void) { return as_errno(socket(AF_UNIX, SOCK_STREAM, 0)); }
static int do_socket_netlink(void) { return as_errno(socket(AF_NETLINK, SOCK_RAW, 0)); }
static int do_ptrace(void) { return as_errno(ptrace(PTRACE_ATTACH, getppid(), 0, 0)); }
static int do_mount(void) { return as_errno(mount("none", dir, "tmpfs", 0, NULL)); }
static int do_kill(void) { return as_errno(kill(getppid(), 0)); }
static int do_setuid(void) { return as_errno(setuid(0)); }
static int do_chroot(void) { return as_errno(chroot("/")); }
static int do_bpf(void) { return as_errno(syscall(SYS_bpf, 0, NULL, 0)); }
static int do_init_module(void) { return as_errno(syscall(SYS_init_module, NULL, 0, "")); }
static int do_perf(void) { return as_errno(syscall(SYS_perf_event_open, NULL, 0, 0, 0, 0)); }
static int do_io_uring(void) { return as_errno(syscall(SYS_io_uring_setup, 1, NULL)); }
static int do_keyctl(void) { return as_errno(syscall(SYS_keyctl, 0, 0, 0, 0, 0)); }
static int do_tiocsti(void) { return as_errno(ioctl(0, TIOCSTI, "x")); }
static int do_handle(void)
{
	return as_errno(syscall(SYS_open_by_handle_at, AT_FDCWD, NULL, O_RDONLY));
}
static int do_memfd_exec(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? -errno : 0;
}
static int do_mprotect_exec(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return as_errno(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}

static int do_read_outside(void) { return open_close("/etc/passwd", O_RDONLY); }
static int do_list_outside(void) { return open_close("/etc", O_RDONLY | O_DIRECTORY); }
static int do_write_outside(void)
{
	return open_close("/tmp/holdfast-outside", O_WRONLY | O_CREAT);
}
static int do_read_inside(void) { return open_close(in_dir("file"), O_RDONLY); }
static int do_write_inside(void) { return open_close(in_dir("file"), O_WRONLY); }
static int do_create_inside(void) { return open_close(in_dir("new"), O_WRONLY | O_CREAT); }
static int do_escape(void) { return open_close(in_dir("../../etc/passwd"), O_RDONLY); }
static int do_link_out(void) { return open_close(in_dir("link"), O_RDONLY); }
static int do_unlink(void) { return as_errno(unlink(in_dir("new"))); }
static int do_openat2_write(void)
{
	uint64_t how[3] = { O_WRONLY, 0, 0 };

	return as_errno(syscall(SYS_openat2, AT_FDCWD, in_dir("file"), how, sizeof how));
}
static int do_truncate(void) { return as_errno(truncate(in_dir("file"), 0)); }

enum expect { DIES, REFUSED, WORKS };

/* Runs f in a sandboxed child; 0..: exit status, -SIGNAL: killed by it. */
static int run_child(enum sandbox_role role, unsigned access, int (*f)(void))
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		own(close_fd) int fd = open(dir, O_PATH | O_CLOEXEC);
		const struct sandbox_path paths[] = {
			{fd, access}
		};
		struct sandbox_state state;
		int r;

		if (sandbox_enter(role, paths, COUNT(paths), &state) < 0)
			_exit(200);
		r = f();
		_exit(r == 0 ? 0 : r == -EACCES || r == -EPERM ? 1 : 201);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 202;
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static const struct {
	const char *name;
	int (*run)(void);
	enum expect collect, evaluate, evaluate_writing;
} cases[] = {
	{"execve",			  do_exec,            DIES,    DIES,    DIES   },
	{ "execveat",		       do_execveat,        DIES,    DIES,    DIES   },
	{ "fork",			   do_fork,            DIES,    DIES,    DIES   },
	{ "clone a process",                do_vfork_clone,     DIES,    DIES,    DIES   },
	{ "clone a user namespace",         do_clone_namespace, DIES,    DIES,    DIES   },
	{ "unshare",			do_unshare,         DIES,    DIES,    DIES   },
	{ "socket(AF_INET)",                do_socket_inet,     DIES,    DIES,    DIES   },
	{ "socket(AF_UNIX)",                do_socket_unix,     DIES,    DIES,    DIES   },
	{ "socket(AF_NETLINK)",             do_socket_netlink,  DIES,    DIES,    DIES   },
	{ "ptrace",			 do_ptrace,          DIES,    DIES,    DIES   },
	{ "mount",			  do_mount,           DIES,    DIES,    DIES   },
	{ "kill",			   do_kill,            DIES,    DIES,    DIES   },
	{ "setuid",			 do_setuid,          DIES,    DIES,    DIES   },
	{ "chroot",			 do_chroot,          DIES,    DIES,    DIES   },
	{ "bpf",			    do_bpf,             DIES,    DIES,    DIES   },
	{ "init_module",                    do_init_module,     DIES,    DIES,    DIES   },
	{ "perf_event_open",                do_perf,            DIES,    DIES,    DIES   },
	{ "io_uring_setup",                 do_io_uring,        DIES,    DIES,    DIES   },
	{ "keyctl",			 do_keyctl,          DIES,    DIES,    DIES   },
	{ "ioctl(TIOCSTI)",                 do_tiocsti,         DIES,    DIES,    DIES   },
	{ "open_by_handle_at",              do_handle,          DIES,    DIES,    DIES   },
	{ "executable memory",              do_memfd_exec,      DIES,    DIES,    DIES   },
	{ "memory made executable",         do_mprotect_exec,   DIES,    DIES,    DIES   },
	{ "read a file outside",            do_read_outside,    REFUSED, REFUSED, REFUSED},
	{ "list a directory outside",       do_list_outside,    REFUSED, REFUSED, REFUSED},
	{ "create a file outside",          do_write_outside,   REFUSED, REFUSED, REFUSED},
	{ "read a file outside by ..",      do_escape,          REFUSED, REFUSED, REFUSED},
	{ "read a file outside by a link",  do_link_out,        REFUSED, REFUSED, REFUSED},
	{ "read a file inside",             do_read_inside,     WORKS,   WORKS,   WORKS  },
	{ "write a file inside",            do_write_inside,    REFUSED, REFUSED, WORKS  },
	{ "write a file inside by openat2", do_openat2_write,   REFUSED, REFUSED, WORKS  },
	{ "create a file inside",           do_create_inside,   REFUSED, REFUSED, WORKS  },
	{ "remove a file inside",           do_unlink,          DIES,    REFUSED, WORKS  },
	{ "truncate by name",               do_truncate,        DIES,    DIES,    DIES   },
};

static void check(const char *role, const char *name, enum expect want, int got)
{
	char text[160];
	bool good = want == DIES ? got == -SIGSYS : got == (want == REFUSED);

	snprintf(text, sizeof text, "%s: %s %s", role, name,
		 want == DIES      ? "kills"
		 : want == REFUSED ? "is refused"
				   : "works");
	if (!ok(good, text))
		printf("# got %d\n", got);
}

static void test_cases(void)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *name = cases[i].name;
		int (*run)(void) = cases[i].run;

		check("collect", name, cases[i].collect,
		      run_child(SANDBOX_COLLECT, SANDBOX_READ, run));
		check("evaluate", name, cases[i].evaluate,
		      run_child(SANDBOX_EVALUATE, SANDBOX_READ, run));
		check("evaluate with state", name, cases[i].evaluate_writing,
		      run_child(SANDBOX_EVALUATE, SANDBOX_WRITE, run));
	}
}

static void *thread_main(void *arg)
{
	unsigned char *p = malloc(1 << 20);

	if (p) {
		memset(p, 1, 1 << 20);
		*(int *)arg = p[4711];
	}
	free(p);
	return NULL;
}

static int compare_ints(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

static int do_threads(void)
{
	pthread_t threads[8];
	int values[8] = {};

	for (size_t i = 0; i < COUNT(threads); i++)
		if (pthread_create(&threads[i], NULL, thread_main, &values[i]))
			return -ENOSYS;
	for (size_t i = 0; i < COUNT(threads); i++)
		if (pthread_join(threads[i], NULL) || values[i] != 1)
			return -ENOSYS;
	return 0;
}

static int do_libc(void)
{
	own(free_ptr) int *big = calloc(1 << 20, sizeof *big);
	struct timespec t;
	struct pollfd none = { .fd = -1 };

	if (!big)
		return -ENOMEM;
	for (int i = 0; i < 1 << 20; i++)
		big[i] = (int)((unsigned)i * 7919 & 0xfffff);
	qsort(big, 1 << 20, sizeof *big, compare_ints);
	clock_gettime(CLOCK_MONOTONIC, &t);
	(void)!isatty(STDOUT_FILENO);
	return poll(&none, 1, 0) == 0 && big[77] == 77 ? 0 : -ENOSYS;
}

static int do_root(void)
{
	own(root_release) struct root root = ROOT_NONE;
	own(arena_release) struct arena a = {};
	struct dir_list list;
	struct str text;
	int r = root_open(dir, false, &root);

	if (r >= 0)
		r = root_list(&root, "/", &a, &list);
	if (r >= 0)
		r = root_read(&root, "file", 0, &a, &text, NULL);
	return r < 0 ? r : str_eq(text, STR("text\n")) ? 0 : -EBADMSG;
}

static void db_release(sqlite3 **db) { sqlite3_close(*db); }

static int sql(const char *path, int flags, const char *text)
{
	own(db_release) sqlite3 *db = NULL;
	int rc = sqlite3_open_v2(path, &db, flags, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db, text, NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		fprintf(stderr, "%s: %s\n", path, sqlite3_errmsg(db));
	return rc == SQLITE_OK ? 0 : -EIO;
}

static int do_sql_memory(void)
{
	return sql(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
		   "CREATE TABLE t(a, b); CREATE INDEX i ON t(a);"
		   "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)"
		   " INSERT INTO t SELECT i, 'x' || i FROM n; ANALYZE; SELECT count(*) FROM t;"
		   "SELECT * FROM t ORDER BY b; SELECT datetime('now'), random();");
}

static int do_sql_read(void)
{
	return sql(in_dir("db"), SQLITE_OPEN_READONLY, "SELECT count(*) FROM t");
}

static int do_sql_write(void)
{
	return sql(
		in_dir("db"), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
		"BEGIN; INSERT INTO t VALUES(2); COMMIT; BEGIN; DELETE FROM t; ROLLBACK; VACUUM");
}

static int do_abort(void) { abort(); }
static int do_exit(void) { exit(0); }

static void test_allowed(void)
{
	static const struct {
		const char *name;
		int (*run)(void);
		bool collect;
	} allowed[] = {
		{"threads",                     do_threads,    true },
		{ "malloc, qsort, clock, poll", do_libc,       true },
		{ "files under a root",         do_root,       true },
		{ "exit with its handlers",     do_exit,       true },
		{ "SQLite in memory",           do_sql_memory, true },
		{ "SQLite, a file read",        do_sql_read,   true },
		{ "SQLite, a file written",     do_sql_write,  false},
	};

	for (size_t i = 0; i < COUNT(allowed); i++) {
		if (allowed[i].collect)
			check("collect", allowed[i].name, WORKS,
			      run_child(SANDBOX_COLLECT, SANDBOX_READ, allowed[i].run));
		check("evaluate with state", allowed[i].name, WORKS,
		      run_child(SANDBOX_EVALUATE, SANDBOX_WRITE, allowed[i].run));
	}
	is_int(run_child(SANDBOX_COLLECT, SANDBOX_READ, do_abort), -SIGABRT,
	       "abort() still ends with its own signal");
}

static void test_log_mode(void)
{
	setenv("HOLDFAST_SANDBOX", "log", 1);
	is_int(run_child(SANDBOX_COLLECT, SANDBOX_READ, do_socket_inet), 1,
	       "HOLDFAST_SANDBOX=log refuses instead of killing");
	setenv("HOLDFAST_SANDBOX", "off", 1);
	is_int(run_child(SANDBOX_COLLECT, SANDBOX_READ, do_socket_inet), -SIGSYS,
	       "no other value weakens it");
	unsetenv("HOLDFAST_SANDBOX");
}

static void *enter_in_thread(void *arg)
{
	struct sandbox_state state;

	*(int *)arg = sandbox_enter(SANDBOX_COLLECT, NULL, 0, &state);
	return NULL;
}

static void test_threaded(void)
{
	pthread_t thread;
	int r = 0;

	if (pthread_create(&thread, NULL, enter_in_thread, &r) == 0)
		pthread_join(thread, NULL);
	is_int(r, -EBUSY, "a process with threads cannot enter");
}

static void prepare(void)
{
	own(close_fd) int fd = -1;

	if (!mkdtemp(dir))
		exit(2);
	fd = open(in_dir("file"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (write(fd, "text\n", 5) != 5 || symlink("/etc/passwd", in_dir("link")) < 0 ||
	    sql(in_dir("db"), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
		"CREATE TABLE t(a); INSERT INTO t VALUES(1)") < 0)
		exit(2);
}

static void clean(void)
{
	static const char *const names[] = { "file", "link", "new", "db", "db-journal" };

	for (size_t i = 0; i < COUNT(names); i++)
		unlink(in_dir(names[i]));
	rmdir(dir);
}

int main(void)
{
	prepare();
	test_cases();
	test_allowed();
	test_log_mode();
	test_threaded();
	clean();
	return done();
}
