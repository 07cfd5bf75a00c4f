/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/firewall_files.h"
#include "facts/linux/units.h"

#define LOADERS_MAX 4

enum syntax { SYNTAX_NFT, SYNTAX_IPTABLES, SYNTAX_IP6TABLES };

/* A file, and the services that load it at boot. */
static const struct source {
	const char *path;
	enum syntax syntax;
	const char *loaders[LOADERS_MAX];
	const char *needs; /* without this file the loader does not look at it */
} sources[] = {
	{"/etc/nftables.conf",            SYNTAX_NFT,       { "nftables" },                                    NULL       },
	{ "/etc/sysconfig/nftables.conf", SYNTAX_NFT,       { "nftables" },                                    NULL       },
	{ "/etc/nftables.nft",            SYNTAX_NFT,       { "nftables" },                                    "/sbin/apk"},
	{ "/etc/iptables/rules.v4",
         SYNTAX_IPTABLES,				   { "netfilter-persistent", "iptables-persistent" },
         "/usr/share/netfilter-persistent/plugins.d/15-ip4tables"                                                         },
	{ "/etc/iptables/rules.v6",
         SYNTAX_IP6TABLES,				  { "netfilter-persistent", "iptables-persistent" },
         "/usr/share/netfilter-persistent/plugins.d/25-ip6tables"                                                         },
	{ "/etc/sysconfig/iptables",      SYNTAX_IPTABLES,  { "iptables" },                                    NULL       },
	{ "/etc/sysconfig/ip6tables",     SYNTAX_IP6TABLES, { "ip6tables" },                                   NULL       },
	{ "/etc/iptables/rules-save",     SYNTAX_IPTABLES,  { "iptables" },                                    NULL       },
	{ "/etc/iptables/rules6-save",    SYNTAX_IP6TABLES, { "ip6tables" },                                   NULL       },
};

struct loader {
	struct collect *c;
	struct firewall *ret;
	struct units units;
};

/* Adds the base chains of a file. */
static int add_chains(struct loader *x, const struct fw_chains *found, struct str file,
		      bool enabled)
{
	for (size_t i = 0; i < found->n; i++) {
		struct fw_chain chain = found->list[i];
		int r;

		if (!chain.hook.len)
			continue;
		if (!chain.policy.len)
			chain.policy = STR("accept");
		if (!chain.file.len)
			chain.file = file;
		chain.enabled = enabled;
		r = fw_add(&x->ret->chains, x->c->arena, &chain);
		if (r < 0)
			return r;
	}
	return 0;
}

static int add_text(struct loader *x, struct str backend, struct str file, struct str text,
		    bool enabled)
{
	struct fw_ruleset s = {
		.backend = backend, .file = file, .text = text, .enabled = enabled
	};

	return arena_push(x->c->arena, x->ret->sets, x->ret->n, x->ret->cap, s);
}

struct including {
	struct loader *x;
	bool enabled;
};

static int include_file(struct including *in, struct nft_conf *conf, struct str path)
{
	struct str text;
	int r = collect_read(in->x->c, path.ptr, &text, NULL);

	if (r <= 0)
		return r;
	conf->file = path;
	r = nft_conf_parse(conf, text);
	/* Of the innermost file, which is the one to name. */
	if (r == -EBADMSG && conf->line) {
		collect_problem(in->x->c, r, path.ptr, "line %u is not understood", conf->line);
		conf->line = 0;
		r = 0;
	}
	return r < 0 ? r : add_text(in->x, STR("nftables"), path, text, in->enabled);
}

/* nft looks below /etc and beside the file that includes, unless the path is absolute. */
static int include(struct nft_conf *conf, struct str pattern, unsigned line, void *user)
{
	struct including *in = user;
	struct collect *c = in->x->c;
	bool absolute = pattern.ptr[0] == '/';
	struct str path = arena_cat(c->arena, absolute ? STR("") : STR("/etc/"), pattern, STR(""));
	struct str *paths;
	size_t n, depth = conf->depth;
	int r = path.ptr ? collect_glob(c, path.ptr, &paths, &n) : -ENOMEM;

	if (r == 1 && !n && str_find(pattern, '*') < 0)
		collect_problem(c, ENOENT, conf->file.ptr,
				"line %u includes %s, which is not there", line, path.ptr);
	for (size_t i = 0, all = r == 1 ? n : 0; r >= 0 && i < all; i++)
		r = include_file(in, conf, paths[i]);
	conf->depth = (unsigned)depth;
	return MIN(r, 0);
}

