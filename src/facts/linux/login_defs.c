/* SPDX-License-Identifier: GPL-3.0-or-later */
/* login_defs: Settings of /etc/login.defs. */
#include "facts/linux/login_defs.h"
#include "base/map.h"
#include "facts/fact.h"

#define FACT_ROW login_defs_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, name, "keyword") \
	X(TEXT, value, "value") \
	X(TEXT, file, "configuration file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "login_defs",
	.doc = "Settings of /etc/login.defs.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

bool login_defs_next(struct str *text, unsigned *line, struct str *ret_name, struct str *ret_value)
{
	struct str s;

	while (str_line(text, &s, line)) {
		struct str name = str_word(&s);
		size_t i = 0;

		if (!name.len || name.ptr[0] == '#')
			continue;
		while (i < s.len && (s.ptr[i] == ' ' || s.ptr[i] == '\t' || s.ptr[i] == '"'))
			i++;
		s = str_sub(s, i, s.len);
		if (!s.len)
			continue;
		*ret_name = name;
		*ret_value = str_trim(str_cut(&s, '"'));
		return true;
	}
	return false;
}

int login_defs_read(struct collect *c, struct str *ret, const char **ret_path)
{
	static const char *const paths[] = { "/etc/login.defs", "/usr/etc/login.defs" };

	for (size_t i = 0; i < COUNT(paths); i++) {
		int r = collect_read(c, paths[i], ret, NULL);

		*ret_path = paths[i];
		if (r)
			return r;
	}
	return 0;
}

/* The last of equal keywords counts. */
static int collect(struct collect *c)
{
	own(map_release) struct map last = {};
	struct str text, rest, name, value;
	const char *path;
	unsigned line = 0;
	int r = login_defs_read(c, &text, &path);

	if (r <= 0)
		return r;
	for (rest = text; r >= 0 && login_defs_next(&rest, &line, &name, &value);)
		r = map_put(&last, name, line);
	line = 0;
	for (rest = text; r >= 0 && login_defs_next(&rest, &line, &name, &value);) {
		struct login_defs_row row = {
			.name = name,
			.value = value,
			.file = str_of(path),
			.line = line,
		};
		const uint64_t *where = map_get(&last, name);

		if (where && *where == line)
			r = collect_row(c, &row);
	}
	return r < 0 ? r : 0;
}

const struct collector collector_login_defs = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
