/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/wanted.h"

struct texts {
	struct str *list;
	size_t n, cap;
};

static int add(struct arena *a, struct texts *t, struct str text)
{
	/* A text that another one is part of finds nothing more. */
	for (size_t i = 0; i < t->n; i++)
		if (str_eq(t->list[i], text))
			return 0;
	return arena_push(a, t->list, t->n, t->cap, text);
}

static uint16_t name_of(const struct names *names, const char *s)
{
	return s ? names_find(names, str_of(s)) : 0;
}

static size_t constants_of(const struct message_form *f, const struct names *names,
			   struct rule_constant ret[static COUNT(f->constants)])
{
	size_t n = 0;

	for (size_t i = 0; i < COUNT(f->constants) && f->constants[i].field; i++) {
		ret[n].field = name_of(names, f->constants[i].field);
		ret[n].value = str_of(f->constants[i].value);
		n += ret[n].field != 0;
	}
	return n;
}

/* What must stand in a line of this form for some rule of one log source to match. */
static int add_source(const struct rules *r, const struct names *names,
		      const struct message_form *f, const struct log_source *source,
		      struct arena *a, struct texts *t, bool *ret_all)
{
	struct rule_constant constants[COUNT(f->constants)];
	size_t n = constants_of(f, names, constants), n_texts = 0;
	struct str *texts = NULL;
	bool all = false;
	int e = rules_literals(r, source, constants, n, a, &texts, &n_texts, &all);

	if (e < 0 || (!n_texts && !all))
		return e;
	/* The form's own words are the surer sign. */
	if (f->literal[0])
		return add(a, t, str_of(f->literal));
	*ret_all |= all;
	for (size_t i = 0; e >= 0 && !all && i < n_texts; i++)
		e = add(a, t, texts[i]);
	return e;
}

static int add_form(const struct rules *r, const struct names *names, const struct message_form *f,
		    struct arena *a, struct texts *t, bool *ret_all)
{
	struct log_source source = { name_of(names, f->product), name_of(names, f->service),
				     name_of(names, f->category) };
	int e = add_source(r, names, f, &source, a, t, ret_all);

	for (size_t i = 0; e >= 0 && i < COUNT(f->also) && f->also[i]; i++) {
		source.service = name_of(names, f->also[i]);
		if (source.service)
			e = add_source(r, names, f, &source, a, t, ret_all);
	}
	return e;
}

int wanted_lines(const struct rules *r, const struct names *names, struct arena *a,
		 struct reader_filter **ret)
{
	struct reader_filter *filters = arena_array(a, n_decoders, sizeof *filters);
	int e = filters ? 0 : -ENOMEM;

	for (size_t d = 0; e >= 0 && d < n_decoders; d++) {
		struct texts t = {};
		bool all = false;

		for (size_t s = 0; e >= 0 && s < decoders[d]->n_sets; s++)
			for (size_t i = 0; e >= 0 && i < decoders[d]->sets[s]->n; i++)
				e = add_form(r, names, &decoders[d]->sets[s]->forms[i], a, &t,
					     &all);
		filters[d] = (struct reader_filter){ .all = all || !decoders[d]->n_sets,
						     .texts = t.list,
						     .n = t.n };
	}
	if (e >= 0)
		*ret = filters;
	return e;
}
