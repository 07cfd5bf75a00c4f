/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sshd: messages of OpenSSH 7 to 10 (sshd, sshd-session, sshd-auth): auth.c, auth2.c,
 * auth-pam.c, kex.c, packet.c, sshd.c and srclimit.c of the portable release, and what
 * distributions add.
 *
 * One attempt makes several lines: pam_unix, "Invalid user", "error: PAM", "Failed", the closing
 * one. The field attempt stands in exactly one of them: "failed", "succeeded", "abandoned" (a
 * user was named and nothing was tried), "probe" (not even that) or "refused" (sshd did not talk
 * to it).
 */
#include "events/sshd.h"

#define DISCONNECT                     \
	{                              \
		"action", "disconnect" \
	}
#define REASON(text)           \
	{                      \
		"reason", text \
	}
#define SOURCE .product = "linux", .service = "sshd", .also = { "auth", "syslog" }
#define PEER "user", "src_ip", "src_host", "src_port"
#define TRIED "attempt", "invalid_user", PEER

/* clang-format off */
const struct message_form sshd_forms[SSHD_N] = {
	[SSHD_OTHER] = { "", SOURCE },
	[SSHD_FAILED] = { "Failed ", { LOGIN, FAILURE }, { TRIED, "method", "key_type",
	  "key_fingerprint", "certificate_id" }, SOURCE },
	[SSHD_ACCEPTED] = { "Accepted ", { LOGIN, { "outcome", "success" }, { "attempt",
	  "succeeded" } }, { PEER, "method", "key_type", "key_fingerprint", "certificate_id",
	  "certificate_serial", "ca_fingerprint" }, SOURCE },
	[SSHD_POSTPONED] = { "Postponed ", { LOGIN, { "outcome", "pending" } }, { PEER,
	  "invalid_user", "method" }, SOURCE },
	[SSHD_PARTIAL] = { "Partial ", { LOGIN, { "outcome", "partial" } }, { PEER, "method",
	  "key_type", "key_fingerprint" }, SOURCE },
	[SSHD_INVALID_USER] = { "Invalid user ", { LOGIN, FAILURE, { "invalid_user", "true" },
	  REASON("invalid user") }, { "attempt", PEER }, SOURCE, .context = true },
	[SSHD_PAM_ERROR] = { "PAM: ", { LOGIN, FAILURE }, { TRIED, "reason" }, SOURCE,
	  .context = true },
	[SSHD_PAM_DENIED] = { "Access denied for user ", { LOGIN, FAILURE,
	  REASON("denied by PAM account configuration") }, { TRIED }, SOURCE },
	[SSHD_MAX_ATTEMPTS] = { "maximum authentication attempts exceeded", { LOGIN, FAILURE,
	  REASON("too many attempts") }, { TRIED }, SOURCE },
	[SSHD_TOO_MANY] = { "Too many authentication failures", { LOGIN, FAILURE,
	  REASON("too many attempts") }, { TRIED }, SOURCE },
	[SSHD_CHANGED] = { "Change of username or service not allowed", { LOGIN, FAILURE,
	  REASON("change of user") }, { TRIED }, SOURCE },
	[SSHD_NOT_ALLOWED] = { " not allowed because ", { LOGIN, FAILURE }, { TRIED, "reason" },
	  SOURCE, .context = true },
	[SSHD_ROOT_REFUSED] = { "ROOT LOGIN REFUSED", { LOGIN, FAILURE, { "user", "root" },
	  REASON("root login refused") }, { "attempt", "src_ip", "src_host", "src_port" }, SOURCE,
	  .context = true },
	[SSHD_WRONG_HOST] = { "with correct key but not from a permitted host", { LOGIN, FAILURE,
	  REASON("key not permitted from this host") }, { TRIED }, SOURCE },
	[SSHD_TIMEOUT] = { "Timeout before authentication", { LOGIN, FAILURE, REASON("timeout") },
	  { TRIED }, SOURCE },
	[SSHD_REFUSED] = { "refused connect from", { CONNECT, FAILURE, { "attempt", "refused" },
	  REASON("tcp wrappers") }, { "src_ip", "src_host" }, SOURCE },
	[SSHD_DROPPED] = { "drop connection #", { CONNECT, FAILURE, { "attempt", "refused" } },
	  { "src_ip", "src_port", "dst_ip", "dst_port", "reason" }, SOURCE },
	[SSHD_PENALTY] = { "srclimit_penalise", { { "action", "penalty" } }, { "src_ip",
	  "reason" }, SOURCE },
	[SSHD_THROTTLE] = { "MaxStartups throttling", { { "action", "throttle" } }, {}, SOURCE },
	[SSHD_CONNECTION] = { "Connection from ", { CONNECT }, { "src_ip", "src_host", "src_port",
	  "dst_ip", "dst_port" }, SOURCE, .context = true },
	[SSHD_LTYPE] = { ";Remote: ", { CONNECT }, { "src_ip", "src_port" }, SOURCE,
	  .context = true },
	[SSHD_CLOSED] = { "Connection closed by ", { DISCONNECT }, { TRIED, "outcome" }, SOURCE },
	[SSHD_RESET] = { "Connection reset by ", { DISCONNECT },{ TRIED, "outcome" }, SOURCE },
	[SSHD_DISCONNECTED] = { "Disconnected from ", { DISCONNECT }, { TRIED, "outcome" },
	  SOURCE },
	[SSHD_RECEIVED] = { "Received disconnect from ", { DISCONNECT }, { TRIED, "outcome",
	  "reason" }, SOURCE },
	[SSHD_DISCONNECTING] = { "Disconnecting", { DISCONNECT }, { TRIED, "outcome", "reason" },
	  SOURCE },
	[SSHD_NO_IDENT] = { "Did not receive identification string", { CONNECT, FAILURE,
	  REASON("no identification") }, { "attempt", "src_ip", "src_host", "src_port" },
	  SOURCE },
	[SSHD_BAD_IDENT] = { "Bad protocol version identification", { CONNECT, FAILURE,
	  REASON("bad identification") }, { "attempt", "src_ip", "src_host", "src_port" },
	  SOURCE },
	[SSHD_BANNER] = { "banner exchange: ", { CONNECT, FAILURE }, { "attempt", "src_ip",
	  "src_host", "src_port", "reason" }, SOURCE },
	[SSHD_KEX] = { "kex_exchange_identification: ", { CONNECT, FAILURE }, { "attempt",
	  "src_ip", "src_port", "reason" }, SOURCE, .context = true },
	[SSHD_MAJOR] = { "Protocol major versions differ", { CONNECT, FAILURE,
	  REASON("protocol version") }, { "attempt", "src_ip", "src_host", "src_port" }, SOURCE },
	[SSHD_SCANNED] = { "scanned from ", { CONNECT, FAILURE, REASON("scan") }, { "attempt",
	  "src_ip", "src_host", "src_port" }, SOURCE },
	[SSHD_PROBED] = { "probed from ", { CONNECT, FAILURE, REASON("scan") }, { "attempt",
	  "src_ip", "src_host", "src_port" }, SOURCE },
	[SSHD_NEGOTIATE] = { "Unable to negotiate", { CONNECT, FAILURE }, { TRIED, "reason" },
	  SOURCE },
	[SSHD_NO_MATCH] = { "no matching ", { CONNECT, FAILURE }, { "attempt", "src_ip",
	  "src_port", "reason" }, SOURCE },
	[SSHD_DISPATCH] = { "ssh_dispatch_run_fatal: ", { CONNECT, FAILURE }, { TRIED, "reason" },
	  SOURCE },
	[SSHD_READ_FAILED] = { "Read from socket failed: ", { DISCONNECT, FAILURE }, { "attempt",
	  "src_ip", "src_port", "reason" }, SOURCE },
	[SSHD_MAPS] = { " does not map back to the address", { { "action", "lookup" }, FAILURE,
	  REASON("name and address differ") }, { "src_ip", "src_host" }, SOURCE },
	[SSHD_REVERSE] = { "reverse mapping checking getaddrinfo", { { "action", "lookup" },
	  FAILURE, REASON("name has no address") }, { "src_ip", "src_host" }, SOURCE },
	[SSHD_REVOKED] = { " revoked", { LOGIN, FAILURE, REASON("revoked key") }, { PEER },
	  SOURCE },
	[SSHD_CERTIFICATE] = { "Certificate invalid: ", { LOGIN, FAILURE }, { PEER, "reason" },
	  SOURCE },
	[SSHD_SESSION] = { "Starting session: ", { { "action", "session" }, { "outcome",
	  "success" } }, { PEER }, SOURCE },
	[SSHD_SUBSYSTEM] = { "subsystem request for ", { { "action", "subsystem" } }, { PEER,
	  "command" }, SOURCE },
	[SSHD_LISTENING] = { "Server listening on ", { { "action", "start" } }, { "dst_ip",
	  "dst_port" }, SOURCE },
	[SSHD_SIGNAL] = { "Received signal ", { { "action", "stop" } }, {}, SOURCE },
};
/* clang-format on */

