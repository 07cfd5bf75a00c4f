/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What remedies ask of the facts, of evidences and of the root. */
#include "action/draft.h"

bool remedy_place(const struct remedy_input *in, struct str evidence, const char **ret_file,
		  unsigned *ret_line)
{
	for (size_t i = 1; str_starts(evidence, STR("/")) && i + 1 < evidence.len; i++) {
		size_t end = i + 1;
		uint64_t line;
		const char *file;

		if (evidence.ptr[i] != ':')
			continue;
		while (end < evidence.len && evidence.ptr[end] >= '0' && evidence.ptr[end] <= '9')
			end++;
		if (end < evidence.len && evidence.ptr[end] != ' ' && evidence.ptr[end] != ':')
			continue;
		if (str_to_u64(str_sub(evidence, i + 1, end), 10, &line) < 0 || !line ||
		    line > UINT32_MAX)
			continue;
		file = arena_cstr(in->arena, str_sub(evidence, 0, i));
		if (!file)
			return false;
		*ret_file = file;
		*ret_line = (unsigned)line;
		return true;
	}
	return false;
}

struct str remedy_named(struct str resource, const char *kind)
{
	size_t n = strlen(kind);

	if (resource.len > n && str_starts(resource, str_of(kind)) && resource.ptr[n] == ' ')
		return str_sub(resource, n + 1, resource.len);
	return (struct str){};
}

bool remedy_fails(const struct remedy_input *in, struct str resource)
{
	for (size_t i = 0; i < in->n_resources; i++)
		if (str_eq(in->resources[i].resource, resource))
			return true;
	return false;
}

bool remedy_has_file(const struct remedy_input *in, const char *path)
{
	struct stat st;

	return root_stat(in->root, path, &st) >= 0;
}

const char *remedy_first_file(const struct remedy_input *in, const char *const *paths, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (remedy_has_file(in, paths[i]))
			return paths[i];
	return NULL;
}

int remedy_query_text(const struct remedy_input *in, const char *sql, struct str text,
		      struct str **ret, size_t *ret_n)
{
	struct str *list = NULL;
	size_t n = 0, cap = 0;
	sqlite3_stmt *st;
	int rc = sqlite3_prepare_v2(in->facts, sql, -1, &st, NULL), r = 0;

	if (rc != SQLITE_OK)
		return -EINVAL;
	if (text.ptr)
		rc = sqlite3_bind_text(st, 1, text.ptr, (int)MIN(text.len, (size_t)1 << 20),
				       SQLITE_TRANSIENT);
	if (rc != SQLITE_OK)
		r = -EINVAL;
	while (r >= 0 && n < REMEDY_RESOURCES_MAX && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		const char *p = (const char *)sqlite3_column_text(st, 0);
		struct str s = { p ? p : "", p ? (size_t)sqlite3_column_bytes(st, 0) : 0 };

		s = arena_str(in->arena, s);
		r = s.ptr ? arena_push(in->arena, list, n, cap, s) : -ENOMEM;
	}
	sqlite3_finalize(st);
	if (r < 0)
		return r;
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		return -EIO;
	*ret = list;
	*ret_n = n;
	return 0;
}

int remedy_query(const struct remedy_input *in, const char *sql, struct str **ret, size_t *ret_n)
{
	return remedy_query_text(in, sql, (struct str){}, ret, ret_n);
}

int remedy_value(const struct remedy_input *in, const char *sql, struct str *ret)
{
	struct str *list;
	size_t n;
	int r = remedy_query_text(in, sql, (struct str){}, &list, &n);

	if (r >= 0)
		*ret = n ? list[0] : STR("");
	return r;
}
