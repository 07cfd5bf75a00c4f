/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keywords of sshd_config that take several numbers, or names of numbers. */
#include <limits.h>

#include "facts/linux/sshd_value_parts.h"

/* "a:b:c" with up to max numbers; how many there are, as sscanf(3) counts. */
static int colon_numbers(struct str s, size_t max, int64_t *ret)
{
	size_t n = 0;

	while (n < max && s.ptr) {
		size_t i = s.len && (s.ptr[0] == '-' || s.ptr[0] == '+'), start = i;
		struct str part = s;

		while (i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9')
			i++;
		if (i == start || str_to_int64(str_sub(part, s.ptr[0] == '+', i), &ret[n]) < 0)
			break;
		n++;
		s = i < s.len && s.ptr[i] == ':' ? str_sub(s, i + 1, s.len) : (struct str){};
	}
	return (int)n;
}

int sshd_value_startups(struct sshd_value *v)
{
	struct str s = sshd_next(v);
	int64_t n[3] = { 0, 30, 0 };
	int count;

	if (!s.len)
		return sshd_missing(v);
	count = colon_numbers(s, 3, n);
	if (count == 1)
		n[2] = n[0];
	else if (count != 3 || n[0] > n[2] || n[1] > 100 || n[1] < 1)
		return sshd_refuse_word(v, "invalid specification", s);
	if (sshd_version(v->build) >= 805 && (n[0] <= 0 || n[2] <= 0))
		return sshd_refuse_word(v, "invalid specification", s);
	return sshd_emit(v, arena_fmt(v->arena, "%lld:%lld:%lld", (long long)n[0],
				      count == 1 ? 30LL : (long long)n[1], (long long)n[2]));
}

int sshd_value_persource(struct sshd_value *v)
{
	struct str s = sshd_next(v);
	int64_t n;

	if (!s.len)
		return sshd_missing(v);
	if (str_eq(s, STR("none")))
		return sshd_emit(v, s);
	if (sshd_number(s, INT_MAX, &n) < 0)
		return sshd_refuse_word(v, "not a number that fits:", s);
	return n == INT_MAX ? sshd_emit(v, STR("none")) : sshd_emit_number(v, n);
}

int sshd_value_netblock(struct sshd_value *v)
{
	struct str s = sshd_next(v);
	int64_t n[2] = { 0, 128 };
	int count;

	if (!s.len)
		return sshd_missing(v);
	count = colon_numbers(s, 2, n);
	if (count < 1 || n[0] < 0 || n[0] > 32 || n[1] < 0 || n[1] > 128)
		return sshd_refuse_word(v, "invalid specification", s);
	return sshd_emit(v, arena_fmt(v->arena, "%lld:%lld", (long long)n[0],
				      count == 1 ? 128LL : (long long)n[1]));
}

static const struct penalty {
	const char *name;
	bool time; /* else a number */
} penalties[] = {
	{"crash",             true },
	{ "authfail",         true },
	{ "noauth",           true },
	{ "grace-exceeded",   true },
	{ "refuseconnection", true },
	{ "max",              true },
	{ "min",              true },
	{ "max-sources4",     false},
	{ "max-sources6",     false},
};

/* Out: "name:value" each, times in seconds; or "yes", "no". */
static int penalty(struct sshd_value *v, struct str s)
{
	struct str rest = s, name = str_cut(&rest, ':');
	int64_t n;

	if ((str_eq(name, STR("overflow")) || str_eq(name, STR("overflow6"))) &&
	    (str_eq(rest, STR("deny-all")) || str_eq(rest, STR("permissive"))))
		return sshd_emit(v, s);
	for (size_t i = 0; rest.ptr && i < COUNT(penalties); i++) {
		if (!str_eq(name, str_of(penalties[i].name)))
			continue;
		if (penalties[i].time ? sshd_time(rest, &n) < 0
				      : sshd_number(rest, INT_MAX, &n) < 0)
			return sshd_refuse_word(v, "invalid value in", s);
		return sshd_emit(v,
				 arena_fmt(v->arena, "%s:%lld", penalties[i].name, (long long)n));
	}
	return sshd_refuse_word(v, "unsupported keyword", s);
}

int sshd_value_penalties(struct sshd_value *v)
{
	struct str s;
	int r = 0;

	while (r >= 0 && (s = sshd_next(v)).ptr) {
		bool no = str_ieq(s, STR("no")), yes = str_ieq(s, STR("yes"));

		if ((no || yes) && v->at < v->n_in)
			return sshd_refuse_word(v, "must appear alone:", s);
		if (no || yes)
			r = sshd_emit(v, no ? STR("no") : STR("yes"));
		else
			r = penalty(v, s);
	}
	return r < 0 ? r : v->n_out ? 0 : sshd_missing(v);
}

/* The first name of a number is the one that -T prints. */
static const struct qos {
	const char *name;
	int value;
	unsigned since;
} qos_names[] = {
	{"none",         INT_MAX, 802},
        { "af11",        0x28,    0  },
        { "af12",        0x30,    0  },
	{ "af13",        0x38,    0  },
        { "af21",        0x48,    0  },
        { "af22",        0x50,    0  },
	{ "af23",        0x58,    0  },
        { "af31",        0x68,    0  },
        { "af32",        0x70,    0  },
	{ "af33",        0x78,    0  },
        { "af41",        0x88,    0  },
        { "af42",        0x90,    0  },
	{ "af43",        0x98,    0  },
        { "cs0",         0x00,    0  },
        { "cs1",         0x20,    0  },
	{ "cs2",         0x40,    0  },
        { "cs3",         0x60,    0  },
        { "cs4",         0x80,    0  },
	{ "cs5",         0xa0,    0  },
        { "cs6",         0xc0,    0  },
        { "cs7",         0xe0,    0  },
	{ "ef",          0xb8,    0  },
        { "le",          0x04,    803},
        { "lowdelay",    0x10,    0  },
	{ "throughput",  0x08,    0  },
        { "reliability", 0x04,    0  },
};

/* strtol(3) with base 0, of which nothing may be left. */
static int any_base(struct str s, int64_t max, int64_t *ret)
{
	unsigned base = 10;
	uint64_t n;

	if (str_istarts(s, STR("0x"))) {
		base = 16;
		s = str_sub(s, 2, s.len);
	} else if (s.len > 1 && s.ptr[0] == '0') {
		base = 8;
	}
	if (str_to_u64(s, base, &n) < 0 || n > (uint64_t)max)
		return -EINVAL;
	*ret = (int64_t)n;
	return 0;
}

/* The words that 10.1 (and Debian's 10.0) take for the system's default. */
static bool legacy_qos(const struct sshd_build *b, struct str s)
{
	unsigned since = b->features & SSHD_DEBIAN ? 1000 : 1001;

	return sshd_version(b) >= since &&
	       (str_ieq(s, STR("lowdelay")) || str_ieq(s, STR("throughput")) ||
		str_ieq(s, STR("reliability")));
}

static struct str qos_name(struct sshd_value *v, struct str s)
{
	unsigned version = sshd_version(v->build);
	int64_t value = -1;

	if (legacy_qos(v->build, s))
		return STR("none");
	for (size_t i = 0; i < COUNT(qos_names) && value < 0; i++)
		if (version >= qos_names[i].since && str_ieq(s, str_of(qos_names[i].name)))
			value = qos_names[i].value;
	if (value < 0 &&
	    (version < 905 ? any_base(s, 255, &value) : sshd_number(s, 255, &value)) < 0)
		return (struct str){};
	for (size_t i = 0; i < COUNT(qos_names); i++)
		if (version >= qos_names[i].since && value == qos_names[i].value &&
		    !legacy_qos(v->build, str_of(qos_names[i].name)))
			return str_of(qos_names[i].name);
	return arena_fmt(v->arena, "0x%02x", (unsigned)value);
}

int sshd_value_ipqos(struct sshd_value *v)
{
	struct str s = sshd_next(v), t = sshd_next(v), a, b;

	if (!s.len)
		return sshd_missing(v);
	if (!t.ptr)
		t = s;
	a = qos_name(v, s);
	b = qos_name(v, t);
	if (!a.ptr || !b.ptr)
		return sshd_refuse_word(v, "bad value", a.ptr ? t : s);
	return sshd_emit(v, arena_cat(v->arena, a, STR(" "), b));
}

/* scan_scaled(3): a number, maybe with a fraction, and one of BKMGTPE. */
static int scaled(struct str s, int64_t *ret)
{
	static const char units[] = "bkmgtpe";
	int64_t whole = 0, factor = 1, fraction = 0, scale = 1;
	bool dot = false;
	size_t i = 0;

	for (; i < s.len && ((s.ptr[i] >= '0' && s.ptr[i] <= '9') || s.ptr[i] == '.'); i++) {
		if (s.ptr[i] == '.' && dot)
			return -EINVAL;
		if (s.ptr[i] == '.')
			dot = true;
		else if (dot && scale < 1'000'000)
			fraction = fraction * 10 + (s.ptr[i] - '0'), scale *= 10;
		else if (!dot && (__builtin_mul_overflow(whole, 10, &whole) ||
				  __builtin_add_overflow(whole, s.ptr[i] - '0', &whole)))
			return -ERANGE;
	}
	if (i < s.len) {
		const char *u = strchr(units, s.ptr[i] | 0x20);

		if (!u || !*u || i + 1 < s.len)
			return -EINVAL;
		factor = (int64_t)1 << 10 * (u - units);
	}
	if (__builtin_mul_overflow(whole, factor, &whole))
		return -ERANGE;
	if (factor < (int64_t)1 << 40)
		whole += fraction * factor / scale;
	*ret = whole;
	return 0;
}

/* Out: bytes; v->interval: seconds, when given. */
int sshd_value_rekey(struct sshd_value *v)
{
	struct str s = sshd_next(v), t = sshd_next(v);
	int64_t bytes = 0, seconds;

	if (!s.len)
		return sshd_missing(v);
	if (!str_eq(s, STR("default")) && scaled(s, &bytes) < 0)
		return sshd_refuse_word(v, "bad number", s);
	if (bytes && bytes < 16)
		return sshd_refuse(v, "too small");
	if (t.ptr && !str_eq(t, STR("none"))) {
		if (sshd_time(t, &seconds) < 0)
			return sshd_refuse_word(v, "invalid time value", t);
		v->interval = arena_fmt(v->arena, "%lld", (long long)seconds);
		if (!v->interval.ptr)
			return -ENOMEM;
	}
	return sshd_emit_number(v, bytes);
}

int sshd_value_userenv(struct sshd_value *v)
{
	struct str s = sshd_next(v);

	if (!s.len)
		return sshd_missing(v);
	if (sshd_version(v->build) < 708 && !str_eq(s, STR("yes")) && !str_eq(s, STR("no")))
		return sshd_refuse_word(v, "unsupported option", s);
	return sshd_emit(v, s);
}

int sshd_value_facility(struct sshd_value *v)
{
	static const char *const names[] = { "DAEMON", "USER",   "AUTH",   "AUTHPRIV",
					     "LOCAL0", "LOCAL1", "LOCAL2", "LOCAL3",
					     "LOCAL4", "LOCAL5", "LOCAL6", "LOCAL7" };
	struct str s = sshd_next(v);

	for (size_t i = 0; i < COUNT(names); i++)
		if (str_ieq(s, str_of(names[i])))
			return sshd_emit(v, str_of(names[i]));
	return sshd_refuse_word(v, "unsupported log facility", s);
}

int sshd_value_level(struct sshd_value *v)
{
	/* Debian knows SILENT, an older name of QUIET, and prints it for both. */
	static const char *const names[][2] = {
		{"QUIET",    "QUIET"  },
                { "FATAL",   "FATAL"  },
                { "ERROR",   "ERROR"  },
		{ "INFO",    "INFO"   },
                { "VERBOSE", "VERBOSE"},
                { "DEBUG",   "DEBUG"  },
		{ "DEBUG1",  "DEBUG"  },
                { "DEBUG2",  "DEBUG2" },
                { "DEBUG3",  "DEBUG3" },
	};
	struct str s = sshd_next(v);

	if (v->build->features & SSHD_DEBIAN &&
	    (str_ieq(s, STR("SILENT")) || str_ieq(s, STR("QUIET"))))
		return sshd_emit(v, STR("SILENT"));
	for (size_t i = 0; i < COUNT(names); i++)
		if (str_ieq(s, str_of(names[i][0])))
			return sshd_emit(v, str_of(names[i][1]));
	return sshd_refuse_word(v, "unsupported log level", s);
}
