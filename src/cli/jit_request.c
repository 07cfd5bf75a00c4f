/* SPDX-License-Identifier: GPL-3.0-or-later */
/* holdfast jit request: asks a host to open a port. */
#include <sodium.h>
#include <stdio.h>
#include <sys/time.h>

#include "base/conf.h"
#include "cli/jit.h"
#include "jit/client.h"
#include "jit/json_text.h"
#include "jit/policy.h"

#define BASE64_MAX (KNOCK_MAX * 4 / 3 + 8)
#define LATE_MS 20'000 /* to sign */

static const char *const words[] = {
	[KNOCK_OPEN] = "open",
	[KNOCK_CLOSE] = "close",
	[KNOCK_EXTEND] = "extend",
	[KNOCK_APPROVE] = "approve",
};

static int failed(const char *what, const struct diag *d, int error)
{
	char text[600], shown[128];

	cli_error("%s: %s", text_safe(str_of(what), shown, sizeof shown),
		  d->reason[0] ? diag_text(d, text, sizeof text) : strerror(-error));
	return error == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
}

static bool parse_source(struct str s, struct knock *k)
{
	struct str rest = s, head = str_cut(&rest, '/');
	uint64_t bits;

	if (net_addr_parse(head, &k->source) < 0)
		return false;
	k->sourced = true;
	k->v6 = !net_is_v4(k->source);
	bits = k->v6 ? 128 : 32;
	if (rest.ptr && (str_to_u64(rest, 10, &bits) < 0 || bits > (k->v6 ? 128 : 32)))
		return false;
	k->bits = (uint8_t)bits;
	/* No host gives more, or what is between a machine's /64 and few of its addresses. */
	return k->v6 ? bits >= 120 || (bits >= JIT_WIDEST_V6 && bits <= 64) : bits >= JIT_WIDEST_V4;
}

static bool parse_id(const char *text, unsigned char ret[static KNOCK_ID])
{
	size_t n;

	return strlen(text) == (size_t)2 * KNOCK_ID &&
	       !sodium_hex2bin(ret, KNOCK_ID, text, (size_t)2 * KNOCK_ID, NULL, &n, NULL) &&
	       n == KNOCK_ID;
}

static int parse_knock(const struct jit_ask *a, struct knock *k)
{
	unsigned seconds = 0;
	int code;

	*k = (struct knock){ .action = a->close     ? KNOCK_CLOSE
				       : a->extend  ? KNOCK_EXTEND
				       : a->approve ? KNOCK_APPROVE
						    : KNOCK_OPEN };
	if (!!a->close + !!a->extend + !!a->approve > 1) {
		cli_error("--close, --extend and --approve exclude each other");
		return EXIT_USAGE;
	}
	if (a->approve && !parse_id(a->approve, k->subject))
		return jit_wrong("--approve", a->approve, "an id of 32 hexadecimal digits");
	if (a->duration && (conf_seconds(str_of(a->duration), &seconds) < 0 || !seconds ||
			    seconds > KNOCK_SECONDS_MAX))
		return jit_wrong("--for", a->duration, "90s, 30m, 2h … up to 30d");
	k->seconds = seconds;
	code = jit_ask_reason(a, &k->reason);
	if (code != EXIT_OK)
		return code;
	if (a->from && !parse_source(str_of(a->from), k))
		return jit_wrong(
			"--from", a->from,
			"an address, or a network of /16 to /32, of IPv6 /56 to /64 or /120 to /128");
	return jit_ask_ports(a, k->ports, &k->n_ports);
}

static int64_t milliseconds(void)
{
	struct timeval t;

	gettimeofday(&t, NULL);
	return (int64_t)t.tv_sec * 1000 + t.tv_usec / 1000;
}

static void say(const struct client_target *t, const struct knock *k, const struct client_key *key,
		const char *to)
{
	char id[(size_t)2 * KNOCK_ID + 1], shown[256];

	sodium_bin2hex(id, sizeof id, k->id, KNOCK_ID);
	fprintf(stderr, "%s", words[k->action]);
	for (unsigned i = 0; i < k->n_ports; i++) {
		char port[JIT_PORT_TEXT];
		struct str s = jit_port_format(k->ports[i], port);

		fprintf(stderr, " %.*s", STR_FMT(s));
	}
	fprintf(stderr, " for %s", text_safe(k->account, shown, sizeof shown));
	fprintf(stderr, " at %s", text_safe(t->known_as, shown, sizeof shown));
	if (to)
		fprintf(stderr, " (%s)", to);
	if (k->seconds)
		fprintf(stderr, ", %u s", k->seconds);
	fprintf(stderr, "\nid %s\n", id);
	fprintf(stderr, "signed by %s%s\n", text_safe(key->name, shown, sizeof shown),
		key->agent >= 0 ? " (agent)" : "");
	if (key->others)
		fprintf(stderr,
			"the agent has %u more keys; --identity chooses, and the host answers no "
			"one\n",
			key->others);
}

