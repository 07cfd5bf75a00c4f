/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "secrets/rules.h"

#include <stdarg.h>
#include <stdio.h>

#include "secrets/line.h"
#include "secrets/pike.h"
#include "secrets/toml.h"
#include "secrets/value.h"

#define LINE_STEPS ((uint64_t)8 << 20) /* of all rules over one line */
#define MATCHES_MAX 32
#define KEYWORD_MIN 3

struct patterns {
	const struct pike **list;
	size_t n, cap;
};

enum target { TARGET_SECRET, TARGET_MATCH, TARGET_LINE };

struct allow {
	struct patterns regexes, paths;
	struct str *stopwords;
	size_t n_stopwords;
	enum target target;
	bool all; /* condition = "AND" */
	struct allow *next;
};

struct user_rule {
	const char *id;
	const struct pike *regex, *path;
	struct str *keywords;
	size_t n_keywords;
	unsigned group; /* 0: the first that took part, else all */
	double entropy;
	struct allow *allow;
	unsigned line;
	bool broken;
};

struct user_rules {
	struct user_rule *list;
	size_t n, cap;
	struct allow *allow;
	struct str *words;
	size_t n_words, words_cap;
	bool all_lines; /* a rule has no keyword */
};

struct parse {
	struct user_rules *r;
	struct arena *a;
	user_rules_note *note;
	void *user;
	enum { IN_TOP, IN_RULE, IN_ALLOW, IN_OTHER } in;
	struct allow *allow;
};

