/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * integrity: what changes in the files that intruders change, told by fanotify(7) where it can be
 * had and inotify(7) elsewhere, and by comparing with a baseline what changed in between.
 *
 *   root:    fim_fields(names); rules_compile(…, names); fim_open(); fork …
 *   reader:  fim_confine(); fim_start(); poll(2) on fim_fd() for fim_timeout(); fim_read()
 *
 * The reader is a process of its own: reading other people's files needs CAP_DAC_READ_SEARCH, which
 * no other part of the daemon has to have. fim_confine() leaves it that, CAP_SYS_PTRACE (whose
 * program changed the file), an own user id, and no system call that creates, changes or runs
 * anything. What it learns it appends to one descriptor, the journal of the database.
 *
 * Without privileges split off (one process), leave out fim_confine(). Names of files, programs
 * and accounts are those of whoever made them: bounded, without NUL, otherwise as they are.
 */
#ifndef HF_SENSOR_INTEGRITY_H
#define HF_SENSOR_INTEGRITY_H

#include <sys/stat.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/root.h"
#include "events/decoder.h"

struct sandbox_state;

/* X(identifier, "name", severity of a change, severity of a new file, "what it is") */
#define FIM_CLASSES(X)                                                                     \
	X(ACCOUNTS, "accounts", 2, 2, "passwd, shadow, group and their like")              \
	X(KEYS, "keys", 3, 3, "keys that open accounts (authorized_keys)")                 \
	X(SUDO, "sudo", 3, 3, "who may become root (sudoers, doas, polkit)")               \
	X(SSHD, "sshd", 3, 2, "configuration and host keys of sshd")                       \
	X(PAM, "pam", 3, 3, "configuration and modules of PAM, nsswitch")                  \
	X(CRON, "cron", 3, 3, "jobs of cron and at")                                       \
	X(UNITS, "units", 2, 2, "units, timers and generators of systemd, init scripts")   \
	X(PRELOAD, "preload", 4, 4, "libraries put into every program (ld.so.preload)")    \
	X(LOADER, "loader", 3, 3, "where libraries are looked for (ld.so.conf)")           \
	X(PROFILE, "profile", 2, 2, "what shells run when they start")                     \
	X(WEB, "web", 1, 2, "files that a web server serves")                              \
	X(SUID, "suid", 4, 3, "programs that run as their owner (SUID, SGID)")             \
	X(MODULES, "modules", 3, 3, "kernel modules and parameters that are set at start") \
	X(PROGRAMS, "programs", 3, 2, "programs and libraries of the system")              \
	X(NETWORK, "network", 2, 2, "names, resolvers, packet filter, trusted CAs")        \
	X(PACKAGES, "packages", 2, 2, "sources, keys and hooks of the package manager")    \
	X(SELF, "self", 4, 3, "Holdfast's own program, configuration and rules")           \
	X(CUSTOM, "custom", 2, 2, "what the owner named without a class")                  \
	X(SCRATCH, "scratch", 0, 0, "folders where downloads land: events, no baseline")

enum fim_class {
#define X(identifier, name, changed, created, summary) FIM_##identifier,
	FIM_CLASSES(X)
#undef X
		FIM_CLASS_N
};
const char *fim_class_name(enum fim_class c);
const char *fim_class_summary(enum fim_class c);
int fim_class_find(struct str name); /* -1 */
/* Of a change, or of a new file. */
unsigned fim_class_severity(enum fim_class c, bool created);

/* What is watched: patterns with their class; see fim_config_parse(). */
struct fim_pattern {
	struct str path; /* absolute; * ? [] in a component, ** for any number of components */
	uint8_t class;
	bool ignore;     /* what matches is left alone, whatever else matches */
	int8_t severity; /* -1: that of the class */
	uint16_t base;   /* bytes before the first component with a wildcard; made when loaded */
};
struct fim_config {
	const struct fim_pattern *list; /* in the order of the file; the first match decides */
	size_t n;
	bool suid;         /* look for SUID and SGID files everywhere */
	uint64_t hash_max; /* bytes; of a larger file the first and the last MiB are hashed */
	size_t files_max;  /* most files in the baseline */
};
/* What is built in; lives as long as the program. */
extern const struct fim_config fim_config_default;
/*
 * One directive a line, # comments:
 *   watch CLASS PATTERN [SEVERITY]   ignore PATTERN   webroot PATH   suid yes|no
 *   defaults yes|no   hash-max BYTES   files-max NUMBER
 * The owner's patterns come before the built-in ones. -EINVAL (see d), -ENOMEM.
 */
[[nodiscard]] int fim_config_parse(struct str text, const char *file, struct arena *a,
				   struct fim_config *ret, struct diag *d);

enum fim_what {
	FIM_CREATED,
	FIM_CHANGED, /* other bytes, or another file under the name */
	FIM_WRITTEN, /* written, and the bytes are what they were */
	FIM_META,    /* mode, owner, time alone */
	FIM_DELETED,
	FIM_MOVED,   /* from old_path */
	FIM_ACCOUNT, /* a diff of meaning follows: text */
	FIM_KEY,
	FIM_LINE, /* a line of a configuration file */
	FIM_GAP,  /* something was not watched: an overflow, a file system, a file too large */
	FIM_WHAT_N
};
const char *fim_what_name(enum fim_what w);

/* Where the bytes come from, as far as the databases of packages say. */
enum fim_origin {
	FIM_ORIGIN_UNKNOWN,  /* of no package */
	FIM_ORIGIN_PACKAGE,  /* the very bytes that the installed package brought */
	FIM_ORIGIN_DIFFERS,  /* of a package, and other bytes */
	FIM_ORIGIN_CONFFILE, /* of a package, which lets owners change it, and other bytes */
	FIM_ORIGIN_N
};
const char *fim_origin_name(enum fim_origin o);

