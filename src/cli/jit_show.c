/* SPDX-License-Identifier: GPL-3.0-or-later */
/* holdfast jit list, status: what the daemon says, for people. */
#include <stdio.h>

#include "cli/jit_host.h"

#define TEXT(name) jit_text(d, 0, name, (char[256]){ 0 }, 256)

static unsigned number(const struct jdoc *d, const char *name)
{
	uint32_t v = jdoc_get(d, 0, str_of(name));
	int64_t n = 0;

	if (!v || jdoc_int(d, v, &n) < 0 || n < 0 || n > UINT32_MAX)
		return 0;
	return (unsigned)n;
}

/* "1 h 59 m" */
static const char *span(unsigned seconds, char text[static 24])
{
	if (seconds >= 86'400)
		(void)snprintf(text, 24, "%u d %u h", seconds / 86'400, seconds / 3'600 % 24);
	else if (seconds >= 3'600)
		(void)snprintf(text, 24, "%u h %u m", seconds / 3'600, seconds / 60 % 60);
	else if (seconds >= 60)
		(void)snprintf(text, 24, "%u m %u s", seconds / 60, seconds % 60);
	else
		(void)snprintf(text, 24, "%u s", seconds);
	return text;
}

struct listing {
	bool json;
	unsigned n;
};

static void show_grant(void *user, const struct jdoc *d, struct str line)
{
	struct listing *l = user;
	char time[24];
	bool over = !strcmp(TEXT("state"), "over");

	l->n++;
	if (l->json) {
		printf("%.*s\n", STR_FMT(line));
		return;
	}
	printf("%.8s  %-5s  %-14s from %s for %s", TEXT("grant"), TEXT("state"), TEXT("ports"),
	       TEXT("source"), TEXT("account"));
	if (over)
		printf(", %s, %s ago", TEXT("over"), span(number(d, "seconds_ago"), time));
	else
		printf(", %s left", span(number(d, "seconds_left"), time));
	printf("; %u connections, %u logins\n", number(d, "connections"), number(d, "logins"));
	printf("          asked %s, key %s", TEXT("asked"), TEXT("key"));
	if (*TEXT("second_key"))
		printf(", approved by %s", TEXT("second_key"));
	if (*TEXT("reason"))
		printf(": %s", TEXT("reason"));
	putchar('\n');
	if (!strcmp(TEXT("state"), "waits"))
		printf("          a second person: holdfast jit request USER@THIS-HOST -p ... "
		       "--approve %s\n",
		       TEXT("grant"));
}

int jit_list(const struct jit_host *h)
{
	struct listing l = { .json = h->json };
	int code = jit_ask(h, "jit-list", show_grant, &l);

	if (code == EXIT_OK && !l.n && !l.json)
		puts("nobody was let in");
	return fflush(stdout) ? EXIT_FAILED : code;
}

/* ---- status ------------------------------------------------------------------------------------- */

struct status {
	bool json, on;
	struct knock_port ports[JIT_PROTECTED_MAX];
	size_t n_ports;
};

static void show_ports(const struct jdoc *d, struct status *s)
{
	uint32_t list = jdoc_get(d, 0, STR("shut"));
	char port[16];

	if (!list)
		return;
	jdoc_each(d, list, p) {
		bool confirmed = jdoc_is(d, jdoc_get(d, p, STR("confirmed")), J_TRUE);
		struct knock_port k;

		jit_text(d, p, "port", port, sizeof port);
		if (s->n_ports < JIT_PROTECTED_MAX && jit_port_parse(str_of(port), &k) >= 0)
			s->ports[s->n_ports++] = k;
		if (!s->json && confirmed)
			printf("Shut       %s\n", port);
		else if (!s->json)
			printf("Shut       %s, NOT CONFIRMED: undone in %s s\n", port,
			       TEXT("confirm_within"));
	}
}

static void show_knocks(const struct jdoc *d)
{
	printf("Requests   UDP port %s, %s; %s granted, %s closed, %s waited, %s refused\n",
	       TEXT("listen"),
	       strcmp(TEXT("taking"), "true") ? "NOT TAKEN (see the daemon's log)" : "taken",
	       TEXT("granted"), TEXT("closed"), TEXT("waits"), TEXT("refused"));
	printf("           %s packets: %s without the mark, %s over a prefix's budget, %s over "
	       "that of all, %s lost\n",
	       TEXT("packets"), TEXT("unmarked"), TEXT("over_prefix"), TEXT("over_total"),
	       TEXT("lost"));
	printf("Open       %s, %s wait; %s connections; when a grant ends they %s\n", TEXT("open"),
	       TEXT("waiting"), TEXT("connections"),
	       strcmp(TEXT("sessions"), "keep") ? "end" : "go on");
	if (*TEXT("packets_dropped"))
		printf("Dropped    %s packets for ports that are shut\n", TEXT("packets_dropped"));
}

/* Whoever sent it was not told. What it says of the account is a claim until it is signed. */
static void show_refused(const struct jdoc *d)
{
	uint32_t o = jdoc_get(d, 0, STR("last_refused"));
	char from[64], account[300], why[200], ago[24], skewed[24];
	int64_t seconds = 0, skew = 0;

	if (!o)
		return;
	jit_text(d, o, "from", from, sizeof from);
	jit_text(d, o, "account", account, sizeof account);
	jit_text(d, o, "why", why, sizeof why);
	if (jdoc_int(d, jdoc_get(d, o, STR("seconds_ago")), &seconds) < 0 || seconds < 0)
		seconds = 0;
	if (!jdoc_get(d, o, STR("skew_ms")) ||
	    jdoc_int(d, jdoc_get(d, o, STR("skew_ms")), &skew) < 0)
		skew = 0;
	printf("Refused    last %s ago, from %s", span((unsigned)MIN(seconds, UINT32_MAX), ago),
	       from);
	if (*account)
		printf(" for %s", account);
	printf(": %s", why);
	if (skew >= 1'000 || skew <= -1'000)
		printf(" (its clock is %s %s)",
		       span((unsigned)MIN((skew < 0 ? 0 - (uint64_t)skew : (uint64_t)skew) / 1'000,
					  UINT32_MAX),
			    skewed),
		       skew < 0 ? "behind" : "ahead");
	putchar('\n');
}

static void show_status(void *user, const struct jdoc *d, struct str line)
{
	struct status *s = user;

	s->on = !strcmp(TEXT("jit"), "on");
	if (s->json)
		printf("%.*s\n", STR_FMT(line));
	else if (!s->on)
		puts("No port is shut (holdfast jit enable ssh)");
	show_ports(d, s);
	if (!s->json && s->on)
		show_knocks(d);
	if (s->json)
		return;
	show_refused(d);
	if (*TEXT("left_behind"))
		puts("PROBLEM    the table inet holdfast_jit shuts ports that the daemon does not know: "
		     "holdfast jit disable");
	if (*TEXT("policy_problem"))
		printf("PROBLEM    %s\n", TEXT("policy_problem"));
	if (*TEXT("jit_problem"))
		printf("PROBLEM    %s\n", TEXT("jit_problem"));
	if (*TEXT("audit"))
		printf("AUDIT LOG  %s (holdfast jit audit --verify)\n", TEXT("audit"));
}

int jit_status(const struct jit_host *h)
{
	struct status s = { .json = h->json };
	int code = jit_ask(h, "jit", show_status, &s);

	if (fflush(stdout))
		return EXIT_FAILED;
	/* Rules can be read by root alone. */
	if (code != EXIT_OK || !s.n_ports || geteuid())
		return code;
	return jit_check(h, s.ports, s.n_ports);
}
