/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Right sides of comparisons: numbers, names, ranges, prefixes, and sets of them. */
#include "net/nft_reader.h"

#define ROWS_MAX ((size_t)1 << 16)
#define RUNS_MAX ((size_t)1 << 16) /* of rows that differ in more than one part */

static int parse_number(struct str text, net_addr *ret)
{
	bool hex = str_istarts(text, STR("0x"));
	uint64_t value;
	int r = str_to_u64(str_sub(text, hex ? 2 : 0, text.len), hex ? 16 : 10, &value);

	if (r < 0)
		return -EINVAL;
	*ret = value;
	return 0;
}

static int parse_word(const struct nft_left *left, struct str text, net_addr *ret)
{
	uint64_t value;

	if (left->form == FORM_ADDR4 || left->form == FORM_ADDR6) {
		net_addr at;

		if (net_addr_parse(text, &at) < 0 || net_is_v4(at) != (left->form == FORM_ADDR4))
			return -EINVAL;
		*ret = left->form == FORM_ADDR4 ? at - NET_V4_FIRST : at;
		return 0;
	}
	if (left->has_words && words_find(left->words, text, &value)) {
		*ret = value;
		return 0;
	}
	return parse_number(text, ret);
}

static int parse_scalar(const struct nft_left *left, const json_t *value, net_addr *ret)
{
	if (json_is_string(value))
		return parse_word(left, nft_json_str(value), ret);
	if (json_is_boolean(value)) {
		*ret = json_is_true(value);
		return left->o.bits == 1 ? 0 : -EINVAL;
	}
	if (!json_is_integer(value) || json_integer_value(value) < 0 || left->form == FORM_ADDR4 ||
	    left->form == FORM_ADDR6)
		return -EINVAL;
	*ret = (net_addr)json_integer_value(value);
	return 0;
}

/* {"addr": …, "len": …}; numbers have prefixes, too. */
static int parse_prefix(const struct nft_left *left, const json_t *x, struct net_range *ret)
{
	const json_t *len = json_object_get(x, "len");
	unsigned bits = left->o.bits, host;
	net_addr first, mask;

	if (!json_is_integer(len) || json_integer_value(len) < 0 || json_integer_value(len) > bits)
		return -EINVAL;
	if (parse_scalar(left, json_object_get(x, "addr"), &first) < 0)
		return -EINVAL;
	host = bits - (unsigned)json_integer_value(len);
	mask = host >= 128 ? NET_ADDR_MAX : ((net_addr)1 << host) - 1;
	*ret = (struct net_range){ first & ~mask, first | mask };
	return 0;
}

int nft_value(const struct nft_left *left, const json_t *value, struct net_range *ret)
{
	const json_t *x = NULL;
	struct str kind = str_of(nft_kind(value, &x));
	struct net_range range;

	if (left->kind != LEFT_NUMBER)
		return -EINVAL;
	if (str_eq(kind, STR("prefix")))
		return parse_prefix(left, x, ret);
	if (str_eq(kind, STR("range"))) {
		if (json_array_size(x) != 2 ||
		    parse_scalar(left, json_array_get(x, 0), &range.first) < 0 ||
		    parse_scalar(left, json_array_get(x, 1), &range.last) < 0 ||
		    range.first > range.last)
			return -EINVAL;
		*ret = range;
		return 0;
	}
	if (parse_scalar(left, value, &range.first) < 0)
		return -EINVAL;
	*ret = (struct net_range){ range.first, range.first };
	return 0;
}

/* "new", ["new", "related"], {"|": ["syn", "ack"]} */
int nft_value_bits(const struct nft_left *left, const json_t *value, unsigned depth, uint64_t *ret)
{
	const json_t *x = NULL;
	struct str kind = str_of(nft_kind(value, &x));
	uint64_t bits = 0;
	net_addr one;

	if (depth > NFT_DEPTH_MAX)
		return -EINVAL;
	if (str_eq(kind, STR("|")))
		value = x;
	if (!json_is_array(value)) {
		if (parse_scalar(left, value, &one) < 0 || one > UINT64_MAX)
			return -EINVAL;
		*ret = (uint64_t)one;
		return 0;
	}
	for (size_t i = 0; i < json_array_size(value); i++) {
		uint64_t more;
		int r = nft_value_bits(left, json_array_get(value, i), depth + 1, &more);

		if (r < 0)
			return r;
		bits |= more;
	}
	*ret = bits;
	return 0;
}

static int one_interface(struct nft_reader *r, const struct nft_left *left, const json_t *value,
			 struct match *ret)
{
	struct str name = nft_json_str(value);
	bool wildcard = str_ends(name, STR("*"));

	*ret = MATCH_UNKNOWN;
	if (!name.len)
		return 0;
	/* "\*" is the character itself, nft(8) */
	if (str_ends(name, STR("\\*")))
		return 0;
	if (wildcard)
		name.len--;
	return match_interface(&r->m, left->field, name, wildcard, ret);
}

/* One part of a concatenation as a set of its own. */
static int one_part(struct nft_reader *r, const struct nft_left *part, const json_t *value,
		    struct match *ret)
{
	struct net_range range;

	if (part->kind == LEFT_INTERFACE)
		return one_interface(r, part, value, ret);
	if (nft_value(part, value, &range) < 0)
		*ret = (struct match){ PSET_NONE, part->o.domain.may };
	else
		*ret = match_in(&r->m, &part->o, &(struct numbers){ .list = &range, .n = 1 });
	return 0;
}

static int add_concat(struct nft_reader *r, const struct nft_left *left, const json_t *value,
		      struct nft_elements *to)
{
	const json_t *list = json_object_get(value, "concat");
	struct match all = MATCH_ALL;
	struct nft_row row = {};
	bool plain = true;

