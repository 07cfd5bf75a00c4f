/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/scratch.h"

#define BLOCK_LEAST ((size_t)64 << 10)

struct scratch_block {
	struct scratch_block *next;
	size_t cap;
	char data[];
};

static struct scratch_block *add_block(struct scratch *s, size_t n)
{
	size_t cap = MAX(n, s->current ? s->current->cap * 2 : BLOCK_LEAST);
	struct scratch_block *b;

	if ((alloc_fault && alloc_fault()) || cap > SIZE_MAX / 2 || !(b = malloc(sizeof *b + cap)))
		return NULL;
	b->cap = cap;
	b->next = NULL;
	if (s->current) {
		b->next = s->current->next;
		s->current->next = b;
	} else {
		s->first = b;
	}
	return b;
}

char *scratch_take(struct scratch *s, size_t n)
{
	while (!s->current || n > s->current->cap - s->used) {
		struct scratch_block *next = s->current ? s->current->next : s->first;

		if (!next)
			next = add_block(s, n);
		if (!next)
			return NULL;
		s->current = next;
		s->used = 0;
	}
	s->used += n;
	return s->current->data + s->used - n;
}

void scratch_trim(struct scratch *s, const char *p, size_t used)
{
	s->used = (size_t)(p - s->current->data) + used;
}

void scratch_reset(struct scratch *s)
{
	s->current = s->first;
	s->used = 0;
}

void scratch_release(struct scratch *s)
{
	while (s->first) {
		struct scratch_block *next = s->first->next;

		free(s->first);
		s->first = next;
	}
	*s = (struct scratch){};
}
