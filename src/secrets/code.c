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
	char quote = at(*s, 0);
	size_t n = 1;
	struct str text;

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
	{ STR("passwordauthentication"), 2 }, { STR("crypt"), 1 }, { STR("password_hash"), 1 }, { STR("hashpw"), 1 },
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
	if (at(rest, 0) != '(')
		return 0;
	rest = str_trim(str_sub(rest, 1, rest.len));
	for (unsigned i = 1; i < nth; i++)
		if (!skip_argument(&rest))
			return 0;
	value = quoted_text(&rest);
	return value.len && secret_value(value, CLASS_PASSWORD, SOURCE_CODE)
		       ? secret_found(l, "export", value)
		       : 0;
}

/* Go's "user:secret@tcp(host)/database" */
static int dsn(struct secret_line *l, struct str s)
{
	static const struct str nets[] = { STR("@tcp("), STR("@unix(") };
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
	if (calls[k].nth == 1 && from && isalnum((unsigned char)s.ptr[from - 1]))
		return 0;
	return one_call(l, str_sub(s, from + calls[k].name.len, s.len), calls[k].nth);
}

int secret_calls(struct secret_line *l, struct str s)
{
	int r;

	if (str_find(s, '(') < 0)
		return 0;
	r = dsn(l, s);
	for (size_t i = 0; r >= 0 && i < COUNT(calls); i++) {
		ssize_t from = -1;

		while (r >= 0 && (from = secret_ifind(s, (size_t)(from + 1), calls[i].name)) >= 0)
			r = call_at(l, s, (size_t)from, i);
	}
	return r;
}
