/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which files a drill restores. */
#include "backup/drill.h"
#include "backup/moment.h"

#define PATH_LONGEST 4'000U

/* Steele, Lea, Flood: Fast splittable pseudorandom number generators (2014). */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint64_t random_below(uint64_t *state, uint64_t n)
{
	return (uint64_t)(((unsigned __int128)next_random(state) * n) >> 64);
}

bool drill_pattern(const char *path, char *ret, size_t size)
{
	size_t at = 0;

	for (; *path; path++) {
		if (at + 3 > size)
			return false;
		if (strchr("*?[\\", *path))
			ret[at++] = '\\';
		ret[at++] = *path;
	}
	ret[at] = '\0';
	return at > 0;
}

int drill_sample_start(struct drill_sample *s)
{
	s->files = calloc((size_t)s->wanted + DRILL_CRITICAL_MAX, sizeof *s->files);
	return s->files ? 0 : -ENOMEM;
}

static bool is_critical(const struct drill_sample *s, struct str path)
{
	for (size_t i = 0; i < s->critical->n; i++) {
		struct str of = str_of(s->critical->items[i]);

		if (str_eq(path, of) || (str_starts(path, of) &&
					 (of.ptr[of.len - 1] == '/' || path.ptr[of.len] == '/')))
			return true;
	}
	return false;
}

static bool fill(struct drill_file *f, const json_t *node, const char *path)
{
	char *copy = strdup(path);
	struct moment m;

	if (!copy)
		return false;
	free(f->path);
	*f = (struct drill_file){ .path = copy,
				  .size = (uint64_t)backup_state_int(node, "size", 0) };
	if (moment_parse(str_of(json_string_value(json_object_get(node, "mtime"))), &m)) {
		f->mtime = m.seconds;
		f->nanoseconds = m.nanoseconds;
	}
	return true;
}

/* Names that are no UTF-8 come with U+FFFD in them, and cannot be asked for. */
static bool can_be_named(const json_t *path)
{
	const char *s = json_string_value(path);

	return s && s[0] == '/' && json_string_length(path) == strlen(s) &&
	       strlen(s) < PATH_LONGEST && !strstr(s, "\xef\xbf\xbd") && !strstr(s, "/../");
}

/* Algorithm R: every file has the same chance, without knowing how many there are. */
static void take_file(struct drill_sample *s, const json_t *node)
{
	const json_t *path = json_object_get(node, "path");
	int64_t size = backup_state_int(node, "size", 0);
	bool critical;
	uint64_t at;

	if (!can_be_named(path)) {
		s->unnamed++;
		return;
	}
	critical = is_critical(s, str_of(json_string_value(path)));
	if (critical && s->n_critical < DRILL_CRITICAL_MAX) {
		struct drill_file *f = &s->files[s->wanted + s->n_critical++];

		if (!fill(f, node, json_string_value(path)))
			s->error = -ENOMEM;
		f->critical = true;
	} else if (critical) {
		s->critical_left_out++;
	}
	if (size <= 0)
		return;
	s->seen++;
	s->bytes += (uint64_t)size;
	at = s->seen <= s->wanted ? s->seen - 1 : random_below(&s->random, s->seen);
	if (critical || at >= s->wanted)
		return;
	if (!fill(&s->files[at], node, json_string_value(path)))
		s->error = -ENOMEM;
}

int drill_sample_line(struct str line, void *user)
{
	struct drill_sample *s = user;
	json_t *j = json_loadb(line.ptr, line.len, 0, NULL);
	const char *kind = json_string_value(json_object_get(j, "struct_type"));
	const char *type = json_string_value(json_object_get(j, "type"));
	const char *id = json_string_value(json_object_get(j, "id"));
	const char *tree = json_string_value(json_object_get(j, "tree"));

	if (kind && id && !strcmp(kind, "snapshot") && !s->snapshot[0]) {
		(void)text_safe(str_of(id), s->snapshot, sizeof s->snapshot);
		(void)text_safe(str_of(tree ? tree : ""), s->tree, sizeof s->tree);
	} else if (kind && type && !strcmp(kind, "node") && !strcmp(type, "file"))
		take_file(s, j);
	json_decref(j);
	return s->error;
}

/* The reservoir has holes where critical files fell, and its order is that of the tree. */
static void pack(struct drill_sample *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->wanted; i++)
		if (s->files[i].path) {
			struct drill_file f = s->files[i];

			s->files[i] = (struct drill_file){};
			s->files[n++] = f;
		}
	for (size_t i = n; i > 1; i--) {
		size_t k = random_below(&s->random, i);
		struct drill_file f = s->files[i - 1];

		s->files[i - 1] = s->files[k];
		s->files[k] = f;
	}
	s->n_sample = n;
}

static void move_critical(struct drill_sample *s, size_t n)
{
	for (size_t i = n; i < s->n_sample; i++) {
		free(s->files[i].path);
		s->files[i] = (struct drill_file){};
	}
	for (size_t i = 0; i < s->n_critical; i++) {
		struct drill_file f = s->files[s->wanted + i];

		s->files[s->wanted + i] = (struct drill_file){};
		s->files[n + i] = f;
	}
	s->n_sample = n;
}

void drill_sample_finish(struct drill_sample *s, uint64_t bytes)
{
	uint64_t total = 0, words = 0;
	size_t n = 0;

	pack(s);
	for (size_t i = 0; i < s->n_critical; i++)
		words += 2 * strlen(s->files[s->wanted + i].path) + 16;
	/* A file that is too big by itself gives way to the ones behind it. */
	for (size_t i = 0; i < s->n_sample; i++) {
		struct drill_file f = s->files[i];
		uint64_t length = 2 * strlen(f.path) + 16;

		if (total + f.size > bytes || words + length > DRILL_ARGS_MAX)
			continue;
		total += f.size;
		words += length;
		s->files[i] = s->files[n];
		s->files[n++] = f;
	}
	move_critical(s, n);
}

uint64_t drill_sample_bytes(const struct drill_sample *s)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < s->n_sample + s->n_critical; i++)
		bytes += s->files[i].size;
	return bytes;
}

void drill_sample_release(struct drill_sample *s)
{
	for (size_t i = 0; s->files && i < (size_t)s->wanted + DRILL_CRITICAL_MAX; i++)
		free(s->files[i].path);
	free(s->files);
	*s = (struct drill_sample){};
}
