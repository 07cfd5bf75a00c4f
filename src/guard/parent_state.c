/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is kept below /var/lib/holdfast: guard.ledger (everything, once a minute and at the end),
 * guard.journal (bans since then, one line each; .old while the former is being written),
 * guard.allow (guard allow).
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "detect/rule.h"
#include "guard/parent.h"

#define LEDGER "guard.ledger"
#define JOURNAL "guard.journal"
#define ALLOW "guard.allow"
#define LEDGER_FILE_MAX ((size_t)512 << 20)
#define NOTES_MAX ((size_t)64 << 10)
#define JOURNAL_MAX ((size_t)64 << 20)

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

static int put_in_place(int dir, const char *from, const char *to, int fd)
{
	if (fsync(fd) < 0 || renameat(dir, from, dir, to) < 0)
		return -errno;
	return fsync(dir) < 0 ? -errno : 0;
}

static void open_journal(struct parent *p, int flags)
{
	close_fd(&p->journal);
	p->journal = openat(p->state, JOURNAL,
			    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
}

void parent_flush_notes(struct parent *p)
{
	/* A full disk costs the memory of bans over a restart; the kernel has them all the same. */
	if (p->notes.error || (p->notes.len && p->journal >= 0 &&
			       file_write_all(p->journal, buf_view(&p->notes)) < 0))
		p->counts_own.history_errors++;
	p->notes.error = 0;
	buf_reset(&p->notes);
}

/* "B 203.0.113.7 3600 1700000000 ssh_brute_force" or "U 203.0.113.7". */
void parent_note_ban(struct parent *p, const struct ledger_decision *d, struct str rule)
{
	char prefix[PREFIX_TEXT];

	p->notes.limit = NOTES_MAX;
	if (p->notes.len > NOTES_MAX - LEDGER_RULE_MAX - 160)
		parent_flush_notes(p);
	prefix_format(&d->prefix, prefix);
	if (d->what == LEDGER_BAN)
		buf_fmt(&p->notes, "B %s %u %lld %.*s\n", prefix, d->seconds,
			(long long)parent_now(p), STR_FMT(rule));
	else
		buf_fmt(&p->notes, "U %s\n", prefix);
}

/* ---- saving ------------------------------------------------------------------------------------ */

struct saver {
	pthread_t thread;
	int dir;
	struct buf bytes;
	int result;
	bool done; /* atomic */
};

static int save(int dir, struct str bytes)
{
	own(close_fd) int fd = -1;
	int r = new_file(dir, LEDGER ".new", &fd);

	if (r >= 0)
		r = file_write_all(fd, bytes);
	if (r >= 0)
		r = put_in_place(dir, LEDGER ".new", LEDGER, fd);
	if (r < 0)
		unlinkat(dir, LEDGER ".new", 0);
	/* What it said is in the ledger's file now. */
	else if (unlinkat(dir, JOURNAL ".old", 0) < 0 && errno != ENOENT)
		r = -errno;
	return r;
}

static void *save_thread(void *data)
{
	struct saver *s = data;

	s->result = save(s->dir, buf_view(&s->bytes));
	__atomic_store_n(&s->done, true, __ATOMIC_RELEASE);
	return NULL;
}

static int keep_piece(void *user, struct str bytes) { return buf_str(user, bytes); }

/*
 * The ledger as it is now. The journal so far becomes JOURNAL.old, which is gone once the ledger is
 * on disk. Where an old one is still there saving failed the last time: both are kept.
 */
static int snapshot(struct parent *p, struct buf *ret)
{
	struct buf b = BUF(LEDGER_FILE_MAX);
	int r = p->ledger ? ledger_save(p->ledger, parent_now(p), keep_piece, &b) : -EINVAL;

	if (r < 0) {
		buf_release(&b);
		return r;
	}
	p->saved_at = monotonic_now_ms();
	p->ledger_changed = false;
	parent_flush_notes(p);
	if (faccessat(p->state, JOURNAL ".old", F_OK, AT_SYMLINK_NOFOLLOW) < 0 &&
	    renameat(p->state, JOURNAL, p->state, JOURNAL ".old") < 0 && errno != ENOENT)
		parent_log(JOURNAL ": %s", strerror(errno));
	open_journal(p, 0);
	*ret = b;
	return 0;
}

static void saved(struct parent *p, int r)
{
	if (r >= 0)
		return;
	p->ledger_changed = true;
	parent_log("the list of bans cannot be saved: %s", strerror(-r));
}

static void finish(struct parent *p)
{
	struct saver *s = p->saver;

	if (!s)
		return;
	pthread_join(s->thread, NULL);
	p->saver = NULL;
	saved(p, s->result);
	buf_release(&s->bytes);
	free(s);
}

void parent_saved(struct parent *p)
{
	if (p->saver && __atomic_load_n(&p->saver->done, __ATOMIC_ACQUIRE))
		finish(p);
}

void parent_save_later(struct parent *p)
{
	struct saver *s;
	int r;

	parent_saved(p);
	if (p->saver)
		return;
	s = calloc(1, sizeof *s);
	if (!s)
		return;
	s->dir = p->state;
	r = snapshot(p, &s->bytes);
	if (r >= 0)
		r = -pthread_create(&s->thread, NULL, save_thread, s);
	if (r >= 0) {
		p->saver = s;
		return;
	}
	saved(p, r);
	buf_release(&s->bytes);
	free(s);
}

void parent_save_state(struct parent *p)
{
	struct buf b = {};
	int r;

	finish(p);
	r = snapshot(p, &b);
	if (r >= 0)
		r = save(p->state, buf_view(&b));
	saved(p, r);
	buf_release(&b);
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

static void replay_journal(struct parent *p, const char *name)
{
	struct buf b = {};
	struct str text, line;
	unsigned n = 0;

	if (read_at(p->state, name, JOURNAL_MAX, &b) < 0)
		return;
	text = buf_view(&b);
	while (str_line(&text, &line, &n))
		replay_line(p, line);
	buf_release(&b);
}

static void load_ledger(struct parent *p)
{
	struct buf b = {};
	struct diag d = {};
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
	replay_journal(p, JOURNAL ".old");
	replay_journal(p, JOURNAL);
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
		r = b.error ? b.error : file_write_all(fd, buf_view(&b));
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
