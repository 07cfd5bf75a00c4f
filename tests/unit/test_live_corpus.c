/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Real logs that are written piece by piece, with restarts between, give the events that reading them at
 * once gives.
 */
#include "live_try.h"

#define CORPUS "../shared/corpora/logs/"
#define PART_MAX ((size_t)3 << 20) /* of a log */

static uint64_t random_state = 11;

static unsigned pick(unsigned n)
{
	random_state = random_state * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(random_state >> 33) % n;
}

static struct events_out out_of(struct names *names)
{
	return (struct events_out){ .names = names, .text = BUF((size_t)1 << 30) };
}

static struct events_out read_at_once(struct names *names, const char *path)
{
	struct events_out o = out_of(names);
	struct reader *r = NULL;
	struct diag d = {};

	if (reader_new(&r) < 0 || reader_add(r, path, &d) < 0 ||
	    reader_start(r, &(struct reader_options){ .names = names }) < 0 ||
	    reader_run(r, events_write, &o) < 0)
		printf("# %s: %s\n", path, d.reason);
	reader_release(&r);
	return o;
}

static void write_part(const char *path, struct str part)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, part.ptr, part.len) != (ssize_t)part.len)
		abort();
	close(fd);
}

static void same(const char *name)
{
	static const char *const files[] = { "part.log", NULL };
	struct live_try *t = try_new("live-corpus");
	own(free_ptr) char *text = malloc(PART_MAX);
	char path[160], source[256];
	struct events_out at_once, live;
	ssize_t n;
	int fd;

	snprintf(source, sizeof source, CORPUS "%s", name);
	fd = open(source, O_RDONLY | O_CLOEXEC);
	n = fd >= 0 ? read(fd, text, PART_MAX) : -1;
	close_fd(&fd);
	if (n <= 0) {
		skip(name, "the corpus is not there");
		try_release(t);
		return;
	}
	/* Whole lines: the last one is not waited for. */
	while (n && text[n - 1] != '\n')
		n--;
	snprintf(path, sizeof path, "%s", try_path(t, "part.log"));
	live = out_of(t->names);
	t->out = &live;
	try_start(t, files);
	for (size_t at = 0; at < (size_t)n;) {
		size_t part = MIN(1 + pick((unsigned)n / 25 + 1), (size_t)n - at);

		write_part(path, (struct str){ text + at, part });
		at += part;
		must(try_run(t));
		if (pick(8) == 0) {
			try_save(t);
			try_stop(t);
			try_start(t, files);
		}
	}
	must(live_finish(t->live, try_emit, t));
	at_once = read_at_once(t->names, path);
	ok(at_once.n > 0 && live.n == at_once.n &&
		   str_eq(buf_view(&live.text), buf_view(&at_once.text)),
	   name);
	printf("# %u events at once, %u live\n", at_once.n, live.n);
	for (size_t i = 0; i < MIN(live.text.len, at_once.text.len); i++) {
		if (live.text.ptr[i] == at_once.text.ptr[i])
			continue;
		i = i > 200 ? i - 200 : 0;
		printf("# at once: %.400s\n# live: %.400s\n", at_once.text.ptr + i,
		       live.text.ptr + i);
		break;
	}
	buf_release(&live.text);
	buf_release(&at_once.text);
	try_release(t);
}

int main(void)
{
	static const char *const logs[] = {
		"ssh/Linux_2k.log",      "ssh/OpenSSH_2k.log",       "web/Apache_2k.log",
		"iis/u_ex090817.log",    "iis/u_ex090908.log",       "iis/u_ex090910.log",
		"fail2ban/sshd",         "fail2ban/dovecot",         "fail2ban/postfix",
		"fail2ban/exim",         "fail2ban/selinux-ssh",     "fail2ban/proftpd",
		"fail2ban/vsftpd",       "fail2ban/mysqld-auth",     "fail2ban/mongodb-auth",
		"fail2ban/traefik-auth", "fail2ban/nginx-limit-req",
	};

	for (size_t i = 0; i < COUNT(logs); i++)
		same(logs[i]);
	return done();
}
