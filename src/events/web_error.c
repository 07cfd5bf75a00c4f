/* SPDX-License-Identifier: GPL-3.0-or-later */
/* web_error: error logs of Apache and nginx, their own or by way of syslog. */
#include "events/program.h"
#include "events/template.h"
#include "events/web.h"

enum web_form {
	APACHE_OTHER,
	APACHE_LOGIN,
	APACHE_DENIED,
	APACHE_MISSING,
	APACHE_BAD,
	APACHE_TLS,
	APACHE_SECURITY,
	APACHE_FUNCTION,
	NGINX_OTHER,
	NGINX_LOGIN,
	NGINX_DENIED,
	NGINX_LIMIT,
	NGINX_TLS,
	NGINX_MISSING,
	WEB_N
};

#define PEER "user", "src_ip", "src_port", "c-ip"
#define REQUEST "cs-method", "cs-uri-stem", "cs-uri-query", "cs-host", "cs-referer"
#define APACHE .service = "apache"
#define NGINX .service = "nginx"

/* clang-format off */
static const struct message_form forms[WEB_N] = {
	[APACHE_OTHER] = { "", {}, { PEER }, APACHE },
	[APACHE_LOGIN] = { "", { ACTION("login"), FAILURE, FAILED }, { PEER, "reason" }, APACHE },
	[APACHE_DENIED] = { "client denied by server configuration", { ACTION("request"), FAILURE,
	  { "reason", "denied" } }, { PEER }, APACHE },
	[APACHE_MISSING] = { "", { ACTION("request"), FAILURE, { "reason", "not found" } },
	  { PEER }, APACHE },
	[APACHE_BAD] = { "", { ACTION("request"), FAILURE, { "reason", "malformed" } }, { PEER },
	  APACHE },
	[APACHE_TLS] = { " via SNI", { ACTION("request"), FAILURE, { "reason", "server name" } },
	  { PEER }, APACHE },
	[APACHE_SECURITY] = { "ModSecurity: ", { ACTION("request"), FAILURE, { "reason",
	  "ModSecurity" } }, { PEER }, APACHE },
	[APACHE_FUNCTION] = { "function definition", { ACTION("request"), FAILURE, { "reason",
	  "Shellshock" } }, { PEER }, APACHE },
	[NGINX_OTHER] = { "", {}, { PEER, REQUEST }, NGINX },
	[NGINX_LOGIN] = { "user ", { ACTION("login"), FAILURE, FAILED }, { PEER, REQUEST,
	  "reason" }, NGINX },
	[NGINX_DENIED] = { "forbidden", { ACTION("request"), FAILURE, { "reason", "denied" } },
	  { PEER, REQUEST }, NGINX },
	[NGINX_LIMIT] = { " by zone \"", { ACTION("request"), FAILURE, { "reason", "limit" } },
	  { PEER, REQUEST }, NGINX },
	[NGINX_TLS] = { "SSL", { ACTION("connect"), FAILURE }, { PEER, "reason" }, NGINX },
	[NGINX_MISSING] = { " (2: No such file or directory)", { ACTION("request"), FAILURE,
	  { "reason", "not found" } }, { PEER, REQUEST }, NGINX },
};
/* clang-format on */
const struct message_set web_set = { "web_error", "error logs of Apache and nginx", forms, WEB_N };
_Static_assert((int)WEB_N <= (int)FORMS_DAEMON - (int)FORMS_WEB, "room for its forms");

#define MATCH(w, list, message) template_match(w, list, COUNT(list), forms, FORMS_WEB, message)

