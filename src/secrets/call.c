/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * call: the same letter means different things to different programs: "mysql -psecret" is a
 * password, "mysql -p shop" asks for one, "ssh -p 2222" is a port.
 */
#include "secrets/call.h"
#include "secrets/value.h"

static const struct word *word_at(const struct call *c, size_t i)
{
	return i < c->n && !c->words[i].is_operator ? &c->words[i] : NULL;
}

struct str call_behind(struct str s, char c)
{
	ssize_t at = str_find(s, c);

	return at < 0 ? (struct str){} : str_sub(s, (size_t)at + 1, s.len);
}

static struct str before(struct str s, char c)
{
	ssize_t at = str_find(s, c);

	return at < 0 ? s : str_sub(s, 0, (size_t)at);
}

static struct str after_prefix(struct str s, struct str prefix)
{
	return str_starts(s, prefix) ? str_sub(s, prefix.len, s.len) : (struct str){};
}

static struct str part_of(struct str s, enum program_take take)
{
	struct str rest;

	switch (take) {
	case TAKE_COLON: return str_starts(s, STR("//")) ? (struct str){} : call_behind(s, ':');
	case TAKE_COLON2:
		rest = call_behind(s, ':');
		return str_find(rest, ':') >= 0 ? call_behind(rest, ':') : rest;
	case TAKE_PERCENT: return call_behind(s, '%');
	case TAKE_COMMA: return call_behind(s, ',');
	case TAKE_SLASH:
		rest = call_behind(s, '/');
		return !str_find(s, '/') || s.ptr[0] == '@' || str_ends(s, STR(".sql")) ||
				       str_find(before(s, '/'), '.') >= 0
			       ? (struct str){}
			       : str_sub(rest, 0,
					 str_rfind(rest, '@') < 0 ? rest.len
								  : (size_t)str_rfind(rest, '@'));
	case TAKE_SOURCE: return after_prefix(s, STR("pass:"));
	case TAKE_GUEST:
		rest = str_contains(s, STR("password:")) ? s : (struct str){};
		while (rest.ptr && !str_starts(rest, STR("password:")))
			rest = str_sub(rest, 1, rest.len);
		return after_prefix(rest, STR("password:"));
	case TAKE_TARGET:
		rest = call_behind(s, ':');
		return str_rfind(rest, '@') > 0 ? str_sub(rest, 0, (size_t)str_rfind(rest, '@'))
						: (struct str){};
	case TAKE_IWKEY: return after_prefix(s, STR("s:"));
	case TAKE_NOPORT: return secret_is_number(s) && s.len > 3 && s.len < 6 ? (struct str){} : s;
	case TAKE_HEX: return secret_is_hex(s) ? s : (struct str){};
	default: return s;
	}
}

static bool is_setting(struct str s)
{
	size_t n = 0;

	while (n < s.len && ((s.ptr[n] >= 'a' && s.ptr[n] <= 'z') || s.ptr[n] == '_'))
		n++;
	return n && n + 2 < s.len && s.ptr[n] == '=';
}

static int report(const struct call *c, struct str word, enum program_take take)
{
	enum secret_class class = take == TAKE_KEY ? CLASS_KEY : CLASS_PASSWORD;
	struct str value = part_of(word, take);

	if (!value.len || !secret_value(value, class, SOURCE_TYPED))
		return 0;
	/* "vault login username=ann" */
	if (take == TAKE_KEY && is_setting(value))
		return 0;
	/* "-p8080:80" */
	if (value.len < 12 && str_find(value, ':') > 0 && secret_is_number(before(value, ':')) &&
	    secret_is_number(call_behind(value, ':')))
		return 0;
	return secret_found(c->l, "password-argument", value);
}

bool call_is_group(struct str word, char letter)
{
	return word.len > 1 && word.ptr[0] == '-' && word.ptr[1] != '-' &&
	       str_find(word, letter) > 0;
}

