/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ssh_key_options: options in front of a key, as sshauthopt_parse() of OpenSSH takes them. */
#include <time.h>

#include "facts/linux/ssh_keyring.h"

#define OPTIONS_MAX 1'024

/* Takes "name" or name="value" off *s; the value without quotes. -EINVAL. */
static int next_option(struct str *s, struct arena *a, struct str *ret_name, struct str *ret_value)
{
	size_t i = 0, n = 0;
	char *out;

	while (i < s->len && s->ptr[i] != '=' && s->ptr[i] != ',')
		i++;
	*ret_name = str_sub(*s, 0, i);
	*ret_value = (struct str){};
	if (i == s->len || s->ptr[i] == ',') {
		*s = i == s->len ? (struct str){} : str_sub(*s, i + 1, s->len);
		return 0;
	}
	if (++i >= s->len || s->ptr[i++] != '"')
		return -EINVAL;
	out = arena_alloc(a, s->len + 1);
	if (!out)
		return -ENOMEM;
	for (; i < s->len && s->ptr[i] != '"'; i++) {
		if (s->ptr[i] == '\\' && i + 1 < s->len && s->ptr[i + 1] == '"')
			i++;
		out[n++] = s->ptr[i];
	}
	if (i++ >= s->len || (i < s->len && s->ptr[i] != ','))
		return -EINVAL;
	*ret_value = (struct str){ out, n };
	*s = i < s->len ? str_sub(*s, i + 1, s->len) : (struct str){};
	return 0;
}

static int digits(struct str s, size_t at, size_t n)
{
	int v = 0;

	for (size_t i = at; i < at + n; i++) {
		if (i >= s.len || s.ptr[i] < '0' || s.ptr[i] > '9')
			return -1;
		v = v * 10 + s.ptr[i] - '0';
	}
	return v;
}

/* YYYYMMDD[HHMM[SS]][Z]; without Z in local time, for which UTC is taken. */
static int parse_time(struct str s, int64_t *ret)
{
	struct tm tm = {};
	bool utc = s.len && (s.ptr[s.len - 1] == 'Z' || s.ptr[s.len - 1] == 'z');

	s.len -= utc;
	if (s.len != 8 && s.len != 12 && s.len != 14)
		return -EINVAL;
	for (size_t i = 0; i < s.len; i++)
		if (digits(s, i, 1) < 0)
			return -EINVAL;
	tm.tm_year = digits(s, 0, 4) - 1900;
	tm.tm_mon = digits(s, 4, 2) - 1;
	tm.tm_mday = digits(s, 6, 2);
	if (s.len >= 12) {
		tm.tm_hour = digits(s, 8, 2);
		tm.tm_min = digits(s, 10, 2);
	}
	if (s.len == 14)
		tm.tm_sec = digits(s, 12, 2);
	if (tm.tm_mon < 0 || tm.tm_mon > 11 || tm.tm_mday < 1 || tm.tm_mday > 31)
		return -EINVAL;
	*ret = (int64_t)timegm(&tm);
	return 0;
}

/* permitopen="host:port" more than once; "none" is no word of it: a host that cannot be. */
static int with_value(struct ssh_key_options *o, struct str name, struct str value)
{
	static const char *const others[] = { "environment", "permitopen", "permitlisten",
					      "tunnel" };

	if (str_ieq(name, STR("command"))) {
		if (o->command.ptr)
			return -EINVAL;
		o->command = value;
		return 0;
	}
	if (str_ieq(name, STR("principals"))) {
		if (o->principals.ptr)
			return -EINVAL;
		o->principals = value;
		return 0;
	}
	if (str_ieq(name, STR("from"))) {
		if (o->from.ptr)
			return -EINVAL;
		o->from = value;
		return 0;
	}
	if (str_ieq(name, STR("expiry-time"))) {
		int64_t t;

		if (parse_time(value, &t) < 0 || t <= 0)
			return -EINVAL;
		if (!o->expires || t < o->expires)
			o->expires = t;
		return 0;
	}
	for (size_t i = 0; i < COUNT(others); i++)
		if (str_ieq(name, str_of(others[i])))
			return i == 1 && str_find(value, ':') < 0 ? -EINVAL : 0;
	return -EINVAL;
}

static int flag(struct ssh_key_options *o, struct str name)
{
	static const char *const switches[] = {
		"agent-forwarding", "x11-forwarding", "touch-required", "verify-required", "pty",
		"user-rc"
	};

	if (str_ieq(name, STR("restrict"))) {
		o->no_forwarding = true;
		return 0;
	}
	if (str_ieq(name, STR("cert-authority"))) {
		o->authority = true;
		return 0;
	}
	if (str_ieq(name, STR("port-forwarding")) || str_ieq(name, STR("no-port-forwarding"))) {
		o->no_forwarding = str_istarts(name, STR("no-"));
		return 0;
	}
	if (str_istarts(name, STR("no-")))
		name = str_sub(name, 3, name.len);
	for (size_t i = 0; i < COUNT(switches); i++)
		if (str_ieq(name, str_of(switches[i])))
			return 0;
	return -EINVAL;
}

int ssh_key_options_parse(struct str options, struct arena *a, struct ssh_key_options *ret)
{
	struct ssh_key_options o = {};

	for (unsigned n = 0; options.len; n++) {
		struct str name, value;
		int r = n < OPTIONS_MAX ? next_option(&options, a, &name, &value) : -EINVAL;

		if (r >= 0)
			r = value.ptr ? with_value(&o, name, value) : flag(&o, name);
		if (r < 0)
			return r;
	}
	*ret = o;
	return 0;
}

bool ssh_key_from(const struct ssh_key_options *o, struct str host, struct str address)
{
	int by_address, by_host;

	if (!o->from.ptr)
		return true;
	by_address = sshd_address_list(o->from, address);
	if (by_address < 0)
		return false;
	by_host = sshd_pattern_list(o->from, host, true);
	return by_host != -1 && (by_host == 1 || by_address == 1);
}
