/* SPDX-License-Identifier: GPL-3.0-or-later */
/* system_controls: Kernel parameters that checks need: configured, running and effective value. */
#include <sys/stat.h>

#include "base/map.h"
#include "facts/fact.h"
#include "facts/linux/conf_dirs.h"
#include "facts/linux/sysctl_config.h"

#define FACT_ROW system_controls_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, name, "dotted name: kernel.randomize_va_space") \
	X(TEXTN, config_value, "value that the files set at boot, last one wins") \
	X(TEXT, config_file, "file that sets it; '' when none does") \
	X(INT, config_line, "line in that file") \
	X(TEXTN, current_value, "value in the running kernel; NULL when not live") \
	X(TEXTN, default_value, "value of a kernel nobody configured, where it is well known") \
	X(TEXTN, value, "the value that decides: current, else configured, else default") \
	X(TEXT, source, "live, config or default")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "system_controls",
	.doc = "Kernel parameters that checks need: configured, running and effective value.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

/*
 * Parameters that matter, with the value of an unconfigured kernel: upstream's, and Debian's where
 * its configuration or patches differ (Documentation/admin-guide/sysctl, Debian's linux 6.1).
 * Where distributions differ from each other, the weaker value stands. NULL: no such parameter.
 */
static const struct parameter {
	struct str name;
	const char *upstream, *debian;
} parameters[] = {
	{STR("kernel.randomize_va_space"),                   "2",    "2"    },
	{ STR("kernel.kptr_restrict"),                       "0",    "0"    },
	{ STR("kernel.dmesg_restrict"),                      "0",    "1"    },
	{ STR("kernel.yama.ptrace_scope"),                   "0",    "0"    },
	{ STR("kernel.unprivileged_bpf_disabled"),           "0",    "2"    },
	{ STR("kernel.kexec_load_disabled"),                 "0",    "0"    },
	{ STR("kernel.sysrq"),			       "1",    "438"  },
	{ STR("kernel.core_pattern"),                        "core", "core" },
	{ STR("kernel.core_uses_pid"),                       "0",    "0"    },
	{ STR("kernel.perf_event_paranoid"),                 "2",    "3"    },
	{ STR("kernel.unprivileged_userns_clone"),           NULL,   "1"    },
	{ STR("kernel.modules_disabled"),                    "0",    "0"    },
	{ STR("kernel.panic_on_oops"),                       "0",    "0"    },
	{ STR("kernel.ctrl-alt-del"),                        "0",    "0"    },
	{ STR("user.max_user_namespaces"),                   NULL,   NULL   },
	{ STR("vm.mmap_min_addr"),                           "4096", "65536"},
	{ STR("vm.mmap_rnd_bits"),                           NULL,   NULL   },
	{ STR("vm.unprivileged_userfaultfd"),                "0",    "0"    },
	{ STR("dev.tty.ldisc_autoload"),                     "1",    "1"    },
	{ STR("fs.protected_hardlinks"),                     "0",    "1"    },
	{ STR("fs.protected_symlinks"),                      "0",    "1"    },
	{ STR("fs.protected_fifos"),                         "0",    "0"    },
	{ STR("fs.protected_regular"),                       "0",    "0"    },
	{ STR("fs.suid_dumpable"),                           "0",    "0"    },
	{ STR("net.core.bpf_jit_harden"),                    "0",    "0"    },
	{ STR("net.ipv4.ip_forward"),                        "0",    "0"    },
	{ STR("net.ipv4.tcp_syncookies"),                    "1",    "1"    },
	{ STR("net.ipv4.tcp_rfc1337"),                       "0",    "0"    },
	{ STR("net.ipv4.tcp_timestamps"),                    "1",    "1"    },
	{ STR("net.ipv4.icmp_echo_ignore_all"),              "0",    "0"    },
	{ STR("net.ipv4.icmp_echo_ignore_broadcasts"),       "1",    "1"    },
	{ STR("net.ipv4.icmp_ignore_bogus_error_responses"), "1",    "1"    },
	{ STR("net.ipv4.conf.all.forwarding"),               "0",    "0"    },
	{ STR("net.ipv4.conf.all.accept_redirects"),         "1",    "1"    },
	{ STR("net.ipv4.conf.all.secure_redirects"),         "1",    "1"    },
	{ STR("net.ipv4.conf.all.send_redirects"),           "1",    "1"    },
	{ STR("net.ipv4.conf.all.accept_source_route"),      "0",    "0"    },
	{ STR("net.ipv4.conf.all.rp_filter"),                "0",    "0"    },
	{ STR("net.ipv4.conf.all.log_martians"),             "0",    "0"    },
	{ STR("net.ipv4.conf.all.proxy_arp"),                "0",    "0"    },
	{ STR("net.ipv4.conf.all.bootp_relay"),              "0",    "0"    },
	{ STR("net.ipv4.conf.all.arp_ignore"),               "0",    "0"    },
	{ STR("net.ipv4.conf.default.accept_redirects"),     "1",    "1"    },
	{ STR("net.ipv4.conf.default.secure_redirects"),     "1",    "1"    },
	{ STR("net.ipv4.conf.default.send_redirects"),       "1",    "1"    },
	{ STR("net.ipv4.conf.default.accept_source_route"),  "1",    "1"    },
	{ STR("net.ipv4.conf.default.rp_filter"),            "0",    "0"    },
	{ STR("net.ipv4.conf.default.log_martians"),         "0",    "0"    },
	{ STR("net.ipv6.conf.all.forwarding"),               "0",    "0"    },
	{ STR("net.ipv6.conf.all.accept_redirects"),         "1",    "1"    },
	{ STR("net.ipv6.conf.all.accept_source_route"),      "0",    "0"    },
	{ STR("net.ipv6.conf.all.accept_ra"),                "1",    "1"    },
	{ STR("net.ipv6.conf.all.disable_ipv6"),             "0",    "0"    },
	{ STR("net.ipv6.conf.default.accept_redirects"),     "1",    "1"    },
	{ STR("net.ipv6.conf.default.accept_source_route"),  "0",    "0"    },
	{ STR("net.ipv6.conf.default.accept_ra"),            "1",    "1"    },
	{ STR("net.ipv6.conf.default.disable_ipv6"),         "0",    "0"    },
};

