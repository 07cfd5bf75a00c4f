/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/sshd_match.h"

#include <arpa/inet.h>

static char lower(char c)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";

	if (c >= 'A' && c <= 'Z')
		return letters[c - 'A'];
	return c;
}

static bool pattern(struct str p, struct str s, bool fold)
{
	size_t i = 0, j = 0, star = SIZE_MAX, mark = 0;

	while (j < s.len) {
		if (i < p.len && p.ptr[i] == '*') {
			star = i++;
			mark = j;
		} else if (i < p.len &&
			   (p.ptr[i] == '?' || (fold ? lower(p.ptr[i]) : p.ptr[i]) == s.ptr[j])) {
			i++;
			j++;
		} else if (star != SIZE_MAX) {
			i = star + 1;
			j = ++mark;
		} else {
			return false;
		}
	}
	while (i < p.len && p.ptr[i] == '*')
		i++;
	return i == p.len;
}

bool sshd_pattern(struct str p, struct str s) { return pattern(p, s, false); }

/* sshd has room for 1,023 bytes of a pattern and gives up on a longer one. */
#define PATTERN_MAX 1023

int sshd_pattern_list(struct str list, struct str s, bool fold)
{
	int found = 0;

	while (list.len) {
		struct str p = str_cut(&list, ',');
		bool negated = p.len && p.ptr[0] == '!';

		if (negated)
			p = str_sub(p, 1, p.len);
		if (p.len >= PATTERN_MAX)
			return 0;
		if (!pattern(p, s, fold))
			continue;
		if (negated)
			return -1;
		found = 1;
	}
	return found;
}

bool sshd_address_parse(struct str text, struct sshd_address *ret)
{
	struct sshd_address a = {};
	char buf[INET6_ADDRSTRLEN];

	if (!text.len || text.len >= sizeof buf)
		return false;
	memcpy(buf, text.ptr, text.len);
	buf[text.len] = 0;
	if (strlen(buf) != text.len)
		return false;
	if (inet_pton(AF_INET, buf, a.bytes) == 1)
		a.family = AF_INET;
	else if (inet_pton(AF_INET6, buf, a.bytes) == 1)
		a.family = AF_INET6;
	else
		return false;
	*ret = a;
	return true;
}

struct str sshd_address_text(const struct sshd_address *a, struct arena *arena)
{
	char buf[INET6_ADDRSTRLEN];

	if (!inet_ntop(a->family, a->bytes, buf, sizeof buf))
		return STR("");
	return arena_str(arena, str_of(buf));
}

static bool bit(const struct sshd_address *a, unsigned i)
{
	return a->bytes[i / 8] >> (7 - i % 8) & 1;
}

int sshd_cidr_parse(struct str text, struct sshd_address *ret, unsigned *ret_length)
{
	ssize_t slash = str_find(text, '/');
	struct sshd_address a;
	uint64_t length = 0;
	unsigned width;

	if (text.len >= 64)
		return -EINVAL;
	if (slash >= 0) {
		if (str_to_u64(str_sub(text, (size_t)slash + 1, text.len), 10, &length) < 0 ||
		    length > 128)
			return -EINVAL;
		text = str_sub(text, 0, (size_t)slash);
	}
	if (!sshd_address_parse(text, &a))
		return -EINVAL;
	width = a.family == AF_INET ? 32 : 128;
	if (slash < 0)
		length = width;
	if (length > width)
		return -ERANGE;
	for (unsigned i = (unsigned)length; i < width; i++)
		if (bit(&a, i))
			return -ERANGE;
	*ret = a;
	*ret_length = (unsigned)length;
	return 0;
}

static bool contains(const struct sshd_address *net, unsigned length, const struct sshd_address *a)
{
	if (net->family != a->family || memcmp(net->bytes, a->bytes, length / 8) != 0)
		return false;
	for (unsigned i = length & ~7U; i < length; i++)
		if (bit(net, i) != bit(a, i))
			return false;
	return true;
}

static int address_list(struct str list, struct str text, const struct sshd_address *a)
{
	int found = 0;

	do {
		struct str p = str_cut(&list, ',');
		bool negated = p.len && p.ptr[0] == '!', hit;
		struct sshd_address net;
		unsigned length;
		int r;

		if (negated)
			p = str_sub(p, 1, p.len);
		if (!p.len)
			return -2;
		r = sshd_cidr_parse(p, &net, &length);
		if (r == -ERANGE)
			return -2;
		if (!a)
			continue;
		hit = r == 0 ? contains(&net, length, a) : pattern(p, text, false);
		if (hit && negated)
			return -1;
		if (hit)
			found = 1;
	} while (list.ptr);
	return found;
}

