/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * az-rule: rules of network security groups as the finding itself says them ("az network nsg rule …"),
 * each with the call that takes it back. A rule that is to be deleted denies instead, so that it can
 * allow again.
 */
#include "action/draft.h"
#include "action/settings.h"

#define WORDS_MAX 64u
#define START "az network nsg rule "

struct call {
	const char *argv[WORDS_MAX + 4];
	size_t n;
	const char *verb, *group, *nsg, *name, *subscription;
};

static int add(const struct remedy_input *in, struct call *c, struct str word)
{
	const char *s = arena_cstr(in->arena, word);

	if (c->n >= WORDS_MAX)
		return -E2BIG;
	c->argv[c->n++] = s;
	c->argv[c->n] = NULL;
	return s ? 0 : -ENOMEM;
}

static const char *behind(const struct call *c, const char *option)
{
	for (size_t i = 0; i + 1 < c->n; i++)
		if (!strcmp(c->argv[i], option))
			return c->argv[i + 1];
	return NULL;
}

static int read_call(const struct remedy_input *in, struct str line, struct call *ret)
{
	struct str word, *rows;
	size_t n;
	int r = 0;

	*ret = (struct call){};
	while (r >= 0 && (word = str_quoted_word(&line)).ptr)
		r = add(in, ret, word);
	if (r < 0)
		return r;
	ret->verb = ret->n > 4 ? ret->argv[4] : "";
	ret->group = behind(ret, "--resource-group");
	ret->nsg = behind(ret, "--nsg-name");
	ret->name = behind(ret, "--name");
	if (!ret->group || !ret->nsg || !ret->name)
		return -ENOENT;
	r = remedy_query_text(in,
			      "SELECT DISTINCT subscription FROM azure_nsgs WHERE name = ?1 "
			      "AND subscription <> ''",
			      str_of(ret->nsg), &rows, &n);
	if (r < 0 || n != 1)
		return r < 0 ? r : -ENOENT;
	ret->subscription = rows[0].ptr;
	r = add(in, ret, STR("--subscription"));
	return r < 0 ? r : add(in, ret, rows[0]);
}

/* What the rule lets in now: "--source-address-prefixes A B". */
static int add_sources(const struct remedy_input *in, const struct call *c, struct call *undo)
{
	struct str key = arena_fmt(in->arena, "%s/%s", c->nsg, c->name), *rows, word;
	size_t n;
	int r = key.ptr ? remedy_query_text(in,
					    "SELECT source FROM azure_nsg_rules "
					    "WHERE nsg || '/' || name = ?1",
					    key, &rows, &n)
			: -ENOMEM;

	if (r < 0 || n != 1 || !rows[0].len)
		return r < 0 ? r : -ENOENT;
	r = add(in, undo, STR("--source-address-prefixes"));
	while (r >= 0 && (word = str_word(&rows[0])).ptr)
		r = add(in, undo, word);
	return r;
}

static int start_undo(const struct remedy_input *in, const struct call *c, const char *verb,
		      struct call *ret)
{
	const char *const words[] = { "az",           "network",    "nsg",
				      "rule",         verb,         "--resource-group",
				      c->group,       "--nsg-name", c->nsg,
				      "--name",       c->name,      "--subscription",
				      c->subscription };
	int r = 0;

	*ret = (struct call){};
	for (size_t i = 0; r >= 0 && i < COUNT(words); i++)
		r = add(in, ret, str_of(words[i]));
	return r;
}

/* Both ways of a rule that is there: its access. */
static int plan_access(const struct remedy_input *in, struct plan *p, const struct call *c)
{
	struct call deny, allow;
	int r = start_undo(in, c, "update", &deny);

	if (r >= 0)
		r = start_undo(in, c, "update", &allow);
	if (r >= 0)
		r = add(in, &deny, STR("--access"));
	if (r >= 0)
		r = add(in, &deny, STR("Deny"));
	if (r >= 0)
		r = add(in, &allow, STR("--access"));
	if (r >= 0)
		r = add(in, &allow, STR("Allow"));
	return r < 0 ? r : plan_azure(p, deny.argv, allow.argv, NULL, NULL);
}

static int plan_line(const struct remedy_input *in, struct plan *p, struct str line)
{
	struct call c, undo;
	bool created;
	int r = str_starts(line, STR(START)) ? read_call(in, line, &c) : -ENOENT;

	if (r < 0)
		return r == -ENOENT || r == -E2BIG
			       ? plan_cannot(p, "this is to be done by hand: %.*s", STR_FMT(line))
			       : r;
	if (!strcmp(c.verb, "delete"))
		return plan_access(in, p, &c);
	created = !strcmp(c.verb, "create");
	r = start_undo(in, &c, created ? "delete" : "update", &undo);
	if (r >= 0 && !created)
		r = add_sources(in, &c, &undo);
	if (r == -ENOENT)
		return plan_cannot(p, "it is not known whom the rule %s lets in now", c.name);
	return r < 0 ? r : plan_azure(p, c.argv, undo.argv, NULL, NULL);
}

static int plan_az_rule(const struct remedy_input *in, struct plan *p)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < in->n_resources; i++) {
		struct str fix = in->resources[i].fix, line;

		if (!fix.len)
			return plan_cannot(p, "it is not known which rule decides");
		while (r >= 0 && str_line(&fix, &line, NULL))
			if (str_trim(line).len)
				r = plan_line(in, p, str_trim(line));
	}
	p->risky = true;
	return r < 0 ? r
		     : plan_breaks(p, "whoever comes in by these ports from the internet, you "
				      "included");
}

const struct remedy remedy_az_rule = {
	.kind = "az-rule",
	.args = "",
	.what = "rules of network security groups that let the internet in: narrowed, or one in front "
		"of them that denies, as the finding says it; a rule that would be deleted denies "
		"instead",
	.plan = plan_az_rule,
};
