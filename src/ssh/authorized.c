/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ssh/authorized.h"

#include <sodium.h>
#include <time.h>

#include "ssh/krl.h"
#include "ssh/pattern.h"
#include "ssh/wire.h"

/* What a line says beside the key. Values are without quotes, with \" inside left as it is. */
struct line_options {
	struct str from, expiry, principals;
	bool has_from, has_principals, authority, verify, no_touch, unknown;
};

static const char *const texts[AUTHORIZED_N] = {
	[AUTHORIZED_YES] = "authorised",
	[AUTHORIZED_UNKNOWN] = "no line of authorized_keys names the key",
	[AUTHORIZED_FROM] = "the key may not be used from this address",
	[AUTHORIZED_EXPIRED] = "the key or certificate has expired",
	[AUTHORIZED_NOT_YET] = "the certificate is not valid yet",
	[AUTHORIZED_PRINCIPAL] = "the certificate is not for this account",
	[AUTHORIZED_CERTIFICATE] = "the certificate is not one that sshd would take",
	[AUTHORIZED_TOUCH] = "the key must be touched, or its PIN entered",
	[AUTHORIZED_LINE] = "the line of authorized_keys is not understood",
};

const char *authorized_text(enum authorized a)
{
	return (unsigned)a < AUTHORIZED_N ? texts[a] : "";
}

/* Options that say what a login may do: they have no say in whether there may be one. */
static bool is_harmless(struct str name)
{
	static const char *const names[] = {
		"agent-forwarding",   "command",    "environment",     "no-agent-forwarding",
		"no-port-forwarding", "no-pty",     "no-user-rc",      "no-X11-forwarding",
		"permitlisten",       "permitopen", "port-forwarding", "pty",
		"restrict",           "tunnel",     "user-rc",         "X11-forwarding",
	};

	for (size_t i = 0; i < COUNT(names); i++)
		if (str_ieq(name, str_of(names[i])))
			return true;
	return false;
}

/* `name` or `name="value"`; takes it and the comma behind it off *s. False: an open quote. */
static bool next_option(struct str *s, struct str *ret_name, struct str *ret_value)
{
	size_t i = 0, start;

	while (i < s->len && s->ptr[i] != ',' && s->ptr[i] != '=')
		i++;
	*ret_name = str_sub(*s, 0, i);
	*ret_value = (struct str){};
	if (i < s->len && s->ptr[i] == '=') {
		if (++i >= s->len || s->ptr[i++] != '"')
			return false;
		for (start = i; i < s->len && s->ptr[i] != '"'; i++)
			if (s->ptr[i] == '\\' && i + 1 < s->len && s->ptr[i + 1] == '"')
				i++;
		if (i >= s->len)
			return false;
		*ret_value = str_sub(*s, start, i++);
		if (!ret_value->ptr)
			ret_value->ptr = "";
	}
	if (i < s->len && s->ptr[i] != ',')
		return false;
	*s = str_sub(*s, i + 1, s->len);
	return true;
}

static struct line_options options_of(struct str s)
{
	struct line_options o = {};
	struct str name, value;

	while (s.len) {
		if (!next_option(&s, &name, &value)) {
			o.unknown = true;
			return o;
		}
		if (str_ieq(name, STR("from"))) {
			/* A second one: both would have to allow it. sshd refuses the line. */
			o.unknown |= o.has_from || !value.ptr;
			o.from = value;
			o.has_from = true;
		} else if (str_ieq(name, STR("expiry-time"))) {
			o.unknown |= o.expiry.ptr || !value.ptr;
			o.expiry = value;
		} else if (str_ieq(name, STR("principals"))) {
			o.unknown |= o.has_principals || !value.ptr;
			o.principals = value;
			o.has_principals = true;
		} else if (str_ieq(name, STR("cert-authority"))) {
			o.authority = true;
		} else if (str_ieq(name, STR("verify-required"))) {
			o.verify = true;
		} else if (str_ieq(name, STR("no-touch-required"))) {
			o.no_touch = true;
		} else if (!is_harmless(name)) {
			o.unknown = true;
		}
	}
	return o;
}

/* Length of the options in front of a key: up to a blank that stands outside quotes. */
static size_t options_len(struct str s)
{
	bool quoted = false;
	size_t i;

	for (i = 0; i < s.len && (quoted || (s.ptr[i] != ' ' && s.ptr[i] != '\t')); i++) {
		if (s.ptr[i] == '\\' && i + 1 < s.len && s.ptr[i + 1] == '"')
			i++;
		else if (s.ptr[i] == '"')
			quoted = !quoted;
	}
	return MIN(i, s.len);
}

/* "type base64": the blob, in room of SSH_BLOB_MAX. */
static bool key_of(struct str s, char *room, struct str *ret)
{
	struct str type = str_word(&s), text = str_word(&s);
	struct public_key key;
	size_t n;

	if (!text.len ||
	    sodium_base642bin((unsigned char *)room, SSH_BLOB_MAX, text.ptr, text.len, NULL, &n,
			      NULL, sodium_base64_VARIANT_ORIGINAL) ||
	    public_key_parse((struct str){ room, n }, &key) || !str_eq(key.type, type))
		return false;
	*ret = key.blob;
	return true;
}

