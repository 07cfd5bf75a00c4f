/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Real rule sets against what a machine-proved analysis says of them: bounds of what new
 * connections may do, and which sources reach a service. See the README of that corpus.
 */
#include "base/file.h"
#include "net/iptables.h"
#include "tap.h"

#define CORPUS "../shared/corpora/iptables/"

struct state {
	struct arena arena;
	struct psets *sets;
	struct filter filter;
	pset domain;
};

static void state_release(struct state *s)
{
	psets_release(&s->sets);
	arena_release(&s->arena);
}

static int corpus_text(struct state *s, const char *name, struct str *ret)
{
	struct str path = arena_fmt(&s->arena, CORPUS "%s", name);

	return path.ptr ? file_read(path.ptr, 16 << 20, &s->arena, ret) : -ENOMEM;
}

/* The proofs are about the table filter alone. */
static struct str filter_table(struct str text)
{
	const char *from = memmem(text.ptr, text.len, "*filter", 7), *end;

	if (!from)
		return STR("");
	end = memmem(from, text.len - (size_t)(from - text.ptr), "COMMIT", 6);
	return (struct str){ from, end ? (size_t)(end + 6 - from) : 0 };
}

/*
 * What the proofs speak of: IPv4, the loopback interface has 127.0.0.0/8 and nothing else has it,
 * and ICMP is one thing. Of ICMP, Linux calls new what is a request (nf_conntrack_proto_icmp.c).
 */
static pset domain(struct psets *p)
{
	struct net_range loopback = { net_v4(0x7f00'0000), net_v4(0x7fff'ffff) };
	pset lo = pset_field_range(p, PF_IIF, 1, 1);
	pset from_lo = pset_addr_range(p, PF_SRC, loopback);
	pset both = pset_or(p, pset_and(p, lo, from_lo), pset_minus(p, pset_not(p, lo), from_lo));
	pset icmp = pset_field_range(p, PF_PROTO, 1, 1);
	pset ping = pset_field_range(p, PF_DPORT, 0x800, 0x800);

	both = pset_and(p, both, pset_field_range(p, PF_FAMILY, 0, 0));
	return pset_minus(p, both, pset_minus(p, icmp, ping));
}

/* Packets come by that interface exactly if they are from these addresses. */
static void assign(struct state *s, struct str interface, pset sources)
{
	struct psets *p = s->sets;
	pset by;

	for (size_t i = 1; i < s->filter.n_interfaces; i++) {
		if (!str_eq(s->filter.interfaces[i], interface))
			continue;
		by = pset_field_range(p, PF_IIF, (unsigned)i, (unsigned)i);
		by = pset_or(p, pset_and(p, by, sources), pset_not(p, pset_or(p, by, sources)));
		s->domain = pset_and(p, s->domain, by);
	}
}

static pset prefix_source(struct psets *p, const char *text)
{
	struct net_range ranges[2] = {};
	size_t n;

	return net_prefix_parse(str_of(text), ranges, &n) < 0
		       ? PSET_NONE
		       : pset_addr_range(p, PF_SRC, ranges[0]);
}

/*
 * "eth0=192.168.0.0/24 eth1=public": the assignments that some proofs were given, as their rules
 * show, which have sources where ours have interfaces. "vlans": eth0.N has 192.168.N.0/24.
 */
static void assign_all(struct state *s, const char *text)
{
	static const char *const not_routed[] = { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
						  "127.0.0.0/8" };
	struct str rest = str_of(text), word, last = STR("");

	while ((word = str_word(&rest)).ptr) {
		struct str name = str_cut(&word, '=');
		pset routed = PSET_ALL;

		for (size_t i = 0; i < COUNT(not_routed); i++)
			routed = pset_minus(s->sets, routed, prefix_source(s->sets, not_routed[i]));
		if (str_eq(word, STR("public")))
			assign(s, name, routed);
		else if (word.ptr)
			assign(s, name, prefix_source(s->sets, arena_cstr(&s->arena, word)));
		last = name;
	}
	for (unsigned i = 0; str_eq(last, STR("vlans")) && i < 256; i++) {
		char vlan[16], prefix[32];

		snprintf(vlan, sizeof vlan, "eth0.%u", i);
		snprintf(prefix, sizeof prefix, "192.168.%u.0/24", i);
		assign(s, str_of(vlan), prefix_source(s->sets, prefix));
	}
}

