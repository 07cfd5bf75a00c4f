/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/sshd_value_parts.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/diag.h"

int sshd_refuse(struct sshd_value *v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(v->why, sizeof v->why, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* Refuses the word s, which is made safe to print. */
int sshd_refuse_word(struct sshd_value *v, const char *what, struct str s)
{
	char text[64];

	return sshd_refuse(v, "%s '%s'", what, text_safe(s, text, sizeof text));
}

int sshd_missing(struct sshd_value *v) { return sshd_refuse(v, "missing argument"); }

/* Next word, ptr == NULL at the end. */
struct str sshd_next(struct sshd_value *v)
{
	return v->at < v->n_in ? v->in[v->at++] : (struct str){};
}

int sshd_emit(struct sshd_value *v, struct str s)
{
	if (!s.ptr)
		return -ENOMEM;
	return arena_push(v->arena, v->out, v->n_out, v->cap_out, s);
}

int sshd_emit_number(struct sshd_value *v, int64_t n)
{
	return sshd_emit(v, arena_fmt(v->arena, "%lld", (long long)n));
}

/* strtonum(3) from 0 to max. */
int sshd_number(struct str s, int64_t max, int64_t *ret)
{
	int64_t n;

	s = str_trim(s);
	if (s.len && s.ptr[0] == '+')
		s = str_sub(s, 1, s.len);
	if (str_to_int64(s, &n) < 0)
		return -EINVAL;
	if (n < 0 || n > max)
		return -ERANGE;
	*ret = n;
	return 0;
}

int sshd_time(struct str s, int64_t *ret)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {
		{'s',  1     },
                { 'm', 60    },
                { 'h', 3600  },
                { 'd', 86400 },
                { 'w', 604800}
	};
	int64_t total = 0;
	size_t i = 0;

	if (!s.len)
		return -EINVAL;
	while (i < s.len) {
		int64_t n = 0, factor = 1;
		size_t start = i;

		for (; i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9'; i++) {
			n = n * 10 + (s.ptr[i] - '0');
			if (n > INT_MAX)
				return -EINVAL;
		}
		if (i == start)
			return -EINVAL;
		if (i < s.len) {
			char c = (char)(s.ptr[i++] | 0x20);
			size_t u = 0;

			while (u < COUNT(units) && units[u].unit != c)
				u++;
			if (u == COUNT(units))
				return -EINVAL;
			factor = units[u].seconds;
		}
		total += n * factor;
		if (total > INT_MAX)
			return -EINVAL;
	}
	*ret = total;
	return 0;
}

int sshd_port(struct str s, int64_t *ret)
{
	/* Of services(5): what people write in place of a number. */
	static const struct {
		const char *name;
		int64_t port;
	} services[] = {
		{"ssh",         22  },
                { "telnet",     23  },
                { "smtp",       25  },
                { "domain",     53  },
		{ "http",       80  },
                { "https",      443 },
                { "http-alt",   8080},
                { "ftp",        21  },
		{ "postgresql", 5432},
                { "mysql",      3306}
	};

	if (sshd_number(s, 65535, ret) == 0)
		return 0;
	for (size_t i = 0; i < COUNT(services); i++)
		if (str_eq(s, str_of(services[i].name)))
			return *ret = services[i].port, 0;
	return -EINVAL;
}

static int parse_flag(struct sshd_value *v)
{
	struct str s = sshd_next(v);

	if (!s.len)
		return sshd_missing(v);
	if (str_ieq(s, STR("yes")))
		return sshd_emit(v, STR("yes"));
	if (str_ieq(s, STR("no")))
		return sshd_emit(v, STR("no"));
	return sshd_refuse_word(v, "unsupported option", s);
}

/* -T prints the first of several words for one value. */
static struct str same_as(struct sshd_value *v, struct str choice)
{
	unsigned version = sshd_version(v->build);

	if (str_eq(choice, STR("prohibit-password")))
		return STR("without-password");
	if (str_eq(choice, STR("all")))
		return STR("yes");
	if (str_eq(choice, STR("delayed")) && version >= 704)
		return STR("yes");
	return choice;
}

static int parse_choice(struct sshd_value *v)
{
	struct str s = sshd_next(v);
	bool exact = v->keyword->kind == SSHD_CHOICE_CASE;

	if (!s.len)
		return sshd_missing(v);
	for (const char *const *p = v->keyword->choices; *p; p++) {
		struct str choice = str_of(*p);

		if (str_eq(choice, STR("shosts-only")) && sshd_version(v->build) < 803)
			break;
		if (exact ? str_eq(s, choice) : str_ieq(s, choice))
			return sshd_emit(v, same_as(v, choice));
	}
	return sshd_refuse_word(v, "unsupported option", s);
}

static int parse_int(struct sshd_value *v)
{
	struct str s = sshd_next(v);
	int64_t n;

	if (!s.len)
		return sshd_missing(v);
	if (sshd_number(s, INT_MAX, &n) < 0)
		return sshd_refuse_word(v, "not a number that fits:", s);
	return sshd_emit_number(v, n);
}

static int parse_time(struct sshd_value *v)
{
	struct str s = sshd_next(v);
	int64_t n;

	if (!s.len)
		return sshd_missing(v);
	if (sshd_time(s, &n) < 0)
		return sshd_refuse_word(v, "invalid time value", s);
	return sshd_emit_number(v, n);
}

static int parse_time_none(struct sshd_value *v)
{
	int r;

	if (v->n_in && str_ieq(v->in[0], STR("none"))) {
		v->at++;
		v->force = true;
		return sshd_emit(v, STR("none"));
	}
	r = parse_time(v);
	if (r == 0 && str_eq(v->out[0], STR("0")))
		v->out[0] = STR("none");
	return r;
}

static int parse_octal(struct sshd_value *v)
{
	struct str s = sshd_next(v);
	unsigned n = 0;
	size_t i = 0;

	if (!s.len)
		return sshd_missing(v);
	for (; i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '7' && n <= 0777; i++)
		n = n * 8 + (unsigned)(s.ptr[i] - '0');
	if (!i || n > 0777)
		return sshd_refuse_word(v, "invalid mode", s);
	return sshd_emit(v, arena_fmt(v->arena, "0%o", n));
}

/* "~" is the home of who runs sshd: root. */
struct str sshd_tilde(struct sshd_value *v, struct str s)
{
	if (!str_eq(s, STR("~")) && !str_starts(s, STR("~/")))
		return s;
	s = str_sub(s, 1, s.len);
	while (s.len && s.ptr[0] == '/')
		s = str_sub(s, 1, s.len);
	return arena_cat(v->arena, STR("/root/"), s, STR(""));
}

static int parse_path(struct sshd_value *v)
{
	struct str s = sshd_next(v);

	if (!s.len)
		return sshd_missing(v);
	if (str_ieq(s, STR("none")))
		return sshd_emit(v, STR("none"));
	if (v->keyword->id == SSHD_KW_SECURITYKEYPROVIDER && str_ieq(s, STR("internal")))
		return sshd_emit(v, s);
	if (v->keyword->id == SSHD_KW_HOSTKEYAGENT && str_eq(s, STR("SSH_AUTH_SOCK")))
		return sshd_emit(v, s);
	s = sshd_tilde(v, s);
	/* Relative to where sshd was started, which is "/". */
	if (s.len && s.ptr[0] != '/')
		s = arena_cat(v->arena, STR("//"), s, STR(""));
	return sshd_emit(v, s);
}

static int parse_string(struct sshd_value *v)
{
	struct str s = sshd_next(v);

	if (v->keyword->id == SSHD_KW_RDOMAIN)
		return sshd_refuse(v, "setting RDomain is not supported on Linux");
	if (!s.len)
		return sshd_missing(v);
	if (v->keyword->id == SSHD_KW_AUTHORIZEDPRINCIPALSFILE)
		s = sshd_tilde(v, s);
	if (str_ieq(s, STR("none")))
		s = STR("none");
	return sshd_emit(v, s);
}

static int parse_rest(struct sshd_value *v)
{
	v->at = v->n_in;
	if (!v->raw.len)
		return sshd_missing(v);
	return sshd_emit(v, str_ieq(v->raw, STR("none")) ? STR("none") : v->raw);
}

static int parse_command(struct sshd_value *v)
{
	v->at = v->n_in;
	if (!v->raw.len || (v->raw.ptr[0] != '/' && !str_ieq(v->raw, STR("none"))))
		return sshd_refuse(v, "must be an absolute path");
	return sshd_emit(v, v->raw);
}

static int parse_addendum(struct sshd_value *v)
{
	struct str s = v->raw;

	v->at = v->n_in;
	if (!s.len)
		return sshd_missing(v);
	if (str_find(s, '\r') >= 0)
		return sshd_refuse(v, "invalid argument");
	return sshd_emit(v, str_ieq(s, STR("none")) ? STR("none") : s);
}

static int parse_port(struct sshd_value *v)
{
	struct str s = sshd_next(v);
	int64_t n;

	if (!s.len)
		return sshd_missing(v);
	if (sshd_port(s, &n) < 0 || !n)
		return sshd_refuse_word(v, "badly formatted port number", s);
	return sshd_emit_number(v, n);
}

/* Cuts "host:port", "[address]:port" or "host/port"; *s keeps the port, ptr == NULL without. */
bool sshd_cut_host(struct str *s, struct str *ret)
{
	size_t i = 0;
	struct str host;

	if (s->len && s->ptr[0] == '[') {
		ssize_t close = str_find(*s, ']');

		if (close < 0)
			return false;
		i = (size_t)close + 1;
	} else {
		while (i < s->len && s->ptr[i] != ':' && s->ptr[i] != '/')
			i++;
	}
	if (i < s->len && s->ptr[i] != ':' && s->ptr[i] != '/')
		return false;
	host = str_sub(*s, 0, i);
	*s = i < s->len ? str_sub(*s, i + 1, s->len) : (struct str){};
	if (host.len > 1 && host.ptr[0] == '[')
		host = str_sub(host, 1, host.len - 1);
	*ret = host;
	return true;
}

/* Out: address, port or "", routing domain or "". */
static int parse_listen(struct sshd_value *v)
{
	struct str s = sshd_next(v), host = s, port = {}, domain = STR("");
	ssize_t colon = str_find(s, ':');
	int64_t n;
	int r;

	if (!s.len)
		return sshd_missing(v);
	if (str_find(s, '[') >= 0 || colon < 0 ||
	    str_find(str_sub(s, (size_t)colon + 1, s.len), ':') < 0) {
		port = s;
		if (!sshd_cut_host(&port, &host))
			return sshd_refuse_word(v, "bad address:port usage", s);
		if (port.ptr && (sshd_port(port, &n) < 0 || !n))
			return sshd_refuse_word(v, "bad port number", port);
	}
	s = sshd_next(v);
	if (s.ptr) {
		domain = sshd_next(v);
		if (!str_eq(s, STR("rdomain")) || !domain.ptr)
			return sshd_refuse(v, "bad ListenAddress syntax");
	}
	r = sshd_emit(v, host);
	if (r >= 0)
		r = port.ptr ? sshd_emit_number(v, n) : sshd_emit(v, STR(""));
	return r < 0 ? r : sshd_emit(v, domain);
}

static int parse_algorithms(struct sshd_value *v)
{
	struct str s = sshd_next(v), all;
	int r;

	if (!s.len)
		return sshd_missing(v);
	if (!sshd_algorithms_valid(v->build, v->keyword->id, s))
		return sshd_refuse_word(v, "unknown algorithm in", s);
	r = sshd_algorithms_assemble(v->build, v->keyword->id, s, v->arena, &all);
	if (r == -EINVAL)
		return sshd_refuse_word(v, "no algorithm is left of", s);
	return r < 0 ? r : sshd_emit(v, all);
}

static int parse_gss(struct sshd_value *v)
{
	struct str s = sshd_next(v);

	if (!s.len)
		return sshd_missing(v);
	if (!sshd_gss_algorithms_valid(s))
		return sshd_refuse_word(v, "unknown algorithm in", s);
	return sshd_emit(v, s);
}

static int parse_ignored(struct sshd_value *v)
{
	v->at = v->n_in;
	return 0;
}

static int (*const parsers[])(struct sshd_value *) = {
	[SSHD_FLAG] = parse_flag,
	[SSHD_CHOICE] = parse_choice,
	[SSHD_CHOICE_CASE] = parse_choice,
	[SSHD_INT] = parse_int,
	[SSHD_TIME] = parse_time,
	[SSHD_TIME_NONE] = parse_time_none,
	[SSHD_OCTAL] = parse_octal,
	[SSHD_PATH] = parse_path,
	[SSHD_HOSTKEY] = parse_path,
	[SSHD_STRING] = parse_string,
	[SSHD_REST] = parse_rest,
	[SSHD_COMMAND] = parse_command,
	[SSHD_ADDENDUM] = parse_addendum,
	[SSHD_PORT] = parse_port,
	[SSHD_LISTEN] = parse_listen,
	[SSHD_ALGORITHMS] = parse_algorithms,
	[SSHD_GSS_ALGORITHMS] = parse_gss,
	[SSHD_USERS] = sshd_value_patterns,
	[SSHD_GROUPS] = sshd_value_patterns,
	[SSHD_ENV_NAMES] = sshd_value_environment,
	[SSHD_ENV] = sshd_value_environment,
	[SSHD_FILES] = sshd_value_files,
	[SSHD_METHODS] = sshd_value_methods,
	[SSHD_PERMIT] = sshd_value_permit,
	[SSHD_CHANNELS] = sshd_value_channels,
	[SSHD_VERBOSE] = sshd_value_channels,
	[SSHD_SUBSYSTEM] = sshd_value_subsystem,
	[SSHD_STARTUPS] = sshd_value_startups,
	[SSHD_PERSOURCE] = sshd_value_persource,
	[SSHD_NETBLOCK] = sshd_value_netblock,
	[SSHD_PENALTIES] = sshd_value_penalties,
	[SSHD_ADDRESSES] = sshd_value_addresses,
	[SSHD_IPQOS] = sshd_value_ipqos,
	[SSHD_REKEY] = sshd_value_rekey,
	[SSHD_USERENV] = sshd_value_userenv,
	[SSHD_PUBKEY_OPTIONS] = sshd_value_pubkey_options,
	[SSHD_FACILITY] = sshd_value_facility,
	[SSHD_LEVEL] = sshd_value_level,
	[SSHD_MATCH_KIND] = parse_ignored,
	[SSHD_INCLUDE] = parse_ignored,
	[SSHD_IGNORED] = parse_ignored,
};

int sshd_value_parse(struct sshd_value *v)
{
	int r = parsers[v->keyword->kind](v);

	if (r == 0 && v->at < v->n_in)
		return sshd_refuse(v, "extra arguments at end of line");
	return r;
}