/* 0 where not known; texts "" likewise. */
struct fim_process {
	int64_t pid, ppid;
	int64_t uid; /* -1: not known */
	struct str user, image, command_line, parent_image, parent_command_line;
	bool manager; /* it is a package manager, or was started by one */
};

struct fim_state {
	uint32_t mode, uid, gid;
	uint64_t size, inode;
	int64_t mtime, ctime;     /* nanoseconds */
	unsigned char sha256[32]; /* of a link its text; zero where there is none */
	bool hashed, partly;      /* partly: first and last MiB */
};

struct fim_change {
	enum fim_what what;
	enum fim_class class;
	unsigned severity; /* 0 informational … 4 critical, as enum rule_level */
	int64_t time;      /* microseconds since 1970: when it was seen */
	bool offline;      /* found by comparing: it happened while nobody watched */
	enum fim_origin origin;
	struct str package;
	struct str path, old_path;
	const struct fim_state *before, *after; /* NULL where there is none */
	struct fim_process process;
	/*
	 * Of diffs of meaning: "account-added", "key-removed" …, and the sentence. subject: the
	 * account, key or line.
	 */
	const char *action;
	struct str subject, text;
	struct str account; /* whose key it is */
};

/* Called for each change, which lives during the call. An error ends the reading. */
typedef int fim_fn(void *user, const struct fim_change *c);

struct fim_options {
	const char *root;                /* NULL: "/" */
	const struct fim_config *config; /* NULL: fim_config_default; must outlive the sensor */
	/*
	 * The baseline; its journal is the same with ".journal". NULL: none, then what is there at
	 * the start is taken for good. Its folder must exist, and be root's alone.
	 */
	const char *database;
	const struct names *names; /* fixed; of events. NULL: fim_read() alone, no events */
	const char *key; /* of the baseline; NULL: database + ".key", made where there is none */
	bool no_watch;   /* compare only, with what the owner has accepted */
	bool packages;   /* compare with the digests of packages, not with the baseline */
	bool trust;      /* what is there first is good, whatever its package says of it */
	bool afresh;     /* do not compare: all that is there becomes the baseline */
	bool foreign;    /* the root is a mounted disk: nothing of this machine counts for it */
	bool fold;       /* puts the journal into the baseline first */
};

struct fim;

/* Registers every field, product, service and category that events bear. -ENOMEM, -E2BIG. */
[[nodiscard]] int fim_fields(struct names *n);

/*
 * Opens what needs privileges. Works without fanotify (see fim_status). -EINVAL with *d where
 * the database is damaged or forged: it is left as it is.
 */
[[nodiscard]] int fim_open(const struct fim_options *o, struct fim **ret, struct diag *d);
void fim_release(struct fim **f);

/* Gives up everything but reading files. After fork(2), before fim_start(). */
[[nodiscard]] int fim_confine(struct fim *f, struct sandbox_state *ret);

/*
 * Reads all that is watched and tells what differs from the baseline; where there was none, makes
 * it. progress may be NULL; it is called every few hundred files, also by fim_read() where
 * everything is compared anew, and returns an error to end it.
 */
typedef int fim_progress_fn(void *user, uint64_t files, uint64_t bytes);
[[nodiscard]] int fim_start(struct fim *f, fim_fn *fn, fim_progress_fn *progress, void *user);

/*
 * For the verb: the baseline as bytes, to be stored by who may write. After fim_start() all that
 * was found is still unaccepted.
 */
[[nodiscard]] int fim_dump(struct fim *f, struct buf *ret);
/* In the place of the file at once; its journal is gone afterwards. */
[[nodiscard]] int fim_store(const char *database, struct str bytes);
/* Number of paths that were accepted: that path and what is below it; NULL: all. */
size_t fim_accept(struct fim *f, const char *path);
/* Of the baseline in use: how often it was saved, when, and its seal as hexadecimal digits. */
void fim_identity(const struct fim *f, uint64_t *ret_number, int64_t *ret_time,
		  char ret_seal[static 65]);

/* To be polled for POLLIN; belongs to the sensor. -1: nothing is watched. */
int fim_fd(const struct fim *f);
/* Milliseconds until fim_read() is to be called in any case; -1: none. */
int fim_timeout(const struct fim *f);
/* What waits, at most `most` notices of the kernel. Their number, or what fn returned below 0. */
[[nodiscard]] ssize_t fim_read(struct fim *f, size_t most, fim_fn *fn, void *user);

/*
 * The change as an event: category file_event (new), file_change or file_delete with Sigma's
 * fields and, of service integrity, Holdfast's own (docs/integrity.md). Lives until the next call.
 */
[[nodiscard]] int fim_event(struct fim *f, const struct fim_change *c, struct event *ret);

struct fim_status {
	const char *how; /* "fanotify", "inotify", "none" */
	int error;       /* why it is not fanotify; 0 */
	uint64_t files;  /* in the baseline */
	uint64_t notices, changes;
	uint64_t overflows;  /* of the kernel's queue; each led to a comparison of everything */
	uint64_t unresolved; /* notices from folders that were gone before they could be named */
	uint64_t pending;    /* changes that wait for a package manager to end */
	uint64_t journal_errors;
	bool full; /* files_max was reached: not everything is in the baseline */
	/*
	 * Somebody has stored another baseline (the owner has accepted changes): the sensor is to be
	 * opened anew, or what it learns from now on is told once more at the next start.
	 */
	bool replaced;
};
void fim_status(const struct fim *f, struct fim_status *ret);

#endif