static int load_nft(struct loader *x, struct str path, struct str text, bool enabled)
{
	struct including in = { x, enabled };
	struct fw_chains found = {};
	struct nft_conf conf = { .arena = x->c->arena,
				 .chains = &found,
				 .include = include,
				 .user = &in,
				 .file = path };
	int r = nft_conf_parse(&conf, text);

	if (r == -EBADMSG || r == -ELOOP || r == -E2BIG) {
		collect_problem(x->c, r, path.ptr,
				r == -ELOOP ? "line %u: files include each other"
					    : "line %u is not understood",
				conf.line);
		/* nft loads a file as a whole or not at all. */
		found.n = 0;
		r = 0;
	}
	return r < 0 ? r : add_chains(x, &found, path, enabled);
}

static int load_iptables(struct loader *x, struct str path, struct str text, bool v6, bool enabled)
{
	struct fw_chains found = {};
	unsigned line;
	int r = iptables_parse(text, v6, x->c->arena, &found, &line);

	if (r == -EBADMSG || r == -E2BIG) {
		collect_problem(x->c, r, path.ptr, "line %u: iptables-restore refuses the table",
				line);
		r = 0;
	}
	return r < 0 ? r : add_chains(x, &found, path, enabled);
}

static int load_source(struct loader *x, const struct source *s)
{
	const char *loaders[LOADERS_MAX + 1] = {};
	struct str path = str_of(s->path), text, backend;
	struct stat st;
	bool enabled;
	int r = collect_read(x->c, s->path, &text, NULL);

	if (r <= 0)
		return r;
	memcpy(loaders, s->loaders, sizeof s->loaders);
	enabled = units_enabled(&x->units, loaders) == 1 &&
		  (!s->needs || root_stat(x->c->root, s->needs, &st) >= 0);
	backend = s->syntax == SYNTAX_NFT        ? STR("nftables")
		  : s->syntax == SYNTAX_IPTABLES ? STR("iptables")
						 : STR("ip6tables");
	if (s->syntax == SYNTAX_NFT)
		r = load_nft(x, path, text, enabled);
	else
		r = load_iptables(x, path, text, s->syntax == SYNTAX_IP6TABLES, enabled);
	return r < 0 ? r : add_text(x, backend, path, text, enabled);
}

struct str shell_setting(struct str text, struct str name)
{
	struct str line, found = STR("");

	while (str_line(&text, &line, NULL)) {
		struct str key = str_trim(str_cut(&line, '='));

		if (str_eq(key, name) && line.ptr)
			found = str_unquote(str_trim(str_cut(&line, '#')));
	}
	return found;
}

static unsigned line_of(struct str text, struct str name)
{
	struct str line;
	unsigned n = 0;

	while (str_line(&text, &line, &n)) {
		struct str key = str_trim(str_cut(&line, '='));

		if (str_eq(key, name))
			return n;
	}
	return 0;
}

/* Rules that the user made, "-A ufw-user-input …" in user.rules. */
static int64_t count_ufw_rules(struct str text, struct str chain)
{
	struct str line;
	int64_t n = 0;

	while (str_line(&text, &line, NULL))
		if (str_eq(str_word(&line), STR("-A")) && str_eq(str_word(&line), chain))
			n++;
	return n;
}

static const struct {
	struct str setting, chain, hook, user, user6;
} ufw_chains[] = {
	{STR("DEFAULT_INPUT_POLICY"),    STR("INPUT"),   STR("input"),   STR("ufw-user-input"),
         STR("ufw6-user-input")  },
	{ STR("DEFAULT_OUTPUT_POLICY"),  STR("OUTPUT"),  STR("output"),  STR("ufw-user-output"),
         STR("ufw6-user-output") },
	{ STR("DEFAULT_FORWARD_POLICY"), STR("FORWARD"), STR("forward"), STR("ufw-user-forward"),
         STR("ufw6-user-forward")},
};

