/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/sudo_grants.h"

#include "base/map.h"
#include "facts/linux/host_rules.h"
#include "facts/linux/sudoers.h"

#define LATER_MAX 256         /* rules that may take back what an earlier one grants */
#define STEPS_MAX 20'000'000U /* rules looked at, for all accounts together */

enum tag { TAG_NONE, TAG_PASSWD, TAG_NOPASSWD };

struct rule {
	struct str excepted, command, why, evidence;
	enum tag tag;
	bool all, negated, doas;
};
/* Rules that are for one user, group or ALL, as they stand in the files. */
struct subject {
	uint32_t *rules;
	size_t n, cap;
};

enum option_name { AUTHENTICATE, ROOTPW, TARGETPW, RUNASPW, EXEMPT_GROUP, RUNAS_DEFAULT };
static const char *const option_names[] = {
	[AUTHENTICATE] = "authenticate", [ROOTPW] = "rootpw",
	[TARGETPW] = "targetpw",         [RUNASPW] = "runaspw",
	[EXEMPT_GROUP] = "exempt_group", [RUNAS_DEFAULT] = "runas_default",
};
struct option {
	enum option_name name;
	char kind; /* '@', ':', '!', '>' or '\0' */
	struct str list, value;
};

struct sudo_grants {
	struct collect *c;
	struct str host;
	struct map names; /* -> index in subjects */
	struct subject *subjects;
	size_t n_subjects, subjects_cap;
	struct rule *rules;
	size_t n_rules, rules_cap;
	struct option *options;
	size_t n_options, options_cap;
	/* of the account at hand */
	const struct sudo_account *account;
	uint32_t *order;
	size_t order_cap;
	uint64_t steps;
};

void sudo_grants_release(struct sudo_grants **g)
{
	if (*g)
		map_release(&(*g)->names);
	*g = NULL;
}

static struct str keep(struct sudo_grants *g, sqlite3_stmt *st, int column)
{
	struct str s = store_text(st, column);

	return arena_str(g->c->arena, s.ptr ? s : STR(""));
}

static bool has_any(struct str s, const char *set)
{
	for (size_t i = 0; i < s.len; i++)
		if (strchr(set, s.ptr[i]))
			return true;
	return false;
}

/* Addresses and netgroups may be ours: that is not known here. */
static bool is_our_host(const struct sudo_grants *g, struct str word)
{
	struct str full = g->host, name = str_cut(&full, '.');

	return !g->host.len || str_eq(word, STR("ALL")) || str_ieq(word, name) ||
	       str_ieq(word, g->host) || str_starts(word, STR("+")) ||
	       (has_any(word, "*?[") && (str_glob(word, g->host) || str_glob(word, name))) ||
	       (has_any(word, "0123456789") && has_any(word, ".:/") && !has_any(word, "gxyz"));
}

static bool is_root(const struct sudo_grants *g, struct str word)
{
	static const struct str names[] = { STR("root"), STR("#0"), STR("ALL"), STR("%root"),
					    STR("%#0") };

	(void)g;
	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq(word, names[i]))
			return true;
	return false;
}

static bool is_account(const struct sudo_grants *g, struct str word)
{
	for (size_t i = 0; i < g->account->n_names; i++)
		if (str_eq(g->account->names[i], word))
			return true;
	return false;
}

typedef bool word_fn(const struct sudo_grants *g, struct str word);

/* The last word of "a,!b,c" that fits decides. */
static bool list_fits(const struct sudo_grants *g, struct str list, word_fn *fits)
{
	bool yes = false;

	while (list.ptr) {
		struct str word = str_trim(str_cut(&list, ','));
		bool not = word.len && word.ptr[0] == '!';

		if (fits(g, str_trim(str_sub(word, not, word.len))))
			yes = !not ;
	}
	return yes;
}

static unsigned slashes(struct str s)
{
	unsigned n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.ptr[i] == '/';
	return n;
}

