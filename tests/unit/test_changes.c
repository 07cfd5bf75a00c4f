/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plans, the journal of changes and their steps in a tree made for the test. */
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <sys/stat.h>
#include <time.h>

#include "action/apply.h"
#include "action/diff.h"
#include "action/step.h"
#include "base/subprocess.h"
#include "tap.h"

static char top[] = "/tmp/holdfast-changes-XXXXXX";
static struct root root = ROOT_NONE;
static struct root_over over;
static struct arena arena;
static struct changelog log_ = CHANGELOG_NONE;

static const char *host(const char *name)
{
	static char path[2][PATH_MAX];
	static unsigned next;

	next ^= 1;
	snprintf(path[next], sizeof path[next], "%s%s", top, name);
	return path[next];
}

static void put(const char *path, const char *text, mode_t mode)
{
	own(close_fd) int fd = open(host(path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || fchmod(fd, mode))
		exit(2);
}

static bool is(const char *path, const char *text)
{
	struct root bare = { .fd = root.fd };
	struct str s;

	return root_read(&bare, path, 0, &arena, &s, NULL) >= 0 && str_eq(s, str_of(text));
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	return lstat(host(path), &st) < 0 ? 0 : st.st_mode & 07777;
}

static struct plan plan_new(void)
{
	root_over_rewind(&over, 0);
	return (struct plan){ .arena = &arena, .root = &root, .check = "check", .title = "Title" };
}

static int keep(struct plan *p, const char *path, const char *text)
{
	return plan_file(p, path, str_of(text), CHANGE_KEEP, CHANGE_KEEP, CHANGE_KEEP, NULL);
}

static int carry_out(const struct plan *p, struct entry *e, struct diag *d)
{
	int r = changelog_add(&log_, p, &arena, e, d);

	return r < 0 ? r : entry_apply(&log_, e, &arena, d);
}

static void test_plan(void)
{
	struct plan p = plan_new();
	struct str text;

	is_int(keep(&p, "/etc/a", "old a\n"), 0, "what is so already");
	is_int((int64_t)p.n, 0, "is no change");
	is_int(keep(&p, "/etc/a", "new a\n"), 0, "a file");
	is_int(keep(&p, "/etc/deep/er/x.conf", "x\n"), 0, "a new one in new folders");
	is_int(plan_attributes(&p, "/etc/b", 0600, CHANGE_KEEP, CHANGE_KEEP, NULL), 0, "a mode");
	is_int(plan_remove(&p, "/etc/gone", NULL), 0, "a removal");
	is_int((int64_t)p.n, 4, "are four changes");
	ok(root_read(&root, "/etc/a", 0, &arena, &text, NULL) >= 0 && str_eq(text, STR("new a\n")),
	   "what is planned is read through the root");
	ok(root_read(&root, "/etc/gone", 0, &arena, &text, NULL) == -ENOENT, "what goes is not");
	is_int(keep(&p, "/etc/a", "newer a\n"), 0, "a second edit of one file");
	is_int((int64_t)p.n, 4, "goes into the first");
	ok(is("/etc/a", "old a\n"), "and nothing is changed");
	is_int(keep(&p, "/etc/link", "x"), -EOPNOTSUPP, "a link is refused");
	ok(p.cannot && strstr(p.cannot, "is a link"), "and says so");
	p = plan_new();
	is_int(keep(&p, "/etc/two", "x"), -EOPNOTSUPP, "so is a file with two names");
	p = plan_new();
	is_int(keep(&p, "/etc", "x"), -EOPNOTSUPP, "and a folder");
	is_int(keep(&p, "relative", "x"), -EINVAL, "and a path that is none");
}

static void test_apply(void)
{
	struct plan p = plan_new();
	struct entry e = { .made = time(NULL) };
	struct diag d = {};
	struct stat before, after;

	lstat(host("/etc/a"), &before);
	ok(keep(&p, "/etc/a", "new a\n") >= 0 && keep(&p, "/etc/deep/er/x.conf", "x\n") >= 0 &&
		   plan_attributes(&p, "/etc/b", 0600, CHANGE_KEEP, CHANGE_KEEP, NULL) >= 0 &&
		   plan_remove(&p, "/etc/gone", NULL) >= 0,
	   "a plan");
	is_int(carry_out(&p, &e, &d), 0, "is carried out");
	ok(is("/etc/a", "new a\n") && is("/etc/deep/er/x.conf", "x\n"), "files");
	is_int(mode_of("/etc/a"), 0640, "keep their mode");
	is_int(mode_of("/etc/b"), 0600, "a mode is changed");
	is_int(mode_of("/etc/gone"), 0, "a file is gone");
	is_int(e.status.state, ENTRY_APPLIED, "its state");
	is_int(entry_apply(&log_, &e, &arena, &d), 0, "done again it changes nothing");
	put("/etc/a", "by hand\n", 0640);
	d = (struct diag){};
	is_int(entry_undo(&log_, &e, "undo", &arena, &d), -ESTALE, "a change since is not undone");
	ok(is("/etc/deep/er/x.conf", "x\n") && mode_of("/etc/b") == 0600, "nor anything else");
	put("/etc/a", "new a\n", 0640);
	is_int(entry_undo(&log_, &e, "undo", &arena, &d), 0, "it is taken back");
	ok(is("/etc/a", "old a\n") && is("/etc/gone", "gone\n") && mode_of("/etc/b") == 0644,
	   "all of it");
	is_int(mode_of("/etc/deep"), 0, "with the folders");
	lstat(host("/etc/a"), &after);
	ok(before.st_mtim.tv_sec == after.st_mtim.tv_sec &&
		   before.st_mtim.tv_nsec == after.st_mtim.tv_nsec,
	   "and the times");
	d = (struct diag){};
	is_int(entry_undo(&log_, &e, "undo", &arena, &d), -EALREADY, "once");
}

static void test_stale(void)
{
	struct plan p = plan_new();
	struct entry e = { .made = time(NULL) };
	struct diag d = {};

	ok(keep(&p, "/etc/a", "new a\n") >= 0 && keep(&p, "/etc/new", "n\n") >= 0, "a plan");
	put("/etc/a", "somebody else\n", 0640);
	is_int(carry_out(&p, &e, &d), -ESTALE, "a file that changed meanwhile");
	ok(strstr(d.reason, "has changed since") && is("/etc/a", "somebody else\n"), "is refused");
	is_int(mode_of("/etc/new"), 0, "with all of the plan");
	put("/etc/a", "old a\n", 0640);
}

/* Every state that an end in the middle can leave behind, by doing only some of the steps. */
static void test_interrupted(void)
{
	for (unsigned done = 0; done <= 6; done++) {
		struct plan p = plan_new();
		struct entry e = { .made = time(NULL) }, again;
		struct diag d = {};
		bool forward = done % 2;

		if (keep(&p, "/etc/a", "new a\n") < 0 || keep(&p, "/etc/n/new", "n\n") < 0 ||
		    plan_remove(&p, "/etc/gone", NULL) < 0 ||
		    changelog_add(&log_, &p, &arena, &e, &d) < 0 ||
		    changelog_mark(&log_, &e, ENTRY_APPLYING, 0, NULL) < 0)
			exit(2);
		for (size_t i = 0; i < 3 && done; i++)
			if (step_prepare(&log_, &e, i, false, &d) < 0)
				exit(2);
		for (size_t i = 0; i + 1 < (done + 1) / 2 + 1 && i < 3 && done; i++)
			if (step_commit(&log_, &e, i, false, &d) < 0)
				exit(2);
		ok(changelog_read(&log_, e.id, &arena, &again, &d) >= 0 && entry_is_open(&again),
		   "it is open");
		if (forward) {
			is_int(entry_apply(&log_, &again, &arena, &d), 0, "gone on with");
			ok(is("/etc/a", "new a\n") && is("/etc/n/new", "n\n") &&
				   !mode_of("/etc/gone"),
			   "it is done");
		}
		is_int(entry_undo(&log_, &again, "undo", &arena, &d), 0, "taken back");
		ok(is("/etc/a", "old a\n") && !mode_of("/etc/n") && is("/etc/gone", "gone\n"),
		   "it is as it was");
	}
}

static void test_state(void)
{
	struct entry_status s = { .state = ENTRY_AWAITING,
				  .sequence = 7,
				  .step = 3,
				  .at = 12,
				  .until = 34,
				  .until_boot_ms = 56,
				  .boot = "boot",
				  .why = "because" },
			    t = {};
	char slots[2 * JOURNAL_STATE_SLOT] = "";

	is_int(entry_status_parse((struct str){ slots, sizeof slots }, &t), -EBADMSG, "no state");
	entry_status_format(&s, slots);
	is_int(entry_status_parse((struct str){ slots, sizeof slots }, &t), 0, "one slot");
	ok(t.state == s.state && t.step == 3 && t.until == 34 && !strcmp(t.why, "because"),
	   "is read back");
	s.sequence = 8;
	s.state = ENTRY_CONFIRMED;
	entry_status_format(&s, slots + JOURNAL_STATE_SLOT);
	ok(entry_status_parse((struct str){ slots, sizeof slots }, &t) >= 0 &&
		   t.state == ENTRY_CONFIRMED,
	   "the later one holds");
	slots[JOURNAL_STATE_SLOT + 3] ^= 1;
	ok(entry_status_parse((struct str){ slots, sizeof slots }, &t) >= 0 &&
		   t.state == ENTRY_AWAITING,
	   "unless it is damaged");
}

static void test_session(void)
{
	struct session a = { .connection = "192.0.2.1 1000 192.0.2.2 22",
			     .audit = 5,
			     .boot = "b",
			     .began_ms = 1'000 },
		       b = a;
	struct diag d = {};

	is_int(session_is_new(&a, &b, 500, &d), -EPERM, "the same connection");
	snprintf(a.connection, sizeof a.connection, "192.0.2.1 1001 192.0.2.2 22");
	is_int(session_is_new(&a, &b, 500, &d), -EPERM, "the same audit session");
	a.audit = 6;
	is_int(session_is_new(&a, &b, 500, &d), 0, "a login that began afterwards");
	is_int(session_is_new(&a, &b, 2'000, &d), -EPERM, "one that began before");
	a.began_ms = 0;
	is_int(session_is_new(&a, &b, 500, &d), -EPERM, "one of which it cannot be told");
	snprintf(a.boot, sizeof a.boot, "other");
	is_int(session_is_new(&a, &b, 500, &d), 0, "one after the machine was started anew");
}

static void test_overdue(void)
{
	struct plan p = plan_new();
	struct entry e = { .made = time(NULL), .risky = true, .within = 1 }, again;
	struct diag d = {};

	entry_deadline(&e, 3'600);
	ok(keep(&p, "/etc/a", "new a\n") >= 0 && carry_out(&p, &e, &d) >= 0, "a risky change");
	is_int(e.status.state, ENTRY_AWAITING, "waits");
	ok(changelog_take_back(&log_, false, "timeout", NULL, NULL) >= 0 && is("/etc/a", "new a\n"),
	   "within its time it stays");
	entry_deadline(&e, 0);
	ok(changelog_mark(&log_, &e, ENTRY_AWAITING, e.status.step, NULL) >= 0, "its time is over");
	ok(changelog_take_back(&log_, false, "timeout", NULL, NULL) >= 0 && is("/etc/a", "old a\n"),
	   "it is taken back");
	ok(changelog_read(&log_, e.id, &arena, &again, &d) >= 0 &&
		   again.status.state == ENTRY_UNDONE && !strcmp(again.status.why, "timeout"),
	   "and it is said why");
}

#define ARGS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void test_programs(void)
{
	struct entry e = { .made = time(NULL) };
	struct diag d = {};
	struct plan p = plan_new();

	is_int(plan_command(&p, ARGS("true"), NULL, NULL), -EOPNOTSUPP, "none is run for a tree");
	root.live = true;
	p = plan_new();
	ok(keep(&p, "/etc/a", "new a\n") >= 0 &&
		   plan_command(&p, ARGS("false"), ARGS("false"), NULL) >= 0,
	   "a file, and a program that fails");
	is_int(carry_out(&p, &e, &d), -EPROTO, "it fails");
	ok(e.status.state == ENTRY_FAILED && is("/etc/a", "old a\n"),
	   "and all is as it was: what failed has nothing to take back");
	p = plan_new();
	e = (struct entry){ .made = time(NULL) };
	ok(keep(&p, "/etc/a", "new a\n") >= 0 &&
		   plan_command(&p, ARGS("true"), ARGS("false"), NULL) >= 0 &&
		   plan_command(&p, ARGS("false"), ARGS("true"), NULL) >= 0,
	   "one that cannot be taken back before it");
	is_int(carry_out(&p, &e, &d), -EUCLEAN, "it fails, and so does the way back");
	ok(entry_is_open(&e) && is("/etc/a", "old a\n"), "it stays open; the file is what it was");
	p = plan_new();
	e = (struct entry){ .made = time(NULL) };
	d = (struct diag){};
	ok(plan_command(&p, ARGS("touch", host("/etc/made")), ARGS("rm", host("/etc/made")),
			NULL) >= 0 &&
		   plan_effect(&p, ARGS("sh", "-c", "echo no such thing >&2; exit 3")) >= 0,
	   "a program, and an effect that fails");
	ok(carry_out(&p, &e, &d) >= 0 && mode_of("/etc/made"), "it is run");
	ok(entries_effects(&log_, &e, 1, &d) < 0 && e.effect_failed &&
		   strstr(d.reason, "no such thing"),
	   "the effect says why");
	is_int(entry_undo(&log_, &e, "undo", &arena, &d), 0, "its way back");
	is_int(mode_of("/etc/made"), 0, "is run, too");
	root.live = false;
}

static void test_diff(void)
{
	own(buf_release) struct buf out = BUF(1 << 16);

	ok(diff_unified(STR("a\nb\nc\n"), STR("a\nx\nc\n"), "a/f", "b/f", &out) >= 0, "a diff");
	is_str(buf_view(&out), STR("--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n"),
	       "one line");
	buf_reset(&out);
	ok(diff_unified(STR(""), STR("n"), "/dev/null", "b/f", &out) >= 0, "a new file");
	is_str(buf_view(&out),
	       STR("--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+n\n\\ No newline at end of file\n"),
	       "without an end of its line");
	buf_reset(&out);
	ok(diff_unified(STR("a\n"), STR("a\n"), "a", "b", &out) >= 0 && !out.len, "no difference");
}

static void prepare(void)
{
	if (!mkdtemp(top) || sodium_init() < 0 || mkdir(host("/etc"), 0755) ||
	    root_open(top, false, &root) < 0)
		exit(2);
	put("/etc/a", "old a\n", 0640);
	put("/etc/b", "b\n", 0644);
	put("/etc/gone", "gone\n", 0600);
	put("/etc/two", "two\n", 0600);
	if (link(host("/etc/two"), host("/etc/deux")) || symlink("a", host("/etc/link")) ||
	    changelog_open(&root, JOURNAL_FOLDER, true, 0, &log_) < 0)
		exit(2);
	root.over = &over;
}

int main(void)
{
	int status = 0;

	prepare();
	test_plan();
	test_apply();
	test_stale();
	test_interrupted();
	test_state();
	test_session();
	test_overdue();
	test_programs();
	test_diff();
	changelog_release(&log_);
	root_release(&root);
	root_over_release(&over);
	arena_release(&arena);
	{
		own(buf_release) struct buf none = BUF(4096);

		(void)!subprocess_run((const char *const[]){ "rm", "-rf", top, NULL }, 60'000,
				      &none, &status);
	}
	return done();
}
