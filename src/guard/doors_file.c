/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The file DOORS_FILE: a JSON object a line. The first has the boot and when a change is taken back,
 * then one a port, a grant, a connection that goes on.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/json.h"
#include "guard/doors_work.h"
#include "guard/text.h"

#define MAKING DOORS_FILE ".new"
#define FILE_MAX ((size_t)1 << 20)

/* ---- writing ----------------------------------------------------------------------------------- */

static void put_text(struct buf *b, const char *name, const char *s)
{
	buf_fmt(b, ",\"%s\":", name);
	text_json(b, str_of(s));
}

static void put_grant(const struct grant *g, struct buf *b)
{
	char id[2 * KNOCK_ID + 1], ports[160], source[PREFIX_TEXT];

	sodium_bin2hex(id, sizeof id, g->id, KNOCK_ID);
	ports_text(g->ports, g->n_ports, ports, sizeof ports);
	buf_fmt(b, "{\"grant\":\"%s\",\"state\":%u,\"source\":\"%s\",\"ports\":\"%s\"", id,
		g->state, prefix_format(&g->source, source).ptr, ports);
	buf_fmt(b,
		",\"asked\":%" PRId64 ",\"until\":%" PRId64 ",\"seconds\":%u,\"connections\":%u,"
		"\"logins\":%u",
		g->asked, g->until, g->seconds, g->connections, g->logins);
	put_text(b, "account", g->account);
	put_text(b, "reason", g->reason);
	put_text(b, "rule", g->rule);
	put_text(b, "key", g->keys[0]);
	put_text(b, "second_key", g->keys[1]);
	put_text(b, "over", g->over);
	buf_puts(b, "}\n");
}

int doors_format(const struct doors *x, struct buf *b)
{
	buf_fmt(b, "{\"doors\":1,\"pending_until\":%" PRId64, x->pending_until);
	put_text(b, "boot", x->boot);
	buf_puts(b, "}\n");
	for (size_t i = 0; i < x->n_ports; i++) {
		char port[JIT_PORT_TEXT];
		struct str s = jit_port_format(x->ports[i].port, port);

		buf_fmt(b, "{\"port\":\"%.*s\",\"pending\":%s}\n", STR_FMT(s),
			x->ports[i].pending ? "true" : "false");
	}
	for (size_t i = 0; i < DOORS_GRANTS; i++)
		if (x->grants[i].state != GRANT_FREE)
			put_grant(&x->grants[i], b);
	for (size_t i = 0; i < x->n_conns; i++) {
		const struct conn *c = &x->conns[i].conn;
		char peer[PREFIX_TEXT], id[2 * KNOCK_ID + 1] = "";

		if (x->conns[i].granted)
			sodium_bin2hex(id, sizeof id, x->conns[i].id, KNOCK_ID);
		buf_fmt(b,
			"{\"connection\":\"%s\",\"from_port\":%u,\"at\":%u,\"begun\":%" PRId64
			",\"kept\":%s,\"by\":\"%s\"}\n",
			prefix_format(&c->peer, peer).ptr, c->remote, c->port, x->conns[i].begun,
			x->conns[i].kept ? "true" : "false", id);
	}
	return b->error;
}

