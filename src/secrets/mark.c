/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mark: secrets that stand behind a mark: in URLs, connection strings, headers and SQL. */
#include <ctype.h>

#include "secrets/line.h"
#include "secrets/value.h"

static char at(struct str s, size_t i)
{
	if (i >= s.len)
		return '\0';
	return s.ptr[i];
}
static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

static size_t until(struct str s, const char *stop)
{
	size_t n = 0;

	while (n < s.len && s.ptr[n] && !is_blank(s.ptr[n]) && !strchr(stop, s.ptr[n]))
		n++;
	return n;
}

static int give(struct secret_line *l, const char *kind, struct str value, enum secret_class class)
{
	return secret_value(value, class, SOURCE_TYPED) ? secret_found(l, kind, value) : 0;
}

/* "user", "username", "admin:admin"? Only what nobody has as a password. */
static bool is_example_host(struct str host)
{
	static const struct str hosts[] = { STR("example.com"), STR("example.org"),
					    STR("example.net") };

	for (size_t i = 0; i < COUNT(hosts); i++)
		if (str_istarts(host, hosts[i]))
			return true;
	return false;
}

static bool is_letters(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!isalpha((unsigned char)s.ptr[i]))
			return false;
	return true;
}

/* Known to all: RabbitMQ's on the machine itself, FTP's. */
static bool names_nobody(struct str name)
{
	return str_ieq(name, STR("user")) || str_ieq(name, STR("guest")) ||
	       str_ieq(name, STR("anonymous"));
}

/* RFC 3986: scheme://user:password@host */
static int one_url(struct secret_line *l, struct str rest)
{
	struct str user = str_sub(rest, 0, until(rest, "/?#\"'<>`\\,;)|")), name, value;
	ssize_t mark = str_rfind(user, '@'), colon;

	/* A password may hold what ought to have been escaped. */
	if (mark < 0) {
		struct str wide = str_sub(rest, 0, until(rest, "\"'<>`\\ |")), port;

		mark = str_find(wide, '@');
		colon = str_find(wide, ':');
		if (mark < 0 || colon <= 0 || colon > mark || str_find(wide, '/') < colon)
			return 0;
		/* "host:8443/a@b" */
		port = str_sub(wide, (size_t)colon + 1, (size_t)str_find(wide, '/'));
		if (secret_is_number(port) && port.len < 6)
			return 0;
		user = wide;
	}
	value = str_sub(user, 0, (size_t)mark);
	colon = str_find(value, ':');
	if (colon < 0)
		return 0;
	name = str_sub(value, 0, (size_t)colon);
	value = str_sub(value, (size_t)colon + 1, value.len);
	if (is_example_host(str_sub(user, (size_t)mark + 1, user.len)) && value.len < 12 &&
	    (secret_is_placeholder(value) || is_letters(value)))
		return 0;
	/* A grammar, not a URL: "scheme://[user:password@]host". */
	if (str_find(user, '[') >= 0 || str_find(user, '{') >= 0)
		return 0;
	/* The documentation's own: "user:pass@". */
	if (str_ieq(value, STR("pass1")) || (str_ieq(name, value) && names_nobody(name)))
		return 0;
	return give(l, "basic-auth-url", value, CLASS_PASSWORD);
}

int secret_urls(struct secret_line *l, struct str s)
{
	const char *p = s.ptr;
	int r = 0;

	while (r >= 0 && (p = memmem(p, s.len - (size_t)(p - s.ptr), "://", 3))) {
		p += 3;
		r = one_url(l, str_sub(s, (size_t)(p - s.ptr), s.len));
	}
	return r;
}

struct mark {
	struct str before;
	const char *kind;
	const char *stop;
	unsigned least;
};

