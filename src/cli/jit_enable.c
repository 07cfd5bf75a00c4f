/* SPDX-License-Identifier: GPL-3.0-or-later */
/* holdfast jit enable, confirm, disable: asked of the daemon, and looked at from outside. */
#include <stdio.h>

#include "action/session.h"
#include "base/conf.h"
#include "base/file.h"
#include "cli/jit_host.h"
#include "cli/jit_record.h"
#include "guard/doors.h"

#define WITHIN_DEFAULT 300u

/* ---- ports -------------------------------------------------------------------------------------- */

static int parse_ports(int n, char **words, struct knock_port *ret, size_t *ret_n)
{
	char shown[64];

	if (n > (int)JIT_PROTECTED_MAX) {
		cli_error("at most %u ports", JIT_PROTECTED_MAX);
		return EXIT_USAGE;
	}
	for (int i = 0; i < n; i++)
		if (jit_port_parse(str_of(words[i]), &ret[i]) < 0) {
			cli_error("'%s' is no port: ssh, 443, 51820/udp …",
				  text_safe(str_of(words[i]), shown, sizeof shown));
			return EXIT_USAGE;
		}
	*ret_n = (size_t)n;
	return EXIT_OK;
}

static void put_ports(const struct knock_port *list, size_t n, char between, struct buf *b)
{
	for (size_t i = 0; i < n; i++) {
		char text[JIT_PORT_TEXT];

		if (i)
			buf_putc(b, between);
		buf_str(b, jit_port_format(list[i], text));
	}
}