/* clang-format off */
static const struct template apache_templates[] = {
	{ APACHE_LOGIN, "user %U: authentication failure for \"%q\": %r" },
	{ APACHE_LOGIN, "user %U: authorization failure for \"%q\":%r" },
	{ APACHE_LOGIN, "user %U not found: %q" },
	{ APACHE_LOGIN, "user %U not found" },
	{ APACHE_LOGIN, "user %U: password mismatch: %q" },
	{ APACHE_LOGIN, "user `%U' in realm `%q' not found: %q" },
	{ APACHE_LOGIN, "Authorization of user %u to access %q failed, reason: %r" },
	{ APACHE_LOGIN, "client used wrong authentication scheme: %q" },
	{ APACHE_LOGIN, "invalid qop `%q' received: %q" },
	{ APACHE_LOGIN, "invalid nonce %q received - length is not %q" },
	{ APACHE_LOGIN, "invalid nonce %q received - user attempted time travel" },
	{ APACHE_LOGIN, "realm mismatch - got `%q' but expected `%q'" },
	{ APACHE_LOGIN, "unknown algorithm `%q' received: %q" },
	{ APACHE_DENIED, "client denied by server configuration: %q" },
	{ APACHE_MISSING, "File does not exist: %q" },
	{ APACHE_MISSING, "script not found or unable to stat: %q" },
	{ APACHE_MISSING, "script '%q' not found or unable to stat" },
	{ APACHE_MISSING, "stderr from %q: script not found or unable to stat" },
	{ APACHE_MISSING, "Got error 'Primary script unknown'" },
	{ APACHE_MISSING, "Got error 'Primary script unknown\\n'" },
	{ APACHE_BAD, "Invalid URI in request %q" },
	{ APACHE_BAD, "invalid URI path %q" },
	{ APACHE_BAD, "Invalid method in request %q" },
	{ APACHE_BAD, "request failed: %q" },
	{ APACHE_TLS, "Hostname %q provided via SNI, but no hostname provided in HTTP request" },
	{ APACHE_TLS, "Hostname %q provided via SNI and hostname %q provided via HTTP %q" },
	{ APACHE_TLS, "No hostname was provided via SNI for a name based virtual host" },
	{ APACHE_SECURITY, "ModSecurity: %q" },
	{ APACHE_FUNCTION, "%q: warning: %q: ignoring function definition attempt" },
	{ APACHE_FUNCTION, "%q: error importing function definition for %q" },
};
/* clang-format on */

/* "[client 1.2.3.4:5]", "[remote …]", "[client [::1]:5]" without the brackets. */
static bool client_of(struct str group, struct str *address, struct str *port)
{
	ssize_t colon;
	struct str end;

	if (!EAT(&group, "client ") && !EAT(&group, "remote "))
		return false;
	*port = (struct str){};
	*address = group;
	colon = str_rfind(group, ':');
	/* The last group of an IPv6 address is no port: without one the whole is an address. */
	if (colon <= 0 || address_parse(group, NULL))
		return address_parse(group, NULL);
	end = scan_skip(group, (size_t)colon + 1);
	address->len = (size_t)colon;
	*port = end;
	return address_parse(*address, NULL);
}

/* "[group] " at the start, which may have brackets in it. */
static bool bracket_group(struct str *s, struct str *ret)
{
	unsigned depth = 0;

	for (size_t i = 0; i < s->len && i < 256; i++) {
		depth += s->ptr[i] == '[';
		depth -= s->ptr[i] == ']';
		if (depth)
			continue;
		if (!i || i + 1 >= s->len || s->ptr[i + 1] != ' ')
			return false;
		*ret = (struct str){ s->ptr + 1, i - 1 };
		*s = scan_skip(*s, i + 2);
		return true;
	}
	return false;
}

/* "[core:error] [pid 1:tid 2] [client 1.2.3.4:5] AH00128: text, referer: …" */
bool apache_message(struct program_state *s, const struct record *r, struct str message)
{
	struct work *w = &s->work;
	struct str rest = message, group, address = {}, port = {}, code;
	unsigned groups = 0;

	(void)r;
	while (rest.len && *rest.ptr == '[' && bracket_group(&rest, &group)) {
		if (!address.len && !client_of(group, &address, &port))
			address = (struct str){};
		groups++;
	}
	if (!groups)
		return false;
	code = rest;
	if (EAT(&code, "AH") && scan_number(&code, &(uint32_t){ 0 }) && EAT(&code, ": "))
		rest = code;
	EAT(&rest, "Digest: ");
	for (size_t n = rest.len; n > 11; n--) {
		if (memcmp(rest.ptr + n - 11, ", referer: ", 11) != 0)
			continue;
		rest.len = n - 11;
		break;
	}
	if (!MATCH(w, apache_templates, rest))
		work_begin(w, &forms[APACHE_OTHER], FORMS_WEB + APACHE_OTHER);
	if (address.len)
		web_client(w, address, port);
	return true;
}