/* Whether a rule's command stands for every call of another one's. */
static bool covers(struct str y, struct str x)
{
	struct str arguments = y, other = x, path = str_cut(&arguments, ' '),
		   file = str_cut(&other, ' ');

	if (str_eq(y, STR("ALL")) || str_eq(y, x))
		return true;
	if (arguments.ptr && (!other.ptr || !str_eq(arguments, other)))
		return false;
	if (slashes(path) != slashes(file))
		return false;
	if (str_ends(path, STR("/")))
		return str_starts(file, path);
	return str_eq(path, file) || (has_any(path, "*?[") && str_glob(path, file));
}

static bool option_fits(const struct sudo_grants *g, const struct option *o, struct str command)
{
	struct str list = o->list;
	bool yes = false;

	switch (o->kind) {
	case '\0': return true;
	case '@': return list_fits(g, list, is_our_host);
	case ':': return list_fits(g, list, is_account);
	case '>': return list_fits(g, list, is_root);
	default: break;
	}
	while (list.ptr) {
		struct str word = str_trim(str_cut(&list, ','));
		bool not = word.len && word.ptr[0] == '!';

		if (covers(str_sub(word, not, word.len), command))
			yes = !not ;
	}
	return yes;
}

/* sudoers(5): those of a command come last, before them those of the user to run as. */
static struct str option(const struct sudo_grants *g, enum option_name name, struct str command)
{
	static const char kinds[3][4] = {
		{'\0', '@', ':' },
                { '>'},
                { '!'}
	};
	struct str value = {};

	for (unsigned pass = 0; pass < COUNT(kinds); pass++)
		for (size_t i = 0; i < g->n_options; i++) {
			const struct option *o = &g->options[i];
			bool now =
				pass ? o->kind == kinds[pass][0] : o->kind != '>' && o->kind != '!';

			if (o->name == name && now && option_fits(g, o, command))
				value = o->value;
		}
	return value;
}

static bool is_on(struct str value) { return value.len && !str_eq(value, STR("no")); }

static bool asks(const struct sudo_grants *g, const struct rule *x)
{
	struct str group, member;

	if (x->tag != TAG_NONE)
		return x->tag == TAG_PASSWD;
	if (str_eq(option(g, AUTHENTICATE, x->command), STR("no")))
		return false;
	group = option(g, EXEMPT_GROUP, x->command);
	if (!is_on(group))
		return true;
	member = arena_cat(g->c->arena, STR("%"), group, STR(""));
	return !member.ptr || !is_account(g, member);
}

/* rootpw, runaspw, targetpw: the password of somebody else. */
static bool own_password(const struct sudo_grants *g, const struct rule *x)
{
	if (x->doas)
		return true;
	if (is_on(option(g, ROOTPW, x->command)))
		return false;
	if (is_on(option(g, RUNASPW, x->command)))
		return str_eq(option(g, RUNAS_DEFAULT, x->command), g->account->name);
	return !is_on(option(g, TARGETPW, x->command));
}

static int width(const struct sudo_way *x) { return x->all * 2 + x->nopasswd; }

/* x is granted; by: the rule that decides about the password. */
static void add_way(const struct sudo_grants *g, const struct rule *x, const struct rule *by,
		    struct sudo_way *ways, size_t *n)
{
	struct rule decides = *x;
	struct sudo_way way = { x->command, x->why, x->evidence, .all = x->all };
	size_t at = *n;

	decides.tag = by->tag;
	way.nopasswd = !asks(g, &decides);
	way.usable = way.nopasswd || (g->account->has_password && own_password(g, &decides));
	while (at && width(&ways[at - 1]) < width(&way))
		at--;
	if (at == SUDO_WAYS_MAX)
		return;
	*n = MIN(*n + 1, (size_t)SUDO_WAYS_MAX);
	for (size_t i = *n - 1; i > at; i--)
		ways[i] = ways[i - 1];
	ways[at] = way;
}