/* Where the words of `before` have stood by word `until`; 0: they have not. */
static size_t words_before(const struct call *c, const char *before_, size_t until)
{
	struct str rest = str_of(before_), want = str_word(&rest);
	size_t at = 1;

	for (size_t i = 1; want.ptr && i < until && i < c->n; i++) {
		struct str w = c->words[i].text;
		bool fits = str_starts(want, STR("-*")) ? call_is_group(w, want.ptr[2])
							: str_eq(w, want);

		if (c->words[i].is_operator || !fits)
			continue;
		at = i + 1;
		want = str_word(&rest);
	}
	return want.ptr ? 0 : at;
}

static int option(const struct call *c, const struct program_row *row)
{
	struct str name = str_of(row->option);

	for (size_t i = 1; i < c->n; i++) {
		const struct word *w = word_at(c, i), *next = word_at(c, i + 1);
		struct str value = {};
		int r;

		if (!w || !str_starts(w->text, name))
			continue;
		if (row->before && !words_before(c, row->before, i))
			continue;
		value = str_sub(w->text, name.len, w->text.len);
		if (!value.len)
			value = (row->form & FORM_NEXT) && next ? next->text : (struct str){};
		else if (value.ptr[0] == '=' && name.len > 2 && (row->form & FORM_EQUAL))
			value = str_sub(value, 1, value.len);
		else if (!(row->form & FORM_ATTACHED))
			continue;
		if (!value.len ||
		    (value.ptr[0] == '-' && value.len > 1 && next && value.ptr == next->text.ptr))
			continue;
		r = report(c, value, row->take);
		if (r < 0)
			return r;
	}
	return 0;
}

static bool is_option(const struct call *c, struct str w)
{
	return w.len > 1 &&
	       (w.ptr[0] == '-' || (w.ptr[0] == '/' && str_eq(c->program, STR("net"))));
}

/* net use [device] \\server\share [secret] [/user:name] */
static int net_use(const struct call *c, size_t from)
{
	bool shared = false;

	for (size_t i = from; i < c->n && word_at(c, i); i++) {
		struct str w = c->words[i].text;

		if (!w.len || w.ptr[0] == '/')
			continue;
		if (shared)
			return report(c, w, TAKE_ALL);
		shared = w.ptr[0] == '\\';
	}
	return 0;
}

static int argument(const struct call *c, const struct program_row *row)
{
	size_t from = words_before(c, row->before, c->n), n = 0, last = 0;

	if (!from || (!c->sure && !row->before[0]))
		return 0;
	if (row->take == TAKE_NETUSE)
		return net_use(c, from);
	for (size_t i = from; i < c->n && word_at(c, i); i++) {
		if (!c->words[i].text.len || is_option(c, c->words[i].text) ||
		    str_eq(c->words[i - 1].text, STR("-salt")))
			continue;
		last = i;
		if (++n == row->nth)
			break;
	}
	if (!last || (row->nth && n < row->nth))
		return 0;
	return report(c, c->words[last].text, row->take);
}

/* name value: "git config github.token X", "set -x API_KEY X" */
static int setting(const struct call *c, const struct program_row *row)
{
	size_t from = words_before(c, row->before, c->n);

	for (size_t i = from; from && i + 1 < c->n; i++) {
		const struct word *name = word_at(c, i), *value = word_at(c, i + 1);
		enum secret_class class;

		if (!name || !value || str_starts(name->text, STR("-")) ||
		    str_find(name->text, '=') >= 0)
			continue;
		/* "set NAME value": nothing but options stands before the name. */
		if (!row->before[0] && i > from && !is_option(c, c->words[i - 1].text))
			return 0;
		class = secret_name(name->text);
		if (class == CLASS_NONE || str_starts(value->text, STR("--")))
			continue;
		if (!secret_value(value->text, class, SOURCE_NAMED))
			continue;
		return secret_found(c->l, secret_name_kind(name->text, "password-argument"),
				    value->text);
	}
	return 0;
}

int call_rows(const struct call *c)
{
	struct program_rows rows = program_find(c->program);
	const struct program_row *row;
	int r = 0;

	while (r >= 0 && (row = program_next(&rows))) {
		switch (row->what) {
		case PROGRAM_OPTION: r = option(c, row); break;
		case PROGRAM_ARGUMENT: r = argument(c, row); break;
		default: r = setting(c, row); break;
		}
	}
	return r;
}

