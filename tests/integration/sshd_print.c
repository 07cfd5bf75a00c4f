/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sshd_print: prints a configuration as `sshd -T -C …` does, resolved by the collectors' code.
 * Usage: sshd_print FILE [user=…,host=…,addr=…,laddr=…,lport=…,rdomain=…,invalid-user]
 * Exit code 1 and "file:line: reason" on standard error where sshd would refuse it.
 */
#include <stdio.h>

#include "facts/linux/passwd_file.h"
#include "facts/linux/sshd_load.h"

struct files {
	struct root root;
	struct arena arena;
};

static void files_release(struct files *f)
{
	root_release(&f->root);
	arena_release(&f->arena);
}

static int read_file(void *user, const char *path, struct str *ret)
{
	struct files *f = user;
	int r = root_read(&f->root, path, 0, &f->arena, ret, NULL);

	return r == -ENOMEM ? r : r == 0;
}

static int glob_files(void *user, const char *pattern, struct str **ret, size_t *ret_n)
{
	struct files *f = user;
	int r = root_glob(&f->root, pattern, &f->arena, ret, ret_n);

	return r == -ENOMEM ? r : r == 0;
}

/* Names of the groups of a user, the primary one first; NULL for an unknown user. */
static const struct str *groups_of(struct files *f, struct str user, size_t *ret_n)
{
	struct passwd_file passwd = {};
	struct group_file group = {};
	struct str text, *names = NULL;
	size_t n = 0, cap = 0;

	if (read_file(f, "/etc/passwd", &text) != 1 || passwd_parse(text, &f->arena, &passwd) < 0 ||
	    read_file(f, "/etc/group", &text) != 1 || group_parse(text, &f->arena, &group) < 0)
		return NULL;
	for (size_t i = 0; i < passwd.n; i++) {
		if (!str_eq(passwd.entries[i].name, user))
			continue;
		for (size_t j = 0; j < group.n; j++) {
			struct str members = group.entries[j].members;
			bool in = group.entries[j].gid == passwd.entries[i].gid;

			while (members.ptr)
				in |= str_eq(str_cut(&members, ','), user);
			if (in && arena_push(&f->arena, names, n, cap, group.entries[j].name) < 0)
				return NULL;
		}
		*ret_n = n;
		return names;
	}
	return NULL;
}

static void parse_spec(struct files *f, struct str spec, struct sshd_connection *c)
{
	while (spec.ptr) {
		struct str value = str_cut(&spec, ','), key = str_cut(&value, '=');

		if (str_eq(key, STR("user")))
			c->user = value;
		else if (str_eq(key, STR("host")))
			c->host = value;
		else if (str_eq(key, STR("addr")))
			c->address = value;
		else if (str_eq(key, STR("laddr")))
			c->local_address = value;
		else if (str_eq(key, STR("rdomain")))
			c->rdomain = value;
		else if (str_eq(key, STR("invalid-user")))
			c->invalid_user = true;
		else if (str_eq(key, STR("lport")) && str_to_int64(value, &c->local_port) < 0)
			exit(2);
	}
	if (c->user.ptr)
		c->groups = groups_of(f, c->user, &c->n_groups);
}

static int print(const struct sshd_result *r, struct arena *a)
{
	const struct sshd_build *b = &r->cfg->build;

	for (enum sshd_id id = 0; id < SSHD_N_KEYWORDS; id++) {
		struct sshd_entry *list;
		size_t n;

		if (sshd_keywords[id].flags & SSHD_QUIET ||
		    !sshd_keyword_exists(b, &sshd_keywords[id]))
			continue;
		/* -T of 9.2 does not show this one. */
		if (id == SSHD_KW_DEBIANBANNER && sshd_version(b) < 1000)
			continue;
		if (sshd_result_entries(r, id, a, &list, &n) < 0)
			return 2;
		/* Nor this one without a value. */
		if (id == SSHD_KW_CHANNELTIMEOUT && sshd_version(b) < 903 &&
		    sshd_result_is(r, id, "none"))
			continue;
		for (size_t i = 0; i < n; i++)
			printf("%s %.*s\n", sshd_keyword_name(b, id), STR_FMT(list[i].value));
	}
	return 0;
}

int main(int argc, char **argv)
{
	own(files_release) struct files f = { .root = ROOT_NONE };
	const struct sshd_source source = { &f, read_file, glob_files };
	static struct sshd_config cfg;
	static struct sshd_result global, result;
	struct sshd_connection c = { .local_port = -1 };
	struct sshd_parser *p = NULL;
	struct str text;

	if (argc < 2 || root_open("/", true, &f.root) < 0 ||
	    sshd_build_read(&f.root, &f.arena, &cfg.build) < 0 ||
	    read_file(&f, argv[1], &text) != 1 ||
	    sshd_parser_new(&cfg, &source, &f.arena, &p) < 0 ||
	    sshd_parse_file(p, argv[1], text) < 0 ||
	    sshd_resolve_global(&cfg, &f.arena, &global) < 0 ||
	    sshd_resolve_check(&cfg, &global, &f.arena) < 0)
		return 2;
	sshd_parser_release(&p);
	for (size_t i = 0; i < cfg.n_errors; i++)
		fprintf(stderr, "%s:%u: %.*s\n", cfg.errors[i].file, cfg.errors[i].line,
			STR_FMT(cfg.errors[i].why));
	if (cfg.n_errors)
		return 1;
	if (argc > 2)
		parse_spec(&f, str_of(argv[2]), &c);
	return sshd_resolve(&global, &c, &f.arena, &result) < 0 ? 2 : print(&result, &f.arena);
}
