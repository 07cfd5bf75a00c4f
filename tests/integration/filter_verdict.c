/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a rule set decides over packets: filter_verdict nft|nft-text|iptables|ip6tables FILE
 * [INTERFACE...], packets on standard input, a line each: INTERFACE PROTOCOL SPORT DPORT SRC DST.
 * Prints accept, drop or unknown for each, and where the rule set as a whole is unknown, why. With
 * REPAIR=PORT in the environment: the commands that close this TCP port but for 10.0.0.0/8; with
 * SHOW_RULES: what each rule was taken for.
 */
#include <stdio.h>

#include "base/file.h"
#include "net/iptables.h"
#include "net/nft_text.h"
#include "net/repair.h"

#define FILE_MAX ((size_t)64 << 20)

static int include(void *user, struct str pattern, [[maybe_unused]] struct str from,
		   struct nft_text_file **ret, size_t *ret_n)
{
	struct filter *f = user;
	struct nft_text_file *file = arena_new(f->arena, struct nft_text_file);
	const char *path = arena_cstr(f->arena, pattern);

	if (!file || !path)
		return -ENOMEM;
	file->path = str_of(path);
	*ret = file;
	*ret_n = 1;
	return file_read(path, FILE_MAX, f->arena, &file->text);
}

static int read_set(const char *kind, struct str text, struct filter *f, struct diag *d)
{
	struct iptables_text one = { .text = text, .file = STR("") };
	struct nft_text nft = {
		.file = {STR("rules"), text},
                  .include = include, .user = f
	};

	if (!strcmp(kind, "nft-text"))
		return nft_text_read(&nft, NULL, f, d);
	if (!strcmp(kind, "nft"))
		return nft_read(text, NULL, f, d);
	if (!strcmp(kind, "iptables"))
		return iptables_read(&one, 1, false, NULL, f, d);
	if (!strcmp(kind, "ip6tables"))
		return iptables_read(&one, 1, true, NULL, f, d);
	return -EINVAL;
}

static int parse_packet(struct filter *f, struct str line, struct packet *ret)
{
	struct packet p = {};
	int64_t numbers[3];
	int r = filter_interface(f, str_word(&line), &p.iif);

	for (size_t i = 0; r >= 0 && i < COUNT(numbers); i++)
		r = str_to_int64(str_word(&line), &numbers[i]);
	if (r >= 0)
		r = net_addr_parse(str_word(&line), &p.src);
	if (r >= 0)
		r = net_addr_parse(str_word(&line), &p.dst);
	if (r < 0)
		return r;
	p.proto = (uint8_t)numbers[0];
	p.sport = (uint16_t)numbers[1];
	p.dport = (uint16_t)numbers[2];
	p.v6 = !net_is_v4(p.src);
	*ret = p;
	return 0;
}

static int judge(struct filter *f)
{
	struct filter_reach reach = {};
	char line[512];
	int r = filter_reach(f, &(struct net_ranges){}, PSET_ALL, &reach);

	if (f->unknown.len)
		fprintf(stderr, "%.*s\n", STR_FMT(f->unknown));
	while (r >= 0 && fgets(line, sizeof line, stdin)) {
		struct packet p;

		r = parse_packet(f, str_trim(str_of(line)), &p);
		if (r >= 0)
			puts(pset_has(f->sets, reach.must, &p)  ? "accept"
			     : pset_has(f->sets, reach.may, &p) ? "unknown"
								: "drop");
	}
	return r;
}

static int print_repair(struct filter *f, struct str text)
{
	struct net_range ten = { net_v4(0x0a00'0000), net_v4(0x0aff'ffff) };
	struct net_ranges keep = { .list = &ten, .n = 1 };
	struct repair_query q = { .proto = 6, .keep = &keep };
	struct repair repair;
	int64_t port;
	int r = str_to_int64(text, &port);

	if (r < 0)
		return r;
	q.first = q.last = (uint16_t)port;
	r = filter_repair(f, &q, f->arena, &repair);
	if (r >= 0)
		printf("%.*s", STR_FMT(repair.commands));
	return r == -ENOENT || r == -ENOTSUP ? 0 : r;
}

static void show_rules(const struct filter *f)
{
	for (size_t c = 0; c < f->n; c++)
		for (size_t i = 0; i < f->chains[c].n; i++) {
			const struct filter_rule *x = &f->chains[c].rules[i];

			fprintf(stderr, "%.*s: %.*s [%u] %s%.*s\n", STR_FMT(x->id),
				STR_FMT(x->text), x->verdict, x->unknown.len ? "unknown: " : "",
				STR_FMT(x->unknown));
		}
}

int main(int argc, char **argv)
{
	own(arena_release) struct arena a = { .limit = (size_t)1 << 30 };
	own(psets_release) struct psets *sets = NULL;
	struct filter f = {};
	struct diag d = {};
	struct str text;
	const char *port;
	uint8_t number;
	int r;

	if (argc < 3)
		return 2;
	r = file_read(argv[2], FILE_MAX, &a, &text);
	if (r >= 0)
		r = psets_new(0, &sets);
	if (r >= 0)
		r = filter_init(&f, sets, &a);
	for (int i = 3; r >= 0 && i < argc; i++)
		r = filter_interface(&f, str_of(argv[i]), &number);
	if (r >= 0)
		r = read_set(argv[1], text, &f, &d);
	if (r >= 0 && getenv("SHOW_RULES"))
		show_rules(&f);
	port = getenv("REPAIR");
	if (r >= 0 && port)
		r = print_repair(&f, str_of(port));
	else if (r >= 0)
		r = judge(&f);
	if (r < 0)
		fprintf(stderr, "%s\n", strerror(-r));
	return r < 0;
}
