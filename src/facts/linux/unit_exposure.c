/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/unit_exposure.h"

#include "facts/linux/unit_context.h"

enum { NOT_RATED = -1 };

typedef int assess_fn(const struct unit_context *x, const char *key, uint64_t bits);

static int a_user(const struct unit_context *x, const char *key, uint64_t bits)
{
	(void)bits;
	return x->root ? 10 : !x->dynamic && unit_context_is(x, key, "nobody") ? 9 : 0;
}

static int a_bool(const struct unit_context *x, const char *key, uint64_t bits)
{
	(void)bits;
	return !unit_context_bool(x, key);
}

/* DynamicUser= turns these on. */
static int a_bool_dynamic(const struct unit_context *x, const char *key, uint64_t bits)
{
	(void)bits;
	return !x->dynamic && !unit_context_bool(x, key);
}

static int a_not_root(const struct unit_context *x, const char *key, uint64_t bits)
{
	(void)bits;
	if (x->root)
		return NOT_RATED;
	if (!strcmp(key, "RemoveIPC"))
		return a_bool_dynamic(x, key, 0);
	return unit_context_value(x, key).len > 0;
}

static int a_caps(const struct unit_context *x, const char *key, uint64_t bits)
{
	(void)key;
	return (x->caps & bits) != 0;
}

static int a_ambient(const struct unit_context *x, const char *key, uint64_t bits)
{
	(void)key, (void)bits;
	return x->ambient != 0;
}

static int a_home(const struct unit_context *x, const char *key, uint64_t bits)
{
	(void)bits;
	if (unit_context_bool(x, key))
		return 0;
	if (unit_context_is(x, key, "tmpfs"))
		return 1;
	return unit_context_is(x, key, "read-only") || x->dynamic ? 5 : 10;
}

static int a_system(const struct unit_context *x, const char *key, uint64_t bits)
{
	(void)bits;
	if (unit_context_is(x, key, "strict") || x->dynamic)
		return 0;
	return unit_context_is(x, key, "full") ? 3 : unit_context_bool(x, key) ? 5 : 10;
}

static int a_own_root(const struct unit_context *x, const char *key, uint64_t bits)
{
	(void)bits;
	return !unit_context_value(x, key).len && !unit_context_value(x, "RootImage").len;
}

static int a_umask(const struct unit_context *x, const char *key, uint64_t bits)
{
	struct str v = unit_context_value(x, key);
	uint64_t mask = 0022;

	(void)bits;
	if (v.len && str_to_u64(v, 8, &mask) < 0)
		mask = 0022;
	if (!(mask & 0002))
		return 10;
	return !(mask & 0004) ? 5 : !(mask & 0020) ? 2 : !(mask & 0040);
}

static int a_keyring(const struct unit_context *x, const char *key, uint64_t bits)
{
	(void)bits;
	return unit_context_value(x, key).len && !unit_context_is(x, key, "private");
}

static int a_proc(const struct unit_context *x, const char *key, uint64_t bits)
{
	(void)bits;
	if (unit_context_is(x, key, "invisible") || unit_context_is(x, key, "ptraceable"))
		return 0;
	return unit_context_is(x, key, "noaccess") ? 1 : 3;
}

static int a_proc_subset(const struct unit_context *x, const char *key, uint64_t bits)
{
	(void)bits;
	return !unit_context_is(x, key, "pid");
}

static int a_notify(const struct unit_context *x, const char *key, uint64_t bits)
{
	(void)bits;
	return unit_context_is(x, key, "all");
}

static int a_delegate(const struct unit_context *x, const char *key, uint64_t bits)
{
	bool v = true;

	(void)bits;
	return unit_context_value(x, key).len &&
	       (str_to_bool(unit_context_value(x, key), &v) < 0 || v);
}

static int a_namespace(const struct unit_context *x, const char *key, uint64_t bits)
{
	(void)key;
	return (x->namespaces & bits) != 0;
}

static int a_family(const struct unit_context *x, const char *key, uint64_t bits)
{
	(void)key;
	return (x->families & bits) != 0;
}

static int a_architectures(const struct unit_context *x, const char *key, uint64_t bits)
{
	(void)bits;
	return !unit_context_value(x, key).len ? 10 : unit_context_is(x, key, "native") ? 0 : 8;
}

static int a_calls(const struct unit_context *x, const char *key, uint64_t bits)
{
	(void)key;
	if (!x->filters_calls)
		return 10;
	return !(x->calls & bits) ? 0 : x->allow_list ? 9 : 10;
}

static int a_address(const struct unit_context *x, const char *key, uint64_t bits)
{
	struct str allow = unit_context_value(x, "IPAddressAllow"), word;
	bool local = true;

	(void)bits;
	if (!unit_context_is(x, key, "any"))
		return 10;
	if (!allow.len)
		return 0;
	while ((word = str_word(&allow)).len)
		local &= str_eq(word, STR("localhost")) || str_starts(word, STR("127.")) ||
			 str_starts(word, STR("::1"));
	return local ? 2 : 5;
}

static int a_device(const struct unit_context *x, const char *key, uint64_t bits)
{
	bool implied =
		unit_context_bool(x, "PrivateDevices") || unit_context_bool(x, "ProtectClock");

	(void)bits;
	if (!implied && !unit_context_is(x, "DevicePolicy", "closed") &&
	    !unit_context_is(x, "DevicePolicy", "strict"))
		return 10;
	return unit_context_value(x, key).len || unit_context_bool(x, "ProtectClock") ? 5 : 0;
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
	struct unit_context x;

	unit_context_open(&x, s);
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