static const char *base64(struct str s, char text[static BASE64_MAX])
{
	return sodium_bin2base64(text, BASE64_MAX, (const unsigned char *)s.ptr, s.len,
				 sodium_base64_VARIANT_ORIGINAL);
}

static int print_line(struct str s)
{
	return printf("%.*s\n", STR_FMT(s)) < 0 || fflush(stdout) ? EXIT_FAILED : EXIT_OK;
}

struct request {
	const struct jit_ask *ask;
	struct arena arena;
	struct client_target target;
	struct client_key key;
	struct knock knock;
	struct str jump;  /* that sends it; ptr NULL: this machine */
	struct buf lines; /* for the jump host: a datagram each */
	uint16_t port;
};

static void request_release(struct request *r)
{
	client_key_release(&r->key);
	buf_release(&r->lines);
	arena_release(&r->arena);
}

/* ssh-keygen says it itself; where an agent signs, nobody would. */
static void ask_for_touch(const struct client_key *key)
{
	struct public_key k;
	char shown[256];

	if (key->agent >= 0 && !public_key_parse(key->blob, &k) && k.hardware)
		fprintf(stderr, "touch the token of %s, if it blinks\n",
			text_safe(key->name, shown, sizeof shown));
}

/* A pass phrase or a touch may have been waited for. */
static void say_how_old(int64_t ms)
{
	if (ms >= LATE_MS)
		fprintf(stderr,
			"signing took %d s, and a host takes requests of the last minute: ask again, should it not "
			"open\n",
			(int)(ms / 1'000));
}

/* One for each key that the host is known by: it opens the one that is for its own. */
static int make(struct request *r, const char blob[static HOST_KEY_BLOB], struct buf *ret,
		struct diag *d)
{
	struct buf own(buf_release) text = BUF(KNOCK_MAX);
	unsigned char digest[32];
	struct str signature;
	int e;

	r->knock.time = milliseconds();
	randombytes_buf(r->knock.id, sizeof r->knock.id);
	crypto_hash_sha256(digest, (const unsigned char *)blob, HOST_KEY_BLOB);
	e = knock_text(&r->knock, digest, &text);
	ask_for_touch(&r->key);
	if (e == 0)
		e = client_sign(&r->key, buf_view(&text), &r->arena, &signature, d);
	if (e == 0)
		say_how_old(milliseconds() - r->knock.time);
	if (e == 0)
		e = knock_seal(blob, buf_view(&text), &signature, 1, ret);
	return e;
}

static void put_field(struct buf *b, const char *name, struct str value)
{
	buf_fmt(b, "%s\"%s\":", b->len > 1 ? "," : "", name);
	json_text_put(b, value);
}

/* What was sent, and the datagram itself where nothing was. */
static int say_json(const struct request *r, const char *to, struct str datagram)
{
	const struct knock *k = &r->knock;
	struct buf own(buf_release) b = BUF((size_t)16 * KNOCK_MAX);
	char id[(size_t)2 * KNOCK_ID + 1], text[BASE64_MAX];

	buf_putc(&b, '{');
	put_field(&b, "action", str_of(words[k->action]));
	put_field(&b, "id", str_of(sodium_bin2hex(id, sizeof id, k->id, KNOCK_ID)));
	put_field(&b, "account", k->account);
	put_field(&b, "host", r->target.known_as);
	if (to)
		put_field(&b, "to", str_of(to));
	if (r->jump.ptr)
		put_field(&b, "via", r->jump);
	buf_puts(&b, ",\"ports\":[");
	for (unsigned i = 0; i < k->n_ports; i++) {
		char port[JIT_PORT_TEXT];

		buf_puts(&b, i ? "," : "");
		json_text_put(&b, jit_port_format(k->ports[i], port));
	}
	buf_putc(&b, ']');
	if (k->seconds)
		buf_fmt(&b, ",\"seconds\":%u", k->seconds);
	put_field(&b, "key", r->key.name);
	buf_fmt(&b, ",\"agent\":%s", r->key.agent >= 0 ? "true" : "false");
	if (r->ask->stdin_form)
		put_field(&b, "datagram", str_of(base64(datagram, text)));
	buf_putc(&b, '}');
	return b.error ? EXIT_FAILED : print_line(buf_view(&b));
}

static int deliver(struct request *r, struct str datagram)
{
	char to[NET_ADDR_TEXT] = "", text[BASE64_MAX];
	struct diag d = {};
	int e = 0;

	if (r->jump.ptr)
		e = buf_fmt(&r->lines, "%s\n", base64(datagram, text));
	else if (!r->ask->stdin_form)
		e = client_send(&r->target, r->port, datagram, to, &d);
	if (e < 0)
		return failed(r->ask->destination, &d, e == -EINVAL ? -EIO : e);
	if (r->ask->json)
		return say_json(r, *to ? to : NULL, datagram);
	say(&r->target, &r->knock, &r->key, *to ? to : NULL);
	return r->ask->stdin_form ? print_line(str_of(base64(datagram, text))) : EXIT_OK;
}

/* Where it is sent from, and what that means. */
static int hand_on(struct request *r)
{
	struct str jump = r->jump.ptr ? r->jump : r->target.jump;
	char shown[256];
	struct diag d = {};
	int e;

	text_safe(jump, shown, sizeof shown);
	if (!r->jump.ptr) {
		if (jump.ptr && !r->ask->stdin_form)
			fprintf(stderr,
				"ssh goes through %s, whose address is another one: --via "
				"ssh-jump\n",
				shown);
		return EXIT_OK;
	}
	e = client_via(&r->target, r->ask->config, jump, r->port, buf_view(&r->lines), &d);
	if (e < 0)
		return failed(r->ask->via, &d, e);
	fprintf(stderr, "sent by %s, and for its address: connect through it (ssh -J)\n", shown);
	return EXIT_OK;
}

static int find_jump(struct request *r)
{
	if (!r->ask->via)
		return EXIT_OK;
	if (r->ask->stdin_form) {
		cli_error("--via and --stdin exclude each other");
		return EXIT_USAGE;
	}
	r->lines.limit = CLIENT_HOST_KEYS_MAX * (size_t)BASE64_MAX;
	r->jump = str_of(r->ask->via);
	if (strcmp(r->ask->via, "ssh-jump") != 0)
		return EXIT_OK;
	r->jump = r->target.jump;
	if (r->jump.ptr)
		return EXIT_OK;
	cli_error("--via ssh-jump: ssh's configuration has no ProxyJump for this host; name one: "
		  "--via [USER@]HOST");
	return EXIT_USAGE;
}

static int send_all(struct request *r)
{
	char keys[CLIENT_HOST_KEYS_MAX][HOST_KEY_BLOB];
	struct diag d = {};
	size_t n = 0;
	int e = client_host_keys(&r->target, keys, &n, &d), code = EXIT_OK;

	if (e == 0)
		e = client_key(&r->target, r->ask->identity, &r->arena, &r->key, &d);
	if (e < 0)
		return failed(r->ask->destination, &d, e);
	for (size_t i = 0; i < n && code == EXIT_OK; i++) {
		struct buf own(buf_release) datagram = BUF(KNOCK_MAX);

		e = make(r, keys[i], &datagram, &d);
		if (e < 0)
			return failed(r->ask->destination, &d, e == -EINVAL ? -EBADMSG : e);
		code = deliver(r, buf_view(&datagram));
	}
	return code == EXIT_OK ? hand_on(r) : code;
}

int jit_request(const struct jit_ask *a)
{
	struct request own(request_release) r = { .ask = a, .key.agent = -1, .port = JIT_PORT };
	struct diag d = {};
	uint64_t port;
	int code = parse_knock(a, &r.knock), e;

	if (code != EXIT_OK)
		return code;
	if (a->knock_port) {
		if (str_to_u64(str_of(a->knock_port), 10, &port) < 0 || !port || port > UINT16_MAX)
			return jit_wrong("--knock-port", a->knock_port, "1 to 65535");
		r.port = (uint16_t)port;
	}
	e = client_target(a->destination, a->config, &r.arena, &r.target, &d);
	if (e < 0)
		return failed(a->destination, &d, e);
	r.knock.account = r.target.user;
	if (r.target.user.len > KNOCK_ACCOUNT_MAX || !knock_is_clean(r.target.user))
		return jit_wrong("account", a->destination, "at most 64 bytes of text");
	code = find_jump(&r);
	return code == EXIT_OK ? send_all(&r) : code;
}
