/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Just-in-time access: what people ask of the daemon. */
#include <netinet/in.h>
#include <sodium.h>
#include <stdio.h>

#include "guard/parent.h"
#include "guard/text.h"

#define PAGE_MAX (MESSAGE_BODY - 64)

static void send_error(struct parent *p, uint32_t client, const struct diag *d, int error)
{
	char text[600];

	parent_page(p, client, PAGE_ERROR,
		    str_of(d->reason[0] ? diag_text(d, text, sizeof text) : strerror(-error)));
}

static int take_ports(struct str word, struct knock_port *ret, size_t max, size_t *ret_n,
		      struct diag *d)
{
	size_t n = 0;

	while (word.len) {
		struct str one = str_cut(&word, ',');

		if (n == max || jit_port_parse(one, &ret[n]) < 0)
			return diag_set(d, -EINVAL, "", 0, "'%.*s' is no port", STR_FMT(one));
		n++;
	}
	*ret_n = n;
	return 0;
}

static void answer_status(struct parent *p, uint32_t client)
{
	static const char *const names[PARENT_KNOCKS] = {
		"packets", "lost",   "unmarked", "over_budget", "refused",    "waits",
		"granted", "closed", "left_out", "over_prefix", "over_total",
	};
	const struct child *c = &p->children[ROLE_KNOCK];
	struct buf b = BUF(PAGE_MAX);

	buf_fmt(&b, "{\"jit\":\"%s\",\"taking\":%s", doors_active(&p->doors) ? "on" : "off",
		c->pid && c->phase == PHASE_RUN ? "true" : "false");
	if (p->jit_problem[0]) {
		buf_puts(&b, ",\"policy_problem\":");
		text_json(&b, str_of(p->jit_problem));
	}
	if (p->jit_refused[0])
		buf_fmt(&b, ",\"last_refused\":{\"seconds_ago\":%lld%s}",
			(long long)((monotonic_now_ms() - p->jit_refused_at) / 1'000),
			p->jit_refused);
	doors_put_status(&p->doors, &b);
	for (size_t i = 0; i < PARENT_KNOCKS; i++)
		buf_fmt(&b, ",\"%s\":%llu", names[i], (unsigned long long)p->knocks[i]);
	buf_puts(&b, "}\n");
	parent_page(p, client, b.error ? PAGE_ERROR : PAGE_LAST,
		    b.error ? STR("too much") : buf_view(&b));
	buf_release(&b);
}

static void answer_list(struct parent *p, uint32_t client, uint64_t first)
{
	struct buf b = BUF(PAGE_MAX);
	/* Pages are numbered as those of bans. */
	bool more = doors_put_list(&p->doors, (size_t)(first / CONTROL_BANS_PAGE), &b);

	parent_page(p, client,
		    b.error ? PAGE_ERROR
		    : more  ? PAGE_MORE
			    : PAGE_LAST,
		    b.error ? STR("the list is too long") : buf_view(&b));
	buf_release(&b);
}

static void answer_enable(struct parent *p, uint32_t client, struct str word, uint64_t seconds)
{
	struct knock_port list[JIT_PROTECTED_MAX];
	struct diag d = {};
	char text[96];
	size_t n = 0;
	int r = take_ports(word, list, COUNT(list), &n, &d);

	if (r == 0 && (seconds < DOORS_CONFIRM_MIN || seconds > DOORS_CONFIRM_MAX))
		r = diag_set(&d, -EINVAL, "", 0, "%u to %u seconds", DOORS_CONFIRM_MIN,
			     DOORS_CONFIRM_MAX);
	for (size_t i = 0; r == 0 && i < n; i++)
		if (list[i].protocol == IPPROTO_UDP && list[i].port == p->jit.listen)
			r = diag_set(&d, -EINVAL, "", 0, "that is the port of the requests");
	if (r == 0)
		r = parent_try_jit(p, &d);
	if (r == 0)
		r = doors_shut(&p->doors, list, n, (unsigned)seconds, &d);
	if (r == -EALREADY)
		diag_set(&d, r, "", 0, "these ports are shut already");
	if (r < 0) {
		send_error(p, client, &d, r);
		return;
	}
	parent_settle_jit(p);
	parent_tell_doors(p);
	snprintf(text, sizeof text, "{\"confirm_within\":%u}\n", (unsigned)seconds);
	parent_page(p, client, PAGE_LAST, str_of(text));
}

static void answer_confirm(struct parent *p, uint32_t client, struct str word)
{
	struct str address = str_cut(&word, ','), remote = str_cut(&word, ',');
	uint64_t remote_port = 0, port = 0;
	struct prefix peer = {};
	struct diag d = {};
	int r = 0;

	if (prefix_parse(address, &peer) < 0 || str_to_u64(remote, 10, &remote_port) < 0 ||
	    str_to_u64(word, 10, &port) < 0 || remote_port > UINT16_MAX || port > UINT16_MAX)
		r = diag_set(&d, -EINVAL, "", 0, "ADDRESS,ITS-PORT,PORT is expected");
	if (r == 0)
		r = doors_confirm(&p->doors, &peer, (uint16_t)remote_port, (uint16_t)port, &d);
	if (r == -ENOENT)
		diag_set(&d, r, "", 0, "nothing waits to be confirmed");
	if (r < 0)
		send_error(p, client, &d, r);
	else
		parent_page(p, client, PAGE_LAST, STR(""));
}

static void answer_disable(struct parent *p, uint32_t client, struct str word)
{
	struct knock_port list[JIT_PROTECTED_MAX];
	struct diag d = {};
	size_t n = 0;
	int r = take_ports(word, list, COUNT(list), &n, &d);

	if (r == 0)
		r = doors_unshut(&p->doors, list, n, "opened-for-all", &d);
	if (r == -ENOENT)
		diag_set(&d, r, "", 0, "that port is not shut");
	if (r < 0) {
		send_error(p, client, &d, r);
		return;
	}
	parent_tell_doors(p);
	parent_settle_jit(p);
	parent_page(p, client, PAGE_LAST, STR(""));
}

static void answer_change(struct parent *p, uint32_t client, struct str word, uint64_t seconds,
			  bool extend)
{
	int n = -ERANGE;
	char text[48];

	if (extend ? seconds > 0 && seconds <= UINT32_MAX : true)
		n = doors_change(&p->doors, word, extend ? (uint32_t)seconds : 0);
	if (n > 0) {
		snprintf(text, sizeof text, "{\"changed\":%d}\n", n);
		parent_page(p, client, PAGE_LAST, str_of(text));
		return;
	}
	parent_page(p, client, PAGE_ERROR,
		    n == 0         ? STR("no grant is open that this names")
		    : n == -EINVAL ? STR("several ids begin so")
		    : n == -ERANGE ? STR("longer than the policy gives")
				   : str_of(p->doors.problem));
}

static void answer_approve(struct parent *p, uint32_t client, struct str word)
{
	struct child *c = &p->children[ROLE_KNOCK];
	struct str text = str_cut(&word, ',');
	unsigned char datagram[KNOCK_MAX];
	struct prefix from = { .bits = PREFIX_HOST };
	struct diag d = {};
	size_t n = 0;
	int r = 0;

	if (sodium_base642bin(datagram, sizeof datagram, text.ptr, text.len, NULL, &n, NULL,
			      sodium_base64_VARIANT_ORIGINAL))
		r = diag_set(&d, -EINVAL, "", 0,
			     "this is no request (base64 of jit request --stdin)");
	if (r == 0 && word.ptr && (prefix_parse(word, &from) < 0 || from.bits != PREFIX_HOST))
		r = diag_set(&d, -EINVAL, "", 0, "an address is expected");
	if (r == 0 && (!c->pid || c->phase != PHASE_RUN))
		r = diag_set(&d, -EAGAIN, "", 0, "no port is shut: there is nothing to approve");
	if (r < 0) {
		send_error(p, client, &d, r);
		return;
	}
	message_begin(&p->out, MESSAGE_HANDED);
	message_put_u32(&p->out, client);
	message_put_u8(&p->out, word.ptr != NULL);
	message_put_prefix(&p->out, &from);
	message_put_str(&p->out, (struct str){ (const char *)datagram, n });
	child_tell(c, &p->out);
}

void parent_jit_answer(struct parent *p, uint32_t client, enum control_verb verb, uint64_t number,
		       struct str word)
{
	switch (verb) {
	case CONTROL_JIT: return answer_status(p, client);
	case CONTROL_JIT_LIST: return answer_list(p, client, number);
	case CONTROL_JIT_ENABLE: return answer_enable(p, client, word, number);
	case CONTROL_JIT_CONFIRM: return answer_confirm(p, client, word);
	case CONTROL_JIT_DISABLE: return answer_disable(p, client, word);
	case CONTROL_JIT_CLOSE:
	case CONTROL_JIT_EXTEND:
		return answer_change(p, client, word, number, verb == CONTROL_JIT_EXTEND);
	case CONTROL_JIT_APPROVE: return answer_approve(p, client, word);
	default: return;
	}
}
