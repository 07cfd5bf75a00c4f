/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <time.h>

#include "facts/linux/backup.h"
#include "facts/linux/repository.h"

struct backup backup_new(const char *tool, const char *kind)
{
	return (struct backup){
		.tool = str_of(tool),
		.kind = str_of(kind),
		.schedule = STR(""),
		.repository = STR(""),
		.paths = STR(""),
		.file = STR(""),
		.offsite = FACT_UNKNOWN,
		.encrypted = FACT_UNKNOWN,
		.append_only = FACT_UNKNOWN,
		.last_success = FACT_UNKNOWN,
		.last_check = FACT_UNKNOWN,
		.last_start = FACT_UNKNOWN,
		.last_drill = FACT_UNKNOWN,
		.credentials_mode = FACT_UNKNOWN,
	};
}

struct str backup_join(struct arena *a, struct str x, struct str y)
{
	if (!y.len || x.len + y.len > 1024)
		return x.ptr ? x : STR("");
	return x.len ? arena_cat(a, x, STR(" "), y) : arena_str(a, y);
}

int64_t backup_time(struct str iso)
{
	struct tm tm = {};
	char text[32];

	if (iso.len < 19)
		return FACT_UNKNOWN;
	memcpy(text, iso.ptr, 19);
	text[19] = '\0';
	text[10] = 'T';
	return strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) ? timegm(&tm) : FACT_UNKNOWN;
}

struct str backup_public(struct arena *a, struct str repository)
{
	return uri_public(a, repository);
}

static bool is_local_host(struct str host)
{
	return !host.len || str_eq(host, STR("localhost")) || str_starts(host, STR("127.")) ||
	       str_starts(host, STR("[::1]"));
}

/* "server:/export" or "//server/share" in fstab, mounted on the path or above it. */
static int64_t on_network_mount(struct collect *c, struct str path)
{
	struct str text, line;

	if (collect_read(c, "/etc/fstab", &text, NULL) != 1)
		return 0;
	while (str_line(&text, &line, NULL)) {
		struct str what = str_word(&line), where = str_word(&line), type = str_word(&line);

		if (!what.len || what.ptr[0] == '#' || where.len < 2 || !str_starts(path, where) ||
		    (path.len > where.len && path.ptr[where.len] != '/'))
			continue;
		if (str_starts(type, STR("nfs")) || str_eq(type, STR("cifs")) ||
		    str_contains(type, STR("sshfs")) || str_contains(type, STR("s3fs")) ||
		    str_eq(type, STR("smb3")) || str_eq(type, STR("ceph")) ||
		    str_contains(type, STR("davfs")))
			return 1;
	}
	return 0;
}

int64_t backup_offsite(struct collect *c, struct str repository)
{
	static const char *const remote[] = { "sftp:",  "s3:",    "b2:",     "gs:",
					      "azure:", "swift:", "rclone:", "rest:" };
	ssize_t colon = str_find(repository, ':'), slash = str_find(repository, '/');

	if (!repository.len)
		return FACT_UNKNOWN;
	if (repository.ptr[0] == '/')
		return on_network_mount(c, repository);
	if (str_starts(repository, STR("file:")) || str_starts(repository, STR("local:")))
		return 0;
	if (str_contains(repository, STR("://")))
		return !is_local_host(uri_host(repository));
	for (size_t i = 0; i < COUNT(remote); i++)
		if (str_starts(repository, str_of(remote[i])))
			return 1;
	/* user@host:path as ssh(1) and rsync(1) take it; a name of a disk has no colon. */
	if (colon > 0 && (slash < 0 || colon < slash)) {
		struct str host = str_sub(repository, 0, (size_t)colon);
		ssize_t at = str_rfind(host, '@');

		return !is_local_host(str_sub(host, (size_t)(at + 1), host.len));
	}
	/* A variable that is not known here, or a relative path. */
	return str_find(repository, '$') >= 0 ? FACT_UNKNOWN : 0;
}

/* A borg repository on this machine says itself how it is kept: its file "config". */
static int judge_borg_repository(struct collect *c, struct backup *b)
{
	struct str path, text, line;
	int r;

	if (!b->repository.len || b->repository.ptr[0] != '/')
		return 0;
	path = arena_cat(c->arena, b->repository, STR("/config"), STR(""));
	if (!path.ptr)
		return -ENOMEM;
	r = collect_read(c, path.ptr, &text, NULL);
	if (r != 1)
		return r;
	b->encrypted = b->append_only = 0;
	while (str_line(&text, &line, NULL)) {
		struct str key = str_trim(str_cut(&line, '='));

		if (str_eq(key, STR("key")))
			b->encrypted = 1;
		else if (str_eq(key, STR("append_only")))
			b->append_only = str_eq(str_trim(line), STR("1"));
	}
	return 0;
}

int backup_judge(struct collect *c, struct backup *b)
{
	static const struct {
		const char *tool;
		int64_t encrypts;
	} tools[] = {
		{"restic",        1           },
                { "rsnapshot",    0           },
                { "timeshift",    0           },
		{ "azure-backup", 1           },
                { "script",       FACT_UNKNOWN},
	};

	if (b->offsite == FACT_UNKNOWN)
		b->offsite = backup_offsite(c, b->repository);
	for (size_t i = 0; i < COUNT(tools); i++)
		if (b->encrypted == FACT_UNKNOWN && str_eq(b->tool, str_of(tools[i].tool)))
			b->encrypted = tools[i].encrypts;
	/* Root may delete what lies on its own disks. */
	if (b->append_only == FACT_UNKNOWN && b->offsite == 0)
		b->append_only = 0;
	return str_eq(b->tool, STR("borg")) ? judge_borg_repository(c, b) : 0;
}
