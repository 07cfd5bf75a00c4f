/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Agents that a server elsewhere drives, and the files in which results stand. */
#include "facts/linux/backup.h"

static const struct agent {
	const char *tool, *unit, *conf;
} agents[] = {
	{"bacula",    "bacula-fd",             "/etc/bacula/bacula-fd.conf" },
	{ "bareos",   "bareos-fd",             "/etc/bareos/bareos-fd.conf" },
	{ "bareos",   "bareos-fd",             "/etc/bareos/bareos-fd.d"    },
	{ "bareos",   "bareos-filedaemon",     "/etc/bareos/bareos-fd.d"    },
	{ "urbackup", "urbackupclientbackend", "/usr/local/etc/urbackup"    },
	{ "urbackup", "urbackupclientbackend", "/etc/default/urbackupclient"},
	{ "veeam",    "veeamservice",          "/etc/veeam/veeam.ini"       },
};

static int add_agents(struct collect *c, const struct units *u, backup_fn *fn, void *user)
{
	for (size_t i = 0; i < COUNT(agents); i++) {
		const char *const names[] = { agents[i].unit, NULL };
		struct backup b = backup_new(agents[i].tool, "agent");
		struct stat st;
		int r;

		if (units_enabled(u, names) != 1 || root_stat(c->root, agents[i].conf, &st) < 0)
			continue;
		b.file = str_of(agents[i].conf);
		b.credentials_mode =
			S_ISREG(st.st_mode) ? (int64_t)(st.st_mode & 07777) : FACT_UNKNOWN;
		r = fn(&b, user);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The extension's own folder has status/N.status, N counting up with its configuration. */
static int add_azure(struct collect *c, backup_fn *fn, void *user)
{
	static const char glob[] =
		"/var/lib/waagent/Microsoft.Azure.RecoveryServices.VMSnapshot*/status/*.status";
	struct backup b = backup_new("azure-backup", "result");
	struct str *paths, text;
	size_t n = 0;
	int r = collect_glob(c, glob, &paths, &n);

	b.offsite = 1;
	for (size_t i = 0; r == 1 && i < n; i++) {
		int64_t when = FACT_UNKNOWN;
		int got = collect_read(c, paths[i].ptr, &text, NULL);

		if (got == 1)
			got = backup_parse_azure(text, &when);
		if (got == -EBADMSG)
			collect_problem(c, got, paths[i].ptr, "not the status of an extension");
		else if (got < 0)
			return got;
		if (!b.file.len || when > b.last_success) {
			b.file = paths[i];
			b.last_success = when;
		}
	}
	if (r < 0 || !b.file.len)
		return MIN(r, 0);
	r = backup_judge(c, &b);
	return r < 0 ? r : fn(&b, user);
}

struct results {
	backup_fn *fn;
	void *user;
};

static int add_result(struct collect *c, const char *path, struct str text, void *user)
{
	const struct results *results = user;
	struct backup b;
	unsigned line = 0;
	int r = backup_parse_json(c->arena, text, &b, &line);

	if (r == -EBADMSG) {
		collect_problem(c, r, path, "line %u: not the result of a backup", line);
		return 0;
	}
	if (r < 0)
		return r;
	b.file = str_of(path);
	b.line = 1;
	b.repository = backup_public(c->arena, b.repository);
	r = b.repository.ptr ? backup_judge(c, &b) : -ENOMEM;
	return r < 0 ? r : results->fn(&b, results->user);
}

int backup_agents(struct collect *c, const struct units *u, backup_fn *fn, void *user)
{
	struct results results = { fn, user };
	int r = add_agents(c, u, fn, user);

	if (r == 0)
		r = add_azure(c, fn, user);
	if (r == 0)
		r = collect_dropins(c, "/var/lib/holdfast/backup", ".json", add_result, &results);
	return r;
}