/* clang-format off */
static const struct template nginx_templates[] = {
	{ NGINX_LOGIN, "user \"%U\": password mismatch" },
	{ NGINX_LOGIN, "user \"%U\" was not found in \"%q\"" },
	{ NGINX_LOGIN, "user \"%U\": was not found in \"%q\"" },
	{ NGINX_LOGIN, "PAM: user '%U' - not authenticated: %r" },
	{ NGINX_DENIED, "access forbidden by rule" },
	{ NGINX_DENIED, "directory index of \"%q\" is forbidden" },
	{ NGINX_LIMIT, "limiting requests, excess: %q by zone \"%q\"" },
	{ NGINX_LIMIT, "delaying request, excess: %q by zone \"%q\"" },
	{ NGINX_LIMIT, "limiting connections by zone \"%q\"" },
	{ NGINX_TLS, "SSL_do_handshake() failed (SSL: %r) while SSL handshaking" },
	{ NGINX_TLS, "SSL_read() failed (SSL: %r) while waiting for request" },
	{ NGINX_MISSING, "open() \"%q\" failed (2: No such file or directory)" },
	{ NGINX_MISSING, "\"%q\" is not found (2: No such file or directory)" },
};
/* clang-format on */

/* What stands after "[error] 12#12: *3 ", wherever that is. */
static bool nginx_text(struct str *s)
{
	static const char *const levels[] = { "[error] ", "[warn] ",  "[crit] ", "[notice] ",
					      "[alert] ", "[emerg] ", "[info] ", "[debug] " };
	uint32_t n;

	for (size_t at = 0; at < s->len && at < 128; at++) {
		for (size_t i = 0; s->ptr[at] == '[' && i < COUNT(levels); i++) {
			struct str rest = scan_skip(*s, at);

			if (!scan_eat(&rest, levels[i], strlen(levels[i])) ||
			    !scan_number(&rest, &n) || !EAT(&rest, "#") ||
			    !scan_number(&rest, &n) || !EAT(&rest, ": "))
				continue;
			if (EAT(&rest, "*")) {
				while (rest.len && scan_is_digit(*rest.ptr))
					rest = scan_skip(rest, 1);
				EAT(&rest, " ");
			}
			*s = rest;
			return true;
		}
	}
	return false;
}

/* The value of 'key: "…"' in what follows the client. */
static struct str quoted_value(struct str s, struct str key)
{
	struct str before;
	const char *end;

	if (!scan_until_text(&s, key, &before))
		return (struct str){};
	end = s.len ? memchr(s.ptr, '"', s.len) : NULL;
	return end ? (struct str){ s.ptr, (size_t)(end - s.ptr) } : (struct str){};
}

/*
 * "text, client: 1.2.3.4, server: name, request: "…", host: "…"". A user's name may look like
 * all that, then the last client counts; otherwise what follows the first one may.
 */
static bool nginx_client(struct str *s, struct str *client, struct str *tail)
{
	static const struct str words = { ", client: ", 10 };
	bool last = str_starts(*s, STR("user \"")) || str_starts(*s, STR("PAM: user '"));
	size_t found = 0;

	for (size_t n = words.len; n <= s->len; n++) {
		struct str rest;
		size_t end = 0;

		if (memcmp(s->ptr + n - words.len, words.ptr, words.len) != 0)
			continue;
		rest = scan_skip(*s, n);
		while (end < rest.len && rest.ptr[end] != ',')
			end++;
		if (!address_parse((struct str){ rest.ptr, end }, NULL))
			continue;
		found = n;
		*client = (struct str){ rest.ptr, end };
		*tail = scan_skip(rest, end);
		if (!last)
			break;
	}
	if (!found)
		return false;
	s->len = found - words.len;
	return true;
}

bool nginx_message(struct program_state *s, const struct record *r, struct str message)
{
	struct work *w = &s->work;
	struct str rest = message, client = {}, tail = {}, request, host;

	(void)r;
	if (!nginx_text(&rest))
		return false;
	nginx_client(&rest, &client, &tail);
	if (!MATCH(w, nginx_templates, rest))
		work_begin(w, &forms[NGINX_OTHER], FORMS_WEB + NGINX_OTHER);
	if (!client.len)
		return true;
	web_client(w, client, (struct str){});
	request = quoted_value(tail, STR("request: \""));
	if (request.len)
		web_request(w, request);
	host = quoted_value(tail, STR("host: \""));
	if (host.len)
		work_put(w, FIELD_CS_HOST, web_host(host));
	return true;
}