/* clang-format off */
static const struct mark marks[] = {
	{ STR("accountkey="), "azure-key", ";\"'<", 20 },
	{ STR("sharedaccesskey="), "azure-key", ";\"'<", 20 },
	{ STR("sharedsecret="), "azure-key", ";\"'<", 20 },
	{ STR("sharedaccesssignature="), "azure-key", ";\"'<", 20 },
	{ STR("?sig="), "azure-key", "&\"'<", 20 },
	{ STR("&sig="), "azure-key", "&\"'<", 20 },
	{ STR("amp;sig="), "azure-key", "&\"'<", 20 },
	{ STR("&appid="), "token", "&\"'<", 32 },
	{ STR("?code="), "azure-key", "&\"'<", 40 },
	{ STR("x-amz-signature="), "token", "&\"'<", 64 },
	{ STR("jdbc:oracle:thin:"), "connection-string", "@\"'<", 3 },
	{ STR("psk \""), "stored-password", "\"", 6 },
	{ STR("requirepass "), "stored-password", "\"'", 4 },
	{ STR("masterauth "), "stored-password", "\"'", 4 },
	{ STR("rootpw --plaintext "), "stored-password", "\"'", 4 },
	{ STR("bindpw "), "stored-password", "\"'", 4 },
	{ STR("rocommunity "), "stored-password", "\"'", 4 },
	{ STR("rwcommunity "), "stored-password", "\"'", 4 },
	{ STR("password><value>"), "stored-password", "<", 4 },
	{ STR(";password="), "connection-string", ";&\"'<", 4 },
	{ STR("&password="), "connection-string", ";&\"'<", 4 },
	{ STR("?password="), "connection-string", ";&\"'<", 4 },
	{ STR(";pwd="), "connection-string", ";&\"'<", 4 },
	{ STR(" password="), "connection-string", ";&\"'`$,)", 4 },
	{ STR(" password "), "stored-password", "\"'\\", 4 },
	{ STR("curlopt_userpwd, "), "stored-password", "\"'", 4 },
	{ STR(":pserver:"), "connection-string", "\"'/", 4 },
	{ STR("eap \""), "stored-password", "\"", 4 },
	{ STR("xauth \""), "stored-password", "\"", 4 },
	{ STR("secret \""), "stored-password", "\"", 20 },
};
/* clang-format on */

/* The part of the value that is the secret. */
static struct str mark_part(const struct mark *m, struct str value)
{
	ssize_t slash = str_find(value, '/'), at_sign = str_rfind(value, '@');

	if (str_starts(m->before, STR("jdbc")))
		return slash < 0 ? (struct str){} : str_sub(value, (size_t)slash + 1, value.len);
	if (str_starts(m->before, STR("curlopt")))
		return str_find(value, ':') < 0
			       ? (struct str){}
			       : str_sub(value, (size_t)str_find(value, ':') + 1, value.len);
	if (str_starts(m->before, STR(":pserver")))
		return str_find(value, ':') < 0 || at_sign < str_find(value, ':')
			       ? (struct str){}
			       : str_sub(value, (size_t)str_find(value, ':') + 1, (size_t)at_sign);
	return value;
}

static int one_mark(struct secret_line *l, struct str s, const struct mark *m)
{
	ssize_t from = -1;
	int r = 0;

	/* "host=db user=app password=…" of libpq. */
	if (m->before.ptr[0] == ' ' &&
	    secret_ifind(s, 0, str_ends(m->before, STR("=")) ? STR("user=") : STR("machine ")) < 0)
		return 0;
	while (r >= 0 && m->kind && (from = secret_ifind(s, (size_t)(from + 1), m->before)) >= 0) {
		struct str rest = str_sub(s, (size_t)from + m->before.len, s.len), value;

		if (rest.len && (*rest.ptr == '"' || *rest.ptr == '\''))
			rest = str_sub(rest, 1, rest.len);
		value = str_sub(rest, 0, until(rest, m->stop));
		value = mark_part(m, value);
		if (value.len >= m->least)
			r = give(l, m->kind, value, m->least >= 20 ? CLASS_KEY : CLASS_PASSWORD);
	}
	return r;
}

