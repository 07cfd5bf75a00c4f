/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines of sshd that are read the quick way say what they say where each is taken apart: behind a
 * line of another host nothing is known of a header, so every line is parsed.
 */
#include "events.h"
#include "events/passage.h"
#include "events/sshd.h"

#define LINES 4000U
#define SPACER "Jan  1 00:00:00 spacer kernel: [1.0] nothing\n"

static uint64_t seed = 4;

static unsigned dice(unsigned n)
{
	seed = seed * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(seed >> 33) % n;
}
#define ONE_OF(list) ((list)[dice(COUNT(list))])

static const char *const addresses[] = {
	"10.0.0.1",
	"10.0.0.2",
	"192.168.100.200",
	"1.2.3.4",
	"2001:db8::1",
	"::ffff:1.2.3.4",
	"fe80::1%eth0",
	"300.1.1.1",
	"UNKNOWN",
	"host.example.net",
	"1.2.3.4.5",
	"01.2.3.4",
	"::1",
	"2001:db8:",
	"",
};
static const char *const names[] = {
	"root",
	"admin",
	"x",
	"",
	"from 1.2.3.4",
	"user x",
	"a b",
	"info",
	"illegal user y",
	"<invalid username>",
	"invalid user z",
	"itsupport",
	"x from 9.9.9.9 port 1 ssh2",
	"[preauth]",
	"port 7",
};
static const char *const ports[] = { "22", "1",    "65535",   "40000",    "123456", "",
				     "x",  "0022", "1234567", "12345678", "1x3",    "99999" };
static const char *const ends[] = {
	"",           "",
	"",           "",
	" ssh2",      " ssh1",
	" [preauth]", " ",
	"\r",         " ssh2 [preauth]",
	": x",        "  [preauth]",
};

/* %n, %a and %p stand for a name, an address and a port. */
static const char *const messages[] = {
	"Failed password for %n from %a port %p ssh2",
	"Failed password for invalid user %n from %a port %p ssh2",
	"Failed publickey for %n from %a port %p ssh2: RSA SHA256:abc",
	"Failed none for invalid user %n from %a port %p ssh2",
	"Failed keyboard-interactive/pam for %n from %a port %p ssh2",
	"Invalid user %n from %a port %p",
	"Invalid user %n from %a",
	"Received disconnect from %a port %p:11: Bye Bye",
	"Received disconnect from %a port %p: 14: No supported",
	"Received disconnect from %a port %p:11",
	"Disconnected from invalid user %n %a port %p",
	"Disconnected from authenticating user %n %a port %p",
	"Disconnected from user %n %a port %p",
	"Disconnected from %a port %p",
	"Connection closed by authenticating user %n %a port %p",
	"Connection closed by invalid user %n %a port %p",
	"Connection closed by %n %a port %p",
	"Connection reset by %a port %p",
	"Connection from %a port %p on 10.0.0.1 port 22",
	"Accepted password for %n from %a port %p ssh2",
	"error: PAM: Authentication failure for %n from %a",
	"User %n from %a not allowed because not listed in AllowUsers",
	"pam_unix(sshd:auth): check pass; user unknown",
	"pam_unix(sshd:auth): authentication failure; logname= uid=0 tty=ssh ruser= rhost=%a  user=%n",
	"Timeout before authentication for %a port %p",
};

static void add_message(struct buf *b, const char *address, const char *port)
{
	for (const char *p = ONE_OF(messages); *p; p++) {
		if (*p != '%')
			buf_putc(b, *p);
		else if (*++p == 'n')
			buf_puts(b, ONE_OF(names));
		else
			buf_puts(b, *p == 'a' ? address : port);
	}
	buf_puts(b, ONE_OF(ends));
}

/* Connections stay what they are most of the time, as those of a log do. */
static void add_line(struct buf *b, unsigned *second)
{
	static const char *const hosts[] = { "web1", "web1", "web1", "web1", "db2" };
	static const char *const programs[] = { "sshd",         "sshd",           "sshd", "sshd",
						"sshd-session", "sshd(pam_unix)", "sudo" };
	unsigned process = dice(12), other = dice(8);

	*second += dice(6) ? 0 : 1 + dice(3) * dice(40);
	buf_fmt(b, "Jan  1 %02u:%02u:%02u %s %s[%u]: ", *second / 3600 % 24, *second / 60 % 60,
		*second % 60, ONE_OF(hosts), ONE_OF(programs),
		process   ? 1000 + process * 997
		: dice(2) ? 123456789
			  : 7);
	add_message(b, other ? addresses[process % 5] : ONE_OF(addresses),
		    other ? ports[process % 4] : ONE_OF(ports));
	buf_putc(b, '\n');
}

struct out {
	struct events_out events;
	unsigned step; /* lines of the text for one of the log */
	uint64_t idle;
};

