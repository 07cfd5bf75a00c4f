/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Resolved keywords as `sshd -T` prints them. */
#include "facts/linux/sshd_resolve.h"

struct entries {
	const struct sshd_result *r;
	struct arena *arena;
	struct sshd_entry *list;
	size_t n, cap;
};

static int add(struct entries *e, struct str value, const struct sshd_line *line)
{
	if (!value.ptr)
		return -ENOMEM;
	return arena_push(e->arena, e->list, e->n, e->cap, ((struct sshd_entry){ value, line }));
}

static struct str join(const struct sshd_line *l, struct arena *a)
{
	struct str s = l->n ? l->values[0] : STR("");

	for (unsigned i = 1; i < l->n; i++)
		s = arena_cat(a, s, STR(" "), l->values[i]);
	return s;
}

static int add_listen(struct entries *e, const struct sshd_line *l, struct str host,
		      struct str port, struct str domain)
{
	bool six = str_find(host, ':') >= 0;

	return add(e,
		   arena_fmt(e->arena, "%s%.*s%s:%.*s%s%.*s", six ? "[" : "", STR_FMT(host),
			     six ? "]" : "", STR_FMT(port), domain.len ? " rdomain " : "",
			     STR_FMT(domain)),
		   l);
}

/* Canonical where it is a number. */
static struct str address_text(struct str host, struct arena *a)
{
	struct sshd_address address;

	return sshd_address_parse(host, &address) ? sshd_address_text(&address, a) : host;
}

/* One address on every port, unless it names its own. */
static int listen_on(struct entries *e, const struct sshd_line *l, struct str host, struct str port,
		     struct str domain)
{
	const struct sshd_slot *ports = &e->r->slots[SSHD_KW_PORT];
	int r = 0;

	if (port.len)
		return add_listen(e, l, host, port, domain);
	if (!ports->n)
		return add_listen(e, l, host, STR("22"), domain);
	for (size_t i = 0; r >= 0 && i < ports->n; i++)
		r = add_listen(e, l, host, ports->lines[i]->values[0], domain);
	return r;
}

static int listen_everywhere(struct entries *e)
{
	const struct sshd_slot *ports = &e->r->slots[SSHD_KW_PORT];
	bool no4 = sshd_result_is(e->r, SSHD_KW_ADDRESSFAMILY, "inet6");
	bool no6 = sshd_result_is(e->r, SSHD_KW_ADDRESSFAMILY, "inet");
	int r = 0;

	for (size_t i = 0; r >= 0 && i < MAX(ports->n, 1U); i++) {
		struct str port = ports->n ? ports->lines[i]->values[0] : STR("22");

		if (!no6)
			r = add_listen(e, NULL, STR("::"), port, STR(""));
		if (r >= 0 && !no4)
			r = add_listen(e, NULL, STR("0.0.0.0"), port, STR(""));
	}
	return r;
}

static int entries_listen(struct entries *e)
{
	const struct sshd_slot *slot = &e->r->slots[SSHD_KW_LISTENADDRESS];
	int r = 0;

	if (!slot->n)
		return listen_everywhere(e);
	for (size_t i = 0; r >= 0 && i < slot->n; i++) {
		const struct str *v = slot->lines[i]->values;

		r = listen_on(e, slot->lines[i], address_text(v[0], e->arena), v[1], v[2]);
	}
	return r;
}

static int entries_default_hostkeys(struct entries *e)
{
	static const char *const keys[] = { "/etc/ssh/ssh_host_rsa_key",
					    "/etc/ssh/ssh_host_ecdsa_key",
					    "/etc/ssh/ssh_host_ed25519_key" };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(keys); i++)
		r = add(e, str_of(keys[i]), NULL);
	return r;
}

