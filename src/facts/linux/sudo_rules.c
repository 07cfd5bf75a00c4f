/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sudo_rules: Rules of sudoers and doas.conf, one row for each user, command and tag set; aliases resolved. */
#include "facts/fact.h"
#include "facts/linux/doas.h"
#include "facts/linux/sudo_expand.h"

#define FACT_ROW sudo_rules_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, user, "user, %group, %#gid, +netgroup, #uid or ALL") \
	X(TEXT, hosts, "host list, aliases resolved") \
	X(TEXT, runas, "run-as users:groups; root when absent, the user itself where empty") \
	X(INT, nopasswd, "1 with NOPASSWD or a Defaults !authenticate that applies") \
	X(TEXT, command, "one command with arguments, ALL, or sudoedit path") \
	X(INT, all_commands, "1 when the command is ALL") \
	X(INT, negated, "1 for !command") \
	X(TEXT, dangerous, "why the command gives a root shell (editor, interpreter, pager, package manager, wildcard, writable), or ''") \
	X(TEXT, rule, "the rule as written, shortened") \
	X(TEXT, file, "configuration file") \
	X(INT, line, "line") \
	X(TEXT, excepted, "users behind this one in the list that are negated, without '!'") \
	X(TEXT, tag, "PASSWD, NOPASSWD or ''") \
	X(INT, active, "0 outside of NOTBEFORE and NOTAFTER")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "sudo_rules",
	.doc = "Rules of sudoers and doas.conf, one row for each user, command and tag set; aliases resolved.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

#define RULE_MAX 240

struct work {
	struct collect *c;
	struct sudoers s;
	struct sudo_expand x;
	struct str runas_default;
};

static void work_release(struct work *w) { sudoers_release(&w->s); }

static int is_root_item(struct sudo_expand *x, const struct sudo_item *item, void *user)
{
	static const struct str names[] = { STR("root"), STR("#0"), STR("ALL"), STR("%root"),
					    STR("%#0") };
	bool *yes = user, named = false;

	(void)x;
	for (size_t i = 0; i < COUNT(names); i++)
		named |= str_eq(item->text, names[i]);
	if (named)
		*yes = !item->negated;
	return 0;
}

/* "user, user : group"; without users it is the caller, who gains a group only. */
static int runs_as_root(struct work *w, struct str runas, bool *ret)
{
	struct str users = str_trim(str_cut(&runas, ':'));

	*ret = false;
	return sudo_expand(&w->x, users, SUDO_RUNAS, is_root_item, ret);
}

/* "users:groups" with aliases replaced. */
static int runas_text(struct work *w, struct str runas, struct str *ret)
{
	struct str users = {}, groups = {}, list = str_cut(&runas, ':');
	int r = sudo_expand_text(&w->x, list, SUDO_RUNAS, &users);

	if (r >= 0 && runas.ptr)
		r = sudo_expand_text(&w->x, runas, SUDO_RUNAS, &groups);
	if (r < 0)
		return r;
	*ret = groups.len ? arena_cat(w->c->arena, users, STR(":"), groups) : users;
	return ret->len && !ret->ptr ? -ENOMEM : 0;
}

struct match {
	struct str text;
	bool yes;
};

static int match_item(struct sudo_expand *x, const struct sudo_item *item, void *user)
{
	struct match *m = user;
	struct str word = item->text;

	(void)x;
	if (str_eq(word, STR("ALL")) || str_eq(word, m->text) ||
	    (str_starts(m->text, word) && m->text.len > word.len && m->text.ptr[word.len] == ' '))
		m->yes = !item->negated;
	return 0;
}

/* Does a scoped Defaults apply to this user, run-as user or command? Hosts are taken to match. */
static int scope_matches(struct work *w, struct str scope, const struct sudo_rules_row *row,
			 bool *ret)
{
	const char *kind_text = scope.len ? scope.ptr : "@";
	char kind = *kind_text;
	struct str list = str_trim(str_sub(scope, 1, scope.len));
	struct match m = { .text = kind == '!'   ? row->command
				   : kind == '>' ? row->runas
						 : row->user };
	int r;

	if (kind == '@') {
		*ret = true;
		return 0;
	}
	r = sudo_expand(&w->x, list,
			kind == '!'   ? SUDO_COMMANDS
			: kind == '>' ? SUDO_RUNAS
				      : SUDO_USERS,
			match_item, &m);
	*ret = m.yes;
	return r;
}