const struct message_set sshd_set = { "sshd", "OpenSSH's server", sshd_forms, SSHD_N };
_Static_assert((int)SSHD_N <= (int)FORMS_PAM - (int)FORMS_SSHD, "room for its forms");

/* How each message goes on after its first words; sorted by the first letter. */
#define OPENING(words, read, form)                   \
	{                                            \
		words, sizeof(words) - 1, form, read \
	}
/* clang-format off */
static const struct opening {
	char words[48]; /* in place: the search touches nothing else */ uint8_t len,
	form; sshd_fn *read; } openings[] = { OPENING("Accepted ", sshd_authentication,
	  SSHD_ACCEPTED),
	OPENING("Access denied for user ", sshd_pam_denied, SSHD_PAM_DENIED),
	OPENING("Address ", sshd_reason, SSHD_MAPS),
	OPENING("Authentication key ", sshd_reason, SSHD_REVOKED),
	OPENING("Authentication tried for ", sshd_wrong_host, SSHD_WRONG_HOST),
	OPENING("Bad protocol version identification ", sshd_ident, SSHD_BAD_IDENT),
	OPENING("Certificate invalid: ", sshd_plain, SSHD_CERTIFICATE),
	OPENING("Connection closed by ", sshd_closed, SSHD_CLOSED),
	OPENING("Connection from ", sshd_connection, SSHD_CONNECTION),
	OPENING("Connection reset by ", sshd_closed, SSHD_RESET),
	OPENING("Did not receive identification string from ", sshd_ident, SSHD_NO_IDENT),
	OPENING("Disconnected from ", sshd_closed, SSHD_DISCONNECTED),
	OPENING("Disconnecting", sshd_disconnecting, SSHD_DISCONNECTING),
	OPENING("Failed ", sshd_authentication, SSHD_FAILED),
	OPENING("Illegal user ", sshd_invalid_user, SSHD_INVALID_USER),
	OPENING("Invalid user ", sshd_invalid_user, SSHD_INVALID_USER),
	OPENING("PAM: ", sshd_pam_error, SSHD_PAM_ERROR),
	OPENING("Partial ", sshd_authentication, SSHD_PARTIAL),
	OPENING("Postponed ", sshd_authentication, SSHD_POSTPONED),
	OPENING("Protocol major versions differ for ", sshd_address_first, SSHD_MAJOR),
	OPENING("ROOT LOGIN REFUSED FROM ", sshd_root_refused, SSHD_ROOT_REFUSED),
	OPENING("Read from socket failed: ", sshd_broken, SSHD_READ_FAILED),
	OPENING("Received disconnect from ", sshd_received, SSHD_RECEIVED),
	OPENING("Received signal ", sshd_plain, SSHD_SIGNAL),
	OPENING("SSH: Server;Ltype: ", sshd_ltype, SSHD_LTYPE),
	OPENING("Server listening on ", sshd_plain, SSHD_LISTENING),
	OPENING("Starting session: ", sshd_plain, SSHD_SESSION),
	OPENING("Timeout before authentication for ", sshd_timeout, SSHD_TIMEOUT),
	OPENING("Too many authentication failures for ", sshd_max_attempts, SSHD_TOO_MANY),
	OPENING("Unable to negotiate ", sshd_negotiate, SSHD_NEGOTIATE),
	OPENING("User ", sshd_not_allowed, SSHD_NOT_ALLOWED),
	OPENING("banner exchange: Connection from ", sshd_broken, SSHD_BANNER),
	OPENING("beginning MaxStartups throttling", sshd_plain, SSHD_THROTTLE),
	OPENING("drop connection #", sshd_dropped, SSHD_DROPPED),
	OPENING("exited MaxStartups throttling", sshd_plain, SSHD_THROTTLE),
	OPENING("kex_exchange_identification: ", sshd_broken, SSHD_KEX),
	OPENING("maximum authentication attempts exceeded for ", sshd_max_attempts,
	  SSHD_MAX_ATTEMPTS),
	OPENING("no matching ", sshd_broken, SSHD_NO_MATCH),
	OPENING("probed from ", sshd_address_first, SSHD_PROBED),
	OPENING("refused connect from ", sshd_refused, SSHD_REFUSED),
	OPENING("reverse mapping checking getaddrinfo for ", sshd_reason, SSHD_REVERSE),
	OPENING("scanned from ", sshd_address_first, SSHD_SCANNED),
	OPENING("srclimit_penalise: ", sshd_plain, SSHD_PENALTY),
	OPENING("ssh_dispatch_run_fatal: Connection ", sshd_broken, SSHD_DISPATCH),
	OPENING("subsystem request for ", sshd_plain, SSHD_SUBSYSTEM),
};
/* clang-format on */

