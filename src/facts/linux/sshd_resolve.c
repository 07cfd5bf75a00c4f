/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/sshd_resolve.h"

static bool adds_up(const struct sshd_keyword *k)
{
	return k->flags & SSHD_ADDS || k->kind == SSHD_PENALTIES;
}

static bool subsystem_known(const struct sshd_slot *slot, struct str name)
{
	for (size_t i = 0; i < slot->n; i++)
		if (str_eq(slot->lines[i]->values[0], name))
			return true;
	return false;
}

static int apply(struct sshd_result *r, const struct sshd_line *l, struct arena *a)
{
	struct sshd_slot *slot = &r->slots[l->keyword->id];
	unsigned version = sshd_version(&r->cfg->build);

	if (adds_up(l->keyword)) {
		if (l->keyword->id == SSHD_KW_SUBSYSTEM && subsystem_known(slot, l->values[0]))
			return 0;
		if (!slot->line)
			slot->line = l;
		return arena_push(a, slot->lines, slot->n, slot->cap, l);
	}
	/* From 8.7 to 9.3 this one asks whether AuthorizedKeysCommand is set. */
	if (l->keyword->id == SSHD_KW_AUTHORIZEDPRINCIPALSCOMMAND && version >= 807 &&
	    version < 904) {
		if (!r->slots[SSHD_KW_AUTHORIZEDKEYSCOMMAND].line)
			slot->line = l;
		return 0;
	}
	if (!slot->line || l->force)
		slot->line = l;
	return 0;
}

/*
 * Before 8.7 ChallengeResponseAuthentication was a keyword of its own, which switched
 * keyboard-interactive on.
 */
static void join_challenge(struct sshd_result *r)
{
	struct sshd_slot *challenge = &r->slots[SSHD_KW_CHALLENGERESPONSEAUTHENTICATION];
	struct sshd_slot *kbdint = &r->slots[SSHD_KW_KBDINTERACTIVEAUTHENTICATION];
	static const struct str yes = { "yes", 3 };
	static const struct sshd_line by_default = {
		.keyword = &sshd_keywords[SSHD_KW_KBDINTERACTIVEAUTHENTICATION],
		.values = &yes,
		.n = 1,
		.file = "",
	};

	if (sshd_version(&r->cfg->build) > 806)
		return;
	if (!challenge->line)
		kbdint->line = &by_default;
	else if (str_eq(challenge->line->values[0], STR("yes")))
		kbdint->line = challenge->line;
}

struct sshd_segment {
	unsigned first, n; /* lines */
	unsigned next;     /* of the same block: index + 1 */
};

static int find_segments(const struct sshd_config *c, struct arena *a, struct sshd_lines *ret)
{
	unsigned *last = arena_array(a, c->n_blocks, sizeof *last);

	ret->first = arena_array(a, c->n_blocks, sizeof *ret->first);
	if (!last || !ret->first)
		return -ENOMEM;
	for (size_t i = 0; i < c->n_lines;) {
		struct sshd_segment g = { .first = (unsigned)i };
		unsigned block = c->lines[i].block;
		int r;

		while (i < c->n_lines && c->lines[i].block == block)
			i++;
		g.n = (unsigned)i - g.first;
		r = arena_push(a, ret->segments, ret->n, ret->cap, g);
		if (r < 0)
			return r;
		if (last[block])
			ret->segments[last[block] - 1].next = (unsigned)ret->n;
		else
			ret->first[block] = (unsigned)ret->n;
		last[block] = (unsigned)ret->n;
	}
	return 0;
}

int sshd_resolve_global(const struct sshd_config *cfg, struct arena *a, struct sshd_result *ret)
{
	struct sshd_lines *lines = arena_new(a, struct sshd_lines);

	*ret = (struct sshd_result){ .cfg = cfg, .lines = lines };
	if (!lines || find_segments(cfg, a, lines) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < cfg->n_lines; i++) {
		const struct sshd_line *l = &cfg->lines[i];
		int r;

		if (!cfg->blocks[l->block].first_pass)
			continue;
		r = apply(ret, l, a);
		if (r < 0)
			return r;
	}
	join_challenge(ret);
	return 0;
}