static void PRINTF(3, 4) note(const struct parse *p, unsigned line, const char *fmt, ...)
{
	char text[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	p->note(p->user, line, text);
}

static struct user_rule *latest(struct parse *p)
{
	return p->r->n ? &p->r->list[p->r->n - 1] : NULL;
}

static int new_allow(struct parse *p, struct allow **list)
{
	struct allow *a = arena_new(p->a, struct allow);

	if (!a)
		return -ENOMEM;
	*a = (struct allow){ .next = *list };
	*list = a;
	p->allow = a;
	p->in = IN_ALLOW;
	return 0;
}

static int table(struct parse *p, const struct toml_event *e)
{
	struct user_rule rule = { .line = e->line };
	int r;

	p->in = IN_OTHER;
	if (str_eq(e->name, STR("rules")) && e->type == TOML_TABLES) {
		if (p->r->n == USER_RULES_MAX) {
			note(p, e->line, "more than %d rules: the rest is left out",
			     USER_RULES_MAX);
			return 0;
		}
		r = arena_push(p->a, p->r->list, p->r->n, p->r->cap, rule);
		p->in = IN_RULE;
		return r < 0 ? r : 0;
	}
	if (str_eq(e->name, STR("allowlist")) || str_eq(e->name, STR("allowlists")))
		return new_allow(p, &p->r->allow);
	if (str_eq(e->name, STR("rules.allowlist")) || str_eq(e->name, STR("rules.allowlists")))
		return latest(p) ? new_allow(p, &latest(p)->allow) : 0;
	if (!str_eq(e->name, STR("extend")))
		note(p, e->line, "a table that is not known is left out");
	return 0;
}

static int compile(struct parse *p, const struct toml_event *e, struct str text,
		   const struct pike **ret, bool *ret_bad)
{
	struct arena_mark mark = arena_mark(p->a);
	const char *why = "";
	int r = pike_compile(p->a, text, ret, &why);

	*ret_bad = r == -EINVAL;
	if (r != -EINVAL)
		return r;
	arena_rewind(p->a, mark);
	note(p, e->line, "the expression %s: it is left out", why);
	return 0;
}

static int patterns(struct parse *p, const struct toml_event *e, struct patterns *ret)
{
	int r = e->type == TOML_LIST ? 0 : -EINVAL;

	if (r < 0) {
		note(p, e->line, "a list of texts is wanted");
		return 0;
	}
	for (size_t i = 0; r >= 0 && i < e->n; i++) {
		const struct pike *one;
		bool bad;

		r = compile(p, e, e->list[i], &one, &bad);
		if (r >= 0 && !bad)
			r = arena_push(p->a, ret->list, ret->n, ret->cap, one);
	}
	return r < 0 ? r : 0;
}

static int in_rule(struct parse *p, const struct toml_event *e)
{
	struct user_rule *rule = latest(p);
	bool bad = false;
	int r = 0;

	if (str_eq(e->name, STR("id")) && e->type == TOML_STRING) {
		rule->id = arena_cstr(p->a, str_sub(e->text, 0, 63));
		return rule->id ? 0 : -ENOMEM;
	}
	if (str_eq(e->name, STR("regex")) && e->type == TOML_STRING)
		r = compile(p, e, e->text, &rule->regex, &bad);
	else if (str_eq(e->name, STR("path")) && e->type == TOML_STRING)
		r = compile(p, e, e->text, &rule->path, &bad);
	else if (str_eq(e->name, STR("secretGroup")) && e->type == TOML_NUMBER && e->number >= 0 &&
		 e->number < PIKE_GROUPS)
		rule->group = (unsigned)e->number;
	else if (str_eq(e->name, STR("entropy")) && e->type == TOML_NUMBER)
		rule->entropy = e->number;
	else if (str_eq(e->name, STR("keywords")) && e->type == TOML_LIST) {
		rule->keywords = e->list;
		rule->n_keywords = e->n;
	} else if (!str_eq(e->name, STR("description")) && !str_eq(e->name, STR("tags")))
		note(p, e->line, "\"%.*s\" of a rule cannot be read: it is left out",
		     STR_FMT(str_sub(e->name, 0, 60)));
	rule->broken = rule->broken || bad;
	return r;
}

static int in_allow(struct parse *p, const struct toml_event *e)
{
	struct allow *a = p->allow;

	if (str_eq(e->name, STR("regexes")))
		return patterns(p, e, &a->regexes);
	if (str_eq(e->name, STR("paths")))
		return patterns(p, e, &a->paths);
	if (str_eq(e->name, STR("stopwords")) && e->type == TOML_LIST) {
		a->stopwords = e->list;
		a->n_stopwords = e->n;
	} else if (str_eq(e->name, STR("regexTarget")) && e->type == TOML_STRING) {
		a->target = str_eq(e->text, STR("match"))  ? TARGET_MATCH
			    : str_eq(e->text, STR("line")) ? TARGET_LINE
							   : TARGET_SECRET;
	} else if (str_eq(e->name, STR("condition")) && e->type == TOML_STRING) {
		a->all = str_ieq(e->text, STR("AND"));
	} else if (!str_eq(e->name, STR("description"))) {
		note(p, e->line, "\"%.*s\" of an allow list cannot be read: it is left out",
		     STR_FMT(str_sub(e->name, 0, 60)));
	}
	return 0;
}

static int event(void *user, const struct toml_event *e)
{
	struct parse *p = user;

	if (e->type == TOML_TABLE || e->type == TOML_TABLES)
		return table(p, e);
	if (p->in == IN_RULE)
		return in_rule(p, e);
	return p->in == IN_ALLOW ? in_allow(p, e) : 0;
}

static int add_word(struct user_rules *r, struct arena *a, struct str word)
{
	return arena_push(a, r->words, r->n_words, r->words_cap, word);
}

/* Rules without an id or an expression say nothing; short keywords would make all lines candidates. */
static int settle(struct parse *p)
{
	struct user_rules *r = p->r;
	size_t kept = 0;
	int e = 0;

	for (size_t i = 0; e >= 0 && i < r->n; i++) {
		struct user_rule *rule = &r->list[i];
		bool lines = !rule->n_keywords;

		if (!rule->regex || !rule->id || rule->broken) {
			note(p, rule->line, "the rule %s is left out%s",
			     rule->id ? rule->id : "without id",
			     rule->regex ? "" : ": it has no expression that can be read");
			continue;
		}
		for (size_t k = 0; e >= 0 && k < rule->n_keywords; k++) {
			if (rule->keywords[k].len < KEYWORD_MIN)
				lines = true;
			else
				e = add_word(r, p->a, rule->keywords[k]);
		}
		r->all_lines |= lines;
		r->list[kept++] = *rule;
	}
	r->n = kept;
	return e;
}

int user_rules_parse(struct str text, struct arena *a, user_rules_note *note_, void *user,
		     struct user_rules **ret, struct diag *d)
{
	struct parse p = {
		.a = a, .note = note_, .user = user, .r = arena_new(a, struct user_rules)
	};
	const char *reason = NULL;
	unsigned line = 0;
	int r = p.r ? toml_read(text, a, event, &p, &line, &reason) : -ENOMEM;

	if (r == -EBADMSG)
		return diag_set(d, r, NULL, line, "%s", reason ? reason : "cannot be read");
	if (r >= 0)
		r = settle(&p);
	if (r < 0)
		return r;
	*ret = p.r;
	return 0;
}

size_t user_rules_count(const struct user_rules *r) { return r->n; }

bool user_rules_every_line(const struct user_rules *r) { return r->all_lines; }

void user_rules_words(const struct user_rules *r, struct str **ret, size_t *ret_n)
{
	*ret = r->words;
	*ret_n = r->n_words;
}

struct look {
	struct secret_line *l;
	struct str path, match, secret;
	struct pike_budget budget;
	int error;
};

static bool matches(struct look *x, const struct pike *p, struct str text)
{
	struct pike_match m;
	int r = pike_find(p, text, 0, x->l->arena, &x->budget, &m);

	x->error = r < 0 ? r : x->error;
	return r > 0;
}

static bool any(struct look *x, const struct patterns *p, struct str text)
{
	for (size_t i = 0; i < p->n; i++)
		if (matches(x, p->list[i], text))
			return true;
	return false;
}

static bool has_word(struct str s, const struct str *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!words[i].len)
			continue;
		for (size_t k = 0; k + words[i].len <= s.len; k++)
			if (str_istarts(str_sub(s, k, s.len), words[i]))
				return true;
	}
	return false;
}

