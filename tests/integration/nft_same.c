/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nft_same JSON TEXT: is what nft_text_read() makes of a file of nft(8) what nft_read() makes of
 * `nft -j list ruleset`? Prints the rules that differ; exits with 1 where a
 * verdict is another one, with 3 where less is known of the text, with
 * 4 where more is.
 */
#include <stdio.h>

#include "base/file.h"
#include "net/nft_text.h"

#define FILE_MAX ((size_t)64 << 20)

struct side {
	struct filter filter;
	struct filter_reach reach;
};

static int start(struct side *s, struct psets *sets, struct arena *a)
{
	static const char *const names[] = { "wan1", "tun0" };
	uint8_t number;
	int r = filter_init(&s->filter, sets, a);

	for (size_t i = 0; r >= 0 && i < COUNT(names); i++)
		r = filter_interface(&s->filter, str_of(names[i]), &number);
	return r;
}

static int include(void *user, struct str pattern, [[maybe_unused]] struct str from,
		   struct nft_text_file **ret, size_t *ret_n)
{
	struct arena *a = user;
	struct nft_text_file *file = arena_new(a, struct nft_text_file);
	const char *path = arena_cstr(a, pattern);

	if (!file || !path)
		return -ENOMEM;
	file->path = str_of(path);
	*ret = file;
	*ret_n = 1;
	return file_read(path, FILE_MAX, a, &file->text);
}

static int read_text(struct side *s, const char *path, struct arena *a, struct diag *d)
{
	struct nft_text in = { .file.path = str_of(path), .include = include, .user = a };
	int r = file_read(path, FILE_MAX, a, &in.file.text);

	return r < 0 ? r : nft_text_read(&in, NULL, &s->filter, d);
}

static void show_rule(const char *which, const struct filter_rule *x)
{
	printf("%s: %.*s: %.*s [%u]%s%.*s\n", which, STR_FMT(x->id), STR_FMT(x->text), x->verdict,
	       x->unknown.len ? " unknown: " : "", STR_FMT(x->unknown));
}

static void show_chain(const struct filter_chain *json, const struct filter_chain *text)
{
	if (json->base != text->base || json->hook != text->hook ||
	    json->priority != text->priority || json->policy != text->policy || json->n != text->n)
		printf("%.*s %.*s: base %d/%d hook %u/%u priority %ld/%ld policy %u/%u rules "
		       "%zu/%zu\n",
		       STR_FMT(json->table), STR_FMT(json->name), json->base, text->base,
		       json->hook, text->hook, (long)json->priority, (long)text->priority,
		       json->policy, text->policy, json->n, text->n);
	for (size_t i = 0; i < json->n && i < text->n; i++) {
		const struct filter_rule *x = &json->rules[i], *y = &text->rules[i];

		if (x->must == y->must && x->may == y->may && x->verdict == y->verdict &&
		    !x->unknown.len == !y->unknown.len && x->to_port == y->to_port &&
		    x->n_to == y->n_to && x->to.first == y->to.first && x->to.last == y->to.last)
			continue;
		show_rule("json", x);
		show_rule("text", y);
	}
}

static void show(const struct side *json, const struct side *text)
{
	for (size_t i = 0; i < json->filter.n; i++) {
		const struct filter_chain *c = &json->filter.chains[i];
		ssize_t at = filter_chain_find(&text->filter, c->family, c->table, c->name);

		if (at < 0)
			printf("text: no chain %.*s %.*s\n", STR_FMT(c->table), STR_FMT(c->name));
		else
			show_chain(c, &text->filter.chains[at]);
	}
	if (json->filter.unknown.len || text->filter.unknown.len)
		printf("json: '%.*s' text: '%.*s'\n", STR_FMT(json->filter.unknown),
		       STR_FMT(text->filter.unknown));
}

/* Does x leave open what y knows, and say nothing else? */
static bool is_within(struct psets *s, const struct filter_reach *x, const struct filter_reach *y)
{
	return pset_minus(s, x->must, y->must) == PSET_NONE &&
	       pset_minus(s, y->may, x->may) == PSET_NONE;
}

int main(int argc, char **argv)
{
	own(arena_release) struct arena a = { .limit = (size_t)1 << 30 };
	own(psets_release) struct psets *sets = NULL;
	struct side json = {}, text = {};
	struct diag d = {};
	struct str listed;
	int r;

	if (argc != 3)
		return 2;
	r = file_read(argv[1], FILE_MAX, &a, &listed);
	if (r >= 0)
		r = psets_new(0, &sets);
	if (r >= 0)
		r = start(&json, sets, &a);
	if (r >= 0)
		r = nft_read(listed, NULL, &json.filter, &d);
	if (r >= 0)
		r = start(&text, sets, &a);
	if (r >= 0)
		r = read_text(&text, argv[2], &a, &d);
	if (r >= 0)
		r = filter_reach(&json.filter, &(struct net_ranges){}, PSET_ALL, &json.reach);
	if (r >= 0)
		r = filter_reach(&text.filter, &(struct net_ranges){}, PSET_ALL, &text.reach);
	if (r < 0) {
		fprintf(stderr, "%s %s\n", strerror(-r), d.reason);
		return 2;
	}
	show(&json, &text);
	if (json.reach.must == text.reach.must && json.reach.may == text.reach.may)
		return 0;
	if (is_within(sets, &text.reach, &json.reach))
		return 3;
	return is_within(sets, &json.reach, &text.reach) ? 4 : 1;
}