static bool method_enabled(const struct sshd_result *r, struct str method)
{
	static const struct {
		const char *method;
		enum sshd_id id;
	} methods[] = {
		{"publickey",             SSHD_KW_PUBKEYAUTHENTICATION        },
		{ "password",             SSHD_KW_PASSWORDAUTHENTICATION      },
		{ "keyboard-interactive", SSHD_KW_KBDINTERACTIVEAUTHENTICATION},
		{ "hostbased",            SSHD_KW_HOSTBASEDAUTHENTICATION     },
		{ "gssapi-with-mic",      SSHD_KW_GSSAPIAUTHENTICATION        },
		{ "gssapi-keyex",         SSHD_KW_GSSAPIAUTHENTICATION        },
	};

	for (size_t i = 0; i < COUNT(methods); i++)
		if (str_eq(method, str_of(methods[i].method)))
			return sshd_result_is(r, methods[i].id, "yes");
	return true;
}

static bool methods_possible(const struct sshd_result *r, const struct sshd_line *l)
{
	for (unsigned i = 0; i < l->n; i++) {
		struct str list = l->values[i];
		bool all = true;

		while (all && list.ptr) {
			struct str name = str_cut(&list, ',');

			all = method_enabled(r, str_cut(&name, ':'));
		}
		if (all)
			return true;
	}
	return false;
}

static bool is_set(const struct sshd_slot *slot)
{
	return slot->line && !str_ieq(slot->line->values[0], STR("none"));
}

static int check_command(struct sshd_config *cfg, const struct sshd_result *global,
			 enum sshd_id command, enum sshd_id user, const char *why, struct arena *a)
{
	const struct sshd_slot *slot = &global->slots[command];

	if (!is_set(slot) || global->slots[user].line)
		return 0;
	return sshd_config_refuse(cfg, a, slot->line->file, slot->line->line, why);
}

/* An address of one family where AddressFamily is the other. */
static int check_listen(struct sshd_config *cfg, const struct sshd_result *global, struct arena *a)
{
	const struct sshd_slot *slot = &global->slots[SSHD_KW_LISTENADDRESS];
	bool only4 = sshd_result_is(global, SSHD_KW_ADDRESSFAMILY, "inet");
	bool only6 = sshd_result_is(global, SSHD_KW_ADDRESSFAMILY, "inet6");

	for (size_t i = 0; i < slot->n; i++) {
		const struct sshd_line *l = slot->lines[i];
		bool six = str_find(l->values[0], ':') >= 0;
		struct sshd_address address;

		if (sshd_address_parse(l->values[0], &address) && (six ? only4 : only6))
			return sshd_config_refuse(cfg, a, l->file, l->line,
						  "ListenAddress is not of AddressFamily");
	}
	return 0;
}

int sshd_resolve_check(struct sshd_config *cfg, const struct sshd_result *global, struct arena *a)
{
	const struct sshd_line *methods = global->slots[SSHD_KW_AUTHENTICATIONMETHODS].line;
	int r = check_command(cfg, global, SSHD_KW_AUTHORIZEDKEYSCOMMAND,
			      SSHD_KW_AUTHORIZEDKEYSCOMMANDUSER,
			      "AuthorizedKeysCommand without AuthorizedKeysCommandUser", a);

	if (r >= 0)
		r = check_command(cfg, global, SSHD_KW_AUTHORIZEDPRINCIPALSCOMMAND,
				  SSHD_KW_AUTHORIZEDPRINCIPALSCOMMANDUSER,
				  "AuthorizedPrincipalsCommand without "
				  "AuthorizedPrincipalsCommandUser",
				  a);
	if (r >= 0)
		r = check_listen(cfg, global, a);
	if (r >= 0 && methods && !str_eq(methods->values[0], STR("any")) &&
	    !methods_possible(global, methods))
		r = sshd_config_refuse(cfg, a, methods->file, methods->line,
				       "AuthenticationMethods cannot be satisfied by enabled "
				       "authentication methods");
	return r;
}

/* Subsystems of a Match block replace those of the same name and come behind the others. */
static int overlay_subsystems(struct sshd_slot *slot, const struct sshd_slot *over, struct arena *a)
{
	struct sshd_slot merged = { .line = over->line };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < slot->n; i++) {
		const struct sshd_line *l = slot->lines[i];

		for (size_t j = 0; j < over->n; j++)
			if (str_eq(over->lines[j]->values[0], l->values[0]))
				l = over->lines[j];
		r = arena_push(a, merged.lines, merged.n, merged.cap, l);
	}
	for (size_t i = 0; r >= 0 && i < over->n; i++)
		if (!subsystem_known(slot, over->lines[i]->values[0]))
			r = arena_push(a, merged.lines, merged.n, merged.cap, over->lines[i]);
	if (r >= 0)
		*slot = merged;
	return r;
}