static int load(struct state *s, struct str text)
{
	struct iptables_text one = { .text = text, .file = STR("") };
	int r = psets_new(0, &s->sets);

	if (r >= 0)
		r = filter_init(&s->filter, s->sets, &s->arena);
	if (r >= 0)
		r = iptables_read(&one, 1, false, NULL, &s->filter, NULL);
	if (r >= 0)
		s->domain = domain(s->sets);
	return r;
}

/* "spt:22", "dpts:67:68" */
static pset list_ports(struct psets *p, struct str word)
{
	enum pset_field field = word.len && word.ptr[0] == 's' ? PF_SPORT : PF_DPORT;
	struct str name = str_cut(&word, ':'), first = str_cut(&word, ':');
	int64_t from = 0, to = 0;

	if (!name.len || str_to_int64(first, &from) < 0)
		return PSET_ALL;
	if (!word.ptr || str_to_int64(word, &to) < 0)
		to = from;
	return pset_field_range(p, field, (unsigned)from, (unsigned)to);
}

static pset list_address(struct psets *p, enum pset_field field, struct str text)
{
	struct net_range ranges[2];
	size_t n = 0;

	if (net_prefix_parse(text, ranges, &n) < 0 || n != 1) {
		printf("# %.*s is no prefix\n", STR_FMT(text));
		return PSET_NONE;
	}
	return pset_addr_range(p, field, ranges[0]);
}

static pset list_protocol(struct psets *p, struct str name)
{
	unsigned number = str_eq(name, STR("tcp")) ? 6 : str_eq(name, STR("udp")) ? 17 : 1;

	return str_eq(name, STR("all")) ? PSET_ALL : pset_field_range(p, PF_PROTO, number, number);
}

/* What a chain of `iptables -L -n` accepts, first match. */
static pset list_accepts(struct psets *p, struct str text, struct str chain, size_t *ret_rules)
{
	pset left = PSET_ALL, accepts = PSET_NONE;
	struct str line;
	bool in_chain = false;

	*ret_rules = 0;
	while (str_line(&text, &line, NULL)) {
		struct str target = str_word(&line), protocol = str_word(&line), word;
		pset rule;

		if (str_eq(target, STR("Chain")))
			in_chain = str_eq(protocol, chain);
		if (!in_chain || (!str_eq(target, STR("ACCEPT")) && !str_eq(target, STR("DROP"))))
			continue;
		str_word(&line);
		rule = list_protocol(p, protocol);
		rule = pset_and(p, rule, list_address(p, PF_SRC, str_word(&line)));
		rule = pset_and(p, rule, list_address(p, PF_DST, str_word(&line)));
		while ((word = str_word(&line)).ptr)
			rule = pset_and(p, rule, list_ports(p, word));
		if (str_eq(target, STR("ACCEPT")))
			accepts = pset_or(p, accepts, pset_and(p, left, rule));
		left = pset_minus(p, left, rule);
		++*ret_rules;
	}
	/* the policies of these lists are ACCEPT */
	return pset_or(p, accepts, left);
}

static void show(const struct state *s, const char *what, pset set)
{
	struct packet k;
	char text[2][48];

	if (!pset_example(s->sets, set, &k))
		return;
	snprintf(text[0], sizeof text[0], "%08x", (unsigned)(k.src - NET_V4_FIRST));
	snprintf(text[1], sizeof text[1], "%08x", (unsigned)(k.dst - NET_V4_FIRST));
	printf("# %s: interface %u, protocol %u, %s:%u -> %s:%u\n", what, k.iif, k.proto, text[0],
	       k.sport, text[1], k.dport);
}

