/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * shell: secrets among the words of commands. The same letter means different things to different
 * programs: "mysql -psecret" is a password, "mysql -p shop" asks for one, "ssh -p 2222" is a port.
 */
#include <ctype.h>

#include "secrets/program.h"
#include "secrets/value.h"
#include "secrets/words.h"

#define DEPTH_MAX 3

struct call {
	struct secret_line *l;
	const struct word *words; /* of the program on */
	size_t n;
	struct str program;
	bool sure; /* it is a command, and not a word among others */
};

static const struct word *word_at(const struct call *c, size_t i)
{
	return i < c->n && !c->words[i].is_operator ? &c->words[i] : NULL;
}

/* The rest of s behind the first c; ptr == NULL: there is none. */
static struct str behind(struct str s, char c)
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
	case TAKE_COLON: return str_starts(s, STR("//")) ? (struct str){} : behind(s, ':');
	case TAKE_COLON2:
		rest = behind(s, ':');
		return str_find(rest, ':') >= 0 ? behind(rest, ':') : rest;
	case TAKE_PERCENT: return behind(s, '%');
	case TAKE_COMMA: return behind(s, ',');
	case TAKE_SLASH:
		rest = behind(s, '/');
		return !str_find(s, '/') || str_find(s, '.') >= 0 ? (struct str){}
								  : before(rest, '@');
	case TAKE_SOURCE: return after_prefix(s, STR("pass:"));
	case TAKE_GUEST:
		rest = str_contains(s, STR("password:")) ? s : (struct str){};
		while (rest.ptr && !str_starts(rest, STR("password:")))
			rest = str_sub(rest, 1, rest.len);
		return after_prefix(rest, STR("password:"));
	case TAKE_TARGET:
		rest = behind(s, ':');
		return str_rfind(rest, '@') > 0 ? str_sub(rest, 0, (size_t)str_rfind(rest, '@'))
						: rest;
	case TAKE_IWKEY: return after_prefix(s, STR("s:"));
	case TAKE_NOPORT: return secret_is_number(s) && s.len > 3 && s.len < 6 ? (struct str){} : s;
	case TAKE_HEX: return secret_is_hex(s) ? s : (struct str){};
	default: return s;
	}
}

static int report(const struct call *c, struct str word, enum program_take take)
{
	enum secret_class class = take == TAKE_KEY ? CLASS_KEY : CLASS_PASSWORD;
	struct str value = part_of(word, take);

	if (!value.len || !secret_value(value, class, SOURCE_TYPED))
		return 0;
	/* "-p8080:80" */
	if (value.len < 12 && str_find(value, ':') > 0 && secret_is_number(before(value, ':')) &&
	    secret_is_number(behind(value, ':')))
		return 0;
	return secret_found(c->l, "password-argument", value);
}

static bool is_group(struct str word, char letter)
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
		bool fits =
			str_starts(want, STR("-*")) ? is_group(w, want.ptr[2]) : str_eq(w, want);

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
		if (!c->words[i].text.len || is_option(c, c->words[i].text))
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

		if (!name || !value || str_starts(name->text, STR("-")))
			continue;
		/* "set NAME value": nothing but options stands before the name. */
		if (!row->before[0] && i > from && !is_option(c, c->words[i - 1].text))
			return 0;
		class = secret_name(name->text);
		if (class == CLASS_NONE || str_starts(value->text, STR("--")))
			continue;
		if (!secret_value(value->text, class, SOURCE_NAMED))
			return 0;
		return secret_found(c->l, secret_name_kind(name->text, "password-argument"),
				    value->text);
	}
	return 0;
}

static int apply_rows(const struct call *c)
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