/* What a system log may put between the envelope and the message. */
static struct str without_prefix(struct str s)
{
	struct str rest = s, part;

	/* Solaris: "[ID 800047 auth.info] " */
	if (EAT(&rest, "[ID ") && UNTIL(&rest, "] ", &part) && part.len < 40)
		return rest;
	/* "kernel:[  970.699396]: " */
	rest = s;
	if (EAT(&rest, "kernel:") && (scan_blanks(&rest), EAT(&rest, "[")) &&
	    scan_until(&rest, ']', &part) && part.len < 24) {
		EAT(&rest, ":");
		scan_blanks(&rest);
		return rest;
	}
	return s;
}

/* They are sorted: those of a letter stand together. */
static size_t first_opening(struct program_state *s, char letter)
{
	for (size_t i = COUNT(openings); !s->sshd_ready && i-- > 0;)
		s->sshd_first[(size_t)openings[i].words[0]] = (uint8_t)(i + 1);
	s->sshd_ready = true;
	return s->sshd_first[(size_t)letter] ? s->sshd_first[(size_t)letter] - 1U : COUNT(openings);
}

/* Most openings differ in their first letters. */
static inline bool opens(struct str *s, const struct opening *o)
{
	uint32_t a, b;

	if (s->len < o->len || o->len < sizeof a)
		return scan_eat(s, o->words, o->len);
	memcpy(&a, s->ptr, sizeof a);
	memcpy(&b, o->words, sizeof b);
	return a == b && scan_eat(s, o->words, o->len);
}

