/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sys/mman.h>

#include "detect/image.h"

#define ALIGN 8U
#define FORM_DEPTH 256U

static bool note_place(struct image *im, const void *pointer)
{
	size_t *more;

	if (im->n_places == im->cap_places) {
		im->cap_places = MAX(im->cap_places * 2, (size_t)4096);
		more = reallocarray(im->places, im->cap_places, sizeof *more);
		if (!more)
			return false;
		im->places = more;
	}
	im->places[im->n_places++] = (size_t)((const char *)pointer - im->base);
	return true;
}

bool image_ref(struct image *im, void *pointer, size_t n, size_t size)
{
	char *to = im->base + im->at;
	const void *from;
	size_t bytes;

	memcpy(&from, pointer, sizeof from);
	if (!from)
		return !n;
	if (__builtin_mul_overflow(n, size, &bytes) || bytes > im->size - im->at)
		return false;
	if (!im->load) {
		if (bytes)
			memcpy(to, from, bytes);
		if (!note_place(im, pointer))
			return false;
	}
	memcpy(pointer, &to, sizeof to);
	im->at += bytes;
	im->at += MIN(-bytes & (ALIGN - 1), im->size - im->at);
	return true;
}

bool image_flag(const bool *b)
{
	unsigned char c;

	memcpy(&c, b, sizeof c);
	return c <= 1;
}

bool image_names(struct image *im, uint16_t **list, size_t n)
{
	if (!IMAGE_LIST(im, *list, n))
		return false;
	for (size_t i = 0; i < n; i++)
		if ((*list)[i] >= im->head->n_names)
			return false;
	return true;
}

/* With a NUL behind it, as arena_str() makes them. */
bool image_text(struct image *im, struct str *s)
{
	size_t room;
	char *at;

	if (!s->ptr)
		return !s->len;
	if (__builtin_add_overflow(s->len, 1, &room) || room > im->size - im->at)
		return false;
	at = im->base + im->at;
	if (!im->load) {
		if (s->len)
			memcpy(at, s->ptr, s->len);
		if (!note_place(im, &s->ptr))
			return false;
	}
	at[s->len] = '\0';
	s->ptr = at;
	im->at += room;
	im->at += MIN(-room & (ALIGN - 1), im->size - im->at);
	return true;
}

static bool walk_glob(struct image *im, struct glob *g)
{
	if (!image_flag(&g->open_start) || !image_flag(&g->open_end) ||
	    !IMAGE_LIST(im, g->pieces, g->n))
		return false;
	for (size_t i = 0; i < g->n; i++) {
		struct pattern *p = g->pieces + i;

		if (!p->n || !IMAGE_LIST(im, p->text, p->n) || !IMAGE_LIST(im, p->special, p->n))
			return false;
	}
	return true;
}

/* What a test still asks of the atom that it was made from are its numbers. */
static bool walk_atom(struct image *im, struct test *t)
{
	struct atom *a;

	if (!t->atom || !IMAGE_LIST(im, t->atom, 1))
		return false;
	a = image_at(&t->atom);
	a->pattern = (struct pattern){};
	a->text = (struct str){};
	a->regex = NULL;
	return a->bits <= 128 && a->op <= COMPARE_EQ && a->part <= PART_YEAR &&
	       image_flag(&a->number.real);
}

static bool walk_test(struct image *im, struct test *t)
{
	if (t->kind > TEST_FIELD || t->field >= im->head->n_names ||
	    t->other >= im->head->n_names || !image_flag(&t->cased) || !image_flag(&t->ascii) ||
	    !image_text(im, &t->text) || !walk_glob(im, &t->glob))
		return false;
	if ((t->kind == TEST_REGEX) != (t->regex != NULL))
		return false;
	if (t->regex && !image_regex(im, &t->regex))
		return false;
	return t->kind < TEST_CIDR ? !t->atom : walk_atom(im, t);
}

static bool walk_predicate(struct image *im, struct predicate *p)
{
	if (p->n_lazy > p->n || !image_flag(&p->blind) || !IMAGE_LIST(im, p->tests, p->n))
		return false;
	for (uint32_t i = 0; i < p->n; i++)
		if (p->tests[i] >= im->head->rules.n_tests)
			return false;
	return true;
}

static bool walk_form(struct image *im, struct form *f, unsigned depth)
{
	int op;

	memcpy(&op, &f->op, sizeof op);
	if (op < FORM_PREDICATE || op > FORM_NOT || depth > FORM_DEPTH ||
	    f->predicate >= MAX(im->head->rules.n_predicates, 1U))
		return false;
	if ((op == FORM_PREDICATE && f->n) || (op == FORM_NOT && f->n != 1) ||
	    !IMAGE_LIST(im, f->list, f->n))
		return false;
	for (size_t i = 0; i < f->n; i++)
		if (!f->list[i] || !IMAGE_LIST(im, f->list[i], 1) ||
		    !walk_form(im, f->list[i], depth + 1))
			return false;
	return true;
}

