/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pam_lists: pam_listfile(8), pam_access(8) with access.conf(5), pam_succeed_if(8). */
#include <stdio.h>

#include "facts/linux/pam_eval.h"
#include "facts/linux/sshd_match.h"

#define LIST_MAX ((size_t)4 << 20)
#define LINES_MAX 200'000

static int index_lines(struct pam_eval *e, struct pam_file_cache *f)
{
	struct str rest = f->text, line;

	(void)e;
	f->lines.limit = LINES_MAX;
	while (str_line(&rest, &line, NULL)) {
		int r;

		line = str_trim(line);
		if (!line.len)
			continue;
		r = map_put(&f->lines, line, 1);
		if (r == -E2BIG)
			return 0;
		if (r < 0)
			return r;
	}
	return 0;
}

int pam_file_cached(struct pam_eval *e, struct str path, struct pam_file_cache **ret)
{
	const uint64_t *known = map_get(&e->files, path);
	struct pam_file_cache f = {};
	const char *name;
	struct stat st;
	int r;

	if (known && e->cache) {
		*ret = &e->cache[*known];
		return 0;
	}
	name = arena_cstr(&e->kept, path);
	if (!name)
		return -ENOMEM;
	r = root_read(e->c->root, name, LIST_MAX, &e->kept, &f.text, &st);
	if (r == -ENOMEM)
		return r;
	if (r < 0 && r != -ENOENT && r != -ENOTDIR)
		collect_problem(e->c, r, name, "%s", collect_error(r));
	f.present = r >= 0;
	f.writable = f.present && (st.st_mode & S_IWOTH);
	r = f.present ? index_lines(e, &f) : 0;
	if (r >= 0)
		r = map_put(&e->files, (struct str){ name, path.len }, e->n_cache);
	if (r >= 0)
		r = arena_push(&e->kept, e->cache, e->n_cache, e->cache_cap, f);
	if (r < 0) {
		map_release(&f.lines);
		return r;
	}
	*ret = &e->cache[e->n_cache - 1];
	return 0;
}

bool pam_in_group(const struct pam_subject *who, struct str group)
{
	for (size_t i = 0; i < who->n_groups; i++)
		if (str_eq(who->groups[i], group))
			return true;
	return false;
}

static bool in_list(const struct pam_file_cache *f, struct str item, const struct pam_subject *who)
{
	if (str_eq(item, STR("user")))
		return map_get(&f->lines, who->entry->name);
	if (str_eq(item, STR("shell")))
		return map_get(&f->lines, who->entry->shell);
	if (str_eq(item, STR("tty")))
		return map_get(&f->lines, who->tty);
	if (str_eq(item, STR("rhost")))
		return who->from.len && map_get(&f->lines, who->from);
	for (size_t i = 0; str_eq(item, STR("group")) && i < who->n_groups; i++)
		if (map_get(&f->lines, who->groups[i]))
			return true;
	return false;
}

int pam_listfile(struct pam_eval *e, struct str arguments, const struct pam_subject *who,
		 enum pam_value *ret)
{
	struct str item = {}, sense = {}, file = {}, onerr = {}, apply = {};
	struct pam_file_cache *f;
	bool found;
	int r;

	pam_argument(arguments, STR("item"), &item);
	pam_argument(arguments, STR("sense"), &sense);
	pam_argument(arguments, STR("file"), &file);
	pam_argument(arguments, STR("onerr"), &onerr);
	*ret = str_eq(onerr, STR("succeed")) ? PAM_V_SUCCESS : PAM_V_SERVICE_ERR;
	if (!file.len || !item.len || !sense.len)
		return 0;
	if (pam_argument(arguments, STR("apply"), &apply) && apply.len) {
		bool mine = apply.ptr[0] == '@' ? pam_in_group(who, str_sub(apply, 1, apply.len))
						: str_eq(apply, who->entry->name);

		if (!mine) {
			*ret = PAM_V_IGNORE;
			return 0;
		}
	}
	r = pam_file_cached(e, file, &f);
	if (r < 0 || !f->present)
		return r;
	if (f->writable) {
		*ret = PAM_V_AUTH_ERR;
		return 0;
	}
	found = in_list(f, item, who);
	*ret = found == str_eq(sense, STR("allow")) ? PAM_V_SUCCESS : PAM_V_AUTH_ERR;
	return 0;
}

