/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * settings_rsyslog: where rsyslog sends and takes messages. Of its three languages (sysklogd
 * lines, $Directives, RainerScript) only what moves messages is looked at.
 *
 * section: the selector of a sysklogd line, else ''. name and value:
 *   forward  "@host" (UDP), "@@host" (TCP), "relp host"; " tls" at the end where it is on
 *   action   a file, pipe, user list or the type of another output module
 *   input    "imfile /path", "imtcp 514", "imudp 514"
 *   module   a module that is loaded
 *   include  a pattern of files
 */
#include "facts/linux/settings_syntax.h"

struct rsyslog {
	struct settings_parser *p;
	bool tls; /* $ActionSendStreamDriverMode 1 holds for the lines that follow */
};

static void advance(struct settings_parser *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p->line += p->text.ptr[i] == '\n';
	p->text = str_sub(p->text, n, p->text.len);
}

static size_t rest_of_line(struct str s)
{
	ssize_t at = str_find(s, '\n');

	return at < 0 ? s.len : (size_t)at;
}

/* Blanks and comments before a statement. */
static void skip_space(struct settings_parser *p)
{
	for (;;) {
		size_t n = 0;

		while (n < p->text.len && strchr(" \t\r\n\v\f;", p->text.ptr[n]))
			n++;
		advance(p, n);
		if (str_starts(p->text, STR("#"))) {
			advance(p, rest_of_line(p->text));
		} else if (str_starts(p->text, STR("/*"))) {
			const char *end = memmem(p->text.ptr, p->text.len, "*/", 2);

			advance(p, end ? (size_t)(end - p->text.ptr) + 2 : p->text.len);
		} else {
			return;
		}
	}
}

/* Length of the identifier in front of a '(', 0 if the text does not start with "word (". */
static size_t call_name(struct str s, size_t *ret_open)
{
	size_t n = 0, at;

	while (n < s.len && ((s.ptr[n] | 0x20) >= 'a' && (s.ptr[n] | 0x20) <= 'z'))
		n++;
	for (at = n; at < s.len && (s.ptr[at] == ' ' || s.ptr[at] == '\t');)
		at++;
	if (!n || at == s.len || s.ptr[at] != '(')
		return 0;
	*ret_open = at;
	return n;
}

/* Offset behind the ')' that closes the '(' at the start; quotes hide both. */
static size_t call_length(struct str s)
{
	bool quoted = false;

	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '\\' && quoted)
			i++;
		else if (s.ptr[i] == '"')
			quoted = !quoted;
		else if (s.ptr[i] == ')' && !quoted)
			return i + 1;
	}
	return 0;
}

/* The value of name="value" among the arguments; '' if it is not there. */
static struct str argument(struct str args, struct str name)
{
	while (args.len) {
		struct str key, rest;
		ssize_t eq = str_find(args, '='), end;

		if (eq < 0)
			break;
		key = str_trim(str_sub(args, 0, (size_t)eq));
		rest = str_trim(str_sub(args, (size_t)eq + 1, args.len));
		if (!rest.len || rest.ptr[0] != '"')
			break;
		rest = str_sub(rest, 1, rest.len);
		end = str_find(rest, '"');
		if (end < 0)
			break;
		if (str_ieq(key, name))
			return str_sub(rest, 0, (size_t)end);
		args = str_sub(rest, (size_t)end + 1, rest.len);
	}
	return STR("");
}

static int call_forward(struct settings_parser *p, struct str args, unsigned at)
{
	struct str target = argument(args, STR("target")), port = argument(args, STR("port"));
	bool tcp = str_ieq(argument(args, STR("protocol")), STR("tcp"));
	bool tls = str_eq(argument(args, STR("streamdrivermode")), STR("1"));
	bool relp = str_ieq(argument(args, STR("type")), STR("omrelp"));
	const char *sign = relp ? "relp " : tcp ? "@@" : "@";
	struct str value;

	if (str_ieq(argument(args, STR("tls")), STR("on")))
		tls = true;
	value = arena_fmt(p->arena, "%s%.*s%s%.*s%s", sign, STR_FMT(target), port.len ? ":" : "",
			  STR_FMT(port), tls ? " tls" : "");
	if (!value.ptr)
		return -ENOMEM;
	return target.len ? settings_emit(p, STR(""), STR("forward"), value, at) : 0;
}

static int call_action(struct settings_parser *p, struct str args, unsigned at)
{
	struct str type = argument(args, STR("type")), file = argument(args, STR("file"));

	if (str_ieq(type, STR("omfwd")) || str_ieq(type, STR("omrelp")))
		return call_forward(p, args, at);
	return settings_emit(p, STR(""), STR("action"), file.len ? file : type, at);
}

static int call_input(struct settings_parser *p, struct str args, unsigned at)
{
	struct str type = argument(args, STR("type")), what = argument(args, STR("file")), value;

	if (!what.len)
		what = argument(args, STR("port"));
	value = arena_fmt(p->arena, "%.*s%s%.*s", STR_FMT(type), what.len ? " " : "",
			  STR_FMT(what));
	return value.ptr ? settings_emit(p, STR(""), STR("input"), value, at) : -ENOMEM;
}

