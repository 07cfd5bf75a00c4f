/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/backup_state.h"

#include "facts/linux/backup.h"

#define DIR "/var/lib/holdfast/backup"

static void json_release(json_t **j) { json_decref(*j); }

int64_t backup_state_number(const json_t *o, const char *key)
{
	const json_t *j = json_object_get(o, key);

	if (json_is_integer(j))
		return json_integer_value(j);
	if (json_is_real(j))
		return (int64_t)MIN(MAX(json_real_value(j), -1e15), 1e15);
	return json_is_boolean(j) ? json_is_true(j) : FACT_UNKNOWN;
}

static struct str text(struct collect *c, const json_t *j)
{
	struct str copy = STR("");

	if (json_is_string(j))
		copy = arena_str(c->arena,
				 (struct str){ json_string_value(j), json_string_length(j) });
	return copy.ptr ? copy : STR("");
}

struct str backup_state_text(struct collect *c, const json_t *o, const char *key)
{
	return text(c, json_object_get(o, key));
}

struct str backup_state_words(struct collect *c, const json_t *array)
{
	struct str all = STR("");
	const json_t *j;
	size_t i;

	json_array_foreach(array, i, j)
	{
		struct str more = backup_join(c->arena, all, text(c, j));

		if (more.ptr)
			all = more;
	}
	return all;
}

const json_t *backup_state_last(const json_t *state, const char *list)
{
	const json_t *array = json_object_get(state, list);

	return json_array_get(array, json_array_size(array) - 1);
}

struct walk {
	backup_state_fn *state; /* or of each record of the list */
	const char *list;
	backup_record_fn *record;
};

static int each_record(struct collect *c, const struct walk *w, const char *path, struct str name,
		       const json_t *state)
{
	const json_t *record;
	int r = 0;
	size_t i;

	json_array_foreach(json_object_get(state, w->list), i, record)
	{
		if (r == 0)
			r = w->record(c, &(struct backup_record){ name, str_of(path), record });
	}
	return r;
}

static int one(struct collect *c, const char *path, struct str content, void *user)
{
	const struct walk *w = user;
	json_error_t error;
	own(json_release) json_t *j = json_loadb(content.ptr ? content.ptr : "", content.len,
						 JSON_REJECT_DUPLICATES, &error);
	struct str name = str_basename(str_of(path));

	if (!j && json_error_code(&error) == json_error_out_of_memory)
		return -ENOMEM;
	if (!json_is_object(j)) {
		collect_problem(c, -EBADMSG, path, "line %d: not the state of a backup",
				j ? 1 : MAX(error.line, 1));
		return 0;
	}
	if (!json_is_integer(json_object_get(j, "format")))
		return 0;
	name = str_sub(name, 0, name.len - strlen(".json"));
	return w->state ? w->state(c, path, name, j) : each_record(c, w, path, name, j);
}

int backup_states(struct collect *c, backup_state_fn *fn)
{
	struct walk w = { .state = fn };

	return collect_dropins(c, DIR, ".json", one, &w);
}

int backup_records(struct collect *c, const char *list, backup_record_fn *fn)
{
	struct walk w = { .list = list, .record = fn };

	return collect_dropins(c, DIR, ".json", one, &w);
}