static bool address_token(struct str token, struct str from)
{
	struct sshd_address a;
	unsigned length;
	ssize_t slash = str_find(token, '/');

	if (str_eq(token, from))
		return true;
	/* "192.168." is a network, ".example.org" a domain. */
	if (token.len && token.ptr[token.len - 1] == '.')
		return str_starts(from, token);
	if (token.len && token.ptr[0] == '.')
		return str_ends(from, token);
	if (slash < 0 || sshd_cidr_parse(token, &a, &length) == -EINVAL)
		return false;
	return sshd_address_list(token, from) == 1;
}

static bool origin_token(struct str token, const struct pam_subject *who)
{
	if (str_ieq(token, STR("ALL")))
		return true;
	if (str_ieq(token, STR("LOCAL")))
		return !who->from.len ||
		       (str_find(who->from, '.') < 0 && str_find(who->from, ':') < 0);
	return who->from.len ? address_token(token, who->from) : str_eq(token, who->tty);
}

struct access {
	struct pam_eval *e;
	const struct pam_subject *who;
	bool only_groups_in_brackets;
};

static bool user_token(const struct access *x, struct str token)
{
	const struct pam_subject *who = x->who;
	ssize_t at = str_find(token, '@');

	if (str_ieq(token, STR("ALL")))
		return true;
	if (token.len > 2 && token.ptr[0] == '(' && token.ptr[token.len - 1] == ')')
		return pam_in_group(who, str_sub(token, 1, token.len - 1));
	if (at > 0)
		return str_eq(str_sub(token, 0, (size_t)at), who->entry->name) &&
		       origin_token(str_sub(token, (size_t)at + 1, token.len), who);
	if (str_eq(token, who->entry->name))
		return true;
	return !x->only_groups_in_brackets && at != 0 && pam_in_group(who, token);
}

/* "a b EXCEPT c EXCEPT d": found in the first part and not in the rest. */
static bool list_matches(struct access *x, struct str list, bool users, unsigned depth)
{
	bool found = false;
	struct str word;

	while ((word = str_word(&list)).ptr) {
		if (str_ieq(word, STR("EXCEPT")))
			return found && depth < 16 && !list_matches(x, list, users, depth + 1);
		x->e->steps++;
		if (!found)
			found = users ? user_token(x, word) : origin_token(word, x->who);
	}
	return found;
}

static int access_text(struct access *x, struct str text, int *ret)
{
	struct str line;

	while (str_line(&text, &line, NULL)) {
		struct str rest = str_trim(line), perm, users;

		x->e->steps++;
		if (!rest.len || rest.ptr[0] == '#')
			continue;
		perm = str_trim(str_cut(&rest, ':'));
		users = str_cut(&rest, ':');
		if (!rest.ptr || (!str_eq(perm, STR("+")) && !str_eq(perm, STR("-"))))
			continue;
		if (list_matches(x, users, true, 0) && list_matches(x, rest, false, 0)) {
			*ret = str_eq(perm, STR("+"));
			return 0;
		}
	}
	return 0;
}

int pam_access(struct pam_eval *e, struct str arguments, const struct pam_subject *who,
	       enum pam_value *ret)
{
	struct access x = { e, who, pam_argument(arguments, STR("nodefgroup"), NULL) };
	struct str file = STR("/etc/security/access.conf"), *more = NULL;
	struct pam_file_cache *f;
	size_t n = 0;
	int answer = -1, r;

	bool given = pam_argument(arguments, STR("accessfile"), &file);

	r = pam_file_cached(e, file, &f);
	if (r >= 0 && f->present)
		r = access_text(&x, f->text, &answer);
	else if (r >= 0 && given)
		answer = 0;
	if (r >= 0 && answer < 0 && !given)
		r = MIN(collect_glob(e->c, "/etc/security/access.d/*.conf", &more, &n), 0);
	for (size_t i = 0; r >= 0 && answer < 0 && i < n; i++) {
		r = pam_file_cached(e, more[i], &f);
		if (r >= 0 && f->present)
			r = access_text(&x, f->text, &answer);
	}
	if (r >= 0)
		*ret = answer == 0 ? PAM_V_PERM_DENIED : PAM_V_SUCCESS;
	return r;
}

static int origins_of_text(struct str text, pam_origin_fn *fn, void *user)
{
	struct str line;
	int r = 0;

	while (r >= 0 && str_line(&text, &line, NULL)) {
		struct str rest = str_trim(line), word;

		if (!rest.len || rest.ptr[0] == '#')
			continue;
		str_cut(&rest, ':');
		str_cut(&rest, ':');
		while (r >= 0 && (word = str_word(&rest)).ptr)
			r = fn(word, user);
	}
	return r;
}

