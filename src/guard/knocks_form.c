/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the process that takes knocks says and hears, as bytes. */
#include <netinet/in.h>

#include "guard/alert.h"
#include "guard/knocks.h"

struct prefix knocks_prefix(net_addr a, unsigned bits)
{
	struct prefix p = { .bits = (uint8_t)(net_is_v4(a) ? PREFIX_V4 + bits : bits) };

	for (size_t i = 0; i < sizeof p.addr; i++)
		p.addr[i] = (uint8_t)(a >> (120 - 8 * i));
	return prefix_cut(&p, p.bits);
}

net_addr knocks_address(const struct prefix *p)
{
	net_addr a = 0;

	for (size_t i = 0; i < sizeof p->addr; i++)
		a = a << 8 | p->addr[i];
	return a;
}

void knocks_put_ports(struct message_out *o, const struct knock_port *list, size_t n)
{
	message_put_u8(o, (uint8_t)n);
	for (size_t i = 0; i < n; i++) {
		message_put_u8(o, list[i].protocol);
		message_put_u32(o, list[i].port);
	}
}

size_t knocks_take_ports(struct message *m, struct knock_port *ret, size_t max)
{
	size_t n = message_u8(m);

	if (n > max)
		m->bad = true;
	for (size_t i = 0; i < n && !m->bad; i++) {
		uint8_t protocol = message_u8(m);
		uint32_t port = message_u32(m);

		if ((protocol != IPPROTO_TCP && protocol != IPPROTO_UDP) || !port ||
		    port > UINT16_MAX)
			m->bad = true;
		ret[i] = (struct knock_port){ protocol, (uint16_t)port };
	}
	return m->bad ? 0 : n;
}

void knocks_put(struct message_out *o, const struct knocks_grant *g)
{
	message_begin(o, MESSAGE_GRANT);
	message_put_u8(o, (uint8_t)g->deed);
	message_put_bytes(o, g->id, sizeof g->id);
	message_put_prefix(o, &g->source);
	message_put_u32(o, g->seconds);
	knocks_put_ports(o, g->ports, g->n_ports);
	message_put_str(o, g->account);
	message_put_str(o, g->reason);
	message_put_str(o, g->rule);
	for (size_t i = 0; i < KNOCK_SIGNATURES_MAX; i++)
		message_put_str(o, g->keys[i]);
}

bool knocks_take(struct message *m, struct knocks_grant *ret)
{
	struct knocks_grant g = {};
	uint8_t deed = message_u8(m);

	message_bytes(m, g.id, sizeof g.id);
	g.source = message_prefix(m);
	g.seconds = message_u32(m);
	g.n_ports = (unsigned)knocks_take_ports(m, g.ports, KNOCK_PORTS_MAX);
	g.account = message_str(m, KNOCK_ACCOUNT_MAX);
	g.reason = message_str(m, KNOCK_REASON_MAX);
	g.rule = message_str(m, 256);
	for (size_t i = 0; i < KNOCK_SIGNATURES_MAX; i++)
		g.keys[i] = message_str(m, SSH_FINGERPRINT_LEN - 1);
	if (!message_end(m) || deed >= KNOCKS_DEEDS || !g.n_ports || !g.account.len)
		return false;
	g.deed = (enum knocks_deed)deed;
	*ret = g;
	return true;
}

bool knocks_take_record(struct message *m, int64_t *ret_now,
			struct chain_field ret[static KNOCKS_FIELDS_MAX], size_t *ret_n)
{
	int64_t now = message_i64(m);
	size_t n = message_u8(m);

	if (n > KNOCKS_FIELDS_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		uint8_t plain = message_u8(m);
		struct str name = message_str(m, 32);

		ret[i].text = message_str(m, CHAIN_LINE_MAX);
		ret[i].plain = plain;
		/* With its NUL: what follows is ours to read. */
		if (m->bad || plain > 1 || name.len < 2 || name.ptr[name.len - 1] ||
		    memchr(name.ptr, '\0', name.len - 1))
			return false;
		ret[i].name = name.ptr;
	}
	*ret_now = now;
	*ret_n = n;
	return message_end(m);
}

/* ---- accounts -------------------------------------------------------------------------------- */

static void put_text(struct buf *b, struct str s)
{
	const uint32_t head[2] = { s.ptr != NULL, (uint32_t)s.len };

	buf_add(b, head, sizeof head);
	if (s.ptr && s.len)
		buf_str(b, s);
}

int knocks_put_account(struct buf *b, int error, const struct judge_account *a)
{
	const int32_t head[3] = { error,
				  a ? a->may_log_in | a->command << 1 | a->names_command << 2 : 0,
				  a ? (int32_t)a->n_keys : 0 };

	buf_add(b, head, sizeof head);
	for (size_t i = 0; a && i < a->n_keys; i++)
		put_text(b, a->keys[i]);
	put_text(b, a ? a->authorities : (struct str){});
	put_text(b, a ? a->principals : (struct str){});
	put_text(b, a ? a->revoked : (struct str){});
	return b->error;
}

static bool take_text(struct str *s, struct str *ret)
{
	uint32_t head[2];

	if (s->len < sizeof head)
		return false;
	memcpy(head, s->ptr, sizeof head);
	*s = str_sub(*s, sizeof head, s->len);
	if (head[0] > 1 || head[1] > s->len || (!head[0] && head[1]))
		return false;
	*ret = head[0] ? str_sub(*s, 0, head[1]) : (struct str){};
	*s = str_sub(*s, head[1], s->len);
	return true;
}

int knocks_read_account(struct str s, struct judge_account *ret)
{
	struct judge_account a = {};
	int32_t head[3];
	bool good = s.len >= sizeof head;

	if (!good)
		return -EBADMSG;
	memcpy(head, s.ptr, sizeof head);
	s = str_sub(s, sizeof head, s.len);
	if (head[0] > 0 || head[1] < 0 || head[1] > 7 || head[2] < 0 ||
	    head[2] > (int32_t)JUDGE_FILES_MAX)
		return -EBADMSG;
	a.may_log_in = head[1] & 1;
	a.command = head[1] & 2;
	a.names_command = head[1] & 4;
	a.n_keys = (size_t)head[2];
	for (size_t i = 0; good && i < a.n_keys; i++)
		good = take_text(&s, &a.keys[i]);
	good = good && take_text(&s, &a.authorities) && take_text(&s, &a.principals) &&
	       take_text(&s, &a.revoked) && !s.len;
	if (!good)
		return -EBADMSG;
	if (head[0] < 0)
		return head[0];
	*ret = a;
	return 0;
}
