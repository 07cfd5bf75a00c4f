/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages of sshd about users. Names, key identities and client messages are the attacker's. */
#include "events/sshd.h"

static bool is_invalid(struct str *s) { return EAT(s, "invalid user ") || EAT(s, "illegal user "); }

/* A fingerprint: one word with a colon. */
static bool fingerprint(struct str *s, struct str *ret)
{
	struct str rest = *s, word = scan_word(&rest);

	if (!word.len || !memchr(word.ptr, ':', word.len))
		return false;
	*ret = word;
	*s = rest;
	return true;
}

struct key {
	struct str type, fingerprint, id, serial, ca;
};

/* "ID name (serial 7) CA RSA SHA256:…", to its end: the name may contain anything. */
static bool certificate(struct str s, struct key *ret)
{
	struct str rest = s, type;
	size_t n;

	if (!EAT(&rest, "ID "))
		return false;
	ret->ca = scan_word_end(rest);
	rest.len -= ret->ca.len;
	if (!EAT_END(&rest, " ") || !memchr(ret->ca.ptr, ':', ret->ca.len))
		return false;
	type = scan_word_end(rest);
	rest.len -= type.len;
	if (!EAT_END(&rest, ") CA "))
		return false;
	for (n = rest.len; n && scan_is_digit(rest.ptr[n - 1]); n--)
		;
	ret->serial = scan_skip(rest, n);
	rest.len = n;
	if (!EAT_END(&rest, " (serial "))
		return false;
	ret->id = rest;
	return true;
}

/*
 * What follows "ssh2: ": the key of publickey and hostbased, the principal of gssapi. Strict,
 * because a name can look like an address with something behind it.
 */
static bool information(struct str s, struct str method, struct key *ret)
{
	struct key k = {};

	if (str_starts(method, STR("gssapi")))
		return s.len && !memchr(s.ptr, ' ', s.len);
	if (EAT(&s, "ruser ")) /* protocol 1 */
		return true;
	k.type = scan_word(&s);
	if (!k.type.len || memchr(k.type.ptr, ':', k.type.len))
		return false;
	if (!str_starts(s, STR("ID ")) && !fingerprint(&s, &k.fingerprint))
		return false;
	if (s.len && k.fingerprint.len && k.fingerprint.ptr[k.fingerprint.len - 1] == ',') {
		k.fingerprint.len--;
		*ret = k;
		return EAT(&s, "client user \"") && EAT_END(&s, "\"");
	}
	if (s.len && !certificate(s, &k))
		return false;
	*ret = k;
	return true;
}

/* One place where "… from ADDRESS port N ssh2: information" can be cut. */
struct reading {
	struct peer peer;
	struct key key;
};

/*
 * Where both a name and the identity of a certificate are hostile, several readings may hold:
 * then the address that the connection has, or none.
 */
static bool with_information(const struct sshd_line *l, struct str s, struct str method,
			     struct reading *ret)
{
	struct reading found = {}, r = {};
	unsigned readings = 0;
	bool known = false;

	for (size_t end = s.len; end > 6; end--) {
		struct str head = { s.ptr, end - 2 };
		struct str address;

		if (memcmp(s.ptr + end - 6, "ssh", 3) != 0 || s.ptr[end - 2] != ':' ||
		    s.ptr[end - 1] != ' ' || !sshd_from(&head, true, &r.peer) ||
		    !information(scan_skip(s, end), method, &r.key))
			continue;
		if (!readings++)
			found = r;
		if (!known && l->c && l->c->address_len &&
		    address_parse(r.peer.address, &address) &&
		    str_eq(address, connection_address(l->c))) {
			known = true;
			found = r;
		}
		r.key = (struct key){};
	}
	if (readings > 1 && !known)
		found.peer.address = found.peer.port = (struct str){};
	if (readings)
		*ret = found;
	return readings > 0;
}

static bool is_key_method(struct str m)
{
	return str_eq(m, STR("publickey")) || str_eq(m, STR("hostbased")) || str_eq(m, STR("none"));
}