int sshd_address_list(struct str list, struct str text)
{
	struct sshd_address a;

	return sshd_address_parse(text, &a) ? address_list(list, text, &a) : 0;
}

int sshd_address_list_check(struct str list) { return address_list(list, (struct str){}, NULL); }

static ssize_t find_at(struct str p, bool last_at)
{
	return last_at ? str_rfind(p, '@') : str_find(p, '@');
}

int sshd_user_pattern(struct str p, struct str user, struct str host, struct str address,
		      bool last_at)
{
	ssize_t at = find_at(p, last_at);
	struct str where;
	int by_address, by_host;

	if (at < 0)
		return pattern(p, user, false);
	if (!pattern(str_sub(p, 0, (size_t)at), user, false))
		return 0;
	where = str_sub(p, (size_t)at + 1, p.len);
	by_address = sshd_address_list(where, address);
	if (by_address == -2)
		return -1;
	if (by_address == -1)
		return 0;
	by_host = sshd_pattern_list(where, host, true);
	return by_host != -1 && (by_host || by_address);
}

bool sshd_user_pattern_valid(struct str p, bool last_at)
{
	ssize_t at = find_at(p, last_at);

	return p.len && (at < 0 || sshd_address_list_check(str_sub(p, (size_t)at + 1, p.len)) == 0);
}

static const char *const criterion_names[] = {
	[SSHD_BY_ALL] = "all",
	[SSHD_BY_USER] = "user",
	[SSHD_BY_GROUP] = "group",
	[SSHD_BY_HOST] = "host",
	[SSHD_BY_ADDRESS] = "address",
	[SSHD_BY_LOCALADDRESS] = "localaddress",
	[SSHD_BY_LOCALPORT] = "localport",
	[SSHD_BY_RDOMAIN] = "rdomain",
	[SSHD_BY_INVALID_USER] = "invalid-user",
	[SSHD_BY_VERSION] = "version",
};

const char *sshd_criterion_name(enum sshd_criterion_type type) { return criterion_names[type]; }

int sshd_criterion_find(struct str name)
{
	for (size_t i = 0; i < COUNT(criterion_names); i++)
		if (str_ieq(name, str_of(criterion_names[i])))
			return (int)i;
	return -1;
}

static bool by_group(struct str list, const struct sshd_connection *conn)
{
	bool found = false;

	for (size_t i = 0; conn->groups && i < conn->n_groups; i++) {
		int r = sshd_pattern_list(list, conn->groups[i], false);

		if (r < 0)
			return false;
		found |= r > 0;
	}
	return found;
}

/* Host names compare in lower case. */
static bool by_host(struct str list, struct str host)
{
	char buf[256];

	if (host.len >= sizeof buf)
		return false;
	for (size_t i = 0; i < host.len; i++)
		buf[i] = lower(host.ptr[i]);
	return sshd_pattern_list(list, (struct str){ buf, host.len }, true) == 1;
}

bool sshd_criterion_holds(const struct sshd_criterion *c, const struct sshd_connection *conn,
			  struct str release)
{
	if (c->type == SSHD_BY_ALL)
		return true;
	if (c->type == SSHD_BY_VERSION) /* needs no connection */
		return sshd_pattern_list(c->arg, release, false) == 1;
	if (!conn)
		return false;
	switch (c->type) {
	case SSHD_BY_USER:
		return conn->user.ptr && sshd_pattern_list(c->arg, conn->user, false) == 1;
	case SSHD_BY_GROUP: return conn->user.ptr && by_group(c->arg, conn);
	case SSHD_BY_HOST: return conn->host.ptr && by_host(c->arg, conn->host);
	case SSHD_BY_ADDRESS:
		return conn->address.ptr && sshd_address_list(c->arg, conn->address) == 1;
	case SSHD_BY_LOCALADDRESS:
		return conn->local_address.ptr &&
		       sshd_address_list(c->arg, conn->local_address) == 1;
	case SSHD_BY_LOCALPORT: return conn->local_port >= 0 && conn->local_port == c->port;
	case SSHD_BY_RDOMAIN:
		return conn->rdomain.ptr && sshd_pattern_list(c->arg, conn->rdomain, false) == 1;
	case SSHD_BY_INVALID_USER: return conn->invalid_user;
	case SSHD_BY_ALL:
	case SSHD_BY_VERSION: break;
	}
	return true;
}
