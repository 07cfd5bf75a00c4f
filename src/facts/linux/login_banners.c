/* SPDX-License-Identifier: GPL-3.0-or-later */
/* login_banners: what is shown to whoever connects. */
#include "facts/fact.h"

#define TEXT_MAX 4096u

#define FACT_ROW login_banners_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, path, "file") \
	X(INT, size, "bytes") \
	X(TEXT, text, "the first 4096 bytes, where they are text, else ''")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "login_banners",
	.doc = "What is shown to whoever connects: issue, issue.net, motd, banners beside sshd's configuration.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int emit(struct collect *c, struct str path)
{
	struct stat st;
	struct str text;
	int r = collect_read(c, path.ptr, &text, &st);

	if (r != 1)
		return r;
	if (memchr(text.ptr, '\0', text.len))
		text.len = 0;
	return collect_row(c, &(struct login_banners_row){
				      .path = path,
				      .size = st.st_size,
				      .text = str_sub(text, 0, MIN(text.len, TEXT_MAX)),
			      });
}

static int collect(struct collect *c)
{
	static const char *const patterns[] = { "/etc/issue", "/etc/issue.net", "/etc/motd",
						"/etc/banner*", "/etc/ssh/*banner*" };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(patterns); i++) {
		struct str *paths;
		size_t n;

		r = collect_glob(c, patterns[i], &paths, &n);
		for (size_t k = 0, all = r == 1 ? n : 0; r >= 0 && k < all; k++)
			r = emit(c, paths[k]);
	}
	return MIN(r, 0);
}

const struct collector collector_login_banners = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