bool sshd_message(struct program_state *s, const struct record *r, struct str message)
{
	struct sshd_line l = {
		.s = s,
		.r = r,
		.text = message,
	};

	l.c = r->known ? connection_at(&s->connections, r->pid_number, r->host, r->time)
		       : connection_of(&s->connections, r->pid, r->hostname, r->time);

	if (l.text.len && (*l.text.ptr == '[' || *l.text.ptr == 'k'))
		l.text = without_prefix(l.text);
	scan_blanks(&l.text);
	while (l.text.len && l.text.ptr[l.text.len - 1] == ' ')
		l.text.len--;
	if (EAT_END(&l.text, " [preauth]"))
		l.preauth = true;
	if (EAT(&l.text, "error: ") || EAT(&l.text, "fatal: "))
		l.error = true;
	if (!l.text.len || (unsigned char)*l.text.ptr > 127)
		return false;
	for (size_t i = first_opening(s, *l.text.ptr); i < COUNT(openings); i++) {
		const struct opening *o = &openings[i];
		struct str rest = l.text;

		if (o->words[0] != *rest.ptr)
			break;
		if (!opens(&rest, o))
			continue;
		l.text = rest;
		if (o->read(&l, o->form))
			return true;
		l.text = (struct str){ rest.ptr - o->len, rest.len + o->len };
	}
	return false;
}
