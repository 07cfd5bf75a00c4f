/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/unit_exposure.h"

enum { NOT_RATED = -1 };

/* capabilities(7), in the kernel's order. */
/* clang-format off */
#define CAPABILITIES(X) \
	X(CHOWN) X(DAC_OVERRIDE) X(DAC_READ_SEARCH) X(FOWNER) X(FSETID) X(KILL) X(SETGID) \
	X(SETUID) X(SETPCAP) X(LINUX_IMMUTABLE) X(NET_BIND_SERVICE) X(NET_BROADCAST) \
	X(NET_ADMIN) X(NET_RAW) X(IPC_LOCK) X(IPC_OWNER) X(SYS_MODULE) X(SYS_RAWIO) \
	X(SYS_CHROOT) X(SYS_PTRACE) X(SYS_PACCT) X(SYS_ADMIN) X(SYS_BOOT) X(SYS_NICE) \
	X(SYS_RESOURCE) X(SYS_TIME) X(SYS_TTY_CONFIG) X(MKNOD) X(LEASE) X(AUDIT_WRITE) \
	X(AUDIT_CONTROL) X(SETFCAP) X(MAC_OVERRIDE) X(MAC_ADMIN) X(SYSLOG) X(WAKE_ALARM) \
	X(BLOCK_SUSPEND) X(AUDIT_READ) X(PERFMON) X(BPF) X(CHECKPOINT_RESTORE)
/* clang-format on */
#define NAME_(cap) #cap,
#define NUMBER_(cap) cap,
static const char *const cap_names[] = { CAPABILITIES(NAME_) };
enum { CAPABILITIES(NUMBER_) };
#define BIT(n) (UINT64_C(1) << (n))

static const char *const namespace_names[] = {
	"user", "mnt", "ipc", "pid", "cgroup", "net", "uts"
};
enum { NS_USER, NS_MNT, NS_IPC, NS_PID, NS_CGROUP, NS_NET, NS_UTS };

static const char *const family_names[] = { "AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK",
					    "AF_PACKET" };
enum { FAMILY_INET, FAMILY_INET6, FAMILY_UNIX, FAMILY_NETLINK, FAMILY_PACKET, FAMILY_OTHER };

enum {
	SWAP,
	OBSOLETE,
	CLOCK,
	CPU_EMULATION,
	DEBUG,
	MOUNT,
	MODULE,
	RAW_IO,
	REBOOT,
	PRIVILEGED,
	RESOURCES
};

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

struct context {
	const struct unit_settings *s;
	uint64_t caps, ambient;
	unsigned families; /* that may be used */
	unsigned namespaces;
	unsigned calls; /* rated sets of which something may be called */
	bool filters_calls, allow_list;
	bool root, dynamic;
};

static struct str get(const struct context *x, const char *key)
{
	return unit_value(x->s, "Service", key);
}

static bool get_bool(const struct context *x, const char *key)
{
	bool v = false;

	return str_to_bool(get(x, key), &v) == 0 && v;
}