	if (json_array_size(list) != left->n_parts || to->n_rows >= ROWS_MAX) {
		to->unknown = true;
		return 0;
	}
	for (size_t i = 0; i < left->n_parts; i++)
		plain = plain &&
			nft_value(&left->parts[i], json_array_get(list, i), &row.part[i]) >= 0;
	if (plain)
		return arena_push(&r->scratch, to->rows, to->n_rows, to->cap_rows, row);
	for (size_t i = 0; i < left->n_parts; i++) {
		struct match one;
		int e = one_part(r, &left->parts[i], json_array_get(list, i), &one);

		if (e < 0)
			return e;
		all = match_and(&r->m, all, one);
	}
	to->extra = match_or(&r->m, to->extra, all);
	return 0;
}

int nft_elements_add(struct nft_reader *r, const struct nft_left *left, const json_t *element,
		     struct nft_elements *to)
{
	const json_t *inner = json_object_get(element, "elem");
	struct net_range range;
	struct match one;

	if (inner)
		element = json_object_get(inner, "val");
	if (str_eq(nft_json_str(element), STR("*"))) {
		to->all = true;
		return 0;
	}
	if (left->kind == LEFT_CONCAT)
		return add_concat(r, left, element, to);
	if (left->kind == LEFT_INTERFACE) {
		int e = one_interface(r, left, element, &one);

		to->extra = e < 0 ? to->extra : match_or(&r->m, to->extra, one);
		return e;
	}
	if (nft_value(left, element, &range) >= 0)
		return numbers_add(&to->numbers, &r->scratch, range.first, range.last);
	/* {"|": ["syn", "ack"]} as an element */
	{
		uint64_t bits;

		if (nft_value_bits(left, element, 0, &bits) >= 0)
			return numbers_add(&to->numbers, &r->scratch, bits, bits);
	}
	to->unknown = true;
	return 0;
}

struct order {
	size_t n, free;
};

static int compare_rows(const void *x, const void *y, void *order)
{
	const struct nft_row *a = x, *b = y;
	const struct order *o = order;

	for (size_t i = 0; i < o->n; i++) {
		const struct net_range *p = &a->part[i], *q = &b->part[i];

		if (i == o->free)
			continue;
		if (p->first != q->first)
			return p->first < q->first ? -1 : 1;
		if (p->last != q->last)
			return p->last < q->last ? -1 : 1;
	}
	return 0;
}

/* Rows that differ in their addresses alone are one set of addresses. */
static int match_run(struct nft_reader *r, const struct nft_left *left, const struct order *o,
		     const struct nft_row *rows, size_t n, struct match *ret)
{
	struct arena_mark mark = arena_mark(&r->scratch);
	struct numbers free = {};
	struct match x;
	int e = 0;

	for (size_t i = 0; e >= 0 && i < n; i++)
		e = numbers_add(&free, &r->scratch, rows[i].part[o->free].first,
				rows[i].part[o->free].last);
	if (e < 0)
		return e;
	numbers_sort(&free);
	x = match_in(&r->m, &left->parts[o->free].o, &free);
	arena_rewind(&r->scratch, mark);
	for (size_t i = 0; i < o->n; i++) {
		struct net_range range = rows[0].part[i];

		if (i != o->free)
			x = match_and(&r->m, x,
				      match_in(&r->m, &left->parts[i].o,
					       &(struct numbers){ .list = &range, .n = 1 }));
	}
	*ret = x;
	return 0;
}

/* In pairs, so that no set is walked as often as there are elements. */
static struct match join(struct nft_reader *r, struct match *list, size_t n)
{
	for (size_t step = 1; step < n; step *= 2)
		for (size_t i = 0; i + step < n; i += 2 * step)
			list[i] = match_or(&r->m, list[i], list[i + step]);
	return n ? list[0] : MATCH_NONE;
}

static int match_rows(struct nft_reader *r, const struct nft_left *left, struct nft_elements *from,
		      struct match *ret)
{
	struct order order = { .n = left->n_parts };
	struct match *runs = NULL;
	size_t n = 0, cap = 0;

	for (size_t i = 0; i < left->n_parts; i++)
		if (left->parts[i].o.kind == OPERAND_ADDR)
			order.free = i;
	qsort_r(from->rows, from->n_rows, sizeof *from->rows, compare_rows, &order);
	for (size_t i = 0, end; i < from->n_rows; i = end) {
		struct match run;
		int e;

		for (end = i + 1; end < from->n_rows; end++)
			if (compare_rows(&from->rows[i], &from->rows[end], &order))
				break;
		e = match_run(r, left, &order, &from->rows[i], end - i, &run);
		if (e >= 0 && n < RUNS_MAX)
			e = arena_push(&r->scratch, runs, n, cap, run);
		else
			from->unknown = true;
		if (e < 0)
			return e;
	}
	*ret = join(r, runs, n);
	return 0;
}

int nft_elements_match(struct nft_reader *r, const struct nft_left *left, struct nft_elements *from,
		       struct match *ret)
{
	struct match x = MATCH_NONE;
	int e = 0;

	if (left->kind == LEFT_CONCAT) {
		e = from->n_rows ? match_rows(r, left, from, &x) : 0;
	} else if (left->kind == LEFT_NUMBER) {
		numbers_sort(&from->numbers);
		x = match_in(&r->m, &left->o, &from->numbers);
	}
	if (e < 0)
		return e;
	x = match_or(&r->m, x, from->extra);
	if (from->all)
		x.must = x.may = PSET_ALL;
	if (from->unknown || left->bits_only)
		x = (struct match){ left->bits_only ? PSET_NONE : x.must, PSET_ALL };
	*ret = match_and(&r->m, x, left->o.domain);
	return 0;
}