/* sudo applies "Defaults!command" after all others, else the last one counts. */
static int authenticates(struct work *w, const struct sudo_rules_row *row, bool *ret)
{
	*ret = true;
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < w->s.n; i++) {
			const struct sudo_statement *st = &w->s.lines[i].s;

			for (size_t j = 0; st->kind == SUDO_DEFAULTS && j < st->n; j++) {
				const struct sudo_default *d = &st->defaults[j];
				bool command = d->scope.len && d->scope.ptr[0] == '!', yes;
				int r;

				if (command != pass || !str_eq(d->name, STR("authenticate")))
					continue;
				r = scope_matches(w, d->scope, row, &yes);
				if (r < 0)
					return r;
				if (yes)
					*ret = !str_eq(d->value, STR("no"));
			}
		}
	}
	return 0;
}

struct exception {
	size_t at;     /* in the list of users */
	size_t offset; /* in the text of all */
	struct str text;
};

struct emit {
	struct work *w;
	const struct sudo_line *line;
	const struct sudo_spec *spec;
	struct sudo_rules_row row;
	bool as_root;
	size_t users; /* words of the list so far */
	struct exception *exceptions;
	size_t n_exceptions, exceptions_cap;
	size_t joined; /* length of all of them with commas */
	size_t next;   /* the first one that is not behind us */
	struct str all_exceptions;
};

/* sudo refuses a program that has become another one. */
static bool may_run(const struct work *w, const struct sudo_item *item)
{
	bool fits = true;

	if (item->digests.len && sudo_digest_fits(w->c->root, item->digests, item->text, &fits) < 0)
		return true;
	return fits;
}

static int emit_command(struct sudo_expand *x, const struct sudo_item *item, void *user)
{
	struct emit *e = user;
	struct work *w = e->w;
	struct sudo_rules_row *row = &e->row;
	bool asks = true;
	int r = 0;

	(void)x;
	row->command = item->text;
	row->negated = item->negated;
	/* Of ALL with a digest it is not known what it stands for. */
	row->all_commands = str_eq(item->text, STR("ALL")) && !item->digests.len;
	row->dangerous = STR("");
	if (e->as_root && !item->negated && !row->all_commands && may_run(w, item))
		row->dangerous = str_of(sudo_danger(w->c->root, item->text, e->spec->noexec));
	if (e->spec->passwd < 0)
		r = authenticates(w, row, &asks);
	else
		asks = e->spec->passwd;
	row->nopasswd = !asks;
	return r < 0 ? r : collect_row(w->c, row);
}

static bool is_active(const struct sudo_spec *spec, int64_t now)
{
	return (!spec->not_before || now >= spec->not_before) &&
	       (!spec->not_after || now <= spec->not_after);
}

static int note_exception(struct sudo_expand *x, const struct sudo_item *item, void *user)
{
	struct emit *e = user;
	struct exception one = { e->users++, e->n_exceptions ? e->joined + 1 : 0, item->text };

	if (!item->negated)
		return 0;
	e->joined = one.offset + item->text.len;
	return arena_push(x->c->arena, e->exceptions, e->n_exceptions, e->exceptions_cap, one);
}

/* All of them, separated by commas: what is behind a word of the list is the end of this. */
static int join_exceptions(struct sudo_expand *x, struct emit *e)
{
	char *text = arena_alloc(x->c->arena, e->joined + 1);

	if (!text)
		return -ENOMEM;
	for (size_t i = 0; i < e->n_exceptions; i++) {
		struct str one = e->exceptions[i].text;

		memcpy(text + e->exceptions[i].offset, one.ptr, one.len);
		text[e->exceptions[i].offset + one.len] = ',';
	}
	e->all_exceptions = (struct str){ text, e->joined };
	return 0;
}

/* Those behind the word of the list that is at hand: the last one that fits decides. */
static struct str exceptions_behind(struct emit *e)
{
	while (e->next < e->n_exceptions && e->exceptions[e->next].at < e->users)
		e->next++;
	if (e->next == e->n_exceptions)
		return STR("");
	return str_sub(e->all_exceptions, e->exceptions[e->next].offset, e->all_exceptions.len);
}