static const struct {
	const char *rules, *lower, *upper, *chain, *interfaces;
} bounds[] = {
#define BOUNDS(dir, file, base, name, chain, ...)                                             \
	{                                                                                     \
		dir "/" file, dir "/" base "." name ".lower", dir "/" base "." name ".upper", \
			chain, "" __VA_ARGS__                                                 \
	}
	BOUNDS("config_home_user", "typical_home_user_iptables-save", "typical_home_user", "Ln.FWD",
	       "FORWARD", "eth1=public vlans"),
	BOUNDS("config_memphis_testbed", "iptables-save", "iptables", "Ln.FWD", "FORWARD"),
	BOUNDS("config_random_srv", "iptables-save", "iptables", "INP.Ln", "INPUT"),
	BOUNDS("configs_sqrl_shorewall", "2014_sep_iptables-saveakachan",
	       "2014_sep_iptables-saveakachan", "Ln.FWD", "FORWARD"),
	BOUNDS("configs_sqrl_shorewall", "2015_aug_iptables-save-spoofing-protection",
	       "2015_aug_iptables-save-spoofing-protection", "Ln.FWD", "FORWARD"),
	BOUNDS("configs_sqrl_shorewall", "2015_aug_iptables-save-spoofing-protection",
	       "2015_aug_iptables-save-spoofing-protection", "Ln.INP", "INPUT"),
	BOUNDS("configs_srvs_ufw", "server2-iptables-save", "server2-iptables-save", "Ln.INP",
	       "INPUT"),
	BOUNDS("configs_synology_diskstation_ds414", "iptables-save_jun_2015_legacyifacerules",
	       "iptables-save_jun_2015_legacyifacerules", "Ln.INP", "INPUT"),
	BOUNDS("docker_topos", "iptables-save.topos4.1", "iptables-save", "Ln.FWD", "FORWARD"),
	BOUNDS("linux.gda.pl", "firewallp.txt", "firewallp.txt", "Ln.FWD", "FORWARD"),
	BOUNDS("openvpn.eu", "iptables-save", "iptables-save", "Ln.FWD", "FORWARD",
	       "eth0=192.168.0.0/24 eth1=192.168.2.0/24"),
	BOUNDS("openwrt.org", "iptables-save-AA.txt_fixed_newline",
	       "iptables-save-AA.txt_fixed_newline", "Ln.FWD", "FORWARD"),
	BOUNDS("pastebin.com_bbWXHaTn", "iptables-save", "iptables-save", "Ln.FWD", "FORWARD"),
	BOUNDS("rlworkman.net", "iptables-save", "iptables-save", "Ln.INP", "INPUT",
	       "eth0=192.168.13.0/24"),
	BOUNDS("sargon", "iptables-save.txt", "iptables-save.txt", "Ln.INP", "INPUT"),
};

