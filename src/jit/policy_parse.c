/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of jit.conf. */
#include <netinet/in.h>
#include <stdio.h>

#include "jit/policy.h"

#define LIST_MAX 1'024U
#define DEFAULT_SECONDS 3'600U
#define DEFAULT_LONGEST 28'800U
#define DAY_MINUTES 1'440U

/* Names of ports that people manage machines by (IANA's service names, and common speech). */
static const struct {
	const char *name;
	uint8_t protocol;
	uint16_t port;
} services[] = {
	{"ssh",          IPPROTO_TCP, 22   },
        { "rdp",         IPPROTO_TCP, 3389 },
	{ "winrm",       IPPROTO_TCP, 5985 },
        { "winrm-https", IPPROTO_TCP, 5986 },
	{ "http",        IPPROTO_TCP, 80   },
        { "https",       IPPROTO_TCP, 443  },
	{ "cockpit",     IPPROTO_TCP, 9090 },
        { "webmin",      IPPROTO_TCP, 10000},
	{ "vnc",         IPPROTO_TCP, 5900 },
        { "postgresql",  IPPROTO_TCP, 5432 },
	{ "mysql",       IPPROTO_TCP, 3306 },
        { "ftp",         IPPROTO_TCP, 21   },
	{ "telnet",      IPPROTO_TCP, 23   },
        { "wireguard",   IPPROTO_UDP, 51820},
	{ "openvpn",     IPPROTO_UDP, 1194 },
};

int jit_port_parse(struct str s, struct knock_port *ret)
{
	struct str protocol = s, number = str_cut(&protocol, '/');
	struct knock_port p = { .protocol = IPPROTO_TCP };
	uint64_t v;

	for (size_t i = 0; i < COUNT(services) && !protocol.ptr; i++)
		if (str_ieq(s, str_of(services[i].name))) {
			*ret = (struct knock_port){ services[i].protocol, services[i].port };
			return 0;
		}
	if (str_ieq(protocol, STR("udp")))
		p.protocol = IPPROTO_UDP;
	else if (protocol.ptr && !str_ieq(protocol, STR("tcp")))
		return -EINVAL;
	if (str_to_u64(number, 10, &v) || !v || v > UINT16_MAX)
		return -EINVAL;
	p.port = (uint16_t)v;
	*ret = p;
	return 0;
}

struct str jit_port_format(struct knock_port p, char ret[static JIT_PORT_TEXT])
{
	int n = snprintf(ret, JIT_PORT_TEXT, "%u/%s", p.port,
			 p.protocol == IPPROTO_UDP ? "udp" : "tcp");

	return (struct str){ ret, (size_t)n };
}

/* What a line is read into. */
struct reader {
	struct conf c;
	struct jit_policy *p;
	struct jit_rule *rule; /* NULL: before the first section */
};

