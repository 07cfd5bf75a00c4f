/* SPDX-License-Identifier: GPL-3.0-or-later */
/* secrets: Secrets in shell histories and well-known files. Never the secret itself. */
#include "facts/fact.h"
#include "facts/linux/passwd_file.h"
#include "secrets/scan.h"

#define FACT_ROW secrets_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, username, "account, ''") \
	X(TEXT, kind, "what it is: password-argument, basic-auth-url, connection-string, export, sql-password, stored-password, docker-auth, private-key, jwt, webhook, or whose token it is: aws-key, github-token …") \
	X(TEXT, masked, "first and last two characters; **** for what is shorter than eight") \
	X(TEXT, file, "file") \
	X(INT, line, "line, from 1")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "secrets",
	.doc = "Secrets in shell histories and well-known files. Never the secret itself.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

/* Room in the table is for many files, not for one. */
#define FILE_MAX ((uint64_t)4 << 30)
#define SECRETS_OF_ONE 2'000

struct work {
	struct collect *c;
	struct secrets_row row;
	unsigned told;
	int error;
};

static int emit(void *user, const struct secret_finding *f)
{
	struct work *w = user;

	if (++w->told > SECRETS_OF_ONE) {
		collect_problem(w->c, E2BIG, w->row.file.ptr, "more than %d secrets",
				SECRETS_OF_ONE);
		return w->error = -E2BIG;
	}
	w->row.kind = str_of(f->kind);
	w->row.masked = str_of(f->mask.text);
	w->row.line = (int64_t)f->line;
	return w->error = collect_row(w->c, &w->row);
}

static int read_file(struct collect *c, const struct secrets *secrets, const char *path,
		     struct str username)
{
	own(close_fd) int fd = -1;
	struct work w = {
		.c = c, .row = {.username = username, .file = str_of(path)}
	};
	struct secret_scan scan = {
		.secrets = secrets,
		.file = secret_file_of(str_of(path)),
		.path = str_of(path),
		.fn = emit,
		.user = &w,
	};
	struct stat st;
	int r = root_open_file(c->root, path, &st, &fd);

	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	/* A history that is a link to /dev/null is told by home_files. */
	if (r == -EINVAL && root_stat(c->root, path, &st) >= 0 && S_ISCHR(st.st_mode))
		return 0;
	if (r >= 0 && (uint64_t)st.st_size > FILE_MAX)
		r = -EFBIG;
	if (r >= 0)
		r = secrets_scan(&scan, fd);
	if (r == -ENOMEM || r == -ENOSPC || r == -EPIPE || (r < 0 && r == w.error))
		return r == -E2BIG ? 0 : r;
	if (r < 0)
		collect_problem(c, r, path, "%s",
				r == -EINVAL ? "not a regular file" : strerror(-r));
	return 0;
}

static const char *const home_sources[] = {
	".bash_history",
	".zsh_history",
	".zhistory",
	".histfile",
	".sh_history",
	".ash_history",
	".history",
	".local/share/fish/fish_history",
	".mysql_history",
	".mariadb_history",
	".psql_history",
	".sqlite_history",
	".python_history",
	".node_repl_history",
	".rediscli_history",
	".lesshst",
	".netrc",
	".pgpass",
	".my.cnf",
	".git-credentials",
	".config/git/credentials",
	".aws/credentials",
	".azure/accessTokens.json",
	".azure/service_principal_entries.json",
	".azure/msal_token_cache.json",
	".config/gcloud/application_default_credentials.json",
	".docker/config.json",
	".kube/config",
	".npmrc",
	".pypirc",
	".s3cfg",
	".config/gh/hosts.yml",
	".config/rclone/rclone.conf",
	".cargo/credentials.toml",
	".terraform.d/credentials.tfrc.json",
	".vault-token",
	".m2/settings.xml",
	".env",
	".ssh/environment",
};

static const char *const system_sources[] = {
	"/etc/environment",
	"/var/lib/cloud/instance/user-data.txt",
	"/etc/mysql/debian.cnf",
	"/etc/crontab",
	"/etc/cron.d/*",
	"/var/spool/cron/crontabs/*",
	"/etc/systemd/system/*.service",
	"/etc/systemd/system/*.d/*.conf",
	"/var/www/.env*",
	"/var/www/*/.env*",
	"/var/www/*/*/.env*",
	"/var/www/*/wp-config.php",
	"/var/www/*/*/wp-config.php",
	"/srv/.env*",
	"/srv/*/.env*",
	"/srv/*/*/.env*",
	"/opt/.env*",
	"/opt/*/.env*",
	"/home/*/*/.env*",
	"/root/*/.env*",
};

static int read_system(struct collect *c, const struct secrets *secrets, const char *source)
{
	struct str *paths = NULL;
	size_t n = 0;
	int r;

	if (!strchr(source, '*'))
		return read_file(c, secrets, source, STR(""));
	r = collect_glob(c, source, &paths, &n);
	for (size_t i = 0; r >= 0 && i < n; i++) {
		struct stat st;

		if (!(secret_file_of(paths[i]).flags & FILE_SKIP) &&
		    root_stat(c->root, paths[i].ptr, &st) >= 0 && !S_ISDIR(st.st_mode))
			r = read_file(c, secrets, paths[i].ptr, STR(""));
	}
	return r < 0 ? r : 0;
}

static int read_home(struct collect *c, const struct secrets *secrets, const struct home *home)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(home_sources); i++) {
		struct str path = arena_fmt(c->arena, "%s/%s", home->path, home_sources[i]);

		r = path.ptr ? read_file(c, secrets, path.ptr, home->username) : -ENOMEM;
	}
	return r;
}

static int collect(struct collect *c)
{
	struct secrets *own(secrets_release) secrets = NULL;
	struct passwd_file users;
	struct home *homes = NULL;
	size_t n = 0;
	int r = passwd_read(c, &users);

	if (r >= 0)
		r = homes_read(c, &users, &homes, &n);
	if (r >= 0)
		r = secrets_new(NULL, &secrets);
	for (size_t i = 0; r >= 0 && i < n; i++) {
		struct arena_mark mark = arena_mark(c->arena);

		r = read_home(c, secrets, &homes[i]);
		arena_rewind(c->arena, mark);
	}
	for (size_t i = 0; r >= 0 && i < COUNT(system_sources); i++)
		r = read_system(c, secrets, system_sources[i]);
	return r < 0 ? r : 0;
}

const struct collector collector_secrets = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
	.budget_ms = 30'000,
};