/* What the second pass has set replaces what the first one has. */
static int overlay(struct sshd_result *r, const struct sshd_result *over, struct arena *a)
{
	for (size_t i = 0; i < SSHD_N_KEYWORDS; i++)
		if (over->slots[i].line && i != SSHD_KW_SUBSYSTEM)
			r->slots[i] = over->slots[i];
	if (!over->slots[SSHD_KW_SUBSYSTEM].line)
		return 0;
	return overlay_subsystems(&r->slots[SSHD_KW_SUBSYSTEM], &over->slots[SSHD_KW_SUBSYSTEM], a);
}

/* The blocks that name one user. */
struct sshd_chain {
	unsigned *blocks;
	size_t n, cap;
};

static bool about_user(const struct sshd_criterion *c)
{
	return c->type == SSHD_BY_USER || c->type == SSHD_BY_GROUP ||
	       c->type == SSHD_BY_INVALID_USER;
}

static bool literal(struct str list)
{
	for (size_t i = 0; i < list.len; i++)
		if (strchr("*?!", list.ptr[i]))
			return false;
	return list.len > 0;
}

/* The list of user (group) names that the block or one around it insists on, or NULL. */
static const struct str *names_of(const struct sshd_config *c, unsigned block,
				  enum sshd_criterion_type type)
{
	for (; block; block = c->blocks[block].parent)
		for (size_t i = 0; i < c->blocks[block].n; i++)
			if (c->blocks[block].criteria[i].type == type &&
			    literal(c->blocks[block].criteria[i].arg))
				return &c->blocks[block].criteria[i].arg;
	return NULL;
}

static int put_name(struct sshd_site *s, struct map *names, struct arena *a, struct str name,
		    unsigned block)
{
	const uint64_t *index = map_get(names, name);
	size_t at = index ? *index : s->n_chains;
	struct sshd_chain *chain;

	if (!index) {
		int r = map_put(names, name, at);

		if (r >= 0)
			r = arena_push(a, s->chains, s->n_chains, s->cap_chains,
				       ((struct sshd_chain){}));
		if (r < 0)
			return r;
	}
	if (!s->chains)
		return 0;
	chain = &s->chains[at];
	if (chain->n && chain->blocks[chain->n - 1] == block)
		return 0;
	return arena_push(a, chain->blocks, chain->n, chain->cap, block);
}

static int index_block(struct sshd_site *s, struct arena *a, unsigned block)
{
	const struct sshd_config *c = s->global->cfg;
	const struct str *users = names_of(c, block, SSHD_BY_USER);
	const struct str *names = users ? users : names_of(c, block, SSHD_BY_GROUP);
	struct str rest;

	if (!names)
		return arena_push(a, s->general, s->n_general, s->cap_general, block);
	rest = *names;
	while (rest.ptr) {
		int r = put_name(s, users ? &s->by_user : &s->by_group, a, str_cut(&rest, ','),
				 block);

		if (r < 0)
			return r;
	}
	return 0;
}

/* The criteria of one block that are (not) about the user; those around it are asked before. */
static bool block_holds(struct sshd_site *s, const struct sshd_block *b,
			const struct sshd_connection *conn, bool user, struct str release)
{
	if (b->never)
		return false;
	for (size_t i = 0; i < b->n; i++) {
		s->steps++;
		if (about_user(&b->criteria[i]) == user &&
		    !sshd_criterion_holds(&b->criteria[i], conn, release))
			return false;
	}
	return true;
}

int sshd_site_new(const struct sshd_result *global, const struct sshd_connection *where,
		  struct arena *a, struct sshd_site *ret)
{
	const struct sshd_config *c = global->cfg;
	struct str release = arena_fmt(a, "OpenSSH_%.*s", STR_FMT(c->build.release));
	struct sshd_site s = { .global = global, .where = *where };
	int r = 0;

