/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * directive: settings that are words alone, "password hunter2": of .netrc, Postfix and .pgpass, of
 * routers, SNMP, Apache, nginx, Debian's installer and Redis' access lists.
 */
#include <ctype.h>

#include "secrets/line.h"
#include "secrets/value.h"

#define WORDS 14U
#define LINE_MAX_LEN 400U

struct directive {
	struct secret_line *l;
	struct str words[WORDS];
	size_t n;
	bool written; /* by echo: it may be a message */
};

static struct str word(const struct directive *d, size_t i)
{
	return i < d->n ? d->words[i] : (struct str){};
}

static int stored(const struct directive *d, struct str value, enum secret_class class)
{
	return value.len && secret_value(value, class, SOURCE_NAMED)
		       ? secret_found(d->l, "stored-password", value)
		       : 0;
}

/* "machine host login name password secret" */
static int netrc(const struct directive *d)
{
	for (size_t i = 1; i + 1 < d->n; i++)
		if (str_eq(d->words[i], STR("password")))
			return stored(d, d->words[i + 1], CLASS_PASSWORD);
	return 0;
}

/* What begins a line whose next word is a secret. */
static bool is_setting(struct str name)
{
	static const struct str names[] = {
		STR("password"),    STR("requirepass"),    STR("masterauth"),
		STR("rootpw"),      STR("bindpw"),         STR("bindpasswd"),
		STR("rpcpassword"), STR("auth_pass"),      STR("authpassword"),
		STR("rocommunity"), STR("rwcommunity"),    STR("authldapbindpassword"),
		STR("wpa-psk"),     STR("wpa-passphrase"), STR("key-string"),
		STR("sslpassword"), STR("dbdpassword"),    STR("smtp_password"),
	};

	for (size_t i = 0; i < COUNT(names); i++)
		if (str_ieq(name, names[i]))
			return true;
	return false;
}

/* "NAME value" follows them. */
static bool is_environment(struct str name)
{
	static const struct str names[] = { STR("setenv"),        STR("fastcgi_param"),
					    STR("uwsgi_param"),   STR("proxy_set_header"),
					    STR("env"),           STR("set"),
					    STR("requestheader"), STR("add_header") };

	for (size_t i = 0; i < COUNT(names); i++)
		if (str_ieq(name, names[i]))
			return true;
	return false;
}

/* Of what stands before a secret, from the line's beginning; "*" is any one word. */
static const struct str heads[] = {
	STR("snmp-server community"),
	STR("snmp-server host * version 2c"),
	STR("radius-server key"),
	STR("tacacs-server key"),
	STR("enable password"),
	STR("enable secret"),
	STR("neighbor * password"),
	STR("d-i * password"),
	STR("mysql-server * password"),
	STR("isakmp key"),
	STR("crypto isakmp key"),
	STR("ip ospf message-digest-key * md5"),
	STR("ppp chap password"),
	STR("login root password"),
	STR("set snmp community"),
	STR("com2sec * *"),
	STR("trapsink *"),
	STR("trap2sink *"),
	STR("standby * authentication"),
	STR("vrrp * authentication"),
	STR("sentinel auth-pass *"),
	STR("ip ospf authentication-key"),
	STR("option key"),
	STR("wpa-psk ascii"),
	STR("wpa-psk ascii 0"),
	STR("root-authentication plain-text-password-value"),
};

static size_t behind_head(const struct directive *d, struct str head)
{
	struct str want;
	size_t i = 0;

	for (; (want = str_word(&head)).ptr; i++)
		if (i >= d->n || (!str_eq(want, STR("*")) && !str_ieq(want, d->words[i])))
			return 0;
	return i;
}

/* "0 secret" is plain to Cisco's, other digits stand before what is encrypted. */
static int behind(const struct directive *d, size_t i)
{
	struct str value = word(d, i);

	if (value.len == 1 && isdigit((unsigned char)*value.ptr))
		value = *value.ptr == '0' ? word(d, i + 1) : (struct str){};
	return stored(d, value, CLASS_PASSWORD);
}

/* snmp-server user name group v3 auth sha secret priv aes 128 secret */
static int snmp_server(const struct directive *d)
{
	int r = 0;

	for (size_t i = 3; r >= 0 && i + 2 < d->n; i++) {
		bool number = secret_is_number(d->words[i + 2]);

		if (str_eq(d->words[i], STR("auth")) || str_eq(d->words[i], STR("priv")))
			r = stored(d, word(d, i + 2 + number), CLASS_PASSWORD);
	}
	return r;
}

/* createUser name SHA secret AES secret, of snmpd.conf. */
static int snmp_user(const struct directive *d)
{
	int r = 0;

	for (size_t i = 2; r >= 0 && i + 1 < d->n; i++)
		if (str_starts(d->words[i], STR("SHA")) || str_eq(d->words[i], STR("MD5")) ||
		    str_starts(d->words[i], STR("AES")) || str_eq(d->words[i], STR("DES")))
			r = stored(d, d->words[i + 1], CLASS_PASSWORD);
	return r;
}

/* "user worker on >secret ~* +@all" */
static int redis_user(const struct directive *d)
{
	int r = 0;

	for (size_t i = 2; r >= 0 && i < d->n; i++)
		if (d->words[i].len > 4 && *d->words[i].ptr == '>')
			r = stored(d, str_sub(d->words[i], 1, d->words[i].len), CLASS_PASSWORD);
	return r;
}