/* A line's key and options. False: it has no key. */
static bool split_line(struct str line, char *room, struct str *ret_blob, struct line_options *ret)
{
	size_t n;

	line = str_trim(line);
	if (!line.len || *line.ptr == '#')
		return false;
	*ret = (struct line_options){};
	if (key_of(line, room, ret_blob))
		return true;
	n = options_len(line);
	*ret = options_of(str_sub(line, 0, n));
	return key_of(str_sub(line, n, line.len), room, ret_blob);
}

static bool pattern_has(struct str pattern, net_addr at)
{
	struct net_range ranges[2];
	char text[NET_ADDR_TEXT];
	size_t n;

	if (str_find(pattern, '/') >= 0) {
		if (net_prefix_parse(pattern, ranges, &n))
			return false;
		for (size_t i = 0; i < n; i++)
			if (at >= ranges[i].first && at <= ranges[i].last)
				return true;
		return false;
	}
	return pattern_match(pattern, net_addr_format(at, text));
}

/*
 * As match_host_and_ip(): a pattern that excludes wins. Names of hosts are not resolved: where only
 * one of those would fit, the answer is no.
 */
static bool address_in(struct str list, net_addr at)
{
	bool found = false;

	while (list.ptr) {
		struct str p = str_trim(str_cut(&list, ','));
		bool no = str_starts(p, STR("!"));

		if (!pattern_has(no ? str_sub(p, 1, p.len) : p, at))
			continue;
		if (no)
			return false;
		found = true;
	}
	return found;
}

/* "YYYYMMDD[HHMM[SS]]", in UTC with a final Z (sshd(8)); else in the machine's zone. */
static bool expired(struct str s, int64_t now)
{
	int part[6] = { 0, 0, 0, 0, 0, 0 };
	static const unsigned widths[] = { 4, 2, 2, 2, 2, 2 };
	bool utc = str_ends(s, STR("Z")) || str_ends(s, STR("z"));
	struct tm tm = { .tm_isdst = -1 };
	size_t at = 0;
	time_t end;

	if (utc)
		s.len--;
	if (s.len != 8 && s.len != 12 && s.len != 14)
		return true;
	for (size_t i = 0; i < COUNT(part) && at < s.len; at += widths[i++]) {
		uint64_t v;

		if (str_to_u64(str_sub(s, at, at + widths[i]), 10, &v))
			return true;
		part[i] = (int)v;
	}
	tm.tm_year = part[0] - 1900;
	tm.tm_mon = part[1] - 1;
	tm.tm_mday = part[2];
	tm.tm_hour = part[3];
	tm.tm_min = part[4];
	tm.tm_sec = part[5];
	end = utc ? timegm(&tm) : mktime(&tm);
	return end <= 0 || now >= end;
}

static bool list_has(struct wire w, struct str name)
{
	bool found = false;

	while (w.s.len && !w.bad)
		found |= str_eq(wire_string(&w), name);
	return found && !w.bad;
}

/* One of the names that a list of authorized_keys or a file has. */
static bool any_principal(struct str cert, struct str names)
{
	while (names.ptr)
		if (list_has((struct wire){ .s = cert }, str_trim(str_cut(&names, ','))))
			return true;
	return false;
}

static enum authorized critical_option(struct str name, struct str data,
				       const struct applicant *who)
{
	struct wire w = { .s = data };

	if (str_eq(name, STR("source-address"))) {
		struct str list = wire_string(&w);

		if (wire_end(&w))
			return AUTHORIZED_CERTIFICATE;
		return address_in(list, who->address) ? AUTHORIZED_YES : AUTHORIZED_FROM;
	}
	if (str_eq(name, STR("verify-required")))
		return who->signed_flags & SIGNED_VERIFIED ? AUTHORIZED_YES : AUTHORIZED_TOUCH;
	return str_eq(name, STR("force-command")) ? AUTHORIZED_YES : AUTHORIZED_CERTIFICATE;
}

static bool may_go_untouched(const struct ssh_certificate *c)
{
	struct wire w = { .s = c->extensions };
	bool found = false;

	while (w.s.len && !w.bad) {
		found |= str_eq(wire_string(&w), STR("no-touch-required"));
		(void)wire_string(&w);
	}
	return found && !w.bad;
}

/* All of a certificate but whom it names. The authority's signature is tested last: it costs most. */
static enum authorized certificate_ask(const struct public_key *key, const struct applicant *who)
{
	const struct ssh_certificate *c = &key->certificate;
	struct wire w = { .s = c->critical };
	struct public_key authority;
	unsigned flags;