/* Every "name:value" once, the first one counts; the default's order. */
static int entries_penalties(struct entries *e)
{
	const struct sshd_slot *slot = &e->r->slots[SSHD_KW_PERSOURCEPENALTIES];
	struct str def = str_of(sshd_default(&e->r->cfg->build, SSHD_KW_PERSOURCEPENALTIES));
	const struct sshd_line *line = slot->line;
	struct str out = STR(""), overflow = {};

	if (line && str_eq(line->values[0], STR("no")))
		return add(e, STR("no"), line);
	for (struct str word; (word = str_word(&def)).ptr;) {
		struct str rest = word, name = str_cut(&rest, ':');
		bool found = false;

		for (size_t i = 0; !found && i < slot->n; i++)
			for (unsigned j = 0; !found && j < slot->lines[i]->n; j++) {
				struct str value = slot->lines[i]->values[j], have = value;

				found = str_eq(str_cut(&have, ':'), name);
				if (found)
					word = value, rest = have;
			}
		if (!found && str_eq(name, STR("overflow6")))
			word = arena_cat(e->arena, STR("overflow6:"), overflow, STR(""));
		if (str_eq(name, STR("overflow")))
			overflow = rest;
		out = arena_cat(e->arena, out, out.len ? STR(" ") : STR(""), word);
	}
	return add(e, out, line);
}

static int entries_rekey(struct entries *e)
{
	const struct sshd_line *bytes = e->r->slots[SSHD_KW_REKEYLIMIT].line;
	const struct sshd_line *interval = e->r->slots[SSHD_KW_REKEYINTERVAL].line;

	return add(e,
		   arena_cat(e->arena, bytes ? bytes->values[0] : STR("0"), STR(" "),
			     interval ? interval->values[0] : STR("0")),
		   bytes);
}

static int entries_default(struct entries *e, const struct sshd_keyword *k)
{
	const struct sshd_build *b = &e->r->cfg->build;
	struct str value = str_of(sshd_default(b, k->id));

	if (k->kind == SSHD_ALGORITHMS)
		value = e->r->cfg->algorithms[k->id];
	if (k->id == SSHD_KW_HOSTKEY)
		return entries_default_hostkeys(e);
	if (k->flags & SSHD_UNSET || (k->flags & SSHD_ADDS && !value.len))
		return 0;
	return add(e, value, NULL);
}

static int entries_added(struct entries *e, const struct sshd_slot *slot)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < slot->n; i++) {
		const struct sshd_line *l = slot->lines[i];

		if (l->keyword->kind == SSHD_SUBSYSTEM)
			r = add(e, join(l, e->arena), l);
		else
			for (unsigned j = 0; r >= 0 && j < l->n; j++)
				r = add(e, l->values[j], l);
	}
	return r;
}

static int collect_entries(struct entries *e, enum sshd_id id)
{
	const struct sshd_keyword *k = &sshd_keywords[id];
	const struct sshd_slot *slot = &e->r->slots[id];
	int r = 0;

	if (id == SSHD_KW_LISTENADDRESS)
		return entries_listen(e);
	if (id == SSHD_KW_PERSOURCEPENALTIES)
		return entries_penalties(e);
	if (id == SSHD_KW_REKEYLIMIT)
		return entries_rekey(e);
	if (!slot->line)
		return entries_default(e, k);
	if (k->flags & SSHD_ADDS)
		return entries_added(e, slot);
	if (k->kind == SSHD_ENV) {
		for (unsigned j = 0; r >= 0 && j < slot->line->n; j++)
			r = add(e, slot->line->values[j], slot->line);
		return r;
	}
	return add(e, join(slot->line, e->arena), slot->line);
}

int sshd_result_entries(const struct sshd_result *result, enum sshd_id id, struct arena *a,
			struct sshd_entry **ret, size_t *ret_n)
{
	struct entries e = { .r = result, .arena = a };
	int r = collect_entries(&e, id);

	if (r < 0)
		return r;
	*ret = e.list;
	*ret_n = e.n;
	return 0;
}

int sshd_result_value(const struct sshd_result *result, enum sshd_id id, struct arena *a,
		      struct sshd_entry *ret)
{
	struct sshd_entry *list;
	size_t n;
	int r = sshd_result_entries(result, id, a, &list, &n);

	if (r < 0)
		return r;
	*ret = n ? list[0] : (struct sshd_entry){ .value = STR("") };
	return 0;
}

bool sshd_result_is(const struct sshd_result *r, enum sshd_id id, const char *value)
{
	const struct sshd_line *l = r->slots[id].line;
	struct str have = l && l->n ? l->values[0] : str_of(sshd_default(&r->cfg->build, id));

	return str_eq(have, str_of(value));
}