static void test_bounds(size_t at)
{
	own(state_release) struct state s = { .arena.limit = (size_t)256 << 20 };
	struct str chain = str_of(bounds[at].chain), text, lower, upper;
	struct filter_result result = {};
	pset at_least, at_most, must, may;
	enum filter_hook hook = str_eq(chain, STR("INPUT")) ? HOOK_INPUT : HOOK_FORWARD;
	size_t n;
	char name[256];

	snprintf(name, sizeof name, "%s, %s", bounds[at].rules, bounds[at].chain);
	if (corpus_text(&s, bounds[at].rules, &text) < 0 ||
	    corpus_text(&s, bounds[at].lower, &lower) < 0 ||
	    corpus_text(&s, bounds[at].upper, &upper) < 0) {
		ok(false, name);
		return;
	}
	if (!is_int(load(&s, filter_table(text)), 0, name) ||
	    !is_str(s.filter.unknown, STR(""), "the text is understood"))
		return;
	assign_all(&s, bounds[at].interfaces);
	if (!is_int(filter_run(&s.filter, hook, s.domain, &result), 0, "it is evaluated"))
		return;
	at_least = pset_and(s.sets, list_accepts(s.sets, lower, chain, &n), s.domain);
	ok(n, "there is a lower bound");
	at_most = pset_and(s.sets, list_accepts(s.sets, upper, chain, &n), s.domain);
	ok(n, "there is an upper bound");
	must = pset_minus(s.sets, s.domain, result.drop_may);
	may = result.accept_may;
	if (!ok(pset_minus(s.sets, at_least, must) == PSET_NONE, "what passes for certain"))
		show(&s, "proved to pass", pset_minus(s.sets, at_least, must));
	if (!ok(pset_minus(s.sets, may, at_most) == PSET_NONE, "what passes perhaps"))
		show(&s, "proved not to pass", pset_minus(s.sets, may, at_most));
	if (at_least == at_most)
		ok(must == may && must == at_least, "proved exactly, and exact");
	ok(!psets_error(s.sets), "no set was too large");
}

/* Every file is understood as a whole; what is unknown in it is no more than is said here. */
static const struct {
	const char *name;
	size_t unknown;
} parsed[] = {
	{"config_home_user/typical_home_user_iptables-save",                   34},
	{ "config_memphis_testbed/iptables-save",                              0 },
	{ "configs_sqrl_shorewall/2014_sep_iptables-saveakachan",              0 },
	{ "configs_sqrl_shorewall/2015_aug_iptables-save-spoofing-protection", 0 },
	{ "configs_srvs_ufw/server2-iptables-save",                            0 },
	{ "golden/input_data_iptables-save",                                   2 },
	{ "linux.gda.pl/firewallp.txt",					10},
	{ "openwrt.org/iptables-save-AA.txt_fixed_newline",                    0 },
	{ "pastebin.com_bbWXHaTn/iptables-save",                               0 },
	{ "sargon/iptables-save.txt",					  0 },
	{ "worst_case/iptables-save",					  0 },
};

static void test_parsed(size_t at)
{
	own(state_release) struct state s = { .arena.limit = (size_t)256 << 20 };
	size_t unknown = 0, rules = 0;
	struct str text, line, rest;

	if (!is_int(corpus_text(&s, parsed[at].name, &text), 0, parsed[at].name) ||
	    !is_int(load(&s, text), 0, parsed[at].name))
		return;
	rest = text;
	while (str_line(&rest, &line, NULL))
		rules += str_starts(line, STR("-A "));
	is_str(s.filter.unknown, STR(""), "as a whole");
	is_int((int64_t)s.filter.n_rules, (int64_t)rules, "no rule is lost");
	for (size_t c = 0; c < s.filter.n; c++)
		for (size_t i = 0; i < s.filter.chains[c].n; i++) {
			const struct filter_rule *r = &s.filter.chains[c].rules[i];

			if (!r->unknown.len)
				continue;
			printf("# %.*s: %.*s: %.*s\n", STR_FMT(r->id), STR_FMT(r->unknown),
			       STR_FMT(r->text));
			unknown++;
		}
	is_int((int64_t)unknown, (int64_t)parsed[at].unknown, "rules that are not understood");
}

/* "{0.0.0.0 .. 126.255.255.255} u {128.0.0.0 .. 255.255.255.255}" */
static pset matrix_class(struct psets *p, struct str text)
{
	pset set = PSET_NONE;

	while (str_cut(&text, '{').ptr && text.ptr) {
		struct str range = str_cut(&text, '}');
		struct str first = str_word(&range), dots = str_word(&range);
		struct net_range r;

		if (net_addr_parse(first, &r.first) < 0)
			continue;
		r.last = r.first;
		if (dots.ptr && net_addr_parse(str_word(&range), &r.last) < 0)
			continue;
		set = pset_or(p, set, pset_addr_range(p, PF_SRC, r));
	}
	return set;
}

