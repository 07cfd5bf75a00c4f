/* SPDX-License-Identifier: GPL-3.0-or-later */
/* windows_version: Release, build and revision of a Windows on a mounted disk. */
#include "facts/windows/flaws.h"
#include "facts/windows/system.h"

#define FACT_ROW windows_version_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, product, "ProductName of the registry; where that says Windows 10 of a Windows 11, this") \
	X(TEXT, edition, "EditionID: ServerStandard, Professional …") \
	X(TEXT, release, "22H2, 1809 …; ''") \
	X(TEXT, service_pack, "'' for none") \
	X(TEXT, version, "as Windows numbers it: 10.0.20348.2113") \
	X(INT, build, "build") \
	X(INTN, ubr, "revision of the build, which updates raise") \
	X(INT, server, "1 for Windows Server") \
	X(INTN, remote_desktop, "1 when Remote Desktop is on") \
	X(INTN, network_level, "1 when it asks for a login first (NLA)") \
	X(TEXTN, eol_date, "last day of support as YYYY-MM-DD, of clients that of Home and Pro; NULL: not known") \
	X(TEXTN, extended_eol_date, "last day of paid updates (ESU)") \
	X(TEXT, file, "hive that says so")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "windows_version",
	.doc = "Release, build and revision of a Windows on a mounted disk.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

#define FIRST_WINDOWS_10 10240u
#define LAST_WINDOWS_10 19045u
#define FIRST_WINDOWS_11 22000u

/* Enterprise and Education have longer support, the long-term branch (EnterpriseS) its own. */
static bool has_that_end(const struct windows_system *s)
{
	if (s->server || s->build < FIRST_WINDOWS_10)
		return true;
	if (!str_starts(s->edition, STR("Enterprise")) && !str_starts(s->edition, STR("Education")))
		return true;
	return s->build == LAST_WINDOWS_10 && !str_starts(s->edition, STR("EnterpriseS"));
}

static int collect(struct collect *c)
{
	struct windows_system s;
	const struct windows_release *release;
	struct windows_version_row row;
	int r = windows_system(c, &s);

	if (r < 0)
		return r;
	if (r == 0)
		return collect_not_applicable(c, "there is no Windows");
	release = windows_release_find(s.build);
	row = (struct windows_version_row){
		.product = s.product,
		.edition = s.edition,
		.release = s.release,
		.service_pack = s.service_pack,
		.version = s.has_revision
				   ? arena_fmt(c->arena, "%u.%u.%u.%u", s.major, s.minor, s.build,
					       s.revision)
				   : arena_fmt(c->arena, "%u.%u.%u", s.major, s.minor, s.build),
		.build = s.build,
		.ubr = s.has_revision ? (int64_t)s.revision : FACT_UNKNOWN,
		.server = s.server,
		.remote_desktop = s.remote_desktop,
		.network_level = s.network_level,
		.file = str_of(s.software),
	};
	if (!s.server && s.build >= FIRST_WINDOWS_11 && str_starts(s.product, STR("Windows 10")))
		row.product = arena_cat(c->arena, STR("Windows 11"),
					str_sub(s.product, 10, s.product.len), STR(""));
	if (!row.version.ptr || !row.product.ptr)
		return -ENOMEM;
	if (release && has_that_end(&s)) {
		row.eol_date = str_of(s.server ? release->server_end : release->client_end);
		row.extended_eol_date = str_of(release->paid);
	}
	return collect_row(c, &row);
}

const struct collector collector_windows_version = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PACKAGE,
};
