/* SPDX-License-Identifier: GPL-3.0-or-later */
/* iptables_reader: what the parts of iptables_read() share. */
#ifndef HF_NET_IPTABLES_READER_H
#define HF_NET_IPTABLES_READER_H

#include "base/map.h"
#include "net/iptables.h"
#include "net/match.h"
#include "net/words.h"

#define IPTABLES_WORDS_MAX 512
#define IPTABLES_MODULES_MAX 32

struct iptables_line {
	struct str text; /* behind the name of the chain */
	struct str whole, file;
	unsigned line;
	bool does; /* changes packets or tracking for rules behind it */
};

struct iptables_chain {
	size_t index; /* in the filter */
	struct iptables_line *lines;
	size_t n, cap;
	struct str table;
	bool accepts; /* or does what is not known: it or a chain that it leads to */
};

struct iptables_reader {
	struct filter *f;
	struct arena *a;
	struct arena keep, scratch;
	struct diag *d;
	bool v6;
	struct matcher m;
	struct map names; /* "table chain" -> index in chains */
	struct iptables_chain *chains;
	size_t n, cap;
	struct match_edge *edges;
	size_t n_edges, cap_edges;
	struct match_place *places; /* of the filter's chains */
	bool mangles, translates, untracks;
	bool dry;
	struct match_facts found;
	size_t n_rules, n_inserts;
	struct iptables_recent *recents;
	size_t n_recents, cap_recents;
	struct match_facts given, *facts;
	size_t mark; /* psets_mark() */
};

struct iptables_word {
	struct str text;
	bool quoted;
};

/* What --set of a list of "recent" may have put into it. */
struct iptables_recent {
	struct str name;
	pset added;
};

enum recent_test { RECENT_NONE, RECENT_SET, RECENT_CHECK };

struct iptables_rule {
	struct iptables_reader *r;
	const struct iptables_chain *chain;
	struct iptables_word *words;
	size_t n, at;
	bool invert;
	bool in_target;
	struct str modules[IPTABLES_MODULES_MAX];
	size_t n_modules;
	struct match now;
	struct str unknown;
	struct str target, to;
	bool is_goto, has_target, notrack;
	enum recent_test recent;
	bool recent_invert;
	struct str recent_list;
	uint64_t recent_hits;
	struct filter_rule out;
};

/* Cut into words, quotes and backslashes resolved; -E2BIG. Memory of r->scratch. */
[[nodiscard]] int iptables_words(struct iptables_reader *r, struct str text,
				 struct iptables_word **ret, size_t *ret_n);
/* All of a rule's words: its match and target. */
[[nodiscard]] int iptables_options(struct iptables_rule *x);
/* Its target, which ends it: adds it to the filter. */
[[nodiscard]] int iptables_target(struct iptables_rule *x);
ssize_t iptables_chain_find(struct iptables_reader *r, struct str table, struct str name);
/* What the name of a target does to packets behind it. */
void iptables_target_does(struct iptables_reader *r, struct str target, bool *ret_does);
/* May a packet that meets this target get through by it? */
bool iptables_target_accepts(struct str target);

/* Handlers of options: their arguments are the words from x->at on. */
typedef int iptables_option_fn(struct iptables_rule *x, const struct iptables_word *args);
struct iptables_option {
	struct str name, short_name;
	struct str module; /* "": with every module */
	size_t n_args;
	iptables_option_fn *run;
};
const struct iptables_option *iptables_option_find(const struct iptables_rule *x, struct str name);
iptables_option_fn iptables_on_above, iptables_on_below, iptables_on_conn_above,
	iptables_on_conn_upto, iptables_on_ct_dport, iptables_on_ct_dst, iptables_on_ct_proto,
	iptables_on_ct_sport, iptables_on_ct_src, iptables_on_destination, iptables_on_direction,
	iptables_on_dport, iptables_on_dst_range, iptables_on_dst_type, iptables_on_fragment,
	iptables_on_icmp, iptables_on_in, iptables_on_mark, iptables_on_out,
	iptables_on_packet_type, iptables_on_policy, iptables_on_ports, iptables_on_protocol,
	iptables_on_recent, iptables_on_source, iptables_on_sport, iptables_on_src_range,
	iptables_on_src_type, iptables_on_state, iptables_on_status, iptables_on_syn,
	iptables_on_tcp_flags;

void iptables_narrow(struct iptables_rule *x, struct match match, struct str name);
/* As iptables_narrow(), or its opposite within the domain where "!" stands before the option. */
void iptables_narrow_in(struct iptables_rule *x, struct match domain, struct match match,
			struct str name);
[[nodiscard]] int iptables_on_rpfilter(struct iptables_rule *x);

/* Helpers of the handlers. */
static inline struct str iptables_cut(struct str *list) { return str_trim(str_cut(list, ',')); }
[[nodiscard]] int iptables_unknown(struct iptables_rule *x, struct str name);
bool iptables_number(struct str text, uint64_t max, uint64_t *ret);
/* "10.0.0.0/8", "10.0.0.0/255.0.255.0" (any mask), "2001:db8::/ffff::" */
bool iptables_masked(const struct iptables_rule *x, struct str text, struct operand *o,
		     net_addr *ret);
struct match iptables_match_masked(struct iptables_rule *x, const struct operand *masked,
				   net_addr value);
/* "22", "ssh", "1024:", ":1023" */
bool iptables_port(struct str text, struct net_range *ret);

#endif