/* Around what the user's commands wrote. */
static const char *const ufw_files[][2] = {
	{"/etc/ufw/before.rules", "/etc/ufw/before6.rules"},
	{ "/etc/ufw/after.rules", "/etc/ufw/after6.rules" },
};

static int load_ufw_family(struct loader *x, struct str defaults, bool v6, bool enabled)
{
	const char *path = v6 ? "/etc/ufw/user6.rules" : "/etc/ufw/user.rules";
	struct str text = STR("");
	int r = collect_read(x->c, path, &text, NULL);

	if (r == 1)
		r = add_text(x, STR("ufw"), str_of(path), text, enabled);
	for (size_t i = 0; r >= 0 && i < COUNT(ufw_files); i++) {
		struct str around;

		r = collect_read(x->c, ufw_files[i][v6], &around, NULL);
		if (r == 1)
			r = add_text(x, STR("ufw"), str_of(ufw_files[i][v6]), around, enabled);
	}
	for (size_t i = 0; r >= 0 && i < COUNT(ufw_chains); i++) {
		struct str policy = shell_setting(defaults, ufw_chains[i].setting);
		bool reject = str_eq(policy, STR("REJECT"));
		struct fw_chain chain = {
			.backend = STR("ufw"),
			.family = v6 ? STR("ip6") : STR("ip"),
			.table = STR("filter"),
			.chain = ufw_chains[i].chain,
			.hook = ufw_chains[i].hook,
			.policy =
				reject || str_eq(policy, STR("DROP")) ? STR("drop") : STR("accept"),
			.file = STR("/etc/default/ufw"),
			.line = line_of(defaults, ufw_chains[i].setting),
			.rules = count_ufw_rules(text,
						 v6 ? ufw_chains[i].user6 : ufw_chains[i].user),
			.final_drop = reject,
			.enabled = enabled,
		};

		r = fw_add(&x->ret->chains, x->c->arena, &chain);
	}
	return MIN(r, 0);
}

static int load_ufw(struct loader *x)
{
	static const char *const loaders[] = { "ufw", NULL };
	struct str conf, defaults = STR("");
	bool enabled;
	int r = collect_read(x->c, "/etc/ufw/ufw.conf", &conf, NULL);

	if (r <= 0)
		return r;
	enabled = str_ieq(shell_setting(conf, STR("ENABLED")), STR("yes")) &&
		  units_enabled(&x->units, loaders) == 1;
	r = collect_read(x->c, "/etc/default/ufw", &defaults, NULL);
	if (r == 1)
		r = add_text(x, STR("ufw"), STR("/etc/default/ufw"), defaults, enabled);
	if (r >= 0)
		r = load_ufw_family(x, defaults, false, enabled);
	if (r >= 0 && str_ieq(shell_setting(defaults, STR("IPV6")), STR("yes")))
		r = load_ufw_family(x, defaults, true, enabled);
	return MIN(r, 0);
}

static struct str attribute(struct str tag, struct str name)
{
	while (tag.len) {
		struct str key = str_trim(str_cut(&tag, '='));
		ssize_t blank = str_rfind(key, ' ');
		char quote;

		tag = str_trim(tag);
		if (!tag.len || (tag.ptr[0] != '"' && tag.ptr[0] != '\''))
			break;
		quote = tag.ptr[0];
		tag = str_sub(tag, 1, tag.len);
		if (str_eq(str_sub(key, (size_t)(blank + 1), key.len), name))
			return str_cut(&tag, quote);
		str_cut(&tag, quote);
	}
	return (struct str){};
}

