/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/firewall.h"

static const struct {
	struct str table;
	int64_t priority;
} tables[] = {
	{STR("raw"),       -300},
        { STR("mangle"),   -150},
        { STR("nat"),      -100},
	{ STR("filter"),   0   },
        { STR("security"), 50  },
};
static const struct {
	struct str chain, hook;
} chains[] = {
	{STR("INPUT"),        STR("input")      },
	{ STR("OUTPUT"),      STR("output")     },
	{ STR("FORWARD"),     STR("forward")    },
	{ STR("PREROUTING"),  STR("prerouting") },
	{ STR("POSTROUTING"), STR("postrouting")},
};

struct reader {
	struct arena *arena;
	struct fw_chains *ret;
	struct str family, backend, table;
	size_t first; /* chain of the table that is read */
};

static int64_t priority_of(struct str table, struct str chain)
{
	if (str_eq(table, STR("nat")) &&
	    (str_eq(chain, STR("POSTROUTING")) || str_eq(chain, STR("INPUT"))))
		return 100;
	for (size_t i = 0; i < COUNT(tables); i++)
		if (str_eq(table, tables[i].table))
			return tables[i].priority;
	return FACT_UNKNOWN;
}

/* ":INPUT DROP [12:345]"; "-" is the policy of chains that users made. */
static int chain_line(struct reader *x, struct str line, unsigned n)
{
	struct str name = str_word(&line), policy = str_word(&line);
	struct fw_chain chain = {
		.backend = x->backend,
		.family = x->family,
		.table = x->table,
		.chain = name,
		.file = STR(""),
		.priority = priority_of(x->table, name),
		.line = n,
	};

	if (str_eq(policy, STR("DROP")))
		chain.policy = STR("drop");
	else if (str_eq(policy, STR("ACCEPT")))
		chain.policy = STR("accept");
	else
		return policy.len ? 0 : -EBADMSG;
	for (size_t i = 0; i < COUNT(chains); i++)
		if (str_eq(name, chains[i].chain))
			chain.hook = chains[i].hook;
	return chain.hook.len ? fw_add(x->ret, x->arena, &chain) : 0;
}

/* "-j DROP" alone, maybe with a comment or the options of REJECT: every packet ends here. */
static bool drops_all(struct str rule)
{
	bool end = false;
	struct str word;

	while ((word = str_quoted_word(&rule)).ptr) {
		bool comment = str_eq(word, STR("--comment"));

		if (str_eq(word, STR("-j")) || str_eq(word, STR("--jump"))) {
			word = str_word(&rule);
			end = str_eq(word, STR("DROP")) || str_eq(word, STR("REJECT"));
			if (!end)
				return false;
		} else if (comment || str_eq(word, STR("--reject-with"))) {
			str_quoted_word(&rule);
		} else if (str_eq(word, STR("-m"))) {
			if (!str_eq(str_word(&rule), STR("comment")))
				return false;
		} else {
			return false;
		}
	}
	return end;
}

static int rule_line(struct reader *x, struct str line)
{
	struct str command = str_word(&line), name;
	bool append = str_eq(command, STR("-A")) || str_eq(command, STR("--append"));
	bool insert = str_eq(command, STR("-I")) || str_eq(command, STR("--insert"));
	struct fw_chain *chain;

	/* "[12:345] -A INPUT …" of iptables-save -c. */
	if (command.len && command.ptr[0] == '[') {
		command = str_word(&line);
		append = str_eq(command, STR("-A"));
	}
	if (!append && !insert)
		return command.len && command.ptr[0] == '-' ? 0 : -EBADMSG;
	name = str_word(&line);
	if (!name.len)
		return -EBADMSG;
	chain = fw_find(x->ret, x->family, x->table, name);
	if (!chain || chain < x->ret->list + x->first)
		return 0;
	chain->rules++;
	if (append)
		chain->final_drop = drops_all(line);
	return 0;
}

static int one_line(struct reader *x, struct str line, unsigned n)
{
	if (line.ptr[0] == '*') {
		if (x->table.len)
			return -EBADMSG;
		x->table = str_sub(line, 1, line.len);
		x->first = x->ret->n;
		return x->table.len ? 0 : -EBADMSG;
	}
	if (!x->table.len)
		return -EBADMSG;
	if (str_eq(line, STR("COMMIT"))) {
		x->table = STR("");
		return 0;
	}
	if (line.ptr[0] == ':')
		return chain_line(x, str_sub(line, 1, line.len), n);
	return rule_line(x, line);
}

int iptables_parse(struct str text, bool v6, struct arena *a, struct fw_chains *ret,
		   unsigned *ret_line)
{
	struct reader x = {
		.arena = a,
		.ret = ret,
		.family = v6 ? STR("ip6") : STR("ip"),
		.backend = v6 ? STR("ip6tables") : STR("iptables"),
		.table = STR(""),
	};
	struct str line;
	int r = 0;

	*ret_line = 0;
	while (r >= 0 && str_line(&text, &line, ret_line)) {
		line = str_trim(line);
		if (line.len && line.ptr[0] != '#')
			r = one_line(&x, line, *ret_line);
	}
	if (r >= 0 && x.table.len)
		r = -EBADMSG;
	/* iptables-restore loads a table as a whole or not at all. */
	if (r == -EBADMSG && x.table.len)
		ret->n = x.first;
	return r;
}