/* "user:password" in base 64, as "Authorization: Basic" and Docker's "auth" have it. */
bool secret_is_encoded_pair(struct str s)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char text[300];
	struct str plain = { text, 0 };
	uint32_t bits = 0;
	unsigned have = 0;

	for (size_t i = 0; i < s.len && s.ptr[i] != '=' && plain.len < sizeof text; i++) {
		const char *p = s.ptr[i] ? strchr(digits, s.ptr[i]) : NULL;

		if (!p)
			return false;
		bits = bits << 6 | (uint32_t)(p - digits);
		have += 6;
		if (have >= 8) {
			have -= 8;
			text[plain.len++] = (char)(bits >> have & 0xff);
		}
	}
	if (str_find(plain, ':') < 0)
		return false;
	plain = str_sub(plain, (size_t)str_find(plain, ':') + 1, plain.len);
	return secret_value(plain, CLASS_PASSWORD, SOURCE_TYPED) &&
	       !str_eq(plain, STR("open sesame"));
}

/* "Authorization: Bearer X", "Basic X" (RFC 7617), "token X", or the value alone. */
static int one_header(struct secret_line *l, struct str rest)
{
	static const struct str schemes[] = { STR("bearer "),  STR("basic "),   STR("token "),
					      STR("apikey "),  STR("api-key "), STR("token="),
					      STR("key="),     STR("splunk "),  STR("genieKey "),
					      STR("sso-key "), STR("ssws "),    STR("bot ") };
	struct str value;

	while (rest.len &&
	       (is_blank(*rest.ptr) || *rest.ptr == '"' || *rest.ptr == '\'' || *rest.ptr == ':' ||
		*rest.ptr == '=' || *rest.ptr == '\\' || *rest.ptr == ','))
		rest = str_sub(rest, 1, rest.len);
	for (size_t i = 0; i < COUNT(schemes); i++) {
		if (!str_istarts(rest, schemes[i]))
			continue;
		rest = str_sub(rest, schemes[i].len, rest.len);
		value = str_sub(rest, 0, until(rest, "\"'\\`,;)}<"));
		if (i == 1)
			return secret_is_encoded_pair(value) ? secret_found(l, "token", value) : 0;
		return value.len >= 8 && !is_letters(value) ? give(l, "token", value, CLASS_KEY)
							    : 0;
	}
	value = str_sub(rest, 0, until(rest, "\"'\\`,;)}<>"));
	if (value.len < 16 || secret_entropy(value) < 3)
		return 0;
	return give(l, "token", value, CLASS_KEY);
}

static int headers(struct secret_line *l, struct str s)
{
	ssize_t from = -1;
	int r = 0;

	while (r >= 0 && (from = secret_ifind(s, (size_t)(from + 1), STR("authorization"))) >= 0) {
		struct str rest = str_sub(s, (size_t)from + 13, s.len);
		char next = at(rest, 0);

		if (next == ':' || next == '"' || next == '\'' || next == '=' || next == '\\' ||
		    (next == ' ' && at(rest, 1) == '"'))
			r = one_header(l, rest);
	}
	from = -1;
	while (r >= 0 && (from = secret_ifind(s, (size_t)(from + 1), STR("bearer "))) >= 0) {
		struct str rest = str_sub(s, (size_t)from + 7, s.len);
		struct str value = str_sub(rest, 0, until(rest, "\"'\\`,;)}<"));

		if (value.len >= 16 && secret_entropy(value) > 3)
			r = give(l, "token", value, CLASS_KEY);
	}
	return r;
}

/* The forty characters beside an access key's id are the key. */
static int aws_pair(struct secret_line *l, struct str s)
{
	const char *id = s.len ? memmem(s.ptr, s.len, "AKIA", 4) : NULL;
	size_t n = 0;

	if (!id)
		return 0;
	for (size_t i = 0; i <= s.len; i++) {
		char c = at(s, i);

		if (i < s.len && (isalnum((unsigned char)c) || c == '/' || c == '+')) {
			n++;
			continue;
		}
		if (n == 40 && secret_entropy(str_sub(s, i - n, i)) > 4)
			return give(l, "aws-key", str_sub(s, i - n, i), CLASS_KEY);
		n = 0;
	}
	return 0;
}

