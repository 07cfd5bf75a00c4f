/* SPDX-License-Identifier: GPL-3.0-or-later */
/* code: secrets among the arguments of calls, and in data source names. */
#include <ctype.h>

#include "secrets/line.h"
#include "secrets/value.h"

#define ARGUMENT_MAX 300

static char at(struct str s, size_t i)
{
	if (i >= s.len)
		return '\0';
	return s.ptr[i];
}

/* The text in quotes that s begins with, and what stands behind it. */
static struct str quoted_text(struct str *s)
{
	char quote;
	size_t n = 1;
	struct str text;

	if ((at(*s, 0) == 'b' || at(*s, 0) == '@') && (at(*s, 1) == '"' || at(*s, 1) == '\''))
		*s = str_sub(*s, 1, s->len);
	quote = at(*s, 0);

	if (quote != '"' && quote != '\'')
		return (struct str){};
	while (n < s->len && s->ptr[n] != quote)
		n++;
	if (n == s->len)
		return (struct str){};
	text = str_sub(*s, 1, n);
	*s = str_sub(*s, n + 1, s->len);
	return text;
}

static const struct {
	struct str name;
	unsigned nth; /* argument that is the secret, from 1 */
} calls[] = {
  /* clang-format off */
	{ STR("auth"), 2 }, { STR("networkcredential"), 2 }, { STR("mysqli_connect"), 3 }, { STR("new mysqli"), 3 },
	{ STR("mysql_connect"), 3 }, { STR("new pdo"), 3 }, { STR("dbi->connect"), 3 }, { STR(".login"), 2 },
	{ STR("create_superuser"), 3 }, { STR("getconnection"), 3 }, { STR("ldap_bind"), 3 }, { STR("ftp_login"), 3 },
	{ STR("imap_open"), 3 }, { STR("auth_password"), 3 }, { STR("passwordcredentials"), 2 },
	{ STR("passwordauthentication"), 2 }, { STR("crypt"), 1 }, { STR("hashpw"), 1 },
	{ STR("jwt.sign"), 2 }, { STR("jwt.encode"), 2 }, { STR("jwt.verify"), 2 }, { STR("keyring.set_password"), 3 },
	{ STR("fromsecretandalgorithm"), 1 }, { STR("fernet"), 1 }, { STR("signwith"), 2 }, { STR("basic_auth"), 2 },
	{ STR("sqldb.connect"), 3 }, { STR("mysql.connect"), 3 }, { STR("_crypt.hash"), 1 }, { STR("bcrypt"), 1 }, { STR("hash::make"), 1 },
	{ STR("make_password"), 1 }, { STR("password_hash"), 1 },
  /* clang-format on */
};

/* Passes over an argument and the comma behind it. */
static bool skip_argument(struct str *s)
{
	struct str rest = *s;
	size_t n = 0;

	if (at(rest, 0) == '"' || at(rest, 0) == '\'') {
		(void)quoted_text(&rest);
	} else {
		while (n < ARGUMENT_MAX && n < rest.len && !strchr(",();", rest.ptr[n]))
			n++;
		rest = str_sub(rest, n, rest.len);
	}
	rest = str_trim(rest);
	if (at(rest, 0) != ',')
		return false;
	*s = str_trim(str_sub(rest, 1, rest.len));
	return true;
}

/* auth=('ann', 'secret'), HTTPBasicAuth("ann", "secret"), mysqli_connect('h', 'root', 'secret') */
static int one_call(struct secret_line *l, struct str rest, unsigned nth)
{
	struct str value;

	while (at(rest, 0) == ' ' || at(rest, 0) == '=')
		rest = str_sub(rest, 1, rest.len);
	if (at(rest, 0) == '(')
		rest = str_trim(str_sub(rest, 1, rest.len));
	else if (at(rest, 0) != '\'' && at(rest, 0) != '"')
		return 0;
	for (unsigned i = 1; i < nth; i++)
		if (!skip_argument(&rest))
			return 0;
	if (str_starts(rest, STR("Some(")))
		rest = str_sub(rest, 5, rest.len);
	value = quoted_text(&rest);
	return value.len && secret_value(value, CLASS_PASSWORD, SOURCE_CODE)
		       ? secret_found(l, "export", value)
		       : 0;
}

/* Go's "user:secret@tcp(host)/database" */
static int dsn(struct secret_line *l, struct str s)
{
	static const struct str nets[] = { STR("@tcp("), STR("@unix("), STR("@(") };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(nets); i++) {
		ssize_t end = secret_ifind(s, 0, nets[i]);
		struct str head = str_sub(s, 0, (size_t)MAX(end, 0)), value;
		size_t from = head.len;

		while (from && head.len - from < ARGUMENT_MAX &&
		       !strchr(" \"'`=", head.ptr[from - 1]))
			from--;
		value = str_sub(head, from, head.len);
		if (str_find(value, ':') <= 0)
			continue;
		value = str_sub(value, (size_t)str_find(value, ':') + 1, value.len);
		if (secret_value(value, CLASS_PASSWORD, SOURCE_TYPED))
			r = secret_found(l, "connection-string", value);
	}
	return r;
}

