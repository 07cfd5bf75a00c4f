/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ssh_host_keys: Public host keys of sshd. */
#include "facts/linux/ssh_key.h"
#include "facts/linux/sshd_load.h"

#define FACT_ROW ssh_host_keys_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, path, "public key file") \
	X(TEXT, key_type, "type") \
	X(INT, bits, "length") \
	X(TEXT, fingerprint, "SHA256:…")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "ssh_host_keys",
	.doc = "Public host keys of sshd.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int emit(struct collect *c, const char *path)
{
	struct arena_mark mark = arena_mark(c->arena);
	struct ssh_key key;
	struct str text;
	int r = collect_read(c, path, &text, NULL);

	if (r <= 0)
		return r;
	r = ssh_key_parse(str_trim(text), c->arena, &key);
	if (r == -EINVAL) {
		collect_problem(c, EINVAL, path, "holds no public key");
		r = 0;
	} else if (r == 0) {
		struct FACT_ROW row = { .path = str_of(path),
					.key_type = key.type,
					.bits = key.bits,
					.fingerprint = str_of(key.fingerprint) };

		r = collect_row(c, &row);
	}
	arena_rewind(c->arena, mark);
	return r;
}

static bool listed(const char *const *list, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(list[i], path))
			return true;
	return false;
}

/* Those of the configuration, then what else has the usual name. */
static int find_paths(struct collect *c, const struct sshd *s, const char ***ret, size_t *ret_n)
{
	const char **list = NULL;
	size_t n = 0, cap = 0, n_keys, n_found;
	struct sshd_entry *keys;
	struct str *found;
	int r = sshd_result_entries(&s->global, SSHD_KW_HOSTKEY, c->arena, &keys, &n_keys);

	for (size_t i = 0; r >= 0 && i < n_keys; i++) {
		struct str path = arena_cat(c->arena, keys[i].value, STR(".pub"), STR(""));

		r = path.ptr ? arena_push(c->arena, list, n, cap, path.ptr) : -ENOMEM;
	}
	if (r < 0)
		return r;
	r = collect_glob(c, "/etc/ssh/ssh_host_*_key.pub", &found, &n_found);
	for (size_t i = 0; r == 1 && i < n_found; i++)
		if (!listed(list, n, found[i].ptr) &&
		    arena_push(c->arena, list, n, cap, found[i].ptr) < 0)
			return -ENOMEM;
	*ret = list;
	*ret_n = n;
	return MIN(r, 0);
}

static int collect(struct collect *c)
{
	struct sshd *s = arena_new(c->arena, struct sshd);
	const char **list;
	size_t n;
	int r = s ? sshd_load(c, s) : -ENOMEM;

	if (r >= 0)
		r = find_paths(c, s, &list, &n);
	for (size_t i = 0; r >= 0 && i < n; i++)
		r = emit(c, list[i]);
	return r == -ENOSPC ? 0 : r;
}

const struct collector collector_ssh_host_keys = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
