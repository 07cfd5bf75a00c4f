/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * backup_config: /etc/holdfast/backup.conf, lines as base/conf.h reads them.
 *
 *   save PATH...            exclude PATTERN...      one-file-system yes|no
 *   critical PATH...        what every drill restores, beside its sample
 *   postgresql all|NAME... [user USER] [port PORT] [socket DIR]
 *   mysql all|NAME... [defaults FILE] [socket FILE]
 *   sqlite FILE...
 *   check-parts N           drill-files N           drill-bytes SIZE
 *   owner-key KEY           base64 of a public key that the pass phrases are sealed to
 *   state DIR   cache DIR   scratch DIR   restic PROGRAM   limit-upload KIB
 *   data-disk PATH          where what is saved lies, for questions of "the same disk"
 *
 *   repository NAME URL     begins a repository; the lines below it, up to the next one, are its:
 *     password-file FILE    credentials FILE        escrow FILE
 *     append-only yes|no    immutable yes|no        media disk|cloud|tape
 *     tool restic|borg      location here|elsewhere
 */
#ifndef HF_BACKUP_CONFIG_H
#define HF_BACKUP_CONFIG_H

#include "base/arena.h"
#include "base/diag.h"

#define BACKUP_CONFIG_PATH "/etc/holdfast/backup.conf"
#define BACKUP_STATE_DIR "/var/lib/holdfast/backup"
#define BACKUP_NAME_MAX 48U

struct backup_words {
	const char **items; /* in the arena, NUL-terminated */
	size_t n, cap;
};

enum backup_tool { BACKUP_RESTIC, BACKUP_BORG };
const char *backup_tool_name(enum backup_tool t);

struct backup_repo {
	const char *name; /* a-z 0-9 - _ */
	const char *url;
	const char *password_file; /* never NULL */
	const char *credentials;   /* NULL: none */
	const char *escrow;        /* NULL: no sealed copy */
	const char *media;
	enum backup_tool tool;
	bool append_only, immutable; /* what the owner says; prove looks */
	int location;                /* 1: elsewhere, 0: here, -1: the URL tells */
	unsigned line;
};

enum backup_dump_kind { DUMP_POSTGRESQL, DUMP_MYSQL, DUMP_SQLITE };
const char *backup_dump_name(enum backup_dump_kind k);

struct backup_dump {
	enum backup_dump_kind kind;
	struct backup_words names;                   /* databases, or files of sqlite; none: all */
	const char *user, *port, *socket, *defaults; /* NULL: not given */
	unsigned line;
};

struct backup_config {
	struct arena arena; /* owned */
	struct backup_repo *repos;
	size_t n_repos, repos_cap;
	struct backup_dump *dumps;
	size_t n_dumps, dumps_cap;
	struct backup_words save, exclude, critical;
	bool one_file_system;
	unsigned check_parts, drill_files, limit_upload;
	uint64_t drill_bytes;
	const char *owner_key; /* NULL: none */
	const char *state, *cache, *scratch, *restic, *data_disk;
};

/* Errors stand in *d with file, line and column. -EINVAL, -ENOMEM. */
[[nodiscard]] int backup_config_parse(struct str text, const char *file, struct backup_config *ret,
				      struct diag *d);
/* Reads it; also -errno of open(2), with *d. */
[[nodiscard]] int backup_config_read(const char *path, struct backup_config *ret, struct diag *d);
void backup_config_release(struct backup_config *c);
const struct backup_repo *backup_config_find(const struct backup_config *c, const char *name);

bool backup_repo_name_ok(struct str s);
/* A path of this machine, as opposed to sftp:, rest:, s3: …; NULL: it is none. */
const char *backup_repo_path(const struct backup_repo *r);
/* Without user names and passwords of the URL. */
struct str backup_url_public(struct arena *a, struct str url);
/* "10k", "2g"; -EINVAL. */
[[nodiscard]] int backup_size_parse(struct str s, uint64_t *ret);

#endif