int pam_origins_each(struct pam_eval *e, struct str service, pam_origin_fn *fn, void *user)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < e->pam->n; i++) {
		const struct pam_rule *rule = &e->pam->rules[i];
		struct str file = STR("/etc/security/access.conf");
		struct pam_file_cache *f;

		if (!str_eq(rule->service, service) ||
		    !str_starts(pam_module(rule), STR("pam_access")))
			continue;
		pam_argument(rule->arguments, STR("accessfile"), &file);
		r = pam_file_cached(e, file, &f);
		if (r >= 0 && f->present)
			r = origins_of_text(f->text, fn, user);
	}
	return r;
}

static bool in_colons(struct str list, struct str item)
{
	while (list.ptr)
		if (str_eq(str_cut(&list, ':'), item))
			return true;
	return false;
}

static bool group_list(const struct pam_subject *who, struct str list)
{
	while (list.ptr)
		if (pam_in_group(who, str_cut(&list, ':')))
			return true;
	return false;
}

static bool compare_numbers(struct str op, struct str left, struct str right)
{
	int64_t a, b;

	if (str_to_int64(left, &a) < 0 || str_to_int64(right, &b) < 0)
		return false;
	if (str_eq(op, STR("<")) || str_eq(op, STR("lt")))
		return a < b;
	if (str_eq(op, STR("<=")) || str_eq(op, STR("le")))
		return a <= b;
	if (str_eq(op, STR(">")) || str_eq(op, STR("gt")))
		return a > b;
	if (str_eq(op, STR(">=")) || str_eq(op, STR("ge")))
		return a >= b;
	return str_eq(op, STR("eq")) ? a == b : str_eq(op, STR("ne")) && a != b;
}

static bool condition(const struct pam_subject *who, struct str left, struct str op,
		      struct str right)
{
	if (str_eq(op, STR("ingroup")))
		return group_list(who, right);
	if (str_eq(op, STR("notingroup")))
		return !group_list(who, right);
	if (str_eq(op, STR("=")))
		return str_eq(left, right);
	if (str_eq(op, STR("!=")))
		return !str_eq(left, right);
	if (str_eq(op, STR("=~")))
		return str_glob(right, left);
	if (str_eq(op, STR("!~")))
		return !str_glob(right, left);
	if (str_eq(op, STR("in")))
		return in_colons(right, left);
	if (str_eq(op, STR("notin")))
		return !in_colons(right, left);
	return compare_numbers(op, left, right);
}

static struct str field(const struct pam_subject *who, struct str name, struct str service,
			char room[static 24])
{
	const struct passwd_entry *e = who->entry;

	if (str_eq(name, STR("uid")) || str_eq(name, STR("gid"))) {
		int n = snprintf(room, 24, "%lld",
				 (long long)(name.ptr[0] == 'u' ? e->uid : e->gid));

		return (struct str){ room, (size_t)n };
	}
	if (str_eq(name, STR("user")))
		return e->name;
	if (str_eq(name, STR("shell")))
		return e->shell;
	if (str_eq(name, STR("home")))
		return e->home;
	if (str_eq(name, STR("rhost")))
		return who->from;
	if (str_eq(name, STR("tty")))
		return who->tty;
	return str_eq(name, STR("service")) ? service : STR("");
}

enum pam_value pam_succeed_if(struct pam_eval *e, struct str arguments, struct str service,
			      const struct pam_subject *who)
{
	static const char *const flags[] = { "debug",      "use_uid",       "quiet",
					     "quiet_fail", "quiet_success", "audit" };
	bool any = false;
	struct str word;

	(void)e;
	while ((word = str_word(&arguments)).ptr) {
		struct str op, right;
		char room[24];
		bool flag = false;

		for (size_t i = 0; i < COUNT(flags); i++)
			flag |= str_eq(word, str_of(flags[i]));
		if (flag)
			continue;
		op = str_word(&arguments);
		right = str_word(&arguments);
		if (!right.ptr)
			return PAM_V_SERVICE_ERR;
		any = true;
		if (!condition(who, field(who, word, service, room), op, right))
			return PAM_V_AUTH_ERR;
	}
	return any ? PAM_V_SUCCESS : PAM_V_SERVICE_ERR;
}