/* expect: send "secret\r" */
static int sent(struct secret_line *l, struct str s)
{
	ssize_t from = secret_ifind(s, 0, STR("send"));
	int r = 0;

	if (from < 0 ||
	    (secret_ifind(s, 0, STR("spawn")) < 0 && secret_ifind(s, 0, STR("assword")) < 0 &&
	     secret_ifind(s, 0, STR("expect")) < 0))
		return 0;
	for (; r >= 0 && from >= 0; from = secret_ifind(s, (size_t)from + 4, STR("send"))) {
		struct str rest = str_trim(str_sub(s, (size_t)from + 4, s.len));
		size_t n = 0;

		if (str_starts(rest, STR("--")))
			rest = str_trim(str_sub(rest, 2, rest.len));
		while (rest.len && (*rest.ptr == '\\' || *rest.ptr == '"' || *rest.ptr == '{'))
			rest = str_sub(rest, 1, rest.len);
		n = until(rest, "\\\"}");
		if (n && n < rest.len && at(rest, n) == '\\' && n >= 6 && *rest.ptr != '$' &&
		    *rest.ptr != '[')
			r = secret_value(str_sub(rest, 0, n), CLASS_PASSWORD, SOURCE_CODE)
				    ? secret_found(l, "password-argument", str_sub(rest, 0, n))
				    : 0;
	}
	return r;
}

int secret_marks(struct secret_line *l, struct str s)
{
	int r = aws_pair(l, s);

	bool equal = str_find(s, '=') >= 0;

	for (size_t i = 0; r >= 0 && i < COUNT(marks); i++)
		if (equal || !str_ends(marks[i].before, STR("=")))
			r = one_mark(l, s, &marks[i]);
	if (r >= 0)
		r = headers(l, s);
	if (r >= 0)
		r = secret_calls(l, s);
	return r < 0 ? r : sent(l, s);
}

/* Blanks, '=', '(' and words that may stand between PASSWORD and the text. */
static struct str skip_sql(struct str s)
{
	static const struct str between[] = { STR("password"), STR("by"), STR("to"), STR("as") };
	bool more = true;

	while (more) {
		more = false;
		while (s.len && (is_blank(*s.ptr) || *s.ptr == '(' || *s.ptr == '=')) {
			s = str_sub(s, 1, s.len);
			more = true;
		}
		for (size_t i = 0; i < COUNT(between); i++)
			if (str_istarts(s, between[i]) && is_blank(at(s, between[i].len))) {
				s = str_sub(s, between[i].len, s.len);
				more = true;
			}
	}
	return (at(s, 0) == 'N' || at(s, 0) == 'E') && at(s, 1) == '\'' ? str_sub(s, 1, s.len) : s;
}

/* Oracle's "IDENTIFIED BY secret". */
static int bare_text(struct secret_line *l, struct str rest)
{
	struct str value = str_sub(rest, 0, until(rest, ";,)\"'`"));

	return secret_is_chosen(value) && secret_value(value, CLASS_PASSWORD, SOURCE_CODE)
		       ? secret_found(l, "sql-password", value)
		       : 0;
}

static int sql_text(struct secret_line *l, struct str rest, bool bare)
{
	struct str value;
	size_t n;

	if (at(rest, 0) == '\\')
		rest = str_sub(rest, 1, rest.len);
	if (at(rest, 0) != '\'' && at(rest, 0) != '"')
		return bare ? bare_text(l, rest) : 0;
	n = 1;
	while (n < rest.len && rest.ptr[n] != rest.ptr[0])
		n++;
	if (n >= rest.len)
		return 0;
	value = str_sub(rest, 1, n);
	if (value.len && value.ptr[value.len - 1] == '\\')
		value.len--;
	return give(l, "sql-password", value, CLASS_PASSWORD);
}

