/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sshd_info: The SSH server, one row when one is installed or configured. */
#include <stdio.h>

#include "facts/linux/sshd_load.h"

#define FACT_ROW sshd_info_row
/* clang-format off */
#define COLUMNS(X) \
	X(INT, installed, "1 when the program is in the tree") \
	X(TEXT, version, "OpenSSH version, for example 9.2p1; '' when not known") \
	X(TEXT, version_source, "package, banner or ''") \
	X(TEXT, config_file, "main configuration file") \
	X(INTN, enabled, "1 when a unit, socket or init link starts it at boot; NULL when not known") \
	X(INTN, running, "1 when a process runs; NULL when not live") \
	X(TEXT, ports, "comma-separated ports it is configured for") \
	X(TEXT, start_options, "-o, -f, -p options of the unit or the process that differ from the configuration") \
	X(TEXT, error, "why sshd would refuse this configuration, with file and line; ''")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "sshd_info",
	.doc = "The SSH server, one row when one is installed or configured.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

/* A process named sshd; the pid file, which is asked first, may be gone. */
static bool process_runs(struct collect *c)
{
	struct dir_list list;
	bool found = false;

	if (root_list(c->proc, "/", c->arena, &list) < 0)
		return false;
	for (size_t i = 0; !found && i < list.n; i++) {
		struct arena_mark mark = arena_mark(c->arena);
		char path[64];
		struct str comm;

		if (list.entries[i].name[0] < '1' || list.entries[i].name[0] > '9')
			continue;
		snprintf(path, sizeof path, "%.20s/comm", list.entries[i].name);
		found = root_read(c->proc, path, 64, c->arena, &comm, NULL) == 0 &&
			str_eq(str_trim(comm), STR("sshd"));
		arena_rewind(c->arena, mark);
	}
	return found;
}

static bool listed(struct str list, struct str port)
{
	for (struct str p; (p = str_cut(&list, ',')).len;)
		if (str_eq(p, port))
			return true;
	return false;
}

/* Ports of ListenAddress, which has those of Port where it names none. */
static int find_ports(struct collect *c, const struct sshd *s, struct str *ret)
{
	struct str ports = STR("");
	struct sshd_entry *list;
	size_t n;
	int r = sshd_result_entries(&s->global, SSHD_KW_LISTENADDRESS, c->arena, &list, &n);

	if (r < 0)
		return r;
	if (s->start.socket && s->start.socket_ports.len) {
		*ret = s->start.socket_ports;
		return 0;
	}
	for (size_t i = 0; i < n && ports.len < 1000; i++) {
		struct str entry = list[i].value, address = str_word(&entry);
		struct str port =
			str_sub(address, (size_t)(str_rfind(address, ':') + 1), address.len);

		if (listed(ports, port))
			continue;
		ports = arena_cat(c->arena, ports, ports.len ? STR(",") : STR(""), port);
		if (!ports.ptr)
			return -ENOMEM;
	}
	*ret = ports;
	return 0;
}

static int describe_error(struct collect *c, const struct sshd *s, struct str *ret)
{
	const struct sshd_error *e = &s->config.errors[0];

	*ret = STR("");
	if (!s->config.n_errors)
		return 0;
	*ret = arena_fmt(c->arena, "%s:%u: %.*s", e->file, e->line, STR_FMT(e->why));
	return ret->ptr ? 0 : -ENOMEM;
}

static int collect(struct collect *c)
{
	struct sshd *s = arena_new(c->arena, struct sshd);
	struct FACT_ROW row = { .running = FACT_UNKNOWN, .enabled = FACT_UNKNOWN };
	int r = s ? sshd_load(c, s) : -ENOMEM;

	if (r < 0 || !sshd_present(s))
		return r;
	row.installed = s->build.installed;
	row.version = s->build.release;
	row.version_source = str_of(s->build.source);
	row.config_file = str_of(s->config_file);
	row.start_options = s->start.shown;
	if (s->start.enabled >= 0)
		row.enabled = s->start.enabled;
	if (c->proc)
		row.running = s->start.pid || process_runs(c);
	r = find_ports(c, s, &row.ports);
	if (r >= 0)
		r = describe_error(c, s, &row.error);
	return r < 0 ? r : collect_row(c, &row);
}

const struct collector collector_sshd_info = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
