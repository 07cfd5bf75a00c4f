/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sensor/integrity_items.h"

#include <stdio.h>

#include "facts/linux/passwd_file.h"
#include "facts/linux/ssh_key.h"

struct numbered {
	struct fim_item item;
	size_t order; /* in the file */
};

struct items {
	struct arena *arena;
	struct numbered *list;
	size_t n, cap;
};

static int add(struct items *x, struct str key, struct str value)
{
	struct numbered one = {
		{str_sub(key, 0, FIM_ITEM_TEXT), str_sub(value, 0, FIM_ITEM_TEXT)},
                x->n
	};

	if (x->n >= FIM_ITEMS_MAX)
		return -E2BIG;
	if (!key.ptr || !value.ptr)
		return -ENOMEM;
	return arena_push(x->arena, x->list, x->n, x->cap, one);
}

enum fim_kind fim_kind_of(enum fim_class class, struct str path)
{
	struct str name = str_basename(path);

	if (class == FIM_ACCOUNTS)
		return str_eq(name, STR("passwd"))   ? FIM_KIND_PASSWD
		       : str_eq(name, STR("shadow")) ? FIM_KIND_SHADOW
		       : str_eq(name, STR("group"))  ? FIM_KIND_GROUP
						     : FIM_KIND_NONE;
	if (class == FIM_KEYS)
		return str_starts(name, STR("authorized_keys")) ||
				       str_contains(path, STR("authorized_keys"))
			       ? FIM_KIND_KEYS
			       : FIM_KIND_LINES;
	if (class == FIM_SSHD)
		return str_starts(name, STR("sshd_config")) || str_ends(name, STR(".conf"))
			       ? FIM_KIND_LINES
			       : FIM_KIND_NONE;
	switch (class) {
	case FIM_SUDO:
	case FIM_PAM:
	case FIM_CRON:
	case FIM_UNITS:
	case FIM_PRELOAD:
	case FIM_LOADER:
	case FIM_PROFILE:
	case FIM_MODULES:
	case FIM_NETWORK:
	case FIM_PACKAGES: return FIM_KIND_LINES;
	default: return FIM_KIND_NONE;
	}
}

static int read_passwd(struct items *x, struct str text)
{
	struct passwd_file f;
	int r = passwd_parse(text, x->arena, &f);

	for (size_t i = 0; r >= 0 && i < f.n; i++) {
		const struct passwd_entry *e = &f.entries[i];

		r = add(x, e->name,
			arena_fmt(x->arena, "%lld:%lld:%.*s:%.*s:%d", (long long)e->uid,
				  (long long)e->gid, STR_FMT(str_sub(e->home, 0, 300)),
				  STR_FMT(str_sub(e->shell, 0, 300)),
				  password_state(e->password) == PASSWORD_EMPTY));
	}
	return r;
}

/* Tells two hashes apart without keeping either. */
static struct str tag_of(const struct fim_base *b, struct str hash, struct arena *a)
{
	unsigned char seal[FIM_SEAL];

	if (fim_seal(b, (struct str){ (const char *)b->salt, sizeof b->salt }, hash, seal) < 0)
		return (struct str){};
	return arena_fmt(a, "%02x%02x%02x%02x%02x%02x%02x%02x", seal[0], seal[1], seal[2], seal[3],
			 seal[4], seal[5], seal[6], seal[7]);
}

static int read_shadow(struct items *x, struct str text, const struct fim_base *b)
{
	struct shadow_file f;
	int r = shadow_parse(text, x->arena, &f);

	for (size_t i = 0; r >= 0 && i < f.n; i++) {
		const struct shadow_entry *e = &f.entries[i];
		struct str tag = tag_of(b, e->hash, x->arena);

		if (!tag.ptr)
			return -ENOMEM;
		r = add(x, e->name,
			arena_fmt(x->arena, "%s:%.*s", password_state_name(password_state(e->hash)),
				  STR_FMT(tag)));
	}
	return r;
}

static int read_group(struct items *x, struct str text)
{
	struct group_file f;
	int r = group_parse(text, x->arena, &f);

	for (size_t i = 0; r >= 0 && i < f.n; i++) {
		const struct group_entry *e = &f.entries[i];
		struct str rest = e->members;

		r = add(x, e->name, arena_fmt(x->arena, "%lld", (long long)e->gid));
		while (r >= 0 && rest.len) {
			struct str member = str_trim(str_cut(&rest, ','));

			if (member.len)
				r = add(x, arena_cat(x->arena, e->name, STR(":"), member), STR(""));
		}
	}
	return r;
}

