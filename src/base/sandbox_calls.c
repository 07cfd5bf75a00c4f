/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/sandbox_calls.h"
#include "base/sanitizer.h"

/* One system call and, where `mask` is set, what (argument & mask) must be. */
struct rule {
	int call;
	uint32_t action;
	unsigned arg;
	uint64_t mask, value;
};

#define CALL(name)                                      \
	{                                               \
		SCMP_SYS(name), SCMP_ACT_ALLOW, 0, 0, 0 \
	}
#define CALL_IF(name, arg, mask, value)                          \
	{                                                        \
		SCMP_SYS(name), SCMP_ACT_ALLOW, arg, mask, value \
	}
#define FAIL(name, err)                                      \
	{                                                    \
		SCMP_SYS(name), SCMP_ACT_ERRNO(err), 0, 0, 0 \
	}
#define FAIL_IF(name, arg, mask, value, err)                          \
	{                                                             \
		SCMP_SYS(name), SCMP_ACT_ERRNO(err), arg, mask, value \
	}
#define INT UINT32_MAX /* the upper half of a register that holds an int is undefined */

static const struct rule rules_common[] = {
	/* Memory, never executable. */
	CALL(brk),
	CALL(munmap),
	CALL(mremap),
	CALL(mlock),
	CALL(munlock),
	CALL(madvise),
	CALL_IF(mmap, 2, PROT_EXEC, 0),
	CALL_IF(mprotect, 2, PROT_EXEC, 0),

	/* Threads, no processes: clone3 passes its flags by pointer, glibc then uses clone. */
	CALL_IF(clone, 0, CLONE_THREAD, CLONE_THREAD),
	FAIL(clone3, ENOSYS),
	CALL(futex),
	CALL(set_robust_list),
	CALL(rseq),
	CALL(sched_yield),
	CALL(sched_getaffinity),
	CALL_IF(prctl, 0, INT, PR_SET_NAME),
	CALL(exit),
	CALL(exit_group),

	/* Signals of its own. */
	CALL(rt_sigaction),
	CALL(rt_sigprocmask),
	CALL(rt_sigreturn),
	CALL(sigaltstack),
	CALL(restart_syscall),

	/* Time, identity, chance. qsort(3) asks sysinfo for the size of the memory. */
	CALL(clock_gettime),
	CALL(clock_getres),
	CALL(clock_nanosleep),
	CALL(nanosleep),
	CALL(gettimeofday),
	CALL(time),
	CALL(getpid),
	CALL(gettid),
	CALL(getppid),
	CALL(getuid),
	CALL(geteuid),
	CALL(getgid),
	CALL(getegid),
	CALL(getrandom),
	CALL(uname),
	CALL(sysinfo),
	CALL(getrusage),
	CALL_IF(prlimit64, 2, UINT64_MAX, 0),
	CALL(getrlimit),

	/* Descriptors that are open already. */
	CALL(read),
	CALL(readv),
	CALL(pread64),
	CALL(preadv),
	CALL(write),
	CALL(writev),
	CALL(lseek),
	CALL(memfd_create), /* what is planned is read from memory (root_over.h) */
	CALL(close),
	CALL(close_range),
	CALL(dup),
	CALL(poll),
	CALL(ppoll),
	CALL(fadvise64),
	CALL_IF(fcntl, 1, INT, F_GETFD),
	CALL_IF(fcntl, 1, INT, F_SETFD),
	CALL_IF(fcntl, 1, INT, F_GETFL),
	CALL_IF(fcntl, 1, INT, F_SETFL),
	CALL_IF(fcntl, 1, INT, F_DUPFD_CLOEXEC),
	CALL_IF(fcntl, 1, INT, F_GETLK),
	CALL_IF(fcntl, 1, INT, F_SETLK),
	CALL_IF(fcntl, 1, INT, F_SETLKW),
	CALL_IF(fcntl, 1, INT, F_OFD_GETLK),
	CALL_IF(fcntl, 1, INT, F_OFD_SETLK),
	/* stdio asks whether it writes to a terminal; TIOCSTI and all others stay out. */
	CALL_IF(ioctl, 1, INT, TCGETS),
	CALL_IF(ioctl, 1, INT, TIOCGWINSZ),

	/* Names: what they lead to is for Landlock to say. */
	CALL(openat2),
	CALL(access),
	CALL(faccessat),
	CALL(faccessat2),
	CALL(fstat),
	CALL(newfstatat),
	CALL(stat),
	CALL(lstat),
	CALL(statx),
	CALL(statfs),
	CALL(fstatfs),
	CALL(readlink),
	CALL(readlinkat),
	CALL(getdents64),
	CALL(getcwd),
};