/* "Defaults!/usr/bin/vim !authenticate" beside a rule for all commands. */
static void add_exempt(const struct sudo_grants *g, const struct rule *x, struct sudo_way *ways,
		       size_t *n)
{
	for (size_t i = 0; i < g->n_options; i++) {
		const struct option *o = &g->options[i];
		struct str list = o->list;

		if (o->name != AUTHENTICATE || o->kind != '!' || !str_eq(o->value, STR("no")))
			continue;
		while (list.ptr) {
			struct rule one = *x;

			one.command = str_trim(str_cut(&list, ','));
			if (!one.command.len || one.command.ptr[0] != '/')
				continue;
			one.all = false;
			one.why = str_of(sudo_danger(g->c->root, one.command, false));
			if (one.why.len && !asks(g, &one))
				add_way(g, &one, &one, ways, n);
		}
	}
}

/* The later rule that decides about a command, or NULL. */
static const struct rule *overruled(const struct rule *const *later, size_t n, const struct rule *x)
{
	for (size_t i = 0; i < n; i++)
		if (covers(later[i]->command, x->command))
			return later[i];
	return NULL;
}

/* From the last rule to the first: what a later one decides is decided. */
static void judge(struct sudo_grants *g, size_t n, bool doas, struct sudo_way *ways, size_t *n_ways)
{
	const struct rule *later[LATER_MAX];
	size_t n_later = 0;

	for (size_t i = n; i--;) {
		const struct rule *x = &g->rules[g->order[i]], *by;

		if (x->doas != doas || (x->excepted.len && list_fits(g, x->excepted, is_account)))
			continue;
		by = overruled(later, n_later, x);
		g->steps += n_later;
		if (!x->negated && (x->all || x->why.len) && (!by || !(by->negated || by->why.len)))
			add_way(g, x, by ? by : x, ways, n_ways);
		if (x->all && !x->negated && asks(g, x))
			add_exempt(g, x, ways, n_ways);
		if (x->all)
			return;
		if (n_later < LATER_MAX)
			later[n_later++] = x;
	}
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* The rules of all names of the account, each once. */
static int gather(struct sudo_grants *g, size_t *ret)
{
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < g->account->n_names; i++) {
		const uint64_t *at = map_get(&g->names, g->account->names[i]);
		const struct subject *s = at ? &g->subjects[*at] : NULL;

		for (size_t k = 0; s && k < s->n; k++)
			if (arena_push(g->c->arena, g->order, n, g->order_cap, s->rules[k]) < 0)
				return -ENOMEM;
	}
	if (n)
		qsort(g->order, n, sizeof *g->order, compare);
	for (size_t i = 0; i < n; i++)
		if (!i || g->order[i] != g->order[i - 1])
			g->order[kept++] = g->order[i];
	*ret = kept;
	return 0;
}

int sudo_grants_of(struct sudo_grants *g, const struct sudo_account *a,
		   struct sudo_way ret[static SUDO_WAYS_MAX], size_t *ret_n)
{
	size_t n = 0, n_ways = 0;
	int r;

	if (g->steps > STEPS_MAX)
		return -E2BIG;
	g->account = a;
	r = gather(g, &n);
	if (r < 0)
		return r;
	g->steps += n * 4;
	judge(g, n, false, ret, &n_ways);
	judge(g, n, true, ret, &n_ways);
	*ret_n = n_ways;
	return 0;
}

static int note_host(sqlite3_stmt *st, void *user)
{
	struct sudo_grants *g = user;

	g->host = keep(g, st, 0);
	return g->host.ptr ? 0 : -ENOMEM;
}