/* These ask where others take the next word. */
static bool asks(struct str program)
{
	return str_starts(program, STR("mysql")) || str_starts(program, STR("mariadb")) ||
	       names_have("psql pg_dump pg_restore createdb pg_dumpall pgcli createuser dropdb",
			  program);
}

/* The program's own row has judged it. */
static bool has_row(struct str program, struct str option_)
{
	struct program_rows rows = program_find(program);
	const struct program_row *row;

	while ((row = program_next(&rows)))
		if (row->what == PROGRAM_OPTION && row->take != TAKE_ALL &&
		    str_eq(str_of(row->option), option_))
			return true;
	return false;
}

int call_named(const struct call *c)
{
	for (size_t i = 1; i + 1 < c->n; i++) {
		const struct word *w = word_at(c, i), *next = word_at(c, i + 1);
		struct str name;
		enum secret_class class;
		int r;

		if (!w || !next || w->text.len < 4 || str_find(w->text, '$') >= 0 ||
		    w->text.ptr[0] != '-' || str_find(w->text, '=') >= 0 ||
		    str_starts(next->text, STR("-")))
			continue;
		name = w->text;
		while (name.len && name.ptr[0] == '-')
			name = str_sub(name, 1, name.len);
		class = secret_name(name);
		if (class != CLASS_NONE && has_row(c->program, w->text))
			continue;
		/* docker build --secret id=npm,src=.npmrc */
		if (class == CLASS_NONE || str_starts(next->text, STR("id=")) ||
		    ((!str_starts(w->text, STR("--")) || str_ieq(name, STR("password"))) &&
		     class == CLASS_PASSWORD && asks(c->program)))
			continue;
		if (!secret_value(next->text, class,
				  class != CLASS_PASSWORD ? SOURCE_NAMED
				  : c->sure               ? SOURCE_TYPED
							  : SOURCE_CODE))
			continue;
		r = secret_found(c->l, secret_name_kind(name, "password-argument"), next->text);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Where "-u name" and "-p word" stand together, p is no port and no path. */
static bool names_user(struct str w)
{
	static const struct str options[] = { STR("-u"),      STR("--user"),     STR("-user"),
					      STR("-U"),      STR("--username"), STR("-username"),
					      STR("--login"), STR("/u"),         STR("/user") };

	for (size_t i = 0; i < COUNT(options); i++)
		if (str_eq(w, options[i]) ||
		    (str_starts(w, options[i]) && w.len > options[i].len + 1 &&
		     (w.ptr[options[i].len] == ':' || w.ptr[options[i].len] == '=')))
			return true;
	return false;
}

static struct str word_of_p(const struct call *c, size_t i)
{
	static const struct str attached[] = { STR("-p:"), STR("/p:"), STR("-p="), STR("/pass:") };
	const struct word *w = word_at(c, i), *next = word_at(c, i + 1);

	if (!w)
		return (struct str){};
	for (size_t k = 0; k < COUNT(attached); k++)
		if (str_starts(w->text, attached[k]))
			return str_sub(w->text, attached[k].len, w->text.len);
	return next && (str_eq(w->text, STR("-p")) || str_eq(w->text, STR("-P"))) ? next->text
										  : (struct str){};
}

int call_pair(const struct call *c)
{
	bool user = false;
	int r = 0;

	for (size_t i = 1; i < c->n && !user; i++)
		user = c->words[i].text.len && strchr("-/", *c->words[i].text.ptr) &&
		       word_at(c, i) && names_user(c->words[i].text);
	if (!user ||
	    names_have("journalctl systemd-run systemctl docker podman ssh scp sftp ps lsof "
		       "strace",
		       c->program))
		return 0;
	for (size_t i = 1; r >= 0 && i < c->n; i++) {
		struct str value = word_of_p(c, i);

		if (value.len && secret_is_chosen(value) &&
		    secret_value(value, CLASS_PASSWORD, SOURCE_TYPED))
			r = secret_found(c->l, "password-argument", value);
	}
	return r;
}