static bool get_is(const struct context *x, const char *key, const char *value)
{
	return str_eq(get(x, key), str_of(value));
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

static void filter_line(struct context *x, struct str v)
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

static void open_context(struct context *x, const struct unit_settings *s)
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

	*x = (struct context){ .s = s };
	user = get(x, "User");
	x->dynamic = get_bool(x, "DynamicUser");
	x->root = !x->dynamic && (!user.len || str_eq(user, STR("root")) || str_eq(user, STR("0")));
	x->caps = capabilities(s, "CapabilityBoundingSet", ~UINT64_C(0));
	x->ambient = capabilities(s, "AmbientCapabilities", 0);
	for (size_t i = 0; i < COUNT(drops); i++)
		if (get_bool(x, drops[i].key))
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

typedef int assess_fn(const struct context *x, const char *key, uint64_t bits);

static int a_user(const struct context *x, const char *key, uint64_t bits)
{
	(void)bits;
	return x->root ? 10 : !x->dynamic && get_is(x, key, "nobody") ? 9 : 0;
}

static int a_bool(const struct context *x, const char *key, uint64_t bits)
{
	(void)bits;
	return !get_bool(x, key);
}

/* DynamicUser= turns these on. */
static int a_bool_dynamic(const struct context *x, const char *key, uint64_t bits)
{
	(void)bits;
	return !x->dynamic && !get_bool(x, key);
}

static int a_not_root(const struct context *x, const char *key, uint64_t bits)
{
	(void)bits;
	if (x->root)
		return NOT_RATED;
	if (!strcmp(key, "RemoveIPC"))
		return a_bool_dynamic(x, key, 0);
	return get(x, key).len > 0;
}

static int a_caps(const struct context *x, const char *key, uint64_t bits)
{
	(void)key;
	return (x->caps & bits) != 0;
}

static int a_ambient(const struct context *x, const char *key, uint64_t bits)
{
	(void)key, (void)bits;
	return x->ambient != 0;
}

static int a_home(const struct context *x, const char *key, uint64_t bits)
{
	(void)bits;
	if (get_bool(x, key))
		return 0;
	if (get_is(x, key, "tmpfs"))
		return 1;
	return get_is(x, key, "read-only") || x->dynamic ? 5 : 10;
}

static int a_system(const struct context *x, const char *key, uint64_t bits)
{
	(void)bits;
	if (get_is(x, key, "strict") || x->dynamic)
		return 0;
	return get_is(x, key, "full") ? 3 : get_bool(x, key) ? 5 : 10;
}

static int a_own_root(const struct context *x, const char *key, uint64_t bits)
{
	(void)bits;
	return !get(x, key).len && !get(x, "RootImage").len;
}

static int a_umask(const struct context *x, const char *key, uint64_t bits)
{
	struct str v = get(x, key);
	uint64_t mask = 0022;

	(void)bits;
	if (v.len && str_to_u64(v, 8, &mask) < 0)
		mask = 0022;
	if (!(mask & 0002))
		return 10;
	return !(mask & 0004) ? 5 : !(mask & 0020) ? 2 : !(mask & 0040);
}

static int a_keyring(const struct context *x, const char *key, uint64_t bits)
{
	(void)bits;
	return get(x, key).len && !get_is(x, key, "private");
}

static int a_proc(const struct context *x, const char *key, uint64_t bits)
{
	(void)bits;
	if (get_is(x, key, "invisible") || get_is(x, key, "ptraceable"))
		return 0;
	return get_is(x, key, "noaccess") ? 1 : 3;
}

static int a_proc_subset(const struct context *x, const char *key, uint64_t bits)
{
	(void)bits;
	return !get_is(x, key, "pid");
}

static int a_notify(const struct context *x, const char *key, uint64_t bits)
{
	(void)bits;
	return get_is(x, key, "all");
}

static int a_delegate(const struct context *x, const char *key, uint64_t bits)
{
	bool v = true;

	(void)bits;
	return get(x, key).len && (str_to_bool(get(x, key), &v) < 0 || v);
}

static int a_namespace(const struct context *x, const char *key, uint64_t bits)
{
	(void)key;
	return (x->namespaces & bits) != 0;
}

static int a_family(const struct context *x, const char *key, uint64_t bits)
{
	(void)key;
	return (x->families & bits) != 0;
}

static int a_architectures(const struct context *x, const char *key, uint64_t bits)
{
	(void)bits;
	return !get(x, key).len ? 10 : get_is(x, key, "native") ? 0 : 8;
}

static int a_calls(const struct context *x, const char *key, uint64_t bits)
{
	(void)key;
	if (!x->filters_calls)
		return 10;
	return !(x->calls & bits) ? 0 : x->allow_list ? 9 : 10;
}

static int a_address(const struct context *x, const char *key, uint64_t bits)
{
	struct str allow = get(x, "IPAddressAllow"), word;
	bool local = true;

	(void)bits;
	if (!get_is(x, key, "any"))
		return 10;
	if (!allow.len)
		return 0;
	while ((word = str_word(&allow)).len)
		local &= str_eq(word, STR("localhost")) || str_starts(word, STR("127.")) ||
			 str_starts(word, STR("::1"));
	return local ? 2 : 5;
}

static int a_device(const struct context *x, const char *key, uint64_t bits)
{
	bool implied = get_bool(x, "PrivateDevices") || get_bool(x, "ProtectClock");

	(void)bits;
	if (!implied && !get_is(x, "DevicePolicy", "closed") &&
	    !get_is(x, "DevicePolicy", "strict"))
		return 10;
	return get(x, key).len || get_bool(x, "ProtectClock") ? 5 : 0;
}

/* clang-format off */
static const struct rule {
	const char *key;
	unsigned weight;
	int range;
	assess_fn *assess;
	uint64_t bits;
	bool default_dependencies; /* not rated without DefaultDependencies= */
} rules[] = {
	{ "User", 2000, 10, a_user, 0, false },
	{ "SupplementaryGroups", 200, 1, a_not_root, 0, false },
	{ "PrivateDevices", 1000, 1, a_bool, 0, false },
	{ "PrivateMounts", 1000, 1, a_bool, 0, false },
	{ "PrivateNetwork", 2500, 1, a_bool, 0, false },
	{ "PrivateTmp", 1000, 1, a_bool_dynamic, 0, true },
	{ "PrivateUsers", 1000, 1, a_bool, 0, false },
	{ "ProtectControlGroups", 1000, 1, a_bool, 0, false },
	{ "ProtectKernelModules", 1000, 1, a_bool, 0, false },
	{ "ProtectKernelTunables", 1000, 1, a_bool, 0, false },
	{ "ProtectKernelLogs", 1000, 1, a_bool, 0, false },
	{ "ProtectClock", 1000, 1, a_bool, 0, false },
	{ "ProtectHome", 1000, 10, a_home, 0, true },
	{ "ProtectHostname", 50, 1, a_bool, 0, false },
	{ "ProtectSystem", 1000, 10, a_system, 0, true },
	{ "RootDirectory", 200, 1, a_own_root, 0, true },
	{ "LockPersonality", 100, 1, a_bool, 0, false },
	{ "MemoryDenyWriteExecute", 100, 1, a_bool, 0, false },
	{ "NoNewPrivileges", 1000, 1, a_bool_dynamic, 0, false },
	{ "", 1500, 1, a_caps, BIT(SYS_ADMIN), false },
	{ "", 1500, 1, a_caps, BIT(SETUID) | BIT(SETGID) | BIT(SETPCAP), false },
	{ "", 1500, 1, a_caps, BIT(SYS_PTRACE), false },
	{ "", 1000, 1, a_caps, BIT(SYS_TIME), false },
	{ "", 1000, 1, a_caps, BIT(NET_ADMIN), false },
	{ "", 1000, 1, a_caps, BIT(SYS_RAWIO), false },
	{ "", 1000, 1, a_caps, BIT(SYS_MODULE), false },
	{ "", 500, 1, a_caps, BIT(AUDIT_WRITE) | BIT(AUDIT_CONTROL) | BIT(AUDIT_READ), false },
	{ "", 500, 1, a_caps, BIT(SYSLOG), false },
	{ "", 500, 1, a_caps, BIT(SYS_NICE) | BIT(SYS_RESOURCE), false },
	{ "", 500, 1, a_caps, BIT(MKNOD), false },
	{ "", 1000, 1, a_caps, BIT(CHOWN) | BIT(FSETID) | BIT(SETFCAP), false },
	{ "", 1000, 1, a_caps, BIT(DAC_OVERRIDE) | BIT(DAC_READ_SEARCH) | BIT(FOWNER) |
	  BIT(IPC_OWNER), false },
	{ "", 500, 1, a_caps, BIT(KILL), false },
	{ "", 500, 1, a_caps, BIT(NET_BIND_SERVICE) | BIT(NET_BROADCAST) | BIT(NET_RAW), false },
	{ "", 100, 1, a_caps, BIT(SYS_BOOT), false },
	{ "", 100, 1, a_caps, BIT(MAC_ADMIN) | BIT(MAC_OVERRIDE), false },
	{ "", 75, 1, a_caps, BIT(LINUX_IMMUTABLE), false },
	{ "", 50, 1, a_caps, BIT(IPC_LOCK), false },
	{ "", 50, 1, a_caps, BIT(SYS_CHROOT), false },
	{ "", 25, 1, a_caps, BIT(BLOCK_SUSPEND), false },
	{ "", 25, 1, a_caps, BIT(WAKE_ALARM), false },
	{ "", 25, 1, a_caps, BIT(LEASE), false },
	{ "", 25, 1, a_caps, BIT(SYS_TTY_CONFIG), false },
	{ "", 25, 1, a_caps, BIT(SYS_PACCT), false },
	{ "", 25, 1, a_caps, BIT(BPF), false },
	{ "UMask", 100, 10, a_umask, 0, false },
	{ "KeyringMode", 1000, 1, a_keyring, 0, false },
	{ "ProtectProc", 1000, 3, a_proc, 0, false },
	{ "ProcSubset", 10, 1, a_proc_subset, 0, false },
	{ "NotifyAccess", 1000, 1, a_notify, 0, false },
	{ "RemoveIPC", 100, 1, a_not_root, 0, false },
	{ "Delegate", 100, 1, a_delegate, 0, false },
	{ "RestrictRealtime", 500, 1, a_bool, 0, false },
	{ "RestrictSUIDSGID", 1000, 1, a_bool_dynamic, 0, false },
	{ "", 1500, 1, a_namespace, BIT(NS_USER), false },
	{ "", 500, 1, a_namespace, BIT(NS_MNT), false },
	{ "", 500, 1, a_namespace, BIT(NS_IPC), false },
	{ "", 500, 1, a_namespace, BIT(NS_PID), false },
	{ "", 500, 1, a_namespace, BIT(NS_CGROUP), false },
	{ "", 500, 1, a_namespace, BIT(NS_NET), false },
	{ "", 100, 1, a_namespace, BIT(NS_UTS), false },
	{ "", 1500, 1, a_family, BIT(FAMILY_INET) | BIT(FAMILY_INET6), false },
	{ "", 25, 1, a_family, BIT(FAMILY_UNIX), false },
	{ "", 200, 1, a_family, BIT(FAMILY_NETLINK), false },
	{ "", 1000, 1, a_family, BIT(FAMILY_PACKET), false },
	{ "", 1250, 1, a_family, BIT(FAMILY_OTHER), false },
	{ "SystemCallArchitectures", 1000, 10, a_architectures, 0, false },
	{ "", 1000, 10, a_calls, BIT(SWAP), false },
	{ "", 250, 10, a_calls, BIT(OBSOLETE), false },
	{ "", 1000, 10, a_calls, BIT(CLOCK), false },
	{ "", 250, 10, a_calls, BIT(CPU_EMULATION), false },
	{ "", 1000, 10, a_calls, BIT(DEBUG), false },
	{ "", 1000, 10, a_calls, BIT(MOUNT), false },
	{ "", 1000, 10, a_calls, BIT(MODULE), false },
	{ "", 1000, 10, a_calls, BIT(RAW_IO), false },
	{ "", 1000, 10, a_calls, BIT(REBOOT), false },
	{ "", 700, 10, a_calls, BIT(PRIVILEGED), false },
	{ "", 700, 10, a_calls, BIT(RESOURCES), false },
	{ "IPAddressDeny", 1000, 10, a_address, 0, false },
	{ "DeviceAllow", 1000, 10, a_device, 0, false },
	{ "AmbientCapabilities", 500, 1, a_ambient, 0, false },
};
/* clang-format on */

int64_t unit_exposure(const struct unit_settings *s)
{
	uint64_t bad = 0, all = 0;
	bool defaults = true;
	struct context x;

	open_context(&x, s);
	if (str_to_bool(unit_value(s, "Unit", "DefaultDependencies"), &defaults) < 0)
		defaults = true;
	for (size_t i = 0; i < COUNT(rules); i++) {
		const struct rule *rule = &rules[i];
		int badness = NOT_RATED;

		if (defaults || !rule->default_dependencies)
			badness = rule->assess(&x, rule->key, rule->bits);
		if (badness == NOT_RATED)
			continue;
		bad += ((uint64_t)badness * rule->weight + (uint64_t)rule->range - 1) /
		       (uint64_t)rule->range;
		all += rule->weight;
	}
	return (int64_t)((bad * 100 + all - 1) / all);
}
