/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <jansson.h>

#include "facts/linux/backup.h"

static void json_release(json_t **j) { json_decref(*j); }

static int load(struct str text, json_t **ret, unsigned *ret_line)
{
	json_error_t error;
	json_t *j = json_loadb(text.ptr ? text.ptr : "", text.len, JSON_REJECT_DUPLICATES, &error);

	if (!j) {
		*ret_line = error.line > 0 ? (unsigned)error.line : 1;
		return json_error_code(&error) == json_error_out_of_memory ? -ENOMEM : -EBADMSG;
	}
	*ret = j;
	return 0;
}

static struct str string(struct arena *a, const json_t *j)
{
	return json_is_string(j)
		       ? arena_str(a, (struct str){ json_string_value(j), json_string_length(j) })
		       : STR("");
}

static int64_t number(const json_t *j)
{
	return json_is_integer(j) ? json_integer_value(j) : FACT_UNKNOWN;
}

static int64_t flag(const json_t *j)
{
	if (json_is_boolean(j))
		return json_is_true(j);
	return json_is_integer(j) ? json_integer_value(j) != 0 : FACT_UNKNOWN;
}

int backup_parse_json(struct arena *a, struct str text, struct backup *ret, unsigned *ret_line)
{
	own(json_release) json_t *j = NULL;
	struct backup b = backup_new("", "result");
	const json_t *path;
	size_t i;
	int r = load(text, &j, ret_line);

	if (r < 0)
		return r;
	b.tool = string(a, json_object_get(j, "tool"));
	b.repository = string(a, json_object_get(j, "repository"));
	b.last_success = number(json_object_get(j, "last_success"));
	b.last_check = number(json_object_get(j, "last_check"));
	b.offsite = flag(json_object_get(j, "offsite"));
	b.append_only = flag(json_object_get(j, "append_only"));
	b.last_drill = number(json_object_get(j, "last_drill"));
	b.last_start = number(json_object_get(j, "last_start"));
	b.paths = STR("");
	json_array_foreach(json_object_get(j, "paths"), i, path)
	{
		b.paths = backup_join(a, b.paths, string(a, path));
		if (!b.paths.ptr)
			return -ENOMEM;
	}
	if (!b.tool.ptr || !b.repository.ptr)
		return -ENOMEM;
	if (!b.tool.len) {
		*ret_line = 1;
		return -EBADMSG;
	}
	*ret = b;
	return 0;
}

int backup_parse_azure(struct str text, int64_t *ret)
{
	own(json_release) json_t *j = NULL;
	const json_t *entry;
	int64_t newest = FACT_UNKNOWN;
	unsigned line;
	size_t i;
	int r;

	/* Windows' agent began it: the files may start with a byte order mark. */
	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_sub(text, 3, text.len);
	r = load(text, &j, &line);
	if (r < 0)
		return r;
	json_array_foreach(j, i, entry)
	{
		const json_t *status = json_object_get(entry, "status");
		const char *word = json_string_value(json_object_get(status, "status"));
		const char *when = json_string_value(json_object_get(entry, "timestampUTC"));

		if (word && when && !strcmp(word, "success"))
			newest = MAX(newest, backup_time(str_of(when)));
	}
	*ret = newest;
	return 0;
}
