/* SPDX-License-Identifier: GPL-3.0-or-later */
/* windows_flaws: Holes that are exploited over the network, and whether this Windows has them. */
#include <stdio.h>

#include "facts/windows/flaws.h"
#include "facts/windows/system.h"

#define FACT_ROW windows_flaws_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, cve, "CVE id") \
	X(TEXT, name, "BlueKeep, EternalBlue, DejaBlue, SMBGhost …") \
	X(TEXT, installed, "version of Windows, or of the file; '' where it is not there") \
	X(TEXT, fixed, "first version without it") \
	X(TEXT, kb, "an update that closes it") \
	X(INTN, vulnerable, "1 or 0; NULL: cannot be told") \
	X(TEXT, file, "file whose version tells, or the hive")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "windows_flaws",
	.doc = "Holes in Windows that are exploited over the network, and whether this one has them.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

#define FIRST_HOTFIX 20000u
#define FILE_MAX ((size_t)16 << 20)

static uint32_t fixed_of(const struct windows_flaw *f, uint32_t revision)
{
	return f->fixed_hotfix && revision >= FIRST_HOTFIX ? f->fixed_hotfix : f->fixed;
}

/* Without the driver there is nothing to attack. */
static int judge_file(struct collect *c, const struct windows_system *s,
		      const struct windows_flaw *f, struct windows_flaws_row *row)
{
	const char *path;
	uint32_t v[4];
	struct str bytes;
	int r = windows_path(c, s->folder, f->file, &path);

	if (r <= 0) {
		row->file = arena_cat(c->arena, str_of(s->folder), STR("/"), str_of(f->file));
		row->vulnerable = 0;
		return row->file.ptr ? r : -ENOMEM;
	}
	row->file = str_of(path);
	row->vulnerable = FACT_UNKNOWN;
	r = root_read(c->root, path, FILE_MAX, c->arena, &bytes, NULL);
	if (r < 0 || !windows_file_version(bytes, v)) {
		collect_problem(c, r, path, "%s", r < 0 ? collect_error(r) : "has no version");
		return r == -ENOMEM ? r : 0;
	}
	row->installed = arena_fmt(c->arena, "%u.%u.%u.%u", v[0], v[1], v[2], v[3]);
	row->vulnerable =
		v[2] < f->fixed_build || (v[2] == f->fixed_build && v[3] < fixed_of(f, v[3]));
	return row->installed.ptr ? 0 : -ENOMEM;
}

static int judge(struct collect *c, const struct windows_system *s, const struct windows_flaw *f)
{
	struct windows_flaws_row row = {
		.cve = str_of(f->cve),
		.name = str_of(f->name),
		.kb = str_of(f->kb),
		.file = str_of(s->software),
		.vulnerable = FACT_UNKNOWN,
		.fixed = arena_fmt(c->arena, "%u.%u.%u.%u", s->major, s->minor, f->fixed_build,
				   f->fixed),
	};
	int r = row.fixed.ptr ? 0 : -ENOMEM;

	if (r >= 0 && f->file) {
		r = judge_file(c, s, f, &row);
	} else if (s->has_revision) {
		row.vulnerable = s->revision < f->fixed;
		row.installed = arena_fmt(c->arena, "%u.%u.%u.%u", s->major, s->minor, s->build,
					  s->revision);
	}
	return r < 0 ? r : collect_row(c, &row);
}

static int collect(struct collect *c)
{
	struct windows_system s;
	int r = windows_system(c, &s);

	if (r < 0)
		return r;
	if (r == 0)
		return collect_not_applicable(c, "there is no Windows");
	for (size_t i = 0; r >= 0 && i < n_windows_flaws; i++)
		if (windows_flaws[i].build == s.build)
			r = judge(c, &s, &windows_flaws[i]);
	return r;
}

const struct collector collector_windows_flaws = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PACKAGE,
};
