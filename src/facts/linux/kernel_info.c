/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kernel_info: The running kernel, one row. */
#include "facts/fact.h"

#define FACT_ROW kernel_info_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, version, "release as uname -r") \
	X(TEXT, build, "version as uname -v") \
	X(TEXT, arguments, "kernel command line") \
	X(INT, tainted, "taint flags of /proc/sys/kernel/tainted") \
	X(TEXT, lockdown, "none, integrity or confidentiality; '' when the kernel has no lockdown") \
	X(INTN, secure_boot, "1 on, 0 off, NULL without EFI") \
	X(INTN, module_signatures, "1 when unsigned modules are refused")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "kernel_info",
	.doc = "The running kernel, one row.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

/* The text, without the line feed; '' if it cannot be read. */
static struct str text_of(struct collect *c, const struct root *root, const char *path)
{
	struct str text = STR("");

	if (!root || root_read(root, path, 65536, c->arena, &text, NULL) < 0)
		return STR("");
	return str_trim(text);
}

/* "none [integrity] confidentiality" */
static struct str lockdown(struct collect *c)
{
	struct str text = text_of(c, c->sys, "kernel/security/lockdown");
	ssize_t from = str_find(text, '['), to = str_find(text, ']');

	return from >= 0 && to > from ? str_sub(text, (size_t)from + 1, (size_t)to) : STR("");
}

/* Four bytes of attributes, then the value (UEFI 3.3, efivarfs). */
static int64_t secure_boot(struct collect *c)
{
	static const char *const path =
		"/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
	struct str text;
	struct stat st;
	int r;

	if (!c->sys || root_stat(c->sys, "firmware/efi", &st) < 0)
		return FACT_UNKNOWN;
	r = root_read(c->sys, path + strlen("/sys"), 4096, c->arena, &text, NULL);
	if (r == -ENOENT)
		return 0;
	if (r < 0 || text.len < 5) {
		collect_problem(c, r, path, "cannot be read");
		return FACT_UNKNOWN;
	}
	return text.ptr[4] == 1;
}

static int64_t module_signatures(struct collect *c, struct str locked)
{
	struct str text = text_of(c, c->sys, "module/module/parameters/sig_enforce");

	if (locked.len && !str_eq(locked, STR("none")))
		return 1;
	return text.len ? str_eq(text, STR("Y")) || str_eq(text, STR("1")) : FACT_UNKNOWN;
}

/* "Linux version 6.1.0-18-amd64 (builder) (compiler) #1 SMP …" */
static void from_version(struct str text, struct kernel_info_row *row)
{
	ssize_t build = str_find(text, '#');

	if (!row->build.len && build >= 0)
		row->build = str_sub(text, (size_t)build, text.len);
	str_word(&text);
	str_word(&text);
	if (!row->version.len)
		row->version = str_word(&text);
}

static int collect(struct collect *c)
{
	struct kernel_info_row row = {
		.version = text_of(c, c->proc, "sys/kernel/osrelease"),
		.build = text_of(c, c->proc, "sys/kernel/version"),
		.arguments = text_of(c, c->proc, "cmdline"),
		.lockdown = lockdown(c),
		.secure_boot = secure_boot(c),
	};
	struct str tainted = text_of(c, c->proc, "sys/kernel/tainted");

	from_version(text_of(c, c->proc, "version"), &row);
	if (str_to_int64(tainted, &row.tainted) < 0 && tainted.len)
		collect_problem(c, EBADMSG, "/proc/sys/kernel/tainted", "is no number");
	if (!row.version.len)
		collect_problem(c, ENOENT, "/proc/sys/kernel/osrelease", "cannot be read");
	row.module_signatures = module_signatures(c, row.lockdown);
	return collect_row(c, &row);
}

const struct collector collector_kernel_info = {
	.table = &table,
	.collect = collect,
	.group = GROUP_KERNEL,
	.needs_live = true,
};
