/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "action/remedy.h"

#define REMEDY(name) extern const struct remedy remedy_##name;
#include "action/remedies.def"
#undef REMEDY

const struct remedy *const remedies[] = {
#define REMEDY(name) &remedy_##name,
#include "action/remedies.def"
#undef REMEDY
};
const size_t n_remedies = COUNT(remedies);

const struct remedy *remedy_find(struct str kind)
{
	for (size_t i = 0; i < n_remedies; i++)
		if (str_eq(kind, str_of(remedies[i]->kind)))
			return remedies[i];
	return NULL;
}

int remedy_parse(struct str action, struct arena *a, const struct remedy **ret_kind,
		 struct str **ret_args, size_t *ret_n)
{
	const struct remedy *kind = remedy_find(str_word(&action));
	struct str *args = arena_array(a, REMEDY_ARGS_MAX, sizeof *args), word;
	size_t n = 0;

	if (!args)
		return -ENOMEM;
	if (!kind)
		return -EINVAL;
	while ((word = str_quoted_word(&action)).ptr) {
		if (n == REMEDY_ARGS_MAX)
			return -EINVAL;
		word = arena_str(a, word);
		if (!word.ptr)
			return -ENOMEM;
		args[n++] = word;
	}
	*ret_kind = kind;
	*ret_args = args;
	*ret_n = n;
	return 0;
}

/* The third field of the line whose first one is `name`. */
static int number_of(const struct remedy_input *in, const char *file, struct str name,
		     uint32_t *ret)
{
	struct str text, line;
	uint64_t n;
	int r;

	if (str_to_u64(name, 10, &n) >= 0 && n < UINT32_MAX) {
		*ret = (uint32_t)n;
		return 0;
	}
	r = root_read(in->root, file, 0, in->arena, &text, NULL);
	while (r >= 0 && str_line(&text, &line, NULL)) {
		if (!str_eq(str_cut(&line, ':'), name))
			continue;
		(void)str_cut(&line, ':');
		if (str_to_u64(str_cut(&line, ':'), 10, &n) < 0 || n >= UINT32_MAX)
			return -EINVAL;
		*ret = (uint32_t)n;
		return 0;
	}
	return r < 0 ? r : -ENOENT;
}

int remedy_uid(const struct remedy_input *in, struct str name, uint32_t *ret)
{
	return number_of(in, "/etc/passwd", name, ret);
}

int remedy_gid(const struct remedy_input *in, struct str name, uint32_t *ret)
{
	return number_of(in, "/etc/group", name, ret);
}
