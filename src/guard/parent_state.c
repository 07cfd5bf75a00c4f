/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is kept below /var/lib/holdfast: guard.ledger (everything, once a minute and at the end),
 * guard.journal (bans since then, one line each), guard.allow (guard allow).
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "detect/rule.h"
#include "guard/parent.h"

#define LEDGER "guard.ledger"
#define JOURNAL "guard.journal"
#define ALLOW "guard.allow"
#define LEDGER_FILE_MAX ((size_t)512 << 20)
#define JOURNAL_MAX ((size_t)64 << 20)

static int write_all(int fd, struct str s)
{
	while (s.len) {
		ssize_t n = write(fd, s.ptr, s.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		s = str_sub(s, (size_t)n, s.len);
	}
	return 0;
}

static int read_at(int dir, const char *name, size_t max, struct buf *ret)
{
	own(close_fd) int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct buf b = BUF(max);
	struct stat st;
	int r = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	for (;;) {
		char part[16 << 10];
		ssize_t n = read(fd, part, sizeof part);

		if (n <= 0)
			break;
		r = buf_add(&b, part, (size_t)n);
		if (r < 0)
			break;
	}
	if (r < 0)
		buf_release(&b);
	else
		*ret = b;
	return r;
}

static int new_file(int dir, const char *name, int *ret)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -errno;
	*ret = fd;
	return 0;
}

static int ledger_piece(void *user, struct str bytes) { return write_all(*(int *)user, bytes); }

static int put_in_place(int dir, const char *from, const char *to, int fd)
{
	if (fsync(fd) < 0 || renameat(dir, from, dir, to) < 0)
		return -errno;
	return fsync(dir) < 0 ? -errno : 0;
}

/* The journal begins anew: what it said is in the ledger's file now. */
static void renew_journal(struct parent *p)
{
	close_fd(&p->journal);
	p->journal = openat(p->state, JOURNAL,
			    O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
}

void parent_save_state(struct parent *p)
{
	own(close_fd) int fd = -1;
	int r = p->ledger ? new_file(p->state, LEDGER ".new", &fd) : -EINVAL;

	p->saved_at = monotonic_now_ms();
	if (r >= 0)
		r = ledger_save(p->ledger, parent_now(p), ledger_piece, &fd);
	if (r >= 0)
		r = put_in_place(p->state, LEDGER ".new", LEDGER, fd);
	if (r < 0) {
		if (unlinkat(p->state, LEDGER ".new", 0) < 0 && errno != ENOENT)
			parent_log(LEDGER ".new: %s", strerror(errno));
		parent_log("the list of bans cannot be saved: %s", strerror(-r));
		return;
	}
	p->ledger_changed = false;
	renew_journal(p);
}

/* "B 203.0.113.7 3600 1700000000 ssh_brute_force" or "U 203.0.113.7". */
void parent_note_ban(struct parent *p, const struct ledger_decision *d, struct str rule)
{
	char prefix[PREFIX_TEXT], line[LEDGER_RULE_MAX + 160];
	int n;

	prefix_format(&d->prefix, prefix);
	if (d->what == LEDGER_BAN)
		n = snprintf(line, sizeof line, "B %s %u %lld %.*s\n", prefix, d->seconds,
			     (long long)parent_now(p), STR_FMT(rule));
	else
		n = snprintf(line, sizeof line, "U %s\n", prefix);
	/* A full disk costs the memory of this ban over a restart; the kernel has it all the same. */
	if (p->journal >= 0 && write_all(p->journal, (struct str){ line, (size_t)n }) < 0)
		p->counts_own.history_errors++;
}

static int nothing(void *user, const struct ledger_decision *d)
{
	(void)user;
	(void)d;
	return 0;
}

static void replay_line(struct parent *p, struct str line)
{
	struct str what = str_word(&line), address = str_word(&line);
	struct str seconds = str_word(&line), at = str_word(&line);
	struct ledger_verdict v;
	struct prefix prefix;
	uint64_t length;
	int64_t since, left;

	if (prefix_parse(address, &prefix) < 0)
		return;
	if (str_eq(what, STR("U"))) {
		struct ledger_why why;

		ledger_why(p->ledger, &prefix, parent_now(p), &why);
		if (why.banned && ledger_unban(p->ledger, &prefix, nothing, NULL) < 0)
			parent_log("%.*s stays banned", STR_FMT(address));
		return;
	}
	if (!str_eq(what, STR("B")) || str_to_u64(seconds, 10, &length) < 0 ||
	    str_to_int64(at, &since) < 0 || length > (uint64_t)BAN_SECONDS_MAX)
		return;
	left = since + (int64_t)length - parent_now(p);
	if (left > 0 && left <= (int64_t)BAN_SECONDS_MAX &&
	    ledger_ban(p->ledger, &prefix, (uint32_t)left, parent_now(p), &v) < 0)
		parent_log("%.*s cannot be banned again", STR_FMT(address));
}

static void load_ledger(struct parent *p)
{
	struct buf b = {};
	struct diag d = {};
	struct str text, line;
	unsigned n = 0;
	int r = read_at(p->state, LEDGER, LEDGER_FILE_MAX, &b);

	if (r >= 0)
		r = ledger_restore(p->ledger, buf_view(&b), parent_now(p), &d);
	buf_release(&b);
	if (r < 0 && r != -ENOENT)
		parent_report(
			p, LEVEL_HIGH, "guard_state",
			"The list of bans could not be read (%s): bans are taken from the packet "
			"filter alone",
			d.reason[0] ? d.reason : strerror(-r));
	if (read_at(p->state, JOURNAL, JOURNAL_MAX, &b) < 0)
		return;
	text = buf_view(&b);
	while (str_line(&text, &line, &n))
		replay_line(p, line);
	buf_release(&b);
}

static void load_allowed(struct parent *p)
{
	struct buf b = {};
	struct str text, line;
	unsigned n = 0;

	if (!p->allowed)
		p->allowed = calloc(OWN_ALLOW_MAX, sizeof *p->allowed);
	if (!p->allowed || read_at(p->state, ALLOW, 1 << 20, &b) < 0)
		return;
	text = buf_view(&b);
	while (str_line(&text, &line, &n) && p->n_allowed < OWN_ALLOW_MAX)
		if (prefix_parse(line, &p->allowed[p->n_allowed]) >= 0)
			p->n_allowed++;
	buf_release(&b);
}

int parent_save_allowed(struct parent *p)
{
	own(close_fd) int fd = -1;
	struct buf b = BUF(1 << 20);
	char text[PREFIX_TEXT];
	int r = new_file(p->state, ALLOW ".new", &fd);

	for (size_t i = 0; i < p->n_allowed; i++) {
		buf_str(&b, prefix_format(&p->allowed[i], text));
		buf_putc(&b, '\n');
	}
	if (r >= 0)
		r = b.error ? b.error : write_all(fd, buf_view(&b));
	if (r >= 0)
		r = put_in_place(p->state, ALLOW ".new", ALLOW, fd);
	buf_release(&b);
	return r;
}

void parent_load_state(struct parent *p)
{
	load_ledger(p);
	load_allowed(p);
	parent_save_state(p);
}