static int read_names(struct reader *x, struct jit_names *to)
{
	if (x->c.n < 2)
		return conf_wrong(&x->c, 1, "a name");
	for (size_t i = 1; i < x->c.n; i++) {
		struct str copy = arena_str(&x->p->arena, x->c.words[i]);

		if (to->n >= LIST_MAX)
			return conf_wrong(&x->c, i, "fewer names");
		if (!copy.ptr || arena_push(&x->p->arena, to->list, to->n, to->cap, copy) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int read_ports(struct reader *x, struct jit_ports *to)
{
	if (x->c.n < 2)
		return conf_wrong(&x->c, 1, "a port such as ssh, 443/tcp or 51820/udp");
	for (size_t i = 1; i < x->c.n; i++) {
		struct knock_port port;

		if (jit_port_parse(x->c.words[i], &port))
			return conf_wrong(&x->c, i, "a port such as ssh, 443/tcp or 51820/udp");
		if (to->n >= JIT_PROTECTED_MAX)
			return conf_wrong(&x->c, i, "fewer ports");
		if (arena_push(&x->p->arena, to->list, to->n, to->cap, port) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int read_seconds(struct reader *x, unsigned least, unsigned most, unsigned *ret)
{
	unsigned v;

	if (x->c.n < 2 || conf_seconds(x->c.words[1], &v) || v < least || v > most)
		return conf_wrong(&x->c, 1, "a time such as 90s, 30m, 8h or 2d, at most 30 days");
	*ret = v;
	return conf_only(&x->c, 2);
}

static int read_bool(struct reader *x, bool *ret)
{
	if (x->c.n < 2 || str_to_bool(x->c.words[1], ret))
		return conf_wrong(&x->c, 1, "yes or no");
	return conf_only(&x->c, 2);
}

static int read_from(struct reader *x)
{
	struct jit_rule *r = x->rule;

	if (x->c.n < 2)
		return conf_wrong(&x->c, 1, "a network such as 203.0.113.0/24");
	for (size_t i = 1; i < x->c.n; i++) {
		struct net_range ranges[2];
		size_t n;

		if (net_prefix_parse(x->c.words[i], ranges, &n))
			return conf_wrong(&x->c, i, "a network such as 203.0.113.0/24");
		for (size_t k = 0; k < n; k++)
			if (r->n_from >= LIST_MAX || arena_push(&x->p->arena, r->from, r->n_from,
								r->cap_from, ranges[k]) < 0)
				return -ENOMEM;
	}
	return 0;
}

static int day_of(struct str s)
{
	static const char *const days[] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };

	for (int i = 0; i < 7; i++)
		if (str_ieq(s, str_of(days[i])))
			return i;
	return -1;
}

/* "mon-fri", "sat,sun", "fri-mon". */
static int read_days(struct str s, uint8_t *ret)
{
	uint8_t days = 0;

	while (s.ptr) {
		struct str last = str_cut(&s, ','), first = str_cut(&last, '-');
		int from = day_of(first), to = last.ptr ? day_of(last) : from;

		if (from < 0 || to < 0)
			return -EINVAL;
		for (int d = from;; d = (d + 1) % 7) {
			days |= (uint8_t)(1 << d);
			if (d == to)
				break;
		}
	}
	*ret = days;
	return 0;
}

static int read_clock(struct str s, uint16_t *ret)
{
	struct str minute = s, hour = str_cut(&minute, ':');
	uint64_t h, m;

	if (minute.len != 2 || str_to_u64(hour, 10, &h) || str_to_u64(minute, 10, &m) || h > 24 ||
	    m > 59 || h * 60 + m > DAY_MINUTES)
		return -EINVAL;
	*ret = (uint16_t)(h * 60 + m);
	return 0;
}

static int read_hours(struct reader *x)
{
	struct jit_rule *r = x->rule;
	struct str to, from;
	size_t at = x->c.n > 2 ? 2 : 1;

	if (x->c.n > 2 && read_days(x->c.words[1], &r->days))
		return conf_wrong(&x->c, 1, "days such as mon-fri or sat,sun");
	if (x->c.n < 2)
		return conf_wrong(&x->c, 1, "hours such as 08:00-18:00");
	to = x->c.words[at];
	from = str_cut(&to, '-');
	if (!to.ptr || read_clock(from, &r->begin) || read_clock(to, &r->end))
		return conf_wrong(&x->c, at, "hours such as 08:00-18:00");
	if (r->end == DAY_MINUTES && !r->begin)
		r->end = 0;
	return conf_only(&x->c, at + 1);
}

static int read_widest(struct reader *x)
{
	uint64_t v4, v6 = x->rule->widest6;

	if (x->c.n < 2 || str_to_u64(x->c.words[1], 10, &v4) || v4 < JIT_WIDEST_V4 || v4 > 32)
		return conf_wrong(&x->c, 1, "a length of IPv4 networks, 16 to 32");
	if (x->c.n > 2 && (str_to_u64(x->c.words[2], 10, &v6) || v6 < JIT_WIDEST_V6 || v6 > 128))
		return conf_wrong(&x->c, 2, "a length of IPv6 networks, 56 to 128");
	x->rule->widest4 = (uint8_t)v4;
	x->rule->widest6 = (uint8_t)v6;
	return conf_only(&x->c, 3);
}

static int key_listen(struct reader *x)
{
	uint64_t v;

	if (x->c.n < 2 || str_to_u64(x->c.words[1], 10, &v) || !v || v > UINT16_MAX)
		return conf_wrong(&x->c, 1, "a UDP port, 1 to 65535");
	x->p->listen = (uint16_t)v;
	return conf_only(&x->c, 2);
}

static int key_skew(struct reader *x) { return read_seconds(x, 1, 3'600, &x->p->skew); }

static int key_sessions(struct reader *x)
{
	if (x->c.n < 2 ||
	    (!str_eq(x->c.words[1], STR("end")) && !str_eq(x->c.words[1], STR("keep"))))
		return conf_wrong(&x->c, 1, "end or keep");
	x->p->keep_sessions = str_eq(x->c.words[1], STR("keep"));
	return conf_only(&x->c, 2);
}

static int key_protect(struct reader *x) { return read_ports(x, &x->p->protect); }
static int key_account(struct reader *x) { return read_names(x, &x->rule->accounts); }
static int key_principal(struct reader *x) { return read_names(x, &x->rule->principals); }
static int key_port(struct reader *x) { return read_ports(x, &x->rule->ports); }

static int key_key(struct reader *x)
{
	for (size_t i = 1; i < x->c.n; i++)
		if (!str_starts(x->c.words[i], STR("SHA256:")) ||
		    x->c.words[i].len != SSH_FINGERPRINT_LEN - 1)
			return conf_wrong(&x->c, i, "a fingerprint as `ssh-keygen -l` prints it");
	return read_names(x, &x->rule->keys);
}

static int key_default(struct reader *x)
{
	return read_seconds(x, 1, KNOCK_SECONDS_MAX, &x->rule->seconds);
}
static int key_longest(struct reader *x)
{
	return read_seconds(x, 1, KNOCK_SECONDS_MAX, &x->rule->longest);
}
static int key_touch(struct reader *x) { return read_bool(x, &x->rule->touch); }
static int key_second(struct reader *x) { return read_bool(x, &x->rule->second); }
static int key_deny(struct reader *x) { return read_bool(x, &x->rule->deny); }

static const struct key {
	const char *name;
	bool rule;
	int (*read)(struct reader *x);
} keys[] = {
	{"listen",     false, key_listen   },
        { "skew",      false, key_skew     },
	{ "sessions",  false, key_sessions },
        { "protect",   false, key_protect  },
	{ "account",   true,  key_account  },
        { "key",       true,  key_key      },
	{ "principal", true,  key_principal},
        { "port",      true,  key_port     },
	{ "from",      true,  read_from    },
        { "hours",     true,  read_hours   },
	{ "default",   true,  key_default  },
        { "longest",   true,  key_longest  },
	{ "widest",    true,  read_widest  },
        { "touch",     true,  key_touch    },
	{ "second",    true,  key_second   },
        { "deny",      true,  key_deny     },
};

static struct jit_rule *add_rule(struct jit_policy *p, struct str name, unsigned line)
{
	struct jit_rule r = { .name = arena_str(&p->arena, name),
			      .line = line,
			      .seconds = DEFAULT_SECONDS,
			      .longest = DEFAULT_LONGEST,
			      .widest4 = 32,
			      .widest6 = 64 };

	if (!r.name.ptr || arena_push(&p->arena, p->rules, p->n_rules, p->cap_rules, r) < 0)
		return NULL;
	return &p->rules[p->n_rules - 1];
}

static int begin_rule(struct reader *x)
{
	struct str name = x->c.n > 1 ? x->c.words[1] : (struct str){};

	if (!str_eq(x->c.words[0], STR("[rule")) || !str_ends(name, STR("]")) || name.len < 2)
		return conf_wrong(&x->c, 0, "[rule NAME]");
	if (x->p->n_rules >= JIT_RULES_MAX)
		return conf_wrong(&x->c, 0, "fewer rules");
	name.len--;
	for (size_t i = 0; i < x->p->n_rules; i++)
		if (str_eq(x->p->rules[i].name, name))
			return conf_wrong(&x->c, 1, "a name that no other rule has");
	x->rule = add_rule(x->p, name, x->c.number);
	return x->rule ? conf_only(&x->c, 2) : -ENOMEM;
}

static int read_key(struct reader *x)
{
	char expected[200] = "one of";
	size_t n = strlen(expected);

	for (size_t i = 0; i < COUNT(keys); i++) {
		if (keys[i].rule != (x->rule != NULL))
			continue;
		if (str_eq(x->c.words[0], str_of(keys[i].name)))
			return keys[i].read(x);
		n += (size_t)snprintf(expected + n, sizeof expected - n, " %s", keys[i].name);
	}
	return conf_wrong(&x->c, 0, expected);
}

static int check_rules(struct reader *x)
{
	for (size_t i = 0; i < x->p->n_rules; i++) {
		struct jit_rule *r = &x->p->rules[i];

		if (r->seconds > r->longest)
			return diag_set(x->c.d, -EINVAL, x->c.file, r->line,
					"the default time of this rule is longer than its longest");
	}
	return 0;
}

int jit_policy_default(struct jit_policy *ret)
{
	struct jit_policy p = { .listen = JIT_PORT, .skew = 60 };

	if (!add_rule(&p, STR("default"), 0)) {
		arena_release(&p.arena);
		return -ENOMEM;
	}
	*ret = p;
	return 0;
}

int jit_policy_parse(struct str text, const char *file, struct jit_policy *ret, struct diag *d)
{
	struct jit_policy own(jit_policy_release) p = { .listen = JIT_PORT, .skew = 60 };
	struct reader x = {
		.c = {.rest = text, .file = file, .d = d},
                  .p = &p
	};
	int r;

	if (text.len > CONF_MAX)
		return diag_set(d, -EINVAL, file, 0, "larger than a configuration may be");
	while ((r = conf_next(&x.c)) > 0) {
		r = str_starts(x.c.words[0], STR("[")) ? begin_rule(&x) : read_key(&x);
		if (r < 0)
			return r;
	}
	if (!r)
		r = check_rules(&x);
	if (!r && !p.n_rules && !add_rule(&p, STR("default"), 0))
		r = -ENOMEM;
	if (!r)
		*ret = take(p);
	return r;
}

void jit_policy_release(struct jit_policy *p)
{
	arena_release(&p->arena);
	*p = (struct jit_policy){};
}
