/* SPDX-License-Identifier: GPL-3.0-or-later */
/* secrets: Secrets in shell histories and well-known files. Never the secret itself. */
#include "facts/fact.h"
#include "facts/linux/passwd_file.h"
#include "facts/linux/secret_scan.h"

#define FACT_ROW secrets_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, username, "account, ''") \
	X(TEXT, kind, "password-argument, basic-auth-url, connection-string, export, aws-key, azure-key, github-token, token, private-key, sql-password, stored-password or docker-auth") \
	X(TEXT, masked, "first and last two characters; **** for what is shorter than eight") \
	X(TEXT, file, "file") \
	X(INT, line, "line; -1 in the last part of a file too large to read whole")
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

/* Of a larger file the first and the last so many bytes are read. */
#define PART_MAX ((uint64_t)16 << 20)
#define WINDOW ((size_t)256 << 10)
#define LINE_MAX_ ((size_t)64 << 10)

enum format {
	SHELL_HISTORY, /* bash with time stamps, zsh's ": time:0;", fish's "- cmd: " */
	SQL_HISTORY,   /* "\040" is a blank in libedit's */
	SETTINGS,      /* NAME=value, name: value */
	TEXT,          /* tokens, URLs, keys */
	JSON,
	NETRC,
	PGPASS,
	CLOUD_INIT, /* settings, commands and keys in one */
};

struct work {
	struct collect *c;
	struct secrets_row row;
	enum format format;
	const char *kind; /* NULL: by name */
	bool in_chpasswd; /* cloud-init: below "chpasswd:" */
};

static int emit(void *user, const char *kind, struct str value)
{
	struct work *w = user;
	struct secret_mask mask = secret_mask(value);

	w->row.kind = str_of(kind);
	w->row.masked = str_of(mask.text);
	return collect_row(w->c, &w->row);
}

static int replace_octal(struct str s, struct arena *a, struct str *ret)
{
	char *out = arena_alloc(a, s.len + 1);
	size_t n = 0;

	if (!out)
		return -ENOMEM;
	for (size_t i = 0; i < s.len; i++) {
		uint64_t code;

		if (s.ptr[i] == '\\' && i + 3 < s.len &&
		    str_to_u64(str_sub(s, i + 1, i + 4), 8, &code) >= 0) {
			out[n++] = (char)code;
			i += 3;
		} else {
			out[n++] = s.ptr[i];
		}
	}
	*ret = (struct str){ out, n };
	return 0;
}

static struct str history_line(struct str line)
{
	ssize_t at;

	if (str_starts(line, STR(": "))) {
		at = str_find(line, ';');
		return at < 0 ? line : str_sub(line, (size_t)at + 1, line.len);
	}
	if (str_starts(line, STR("- cmd: ")))
		return str_sub(line, 7, line.len);
	return line;
}

/* .netrc: "machine host login name password secret", over any number of lines. */
static int netrc(struct secret_scan *s, struct str line)
{
	struct str word;

	while ((word = str_quoted_word(&line)).ptr) {
		if (!str_eq(word, STR("password")) && !str_eq(word, STR("passwd")))
			continue;
		word = str_quoted_word(&line);
		return word.ptr ? secret_found(s, "stored-password", word, false) : 0;
	}
	return 0;
}

/* host:port:database:user:password with "\:" and "\\". */
static int pgpass(struct secret_scan *s, struct str line)
{
	unsigned fields = 0;

	if (str_starts(line, STR("#")))
		return 0;
	for (size_t i = 0; i < line.len; i++) {
		if (line.ptr[i] == '\\')
			i++;
		else if (line.ptr[i] == ':' && ++fields == 4)
			return secret_found(s, "stored-password", str_sub(line, i + 1, line.len),
					    false);
	}
	return 0;
}

/* "  - name:secret" or "name:secret" below "chpasswd:"; "R" and "RANDOM" are drawn. */
static int chpasswd_entry(struct secret_scan *s, struct str line)
{
	ssize_t at;

	line = str_trim(line);
	if (str_starts(line, STR("- ")))
		line = str_trim(str_sub(line, 2, line.len));
	line = str_unquote(line);
	at = str_find(line, ':');
	if (at <= 0 || (size_t)at + 1 >= line.len || line.ptr[at + 1] == ' ')
		return 0;
	line = str_sub(line, (size_t)at + 1, line.len);
	if (str_eq(line, STR("R")) || str_eq(line, STR("RANDOM")))
		return 0;
	return secret_found(s, "stored-password", line, false);
}

static int cloud_init(struct work *w, struct secret_scan *s, struct str line)
{
	struct str trimmed = str_trim(line);
	int r = 0;

	if (line.len && *line.ptr != ' ' && *line.ptr != '\t' && *line.ptr != '-')
		w->in_chpasswd = str_starts(line, STR("chpasswd:"));
	else if (w->in_chpasswd)
		r = chpasswd_entry(s, line);
	if (r >= 0)
		r = secret_setting(s, line, NULL);
	if (str_starts(trimmed, STR("- ")))
		trimmed = str_trim(str_sub(trimmed, 2, trimmed.len));
	return r < 0 ? r : secret_shell(s, trimmed);
}

