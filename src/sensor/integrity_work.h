/* SPDX-License-Identifier: GPL-3.0-or-later */
/* integrity_work: the parts of the sensor, for its own files. */
#ifndef HF_SENSOR_INTEGRITY_WORK_H
#define HF_SENSOR_INTEGRITY_WORK_H

#include <openssl/evp.h>

#include "sensor/integrity_config.h"
#include "sensor/integrity_items.h"
#include "sensor/integrity_package.h"

#define FIM_DEPTH_MAX 400 /* a descriptor each */
/* Its record says that the first look at everything came to its end. */
#define FIM_COMPLETE STR("/")
#define FIM_ALIASES_MAX 2000

/* What a notice says beside the path; bits. */
enum fim_hint {
	FIM_HINT_CREATED = 1,
	FIM_HINT_WRITTEN = 2,
	FIM_HINT_META = 4,
	FIM_HINT_DELETED = 8,
	FIM_HINT_MOVED_HERE = 16,
	FIM_HINT_MOVED_AWAY = 32,
};

/* One file, looked at. */
struct fim_look {
	bool present;
	struct fim_state state;
	struct str items; /* in the arena */
	bool unreadable;
	bool later; /* too much was hashed of late: it must wait */
};

/* Texts of a process, kept for a while: one that wrote a file may be gone at once. */
struct fim_seen {
	struct fim_process process;
	int64_t pid, when; /* monotonic, milliseconds */
	char text[2048];
};
#define FIM_SEEN_MAX 64

/* A change that waits for the package manager to end. */
struct fim_waiting {
	struct fim_waiting *next;
	int64_t since;
	unsigned hints;
	struct fim_process process;
	char *path, *text; /* owned */
};

struct fim_account {
	struct str path, name;
};

struct fim_watch;

/* Sigma's names, then Holdfast's own. */
#define FIM_FIELDS(X)                               \
	X(TARGET, "TargetFilename")                 \
	X(SOURCE, "SourceFilename")                 \
	X(IMAGE, "Image")                           \
	X(COMMAND_LINE, "CommandLine")              \
	X(USER, "User")                             \
	X(PROCESS_ID, "ProcessId")                  \
	X(PARENT_IMAGE, "ParentImage")              \
	X(PARENT_COMMAND_LINE, "ParentCommandLine") \
	X(PARENT_PROCESS_ID, "ParentProcessId")     \
	X(HASHES, "Hashes")                         \
	X(ACTION, "action")                         \
	X(CLASS, "class")                           \
	X(SUBJECT, "subject")                       \
	X(ACCOUNT, "target_user")                   \
	X(MESSAGE, "message")                       \
	X(SEVERITY, "severity")                     \
	X(ORIGIN, "origin")                         \
	X(PACKAGE, "package")                       \
	X(OFFLINE, "offline")                       \
	X(MANAGER, "package_manager")               \
	X(MODE, "mode")                             \
	X(OWNER, "owner")                           \
	X(GROUP, "group_id")                        \
	X(SIZE, "size")                             \
	X(SUID, "suid")                             \
	X(UID, "uid")                               \
	X(KEY_FINGERPRINT, "key_fingerprint")

enum fim_field {
#define X(identifier, name) FIM_FIELD_##identifier,
	FIM_FIELDS(X)
#undef X
		FIM_FIELD_N
};

struct fim_ids {
	uint16_t product, service, created, changed, deleted;
	uint16_t fields[FIM_FIELD_N];
};

struct fim {
	struct root root, proc;
	char *top; /* real path of the root, "" for "/": in front of what the kernel says */
	const struct fim_config *config;
	struct fim_patterns patterns;
	size_t aliases;
	struct fim_table table;
	struct fim_base base;
	char *database; /* NULL: none */
	bool started, had_base, no_watch;
	bool packages_only, judge_first;
	struct fim_unwatched {
		const char *path;
		int error;
	} unwatched[32]; /* file systems, to be told at the start */
	size_t n_unwatched;
	EVP_MD *sha256, *sha1, *md5;
	EVP_MD_CTX *digest;
	struct arena arena; /* of one notice */
	struct arena keep;  /* of the sensor */
	struct fim_account *key_files;
	size_t n_key_files, cap_key_files;
	struct fim_packages packages;
	struct fim_watch *watch; /* NULL: nothing is watched */
	struct fim_seen *seen;
	struct fim_waiting *waiting, **last_waiting;
	/*
	 * Bytes that may be hashed now. Who writes a large file again and again must not keep the
	 * processor busy.
	 */
	uint64_t budget;
	int64_t budget_time;
	bool settling, unrecorded;
	int64_t asked; /* when the package manager's lock was looked at last */
	uint32_t round;
	uint64_t bytes, looked_at;
	bool offline; /* what is found now happened while nobody watched */
	fim_fn *fn;
	fim_progress_fn *progress;
	void *progress_user;
	void *user;
	struct fim_status status;
	const struct names *names;
	struct fim_ids ids;
	struct event_value values[FIM_FIELD_N];
	char numbers[FIM_FIELD_N][24], hashes[80];
};