/*
 * Offering keys is not guessing: the name was counted by "Invalid user", or is by the first
 * line.
 */
static bool counts(struct sshd_line *l, struct str method, const struct peer *p)
{
	uint8_t *flags = l->c ? &l->c->flags : &(uint8_t){ 0 };

	if (is_key_method(method))
		return p->invalid && !(*flags & CONNECTION_COUNTED);
	if (*flags & CONNECTION_PAM && str_starts(method, STR("keyboard-interactive"))) {
		*flags &= (uint8_t)~CONNECTION_PAM;
		return false;
	}
	if (*flags & CONNECTION_NAMED) {
		*flags &= (uint8_t)~CONNECTION_NAMED;
		return false;
	}
	return true;
}

static void put_key(struct work *w, const struct key *k)
{
	if (k->type.len)
		work_put(w, FIELD_KEY_TYPE, k->type);
	if (k->fingerprint.len)
		work_put(w, FIELD_KEY_FINGERPRINT, k->fingerprint);
	if (k->ca.len) {
		work_put(w, FIELD_CERTIFICATE_ID, k->id);
		work_number(w, FIELD_CERTIFICATE_SERIAL, k->serial);
		work_put(w, FIELD_CA_FINGERPRINT, k->ca);
	}
}

bool sshd_authentication(struct sshd_line *l, enum sshd_form form)
{
	struct str rest = l->text, method = scan_word(&rest);
	struct reading r __attribute__((uninitialized));

	r.key = (struct key){};
	if (!EAT(&rest, "for ") || !method.len)
		return false;
	if (!sshd_from(&rest, true, &r.peer) && !with_information(l, rest, method, &r) &&
	    !sshd_from(&rest, false, &r.peer))
		return false;
	sshd_begin(l, form);
	r.peer.invalid = is_invalid(&r.peer.user) || str_eq(r.peer.user, STR("<invalid username>"));
	if (!r.peer.invalid && r.peer.user.len > 5)
		EAT(&r.peer.user, "user ");
	if (form == SSHD_FAILED && counts(l, method, &r.peer)) {
		sshd_attempt(l, STR("failed"));
		if (l->c)
			l->c->flags |= CONNECTION_COUNTED;
	}
	if (form == SSHD_FAILED && l->c && is_key_method(method))
		l->c->flags |= CONNECTION_KEYS;
	if (form == SSHD_ACCEPTED && l->c) {
		l->c->flags |= CONNECTION_OPENED;
		l->c->flags &= (uint8_t)~CONNECTION_PENDING;
	}
	sshd_put_peer(l, &r.peer);
	if (l->s->work.e.idle)
		return true;
	work_put(&l->s->work, FIELD_METHOD, method);
	if (r.key.type.len)
		put_key(&l->s->work, &r.key);
	return true;
}

bool sshd_invalid_user(struct sshd_line *l, enum sshd_form form)
{
	struct str rest = l->text;
	struct peer p;

	if (!sshd_from(&rest, false, &p))
		return false;
	sshd_begin(l, form);
	sshd_attempt(l, STR("failed"));
	if (l->c)
		l->c->flags = CONNECTION_NAMED | CONNECTION_COUNTED;
	sshd_put_peer(l, &p);
	return true;
}

/* "Authentication failure for NAME from HOST[ via HOST]" */
bool sshd_pam_error(struct sshd_line *l, enum sshd_form form)
{
	struct str rest = l->text, reason, via, head;
	struct peer p;

	if (EAT(&rest, "Have exhausted maximum number of retries for service for "))
		reason = STR("Have exhausted maximum number of retries for service");
	else if (!UNTIL(&rest, " for ", &reason))
		return false;
	via = scan_word_end(rest);
	head = (struct str){ rest.ptr, rest.len - via.len };
	if (EAT_END(&head, " via ") && sshd_from(&head, false, &p) &&
	    !memchr(p.address.ptr, ' ', p.address.len))
		rest = head;
	else if (!sshd_from(&rest, false, &p))
		return false;
	sshd_begin(l, form);
	p.invalid = is_invalid(&p.user);
	if (!l->c || !(l->c->flags & CONNECTION_NAMED))
		sshd_attempt(l, STR("failed"));
	if (l->c) {
		l->c->flags &= (uint8_t)~CONNECTION_NAMED;
		l->c->flags |= CONNECTION_PAM | CONNECTION_COUNTED;
	}
	sshd_put_peer(l, &p);
	work_put(&l->s->work, FIELD_REASON, reason);
	return true;
}

