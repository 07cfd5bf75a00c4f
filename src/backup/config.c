/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "backup/config.h"

#include "base/conf.h"
#include "base/file.h"

#define LIST_MAX 1'024U
#define REPOS_MAX 32U
#define DUMPS_MAX 64U
#define PASSWORD_DIR "/etc/holdfast/backup/"

const char *backup_tool_name(enum backup_tool t) { return t == BACKUP_BORG ? "borg" : "restic"; }

const char *backup_dump_name(enum backup_dump_kind k)
{
	static const char *const names[] = { "postgresql", "mysql", "sqlite" };

	return names[k];
}

struct reader {
	struct conf c;
	struct backup_config *config;
	struct backup_repo *repo; /* NULL: before the first */
};

bool backup_repo_name_ok(struct str s)
{
	if (!s.len || s.len > BACKUP_NAME_MAX || s.ptr[0] == '-')
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-_", s.ptr[i]))
			return false;
	return true;
}

int backup_size_parse(struct str s, uint64_t *ret)
{
	static const char units[] = "kmgt";
	const char *unit = s.len ? strchr(units, s.ptr[s.len - 1] | 0x20) : NULL;
	unsigned shift = unit && *unit ? (unsigned)(unit - units + 1) * 10 : 0;
	uint64_t v;

	if (shift)
		s.len--;
	if (str_to_u64(s, 10, &v) || v > UINT64_MAX >> (shift + 1))
		return -EINVAL;
	*ret = v << shift;
	return 0;
}

static const char *copy(struct reader *x, size_t word)
{
	return arena_cstr(&x->config->arena, x->c.words[word]);
}

static int add_word(struct reader *x, size_t word, struct backup_words *to)
{
	const char *text = copy(x, word);

	if (to->n >= LIST_MAX)
		return conf_wrong(&x->c, word, "fewer words");
	if (!text || arena_push(&x->config->arena, to->items, to->n, to->cap, text) < 0)
		return -ENOMEM;
	return 0;
}

static bool is_path(struct str s) { return s.len > 0 && s.ptr[0] == '/'; }

static int read_list(struct reader *x, bool paths, struct backup_words *to)
{
	const char *expected = paths ? "a path that begins with /" : "a pattern";
	int r = 0;

	if (x->c.n < 2)
		return conf_wrong(&x->c, 1, expected);
	for (size_t i = 1; r == 0 && i < x->c.n; i++) {
		if (!x->c.words[i].len || (paths && !is_path(x->c.words[i])))
			return conf_wrong(&x->c, i, expected);
		r = add_word(x, i, to);
	}
	return r;
}

static int read_path(struct reader *x, const char **ret)
{
	const char *text;

	if (x->c.n < 2 || !is_path(x->c.words[1]))
		return conf_wrong(&x->c, 1, "a path that begins with /");
	text = copy(x, 1);
	if (!text)
		return -ENOMEM;
	*ret = text;
	return conf_only(&x->c, 2);
}

static int read_bool(struct reader *x, bool *ret)
{
	if (x->c.n < 2 || str_to_bool(x->c.words[1], ret))
		return conf_wrong(&x->c, 1, "yes or no");
	return conf_only(&x->c, 2);
}

static int read_count(struct reader *x, uint64_t most, unsigned *ret)
{
	uint64_t v;

	if (x->c.n < 2 || str_to_u64(x->c.words[1], 10, &v) || !v || v > most)
		return conf_wrong(&x->c, 1, "a number from 1 up");
	*ret = (unsigned)v;
	return conf_only(&x->c, 2);
}

/* --- lines of the whole --- */