/* "password" of a name, of a setting and of a program's text are others' affair. */
static bool is_sql_password(struct str s, size_t from, struct str rest)
{
	struct str head = str_sub(s, 0, from), next = str_trim(rest);

	if (!str_trim(head).len || (!is_blank(at(rest, 0)) && at(rest, 0) != '('))
		return false;
	if (at(next, 0) == '=')
		return secret_ifind(head, 0, STR("with")) >= 0 ||
		       secret_ifind(head, 0, STR("login")) >= 0;
	if (at(next, 0) == '(')
		return secret_ifind(head, 0, STR("set ")) >= 0 ||
		       secret_ifind(head, 0, STR("identified")) >= 0 ||
		       secret_ifind(head, 0, STR("values")) >= 0;
	return secret_ifind(head, 0, STR("user")) >= 0 || secret_ifind(head, 0, STR("role")) >= 0 ||
	       secret_ifind(head, 0, STR("alter")) >= 0 ||
	       secret_ifind(head, 0, STR("create")) >= 0;
}

/* Prose has things identified by their names. */
static bool is_statement(struct str head)
{
	static const struct str verbs[] = { STR("user"),   STR("grant"), STR("alter"),
					    STR("create"), STR("role"),  STR("link") };

	if (!str_trim(head).len)
		return true;
	for (size_t i = 0; i < COUNT(verbs); i++)
		if (secret_ifind(head, 0, verbs[i]) >= 0)
			return true;
	return false;
}

/* IDENTIFIED BY 'x', PASSWORD 'x', PASSWORD('x'), SET PASSWORD FOR a = 'x', USING 'x' */
int secret_sql(struct secret_line *l, struct str s)
{
	static const struct str words[] = { STR("identified by"), STR("password"),
					    STR("set password for"), STR("identified with") };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(words); i++) {
		ssize_t from = -1;

		while (r >= 0 && (from = secret_ifind(s, (size_t)(from + 1), words[i])) >= 0) {
			struct str rest = str_sub(s, (size_t)from + words[i].len, s.len);
			ssize_t mark;

			if ((i == 1 && !is_sql_password(s, (size_t)from, rest)) ||
			    (!i && !is_statement(str_sub(s, 0, (size_t)from))))
				continue;
			mark = i == 2   ? str_find(rest, '=')
			       : i == 3 ? secret_ifind(rest, 0, STR(" by "))
					: 0;
			if (mark < 0)
				continue;
			rest = str_sub(rest, (size_t)mark + (i == 3 ? 4 : 0), rest.len);
			r = sql_text(l, skip_sql(rest), !i);
		}
	}
	return r;
}

/*
 * "-----BEGIN … PRIVATE KEY-----" (RFC 7468, RFC 4716 and PGP's) that begins a line or the value of
 * a setting. A line that looks for one, or compares with it, is none.
 */
bool secret_key_head(struct str text, size_t *ret_at, size_t *ret_end)
{
	static const struct str putty = STR("PuTTY-User-Key-File-");
	ssize_t begin = secret_ifind(text, 0, STR("-----BEGIN ")), end;
	struct str rest;
	size_t i;

	if (str_starts(text, putty)) {
		*ret_at = 0;
		*ret_end = text.len;
		return true;
	}
	if (begin < 0)
		return false;
	rest = str_sub(text, (size_t)begin, text.len);
	end = secret_ifind(rest, 0, STR("PRIVATE KEY"));
	if (end < 0 || end > 30)
		return false;
	i = (size_t)end + 11;
	if (str_starts(str_sub(rest, i, rest.len), STR(" BLOCK")))
		i += 6;
	if (!str_starts(str_sub(rest, i, rest.len), STR("-----")))
		return false;
	i += 5;
	/* In a program's text or a command that greps for it the head is quoted by itself. */
	if (at(rest, i) == '"' || at(rest, i) == '\'' || at(rest, i) == '`' || at(rest, i) == ')' ||
	    at(rest, i) == '/' || at(rest, i) == ' ')
		return false;
	*ret_at = (size_t)begin;
	*ret_end = (size_t)begin + i;
	return true;
}
