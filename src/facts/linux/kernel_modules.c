/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kernel_modules: Loaded kernel modules. */
#include "facts/fact.h"

#define FACT_ROW kernel_modules_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, name, "module name") \
	X(INT, size, "bytes") \
	X(TEXT, used_by, "comma-separated users") \
	X(TEXT, status, "Live, Loading or Unloading") \
	X(TEXT, taint, "taint letters, for example OE (out of tree, unsigned); '' when none")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "kernel_modules",
	.doc = "Loaded kernel modules.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

/* "nf_tables 303104 1 nft_ct, Live 0x0000000000000000 (OE)" */
static bool parse(struct str line, struct kernel_modules_row *ret)
{
	struct kernel_modules_row row = { .name = str_word(&line) };
	struct str size = str_word(&line), taint;

	str_word(&line); /* reference count */
	row.used_by = str_word(&line);
	row.status = str_word(&line);
	if (!row.status.ptr || str_to_int64(size, &row.size) < 0)
		return false;
	if (str_eq(row.used_by, STR("-")))
		row.used_by = STR("");
	if (str_ends(row.used_by, STR(",")))
		row.used_by.len--;
	str_word(&line); /* address */
	taint = str_word(&line);
	if (taint.len > 2 && taint.ptr[0] == '(')
		row.taint = str_sub(taint, 1, taint.len - 1);
	*ret = row;
	return true;
}

static int collect(struct collect *c)
{
	struct str text, line;
	unsigned n = 0;
	int r = root_read(c->proc, "modules", 0, c->arena, &text, NULL);

	if (r == -ENOENT)
		return collect_not_applicable(c, "the kernel has no loadable modules");
	while (r >= 0 && str_line(&text, &line, &n)) {
		struct kernel_modules_row row;

		if (parse(line, &row))
			r = collect_row(c, &row);
		else if (str_trim(line).len)
			collect_problem(c, EBADMSG, "/proc/modules", "line %u is no module", n);
	}
	return r;
}

const struct collector collector_kernel_modules = {
	.table = &table,
	.collect = collect,
	.group = GROUP_KERNEL,
	.needs_live = true,
};