int firewalld_parse_zone(struct str text, struct firewalld_zone *ret)
{
	static const struct str opens[] = { STR("service"),      STR("port"),
					    STR("protocol"),     STR("source-port"),
					    STR("forward-port"), STR("rule") };
	struct firewalld_zone zone = { .target = STR("default") };
	bool found = false;

	while (str_cut(&text, '<').ptr && text.ptr) {
		struct str tag, name;
		ssize_t end;

		if (str_starts(text, STR("!--"))) {
			const char *close = memmem(text.ptr, text.len, "-->", 3);

			if (!close)
				return -EBADMSG;
			text = str_sub(text, (size_t)(close + 3 - text.ptr), text.len);
			continue;
		}
		end = str_find(text, '>');
		if (end < 0)
			return -EBADMSG;
		tag = str_sub(text, 0, (size_t)end);
		name = str_word(&tag);
		if (str_ends(name, STR("/")))
			name.len--;
		if (str_eq(name, STR("zone"))) {
			struct str target = attribute(tag, STR("target"));

			found = true;
			if (target.len)
				zone.target = target;
		}
		for (size_t i = 0; i < COUNT(opens); i++)
			zone.rules += str_eq(name, opens[i]);
	}
	if (!found)
		return -EBADMSG;
	*ret = zone;
	return 0;
}

static int load_zone(struct loader *x, struct str path, struct str text, bool enabled)
{
	struct firewalld_zone zone = { .target = STR("default") };
	struct fw_chain chain = {
		.backend = STR("firewalld"),
		.family = STR("inet"),
		.table = STR("firewalld"),
		.chain = STR("filter_INPUT"),
		.hook = STR("input"),
		.priority = 10,
		.policy = STR("accept"),
		.file = path,
		.line = 1,
		.enabled = enabled,
	};
	int r = firewalld_parse_zone(text, &zone);

	if (r < 0) {
		collect_problem(x->c, r, path.ptr, "is no zone of firewalld");
		return 0;
	}
	chain.rules = zone.rules;
	/* The default target refuses what no rule of the zone lets in. */
	chain.final_drop = !str_eq(zone.target, STR("ACCEPT"));
	r = fw_add(&x->ret->chains, x->c->arena, &chain);
	return r < 0 ? r : add_text(x, STR("firewalld"), path, text, enabled);
}

static int load_firewalld(struct loader *x)
{
	static const char *const loaders[] = { "firewalld", NULL };
	static const char *const dirs[] = { "/etc/firewalld/zones", "/usr/lib/firewalld/zones" };
	struct str conf = STR(""), zone = STR("public");
	struct stat st;
	int r = collect_read(x->c, "/etc/firewalld/firewalld.conf", &conf, NULL);

	if (r < 0 || (r == 0 && root_stat(x->c->root, "/usr/sbin/firewalld", &st) < 0))
		return r;
	if (shell_setting(conf, STR("DefaultZone")).len)
		zone = shell_setting(conf, STR("DefaultZone"));
	if (str_find(zone, '/') >= 0) {
		collect_problem(x->c, EINVAL, "/etc/firewalld/firewalld.conf",
				"DefaultZone is no name of a zone");
		return 0;
	}
	for (size_t i = 0; i < COUNT(dirs); i++) {
		struct str path = arena_fmt(x->c->arena, "%s/%.*s.xml", dirs[i], STR_FMT(zone));
		struct str text;

		if (!path.ptr)
			return -ENOMEM;
		r = collect_read(x->c, path.ptr, &text, NULL);
		if (r == 1)
			return load_zone(x, path, text, units_enabled(&x->units, loaders) == 1);
		if (r < 0)
			return r;
	}
	collect_problem(x->c, ENOENT, "/etc/firewalld/firewalld.conf", "the zone %.*s has no file",
			STR_FMT(zone));
	return 0;
}

int firewall_files_load(struct collect *c, struct firewall *ret)
{
	struct loader x = { .c = c, .ret = ret };
	int r = units_load(c, &x.units);

	for (size_t i = 0; r >= 0 && i < COUNT(sources); i++)
		r = load_source(&x, &sources[i]);
	if (r >= 0)
		r = load_ufw(&x);
	return r < 0 ? r : load_firewalld(&x);
}
