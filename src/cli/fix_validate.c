/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs look at the planned files before they count. */
#include "action/validate.h"
#include "cli/fix.h"

static int look(const struct fix *x, struct fix_action *f, struct diag *d)
{
	return fix_is_possible(f) && f->plan.validate ? validate_plan(&x->root, &f->plan, d) : 0;
}

/* One after the other, so that one that is refused takes none of the others with it. */
static int one_by_one(struct fix *x)
{
	root_over_rewind(&x->over, 0);
	for (size_t i = 0; i < x->n; i++) {
		struct fix_action *f = &x->list[i];
		const char *cannot = f->plan.cannot;
		size_t mark = x->over.n;
		struct diag d = {};
		char text[600];

		/* Who was left out for another reason stays so. */
		if (cannot)
			continue;
		if (fix_plan_one(x, f) < 0)
			return -ENOMEM;
		if (look(x, f, &d) >= 0)
			continue;
		f->plan.cannot = arena_cstr(&x->arena, str_of(diag_text(&d, text, sizeof text)));
		root_over_rewind(&x->over, mark);
	}
	return 0;
}

int fix_validate(struct fix *x)
{
	unsigned asked = 0;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < x->n; i++) {
		struct diag d = {};
		bool all = !(~asked & x->list[i].plan.validate & VALIDATE_SSHD) && asked;

		/* The whole configuration of sshd is looked at once. */
		if (all && x->list[i].plan.validate == VALIDATE_SSHD)
			continue;
		r = look(x, &x->list[i], &d);
		if (fix_is_possible(&x->list[i]))
			asked |= x->list[i].plan.validate;
	}
	if (r < 0)
		r = one_by_one(x);
	if (r < 0)
		cli_error("out of memory");
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}