int64_t fim_clock(void); /* monotonic milliseconds */
void fim_waiting_free(struct fim_waiting *w);

/* integrity_look.c: dir is a descriptor, name one component below. -ENOMEM. */
[[nodiscard]] int fim_look(struct fim *f, int dir, const char *name, enum fim_class class,
			   struct str path, const struct fim_record *known, bool hash,
			   struct fim_look *ret);
/* The same by path. */
[[nodiscard]] int fim_look_path(struct fim *f, struct str path, enum fim_class class,
				const struct fim_record *known, bool hash, struct fim_look *ret);
/* Digest of the file by another algorithm; false: it cannot be read. */
bool fim_digest_path(struct fim *f, struct str path, EVP_MD *md,
		     unsigned char ret[static EVP_MAX_MD_SIZE], unsigned *ret_n);

/* integrity_visit.c: a path that may have changed. process: NULL where not known. */
struct fim_visit {
	struct str path, old_path;
	unsigned hints;
	const struct fim_process *process;
	int dir; /* -1: by path */
	const char *name;
	bool settled; /* do not wait for the package manager any more */
};
[[nodiscard]] int fim_visit(struct fim *f, const struct fim_visit *v);
[[nodiscard]] int fim_gap(struct fim *f, const char *action, struct str path, const char *text);
/* integrity_wait.c */
#define FIM_WAITING_MAX 200'000
bool fim_must_wait(struct fim *f, const struct fim_visit *v);
[[nodiscard]] int fim_hold_back(struct fim *f, const struct fim_visit *v);
/* Looks again at what waited, once the package manager has ended. */
[[nodiscard]] int fim_settle(struct fim *f);

/* integrity_walk.c: everything that is watched. */
[[nodiscard]] int fim_walk(struct fim *f);
/* What is below one folder, which is new under this name. */
[[nodiscard]] int fim_walk_folder(struct fim *f, struct str path);
/* Of a link that is new: what it leads to is watched, too, and looked at. */
[[nodiscard]] int fim_follow(struct fim *f, struct str path, enum fim_class class);
/* Told of each folder of interest: the fallback watches it, fanotify learns its handle. */
int fim_watch_folder(struct fim *f, int dir, struct str path);

/* integrity_keys.c: files of keys by sshd's configuration and passwd. -ENOMEM. */
[[nodiscard]] int fim_keys_find(struct fim *f);
struct str fim_key_account(const struct fim *f, struct str path);

/* integrity_process.c */
const struct fim_process *fim_process_find(struct fim *f, int64_t pid);
bool fim_manager_runs(struct fim *f);

/* integrity_fanotify.c, integrity_inotify.c */
struct fim_watch {
	const char *how;
	int fd;
	ssize_t (*read)(struct fim *f, size_t most);
	int (*folder)(struct fim *f, int dir, struct str path);
	void (*forget)(struct fim *f); /* names of folders have changed */
	void (*release)(struct fim_watch *w);
};
[[nodiscard]] int fim_fanotify_open(struct fim *f);
[[nodiscard]] int fim_inotify_open(struct fim *f);

/* integrity_mounts.c */
struct fim_mount {
	const char *path; /* below the root of the sensor */
	uint64_t device;
	bool nosuid, whole; /* whole: the top of the file system, no part that is bound there */
};
/* File systems whose files may matter, each once; memory of f->keep. -ENOMEM. */
[[nodiscard]] int fim_mounts_read(struct fim *f, struct fim_mount **ret, size_t *ret_n);

/* A file system without notices; told once the reading begins. */
[[nodiscard]] int fim_unwatched(struct fim *f, const char *path, int error);

/* integrity_event.c */
void fim_ids_find(struct fim *f);

#endif
