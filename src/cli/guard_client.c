/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Talks to the daemon. What it says is checked before it goes to a terminal. */
#include <inttypes.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/json.h"
#include "cli/guard.h"
#include "guard/control.h"

#define ANSWER_MAX ((size_t)512 << 20)

bool guard_client_verb(const char *word)
{
	static const char *const requests[] = {
#define X(id, name, least, most) name,
		CONTROL_VERBS(X)
#undef X
	};

	/* Those of just-in-time access have words of their own: holdfast jit. */
	for (size_t i = 0; i < COUNT(requests) && i < CONTROL_JIT; i++)
		if (!strcmp(word, requests[i]))
			return true;
	return false;
}

static int connect_to(const char *path, int *ret)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	own(close_fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct timeval patience = { .tv_sec = 15 };

	if (strlen(path) >= sizeof a.sun_path)
		return -ENAMETOOLONG;
	snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
	if (fd < 0 || connect(fd, (const void *)&a, sizeof a) < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	*ret = take_fd(&fd);
	return 0;
}

static int exchange(int fd, int n, char **words, struct buf *ret)
{
	struct buf line = BUF(CONTROL_LINE_MAX);
	char part[16 << 10];
	ssize_t k;
	int r;

	for (int i = 0; i < n; i++)
		buf_fmt(&line, "%s%s", i ? " " : "", words[i]);
	buf_putc(&line, '\n');
	r = line.error;
	if (r >= 0 && send(fd, line.ptr, line.len, MSG_NOSIGNAL) < 0 && errno != EPIPE)
		r = -errno;
	buf_release(&line);
	while (r >= 0 && (k = recv(fd, part, sizeof part, 0)) != 0) {
		if (k < 0 && errno == EINTR)
			continue;
		r = k < 0 ? -errno : buf_add(ret, part, (size_t)k);
	}
	return r;
}

/* ---- text --------------------------------------------------------------------------------- */

/* A member as text for a terminal; "" where it is not there. */
static const char *text_of(const struct jdoc *d, uint32_t object, const char *name, char *ret,
			   size_t size)
{
	own(arena_release) struct arena a = {};
	uint32_t v = jdoc_get(d, object, str_of(name));
	struct str s = STR("");

	if (v && jdoc_is(d, v, J_STRING)) {
		if (jdoc_text(d, v, &a, &s) < 0)
			s = STR("");
	} else if (v) {
		s = jdoc_is(d, v, J_TRUE)    ? STR("yes")
		    : jdoc_is(d, v, J_FALSE) ? STR("no")
					     : jdoc_raw(d, v);
	}
	return text_safe(s, ret, size);
}

#define TEXT(name) text_of(d, o, name, (char[256]){ 0 }, 256)

static void show_floods(const struct jdoc *d, uint32_t o)
{
	uint32_t list = jdoc_get(d, o, STR("limited"));

	if (!list)
		return;
	printf("Floods     %s; %s limited so far\n", TEXT("flood"), TEXT("floods_limited"));
	jdoc_each(d, list, f) {
		o = f;
		printf("Flood      cgroup %s (%s): %s packets/s for %s s more\n", TEXT("cgroup"),
		       TEXT("path"), TEXT("pps"), TEXT("seconds_left"));
	}
}

static void show_status(const struct jdoc *d, uint32_t o)
{
	uint32_t list = jdoc_get(d, o, STR("processes"));

	printf("Mode       %s, since %s, version %s\n", TEXT("mode"), TEXT("started"),
	       TEXT("version"));
	if (*TEXT("problem"))
		printf("PROBLEM    %s\n", TEXT("problem"));
	printf("Bans       %s (%s of networks), %s so far; back end %s\n", TEXT("bans"),
	       TEXT("network_bans"), TEXT("bans_total"), TEXT("backend"));
	printf("           %s refused, %s pushed out, %s connections cut, table repaired %s times\n",
	       TEXT("refused"), TEXT("pushed_out"), TEXT("connections_cut"),
	       TEXT("table_repaired"));
	if (*TEXT("packets_dropped"))
		printf("           %s packets dropped, %s bytes\n", TEXT("packets_dropped"),
		       TEXT("bytes_dropped"));
	printf("Alerts     %s by %s rules; problems %s, state errors %s\n", TEXT("alerts"),
	       TEXT("rules"), TEXT("problems"), TEXT("state_errors"));
	printf("Never      %s networks on the allow list, %s sessions\n", TEXT("allowed"),
	       TEXT("sessions"));
	show_floods(d, o);
	if (!list)
		return;
	jdoc_each(d, list, p) {
		o = p;
		printf("Process    %s: %s%s, ended %s times%s%s%s\n", TEXT("name"),
		       strcmp(TEXT("pid"), "0") ? "pid " : "not running, pid ", TEXT("pid"),
		       TEXT("crashes"), *TEXT("last_end") ? " (" : "", TEXT("last_end"),
		       *TEXT("last_end") ? ")" : "");
	}
}

static void show_counts(const struct jdoc *d, uint32_t o)
{
	uint32_t list = jdoc_get(d, o, STR("sources"));

	printf("Events     %s, %s matched; %s groups remembered, %s forgotten\n", TEXT("events"),
	       TEXT("matched"), TEXT("groups"), TEXT("evicted"));
	jdoc_each(d, list, s) {
		o = s;
		printf("Source     %s (%s%s%s)%s%s\n", TEXT("name"), TEXT("kind"),
		       *TEXT("format") ? ", " : "", TEXT("format"), *TEXT("problem") ? ": " : "",
		       TEXT("problem"));
		printf("           %s lines, %s events, %s late, %s skipped, %s cut, %s copies, "
		       "%s lost, %s gaps\n",
		       TEXT("lines"), TEXT("events"), TEXT("late"), TEXT("skipped"), TEXT("cut"),
		       TEXT("copies"), TEXT("dropped"), TEXT("gaps"));
	}
}

static void show_why(const struct jdoc *d, uint32_t o)
{
	uint32_t rules = jdoc_get(d, o, STR("rules"));
	bool banned = jdoc_is(d, jdoc_get(d, o, STR("banned")), J_TRUE);

	printf("%s: %s\n", TEXT("address"),
	       banned ? strcmp(TEXT("enforced"), "yes") ? "would be banned" : "banned"
	       : !strcmp(TEXT("allowed"), "yes") ? "never banned: on the allow list"
	       : !strcmp(TEXT("session"), "yes") ? "never banned: somebody is logged in from there"
	       : !strcmp(TEXT("known"), "yes")   ? "not banned now"
						 : "nothing is known of it");
	if (banned)
		printf("  as %s, since %s, until %s\n", TEXT("by"), TEXT("since"), TEXT("until"));
	if (strcmp(TEXT("known"), "yes") != 0)
		return;
	printf("  %s detections from %s to %s; banned %s times; %s banned in %s\n",
	       TEXT("detections"), TEXT("first"), TEXT("last"), TEXT("times_banned"),
	       TEXT("network_hosts"), TEXT("network"));
	jdoc_each(d, rules, r) {
		char text[256];

		printf("  rule %s\n", text_safe(jdoc_raw(d, r), text, sizeof text));
	}
}

static void show(const struct jdoc *d)
{
	uint32_t o = 0;

	if (jdoc_get(d, o, STR("ban")))
		printf("%-40s %8s s left, ban number %s\n", TEXT("ban"), TEXT("seconds_left"),
		       TEXT("times"));
	else if (jdoc_get(d, o, STR("allow")))
		printf("%-40s by %s\n", TEXT("allow"), TEXT("from"));
	else if (jdoc_get(d, o, STR("sources")))
		show_counts(d, o);
	else if (jdoc_get(d, o, STR("mode")))
		show_status(d, o);
	else if (jdoc_get(d, o, STR("address")))
		show_why(d, o);
}

/* Exit code; -1: there is more to come. */
static int take_line(struct str line, bool json)
{
	struct jdoc doc = {};
	const struct jdoc *d = &doc;
	const uint32_t o = 0;
	struct diag diag = {};
	int code = -1;

	if (jdoc_parse(line, &(struct joptions){ .max_depth = 8 }, &doc, &diag) < 0 ||
	    !jdoc_is(&doc, 0, J_OBJECT)) {
		cli_error("the daemon said something that is no answer");
		jdoc_release(&doc);
		return EXIT_FAILED;
	}
	if (jdoc_get(d, o, STR("error"))) {
		cli_error("%s", TEXT("error"));
		code = EXIT_FAILED;
	} else if (jdoc_get(d, o, STR("ok"))) {
		code = EXIT_OK;
	} else if (json) {
		printf("%.*s\n", STR_FMT(line));
	} else {
		show(d);
	}
	jdoc_release(&doc);
	return code;
}

static const char *reason(int error)
{
	switch (error) {
	case -ENOENT:
	case -ECONNREFUSED: return "the daemon does not run (systemctl status holdfast-guard)";
	case -EACCES:
		return "permission denied: only root and members of the group holdfast may ask";
	case -EAGAIN: return "no answer";
	default: return strerror(-error);
	}
}

int guard_ask(const char *socket, int n, char **words, struct buf *ret)
{
	own(close_fd) int fd = -1;
	int r = connect_to(socket, &fd);

	if (r >= 0)
		r = exchange(fd, n, words, ret);
	if (r < 0)
		cli_error("%s: %s", socket, reason(r));
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}

int guard_client(const char *socket, bool json, int n, char **words)
{
	struct buf answer = BUF(ANSWER_MAX);
	struct str text, line;
	unsigned number = 0;
	int code = guard_ask(socket, n, words, &answer);

	if (code != EXIT_OK) {
		buf_release(&answer);
		return code;
	}
	code = -1;
	text = buf_view(&answer);
	while (code < 0 && str_line(&text, &line, &number))
		code = take_line(line, json);
	if (code < 0) {
		cli_error("the daemon ended in the middle of its answer");
		code = EXIT_FAILED;
	}
	buf_release(&answer);
	return code;
}