	if (c->type != CERTIFICATE_USER)
		return AUTHORIZED_CERTIFICATE;
	if ((uint64_t)who->now < c->after)
		return AUTHORIZED_NOT_YET;
	if ((uint64_t)who->now >= c->before)
		return AUTHORIZED_EXPIRED;
	while (w.s.len && !w.bad) {
		struct str name = wire_string(&w), data = wire_string(&w);
		enum authorized a = critical_option(name, data, who);

		if (!w.bad && a != AUTHORIZED_YES)
			return a;
	}
	if (w.bad || public_key_parse(c->authority, &authority) || authority.certified ||
	    public_key_verify(&authority, c->body, c->signature, &flags))
		return AUTHORIZED_CERTIFICATE;
	return AUTHORIZED_YES;
}

static bool touch_missing(const struct public_key *key, const struct applicant *who, bool waived)
{
	return key->hardware && !waived && !(who->signed_flags & SIGNED_TOUCHED);
}

/* What a line that names the key, or its authority, says. */
static enum authorized line_ask(const struct line_options *o, const struct public_key *key,
				const struct applicant *who)
{
	const struct ssh_certificate *c = &key->certificate;
	bool waived = o->no_touch && (!key->certified || may_go_untouched(c));

	if (o->unknown)
		return AUTHORIZED_LINE;
	if (o->expiry.ptr && expired(o->expiry, who->now))
		return AUTHORIZED_EXPIRED;
	if (o->has_from && !address_in(o->from, who->address))
		return AUTHORIZED_FROM;
	if (touch_missing(key, who, waived) ||
	    (o->verify && !(who->signed_flags & SIGNED_VERIFIED)))
		return AUTHORIZED_TOUCH;
	if (!key->certified)
		return AUTHORIZED_YES;
	if (o->has_principals ? !any_principal(c->principals, o->principals)
			      : !list_has((struct wire){ .s = c->principals }, who->account))
		return AUTHORIZED_PRINCIPAL;
	return certificate_ask(key, who);
}

int authorized_keys_ask(struct str text, const struct public_key *key, const struct applicant *who,
			enum authorized *ret, unsigned *ret_line)
{
	char *room own(free_ptr) = malloc(SSH_BLOB_MAX);
	enum authorized best = AUTHORIZED_UNKNOWN;
	unsigned number = 0, best_line = 0;
	struct str line, blob;

	if (!room)
		return -ENOMEM;
	while (number < AUTHORIZED_LINES_MAX && str_line(&text, &line, &number)) {
		struct line_options o;
		enum authorized a;

		if (line.len > AUTHORIZED_LINE_MAX || !split_line(line, room, &blob, &o))
			continue;
		if (o.authority != key->certified ||
		    !str_eq(blob, key->certified ? key->certificate.authority : key->blob))
			continue;
		a = line_ask(&o, key, who);
		if (a == AUTHORIZED_YES || best == AUTHORIZED_UNKNOWN) {
			best = a;
			best_line = number;
		}
		if (a == AUTHORIZED_YES)
			break;
	}
	*ret = best;
	*ret_line = best_line;
	return 0;
}

static bool file_names(struct str principals, const struct public_key *key)
{
	struct str line;

	/* Lines may have options in front, which restrict: only bare names are taken. */
	while (str_line(&principals, &line, NULL)) {
		line = str_trim(line);
		if (line.len && *line.ptr != '#' &&
		    list_has((struct wire){ .s = key->certificate.principals }, line))
			return true;
	}
	return false;
}

static bool has_key(struct str text, struct str wanted, char *room)
{
	unsigned number = 0;
	struct str line, blob;

	while (number < AUTHORIZED_LINES_MAX && str_line(&text, &line, &number))
		if (line.len <= AUTHORIZED_LINE_MAX && key_of(str_trim(line), room, &blob) &&
		    str_eq(blob, wanted))
			return true;
	return false;
}

int authorized_authority_ask(struct str authorities, struct str principals,
			     const struct public_key *key, const struct applicant *who,
			     enum authorized *ret)
{
	char *room own(free_ptr) = malloc(SSH_BLOB_MAX);

	if (!room)
		return -ENOMEM;
	if (!key->certified || !has_key(authorities, key->certificate.authority, room))
		*ret = AUTHORIZED_UNKNOWN;
	else if (principals.ptr ? !file_names(principals, key)
				: !list_has((struct wire){ .s = key->certificate.principals },
					    who->account))
		*ret = AUTHORIZED_PRINCIPAL;
	else if (touch_missing(key, who, may_go_untouched(&key->certificate)))
		*ret = AUTHORIZED_TOUCH;
	else
		*ret = certificate_ask(key, who);
	return 0;
}

int authorized_revoked(struct str text, const struct public_key *key)
{
	char *room own(free_ptr) = malloc(SSH_BLOB_MAX),
		   *plain own(free_ptr) = malloc(SSH_BLOB_MAX);
	size_t n;
	int r;

	if (krl_is(text))
		return krl_revokes(text, key);
	if (!room || !plain)
		return -ENOMEM;
	r = public_key_plain(key, plain, SSH_BLOB_MAX, &n);
	if (r < 0)
		return r;
	return has_key(text, (struct str){ plain, n }, room) ||
	       (key->certified && has_key(text, key->certificate.authority, room));
}