static int call(struct settings_parser *p, struct str name, struct str args, unsigned at)
{
	if (str_ieq(name, STR("action")))
		return call_action(p, args, at);
	if (str_ieq(name, STR("input")))
		return call_input(p, args, at);
	if (str_ieq(name, STR("module")))
		return settings_emit(p, STR(""), STR("module"), argument(args, STR("load")), at);
	if (str_ieq(name, STR("include")))
		return settings_emit(p, STR(""), STR("include"), argument(args, STR("file")), at);
	return 0;
}

static int directive(struct rsyslog *s, struct str line, unsigned at)
{
	struct settings_parser *p = s->p;
	struct str name = str_word(&line);

	line = str_trim(line);
	if (str_ieq(name, STR("$IncludeConfig")))
		return settings_emit(p, STR(""), STR("include"), line, at);
	if (str_ieq(name, STR("$ModLoad")))
		return settings_emit(p, STR(""), STR("module"), line, at);
	if (str_ieq(name, STR("$ActionSendStreamDriverMode")))
		s->tls = str_eq(line, STR("1"));
	if (str_ieq(name, STR("$InputTCPServerRun")) || str_ieq(name, STR("$UDPServerRun"))) {
		struct str value = arena_cat(
			p->arena,
			name.ptr[1] == 'I' || name.ptr[1] == 'i' ? STR("imtcp ") : STR("imudp "),
			line, STR(""));

		return value.ptr ? settings_emit(p, STR(""), STR("input"), value, at) : -ENOMEM;
	}
	return 0;
}

/* "auth,authpriv.*  -/var/log/auth.log", "*.* @@(o)logs.example:514;template", "& stop" */
static int selector_line(struct rsyslog *s, struct str line, unsigned at)
{
	struct settings_parser *p = s->p;
	struct str selector = str_word(&line), action = str_trim(line), options;

	if (!action.len || str_eq(action, STR("stop")) || str_eq(action, STR("~")))
		return 0;
	if (action.ptr[0] == '-')
		action = str_sub(action, 1, action.len);
	options = action;
	action = str_trim(str_cut(&options, ';'));
	if (!action.len || action.ptr[0] != '@')
		return settings_emit(p, selector, STR("action"), action, at);
	if (s->tls) {
		action = arena_cat(p->arena, action, STR(" tls"), STR(""));
		if (!action.ptr)
			return -ENOMEM;
	}
	return settings_emit(p, selector, STR("forward"), action, at);
}

/* "*.* action(…)": length of the selector in front of a call, 0 if it is something else. */
static size_t selector_length(struct str s)
{
	size_t word = 0, n, open;

	while (word < s.len && !strchr(" \t\r\n(\"", s.ptr[word]))
		word++;
	for (n = word; n < s.len && (s.ptr[n] == ' ' || s.ptr[n] == '\t');)
		n++;
	return n > word && call_name(str_sub(s, n, s.len), &open) ? n : 0;
}

/*
 * "if … then", "else", "{", "}", "set …;" and "call …": the condition is passed over, what it
 * guards is read as if it held. An expression may contain calls, so "if" goes up to "then".
 */
static size_t control_length(struct str s)
{
	static const struct str words[] = { STR("else"), STR("stop"), STR("continue"),
					    STR("{"),    STR("}"),    STR(")") };

	if (str_istarts(s, STR("if ")) || str_istarts(s, STR("if("))) {
		const char *then = memmem(s.ptr, MIN(s.len, 8192), "then", 4);

		return then ? (size_t)(then - s.ptr) + 4 : rest_of_line(s);
	}
	for (size_t i = 0; i < COUNT(words); i++)
		if (str_istarts(s, words[i]))
			return words[i].len;
	if (str_istarts(s, STR("set ")) || str_istarts(s, STR("call ")) ||
	    str_istarts(s, STR("reset ")) || str_istarts(s, STR("unset ")) || s.ptr[0] == '!' ||
	    s.ptr[0] == '+')
		return rest_of_line(s);
	return selector_length(s);
}

static int statement(struct rsyslog *s)
{
	struct settings_parser *p = s->p;
	unsigned at = p->line;
	size_t open, name = call_name(p->text, &open), len = control_length(p->text);

	if (len) {
		advance(p, len);
		return 0;
	}
	if (name) {
		struct str args = str_sub(p->text, open + 1, p->text.len);

		len = call_length(args);
		if (!len)
			return diag_set(p->diag, -EBADMSG, NULL, at, "the file ends within a call");
		args = str_sub(args, 0, len - 1);
		struct str word = str_sub(p->text, 0, name);

		advance(p, open + 1 + len);
		return call(p, word, args, at);
	}
	len = rest_of_line(p->text);
	struct str line = str_trim(str_sub(p->text, 0, len));

	advance(p, len);
	return line.ptr[0] == '$' ? directive(s, line, at) : selector_line(s, line, at);
}

int settings_parse_rsyslog(struct settings_parser *p)
{
	struct rsyslog s = { .p = p };
	int r = 0;

	p->line = 1;
	skip_space(p);
	while (!r && p->text.len) {
		r = statement(&s);
		skip_space(p);
	}
	return r;
}
