/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * service_settings: settings of well-known daemons, as their files set them (defaults are left
 * out). A setting that a later line or file overrides is left out, too; passwords are "(set)".
 */
#include "facts/linux/settings.h"

#define FACT_ROW service_settings_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, service, "redis, mongodb, mysql, postgresql, pg_hba, memcached, elasticsearch, vsftpd, proftpd, samba, nfs, snmpd, docker, php, rsyncd, journald, rsyslog, auditd, chrony, timesyncd, ntp, logrotate, coredump, limits, squid, postfix, bind, logind and others of settings_sources.c") \
	X(TEXT, section, "section of an INI file, database of pg_hba, share of samba, domain of limits, selector of rsyslog, SAPI of php (fpm, apache2, cli); ''") \
	X(TEXT, name, "setting; lower case unless the daemon minds (systemd, php, YAML), '-' for '_' in mysql, dotted for YAML and JSON, path for nfs") \
	X(TEXT, value, "value; lists joined by commas; '(set)', '(empty)' or '(default)' for secrets") \
	X(TEXT, file, "configuration file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "service_settings",
	.doc = "Settings of well-known daemons, as their files set them (defaults are left out).",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "service,name",
};

static int emit_all(struct collect *c, const char *service, const struct settings *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct setting *e = &s->list[i];
		struct service_settings_row row = {
			.service = str_of(service),
			.section = e->section,
			.name = e->name,
			.value = e->value,
			.file = e->file,
			.line = e->line,
		};
		int r = collect_row(c, &row);

		if (r < 0)
			return r;
	}
	return 0;
}

static int collect(struct collect *c)
{
	for (size_t i = 0; i < n_settings_sources; i++) {
		const struct settings_source *source = &settings_sources[i];
		struct arena_mark mark = arena_mark(c->arena);
		struct settings s = {};
		int r = settings_load_source(c, source, &s);

		if (r == -ENOMEM)
			collect_problem(c, ENOMEM, NULL, "the settings of %s are too large",
					source->service);
		if (r < 0 && r != -ENOMEM)
			return r;
		r = emit_all(c, source->service, &s);
		if (r < 0)
			return r;
		arena_rewind(c->arena, mark);
	}
	return 0;
}

const struct collector collector_service_settings = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