/* "[mail.example.org]:587 user:secret" */
static int sasl(const struct directive *d)
{
	ssize_t at = str_find(d->words[1], ':');

	if (at <= 0 || d->n != 2 || str_find(d->words[0], '(') >= 0 ||
	    str_find(d->words[0], ']') < 0 || str_find(d->words[1], '/') >= 0)
		return 0;
	return stored(d, str_sub(d->words[1], (size_t)at + 1, d->words[1].len), CLASS_PASSWORD);
}

/* "host:5432:database:user:secret" */
static int pgpass(const struct directive *d)
{
	struct str rest = d->words[0], field;
	struct str port = {};

	for (unsigned i = 0; i < 4; i++) {
		field = str_cut(&rest, ':');
		if (!rest.ptr || !field.len)
			return 0;
		if (i == 1)
			port = field;
	}
	if (d->n != 1 || !(str_eq(port, STR("*")) || (secret_is_number(port) && port.len == 4)) ||
	    str_find(rest, ':') >= 0)
		return 0;
	return stored(d, rest, CLASS_PASSWORD);
}

/* "username ann password 0 secret": the value is plain by its looks. */
static int among_words(const struct directive *d)
{
	for (size_t i = 1; i + 1 < d->n; i++) {
		struct str name = d->words[i], value = d->words[i + 1];
		enum secret_class class = secret_name(name);

		if (strchr(":=", name.ptr[name.len - 1]) || class == CLASS_NONE ||
		    (class == CLASS_KEY && !str_ends(name, STR("-secret"))))
			continue;
		if (str_eq(value, STR("0")))
			value = word(d, i + 2);
		if (value.len && secret_is_chosen(value))
			return stored(d, value, CLASS_PASSWORD);
	}
	return 0;
}

static int named(const struct directive *d)
{
	struct str name = word(d, 0), value = word(d, 1);
	enum secret_class class = CLASS_NONE;

	if (d->n == 2 && is_setting(name) &&
	    ((!d->written && !str_ieq(name, STR("password"))) || secret_is_chosen(value)))
		return stored(d, value, CLASS_PASSWORD);
	if (d->n == 2 && str_ieq(name, STR("AUTH")) && secret_is_chosen(value))
		return stored(d, value, CLASS_PASSWORD);
	/* "smtp_auth_password hunter2" */
	if (d->n == 2 && name.len > 5)
		class = secret_name(name);
	if (class != CLASS_NONE && secret_is_chosen(value))
		return stored(d, value, class);
	if (d->n != 3 || !is_environment(name))
		return 0;
	class = secret_name(value);
	return class == CLASS_NONE ? 0 : stored(d, word(d, 2), class);
}

static int by_first(const struct directive *d)
{
	struct str first = word(d, 0);

	if (str_eq(first, STR("machine")) ||
	    (str_eq(first, STR("default")) && str_eq(word(d, 1), STR("login"))))
		return netrc(d);
	if (str_eq(first, STR("snmp-server")) && str_eq(word(d, 1), STR("user")))
		return snmp_server(d);
	if (str_eq(first, STR("stats")) && str_eq(word(d, 1), STR("auth")) &&
	    str_find(word(d, 2), ':') > 0)
		return stored(d, str_sub(word(d, 2), (size_t)str_find(word(d, 2), ':') + 1, 200),
			      CLASS_PASSWORD);
	if (str_ieq(first, STR("createuser")))
		return snmp_user(d);
	if ((str_eq(first, STR("user")) && str_eq(word(d, 2), STR("on"))) ||
	    (str_ieq(first, STR("acl")) && str_ieq(word(d, 1), STR("setuser"))))
		return redis_user(d);
	if (*first.ptr == '[')
		return d->n > 1 ? sasl(d) : 0;
	if (d->n == 1)
		return pgpass(d);
	/* "client * secret *" of pppd */
	if (d->n == 4 && str_eq(word(d, 1), STR("*")) && str_eq(word(d, 3), STR("*")))
		return stored(d, word(d, 2), CLASS_PASSWORD);
	for (size_t i = 0; i < COUNT(heads); i++) {
		size_t at = behind_head(d, heads[i]);

		if (at && at < d->n)
			return behind(d, at);
	}
	return named(d);
}

int secret_directive(struct secret_line *l, struct str s, bool written)
{
	struct directive d = { .l = l, .written = written };
	struct str rest = str_trim(s), w;
	int r;

	if (!rest.len || rest.len > LINE_MAX_LEN || strchr("#;/*<", *rest.ptr))
		return 0;
	if (str_ends(rest, STR(";")))
		rest.len--;
	while (d.n < WORDS && (w = str_quoted_word(&rest)).ptr)
		if (w.len)
			d.words[d.n++] = w;
	if (!d.n || (d.n > 1 && d.words[1].len == 1 && strchr("=:", *d.words[1].ptr)))
		return 0;
	if (strchr(":=", d.words[0].ptr[d.words[0].len - 1]))
		return 0;
	r = by_first(&d);
	return r < 0 || d.n > 10 ? r : among_words(&d);
}