static int call_at(struct secret_line *l, struct str s, size_t from, size_t k)
{
	/* "decrypt(" is another function. */
	if (calls[k].nth == 1 && calls[k].name.ptr[0] != '_' && from &&
	    isalnum((unsigned char)s.ptr[from - 1]))
		return 0;
	return one_call(l, str_sub(s, from + calls[k].name.len, s.len), calls[k].nth);
}

static bool is_getter(struct str name)
{
	static const struct str verbs[] = { STR("get"),     STR("find"),    STR("read"),
					    STR("load"),    STR("fetch"),   STR("lookup"),
					    STR("is"),      STR("resolve"), STR("match"),
					    STR("hash"),    STR("verify"),  STR("send"),
					    STR("encrypt"), STR("on"),      STR("select") };

	for (size_t i = 0; i < COUNT(verbs); i++)
		if (str_starts(name, verbs[i]))
			return true;
	return false;
}

/* "ds.setPassword(\"secret\")", ".apiKey('…')": what the function is called tells. */
static int setter(struct secret_line *l, struct str s, size_t open)
{
	static const struct str verbs[] = { STR("set"), STR("with"), STR("use") };
	size_t from = open;
	struct str name, rest = str_sub(s, open + 1, s.len), value;
	enum secret_class class;

	while (from && (isalnum((unsigned char)s.ptr[from - 1]) || s.ptr[from - 1] == '_'))
		from--;
	name = str_sub(s, from, open);
	if (!from || (s.ptr[from - 1] != '.' && s.ptr[from - 1] != '>'))
		return 0;
	for (size_t i = 0; i < COUNT(verbs); i++)
		if (str_istarts(name, verbs[i]) && name.len > verbs[i].len + 5) {
			name = str_sub(name, verbs[i].len, name.len);
			break;
		}
	class = secret_name(name);
	if (class == CLASS_NONE || is_getter(name))
		return 0;
	value = quoted_text(&rest);
	return value.len && at(str_trim(rest), 0) == ')' && secret_value(value, class, SOURCE_CODE)
		       ? secret_found(l, "export", value)
		       : 0;
}

static int setters(struct secret_line *l, struct str s)
{
	int r = 0;

	for (size_t i = 1; r >= 0 && i + 1 < s.len; i++)
		if (s.ptr[i] == '(' && (s.ptr[i + 1] == '"' || s.ptr[i + 1] == '\''))
			r = setter(l, s, i);
	return r;
}

/* {{ 'secret' | password_hash('sha512') }}, of Ansible */
static int filtered(struct secret_line *l, struct str s)
{
	ssize_t end = secret_ifind(s, 0, STR("| password_hash"));
	struct str value = str_trim(str_sub(s, 0, (size_t)MAX(end, 0)));
	char quote = at(value, value.len - 1);

	if (end <= 0 || (quote != '\'' && quote != '"'))
		return 0;
	value.len--;
	value = str_sub(value, (size_t)(str_rfind(value, quote) + 1), value.len);
	return secret_is_chosen(value) ? secret_found(l, "export", value) : 0;
}

/* "secret".toCharArray(), as Java takes passwords */
static int characters(struct secret_line *l, struct str s)
{
	ssize_t end = secret_ifind(s, 0, STR("\".tochararray()"));
	struct str value = str_sub(s, 0, (size_t)MAX(end, 0));

	value = str_sub(value, (size_t)(str_rfind(value, '"') + 1), value.len);
	return end > 0 && secret_value(value, CLASS_PASSWORD, SOURCE_CODE)
		       ? secret_found(l, "export", value)
		       : 0;
}

/* Twilio: thirty-two digits beside an account's name, which is "AC" and as many. */
static int twilio(struct secret_line *l, struct str s)
{
	const char *id = s.len > 70 ? memmem(s.ptr, s.len, "AC", 2) : NULL;
	size_t n = 0;

	if (!id || !secret_is_hex(str_sub(s, (size_t)(id - s.ptr) + 2, (size_t)(id - s.ptr) + 34)))
		return 0;
	for (size_t i = (size_t)(id - s.ptr) + 34; i <= s.len; i++) {
		if (isxdigit((unsigned char)at(s, i))) {
			n++;
			continue;
		}
		if (n == 32 && secret_entropy(str_sub(s, i - n, i)) > 3)
			return secret_found(l, "twilio-key", str_sub(s, i - n, i));
		n = 0;
	}
	return 0;
}

int secret_calls(struct secret_line *l, struct str s)
{
	int r = twilio(l, s);

	if (r < 0)
		return r;

	if (str_find(s, '(') < 0 && secret_ifind(s, 0, STR("basic_auth")) < 0)
		return 0;
	r = dsn(l, s);
	if (r >= 0)
		r = setters(l, s);
	if (r >= 0)
		r = characters(l, s);
	if (r >= 0)
		r = filtered(l, s);
	for (size_t i = 0; r >= 0 && i < COUNT(calls); i++) {
		ssize_t from = -1;

		while (r >= 0 && (from = secret_ifind(s, (size_t)(from + 1), calls[i].name)) >= 0)
			r = call_at(l, s, (size_t)from, i);
	}
	return r;
}
