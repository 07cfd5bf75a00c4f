/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sensor/integrity_table.h"

#include <limits.h>
#include <sys/random.h>

#include "base/map.h"

struct fim_record fim_tombstone;

static uint64_t hash_of(const struct fim_table *t, struct str path)
{
	return siphash13(t->seed, path.ptr, path.len);
}

struct fim_record *fim_table_find(const struct fim_table *t, struct str path)
{
	uint64_t hash = hash_of(t, path);

	for (size_t i = hash & (t->cap - 1); t->cap && t->slots[i]; i = (i + 1) & (t->cap - 1)) {
		struct fim_record *r = t->slots[i];

		if (r != &fim_tombstone && r->hash == hash && str_eq(fim_record_path(r), path))
			return r;
	}
	return NULL;
}

static void insert(struct fim_record **slots, size_t cap, struct fim_record *r)
{
	size_t i = r->hash & (cap - 1);

	while (slots[i])
		i = (i + 1) & (cap - 1);
	slots[i] = r;
}

static int grow(struct fim_table *t)
{
	size_t cap = 64;
	struct fim_record **slots;

	while (cap < t->n * 2 + 2)
		cap *= 2;
	slots = calloc(cap, sizeof *slots);
	if (!slots)
		return -ENOMEM;
	fim_table_each(t, r) insert(slots, cap, r);
	free(t->slots);
	t->slots = slots;
	t->cap = cap;
	t->used = t->n;
	return 0;
}

int fim_table_add(struct fim_table *t, struct str path, enum fim_class class,
		  struct fim_record **ret)
{
	struct fim_record *r;

	if (path.len > PATH_MAX)
		return -ENAMETOOLONG;
	if (!t->cap && getrandom(t->seed, sizeof t->seed, 0) != sizeof t->seed)
		return -EIO;
	r = fim_table_find(t, path);
	if (r) {
		*ret = r;
		return 0;
	}
	if (t->used * 4 >= t->cap * 3 && grow(t) < 0)
		return -ENOMEM;
	r = alloc_fault && alloc_fault() ? NULL : calloc(1, sizeof *r + path.len + 1);
	if (!r)
		return -ENOMEM;
	memcpy(r->path, path.ptr, path.len);
	r->n_path = (uint16_t)path.len;
	r->hash = hash_of(t, path);
	r->class = (uint8_t) class;
	insert(t->slots, t->cap, r);
	t->n++;
	t->used++;
	*ret = r;
	return 0;
}

static void record_free(struct fim_record *r)
{
	fim_record_accept(r);
	free(r->items);
	free(r);
}

void fim_table_present(struct fim_table *t, struct fim_record *r, bool present)
{
	t->present += (size_t)present - (size_t)r->present;
	r->present = present;
}

void fim_table_remove(struct fim_table *t, struct fim_record *r)
{
	size_t i = r->hash & (t->cap - 1);

	while (t->slots[i] != r)
		i = (i + 1) & (t->cap - 1);
	fim_table_present(t, r, false);
	t->slots[i] = &fim_tombstone;
	t->n--;
	record_free(r);
}

void fim_table_release(struct fim_table *t)
{
	fim_table_each(t, r) record_free(r);
	free(t->slots);
	*t = (struct fim_table){};
}

static int cmp_path(const void *x, const void *y)
{
	const struct fim_record *const *a = x, *const *b = y;

	return str_cmp(fim_record_path(*a), fim_record_path(*b));
}

int fim_table_sorted(const struct fim_table *t, struct fim_record ***ret)
{
	struct fim_record **list = calloc(t->n + 1, sizeof *list);
	size_t n = 0;

	if (!list)
		return -ENOMEM;
	fim_table_each(t, r) list[n++] = r;
	qsort(list, n, sizeof *list, cmp_path);
	*ret = list;
	return 0;
}

static int copy_items(struct str items, char **to, uint32_t *n)
{
	char *copy = NULL;

	if (items.len) {
		copy = malloc(items.len);
		if (!copy)
			return -ENOMEM;
		memcpy(copy, items.ptr, items.len);
	}
	free(*to);
	*to = copy;
	*n = (uint32_t)items.len;
	return 0;
}

int fim_record_set_items(struct fim_record *r, struct str items)
{
	return copy_items(items, &r->items, &r->n_items);
}

int fim_record_keep_as(struct fim_record *r, const struct fim_state *state, bool present,
		       struct str items)
{
	struct fim_accepted *a = calloc(1, sizeof *a);

	if (!a || copy_items(items, &a->items, &a->n_items) < 0) {
		free(a);
		return -ENOMEM;
	}
	a->state = *state;
	a->present = present;
	fim_record_accept(r);
	r->accepted = a;
	return 0;
}

int fim_record_keep(struct fim_record *r)
{
	const struct str items = { r->items, r->n_items };

	return r->accepted ? 0 : fim_record_keep_as(r, &r->state, r->present, items);
}

void fim_record_accept(struct fim_record *r)
{
	if (r->accepted)
		free(r->accepted->items);
	free(r->accepted);
	r->accepted = NULL;
}

void fim_record_undo(struct fim_table *t, struct fim_record *r)
{
	struct fim_accepted *a = r->accepted;

	if (!a)
		return;
	free(r->items);
	r->items = a->items;
	r->n_items = a->n_items;
	a->items = NULL;
	r->state = a->state;
	fim_table_present(t, r, a->present);
	fim_record_accept(r);
}
