/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>

#include "secrets/pike_work.h"

#define SLOTS (2 * PIKE_GROUPS)

struct thread {
	uint32_t step;
	uint32_t slots[SLOTS];
};
struct threads {
	struct thread *list;
	uint32_t n;
};

struct run {
	const struct pike *p;
	struct str text;
	struct pike_budget *budget;
	uint32_t *mark; /* of a step: the place at which it was entered, plus 1 */
	struct {
		uint32_t step, slot, old; /* step == UINT32_MAX: puts the slot back */
	} * stack;
	uint32_t slots[SLOTS];
};

static bool is_word(struct str s, size_t at)
{
	return at < s.len && (isalnum((unsigned char)s.ptr[at]) || s.ptr[at] == '_');
}

static bool holds(const struct run *r, uint8_t op, size_t at)
{
	bool border = is_word(r->text, at) != (at && is_word(r->text, at - 1));

	switch (op) {
	case PIKE_START: return !at;
	case PIKE_END: return at == r->text.len;
	case PIKE_LINE_START: return !at || r->text.ptr[at - 1] == '\n';
	case PIKE_LINE_END: return at == r->text.len || r->text.ptr[at] == '\n';
	case PIKE_BORDER: return border;
	default: return !border;
	}
}

/* Follows what takes no byte, the more liked way first. Each step is entered once a place. */
static void enter(struct run *r, struct threads *to, uint32_t step, size_t at)
{
	size_t n = 0;

	r->stack[n++].step = step;
	while (n) {
		const struct pike_step *s;

		step = r->stack[--n].step;
		if (step == UINT32_MAX) {
			r->slots[r->stack[n].slot] = r->stack[n].old;
			continue;
		}
		if (r->mark[step] == at + 1)
			continue;
		r->mark[step] = (uint32_t)at + 1;
		r->budget->steps -= r->budget->steps > 0;
		s = &r->p->steps[step];
		switch (s->op) {
		case PIKE_SPLIT:
			r->stack[n++].step = s->y;
			r->stack[n++].step = s->x;
			break;
		case PIKE_JUMP: r->stack[n++].step = s->x; break;
		case PIKE_SAVE:
			if (s->x < SLOTS) {
				r->stack[n].step = UINT32_MAX;
				r->stack[n].slot = s->x;
				r->stack[n++].old = r->slots[s->x];
				r->slots[s->x] = (uint32_t)at;
			}
			r->stack[n++].step = step + 1;
			break;
		case PIKE_SET:
		case PIKE_MATCH: {
			struct thread *t = &to->list[to->n++];

			t->step = step;
			memcpy(t->slots, r->slots, sizeof t->slots);
			break;
		}
		default:
			if (holds(r, s->op, at))
				r->stack[n++].step = step + 1;
			break;
		}
	}
}

/* One byte further; true where a thread has matched: those liked less are dropped. */
static bool advance(struct run *r, const struct threads *now, struct threads *next, size_t at,
		    uint32_t *ret_slots)
{
	for (uint32_t i = 0; i < now->n; i++) {
		const struct thread *t = &now->list[i];
		const struct pike_step *s = &r->p->steps[t->step];

		r->budget->steps -= r->budget->steps > 0;
		if (s->op == PIKE_MATCH) {
			memcpy(ret_slots, t->slots, sizeof t->slots);
			return true;
		}
		if (at < r->text.len &&
		    byte_set_has(&r->p->sets[s->x], (unsigned char)r->text.ptr[at])) {
			memcpy(r->slots, t->slots, sizeof r->slots);
			enter(r, next, t->step + 1, at + 1);
		}
	}
	return false;
}

static int search(struct run *r, struct threads now, struct threads next, size_t from,
		  uint32_t *ret_slots)
{
	bool matched = false;

	for (size_t at = from; at <= r->text.len && r->budget->steps; at++) {
		struct threads swap;

		if (!matched) {
			memset(r->slots, 0xff, sizeof r->slots);
			enter(r, &now, 0, at);
		}
		if (!now.n && matched)
			break;
		next.n = 0;
		matched |= advance(r, &now, &next, at, ret_slots);
		swap = now;
		now = next;
		next = swap;
	}
	return matched;
}

int pike_find(const struct pike *p, struct str text, size_t from, struct arena *scratch,
	      struct pike_budget *budget, struct pike_match *ret)
{
	struct arena_mark mark = arena_mark(scratch);
	struct run r = { .p = p, .text = text, .budget = budget };
	struct threads now = { .list = arena_array(scratch, p->n + 1, sizeof *now.list) };
	struct threads next = { .list = arena_array(scratch, p->n + 1, sizeof *next.list) };
	uint32_t slots[SLOTS];
	int found = -ENOMEM;

	r.mark = arena_array(scratch, p->n + 1, sizeof *r.mark);
	/* Every step is entered once and leaves at most two entries behind. */
	r.stack = arena_array(scratch, 3 * (size_t)p->n + 4, sizeof *r.stack);
	if (now.list && next.list && r.mark && r.stack)
		found = search(&r, now, next, from, slots);
	for (size_t i = 0; found == 1 && i < PIKE_GROUPS; i++) {
		bool whole = slots[2 * i] != UINT32_MAX && slots[2 * i + 1] != UINT32_MAX;

		ret->group[i].from = whole ? slots[2 * i] : UINT32_MAX;
		ret->group[i].to = whole ? slots[2 * i + 1] : UINT32_MAX;
	}
	arena_rewind(scratch, mark);
	return found;
}
