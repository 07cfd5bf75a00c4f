/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/sshd_load.h"
#include "facts/linux/rpm_db.h"

#define CONFIG_FILE "/etc/ssh/sshd_config"

static int source_read(void *user, const char *path, struct str *ret)
{
	struct collect *c = user;
	struct stat st;
	int r = collect_read(c, path, ret, NULL);

	if (r == 1 && ret->len && memchr(ret->ptr, 0, ret->len))
		collect_problem(c, EILSEQ, path, "contains NUL bytes: this is no text");
	/* A name that the glob found must not vanish: sshd would not start. */
	if (r == 0 && root_stat(c->root, path, &st) == -ENOENT)
		collect_problem(c, ENOENT, path, "symbolic link to nothing");
	return r;
}

static int source_glob(void *user, const char *pattern, struct str **ret, size_t *ret_n)
{
	return collect_glob(user, pattern, ret, ret_n);
}

static int parse_all(struct collect *c, struct sshd *s, struct str text)
{
	const struct sshd_source source = { .user = c, .read = source_read, .glob = source_glob };
	struct sshd_parser *p = NULL;
	int r = sshd_parser_new(&s->config, &source, c->arena, &p);

	for (size_t i = 0; r >= 0 && i < s->start.n_options; i++) {
		const struct sshd_option *o = &s->start.options[i];

		r = sshd_parse_option(p, o->file, o->line, o->text);
	}
	if (r >= 0)
		r = sshd_parse_file(p, s->config_file, text);
	sshd_parser_release(&p);
	return r;
}

/* Files are read once; a missing one matters only where sshd is installed. */
static int read_config(struct collect *c, struct sshd *s, struct str *ret)
{
	struct stat st;
	int r;

	*ret = STR("");
	if (!strcmp(s->config_file, "none")) {
		s->configured = true;
		return 0;
	}
	r = collect_read(c, s->config_file, ret, NULL);
	if (r < 0)
		return r;
	s->configured = r == 1;
	if (r == 1 && ret->len && memchr(ret->ptr, 0, ret->len))
		collect_problem(c, EILSEQ, s->config_file, "contains NUL bytes: this is no text");
	if (r == 0 && s->build.installed && root_stat(c->root, s->config_file, &st) == -ENOENT)
		collect_problem(c, ENOENT, s->config_file,
				"sshd is installed, but its configuration is missing");
	return 0;
}

struct rpm_search {
	struct arena *arena;
	struct str version; /* ptr == NULL: not found */
};

static int find_server(const struct rpm_header *h, void *user)
{
	struct rpm_search *search = user;

	if (!str_eq(rpm_header_text(h, RPM_NAME), STR("openssh-server")))
		return 0;
	search->version = arena_str(search->arena, rpm_header_text(h, RPM_VERSION));
	return 0;
}

/* rpm's database takes long to read: only where something else speaks of sshd. */
static int ask_rpm(struct collect *c, struct sshd_build *b)
{
	static const char *const hints[] = { CONFIG_FILE, "/usr/lib/systemd/system/sshd.service",
					     "/etc/sysconfig/sshd" };
	struct rpm_search search = { .arena = c->arena };
	struct stat st;
	bool hint = false;
	int r;

	for (size_t i = 0; i < COUNT(hints); i++)
		hint |= root_stat(c->root, hints[i], &st) == 0;
	if (!hint || b->installed)
		return 0;
	r = rpm_db_each(c, find_server, &search);
	if (r >= 0 && search.version.ptr)
		sshd_build_package(b, search.version);
	return r == -ENOMEM ? r : 0;
}

int sshd_load(struct collect *c, struct sshd *ret)
{
	struct sshd s = { .config_file = CONFIG_FILE };
	struct str text;
	int r = sshd_build_read(c->root, c->arena, &s.build);

	if (r >= 0)
		r = ask_rpm(c, &s.build);
	if (r >= 0)
		r = sshd_start_read(c, &s.start);
	if (r < 0)
		return r;
	if (s.start.config_file)
		s.config_file = s.start.config_file;
	r = read_config(c, &s, &text);
	if (r < 0)
		return r;
	*ret = s;
	ret->config.build = ret->build;
	r = parse_all(c, ret, text);
	if (r >= 0)
		r = sshd_resolve_global(&ret->config, c->arena, &ret->global);
	if (r >= 0)
		r = sshd_resolve_check(&ret->config, &ret->global, c->arena);
	if (r >= 0 && ret->config.limit)
		collect_problem(c, EFBIG, ret->config_file, "%s: the rest was not read",
				ret->config.limit);
	return r;
}

void sshd_report_refusal(struct collect *c, const struct sshd *s)
{
	for (size_t i = 0; i < s->config.n_errors; i++) {
		const struct sshd_error *e = &s->config.errors[i];

		collect_problem(c, 0, e->file, "line %u: sshd refuses this: %.*s", e->line,
				STR_FMT(e->why));
	}
}