	s.holds = arena_array(a, c->n_blocks, sizeof *s.holds);
	if (!s.holds || !release.ptr)
		return -ENOMEM;
	s.holds[0] = s.call = 1;
	for (unsigned i = 1; r >= 0 && i < c->n_blocks; i++) {
		const struct sshd_block *b = &c->blocks[i];

		if (!s.holds[b->parent] || !block_holds(&s, b, where, false, release))
			continue;
		s.holds[i] = s.call;
		r = index_block(&s, a, i);
	}
	if (r < 0) {
		sshd_site_release(&s);
		return r;
	}
	*ret = s;
	return 0;
}

void sshd_site_release(struct sshd_site *s)
{
	map_release(&s->by_user);
	map_release(&s->by_group);
}

static int compare_unsigned(const void *x, const void *y)
{
	const unsigned *a = x, *b = y;

	return (*a > *b) - (*a < *b);
}

struct numbers {
	unsigned *list;
	size_t n, cap;
};

static int add_chain(struct sshd_site *s, const struct map *names, struct str name,
		     struct numbers *out, struct arena *a)
{
	const uint64_t *index = map_get(names, name);
	int r = 0;

	if (!index || !s->chains)
		return 0;
	for (size_t i = 0; r >= 0 && i < s->chains[*index].n; i++)
		r = arena_push(a, out->list, out->n, out->cap, s->chains[*index].blocks[i]);
	return r;
}

/* Blocks that name the user or one of the groups, in their order. */
static int named_blocks(struct sshd_site *s, const struct sshd_connection *who, struct numbers *out,
			struct arena *a)
{
	int r = who->user.ptr ? add_chain(s, &s->by_user, who->user, out, a) : 0;

	for (size_t i = 0; r >= 0 && who->user.ptr && i < who->n_groups; i++)
		r = add_chain(s, &s->by_group, who->groups[i], out, a);
	if (r >= 0 && out->n)
		qsort(out->list, out->n, sizeof *out->list, compare_unsigned);
	return r;
}

/* Adds the segments of a candidate if it holds for this user; those around it were asked before. */
static int add_holding(struct sshd_site *s, unsigned block, const struct sshd_connection *who,
		       struct numbers *segments, struct arena *a)
{
	const struct sshd_block *b = &s->global->cfg->blocks[block];
	const struct sshd_lines *lines = s->global->lines;
	int r = 0;

	if (s->holds[block] == s->call || (b->parent && s->holds[b->parent] != s->call) ||
	    !block_holds(s, b, who, true, (struct str){}))
		return 0;
	s->holds[block] = s->call;
	for (unsigned g = lines->first[block]; r >= 0 && g; g = lines->segments[g - 1].next)
		r = arena_push(a, segments->list, segments->n, segments->cap, g - 1);
	return r;
}

static int holding_segments(struct sshd_site *s, const struct sshd_connection *who,
			    struct numbers *segments, struct arena *a)
{
	struct numbers named = {};
	size_t i = 0, j = 0;
	int r = named_blocks(s, who, &named, a);

	s->call++;
	while (r >= 0 && (i < s->n_general || j < named.n)) {
		bool general = j == named.n || (i < s->n_general && s->general[i] < named.list[j]);

		r = add_holding(s, general ? s->general[i++] : named.list[j++], who, segments, a);
	}
	if (segments->n)
		qsort(segments->list, segments->n, sizeof *segments->list, compare_unsigned);
	return r;
}

int sshd_site_resolve(struct sshd_site *s, const struct sshd_connection *who, struct arena *a,
		      struct sshd_result *ret)
{
	const struct sshd_config *c = s->global->cfg;
	struct sshd_result match = { .cfg = c };
	struct numbers segments = {};
	int r = holding_segments(s, who, &segments, a);

	for (size_t i = 0; r >= 0 && i < segments.n; i++) {
		const struct sshd_segment *g = &s->global->lines->segments[segments.list[i]];

		for (unsigned j = 0; r >= 0 && j < g->n; j++) {
			const struct sshd_line *l = &c->lines[g->first + j];

			if (l->keyword->flags & SSHD_IN_MATCH)
				r = apply(&match, l, a);
		}
	}
	if (r < 0)
		return r;
	*ret = *s->global;
	return overlay(ret, &match, a);
}

int sshd_resolve(const struct sshd_result *global, const struct sshd_connection *conn,
		 struct arena *a, struct sshd_result *ret)
{
	struct sshd_site s;
	int r = sshd_site_new(global, conn, a, &s);

	if (r < 0)
		return r;
	r = sshd_site_resolve(&s, conn, a, ret);
	sshd_site_release(&s);
	return r;
}