/* "NAME by PAM account configuration" */
bool sshd_pam_denied(struct sshd_line *l, enum sshd_form form)
{
	struct peer p = { .user = l->text, .named = true };

	if (!EAT_END(&p.user, " by PAM account configuration"))
		return false;
	sshd_begin(l, form);
	p.invalid = is_invalid(&p.user);
	sshd_attempt_once(l, STR("failed"));
	sshd_put_peer(l, &p);
	return true;
}

/* "NAME from ADDRESS port N ssh2", or only the name */
bool sshd_max_attempts(struct sshd_line *l, enum sshd_form form)
{
	/* An agent that holds more keys than sshd looks at guesses nothing. */
	bool keys = l->c && l->c->flags & CONNECTION_KEYS;
	struct peer p = { .user = l->text, .named = true };
	struct str rest = l->text;

	if (!sshd_from(&rest, true, &p) && form == SSHD_MAX_ATTEMPTS)
		return false;
	sshd_begin(l, form);
	p.invalid = is_invalid(&p.user);
	sshd_attempt_once(l, keys ? STR("abandoned") : STR("failed"));
	sshd_put_peer(l, &p);
	return true;
}

/* "NAME[ from HOST] not allowed because REASON" */
bool sshd_not_allowed(struct sshd_line *l, enum sshd_form form)
{
	static const struct str words = { " not allowed because ", 21 };
	struct str rest = l->text, reason;
	struct peer p = { .named = true };
	size_t n = rest.len;

	while (n >= words.len && memcmp(rest.ptr + n - words.len, words.ptr, words.len) != 0)
		n--;
	if (n < words.len)
		return false;
	reason = scan_skip(rest, n);
	rest.len = n - words.len;
	if (!sshd_from(&rest, false, &p))
		p.user = rest;
	sshd_begin(l, form);
	if (p.address.len || (l->c && l->c->address_len))
		sshd_attempt(l, STR("failed"));
	if (l->c)
		l->c->flags |= p.address.len || l->c->address_len
				       ? CONNECTION_NAMED | CONNECTION_COUNTED
				       : CONNECTION_PENDING;
	sshd_put_peer(l, &p);
	work_put(&l->s->work, FIELD_REASON, reason);
	return true;
}

bool sshd_root_refused(struct sshd_line *l, enum sshd_form form)
{
	struct str rest = l->text;
	struct peer p;

	if (!sshd_address(&rest, &p) || rest.len)
		return false;
	sshd_begin(l, form);
	sshd_attempt(l, STR("failed"));
	if (l->c)
		l->c->flags |= CONNECTION_NAMED | CONNECTION_COUNTED;
	sshd_put_peer(l, &p);
	return true;
}

/* "NAME with correct key but not from a permitted host (host=H, ip=A, required=…)." */
bool sshd_wrong_host(struct sshd_line *l, enum sshd_form form)
{
	struct str rest = l->text, name, host;
	struct peer p = { .named = true };

	if (!UNTIL(&rest, " with correct key but not from a permitted host (host=", &name) ||
	    !UNTIL(&rest, ", ip=", &host))
		return false;
	p.user = name;
	if (!sshd_address(&rest, &p))
		return false;
	p.named = true;
	p.user = name;
	sshd_begin(l, form);
	sshd_put_peer(l, &p);
	return true;
}