static int emit_user(struct sudo_expand *x, const struct sudo_item *item, void *user)
{
	struct emit *e = user;
	struct work *w = e->w;
	int r = 0;

	e->users++;
	if (item->negated)
		return 0;
	e->row.user = item->text;
	e->row.excepted = exceptions_behind(e);
	for (size_t i = 0; r >= 0 && i < e->line->s.n; i++) {
		struct arena_mark mark = arena_mark(w->c->arena);

		e->spec = &e->line->s.specs[i];
		e->row.active = is_active(e->spec, w->c->now);
		e->row.tag = e->spec->passwd < 0 ? STR("")
			     : e->spec->passwd   ? STR("PASSWD")
						 : STR("NOPASSWD");
		r = sudo_expand_text(x, e->spec->hosts, SUDO_HOSTS, &e->row.hosts);
		if (r >= 0)
			r = runas_text(w, e->spec->runas.ptr ? e->spec->runas : w->runas_default,
				       &e->row.runas);
		if (r >= 0)
			r = runs_as_root(w, e->row.runas, &e->as_root);
		if (r >= 0)
			r = sudo_expand(x, e->spec->command, SUDO_COMMANDS, emit_command, e);
		arena_rewind(w->c->arena, mark);
	}
	return r;
}

static int emit_rule(struct work *w, const struct sudo_line *line)
{
	struct emit e = {
		.w = w,
		.line = line,
		.row = {
			.rule = str_sub(line->text, 0, RULE_MAX),
			.file = line->file,
			.line = line->line,
		},
	};
	int r;

	w->x.problem = NULL;
	r = sudo_expand(&w->x, line->s.users, SUDO_USERS, note_exception, &e);
	e.users = 0;
	if (r >= 0)
		r = join_exceptions(&w->x, &e);
	if (r >= 0)
		r = sudo_expand(&w->x, line->s.users, SUDO_USERS, emit_user, &e);
	if (w->x.problem)
		collect_problem(w->c, 0, line->file.ptr, "line %u: %s", line->line, w->x.problem);
	return r;
}

static int emit_doas(struct collect *c, const struct doas_rule *rule, struct str path)
{
	struct sudo_rules_row row = {
		.user = rule->identity,
		.hosts = STR("ALL"),
		.runas = rule->target.ptr ? rule->target : STR("ALL"),
		.nopasswd = rule->nopass,
		.command = rule->command.ptr ? rule->command : STR("ALL"),
		.all_commands = !rule->command.ptr,
		.negated = !rule->permit,
		.rule = str_sub(rule->text, 0, RULE_MAX),
		.file = path,
		.line = rule->line,
		.excepted = STR(""),
		.tag = rule->nopass ? STR("NOPASSWD") : STR("PASSWD"),
		.active = 1,
	};
	bool as_root = !rule->target.ptr || str_eq(rule->target, STR("root"));

	if (str_starts(row.user, STR(":")))
		row.user =
			arena_cat(c->arena, STR("%"), str_sub(row.user, 1, row.user.len), STR(""));
	if (as_root && rule->permit && rule->command.ptr)
		row.dangerous = str_of(sudo_danger(c->root, rule->command, false));
	return row.user.ptr ? collect_row(c, &row) : -ENOMEM;
}

static int read_doas(struct collect *c, const char *path, struct str text, void *user)
{
	struct doas_rule rule;
	unsigned line = 0;
	int r;

	(void)user;
	while ((r = doas_next(&text, &line, c->arena, &rule))) {
		if (r == -EBADMSG)
			collect_problem(c, 0, path, "line %u: not a rule of doas", line);
		else if (r > 0)
			r = emit_doas(c, &rule, str_of(path));
		if (r < 0 && r != -EBADMSG)
			return r;
	}
	return 0;
}

static int doas(struct collect *c)
{
	struct str text;
	int r = collect_read(c, "/etc/doas.conf", &text, NULL);

	if (r > 0)
		r = read_doas(c, "/etc/doas.conf", text, NULL);
	return r < 0 ? r : collect_dropins(c, "/etc/doas.d", ".conf", read_doas, NULL);
}

static int collect(struct collect *c)
{
	own(work_release) struct work w = { .c = c, .runas_default = STR("root") };
	int r = sudoers_load(c, &w.s);

	w.x = (struct sudo_expand){ .c = c, .s = &w.s };
	for (size_t i = 0; r >= 0 && i < w.s.n; i++) {
		const struct sudo_statement *st = &w.s.lines[i].s;

		for (size_t j = 0; st->kind == SUDO_DEFAULTS && j < st->n; j++) {
			if (!st->defaults[j].scope.len &&
			    str_eq(st->defaults[j].name, STR("runas_default")))
				w.runas_default = st->defaults[j].value;
		}
	}
	for (size_t i = 0; r >= 0 && i < w.s.n; i++) {
		/* Of a line with a mistake sudo takes nothing. */
		if (w.s.lines[i].s.kind == SUDO_RULE && !w.s.lines[i].s.error)
			r = emit_rule(&w, &w.s.lines[i]);
	}
	return r < 0 ? r : doas(c);
}

const struct collector collector_sudo_rules = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