static int take_down(void *user, const struct event *e)
{
	static const char *const all =
		"action outcome attempt method reason invalid_user user src_ip "
		"src_host src_port hostname program pid message service";
	struct out *o = user;
	const struct event_value *host = event_get(e, names_find(o->events.names, STR("hostname")));

	if (e->idle) {
		o->idle += 1 + (uint64_t)e->more;
		return 0;
	}
	if (host && str_eq(host->text, STR("spacer")))
		return 0;
	o->events.only = all;
	o->events.times = true;
	(void)events_write(&o->events, e);
	buf_fmt(&o->events.text, " line=%llu", (unsigned long long)(e->record / o->step));
	return 0;
}

static bool bears(struct str line, const struct str *texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (events_holds(line, texts[i]))
			return true;
	return !n;
}

/* The wanted lines, each behind a spacer; what is not wanted leaves two spacers. */
static struct buf apart(struct str text, const struct str *texts, size_t n)
{
	struct buf b = { .limit = 64 << 20 };
	struct str line;

	while ((line = str_cut(&text, '\n')).len || text.ptr) {
		bool wanted = bears(line, texts, n);

		buf_puts(&b, SPACER);
		buf_fmt(&b, "%.*s", STR_FMT(wanted ? line : STR(SPACER)));
		if (wanted)
			buf_putc(&b, '\n');
	}
	return b;
}

static struct out decode(struct names *names_of, struct str text, struct decode_context x,
			 unsigned step)
{
	struct out o = {
		.events = {.names = names_of, .text.limit = 64 << 20},
                  .step = step
	};
	void *state = calloc(1, decoder_syslog.state_size);
	uint64_t skipped = 0;

	x.names = names_of;
	x.now = INT64_C(1'800'000'000'000'000);
	is_int(decoder_syslog.decode(state, &x, text, step, take_down, &o, &skipped), 0, "decoded");
	decoder_syslog.release(state);
	free(state);
	return o;
}

static void compare(struct names *names_of, struct str text, const struct str *texts, size_t n,
		    bool together)
{
	const struct message_form *const idle[] = {
		&sshd_forms[SSHD_FAILED], &sshd_forms[SSHD_RECEIVED], &sshd_forms[SSHD_CLOSED],
		&sshd_forms[SSHD_RESET], &sshd_forms[SSHD_DISCONNECTED]
	};
	struct decode_context x = { .idle = idle, .n_idle = COUNT(idle) };
	struct screen screen = { .at = (size_t)1 << 40 };
	struct buf each = apart(text, texts, n);
	struct prefilter *filter = NULL;
	struct out want, got;

	want = decode(names_of, (struct str){ each.ptr, each.len }, x, 2);
	if (n) {
		is_int(prefilter_new(texts, n, &filter), 0, "a filter");
		screen.filter = filter;
		x.screen = &screen;
	}
	x.idle_together = together;
	got = decode(names_of, text, x, 1);
	ok(want.events.n > 100 && want.idle > 20, "events, and idle ones");
	is_int((int64_t)got.idle, (int64_t)want.idle, "as many idle ones");
	ok(str_eq((struct str){ got.events.text.ptr, got.events.text.len },
		  (struct str){ want.events.text.ptr, want.events.text.len }),
	   "the same events");
	buf_release(&want.events.text);
	buf_release(&got.events.text);
	buf_release(&each);
	prefilter_release(&filter);
}

int main(void)
{
	static const struct str texts[] = {
		{"failed ",        7 },
                { "invalid USER ", 13}
	};
	/* One that stands in headers, one across a header's end, one with digits of a time. */
	static const struct str odd[] = {
		{"shd[7]",             6 },
                { ":07 web1",          8 },
                { "web1 sshd-session", 17},
                { "closed",            6 }
	};
	/* Shorter than what is looked for at a time. */
	static const struct str tiny[] = {
		{"db2",    3},
                { "reset", 5}
	};
	struct buf text = { .limit = 16 << 20 };
	struct names *names_of = NULL;
	unsigned second = 0;
	uint16_t id;

	is_int(names_new(&names_of), 0, "names");
	for (unsigned i = 0; i < FIELD_N; i++)
		if (names_add(names_of, str_of(field_name((enum field)i)), &id) < 0)
			return 1;
	for (unsigned i = 0; i < LINES; i++)
		add_line(&text, &second);
	for (unsigned together = 0; together < 2; together++) {
		compare(names_of, (struct str){ text.ptr, text.len }, NULL, 0, together);
		compare(names_of, (struct str){ text.ptr, text.len }, texts, COUNT(texts),
			together);
		compare(names_of, (struct str){ text.ptr, text.len }, odd, COUNT(odd), together);
		compare(names_of, (struct str){ text.ptr, text.len }, tiny, COUNT(tiny), together);
	}
	buf_release(&text);
	names_release(&names_of);
	return done();
}