static const struct rule rules_collect[] = {
	/* SQLite tries to write first (-shm of a WAL database) and lives with a refusal. */
	CALL_IF(openat, 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY),
	FAIL_IF(openat, 2, O_WRONLY, O_WRONLY, EACCES),
	FAIL_IF(openat, 2, O_RDWR, O_RDWR, EACCES),
	FAIL_IF(openat, 2, O_CREAT, O_CREAT, EACCES),
	FAIL_IF(openat, 2, O_TRUNC, O_TRUNC, EACCES),

	/* File capabilities. */
	CALL(getxattr),
	CALL(lgetxattr),
	CALL(fgetxattr),

	/* Netlink sockets that were opened before. */
	CALL(sendto),
	CALL(sendmsg),
	CALL(recvfrom),
	CALL(recvmsg),
	CALL(getsockname),
};

static const struct rule rules_watch[] = {
	CALL_IF(openat, 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY),
	CALL(open_by_handle_at),
	CALL(name_to_handle_at),
	CALL(inotify_add_watch),
	CALL(ftruncate),
	CALL(fdatasync),
	CALL(epoll_wait),
	CALL(epoll_pwait),
	CALL(epoll_ctl),
	/* Its own channel to the rest of the daemon. */
	CALL(sendto),
	CALL(sendmsg),
	CALL(recvfrom),
	CALL(recvmsg),
};

static const struct rule rules_evaluate[] = {
	CALL(openat),

	/* The state database with its journal; fchown: SQLite as root keeps the owner. */
	CALL(pwrite64),
	CALL(pwritev),
	CALL(ftruncate),
	CALL(fallocate),
	CALL(fsync),
	CALL(fdatasync),
	CALL(fchmod),
	CALL(fchown),
	CALL(unlink),
	CALL(unlinkat),
	CALL(rename),
	CALL(renameat),
	CALL(renameat2),
	CALL(mkdir),
	CALL(mkdirat),
};

/* What src/events/live.h says; descriptors come through the socket to the parent. */
static const struct rule rules_decode[] = {
	CALL(sendto),         CALL(sendmsg),        CALL(recvfrom),        CALL(recvmsg),
	CALL(accept4),        CALL(epoll_create1),  CALL(epoll_ctl),       CALL(epoll_wait),
	CALL(epoll_pwait),    CALL(timerfd_create), CALL(timerfd_settime), CALL(inotify_rm_watch),
	FAIL(openat, EACCES),
};

static const struct rule rules_control[] = {
	CALL(sendto),         CALL(sendmsg), CALL(recvfrom),
	CALL(recvmsg),        CALL(accept4), CALL_IF(getsockopt, 1, INT, SOL_SOCKET),
	FAIL(openat, EACCES),
};

static const struct rule rules_tell[] = {
	CALL(sendmsg),
	CALL(recvmsg),
};

static const struct rule rules_knock[] = {
	CALL(recvmmsg),
	CALL_IF(getsockopt, 1, INT, SOL_PACKET),
};

/* libcurl, GnuTLS and the resolver, beside what SANDBOX_EVALUATE may. */
static const struct rule rules_net[] = {
	CALL_IF(socket, 0, INT, AF_INET),
	CALL_IF(socket, 0, INT, AF_INET6),
	/* The resolver asks for the addresses of this machine; syslog and nscd are not there. */
	CALL_IF(socket, 0, INT, AF_NETLINK),
	FAIL_IF(socket, 0, INT, AF_UNIX, EACCES),
	/* No library is loaded any more. */
	FAIL_IF(mmap, 2, PROT_EXEC, PROT_EXEC, EPERM),
	CALL(socketpair),
	CALL(connect),
	CALL(bind),
	CALL(sendto),
	CALL(sendmsg),
	CALL(sendmmsg),
	CALL(recvfrom),
	CALL(recvmsg),
	CALL(getsockname),
	CALL(getpeername),
	CALL(getsockopt),
	CALL(setsockopt),
	CALL(shutdown),
	CALL(pipe2),
	CALL(eventfd2),
	CALL(epoll_create1),
	CALL(epoll_ctl),
	CALL(epoll_wait),
	CALL(select),
	CALL(pselect6),
	CALL_IF(ioctl, 1, INT, FIONREAD),
	CALL_IF(ioctl, 1, INT, FIONBIO),
	CALL_IF(ioctl, 1, INT, TIOCOUTQ),
};