int doors_write(const struct doors *x, bool sync)
{
	struct buf b own(buf_release) = BUF(FILE_MAX);
	int fd own(close_fd) = -1;
	int r = doors_format(x, &b);

	if (r < 0)
		return r;
	fd = openat(x->state, MAKING, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	for (size_t at = 0; at < b.len;) {
		ssize_t n = write(fd, b.ptr + at, b.len - at);

		if (n < 0 && errno != EINTR)
			return -errno;
		at += n > 0 ? (size_t)n : 0;
	}
	if (sync && fsync(fd) < 0)
		return -errno;
	if (renameat(x->state, MAKING, x->state, DOORS_FILE) < 0)
		return -errno;
	return sync && fsync(x->state) < 0 ? -errno : 0;
}

/* ---- reading ----------------------------------------------------------------------------------- */

struct reading {
	struct doors *x;
	char *boot;
	struct jdoc doc;
	struct arena arena;
};

static struct str text_of(struct reading *r, const char *name)
{
	uint32_t v = jdoc_get(&r->doc, 0, str_of(name));
	struct str s = STR("");

	if (!v || !jdoc_is(&r->doc, v, J_STRING) || jdoc_text(&r->doc, v, &r->arena, &s) < 0)
		return STR("");
	return s;
}

static int64_t number_of(struct reading *r, const char *name)
{
	uint32_t v = jdoc_get(&r->doc, 0, str_of(name));
	int64_t n;

	return v && jdoc_int(&r->doc, v, &n) >= 0 ? n : 0;
}

static bool flag_of(struct reading *r, const char *name)
{
	uint32_t v = jdoc_get(&r->doc, 0, str_of(name));

	return v && jdoc_is(&r->doc, v, J_TRUE);
}

static void copy(char *ret, size_t room, struct str s)
{
	size_t n = MIN(s.len, room - 1);

	if (n)
		memcpy(ret, s.ptr, n);
	ret[n] = '\0';
}

static bool unhex(struct str s, unsigned char ret[static KNOCK_ID])
{
	size_t n;

	return s.len == (size_t)2 * KNOCK_ID &&
	       !sodium_hex2bin(ret, KNOCK_ID, s.ptr, s.len, NULL, &n, NULL) && n == KNOCK_ID;
}

static bool take_port(struct reading *r)
{
	struct doors *x = r->x;
	struct knock_port p;

	if (jit_port_parse(text_of(r, "port"), &p) < 0 || x->n_ports == JIT_PROTECTED_MAX)
		return false;
	x->ports[x->n_ports++] = (struct shut_port){ p, flag_of(r, "pending") };
	return true;
}

static bool take_grant(struct reading *r)
{
	struct grant g = {};
	struct str ports = text_of(r, "ports"), word;
	int64_t state = number_of(r, "state");
	size_t at = 0;

	while (at < DOORS_GRANTS && r->x->grants[at].state != GRANT_FREE)
		at++;
	if (at == DOORS_GRANTS || state <= GRANT_FREE || state >= GRANT_STATES ||
	    !unhex(text_of(r, "grant"), g.id) ||
	    prefix_parse(text_of(r, "source"), &g.source) < 0 || !door_fits(&g.source))
		return false;
	while ((word = str_word(&ports)).ptr)
		if (g.n_ports == KNOCK_PORTS_MAX || jit_port_parse(word, &g.ports[g.n_ports++]) < 0)
			return false;
	if (!g.n_ports)
		return false;
	g.state = (enum grant_state)state;
	g.asked = number_of(r, "asked");
	g.until = number_of(r, "until");
	g.seconds = (uint32_t)MIN(MAX(number_of(r, "seconds"), 0), (int64_t)KNOCK_SECONDS_MAX);
	g.connections = (unsigned)number_of(r, "connections");
	g.logins = (unsigned)number_of(r, "logins");
	copy(g.account, sizeof g.account, text_of(r, "account"));
	copy(g.reason, sizeof g.reason, text_of(r, "reason"));
	copy(g.rule, sizeof g.rule, text_of(r, "rule"));
	copy(g.keys[0], sizeof g.keys[0], text_of(r, "key"));
	copy(g.keys[1], sizeof g.keys[1], text_of(r, "second_key"));
	copy(g.over, sizeof g.over, text_of(r, "over"));
	r->x->grants[at] = g;
	return true;
}

static bool take_connection(struct reading *r)
{
	struct door_conn c = { .begun = number_of(r, "begun"), .kept = flag_of(r, "kept") };
	int64_t remote = number_of(r, "from_port"), port = number_of(r, "at");

	if (prefix_parse(text_of(r, "connection"), &c.conn.peer) < 0 ||
	    c.conn.peer.bits != PREFIX_HOST || remote < 1 || remote > UINT16_MAX || port < 1 ||
	    port > UINT16_MAX || r->x->n_conns == DOORS_CONNS)
		return false;
	c.conn.remote = (uint16_t)remote;
	c.conn.port = (uint16_t)port;
	c.granted = unhex(text_of(r, "by"), c.id);
	r->x->conns[r->x->n_conns++] = c;
	return true;
}

static bool take_line(struct reading *r)
{
	if (jdoc_get(&r->doc, 0, STR("doors"))) {
		r->x->pending_until = number_of(r, "pending_until");
		copy(r->boot, KNOCKS_BOOT_MAX, text_of(r, "boot"));
		return number_of(r, "doors") == 1;
	}
	if (jdoc_get(&r->doc, 0, STR("grant")))
		return take_grant(r);
	if (jdoc_get(&r->doc, 0, STR("connection")))
		return take_connection(r);
	return take_port(r);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): take_line() writes to it. */
int doors_parse(struct str text, struct doors *x, char ret_boot[static KNOCKS_BOOT_MAX],
		struct diag *d)
{
	struct reading r = { .x = x, .boot = ret_boot, .arena = { .limit = FILE_MAX } };
	struct str line;
	unsigned number = 0;
	int e = 0;

	while (e >= 0 && str_line(&text, &line, &number)) {
		struct diag inner = {};
		bool good;

		e = jdoc_parse(line, &(struct joptions){ .max_depth = 2 }, &r.doc, &inner);
		good = e >= 0 && jdoc_is(&r.doc, 0, J_OBJECT) && take_line(&r);
		jdoc_release(&r.doc);
		/* One bad line must not lock anybody out: what the others say still counts. */
		if (!good && e != -ENOMEM) {
			diag_set(d, 0, DOORS_FILE, number, "not understood, left out");
			e = 0;
		}
	}
	arena_release(&r.arena);
	return e;
}

int doors_read(struct doors *x, char ret_boot[static KNOCKS_BOOT_MAX], struct diag *d)
{
	int fd own(close_fd) =
		openat(x->state, DOORS_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	own(free_ptr) char *text = malloc(FILE_MAX);
	struct stat st;
	size_t n = 0;

	if (fd < 0)
		return -errno;
	if (!text || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size >= (off_t)FILE_MAX)
		return diag_set(d, text ? -EINVAL : -ENOMEM, DOORS_FILE, 0, "not a file of ours");
	while (n < FILE_MAX) {
		ssize_t k = read(fd, text + n, FILE_MAX - n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			break;
		n += (size_t)k;
	}
	return doors_parse((struct str){ text, n }, x, ret_boot, d);
}
