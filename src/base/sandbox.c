/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/sandbox_calls.h"
#include "base/sanitizer.h"

/* Headers of Debian 12 end at ABI 2; numbers from include/uapi/linux/landlock.h of Linux 6.12. */
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#endif
#ifndef LANDLOCK_ACCESS_NET_BIND_TCP
#define LANDLOCK_ACCESS_NET_BIND_TCP (1ULL << 0)
#define LANDLOCK_ACCESS_NET_CONNECT_TCP (1ULL << 1)
#endif
#ifndef LANDLOCK_SCOPE_SIGNAL
#define LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0)
#define LANDLOCK_SCOPE_SIGNAL (1ULL << 1)
#endif

/* struct landlock_ruleset_attr as of ABI 6. */
struct ruleset {
	uint64_t fs, net, scoped;
};

#define RIGHTS_NET (LANDLOCK_ACCESS_NET_BIND_TCP | LANDLOCK_ACCESS_NET_CONNECT_TCP)
#define SCOPES (LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE_SIGNAL)
/* What each ABI added; a right that is handled and not granted is denied. */
static const struct abi {
	int since;
	size_t size; /* of the structure that this kernel knows */
	uint64_t fs, net, scoped;
} abis[] = {
	{1,  8,  (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1, 0,          0     },
	{ 2, 8,  LANDLOCK_ACCESS_FS_REFER,               0,          0     },
	{ 3, 8,  LANDLOCK_ACCESS_FS_TRUNCATE,            0,          0     },
	{ 4, 16, 0,				      RIGHTS_NET, 0     },
	{ 5, 16, LANDLOCK_ACCESS_FS_IOCTL_DEV,           0,          0     },
	{ 6, 24, 0,				      0,          SCOPES},
};

#define RIGHTS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define RIGHTS_WRITE                                                      \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE |    \
	 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |      \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | \
	 LANDLOCK_ACCESS_FS_REFER)
/* The rights that the kernel accepts for a path that is not a directory. */
#define RIGHTS_FILE \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE)

static int allow_path(int ruleset, const struct sandbox_path *path, uint64_t handled)
{
	struct landlock_path_beneath_attr rule = { .parent_fd = path->fd };
	struct stat st;

	if (fstat(path->fd, &st) < 0)
		return -errno;
	if (path->access & (SANDBOX_READ | SANDBOX_WRITE))
		rule.allowed_access |= RIGHTS_READ;
	if (path->access & SANDBOX_WRITE)
		rule.allowed_access |= RIGHTS_WRITE;
	rule.allowed_access &= handled;
	if (!S_ISDIR(st.st_mode))
		rule.allowed_access &= RIGHTS_FILE;
	if (!rule.allowed_access)
		return 0;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
		return -errno;
	return 0;
}

/* *ret is the ABI, 0 where the kernel has no Landlock or it was switched off at boot. */
static int restrict_paths(const struct sandbox_path *paths, size_t n, bool network, int *ret)
{
	own(close_fd) int fd = -1;
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset handled = {};
	size_t size = 0;

	if (abi < 1) {
		if (abi < 0 && errno != ENOSYS && errno != EOPNOTSUPP && errno != EPERM)
			return -errno;
		*ret = 0;
		return 0;
	}
	for (size_t i = 0; i < COUNT(abis) && abis[i].since <= abi; i++) {
		handled.fs |= abis[i].fs;
		handled.net |= network ? 0 : abis[i].net;
		handled.scoped |= abis[i].scoped;
		size = abis[i].size;
	}
	fd = (int)syscall(SYS_landlock_create_ruleset, &handled, size, 0);
	if (fd < 0)
		return -errno;
	for (size_t i = 0; i < n; i++) {
		int r = allow_path(fd, &paths[i], handled.fs);

		if (r < 0)
			return r;
	}
	if (syscall(SYS_landlock_restrict_self, fd, 0) < 0)
		return -errno;
	*ret = (int)abi;
	return 0;
}

/* Nobody's: no file and no other process belongs to it. */
#define READER_ID 65533

#define WATCH_FILE_MAX ((rlim_t)512 << 20)

static int read_caps(struct __user_cap_data_struct caps[static 2])
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };

	return syscall(SYS_capget, &head, caps) < 0 ? -errno : 0;
}

/* What it takes to read all files, and to look into all processes; 0: a role that may do neither. */
static unsigned reader_caps(enum sandbox_role role)
{
	if (role == SANDBOX_KEYS)
		return 1u << CAP_DAC_READ_SEARCH;
	if (role == SANDBOX_PROCESS || role == SANDBOX_WATCH)
		return (1u << CAP_DAC_READ_SEARCH) | (1u << CAP_SYS_PTRACE);
	return 0;
}

static bool has_caps(unsigned wanted)
{
	struct __user_cap_data_struct caps[2] = {};

	return wanted && geteuid() == 0 && read_caps(caps) >= 0 &&
	       (caps[0].permitted & wanted) == wanted;
}

/* From root to a user who can read everything and change nothing. */
static int become_reader(enum sandbox_role role)
{
	/* Not even a file that is open to all can be written, but for one that is appended to. */
	const rlim_t most = role == SANDBOX_WATCH ? WATCH_FILE_MAX : 0;
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2] = {
		{reader_caps(role), reader_caps(role), 0}
	};
	int death = 0;

	prctl(PR_GET_PDEATHSIG, &death, 0, 0, 0);
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || setgroups(0, NULL) < 0 ||
	    setresgid(READER_ID, READER_ID, READER_ID) < 0 ||
	    setresuid(READER_ID, READER_ID, READER_ID) < 0 || syscall(SYS_capset, &head, caps) < 0)
		return -errno;
	/* A change of user clears it (prctl(2)). */
	prctl(PR_SET_PDEATHSIG, death, 0, 0, 0);
	if (setrlimit(RLIMIT_FSIZE, &(struct rlimit){ most, most }) < 0)
		return -errno;
	return 0;
}

/* Landlock binds the calling thread alone: others would stay free. */
static bool is_threaded(void)
{
	/* unshare(2): EINVAL for CLONE_THREAD unless the caller is the only thread. */
	return !HF_TSAN && unshare(CLONE_THREAD) < 0 && errno == EINVAL;
}

int sandbox_enter(enum sandbox_role role, const struct sandbox_path *paths, size_t n_paths,
		  struct sandbox_state *ret)
{
	struct sandbox_state state = {};
	int r;

	if (is_threaded())
		return -EBUSY;
	sanitizer_leak_check();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	state.reader = has_caps(reader_caps(role));
	if (state.reader)
		r = become_reader(role);
	else
		r = restrict_paths(paths, n_paths, role == SANDBOX_NET, &state.landlock_abi);
	if (r >= 0)
		r = sandbox_filter(role, &state.seccomp);
	if (r < 0)
		return r;
	*ret = state;
	return 0;
}
