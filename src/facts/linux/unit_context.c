/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/unit_context.h"

#define NAME_(cap) #cap,
static const char *const cap_names[] = { CAPABILITIES(NAME_) };

static const char *const namespace_names[] = {
	"user", "mnt", "ipc", "pid", "cgroup", "net", "uts"
};
static const char *const family_names[] = { "AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK",
					    "AF_PACKET" };

/* Sets of systemd.exec(5): which of the rated ones they have calls of, and which they contain. */
static const struct call_set {
	const char *name;
	unsigned touches, contains;
} call_sets[] = {
	{"@swap",            BIT(SWAP) | BIT(PRIVILEGED),      BIT(SWAP)                   },
	{ "@obsolete",       BIT(OBSOLETE),                    BIT(OBSOLETE)               },
	{ "@clock",          BIT(CLOCK) | BIT(PRIVILEGED),     BIT(CLOCK)                  },
	{ "@cpu-emulation",  BIT(CPU_EMULATION),               BIT(CPU_EMULATION)          },
	{ "@debug",          BIT(DEBUG),                       BIT(DEBUG)                  },
	{ "@mount",          BIT(MOUNT) | BIT(PRIVILEGED),     BIT(MOUNT)                  },
	{ "@module",         BIT(MODULE) | BIT(PRIVILEGED),    BIT(MODULE)                 },
	{ "@raw-io",         BIT(RAW_IO) | BIT(PRIVILEGED),    BIT(RAW_IO)                 },
	{ "@reboot",         BIT(REBOOT) | BIT(PRIVILEGED),    BIT(REBOOT)                 },
	{ "@privileged",
         BIT(PRIVILEGED) | BIT(CLOCK) | BIT(MODULE) | BIT(RAW_IO) | BIT(REBOOT) | BIT(SWAP) |
		  BIT(MOUNT),
         BIT(PRIVILEGED) | BIT(CLOCK) | BIT(MODULE) | BIT(RAW_IO) | BIT(REBOOT) | BIT(SWAP)},
	{ "@resources",      BIT(RESOURCES),                   BIT(RESOURCES)              },
	{ "@system-service", BIT(PRIVILEGED) | BIT(RESOURCES), BIT(RESOURCES)              },
	{ "@chown",          BIT(PRIVILEGED),                  0                           },
	{ "@setuid",         BIT(PRIVILEGED),                  0                           },
	{ "@known",          ~0u,			      ~0u                         },
};

struct str unit_context_value(const struct unit_context *x, const char *key)
{
	return unit_value(x->s, "Service", key);
}

bool unit_context_bool(const struct unit_context *x, const char *key)
{
	bool v = false;

	return str_to_bool(unit_context_value(x, key), &v) == 0 && v;
}

bool unit_context_is(const struct unit_context *x, const char *key, const char *value)
{
	return str_eq(unit_context_value(x, key), str_of(value));
}

static unsigned find(const char *const names[], size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_ieq(name, str_of(names[i])))
			return (unsigned)i;
	return (unsigned)n;
}

static uint64_t caps_of(struct str words)
{
	uint64_t set = 0;
	struct str word;

	while ((word = str_word(&words)).len) {
		unsigned i = COUNT(cap_names);

		if (str_istarts(word, STR("CAP_")))
			i = find(cap_names, COUNT(cap_names), str_sub(word, 4, word.len));
		if (i < COUNT(cap_names))
			set |= BIT(i);
	}
	return set;
}

/* systemd.exec(5), CapabilityBoundingSet=: lines add up, "~" takes away. */
static uint64_t capabilities(const struct unit_settings *s, const char *key, uint64_t all)
{
	uint64_t set = all;
	bool first = true;

	for (size_t i = 0; i < s->n; i++) {
		struct str v = s->list[i].value;

		if (!str_eq(s->list[i].key, str_of(key)))
			continue;
		if (!v.len)
			set = 0;
		else if (v.ptr[0] == '~')
			set &= ~caps_of(str_sub(v, 1, v.len));
		else
			set = (first ? 0 : set) | caps_of(v);
		first = false;
	}
	return set;
}

static unsigned words_of(struct str words, const char *const names[], size_t n, bool other)
{
	unsigned set = 0;
	struct str word;

	while ((word = str_word(&words)).len) {
		unsigned i = find(names, n, word);

		if (i < n || other)
			set |= 1u << i;
	}
	return set;
}

/* What an allow list ("a b") or a deny list ("~a b") leaves of all bits. */
static unsigned restricted(const struct unit_settings *s, const char *key, unsigned all,
			   const char *const names[], size_t n, bool other)
{
	const struct unit_setting *e;
	unsigned set = all;
	bool first = true;
	size_t at = 0;

	while ((e = unit_next(s, "Service", key, &at))) {
		struct str v = e->value;
		bool yes = false;

		if (!v.len)
			continue;
		if (str_eq(v, STR("none")) || (str_to_bool(v, &yes) == 0 && yes))
			set = 0;
		else if (v.ptr[0] == '~')
			set &= ~words_of(str_sub(v, 1, v.len), names, n, other);
		else if (str_to_bool(v, &yes) < 0)
			set = (first ? 0 : set) | words_of(v, names, n, other);
		first = false;
	}
	return set;
}

static void filter_line(struct unit_context *x, struct str v)
{
	bool deny = v.ptr[0] == '~';
	struct str word;

	if (!x->filters_calls) {
		x->filters_calls = true;
		x->allow_list = !deny;
		x->calls = deny ? ~0u : 0;
	}
	v = str_sub(v, deny, v.len);
	while ((word = str_word(&v)).len) {
		word = str_cut(&word, ':');
		for (size_t i = 0; i < COUNT(call_sets); i++) {
			if (!str_eq(word, str_of(call_sets[i].name)))
				continue;
			if (deny)
				x->calls &= ~call_sets[i].contains;
			else
				x->calls |= call_sets[i].touches;
		}
	}
}

void unit_context_open(struct unit_context *x, const struct unit_settings *s)
{
	static const struct {
		const char *key;
		uint64_t caps;
	} drops[] = {
		{"PrivateDevices",        BIT(MKNOD) | BIT(SYS_RAWIO)    },
		{ "ProtectKernelModules", BIT(SYS_MODULE)                },
		{ "ProtectKernelLogs",    BIT(SYSLOG)                    },
		{ "ProtectClock",         BIT(SYS_TIME) | BIT(WAKE_ALARM)},
	};
	const struct unit_setting *e;
	struct str user;
	size_t at = 0;

	*x = (struct unit_context){ .s = s };
	user = unit_context_value(x, "User");
	x->dynamic = unit_context_bool(x, "DynamicUser");
	x->root = !x->dynamic && (!user.len || str_eq(user, STR("root")) || str_eq(user, STR("0")));
	x->caps = capabilities(s, "CapabilityBoundingSet", ~UINT64_C(0));
	x->ambient = capabilities(s, "AmbientCapabilities", 0);
	for (size_t i = 0; i < COUNT(drops); i++)
		if (unit_context_bool(x, drops[i].key))
			x->caps &= ~drops[i].caps;
	x->namespaces = restricted(s, "RestrictNamespaces", ~0u, namespace_names,
				   COUNT(namespace_names), false);
	x->families = restricted(s, "RestrictAddressFamilies", ~0u, family_names,
				 COUNT(family_names), true);
	x->calls = ~0u;
	while ((e = unit_next(s, "Service", "SystemCallFilter", &at)))
		if (e->value.len)
			filter_line(x, e->value);
}
