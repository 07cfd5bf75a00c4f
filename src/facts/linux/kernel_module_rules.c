/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kernel_module_rules: Statements of modprobe.d. */
#include "base/buf.h"
#include "facts/fact.h"
#include "facts/linux/conf_dirs.h"

#define FACT_ROW kernel_module_rules_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, name, "module, with _ where - is written") \
	X(TEXT, kind, "blacklist, install, alias or options") \
	X(TEXT, argument, "rest of the statement") \
	X(TEXT, file, "configuration file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "kernel_module_rules",
	.doc = "Statements of modprobe.d.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

#define STATEMENT_MAX ((size_t)64 << 10)

/* modprobe treats '-' and '_' in module names alike; rows have what /proc/modules has. */
static struct str module_name(struct collect *c, struct str s)
{
	char *p = arena_alloc(c->arena, s.len + 1);

	for (size_t i = 0; p && i < s.len; i++)
		p[i] = (char)(s.ptr[i] == '-' ? '_' : s.ptr[i]);
	return (struct str){ p, p ? s.len : 0 };
}

static int statement(struct collect *c, struct str text, struct str file, unsigned line)
{
	static const struct str kinds[] = { STR("blacklist"), STR("install"), STR("alias"),
					    STR("options") };
	struct str kind = str_word(&text), name = str_word(&text);

	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct kernel_module_rules_row row = {
			.kind = kinds[i], .file = file, .line = line, .argument = str_trim(text)
		};

		if (!str_eq(kind, kinds[i]) || !name.len)
			continue;
		row.name = module_name(c, name);
		return row.name.ptr ? collect_row(c, &row) : -ENOMEM;
	}
	return 0;
}

/* A backslash at the end of a line goes on with the next one, modprobe.d(5). */
static int join(struct collect *c, struct str first, struct str *text, unsigned *line,
		struct str *ret)
{
	own(buf_release) struct buf b = BUF(STATEMENT_MAX);
	struct str more = first;

	while (str_ends(more, STR("\\"))) {
		more.len--;
		buf_str(&b, more);
		buf_putc(&b, ' ');
		if (!str_line(text, &more, line))
			more = STR("");
	}
	buf_str(&b, more);
	if (b.error == -EFBIG)
		return 0;
	*ret = arena_str(c->arena, buf_view(&b));
	return ret->ptr ? 1 : -ENOMEM;
}

static int parse(struct collect *c, struct str text, struct str file)
{
	unsigned line = 0;
	struct str l;
	int r = 0;

	while (r >= 0 && str_line(&text, &l, &line)) {
		unsigned first = line;

		if (str_ends(l, STR("\\"))) {
			r = join(c, l, &text, &line, &l);
			if (r == 0)
				collect_problem(c, EFBIG, file.ptr, "line %u is too long", first);
			if (r <= 0)
				continue;
		}
		l = str_trim(l);
		if (l.len && l.ptr[0] != '#')
			r = statement(c, l, file, first);
	}
	return r;
}

/* kernel-parameters: module_blacklist=a,b and, for modprobe, modprobe.blacklist=a,b. */
static int command_line(struct collect *c)
{
	struct str text, word;
	int r = c->proc ? root_read(c->proc, "cmdline", 0, c->arena, &text, NULL) : -ENOENT;

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	while ((word = str_word(&text)).ptr) {
		struct str key = str_cut(&word, '=');

		if (!str_eq(key, STR("module_blacklist")) &&
		    !str_eq(key, STR("modprobe.blacklist")))
			continue;
		while (word.ptr && r >= 0) {
			struct kernel_module_rules_row row = {
				.name = module_name(c, str_cut(&word, ',')),
				.kind = STR("blacklist"),
				.file = STR("/proc/cmdline"),
				.line = 1,
			};

			if (row.name.len)
				r = collect_row(c, &row);
		}
	}
	return r;
}

static int collect(struct collect *c)
{
	static const char *const dirs[] = { "/etc/modprobe.d", "/run/modprobe.d",
					    "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d",
					    "/lib/modprobe.d" };
	struct str *paths;
	size_t n;
	int r = conf_dirs_list(c, dirs, COUNT(dirs), ".conf", &paths, &n);

	for (size_t i = 0; r >= 0 && i < n; i++) {
		struct str text;

		r = collect_read(c, paths[i].ptr, &text, NULL);
		if (r == 1)
			r = parse(c, text, paths[i]);
	}
	return r < 0 ? r : command_line(c);
}

const struct collector collector_kernel_module_rules = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