struct reader {
	struct collect *c;
	struct sysctl_config config;
	bool live;
	bool debian;
};

static int add_file(struct reader *x, struct str path)
{
	struct str text;
	unsigned bad = 0;
	int r = collect_read(x->c, path.ptr, &text, NULL);

	if (r == 1)
		r = sysctl_parse(x->c->arena, text, path, &x->config, &bad);
	if (bad)
		collect_problem(x->c, EBADMSG, path.ptr, "line %u is no assignment", bad);
	return r;
}

/*
 * systemd-sysctl reads /etc/sysctl.conf only where a link in sysctl.d leads there, as Debian 12
 * and RHEL have one; "sysctl --system" and OpenRC read it last.
 */
static int add_last(struct reader *x, const struct str *paths, size_t n)
{
	static const char *const systemd[] = { "/usr/lib/systemd/systemd-sysctl",
					       "/lib/systemd/systemd-sysctl" };
	struct root const *root = x->c->root;
	size_t before = x->config.n;
	struct stat last, st;
	bool linked = false, unread;
	int r;

	if (root_stat(root, "/etc/sysctl.conf", &last) < 0)
		return 0;
	for (size_t i = 0; i < n; i++)
		linked |= root_stat(root, paths[i].ptr, &st) >= 0 && st.st_ino == last.st_ino &&
			  st.st_dev == last.st_dev;
	unread = !linked &&
		 (root_stat(root, systemd[0], &st) >= 0 || root_stat(root, systemd[1], &st) >= 0);
	r = add_file(x, STR("/etc/sysctl.conf"));
	if (r >= 0 && unread && !x->live && x->config.n > before)
		collect_problem(x->c, 0, "/etc/sysctl.conf",
				"systemd-sysctl does not read it: no link in /etc/sysctl.d leads "
				"here");
	return r;
}

