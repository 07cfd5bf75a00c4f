/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages between the daemon's processes: what is not one is not taken. */
#include <fcntl.h>

#include "guard/alert.h"
#include "tap.h"

static struct message_out out;

static int parse(enum message_role from, enum message_phase phase, unsigned fds, struct message *m)
{
	return message_parse((struct str){ out.bytes, out.n }, fds, from, phase, m);
}

static void test_table(void)
{
	struct message m;

	message_begin(&out, MESSAGE_OPEN);
	message_put_u32(&out, 7);
	message_put_u8(&out, 1);
	message_put_u32(&out, 2);
	is_int(parse(ROLE_DECODER, PHASE_RUN, 0, &m), 0, "a request of the decoder");
	is_int(parse(ROLE_CONTROL, PHASE_RUN, 0, &m), -EBADMSG, "not of another child");
	is_int(parse(ROLE_PARENT, PHASE_RUN, 0, &m), -EBADMSG, "nor of the parent");
	is_int(parse(ROLE_DECODER, PHASE_RUN, 1, &m), -EBADMSG, "nor with a descriptor");
	message_put_u8(&out, 0);
	is_int(parse(ROLE_DECODER, PHASE_RUN, 0, &m), -EBADMSG, "nor longer than it is");
	message_begin(&out, MESSAGE_READY);
	is_int(parse(ROLE_NET, PHASE_START, 0, &m), 0, "ready, at the start");
	is_int(parse(ROLE_NET, PHASE_RUN, 0, &m), -EBADMSG, "not twice");
	message_begin(&out, MESSAGE_N);
	is_int(parse(ROLE_NET, PHASE_START, 0, &m), -EBADMSG, "an unknown type");
	message_begin(&out, MESSAGE_NONE);
	is_int(parse(ROLE_NET, PHASE_START, 0, &m), -EBADMSG, "no type");
	out.n = 3;
	is_int(parse(ROLE_NET, PHASE_START, 0, &m), -EBADMSG, "shorter than a type");
}

static void test_fields(void)
{
	struct message m;

	message_begin(&out, MESSAGE_PROBLEM);
	message_put_str(&out, STR("text"));
	is_int(parse(ROLE_NET, PHASE_RUN, 0, &m), 0, "a text");
	ok(str_eq(message_str(&m, 10), STR("text")) && message_end(&m), "is read");
	is_int(parse(ROLE_NET, PHASE_RUN, 0, &m), 0, "once more");
	message_str(&m, 3);
	ok(!message_end(&m), "longer than allowed: bad");
	is_int(parse(ROLE_NET, PHASE_RUN, 0, &m), 0, "once more");
	message_u8(&m);
	ok(!message_end(&m), "bytes left over: bad");
	out.bytes[4] = 127;
	is_int(parse(ROLE_NET, PHASE_RUN, 0, &m), 0, "a length past the end");
	message_str(&m, 1'000);
	ok(!message_end(&m), "is bad");
	ok(message_u64(&m) == 0 && message_u8(&m) == 0, "and what follows is zero");
	message_begin(&out, MESSAGE_HISTORY);
	for (size_t i = 0; i < MESSAGE_MAX / 8 + 1; i++)
		message_put_u64(&out, i);
	ok(out.full && out.n <= MESSAGE_MAX, "more than fits is noted");
}

static void test_sockets(void)
{
	static char in[MESSAGE_MAX];
	struct message m;
	int pair[2], fd;

	is_int(message_pair(pair), 0, "a pair");
	is_int(message_receive(pair[0], in, ROLE_DECODER, PHASE_RUN, &m), -EAGAIN, "nothing yet");
	message_begin(&out, MESSAGE_FILE);
	for (int i = 0; i < 4; i++)
		message_put_u32(&out, 0);
	fd = open("/dev/null", O_RDONLY);
	message_put_fd(&out, fd);
	is_int(message_send(pair[0], &out), 0, "a descriptor goes");
	is_int(message_receive(pair[1], in, ROLE_PARENT, PHASE_RUN, &m), 1, "and comes");
	ok(m.n_fds == 1 && fcntl(m.fds[0], F_GETFD) == FD_CLOEXEC, "closed on exec");
	message_release(&m);
	out.full = true;
	is_int(message_send(pair[0], &out), -EMSGSIZE, "what did not fit is not sent");
	close(fd);
	close(pair[0]);
	is_int(message_receive(pair[1], in, ROLE_PARENT, PHASE_RUN, &m), 0, "the end");
	message_begin(&out, MESSAGE_READY);
	is_int(message_send(pair[1], &out), -EPIPE, "nobody is there");
	close(pair[1]);
}

static void test_alert(void)
{
	struct guard_alert a = { .level = 3,
				 .ban = true,
				 .has_from = true,
				 .count = 5,
				 .rule = STR("r"),
				 .title = STR("t"),
				 .evidence = STR("line"),
				 .lines = { STR("second"), STR("first") },
				 .n_lines = 2 },
			   b;
	struct message m;

	is_int(prefix_parse(STR("2001:db8::/64"), &a.from), 0, "an alert");
	message_begin(&out, MESSAGE_ALERT);
	alert_put(&out, &a);
	is_int(parse(ROLE_DECODER, PHASE_RUN, 0, &m), 0, "of the decoder");
	ok(alert_take(&m, &b) && prefix_eq(&a.from, &b.from) && b.count == 5 &&
		   str_eq(b.evidence, a.evidence) && b.n_lines == 2 &&
		   str_eq(b.lines[1], STR("first")),
	   "is what it was");
	for (size_t cut = 1; cut < 40; cut++) {
		out.n--;
		if (parse(ROLE_DECODER, PHASE_RUN, 0, &m) == 0 && alert_take(&m, &b)) {
			ok(false, "cut short it is taken");
			return;
		}
	}
	ok(true, "cut short it is none");
	message_begin(&out, MESSAGE_LOGIN);
	a.from.addr[15] = 1;
	message_put_prefix(&out, &a.from);
	is_int(parse(ROLE_DECODER, PHASE_RUN, 0, &m), -EBADMSG, "a login without its texts");
	message_put_u32(&out, 40000);
	message_put_str(&out, STR("ann"));
	message_put_str(&out, STR(""));
	is_int(parse(ROLE_DECODER, PHASE_RUN, 0, &m), 0, "a prefix");
	message_prefix(&m);
	ok(!message_end(&m), "with bits behind its length is bad");
}

int main(void)
{
	test_table();
	test_fields();
	test_sockets();
	test_alert();
	return done();
}