/* "--db-password X", "-storepass X": the name of the option tells. */
static int named_options(const struct call *c)
{
	for (size_t i = 1; i + 1 < c->n; i++) {
		const struct word *w = word_at(c, i), *next = word_at(c, i + 1);
		struct str name;
		enum secret_class class;
		int r;

		if (!w || !next || w->text.len < 4 || w->text.ptr[0] != '-' ||
		    str_find(w->text, '=') >= 0 || str_starts(next->text, STR("-")))
			continue;
		name = w->text;
		while (name.len && name.ptr[0] == '-')
			name = str_sub(name, 1, name.len);
		class = secret_name(name);
		if (class == CLASS_NONE || (class == CLASS_PASSWORD && asks(c->program)))
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

static bool is_assignment(struct str w, struct str *ret_name, struct str *ret_value)
{
	size_t n = 0;

	while (n < w.len && (isalnum((unsigned char)w.ptr[n]) || w.ptr[n] == '_'))
		n++;
	if (!n || n >= w.len || isdigit((unsigned char)w.ptr[0]) || w.ptr[n] != '=')
		return false;
	*ret_name = str_sub(w, 0, n);
	*ret_value = str_sub(w, n + 1, w.len);
	return true;
}

/* sed's "s/old/NAME=new/": each part for itself. */
static int replacements(struct secret_line *l, struct str s)
{
	char mark = s.ptr[1];
	int r = 0;

	s = str_sub(s, 2, s.len);
	while (r >= 0 && s.ptr)
		r = secret_pairs(l, str_cut(&s, mark), GRAMMAR_SHELL);
	return r;
}

/* NAME=value of the shell, of env, of "docker run -e"; other pairs in a word go by their marks. */
static int pairs(struct secret_line *l, const struct word *w)
{
	struct str name, value;
	enum secret_class class;

	if (w->is_operator || w->text.len < 5)
		return 0;
	if (w->text.ptr[0] == 's' && strchr("/|#~@,", w->text.ptr[1]))
		return replacements(l, w->text);
	if (!is_assignment(w->text, &name, &value) || str_contains(value, STR("=")))
		return secret_pairs(l, w->text, GRAMMAR_SHELL);
	class = secret_name(name);
	if (class == CLASS_NONE)
		return secret_pairs(l, w->text, GRAMMAR_SHELL);
	if (!secret_value(value, class, SOURCE_NAMED))
		return 0;
	return secret_found(l, secret_name_kind(name, "export"), value);
}

static int run(struct secret_line *l, const struct command *command, size_t from, bool sure)
{
	struct call c = {
		.l = l,
		.words = command->words + from,
		.n = command->n - from,
		.program = str_basename(command->words[from].text),
		.sure = sure,
	};

	return apply_rows(&c);
}

static size_t skip_assignments(const struct command *c)
{
	struct str name, value;
	size_t i = 0;

	/* systemd's "ExecStart=/usr/bin/mysql" is a command. */
	while (i < c->n && is_assignment(c->words[i].text, &name, &value) &&
	       !str_starts(name, STR("Exec")))
		i++;
	return i;
}

/* The programs of a simple command: "sudo docker exec db mysql -px" has several. */
static int programs(struct secret_line *l, const struct command *c, size_t first)
{
	struct str name = str_basename(c->words[first].text);
	bool open = !program_known(name) || program_is_wrapper(name);
	bool unknown = !program_known(name) && !program_is_wrapper(name);
	int r = program_known(name) ? run(l, c, first, true) : 0;

	for (size_t i = first + 1; r >= 0 && open && i < c->n; i++) {
		name = str_basename(c->words[i].text);
		if (c->words[i].is_operator || !program_known(name))
			continue;
		if (unknown && i > first + 12)
			break;
		if (unknown && program_is_ambiguous(name) && i > first + 1)
			continue;
		r = run(l, c, i, !unknown);
		if (!program_is_wrapper(name))
			break;
	}
	return r;
}

/* Programs that look for things, and what a commit is called. */
static bool is_inert(const struct command *c, size_t first)
{
	return first < c->n && (program_is_inert(str_basename(c->words[first].text)) ||
				(str_eq(c->words[first].text, STR("git")) && c->n > first + 1 &&
				 str_eq(c->words[first + 1].text, STR("commit"))));
}

/* Prose begins with a capital, a bullet, or nothing that a program is called. */
static bool looks_like_program(struct str w)
{
	struct str name = str_basename(w);

	return program_known(name) || program_is_wrapper(name) ||
	       (name.len && (islower((unsigned char)name.ptr[0]) || str_starts(w, STR("Exec"))) &&
		str_find(name, ':') < 0);
}

static int one_command(struct secret_line *l, const struct command *c)
{
	size_t first = skip_assignments(c);
	struct call named = { .l = l, .words = c->words, .n = c->n };
	int r = 0;

	if (first < c->n) {
		named.program = str_basename(c->words[first].text);
		if (is_inert(c, first))
			return 0;
		named.sure = looks_like_program(c->words[first].text);
		r = programs(l, c, first);
		if (r >= 0)
			r = named_options(&named);
	}
	for (size_t i = 0; r >= 0 && i < c->n; i++)
		r = pairs(l, &c->words[i]);
	return r;
}

/* The words that echo or printf writes: "-e" and formats are passed over. */
static struct str written(const struct command *c)
{
	struct str name = c->n ? str_basename(c->words[0].text) : STR("");

	if (!str_eq(name, STR("echo")) && !str_eq(name, STR("printf")) &&
	    !str_eq(name, STR("yes")) && !str_eq(name, STR("print")))
		return (struct str){};
	for (size_t i = 1; i < c->n && !c->words[i].is_operator; i++) {
		struct str text = c->words[i].text;

		if (text.len && text.ptr[0] != '-' &&
		    !(text.ptr[0] == '%' && text.len < 6 && i + 1 < c->n) &&
		    !(str_starts(text, STR("%s")) && i + 1 < c->n))
			return text;
	}
	return (struct str){};
}

enum reads { READS_NOTHING, READS_PASSWORD, READS_PAIR, READS_TEXT };

/* What a command makes of its standard input. */
static enum reads reads(const struct command *c)
{
	static const char takers[] =
		"passwd smbpasswd kinit cryptsetup vncpasswd pdbedit veracrypt gocryptfs "
		"ecryptfs-unwrap-passphrase wpa_passphrase gpg gpg2 tigervncpasswd "
		"ecryptfs-add-passphrase ykman su";
	bool sudo = false;

	for (size_t i = 0; i < c->n; i++) {
		struct str name = str_basename(c->words[i].text);

		if (c->words[i].is_operator)
			break;
		if (str_eq(name, STR("chpasswd")) || str_eq(name, STR("newusers")) ||
		    str_eq(name, STR("chgpasswd")))
			return READS_PAIR;
		sudo = sudo || str_eq(name, STR("sudo"));
		if (i < 4 && names_have(takers, name))
			return READS_PASSWORD;
		if (str_contains(name, STR("password-stdin")) ||
		    str_eq(name, STR("--with-token")) || str_eq(name, STR("--passphrase-fd")) ||
		    str_eq(name, STR("--password-fd")) || str_eq(name, STR("--passwd-on-stdin")) ||
		    str_eq(name, STR("--pw-stdin")) ||
		    (i && str_eq(name, STR("stdin")) &&
		     str_starts(c->words[i - 1].text, STR("-pass"))) ||
		    (sudo && str_eq(name, STR("--stdin"))) ||
		    (sudo && is_group(name, 'S') && i < 3))
			return READS_PASSWORD;
		if (str_eq(name, STR("base64")) && !i)
			return READS_TEXT;
	}
	return READS_NOTHING;
}

static struct str first_line(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] == '\n' ||
		    (s.ptr[i] == '\\' && i + 1 < s.len && strchr("nr", s.ptr[i + 1])))
			return str_sub(s, 0, i);
	return s;
}