static int read_save(struct reader *x) { return read_list(x, true, &x->config->save); }
static int read_exclude(struct reader *x) { return read_list(x, false, &x->config->exclude); }
static int read_critical(struct reader *x) { return read_list(x, true, &x->config->critical); }
static int read_one(struct reader *x) { return read_bool(x, &x->config->one_file_system); }
static int read_parts(struct reader *x) { return read_count(x, 1'000, &x->config->check_parts); }
static int read_files(struct reader *x) { return read_count(x, 2'000, &x->config->drill_files); }
static int read_limit(struct reader *x)
{
	return read_count(x, 100'000'000, &x->config->limit_upload);
}
static int read_state(struct reader *x) { return read_path(x, &x->config->state); }
static int read_cache(struct reader *x) { return read_path(x, &x->config->cache); }
static int read_scratch(struct reader *x) { return read_path(x, &x->config->scratch); }
static int read_restic(struct reader *x) { return read_path(x, &x->config->restic); }
static int read_borg(struct reader *x) { return read_path(x, &x->config->borg); }
static int read_disk(struct reader *x) { return read_path(x, &x->config->data_disk); }

static int read_bytes(struct reader *x)
{
	if (x->c.n < 2 || backup_size_parse(x->c.words[1], &x->config->drill_bytes) ||
	    !x->config->drill_bytes)
		return conf_wrong(&x->c, 1, "a size such as 500m or 2g");
	return conf_only(&x->c, 2);
}

static int read_owner(struct reader *x)
{
	if (x->c.n < 2 || x->c.words[1].len != 44)
		return conf_wrong(&x->c, 1, "the 44 characters that backup keygen prints");
	x->config->owner_key = copy(x, 1);
	return x->config->owner_key ? conf_only(&x->c, 2) : -ENOMEM;
}

/* Words behind the databases: pairs of a name and a value. */
static int read_dump_option(struct reader *x, size_t i, struct backup_dump *d, bool *ret)
{
	const struct {
		const char *name;
		const char **value;
		bool path, for_mysql, for_postgresql;
	} options[] = {
		{"user",      &d->user,     false, false, true },
		{ "port",     &d->port,     false, false, true },
		{ "socket",   &d->socket,   true,  true,  true },
		{ "defaults", &d->defaults, true,  true,  false},
	};

	*ret = false;
	for (size_t k = 0; k < COUNT(options); k++) {
		if (!str_eq(x->c.words[i], str_of(options[k].name)) ||
		    !(d->kind == DUMP_MYSQL ? options[k].for_mysql : options[k].for_postgresql))
			continue;
		if (i + 1 >= x->c.n || !x->c.words[i + 1].len ||
		    (options[k].path && !is_path(x->c.words[i + 1])))
			return conf_wrong(&x->c, i + 1, options[k].path ? "a path" : "a name");
		*options[k].value = copy(x, i + 1);
		*ret = true;
		return *options[k].value ? 0 : -ENOMEM;
	}
	return 0;
}

static int read_dump(struct reader *x, enum backup_dump_kind kind)
{
	struct backup_dump d = { .kind = kind, .line = x->c.number };
	bool all = false;
	int r = 0;

	if (x->c.n < 2)
		return conf_wrong(&x->c, 1, "all, or names of databases");
	for (size_t i = 1; r == 0 && i < x->c.n; i++) {
		bool option = false;

		if (i > 1)
			r = read_dump_option(x, i, &d, &option);
		if (r < 0)
			return r;
		if (option) {
			i++;
			continue;
		}
		if (i == 1 && str_eq(x->c.words[i], STR("all"))) {
			all = true;
			continue;
		}
		if (all || !x->c.words[i].len || x->c.words[i].ptr[0] == '-')
			return conf_wrong(&x->c, i, all ? "an option" : "the name of a database");
		r = add_word(x, i, &d.names);
	}
	if (r < 0 || x->config->n_dumps >= DUMPS_MAX)
		return r < 0 ? r : conf_wrong(&x->c, 0, "fewer databases");
	return arena_push(&x->config->arena, x->config->dumps, x->config->n_dumps,
			  x->config->dumps_cap, d);
}

static int read_postgresql(struct reader *x) { return read_dump(x, DUMP_POSTGRESQL); }
static int read_mysql(struct reader *x) { return read_dump(x, DUMP_MYSQL); }

static int read_sqlite(struct reader *x)
{
	struct backup_dump d = { .kind = DUMP_SQLITE, .line = x->c.number };
	int r = read_list(x, true, &d.names);

	if (r < 0 || x->config->n_dumps >= DUMPS_MAX)
		return r < 0 ? r : conf_wrong(&x->c, 0, "fewer databases");
	return arena_push(&x->config->arena, x->config->dumps, x->config->n_dumps,
			  x->config->dumps_cap, d);
}

/* --- lines of a repository --- */

/* "rest:https://user:password@host/": this file may be read by others. */
static bool has_password(struct str url)
{
	const char *scheme = memmem(url.ptr, url.len, "://", 3);
	struct str host;
	ssize_t at;

	if (!scheme)
		return false;
	host = str_sub(url, (size_t)(scheme - url.ptr) + 3, url.len);
	host = str_cut(&host, '/');
	at = str_rfind(host, '@');
	return at > 0 && str_find(str_sub(host, 0, (size_t)at), ':') >= 0;
}

static int read_repository(struct reader *x)
{
	struct backup_config *c = x->config;
	struct backup_repo repo = { .media = "", .location = -1, .line = x->c.number };
	struct str file;
	int r;

	if (x->c.n < 2 || !backup_repo_name_ok(x->c.words[1]))
		return conf_wrong(&x->c, 1, "a name of a-z, 0-9, - and _");
	if (x->c.n < 3 || !x->c.words[2].len)
		return conf_wrong(&x->c, 2, "where it is, such as sftp:user@host:/path");
	if (has_password(x->c.words[2]))
		return diag_set(x->c.d, -EINVAL, x->c.file, x->c.number,
				"the URL holds a password: let the credentials file say "
				"RESTIC_REPOSITORY=URL, and leave the password out here");
	repo.name = copy(x, 1);
	repo.url = copy(x, 2);
	file = arena_cat(&c->arena, STR(PASSWORD_DIR), x->c.words[1], STR(".pass"));
	repo.password_file = file.ptr;
	if (!repo.name || !repo.url || !file.ptr)
		return -ENOMEM;
	if (backup_config_find(c, repo.name))
		return conf_wrong(&x->c, 1, "another name: this one is taken");
	if (c->n_repos >= REPOS_MAX)
		return conf_wrong(&x->c, 0, "fewer repositories");
	r = arena_push(&c->arena, c->repos, c->n_repos, c->repos_cap, repo);
	if (r < 0)
		return r;
	x->repo = &c->repos[c->n_repos - 1];
	return conf_only(&x->c, 3);
}

static int read_password(struct reader *x) { return read_path(x, &x->repo->password_file); }
static int read_credentials(struct reader *x) { return read_path(x, &x->repo->credentials); }
static int read_escrow(struct reader *x) { return read_path(x, &x->repo->escrow); }
static int read_append(struct reader *x) { return read_bool(x, &x->repo->append_only); }
static int read_immutable(struct reader *x) { return read_bool(x, &x->repo->immutable); }

static int read_word_of(struct reader *x, const char *const words[], size_t n, const char *expected)
{
	for (size_t i = 0; x->c.n > 1 && i < n; i++)
		if (str_eq(x->c.words[1], str_of(words[i])))
			return (int)i;
	return conf_wrong(&x->c, 1, expected);
}

static int read_media(struct reader *x)
{
	static const char *const words[] = { "disk", "cloud", "tape" };
	int i = read_word_of(x, words, COUNT(words), "disk, cloud or tape");

	if (i < 0)
		return i;
	x->repo->media = words[i];
	return conf_only(&x->c, 2);
}

static int read_tool(struct reader *x)
{
	static const char *const words[] = { "restic", "borg" };
	int i = read_word_of(x, words, COUNT(words), "restic or borg");

	if (i < 0)
		return i;
	x->repo->tool = (enum backup_tool)i;
	return conf_only(&x->c, 2);
}

static int read_location(struct reader *x)
{
	static const char *const words[] = { "here", "elsewhere" };
	int i = read_word_of(x, words, COUNT(words), "here or elsewhere");

	if (i < 0)
		return i;
	x->repo->location = i;
	return conf_only(&x->c, 2);
}

/* clang-format off */
static const struct {
	const char *key;
	int (*read)(struct reader *x);
	bool of_repository;
} keys[] = {
	{ "save", read_save, false },
	{ "exclude", read_exclude, false },
	{ "critical", read_critical, false },
	{ "one-file-system", read_one, false },
	{ "postgresql", read_postgresql, false },
	{ "mysql", read_mysql, false },
	{ "sqlite", read_sqlite, false },
	{ "check-parts", read_parts, false },
	{ "drill-files", read_files, false },
	{ "drill-bytes", read_bytes, false },
	{ "owner-key", read_owner, false },
	{ "state", read_state, false },
	{ "cache", read_cache, false },
	{ "scratch", read_scratch, false },
	{ "restic", read_restic, false },
	{ "borg", read_borg, false },
	{ "data-disk", read_disk, false },
	{ "limit-upload", read_limit, false },
	{ "repository", read_repository, false },
	{ "password-file", read_password, true },
	{ "credentials", read_credentials, true },
	{ "escrow", read_escrow, true },
	{ "append-only", read_append, true },
	{ "immutable", read_immutable, true },
	{ "media", read_media, true },
	{ "tool", read_tool, true },
	{ "location", read_location, true },
};
/* clang-format on */

static int read_line(struct reader *x)
{
	for (size_t i = 0; i < COUNT(keys); i++) {
		if (!str_eq(x->c.words[0], str_of(keys[i].key)))
			continue;
		if (keys[i].of_repository && !x->repo)
			return conf_wrong(&x->c, 0, "a repository line before this one");
		return keys[i].read(x);
	}
	return conf_wrong(&x->c, 0,
			  "save, exclude, critical, postgresql, mysql, sqlite, "
			  "repository or another key of backup.conf");
}

static struct backup_config defaults(void)
{
	return (struct backup_config){
		.arena = { .limit = (size_t)8 << 20 },
		.check_parts = 7,
		.drill_files = 1'000,
		.drill_bytes = UINT64_C(1) << 30,
		.state = BACKUP_STATE_DIR,
		.cache = "/var/cache/holdfast/restic",
		.scratch = "/var/tmp",
		.restic = "restic",
		.borg = "borg",
		.data_disk = "/",
	};
}

/* Nothing of a use without. */
static int complete(struct reader *x)
{
	const struct backup_config *c = x->config;

	if (!c->n_repos)
		return diag_set(x->c.d, -EINVAL, x->c.file, 0, "there is no repository line");
	for (size_t i = 0; i < c->n_repos; i++)
		if (c->repos[i].tool == BACKUP_RESTIC && !c->save.n && !c->n_dumps)
			return diag_set(x->c.d, -EINVAL, x->c.file, 0,
					"there is nothing to save: no save line and no database");
	return 0;
}

int backup_config_parse(struct str text, const char *file, struct backup_config *ret,
			struct diag *d)
{
	own(backup_config_release) struct backup_config c = defaults();
	struct reader x = {
		.c = {.rest = text, .file = file, .d = d},
                  .config = &c
	};
	int r;

	while ((r = conf_next(&x.c)) > 0) {
		r = read_line(&x);
		if (r < 0)
			break;
	}
	if (r == 0)
		r = complete(&x);
	if (r == -ENOMEM)
		diag_set(d, r, file, x.c.number, "too much for the memory it may take");
	if (r < 0)
		return r;
	*ret = take(c);
	return 0;
}

int backup_config_read(const char *path, struct backup_config *ret, struct diag *d)
{
	own(arena_release) struct arena a = { .limit = (size_t)4 << 20 };
	struct str text;
	int r = file_read(path, CONF_MAX, &a, &text);

	if (r < 0)
		return diag_set(d, r, path, 0, "%s", file_error(r));
	return backup_config_parse(text, path, ret, d);
}

void backup_config_release(struct backup_config *c)
{
	arena_release(&c->arena);
	*c = (struct backup_config){};
}

const struct backup_repo *backup_config_find(const struct backup_config *c, const char *name)
{
	for (size_t i = 0; i < c->n_repos; i++)
		if (!strcmp(c->repos[i].name, name))
			return &c->repos[i];
	return NULL;
}

const char *backup_repo_path(const struct backup_repo *r)
{
	const char *path = r->url;

	if (!strncmp(path, "local:", 6))
		path += 6;
	else if (!strncmp(path, "file://", 7))
		path += 7;
	return path[0] == '/' ? path : NULL;
}

struct str backup_url_public(struct arena *a, struct str url)
{
	const char *scheme = url.len ? memmem(url.ptr, url.len, "://", 3) : NULL;
	size_t from = scheme ? (size_t)(scheme - url.ptr) + 3 : 0, end;
	ssize_t at, slash;
	struct str host;

	if (!scheme)
		return arena_str(a, url);
	host = str_sub(url, from, url.len);
	slash = str_find(host, '/');
	end = slash < 0 ? host.len : (size_t)slash;
	at = str_rfind(str_sub(host, 0, end), '@');
	if (at < 0)
		return arena_str(a, url);
	return arena_cat(a, str_sub(url, 0, from), str_sub(host, (size_t)at + 1, host.len),
			 STR(""));
}