static bool walk_program(struct image *im, struct program *p)
{
	return p->rule && image_reference(im, &p->rule) && p->entry < im->head->rules.n_jumps &&
	       p->form && IMAGE_LIST(im, p->form, 1) && walk_form(im, image_at(&p->form), 0);
}

/* Always to what was made before: a program ends. */
static bool check_jump(const struct rules *r, size_t at)
{
	const struct jump *j = r->jumps + at;

	return j->predicate < r->n_predicates && (j->yes < at || j->yes >= JUMP_NO) &&
	       (j->no < at || j->no >= JUMP_NO);
}

static bool walk_rules(struct image *im, struct rules *r)
{
	bool good = IMAGE_LIST(im, r->list, r->n) && IMAGE_LIST(im, r->tests, r->n_tests) &&
		    IMAGE_LIST(im, r->predicates, r->n_predicates) &&
		    IMAGE_LIST(im, r->programs, r->n_programs) &&
		    IMAGE_LIST(im, r->jumps, r->n_jumps) &&
		    IMAGE_LIST(im, r->buckets, r->n_buckets) && r->wanted && r->n_fields &&
		    r->n_fields <= (size_t)UINT16_MAX + 1 &&
		    IMAGE_LIST(im, r->wanted, r->n_fields) && r->list;

	im->programs = good ? calloc(r->n_programs + 1, 1) : NULL;
	good = good && im->programs;
	for (size_t i = 0; good && i < r->n; i++)
		good = r->list[i].index == i && image_rule(im, r->list + i);
	for (size_t i = 0; good && i < r->n_tests; i++)
		good = walk_test(im, r->tests + i);
	for (size_t i = 0; good && i < r->n_predicates; i++)
		good = walk_predicate(im, r->predicates + i);
	for (size_t i = 0; good && i < r->n_programs; i++)
		good = walk_program(im, r->programs + i);
	for (size_t i = 0; good && i < r->n_jumps; i++)
		good = check_jump(r, i);
	for (size_t i = 0; good && i < r->n_buckets; i++)
		good = image_bucket(im, r->buckets + i);
	for (size_t i = 0; good && i < r->n_fields; i++)
		good = image_flag(r->wanted + i);
	free(im->programs);
	if (!good)
		return false;
	r->arena = (struct arena){};
	r->cap_tests = r->n_tests;
	r->cap_predicates = r->n_predicates;
	r->cap_programs = r->n_programs;
	r->cap_jumps = r->n_jumps;
	r->cap_buckets = r->n_buckets;
	return true;
}

static bool walk_reports(struct image *im, size_t n_texts)
{
	struct image_head *h = im->head;

	if (!IMAGE_LIST(im, h->reports, h->n_reports) || !IMAGE_LIST(im, h->names, h->n_names))
		return false;
	for (size_t i = 0; i < h->n_reports; i++)
		if (h->reports[i].text >= n_texts || h->reports[i].rule > h->rules.n ||
		    !image_text(im, &h->reports[i].reason))
			return false;
	for (size_t i = 0; i < h->n_names; i++)
		if (!image_text(im, h->names + i))
			return false;
	return h->n_names <= UINT16_MAX && h->rules.windows < h->n_names;
}

static bool walk(struct image *im, const struct image_head *head, size_t n_texts)
{
	const struct image_head *at = head;

	if (!image_ref(im, &at, 1, sizeof *at))
		return false;
	/* That was a variable, no place of the image. */
	im->n_places = 0;
	im->head = image_at(&at);
	return walk_reports(im, n_texts) && walk_rules(im, &im->head->rules);
}

int image_make(const struct image_head *head, char **ret, size_t *ret_n)
{
	struct image im = { .size = IMAGE_MAX, .rules_from = head->rules.list };
	bool good;

	/* Only what is used of it takes memory. */
	im.base = mmap(NULL, IMAGE_MAX, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (im.base == MAP_FAILED)
		return -errno;
	good = walk(&im, head, SIZE_MAX);
	for (size_t i = 0; good && i < im.n_places; i++)
		image_set_number(im.base + im.places[i], 1);
	free(im.places);
	if (!good) {
		munmap(im.base, IMAGE_MAX);
		return -EINVAL;
	}
	*ret = im.base;
	*ret_n = im.at;
	return 0;
}

int image_load(char *bytes, size_t n, size_t n_texts, struct image_head **ret)
{
	struct image im = { .base = bytes, .size = n, .load = true };

	if ((uintptr_t)bytes % ALIGN || n < sizeof(struct image_head))
		return -EINVAL;
	if (!walk(&im, (const struct image_head *)(const void *)bytes, n_texts) || im.at != n)
		return -EINVAL;
	*ret = im.head;
	return 0;
}