static int one_line(struct work *w, struct secret_scan *s, struct str line)
{
	int r = 0;

	switch (w->format) {
	case SHELL_HISTORY:
		line = history_line(line);
		return secret_likely(line) ? secret_shell(s, line) : 0;
	case SQL_HISTORY:
		if (!secret_likely(line))
			return 0;
		r = str_contains(line, STR("\\040")) ? replace_octal(line, s->arena, &line) : 0;
		break;
	case SETTINGS:
		line = str_trim(line);
		if (line.len && (*line.ptr == '#' || *line.ptr == ';'))
			return 0;
		break;
	case JSON: return secret_json(s, line, w->kind);
	case NETRC: return netrc(s, line);
	case PGPASS: return pgpass(s, line);
	case CLOUD_INIT: return cloud_init(w, s, line);
	case TEXT: return secret_text(s, line);
	}
	if (r >= 0)
		r = secret_setting(s, line, w->kind);
	return r < 0 ? r : secret_text(s, line);
}

static int scan_line(struct work *w, struct str line)
{
	struct arena_mark mark = arena_mark(w->c->arena);
	struct secret_scan s = { .arena = w->c->arena, .fn = emit, .user = w };
	int r = one_line(w, &s, str_sub(line, 0, w->format == JSON ? line.len : LINE_MAX_));

	arena_rewind(w->c->arena, mark);
	return r;
}

/* What of a file is still to be read, and what is in the window. */
struct part {
	int fd;
	uint64_t from, to;
	char *window;
	size_t have;
	bool inside; /* the window begins in the middle of a line that was too long for it */
};

static int fill(struct part *p)
{
	ssize_t n;

	if (p->from >= p->to)
		return 0;
	do
		n = pread(p->fd, p->window + p->have, MIN(WINDOW - p->have, p->to - p->from),
			  (off_t)p->from);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	p->from = n ? p->from + (uint64_t)n : p->to;
	p->have += (size_t)n;
	return 0;
}

/* Whole lines in the window; what is longer than it is cut into pieces. */
static int scan_lines(struct work *w, struct part *p)
{
	struct str text = { p->window, p->have };

	while (text.len) {
		bool last = str_find(text, '\n') < 0;
		struct str line;
		int r;

		/* The rest of the line is still to come. */
		if (last && p->from < p->to && text.len < WINDOW)
			break;
		line = str_cut(&text, '\n');
		w->row.line += w->row.line >= 0 && !p->inside;
		p->inside = last;
		r = scan_line(w, line);
		if (r < 0)
			return r;
	}
	p->have = text.len;
	if (text.len)
		memmove(p->window, text.ptr, text.len);
	return 0;
}

static int scan_part(struct work *w, struct part p)
{
	int r = 0;

	while (r >= 0 && (p.from < p.to || p.have)) {
		r = fill(&p);
		if (r >= 0)
			r = scan_lines(w, &p);
	}
	return r;
}

static int scan_file(struct work *w, const char *path, int fd, const struct stat *st)
{
	char *window = arena_alloc(w->c->arena, WINDOW);
	uint64_t size = (uint64_t)st->st_size;
	int r;

	if (!window)
		return -ENOMEM;
	w->row.line = 0;
	r = scan_part(w, (struct part){ .fd = fd,
					.to = size > 2 * PART_MAX ? PART_MAX : size,
					.window = window });
	if (r >= 0 && size > 2 * PART_MAX) {
		collect_problem(w->c, EFBIG, path,
				"only the first and the last 16 MiB were read; lines of the last "
				"part are not numbered");
		w->row.line = -1;
		r = scan_part(w, (struct part){ .fd = fd,
						.from = size - PART_MAX,
						.to = size,
						.window = window });
	}
	return r;
}

struct source {
	const char *path; /* below a home, or from the root; may hold wildcards */
	enum format format;
	const char *kind;
};

static int read_source(struct collect *c, const char *path, struct str username,
		       const struct source *source)
{
	struct arena_mark mark = arena_mark(c->arena);
	own(close_fd) int fd = -1;
	struct work w = {
		.c = c,
		.row = {.username = username, .file = str_of(path)},
		.format = source->format,
		.kind = source->kind,
	};
	struct stat st;
	int r = root_open_file(c->root, path, &st, &fd);

	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	/* A history that is a link to /dev/null is told by home_files. */
	if (r == -EINVAL && root_stat(c->root, path, &st) >= 0 && S_ISCHR(st.st_mode))
		return 0;
	if (r >= 0)
		r = scan_file(&w, path, fd, &st);
	arena_rewind(c->arena, mark);
	if (r < 0 && r != -ENOMEM && r != -ENOSPC) {
		collect_problem(c, r, path, "%s",
				r == -EINVAL ? "not a regular file" : strerror(-r));
		return r == -EPIPE ? r : 0;
	}
	return r;
}

