/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/ssh_places.h"

#include <stdio.h>
#include <sys/socket.h>

#define LOCAL_ADDRESS "192.0.2.1" /* TEST-NET-1: no block is meant for it */

/* Every '*' and '?' of the pattern replaced. */
static struct str fill(struct str pattern, const char *star, struct arena *a)
{
	struct str out = STR("");

	for (size_t i = 0; i < pattern.len && out.ptr; i++) {
		struct str c = str_sub(pattern, i, i + 1);

		if (*c.ptr == '?')
			c = STR("1");
		out = arena_cat(a, out, *c.ptr == '*' ? str_of(star) : c, STR(""));
	}
	return out;
}

bool ssh_address_example(struct str pattern, struct arena *a, struct str *ret)
{
	static const char *const stars[] = { "1", "", "1.1", "1.1.1", SSH_INTERNET, ":1", "::1" };
	struct sshd_address address;
	unsigned length;

	if (sshd_cidr_parse(pattern, &address, &length) == 0) {
		unsigned width = address.family == AF_INET ? 4 : 16;

		if (length < width * 8)
			address.bytes[width - 1] |= 1;
		*ret = sshd_address_text(&address, a);
		return ret->ptr != NULL;
	}
	for (size_t i = 0; pattern.len < 64 && i < COUNT(stars); i++) {
		struct str text = fill(pattern, stars[i], a);

		if (text.ptr && sshd_address_parse(text, &address)) {
			*ret = text;
			return true;
		}
	}
	return false;
}

/* What one block insists on beside the user. */
struct demand {
	struct str address, host, local, rdomain;
	struct str pattern; /* of address or host */
	int64_t port;
};

struct finder {
	const struct sshd_result *global;
	struct arena *arena;
	struct ssh_places *out;
	int64_t port; /* the usual one */
	bool names;   /* clients have names: UseDNS yes */
};

static bool same_text(struct str a, struct str b) { return a.len == b.len && str_eq(a, b); }

static bool same_place(const struct sshd_connection *a, const struct sshd_connection *b)
{
	return same_text(a->address, b->address) && same_text(a->host, b->host) &&
	       same_text(a->local_address, b->local_address) && same_text(a->rdomain, b->rdomain) &&
	       a->local_port == b->local_port;
}

static int describe_local(struct finder *f, const struct demand *d, struct str *ret)
{
	char port[24] = "";

	*ret = STR("");
	if (d->port >= 0 && d->port != f->port)
		snprintf(port, sizeof port, ":%lld", (long long)d->port);
	if (d->local.len || *port)
		*ret = arena_cat(f->arena, d->local, str_of(port), STR(""));
	if (d->rdomain.ptr && ret->ptr)
		*ret = arena_cat(f->arena, *ret, ret->len ? STR(" rdomain ") : STR("rdomain "),
				 d->rdomain);
	return ret->ptr ? 0 : -ENOMEM;
}

static int add_place(struct finder *f, const struct demand *d)
{
	struct ssh_places *out = f->out;
	struct ssh_place p = {
		.where = {.local_port = d->port >= 0 ? d->port : f->port,
                          .rdomain = d->rdomain,
                          .local_address = d->local.len ? d->local : STR(LOCAL_ADDRESS)},
	};

	p.where.address = d->address.len ? d->address : STR(SSH_INTERNET);
	p.where.host = d->host.len ? d->host : p.where.address;
	p.address = d->host.len ? d->host : p.where.address;
	p.pattern = d->pattern.ptr ? d->pattern : STR("");
	p.internet = str_eq(p.where.address, STR(SSH_INTERNET)) ||
		     str_eq(p.where.address, STR(SSH_INTERNET6));
	for (size_t i = 0; i < out->n; i++)
		if (same_place(&out->list[i].where, &p.where))
			return 0;
	if (out->n == SSH_PLACES_MAX) {
		out->left_out++;
		return 0;
	}
	if (describe_local(f, d, &p.local) < 0)
		return -ENOMEM;
	out->list[out->n++] = p;
	return 0;
}

/* Sets what one element of a criterion's list asks for; false: no example was found. */
static bool demand_element(struct finder *f, enum sshd_criterion_type type, struct str element,
			   struct demand *d)
{
	if (type == SSHD_BY_ADDRESS || type == SSHD_BY_HOST)
		d->pattern = element;
	switch (type) {
	case SSHD_BY_ADDRESS: return ssh_address_example(element, f->arena, &d->address);
	case SSHD_BY_LOCALADDRESS: return ssh_address_example(element, f->arena, &d->local);
	case SSHD_BY_HOST:
		if (ssh_address_example(element, f->arena, &d->address))
			return true;
		d->host = fill(element, "host", f->arena);
		return f->names && d->host.ptr;
	case SSHD_BY_RDOMAIN: d->rdomain = fill(element, "x", f->arena); return d->rdomain.ptr;
	default: return true;
	}
}