static int read_config(struct reader *x)
{
	static const char *const dirs[] = { "/etc/sysctl.d", "/run/sysctl.d",
					    "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d",
					    "/lib/sysctl.d" };
	struct str *paths;
	size_t n;
	int r = conf_dirs_list(x->c, dirs, COUNT(dirs), ".conf", &paths, &n);

	for (size_t i = 0; r >= 0 && i < n; i++)
		r = add_file(x, paths[i]);
	if (r >= 0)
		r = add_last(x, paths, n);
	if (r == -E2BIG) {
		collect_problem(x->c, r, NULL, "more than %d settings", SYSCTL_SETTINGS_MAX);
		r = 0;
	}
	return r;
}

static bool is_debian(struct collect *c)
{
	struct str text, line;

	if (root_read(c->root, "/etc/os-release", 0, c->arena, &text, NULL) < 0 &&
	    root_read(c->root, "/usr/lib/os-release", 0, c->arena, &text, NULL) < 0)
		return false;
	while (str_line(&text, &line, NULL)) {
		struct str key = str_cut(&line, '=');

		if ((str_eq(key, STR("ID")) || str_eq(key, STR("ID_LIKE"))) &&
		    str_contains(line, STR("debian")))
			return true;
	}
	return false;
}

/* 1: read; 0: this kernel has no such parameter, or nobody may see it. */
static int read_current(struct reader *x, struct str name, struct str *ret)
{
	struct arena *a = x->c->arena;
	char *p = arena_alloc(a, name.len + 1), *text;
	struct str path, s;
	int r;

	for (size_t i = 0; p && i < name.len; i++)
		p[i] = sysctl_swap(name.ptr[i]);
	path = arena_cat(a, STR("/proc/sys/"), (struct str){ p, p ? name.len : 0 }, STR(""));
	if (!p || !path.ptr)
		return -ENOMEM;
	r = root_read(x->c->proc, path.ptr + strlen("/proc"), 65536, a, &s, NULL);
	if (r == -ENOMEM)
		return r;
	if (r < 0 && r != -ENOENT && r != -ENOTDIR)
		collect_problem(x->c, r, path.ptr, "cannot be read");
	if (r < 0)
		return 0;
	s = str_trim(s);
	text = arena_alloc(a, s.len + 1);
	if (!text)
		return -ENOMEM;
	for (size_t i = 0; i < s.len; i++)
		text[i] = (char)(s.ptr[i] == '\t' || s.ptr[i] == '\n' ? ' ' : s.ptr[i]);
	*ret = (struct str){ text, s.len };
	return 1;
}

static int emit(struct reader *x, struct str name, const char *otherwise)
{
	const struct sysctl_setting *s = sysctl_find(&x->config, name);
	struct system_controls_row row = { .name = name };
	int r = x->live ? read_current(x, name, &row.current_value) : 0;

	if (r < 0)
		return r;
	if (s) {
		row.config_value = s->value;
		row.config_file = s->file;
		row.config_line = s->line;
	}
	row.default_value = str_of(otherwise);
	/* What the running kernel lacks has no value, whatever a file says. */
	if (x->live) {
		row.value = row.current_value;
		row.source = STR("live");
	} else if (s) {
		row.value = s->value;
		row.source = STR("config");
	} else {
		row.value = row.default_value;
		row.source = STR("default");
	}
	return collect_row(x->c, &row);
}

static int emit_all(struct reader *x)
{
	own(map_release) struct map seen = {};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(parameters); i++) {
		const struct parameter *p = &parameters[i];

		r = map_put(&seen, p->name, 0);
		if (r >= 0)
			r = emit(x, p->name, x->debian ? p->debian : p->upstream);
	}
	for (size_t i = 0; r >= 0 && i < x->config.n; i++) {
		const struct sysctl_setting *s = &x->config.list[i];

		if (!s->value.ptr || sysctl_is_pattern(s->name) || map_get(&seen, s->name) ||
		    str_contains(s->name, STR("//")))
			continue;
		r = map_put(&seen, s->name, 0);
		if (r >= 0)
			r = emit(x, s->name, NULL);
	}
	return r;
}

static int collect(struct collect *c)
{
	struct reader x = { .c = c, .debian = is_debian(c) };
	struct stat st;
	int r;

	x.live = c->proc && root_stat(c->proc, "sys/kernel", &st) >= 0;
	r = read_config(&x);
	return r < 0 ? r : emit_all(&x);
}

const struct collector collector_system_controls = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