static int read_keys(struct items *x, struct str text)
{
	struct str line;
	int r = 0;

	while (r >= 0 && str_line(&text, &line, NULL)) {
		struct ssh_key key;
		int e;

		if (line.len > (64 << 10))
			continue;
		e = ssh_authorized_key(line, x->arena, &key);
		if (e == -ENOMEM)
			return e;
		if (e < 0)
			continue;
		/* Options and type cannot hold a line feed; a comment comes last. */
		r = add(x, arena_str(x->arena, str_of(key.fingerprint)),
			arena_fmt(x->arena, "%.*s\n%.*s\n%.*s", STR_FMT(str_sub(key.type, 0, 100)),
				  STR_FMT(str_sub(key.options, 0, 400)),
				  STR_FMT(str_sub(key.comment, 0, 200))));
	}
	return r;
}

static int read_lines(struct items *x, struct str text)
{
	struct str line;
	int r = 0;

	/* Programs and keys have no lines that anybody should see. */
	if (memchr(text.ptr ? text.ptr : "", 0, text.len) || str_contains(text, STR("PRIVATE KEY")))
		return 0;
	while (r >= 0 && str_line(&text, &line, NULL)) {
		line = str_trim(line);
		if (line.len && line.ptr[0] != '#')
			r = add(x, line, STR(""));
	}
	return r;
}

static int cmp_item(const void *x, const void *y)
{
	const struct numbered *a = x, *b = y;
	int c = str_cmp(a->item.key, b->item.key);

	return c ? c : (a->order > b->order) - (a->order < b->order);
}

static void put(char **to, struct str s)
{
	*(*to)++ = (char)(s.len & 255);
	*(*to)++ = (char)(s.len >> 8);
	if (s.len)
		memcpy(*to, s.ptr, s.len);
	*to += s.len;
}

static int encode(struct items *x, struct str *ret)
{
	size_t size = 0, n = 0;
	char *bytes, *to;

	if (x->n)
		qsort(x->list, x->n, sizeof *x->list, cmp_item);
	for (size_t i = 0; i < x->n; i++) {
		/* The first of like keys counts, as it does for getpwnam(3). */
		if (n && str_eq(x->list[n - 1].item.key, x->list[i].item.key))
			continue;
		x->list[n++] = x->list[i];
	}
	for (size_t i = 0; i < n; i++)
		size += 4 + x->list[i].item.key.len + x->list[i].item.value.len;
	to = bytes = arena_alloc(x->arena, size + 1);
	if (!bytes)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		put(&to, x->list[i].item.key);
		put(&to, x->list[i].item.value);
	}
	*ret = (struct str){ bytes, size };
	return 0;
}

int fim_items_read(enum fim_kind kind, struct str text, const struct fim_base *b, struct arena *a,
		   struct str *ret)
{
	struct items x = { .arena = a };
	int r = 0;

	switch (kind) {
	case FIM_KIND_NONE: break;
	case FIM_KIND_PASSWD: r = read_passwd(&x, text); break;
	case FIM_KIND_SHADOW: r = read_shadow(&x, text, b); break;
	case FIM_KIND_GROUP: r = read_group(&x, text); break;
	case FIM_KIND_KEYS: r = read_keys(&x, text); break;
	case FIM_KIND_LINES: r = read_lines(&x, text); break;
	}
	return r < 0 ? r : encode(&x, ret);
}

static bool take_text(struct str *bytes, struct str *ret)
{
	size_t n;

	if (bytes->len < 2)
		return false;
	n = (size_t)(unsigned char)bytes->ptr[0] | (size_t)(unsigned char)bytes->ptr[1] << 8;
	if (n > bytes->len - 2)
		return false;
	*ret = str_sub(*bytes, 2, 2 + n);
	*bytes = str_sub(*bytes, 2 + n, bytes->len);
	return true;
}

bool fim_items_next(struct str *bytes, struct fim_item *ret)
{
	return take_text(bytes, &ret->key) && take_text(bytes, &ret->value);
}