/* What the run-time libraries of the sanitizers call beside that, in their builds alone. */
static const struct rule rules_sanitizer[] = {
	CALL(mincore), CALL(pipe), CALL(pipe2), CALL(prctl), CALL(tgkill),
};

static const struct role {
	const struct rule *rules;
	size_t n;
} roles[] = {
	[SANDBOX_COLLECT] = {rules_collect,   COUNT(rules_collect) },
	[SANDBOX_PROCESS] = { rules_collect,  COUNT(rules_collect) },
	[SANDBOX_WATCH] = { rules_watch,    COUNT(rules_watch)   },
	[SANDBOX_EVALUATE] = { rules_evaluate, COUNT(rules_evaluate)},
	[SANDBOX_DECODE] = { rules_decode,   COUNT(rules_decode)  },
	[SANDBOX_TELL] = { rules_evaluate, COUNT(rules_evaluate)},
	[SANDBOX_NET] = { rules_evaluate, COUNT(rules_evaluate)},
	[SANDBOX_KNOCK] = { rules_evaluate, COUNT(rules_evaluate)},
	[SANDBOX_KEYS] = { rules_collect,  COUNT(rules_collect) },
	[SANDBOX_CONTROL] = { rules_control,  COUNT(rules_control) },
};

static int add_rules(scmp_filter_ctx filter, const struct rule *rules, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct rule *rule = &rules[i];
		struct scmp_arg_cmp is =
			SCMP_CMP(rule->arg, SCMP_CMP_MASKED_EQ, rule->mask, rule->value);
		int r = seccomp_rule_add_array(filter, rule->action, rule->call, rule->mask != 0,
					       &is);

		if (r < 0)
			return r;
	}
	return 0;
}

/* abort(3) and what _FORTIFY_SOURCE and the stack protector end with. */
static int add_abort(scmp_filter_ctx filter)
{
	const struct rule own_abort = CALL_IF(tgkill, 0, INT, (unsigned)getpid());

	return HF_SANITIZED ? 0 : add_rules(filter, &own_abort, 1);
}

static int set_attributes(scmp_filter_ctx filter, bool log)
{
	int r = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

	if (r >= 0)
		r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (r >= 0 && log)
		r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_LOG, 1);
	return r;
}

static void filter_release(scmp_filter_ctx *filter)
{
	if (*filter)
		seccomp_release(*filter);
}

static bool has_filters(void)
{
	const uint32_t action = SECCOMP_RET_KILL_PROCESS;

	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0 ||
	       (errno != ENOSYS && errno != EINVAL && errno != EOPNOTSUPP);
}

int sandbox_filter(enum sandbox_role role, bool *ret)
{
	own(filter_release) scmp_filter_ctx filter = NULL;
	const char *mode = secure_getenv("HOLDFAST_SANDBOX");
	bool log = mode && !strcmp(mode, "log");
	int r;

	if (role >= COUNT(roles))
		return -EINVAL;
	if (!has_filters()) {
		*ret = false;
		return 0;
	}
	filter = seccomp_init(log ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_KILL_PROCESS);
	if (!filter)
		return -ENOMEM;
	r = set_attributes(filter, log);
	if (r >= 0)
		r = add_rules(filter, rules_common, COUNT(rules_common));
	if (r >= 0)
		r = add_rules(filter, roles[role].rules, roles[role].n);
	if (r >= 0 && (role == SANDBOX_TELL || role == SANDBOX_KNOCK))
		r = add_rules(filter, rules_tell, COUNT(rules_tell));
	if (r >= 0 && role == SANDBOX_KNOCK)
		r = add_rules(filter, rules_knock, COUNT(rules_knock));
	if (r >= 0 && role == SANDBOX_NET)
		r = add_rules(filter, rules_net, COUNT(rules_net));
	if (r >= 0 && HF_SANITIZED)
		r = add_rules(filter, rules_sanitizer, COUNT(rules_sanitizer));
	if (r >= 0)
		r = add_abort(filter);
	if (r >= 0)
		r = seccomp_load(filter);
	if (r < 0)
		return r;
	*ret = true;
	return 0;
}
