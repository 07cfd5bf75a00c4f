/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/buf.h"
#include "net/iptables.h"

#define SKELETON_MAX ((size_t)16 << 10)

static const struct {
	const char *chain, *lower, *setting;
} hooks[] = {
	{"INPUT",    "input",   "DEFAULT_INPUT_POLICY"  },
	{ "FORWARD", "forward", "DEFAULT_FORWARD_POLICY"},
};

/* NAME=value, the last one; its line. */
static struct str setting(struct str text, const char *name, unsigned *ret_line)
{
	struct str line, found = STR("");
	unsigned n = 0;

	*ret_line = 0;
	while (str_line(&text, &line, &n))
		if (str_eq(str_trim(str_cut(&line, '=')), str_of(name)) && line.ptr) {
			found = str_unquote(str_trim(str_cut(&line, '#')));
			*ret_line = n;
		}
	return found;
}

/* ufw's words are those of iptables; its policy REJECT is a rule before the policy DROP. */
static const char *policy_of(struct str defaults, const char *name, unsigned *ret_line)
{
	struct str value = setting(defaults, name, ret_line);

	return str_eq(value, STR("REJECT"))   ? "REJECT"
	       : str_eq(value, STR("ACCEPT")) ? "ACCEPT"
					      : "DROP";
}

static void put_chains(struct buf *b, const char *six, const char *lower, const char *chain)
{
	static const char *const names[] = { "before-logging", "before", "after",
					     "after-logging",  "reject", "track" };

	for (size_t i = 0; i < COUNT(names); i++)
		buf_fmt(b, ":ufw%s-%s-%s - [0:0]\n", six, names[i], lower);
	for (size_t i = 0; i < COUNT(names); i++)
		buf_fmt(b, "-A %s -j ufw%s-%s-%s\n", chain, six, names[i], lower);
	buf_fmt(b, ":ufw%s-user-%s - [0:0]\n:ufw%s-user-logging-%s - [0:0]\n", six, lower, six,
		lower);
	buf_fmt(b, ":ufw%s-skip-to-policy-%s - [0:0]\n", six, lower);
}

static void put_policy(struct buf *b, const char *six, const char *lower, const char *policy)
{
	static const char *const tracked[] = { "tcp", "udp" };

	if (!strcmp(policy, "REJECT"))
		buf_fmt(b, "-A ufw%s-reject-%s -j REJECT\n", six, lower);
	for (size_t i = 0; !strcmp(policy, "ACCEPT") && i < COUNT(tracked); i++)
		buf_fmt(b, "-A ufw%s-track-%s -p %s -m conntrack --ctstate NEW -j ACCEPT\n", six,
			lower, tracked[i]);
	buf_fmt(b, "-A ufw%s-skip-to-policy-%s -j %s\n", six, lower, policy);
}

static int read_all(const struct iptables_ufw *ufw, bool v6, struct match_facts *facts,
		    struct filter *f, struct diag *d)
{
	own(buf_release) struct buf start = BUF(SKELETON_MAX), end = BUF(SKELETON_MAX);
	const char *six = v6 ? "6" : "";
	struct iptables_text texts[5];
	unsigned line;
	size_t n = 0;

	buf_puts(&start, "*filter\n:OUTPUT ACCEPT [0:0]\n");
	buf_puts(&end, "*filter\n");
	buf_fmt(&start, ":ufw%s-logging-deny - [0:0]\n:ufw%s-logging-allow - [0:0]\n", six, six);
	buf_fmt(&start, ":ufw%s-user-limit - [0:0]\n:ufw%s-user-limit-accept - [0:0]\n", six, six);
	put_chains(&start, six, "output", "OUTPUT");
	for (size_t i = 0; i < COUNT(hooks); i++) {
		const char *policy = policy_of(ufw->defaults.text, hooks[i].setting, &line);

		put_chains(&start, six, hooks[i].lower, hooks[i].chain);
		put_policy(&start, six, hooks[i].lower, policy);
		if (ufw->user.text.ptr)
			buf_fmt(&end, "-A ufw%s-before-%s -j ufw%s-user-%s\n", six, hooks[i].lower,
				six, hooks[i].lower);
		buf_fmt(&end, ":%s %s [0:0]\n", hooks[i].chain,
			strcmp(policy, "ACCEPT") != 0 ? "DROP" : "ACCEPT");
	}
	buf_puts(&start, "COMMIT\n");
	buf_puts(&end, "COMMIT\n");
	if (start.error < 0 || end.error < 0)
		return -ENOMEM;
	texts[n++] = (struct iptables_text){ buf_view(&start), ufw->defaults.file };
	if (ufw->before.text.ptr)
		texts[n++] = ufw->before;
	if (ufw->after.text.ptr)
		texts[n++] = ufw->after;
	if (ufw->user.text.ptr)
		texts[n++] = ufw->user;
	texts[n++] = (struct iptables_text){ buf_view(&end), ufw->defaults.file };
	return iptables_read(texts, n, v6, facts, f, d);
}

/* The policies stand in the defaults; ufw's own rules stand nowhere. */
static void name_places(const struct iptables_ufw *ufw, bool v6, struct filter *f)
{
	struct str family = v6 ? STR("ip6") : STR("ip");

	for (size_t i = 0; i < COUNT(hooks); i++) {
		ssize_t at = filter_chain_find(f, family, STR("filter"), str_of(hooks[i].chain));

		if (at >= 0)
			setting(ufw->defaults.text, hooks[i].setting, &f->chains[at].line);
	}
	for (size_t c = 0; c < f->n; c++)
		for (size_t i = 0; i < f->chains[c].n; i++) {
			struct filter_rule *rule = &f->chains[c].rules[i];

			if (str_eq(rule->file, ufw->defaults.file))
				rule->line = 0;
		}
}

int iptables_read_ufw(const struct iptables_ufw *ufw, bool v6, struct match_facts *facts,
		      struct filter *f, struct diag *d)
{
	static const char closed[] = "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n"
				     "-A INPUT -i lo -j ACCEPT\nCOMMIT\n";
	struct iptables_text off = { str_of(closed), ufw->defaults.file };
	unsigned line;
	int r;

	if (v6 && !str_ieq(setting(ufw->defaults.text, "IPV6", &line), STR("yes")))
		r = iptables_read(&off, 1, true, facts, f, d);
	else
		r = read_all(ufw, v6, facts, f, d);
	if (r >= 0)
		name_places(ufw, v6, f);
	return r;
}