static int read_by(struct secret_line *l, enum reads how, struct str text)
{
	struct str value = first_line(text);

	if (how == READS_PAIR) {
		if (str_find(value, ':') <= 0)
			return 0;
		value = behind(value, ':');
		value = str_sub(value, 0,
				str_find(value, ' ') > 0 ? (size_t)str_find(value, ' ')
							 : value.len);
	}
	if (how == READS_TEXT) {
		/* A word that is to be encoded: "user:secret", or one that looks like a secret. */
		if (str_find(value, ' ') >= 0 || str_find(value, '{') >= 0)
			return 0;
		if (str_find(value, ':') > 0)
			value = behind(value, ':');
		if (!secret_value(value, CLASS_PASSWORD, SOURCE_CODE) ||
		    secret_entropy(value) < 2.7)
			return 0;
	}
	if (!secret_value(value, CLASS_PASSWORD, SOURCE_TYPED))
		return 0;
	return secret_found(l, "password-argument", value);
}

/* echo user:secret | chpasswd; echo secret | sudo -S …; kinit ann <<< secret */
static int piped(struct secret_line *l, const struct words *w)
{
	struct str text = {};
	struct command c;
	size_t at = 0;
	bool pipe;
	int r = 0;

	while (r >= 0 && words_command(w, &at, &c, &pipe)) {
		enum reads how = reads(&c);
		struct str input = c.input.len ? c.input : text;

		if (how != READS_NOTHING && input.len)
			r = read_by(l, how, input);
		text = pipe ? written(&c) : (struct str){};
	}
	return r;
}

static int commands(struct secret_line *l, struct str text, unsigned depth);

/* bash -c "mysql -psecret", "$(openssl passwd secret)", echo "0 3 * * * …" >> crontab */
static int nested(struct secret_line *l, const struct words *w, unsigned depth)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < w->n && depth < DEPTH_MAX; i++) {
		struct str text = w->list[i].text;
		ssize_t open;

		if (w->list[i].is_operator || text.len < 8 || str_find(text, ' ') < 0)
			continue;
		open = secret_ifind(text, 0, STR("$("));
		if (open >= 0 && secret_expands(l, text))
			text = str_sub(text, (size_t)open + 2, text.len);
		if (text.len && text.ptr[0] == '`')
			text = str_sub(text, 1, text.len);
		while (text.len && (text.ptr[text.len - 1] == ')' || text.ptr[text.len - 1] == '`'))
			text.len--;
		r = commands(l, text, depth + 1);
	}
	return r;
}

static int commands(struct secret_line *l, struct str text, unsigned depth)
{
	struct words words = {};
	struct command c;
	size_t at = 0;
	bool pipe, inert = false, edits = false;
	int r = words_split(l, text, &words);

	if (r == -E2BIG)
		return 0;
	if (r >= 0)
		r = piped(l, &words);
	while (r >= 0 && words_command(&words, &at, &c, &pipe)) {
		inert = inert || is_inert(&c, 0);
		edits = edits || str_eq(str_basename(c.words[0].text), STR("sed"));
		r = one_command(l, &c);
	}
	if (!depth)
		l->inert = inert || edits;
	return r < 0 || inert ? r : nested(l, &words, depth);
}

int secret_shell(struct secret_line *l, struct str text)
{
	/* A command that was kept as a remark was typed all the same. */
	while (text.len && (text.ptr[0] == '#' || text.ptr[0] == ' ' || text.ptr[0] == '\t'))
		text = str_sub(text, 1, text.len);
	return commands(l, text, 0);
}