static int note_option(sqlite3_stmt *st, void *user)
{
	struct sudo_grants *g = user;
	struct str scope = keep(g, st, 0), name = store_text(st, 1);
	struct option o = { .kind = *(scope.len ? scope.ptr : ""),
			    .list = str_sub(scope, 1, scope.len),
			    .value = keep(g, st, 2) };

	if (!scope.ptr || !o.value.ptr)
		return -ENOMEM;
	for (unsigned i = 0; i < COUNT(option_names); i++) {
		if (!str_eq(name, str_of(option_names[i])))
			continue;
		o.name = i;
		return arena_push(g->c->arena, g->options, g->n_options, g->options_cap, o);
	}
	return 0;
}

static int add_rule(struct sudo_grants *g, struct str user, const struct rule *x)
{
	const uint64_t *known = map_get(&g->names, user);
	uint64_t at = known ? *known : g->n_subjects;
	struct subject fresh = {}, *s;
	int r = 0;

	if (!known) {
		user = arena_str(g->c->arena, user);
		r = user.ptr ? map_put(&g->names, user, at) : -ENOMEM;
		if (r >= 0)
			r = arena_push(g->c->arena, g->subjects, g->n_subjects, g->subjects_cap,
				       fresh);
	}
	if (r >= 0)
		r = arena_push(g->c->arena, g->rules, g->n_rules, g->rules_cap, *x);
	if (r < 0)
		return r;
	s = &g->subjects[at];
	return arena_push(g->c->arena, s->rules, s->n, s->cap, (uint32_t)(g->n_rules - 1));
}

/* user, hosts, runas, tag, command, all_commands, negated, dangerous, rule, file, line, excepted */
static int note_rule(sqlite3_stmt *st, void *user)
{
	struct sudo_grants *g = user;
	struct str tag = store_text(st, 3), file = store_text(st, 9), runas = store_text(st, 2);
	struct rule x = { .tag = str_eq(tag, STR("PASSWD"))     ? TAG_PASSWD
				 : str_eq(tag, STR("NOPASSWD")) ? TAG_NOPASSWD
								: TAG_NONE,
			  .all = sqlite3_column_int(st, 5),
			  .negated = sqlite3_column_int(st, 6),
			  .doas = str_starts(file, STR("/etc/doas")) };

	if (!list_fits(g, store_text(st, 1), is_our_host) ||
	    !list_fits(g, str_cut(&runas, ':'), is_root))
		return 0;
	x.command = keep(g, st, 4);
	x.why = keep(g, st, 7);
	x.excepted = keep(g, st, 11);
	x.evidence = arena_fmt(g->c->arena, "%.*s:%lld %.*s", STR_FMT(file),
			       (long long)sqlite3_column_int64(st, 10), STR_FMT(store_text(st, 8)));
	if (!x.command.ptr || !x.why.ptr || !x.evidence.ptr || !x.excepted.ptr)
		return -ENOMEM;
	/* For people: sudoers is full of tabs. */
	for (char *p = (char *)x.evidence.ptr; *p; p++)
		if (*p == '\t')
			*p = ' ';
	return add_rule(g, store_text(st, 0), &x);
}

int sudo_grants_load(struct collect *c, struct sudo_grants **ret)
{
	static const struct {
		const char *sql;
		host_row_fn *fn;
	} steps[] = {
		{"SELECT hostname FROM host_info LIMIT 1",                                                        note_host  },
		{ "SELECT scope, name, value FROM sudo_defaults ORDER BY rowid",                                  note_option},
		{ "SELECT user, hosts, runas, tag, command, all_commands, negated, dangerous,"
		  " rule, file, line, excepted FROM sudo_rules WHERE active = 1 ORDER BY rowid", note_rule  },
	};
	struct sudo_grants *g = arena_new(c->arena, struct sudo_grants);
	int r = g ? 0 : -ENOMEM;

	if (r < 0)
		return r;
	*g = (struct sudo_grants){ .c = c, .host = STR("") };
	for (size_t i = 0; r >= 0 && i < COUNT(steps); i++)
		r = host_each(c->facts, steps[i].sql, steps[i].fn, g);
	if (r < 0)
		map_release(&g->names);
	else
		*ret = g;
	return r;
}