/* The first positive element of every criterion on the way out to the global part. */
static void demand_block(struct finder *f, unsigned block, struct demand *d)
{
	const struct sshd_config *c = f->global->cfg;

	for (; block; block = c->blocks[block].parent)
		for (size_t i = 0; i < c->blocks[block].n; i++) {
			const struct sshd_criterion *k = &c->blocks[block].criteria[i];
			struct str list = k->arg;

			if (k->type == SSHD_BY_LOCALPORT)
				d->port = k->port;
			while (list.len) {
				struct str element = str_cut(&list, ',');

				if (element.len && element.ptr[0] != '!' &&
				    demand_element(f, k->type, element, d))
					break;
			}
		}
}

static bool has_list(enum sshd_criterion_type type)
{
	return type == SSHD_BY_ADDRESS || type == SSHD_BY_LOCALADDRESS || type == SSHD_BY_HOST ||
	       type == SSHD_BY_RDOMAIN;
}

/* One place for the block as a whole and one for every element of its lists. */
static int places_of_block(struct finder *f, unsigned block)
{
	const struct sshd_block *b = &f->global->cfg->blocks[block];
	struct demand whole = { .port = -1 };
	int r;

	demand_block(f, block, &whole);
	r = add_place(f, &whole);
	for (size_t i = 0; r >= 0 && i < b->n; i++) {
		struct str list = b->criteria[i].arg;

		while (r >= 0 && has_list(b->criteria[i].type) && list.len) {
			struct demand one = whole;
			struct str element = str_cut(&list, ',');

			if (element.len && element.ptr[0] == '!')
				element = str_sub(element, 1, element.len);
			if (demand_element(f, b->criteria[i].type, element, &one))
				r = add_place(f, &one);
		}
	}
	return r;
}

static bool about_place(const struct sshd_config *c, unsigned block)
{
	for (; block; block = c->blocks[block].parent)
		for (size_t i = 0; i < c->blocks[block].n; i++)
			if (has_list(c->blocks[block].criteria[i].type) ||
			    c->blocks[block].criteria[i].type == SSHD_BY_LOCALPORT)
				return true;
	return false;
}

/* user@host patterns of one keyword. */
static int places_of_users(struct finder *f, const struct sshd_line *l)
{
	int r = 0;

	for (unsigned i = 0; r >= 0 && i < l->n; i++) {
		ssize_t at = str_rfind(l->values[i], '@');
		struct str list = str_sub(l->values[i], (size_t)(at + 1), l->values[i].len);

		while (r >= 0 && at >= 0 && list.len) {
			struct demand d = { .port = -1 };
			struct str element = str_cut(&list, ',');

			if (element.len && element.ptr[0] == '!')
				element = str_sub(element, 1, element.len);
			if (demand_element(f, SSHD_BY_HOST, element, &d))
				r = add_place(f, &d);
		}
	}
	return r;
}

int ssh_places_find(const struct sshd_result *global, struct arena *a, struct ssh_places *ret)
{
	const struct sshd_slot *ports = &global->slots[SSHD_KW_PORT];
	const struct sshd_config *c = global->cfg;
	struct finder f = { .global = global,
			    .arena = a,
			    .out = ret,
			    .port = 22,
			    .names = sshd_result_is(global, SSHD_KW_USEDNS, "yes") };
	struct demand home = { .port = -1, .address = STR("127.0.0.1") };
	struct demand net = { .port = -1 }, net6 = { .port = -1, .address = STR(SSH_INTERNET6) };
	int r;

	if (ports->n)
		(void)!str_to_int64(ports->lines[0]->values[0], &f.port);
	ret->n = ret->left_out = 0;
	r = add_place(&f, &net);
	if (r >= 0)
		r = add_place(&f, &home);
	for (unsigned i = 1; r >= 0 && i < c->n_blocks; i++)
		if (about_place(c, i))
			r = places_of_block(&f, i);
	for (size_t i = 0; r >= 0 && i < c->n_lines; i++)
		if (c->lines[i].keyword->kind == SSHD_USERS)
			r = places_of_users(&f, &c->lines[i]);
	/* Where addresses matter, the other family may be treated in another way. */
	return r < 0 || ret->n == 2 ? r : add_place(&f, &net6);
}

int ssh_places_add(const struct sshd_result *global, struct str pattern, struct arena *a,
		   struct ssh_places *ret)
{
	struct finder f = { .global = global, .arena = a, .out = ret };
	struct demand d = { .port = ret->list[0].where.local_port, .pattern = pattern };
	struct str text = pattern;

	f.port = d.port;
	if (text.len && text.ptr[text.len - 1] == '.')
		text = arena_cat(a, text, STR("*"), STR(""));
	if (!text.ptr)
		return -ENOMEM;
	if (text.len < 2 || !ssh_address_example(text, a, &d.address))
		return 0;
	return add_place(&f, &d);
}