static bool allows(struct look *x, const struct allow *a)
{
	struct str text = a->target == TARGET_LINE    ? x->l->text
			  : a->target == TARGET_MATCH ? x->match
						      : x->secret;
	bool by_regex = a->regexes.n && any(x, &a->regexes, text);
	bool by_path = a->paths.n && any(x, &a->paths, x->path);
	bool by_word = a->n_stopwords && has_word(x->secret, a->stopwords, a->n_stopwords);

	if (a->all)
		return (by_regex || !a->regexes.n) && (by_path || !a->paths.n) &&
		       (by_word || !a->n_stopwords) &&
		       (a->regexes.n || a->paths.n || a->n_stopwords);
	return by_regex || by_path || by_word;
}

static bool is_allowed(struct look *x, const struct allow *a)
{
	for (; a; a = a->next)
		if (allows(x, a))
			return true;
	return false;
}

static struct str group_of(const struct user_rule *rule, const struct pike_match *m,
			   struct str text)
{
	unsigned g = rule->group;

	for (unsigned i = 1; !g && i < PIKE_GROUPS; i++)
		if (m->group[i].from != UINT32_MAX && m->group[i].to > m->group[i].from)
			g = i;
	if (m->group[g].from == UINT32_MAX)
		g = 0;
	return str_sub(text, m->group[g].from, m->group[g].to);
}

static int tell(struct look *x, const struct user_rule *rule)
{
	struct secret_hit hit = { .kind = "rule", .value = x->secret, .rule = rule->id };
	struct secret_line *l = x->l;
	uint32_t end;

	hit.at = (uint32_t)(x->secret.ptr - l->text.ptr);
	hit.len = (uint32_t)x->secret.len;
	end = hit.at + hit.len;
	for (unsigned i = 0; i < l->n_seen; i++)
		if (hit.at < l->seen[i].end && l->seen[i].at < end)
			return 0;
	if (l->n_seen == SECRET_LINE_HITS)
		return 0;
	l->seen[l->n_seen].at = hit.at;
	l->seen[l->n_seen++].end = end;
	return l->fn(l->user, &hit);
}

static int one_rule(struct look *x, const struct user_rules *all, const struct user_rule *rule)
{
	struct str text = x->l->text;
	size_t from = 0;
	int r = 0;

	if (rule->n_keywords && !has_word(text, rule->keywords, rule->n_keywords))
		return 0;
	if (rule->path && !matches(x, rule->path, x->path))
		return x->error;
	for (unsigned n = 0; r >= 0 && !x->error && n < MATCHES_MAX && from <= text.len; n++) {
		struct pike_match m;

		r = pike_find(rule->regex, text, from, x->l->arena, &x->budget, &m);
		if (r <= 0)
			break;
		x->match = str_sub(text, m.group[0].from, m.group[0].to);
		x->secret = group_of(rule, &m, text);
		from = MAX(m.group[0].to, from + 1);
		if (x->secret.len && secret_entropy(x->secret) >= rule->entropy &&
		    !is_allowed(x, rule->allow) && !is_allowed(x, all->allow))
			r = tell(x, rule);
	}
	return r < 0 ? r : x->error;
}

int user_rules_line(const struct user_rules *r, struct str path, struct secret_line *l)
{
	struct look x = { .l = l, .path = path, .budget = { LINE_STEPS } };
	int e = 0;

	l->text = str_sub(l->text, 0, SECRET_LINE_MAX);
	for (size_t i = 0; e >= 0 && i < r->n; i++)
		e = one_rule(&x, r, &r->list[i]);
	return e;
}