static const struct source home_sources[] = {
	{".bash_history",                          SHELL_HISTORY, NULL             },
	{ ".zsh_history",			  SHELL_HISTORY, NULL             },
	{ ".zhistory",			     SHELL_HISTORY, NULL             },
	{ ".histfile",			     SHELL_HISTORY, NULL             },
	{ ".sh_history",			   SHELL_HISTORY, NULL             },
	{ ".ash_history",			  SHELL_HISTORY, NULL             },
	{ ".history",			      SHELL_HISTORY, NULL             },
	{ ".local/share/fish/fish_history",        SHELL_HISTORY, NULL             },
	{ ".mysql_history",                        SQL_HISTORY,   NULL             },
	{ ".mariadb_history",                      SQL_HISTORY,   NULL             },
	{ ".psql_history",                         SQL_HISTORY,   NULL             },
	{ ".sqlite_history",                       SQL_HISTORY,   NULL             },
	{ ".python_history",                       SQL_HISTORY,   NULL             },
	{ ".rediscli_history",                     TEXT,          NULL             },
	{ ".netrc",				NETRC,         NULL             },
	{ ".pgpass",			       PGPASS,        NULL             },
	{ ".my.cnf",			       SETTINGS,      "stored-password"},
	{ ".git-credentials",                      TEXT,          NULL             },
	{ ".config/git/credentials",               TEXT,          NULL             },
	{ ".aws/credentials",                      SETTINGS,      "aws-key"        },
	{ ".azure/accessTokens.json",              JSON,          "azure-key"      },
	{ ".azure/service_principal_entries.json", JSON,          "azure-key"      },
	{ ".docker/config.json",                   JSON,          NULL             },
	{ ".npmrc",				SETTINGS,      "token"          },
	{ ".pypirc",			       SETTINGS,      "stored-password"},
	{ ".s3cfg",				SETTINGS,      "aws-key"        },
	{ ".config/gh/hosts.yml",                  SETTINGS,      "github-token"   },
	{ ".env",				  SETTINGS,      NULL             },
	{ ".ssh/environment",                      SETTINGS,      NULL             },
};

static const struct source system_sources[] = {
	{"/etc/environment",                       SETTINGS,   NULL             },
	{ "/var/lib/cloud/instance/user-data.txt", CLOUD_INIT, NULL             },
	{ "/etc/mysql/debian.cnf",                 SETTINGS,   "stored-password"},
	{ "/var/www/.env*",                        SETTINGS,   NULL             },
	{ "/var/www/*/.env*",                      SETTINGS,   NULL             },
	{ "/var/www/*/*/.env*",                    SETTINGS,   NULL             },
	{ "/srv/.env*",			    SETTINGS,   NULL             },
	{ "/srv/*/.env*",			  SETTINGS,   NULL             },
	{ "/srv/*/*/.env*",                        SETTINGS,   NULL             },
	{ "/opt/.env*",			    SETTINGS,   NULL             },
	{ "/opt/*/.env*",			  SETTINGS,   NULL             },
	{ "/home/*/*/.env*",                       SETTINGS,   NULL             },
	{ "/root/*/.env*",                         SETTINGS,   NULL             },
};

/* What is handed out with a project to show the names of the settings. */
static bool is_sample(struct str path)
{
	static const struct str ends[] = { STR(".example"), STR(".sample"), STR(".dist"),
					   STR(".template"), STR("-example") };

	for (size_t i = 0; i < COUNT(ends); i++) {
		if (str_ends(path, ends[i]))
			return true;
	}
	return false;
}

static int read_system(struct collect *c, const struct source *source)
{
	struct str *paths = NULL;
	size_t n = 0;
	int r;

	if (!strchr(source->path, '*'))
		return read_source(c, source->path, STR(""), source);
	r = collect_glob(c, source->path, &paths, &n);
	for (size_t i = 0; r >= 0 && i < n; i++) {
		struct stat st;

		if (!is_sample(paths[i]) && root_stat(c->root, paths[i].ptr, &st) >= 0 &&
		    !S_ISDIR(st.st_mode))
			r = read_source(c, paths[i].ptr, STR(""), source);
	}
	return r < 0 ? r : 0;
}

static int read_home(struct collect *c, const struct home *home)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(home_sources); i++) {
		struct str path = arena_fmt(c->arena, "%s/%s", home->path, home_sources[i].path);

		r = path.ptr ? read_source(c, path.ptr, home->username, &home_sources[i]) : -ENOMEM;
	}
	return r;
}

static int collect(struct collect *c)
{
	struct passwd_file users;
	struct home *homes = NULL;
	size_t n = 0;
	int r = passwd_read(c, &users);

	if (r >= 0)
		r = homes_read(c, &users, &homes, &n);
	for (size_t i = 0; r >= 0 && i < n; i++) {
		struct arena_mark mark = arena_mark(c->arena);

		r = read_home(c, &homes[i]);
		arena_rewind(c->arena, mark);
	}
	for (size_t i = 0; r >= 0 && i < COUNT(system_sources); i++)
		r = read_system(c, &system_sources[i]);
	return r < 0 ? r : 0;
}

const struct collector collector_secrets = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