/*
 * "=========== TCP port 10000->22 =========", classes of addresses a, b …, then pairs (from, to).
 * Sources that reach every class; returns the number of matrices.
 */
static size_t test_matrix(struct state *s, struct str text, pset may)
{
	static const char head[] = "=========== TCP port 10000->";
	pset classes[26] = {}, reach = PSET_NONE, ours;
	struct psets *p = s->sets;
	size_t n = 0, n_classes = 0;
	int64_t port = 0;
	struct str line;

	for (bool more = true; more;) {
		more = str_line(&text, &line, NULL);
		if (!more || str_starts(line, str_of(head))) {
			char name[64];

			snprintf(name, sizeof name, "sources that reach port %" PRId64, port);
			ours = pset_and(p, may, pset_field_range(p, PF_PROTO, 6, 6));
			ours = pset_and(p, ours, pset_field_range(p, PF_SPORT, 10000, 10000));
			ours = pset_and(
				p, ours,
				pset_field_range(p, PF_DPORT, (unsigned)port, (unsigned)port));
			ours = pset_exists(p, ours, ~(1U << PF_SRC) & ((1U << PF_N) - 1));
			reach = pset_exists(p, reach, ~(1U << PF_SRC) & ((1U << PF_N) - 1));
			if (n++ && !ok(ours == reach, name)) {
				show(s, "proved to reach", pset_minus(p, reach, ours));
				show(s, "proved not to reach", pset_minus(p, ours, reach));
			}
			line = str_sub(line, sizeof head - 1, line.len);
			if (more && str_to_int64(str_word(&line), &port) < 0)
				port = 0;
			reach = PSET_NONE;
			n_classes = 0;
		} else if (line.len > 2 && line.ptr[1] == ' ' && str_contains(line, STR("|->"))) {
			if (line.ptr[0] >= 'a' && line.ptr[0] <= 'z')
				classes[n_classes++ % 26] = matrix_class(p, line);
		} else if (line.len == 5 && line.ptr[0] == '(' && line.ptr[1] >= 'a') {
			reach = pset_or(p, reach, classes[(line.ptr[1] - 'a') % 26]);
		}
	}
	return n - 1;
}

static const struct {
	const char *rules, *analysis;
	enum filter_hook hook;
	size_t matrices;
} golden[] = {
	{"golden/input_Synology_Diskstation_DS414_iptables-save_jun_2015_cleanup",
         "golden/synology_iptables-save_jun_2015_cleanup", HOOK_INPUT, 3},
};

static void test_golden(size_t at)
{
	own(state_release) struct state s = { .arena.limit = (size_t)256 << 20 };
	struct filter_result result = {};
	struct str text, analysis;

	if (!is_int(corpus_text(&s, golden[at].rules, &text), 0, golden[at].rules) ||
	    !is_int(corpus_text(&s, golden[at].analysis, &analysis), 0, golden[at].analysis) ||
	    !is_int(load(&s, filter_table(text)), 0, "the text is understood") ||
	    !is_int(filter_run(&s.filter, golden[at].hook, s.domain, &result), 0, "evaluated"))
		return;
	ok(pset_and(s.sets, result.accept_may, result.drop_may) == PSET_NONE, "exactly");
	is_int((int64_t)test_matrix(&s, analysis, result.accept_may), (int64_t)golden[at].matrices,
	       "service matrices");
}

int main(void)
{
	if (access(CORPUS, R_OK)) {
		skip("the corpus of iptables", "not here");
		return done();
	}
	for (size_t i = 0; i < COUNT(bounds); i++)
		test_bounds(i);
	for (size_t i = 0; i < COUNT(parsed); i++)
		test_parsed(i);
	for (size_t i = 0; i < COUNT(golden); i++)
		test_golden(i);
	return done();
}
