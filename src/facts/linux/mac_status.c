/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mac_status: Mandatory access control. */
#include "facts/linux/kernel_options.h"
#include "facts/linux/settings.h"
#include "facts/linux/settings_syntax.h"
#include "facts/linux/units.h"

#define FACT_ROW mac_status_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, framework, "apparmor or selinux") \
	X(TEXT, configured, "enforcing, permissive, complain, disabled") \
	X(TEXT, current, "mode of the running kernel; '' when not live") \
	X(INT, profiles, "profiles or policy modules on disk") \
	X(TEXT, evidence, "file and line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "mac_status",
	.doc = "Mandatory access control.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

/* The first line of a file of /sys; '' if there is none. */
static struct str sys_line(struct collect *c, const char *path)
{
	struct str text, line;

	if (!c->sys || root_read(c->sys, path, 4096, c->arena, &text, NULL) < 0)
		return STR("");
	line = str_cut(&text, '\n');
	return str_trim(line);
}

static struct str evidence(struct collect *c, struct str file, unsigned line)
{
	return arena_fmt(c->arena, "%.*s:%u", STR_FMT(file), line);
}

/* Whether kernels of this distribution start the module without being told to. */
static bool is_default(struct collect *c, const char *module)
{
	static const struct {
		const char *file, *module;
	} defaults[] = {
		{"/etc/apk/world",        ""        },
		{ "/var/lib/dpkg/status", "apparmor"},
		{ "/etc/SuSE-brand",      "apparmor"},
		{ "/etc/zypp",            "apparmor"},
	};
	struct stat st;

	for (size_t i = 0; i < COUNT(defaults); i++)
		if (root_stat(c->root, defaults[i].file, &st) == 0)
			return !strcmp(defaults[i].module, module);
	return !strcmp(module, "selinux");
}

/* Why the kernel does not start the module: its evidence; ptr == NULL: it does. */
static struct str switched_off(struct collect *c, const struct kernel_options *o,
			       const char *module)
{
	const struct kernel_option *own_switch = kernel_options_find(o, module);
	const struct kernel_option *security = kernel_options_find(o, "security");
	const struct kernel_option *lsm = kernel_options_find(o, "lsm");

	if (own_switch && str_eq(own_switch->value, STR("0")))
		return evidence(c, own_switch->file, own_switch->line);
	if (lsm && str_contains(lsm->value, str_of(module)))
		return (struct str){};
	if (lsm)
		return evidence(c, lsm->file, lsm->line);
	if (security && str_eq(security->value, str_of(module)))
		return (struct str){};
	if (security)
		return evidence(c, security->file, security->line);
	if (is_default(c, module))
		return (struct str){};
	return arena_fmt(c->arena, "the kernel is not told security=%s", module);
}

struct profiles {
	int64_t n, complain;
};

/* "profile x /usr/bin/x flags=(attach_disconnected, complain) {" */
static bool complains(struct str text)
{
	while (text.len) {
		const char *p = memmem(text.ptr, text.len, "flags=(", 7);
		struct str flags;

		if (!p)
			return false;
		text = str_sub(text, (size_t)(p - text.ptr) + 7, text.len);
		flags = text;
		flags = str_cut(&flags, ')');
		if (str_contains(flags, STR("complain")))
			return true;
	}
	return false;
}

static bool exists(struct collect *c, const char *dir, const char *name)
{
	struct str path = arena_fmt(c->arena, "%s/%s", dir, name);
	struct stat st;

	return path.ptr && root_lstat(c->root, path.ptr, &st) == 0;
}

static int count_profiles(struct collect *c, struct profiles *ret)
{
	struct dir_list list;
	int r = collect_list(c, "/etc/apparmor.d", &list);

	for (size_t i = 0; r == 1 && i < list.n; i++) {
		struct arena_mark mark = arena_mark(c->arena);
		const char *name = list.entries[i].name;
		struct str path = arena_fmt(c->arena, "/etc/apparmor.d/%s", name), text;
		struct stat st;
		int got;

		if (!path.ptr)
			return -ENOMEM;
		if (name[0] == '.' || root_stat(c->root, path.ptr, &st) < 0 ||
		    !S_ISREG(st.st_mode) || exists(c, "/etc/apparmor.d/disable", name))
			continue;
		got = settings_read_text(c, path.ptr, &text);
		if (got < 0)
			return got;
		ret->n += got;
		if (got == 1 &&
		    (exists(c, "/etc/apparmor.d/force-complain", name) || complains(text)))
			ret->complain++;
		arena_rewind(c->arena, mark);
	}
	return MIN(r, 0);
}

static struct str apparmor_current(struct collect *c)
{
	struct str mode;

	if (!c->sys)
		return STR("");
	if (!str_eq(sys_line(c, "module/apparmor/parameters/enabled"), STR("Y")))
		return STR("disabled");
	mode = sys_line(c, "module/apparmor/parameters/mode");
	return str_eq(mode, STR("complain")) ? STR("complain") : STR("enforcing");
}

static int collect_apparmor(struct collect *c, const struct kernel_options *options)
{
	static const char *const names[] = { "apparmor", NULL };
	struct str off = switched_off(c, options, "apparmor");
	struct mac_status_row row = { .framework = STR("apparmor"),
				      .configured = STR("enforcing"),
				      .evidence = STR("/etc/apparmor.d") };
	struct profiles profiles = {};
	struct units units = {};
	struct stat st;
	int r;

	row.current = apparmor_current(c);
	if (root_stat(c->root, "/etc/apparmor.d", &st) < 0 &&
	    !str_eq(row.current, STR("enforcing")))
		return 0;
	r = units_load(c, &units);
	if (!r)
		r = count_profiles(c, &profiles);
	if (r < 0)
		return r;
	row.profiles = profiles.n;
	if (off.ptr) {
		row.configured = STR("disabled");
		row.evidence = off;
	} else if (units_enabled(&units, names) != 1) {
		row.configured = STR("disabled");
		row.evidence = STR("no unit loads the profiles: apparmor.service");
	} else if (!profiles.n) {
		row.configured = STR("disabled");
		row.evidence = STR("no profile in /etc/apparmor.d");
	} else if (profiles.complain == profiles.n) {
		row.configured = STR("complain");
	}
	return row.evidence.ptr ? collect_row(c, &row) : -ENOMEM;
}

struct selinux {
	struct str mode, type;
	unsigned line;
};

static int take_setting(void *user, const struct setting *s)
{
	struct selinux *out = user;

	if (str_eq(s->name, STR("SELINUX"))) {
		out->mode = s->value;
		out->line = s->line;
	} else if (str_eq(s->name, STR("SELINUXTYPE"))) {
		out->type = s->value;
	}
	return 0;
}

static struct str selinux_current(struct collect *c)
{
	struct str enforce;

	if (!c->sys)
		return STR("");
	enforce = sys_line(c, "fs/selinux/enforce");
	if (!enforce.len)
		return STR("disabled");
	return str_eq(enforce, STR("1")) ? STR("enforcing") : STR("permissive");
}

/* Policy modules; without a compiled policy the kernel has nothing to enforce. */
static int count_modules(struct collect *c, struct str type, int64_t *ret, bool *ret_policy)
{
	struct str policy = arena_fmt(c->arena, "/etc/selinux/%.*s/policy/policy.*", STR_FMT(type));
	struct str modules =
		arena_fmt(c->arena, "/var/lib/selinux/%.*s/active/modules/*/*", STR_FMT(type));
	struct str *paths;
	size_t n = 0;
	int r = policy.ptr && modules.ptr ? collect_glob(c, policy.ptr, &paths, &n) : -ENOMEM;

	if (r < 0)
		return r;
	*ret_policy = r == 1 && n > 0;
	n = 0;
	r = collect_glob(c, modules.ptr, &paths, &n);
	*ret = (int64_t)n;
	return MIN(r, 0);
}

static int collect_selinux(struct collect *c, const struct kernel_options *options)
{
	struct str off = switched_off(c, options, "selinux");
	const struct kernel_option *enforcing = kernel_options_find(options, "enforcing");
	struct mac_status_row row = { .framework = STR("selinux") };
	struct selinux config = { .mode = STR("disabled"), .type = STR("targeted") };
	struct str text;
	bool policy;
	int r = settings_read_text(c, "/etc/selinux/config", &text);

	row.current = selinux_current(c);
	if (r < 0 || (r == 0 && (!c->sys || str_eq(row.current, STR("disabled")))))
		return r;
	if (r == 1)
		r = settings_parse(SETTINGS_SHELL, text, c->arena, NULL, take_setting, &config);
	if (r >= 0)
		r = count_modules(c, config.type, &row.profiles, &policy);
	if (r < 0)
		return r;
	row.configured = settings_fold(c->arena, config.mode);
	row.evidence = evidence(c, STR("/etc/selinux/config"), config.line);
	if (off.ptr) {
		row.configured = STR("disabled");
		row.evidence = off;
	} else if (enforcing && str_eq(enforcing->value, STR("0"))) {
		row.configured = STR("permissive");
		row.evidence = evidence(c, enforcing->file, enforcing->line);
	} else if (!policy) {
		row.configured = STR("disabled");
		row.evidence = STR("no compiled policy in /etc/selinux");
	}
	return row.evidence.ptr && row.configured.ptr ? collect_row(c, &row) : -ENOMEM;
}

static int collect(struct collect *c)
{
	struct kernel_options options = {};
	int r = kernel_options_load(c, &options);

	if (!r)
		r = collect_apparmor(c, &options);
	return r ? r : collect_selinux(c, &options);
}

const struct collector collector_mac_status = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
