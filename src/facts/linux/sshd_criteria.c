/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/sshd_criteria.h"

#include <stdio.h>

#include "base/diag.h"
#include "facts/linux/sshd_match.h"

struct criteria {
	const struct sshd_build *build;
	struct arena *arena;
	struct str raw;          /* before 9.9: what is left of the line */
	const struct str *words; /* since 9.9 */
	size_t n_words, at;
	struct sshd_criterion *list;
	size_t n, cap;
	struct sshd_reason *why;
};

static int refuse(struct criteria *p, const char *what, struct str s)
{
	char text[64];

	snprintf(p->why->text, sizeof p->why->text, "%s '%s'", what,
		 text_safe(s, text, sizeof text));
	return -EINVAL;
}

/* Since 9.9 the words of Match are split like those of other lines. */
static bool shell_like(const struct criteria *p) { return sshd_version(p->build) >= 909; }

static struct str next(struct criteria *p)
{
	if (!shell_like(p))
		return sshd_delimited(&p->raw, true, p->arena);
	return p->at < p->n_words ? p->words[p->at++] : (struct str){};
}

static void consume_all(struct criteria *p)
{
	p->raw = (struct str){};
	p->at = p->n_words;
}

static bool is_comment(const struct criteria *p, struct str s)
{
	return s.len && s.ptr[0] == '#' && sshd_version(p->build) >= 807;
}

static int check_all(struct criteria *p)
{
	struct str after = p->n ? STR("?") : next(p);

	if (is_comment(p, after))
		consume_all(p);
	else if (after.len)
		return refuse(p, "cannot be combined with other Match attributes:", STR("all"));
	return 0;
}

static int check_argument(struct criteria *p, struct sshd_criterion *c)
{
	bool address = c->type == SSHD_BY_ADDRESS || c->type == SSHD_BY_LOCALADDRESS;

	if (!c->arg.len || is_comment(p, c->arg))
		return refuse(p, "missing Match criteria for",
			      str_of(sshd_criterion_name(c->type)));
	if (address && sshd_address_list_check(c->arg) < 0)
		return refuse(p, "invalid Match address argument", c->arg);
	if (c->type == SSHD_BY_LOCALPORT && sshd_port(c->arg, &c->port) < 0)
		return refuse(p, "invalid LocalPort on Match line", c->arg);
	return 0;
}

static bool type_known(const struct criteria *p, int type)
{
	if (type == SSHD_BY_INVALID_USER)
		return sshd_version(p->build) >= 909;
	if (type == SSHD_BY_VERSION)
		return sshd_version(p->build) >= 1000;
	if (type == SSHD_BY_RDOMAIN)
		return sshd_version(p->build) >= 707;
	return type >= 0;
}

static int parse_one(struct criteria *p, struct str word)
{
	struct sshd_criterion c = {};
	struct str argument = word, name = word;
	int type, r;

	if (shell_like(p) && str_find(word, '=') > 0)
		name = str_cut(&argument, '=');
	else
		argument = (struct str){};
	type = sshd_criterion_find(name);
	if (!type_known(p, type))
		return refuse(p, "unsupported Match attribute", name);
	c.type = (enum sshd_criterion_type)type;
	if (c.type == SSHD_BY_ALL) {
		r = check_all(p);
	} else if (c.type == SSHD_BY_INVALID_USER) {
		r = 0;
	} else {
		c.arg = argument.ptr ? argument : next(p);
		r = check_argument(p, &c);
	}
	return r < 0 ? r : arena_push(p->arena, p->list, p->n, p->cap, c);
}

int sshd_criteria_parse(const struct sshd_build *b, struct str raw, const struct str *words,
			size_t n_words, struct arena *a, struct sshd_criterion **ret, size_t *ret_n,
			struct sshd_reason *why)
{
	struct criteria p = {
		.build = b, .arena = a, .raw = raw, .words = words, .n_words = n_words, .why = why
	};

	for (struct str word; (word = next(&p)).len;) {
		int r;

		if (is_comment(&p, word)) {
			consume_all(&p);
			break;
		}
		r = parse_one(&p, word);
		if (r < 0)
			return r;
		if (p.list[p.n - 1].type == SSHD_BY_ALL)
			break;
	}
	if (!p.n)
		return refuse(&p, "no criteria:", STR("Match"));
	if (shell_like(&p) ? p.at < p.n_words : p.raw.len != 0)
		return refuse(&p, "extra arguments at end of line:", STR("Match"));
	*ret = p.list;
	*ret_n = p.n;
	return 0;
}

struct str sshd_criteria_text(struct str outer, const struct sshd_criterion *list, size_t n,
			      struct arena *a)
{
	struct str text = outer.len ? outer : STR("");

	for (size_t i = 0; i < n; i++) {
		struct str name = str_of(sshd_criterion_name(list[i].type));

		if (text.len)
			text = arena_cat(a, text, STR(" "), name);
		else
			text = name;
		if (list[i].arg.ptr)
			text = arena_cat(a, text, STR(" "), list[i].arg);
	}
	return text;
}