static int ask_ports(const struct jit_host *h, const char *verb, const struct knock_port *list,
		     size_t n, unsigned seconds)
{
	struct buf line own(buf_release) = BUF(4'096);

	buf_puts(&line, verb);
	if (n)
		buf_putc(&line, ' ');
	put_ports(list, n, ',', &line);
	if (seconds)
		buf_fmt(&line, " %u", seconds);
	return line.error ? EXIT_FAILED : jit_ask(h, line.ptr, NULL, NULL);
}

/* ---- what the daemon has ------------------------------------------------------------------------ */

/* What it has shut, and whom it let in. */
struct state {
	struct knock_port ports[JIT_PROTECTED_MAX];
	size_t n_ports;
	unsigned pending;
	bool on;
	struct buf allowed; /* networks, separated by blanks */
};
static void state_release(struct state *s) { buf_release(&s->allowed); }

static void note_status(void *user, const struct jdoc *d, struct str line)
{
	struct state *s = user;
	uint32_t shut = jdoc_get(d, 0, STR("shut")), kept = jdoc_get(d, 0, STR("kept"));
	char text[64];

	(void)line;
	s->on = !strcmp(jit_text(d, 0, "jit", text, sizeof text), "on");
	if (shut)
		jdoc_each(d, shut, p) {
			struct knock_port port;

			jit_text(d, p, "port", text, sizeof text);
			if (s->n_ports < JIT_PROTECTED_MAX &&
			    jit_port_parse(str_of(text), &port) >= 0)
				s->ports[s->n_ports++] = port;
			s->pending += jdoc_is(d, jdoc_get(d, p, STR("confirmed")), J_FALSE);
		}
	if (kept)
		jdoc_each(d, kept, k)
			buf_fmt(&s->allowed, " %.*s", STR_FMT(jdoc_raw(d, k)));
}

static void note_grant(void *user, const struct jdoc *d, struct str line)
{
	struct state *s = user;
	char text[64];

	(void)line;
	if (!strcmp(jit_text(d, 0, "state", text, sizeof text), "open"))
		buf_fmt(&s->allowed, " %s", jit_text(d, 0, "source", text, sizeof text));
}

static int read_state(const struct jit_host *h, struct state *ret)
{
	int code;

	*ret = (struct state){ .allowed = BUF(1 << 20) };
	code = jit_ask(h, "jit", note_status, ret);
	return code == EXIT_OK ? jit_ask(h, "jit-list", note_grant, ret) : code;
}

/* ---- enable ------------------------------------------------------------------------------------- */

static const char *port_text(struct knock_port p, char text[static JIT_PORT_TEXT])
{
	jit_port_format(p, text);
	return text;
}

static bool has_way(const struct jit_ways *ways, struct knock_port p)
{
	for (size_t i = 0; i < ways->n; i++)
		if (ways->list[i].port.port == p.port && ways->list[i].port.protocol == p.protocol)
			return true;
	return false;
}

static void show_ways(const struct jit_ways *ways, const struct knock_port *list, size_t n)
{
	char port[JIT_PORT_TEXT];

	for (size_t i = 0; i < n; i++)
		if (!has_way(ways, list[i]))
			printf("  %s: nothing listens there\n", port_text(list[i], port));
	for (size_t i = 0; i < ways->n; i++) {
		const struct jit_way *w = &ways->list[i];

		if (w->kind == WAY_OTHER)
			printf("  note: %s is reached by %s, too, which stays as it is\n",
			       w->process, port_text(w->port, port));
		else
			printf("  %s%s%s: %s %s\n", port_text(w->port, port),
			       *w->process ? " of " : "", w->process,
			       w->kind == WAY_OPEN ? "reached by" : "reached by nobody",
			       w->kind == WAY_OPEN ? w->from : "beside those who were let in");
	}
}

static void show_plan(const struct knock_port *list, size_t n, const struct jit_ways *now,
		      unsigned within)
{
	struct buf ports own(buf_release) = BUF(4'096);

	put_ports(list, n, ' ', &ports);
	printf("Plan: shut %s for everybody who has not asked\n", ports.ptr);
	show_ways(now, list, n);
	printf("  connections that are open now go on; this machine itself and its console are not "
	       "touched\n"
	       "  undone by itself in %u s unless it is confirmed:\n"
	       "    1. where you work:  holdfast jit request USER@THIS-HOST\n"
	       "    2. log in anew, and there:  holdfast jit confirm\n",
	       within);
}

/* Names every way that is left; how many. */
static unsigned name_open(const struct jit_ways *ways)
{
	char port[JIT_PORT_TEXT];
	unsigned n = 0;

	for (size_t i = 0; i < ways->n; i++) {
		const struct jit_way *w = &ways->list[i];

		if (w->kind != WAY_OPEN)
			continue;
		cli_error("%s can still be reached by %s%s%s", port_text(w->port, port), w->from,
			  *w->rule ? ": " : "", w->rule);
		n++;
	}
	return n;
}

int jit_check(const struct jit_host *h, const struct knock_port *list, size_t n)
{
	struct state own(state_release) s = {};
	struct jit_ways after = {};
	int code = read_state(h, &s);

	if (code == EXIT_OK)
		code = jit_look(h, list, n, s.allowed.ptr ? s.allowed.ptr : "", &after);
	if (code == EXIT_OK && name_open(&after))
		code = EXIT_FINDINGS;
	return code;
}

static int shut_now(const struct jit_host *h, const struct knock_port *list, size_t n,
		    unsigned within)
{
	int code = ask_ports(h, "jit-enable", list, n, within), back;

	if (code != EXIT_OK)
		return code;
	code = jit_check(h, list, n);
	if (code == EXIT_OK) {
		printf("Shut. Undone in %u s unless: holdfast jit confirm\n", within);
		return fflush(stdout) ? EXIT_FAILED : EXIT_OK;
	}
	back = ask_ports(h, "jit-disable", list, n, 0);
	cli_error(back == EXIT_OK ? "not enabled: everything is as it was"
				  : "not enabled; it is undone by itself");
	return code;
}

static int shut(const struct jit_host *h, const struct knock_port *list, size_t n, unsigned within)
{
	struct jit_record own(jit_record_release) r = JIT_RECORD_NONE;
	int code = jit_record_begin(h, list, n, within, &r);

	if (code != EXIT_OK)
		return code;
	code = shut_now(h, list, n, within);
	jit_record_end(&r, code == EXIT_OK);
	if (code == EXIT_OK && r.on)
		printf("Change %u of holdfast changes.\n", r.entry.id);
	return code;
}

/* Those that the policy names. */
static int read_protected(struct knock_port *ret, size_t *ret_n)
{
	struct arena own(arena_release) a = { .limit = 4 * CONF_MAX };
	struct jit_policy own(jit_policy_release) p = {};
	struct diag d = {};
	struct str text;
	char shown[600];
	int r = file_read(JIT_PATH, CONF_MAX, &a, &text);

	if (r == 0)
		r = jit_policy_parse(text, JIT_PATH, &p, &d);
	if (r < 0 && r != -ENOENT) {
		cli_error("%s", d.reason[0] ? diag_text(&d, shown, sizeof shown) : file_error(r));
		return EXIT_FAILED;
	}
	if (r < 0 || !p.protect.n) {
		cli_error("which port? holdfast jit enable ssh, or 'protect ssh' in " JIT_PATH);
		return EXIT_USAGE;
	}
	*ret_n = MIN(p.protect.n, JIT_PROTECTED_MAX);
	memcpy(ret, p.protect.list, *ret_n * sizeof *ret);
	return EXIT_OK;
}

int jit_enable(const struct jit_host *h, int n, char **words)
{
	struct knock_port list[JIT_PROTECTED_MAX];
	struct state own(state_release) s = {};
	unsigned within = WITHIN_DEFAULT;
	struct jit_ways now = {};
	size_t n_ports = 0;
	int code = parse_ports(n, words, list, &n_ports);

	if (code == EXIT_OK && !n_ports)
		code = read_protected(list, &n_ports);
	if (code == EXIT_OK && h->within &&
	    (conf_seconds(str_of(h->within), &within) < 0 || within < DOORS_CONFIRM_MIN ||
	     within > DOORS_CONFIRM_MAX)) {
		cli_error("--within takes %us to 1h", DOORS_CONFIRM_MIN);
		code = EXIT_USAGE;
	}
	if (code == EXIT_OK)
		code = read_state(h, &s);
	if (code == EXIT_OK)
		code = jit_look(h, list, n_ports, "", &now);
	if (code != EXIT_OK)
		return code;
	show_plan(list, n_ports, &now, within);
	return h->dry_run ? EXIT_OK : shut(h, list, n_ports, within);
}

/* ---- confirm ------------------------------------------------------------------------------------ */

int jit_confirm(const struct jit_host *h)
{
	char text[128];
	struct str connection, peer, remote, port;
	struct state own(state_release) s = {};
	char line[256], shown[160];
	int code = read_state(h, &s);

	if (code != EXIT_OK)
		return code;
	if (!s.pending) {
		cli_error("nothing waits to be confirmed");
		return EXIT_FAILED;
	}
	session_connection(text, sizeof text);
	connection = str_of(text);
	if (!connection.len) {
		cli_error(
			"this is no SSH session: log in anew, after a request, and confirm there");
		return EXIT_FAILED;
	}
	code = jit_check(h, s.ports, s.n_ports);
	if (code != EXIT_OK) {
		cli_error("not confirmed");
		return code;
	}
	peer = str_word(&connection);
	remote = str_word(&connection);
	(void)str_word(&connection);
	port = str_word(&connection);
	(void)snprintf(line, sizeof line, "jit-confirm %.*s,%.*s,%.*s", STR_FMT(peer),
		       STR_FMT(remote), STR_FMT(port));
	code = jit_ask(h, line, NULL, NULL);
	if (code == EXIT_OK)
		jit_record_confirmed();
	if (code == EXIT_OK)
		printf("Confirmed, from %s: it stays shut.\n",
		       text_safe(peer, shown, sizeof shown));
	return code;
}

/* Those of the list that are shut: what has come back by itself is no mistake. */
static int only_shut(const struct jit_host *h, struct knock_port *list, size_t *n)
{
	struct state own(state_release) s = {};
	size_t left = 0;
	int code = read_state(h, &s);

	for (size_t i = 0; code == EXIT_OK && i < *n; i++)
		for (size_t k = 0; k < s.n_ports; k++)
			if (list[i].port == s.ports[k].port &&
			    list[i].protocol == s.ports[k].protocol) {
				list[left++] = list[i];
				break;
			}
	if (code == EXIT_OK)
		*n = left;
	return code;
}

static void write_opened(const struct jit_host *h)
{
	struct state own(state_release) s = {};

	if (read_state(h, &s) == EXIT_OK)
		jit_record_opened(s.ports, s.n_ports);
}

int jit_disable(const struct jit_host *h, int n, char **words)
{
	struct knock_port list[JIT_PROTECTED_MAX];
	size_t n_ports = 0;
	int code = parse_ports(n, words, list, &n_ports);

	if (code == EXIT_OK && h->no_record && n_ports) {
		code = only_shut(h, list, &n_ports);
		if (code == EXIT_OK && !n_ports)
			return EXIT_OK;
	}
	if (code == EXIT_OK)
		code = ask_ports(h, "jit-disable", list, n_ports, 0);
	if (code == EXIT_OK && !h->no_record)
		write_opened(h);
	if (code == EXIT_OK)
		puts("Open again, as other rules have it.");
	return code;
}
