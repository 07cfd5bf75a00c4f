/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Patterns, configuration, baseline, differences of meaning, events. */
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>

#include "sensor/integrity_base.h"
#include "sensor/integrity_config.h"
#include "sensor/integrity_items.h"
#include "tap.h"

static void test_match(void)
{
	static const struct {
		const char *pattern, *path;
		bool matches, below;
	} cases[] = {
		{"/etc/passwd",                    "/etc/passwd",                    true,  false},
		{ "/etc/passwd",                   "/etc/passwd-",                   false, false},
		{ "/etc/passwd",                   "/etc",                           false, true },
		{ "/etc/passwd",                   "",                               false, true },
		{ "/etc/cron.d/**",                "/etc/cron.d",                    true,  true },
		{ "/etc/cron.d/**",                "/etc/cron.d/a",                  true,  true },
		{ "/etc/cron.d/**",                "/etc/cron.d/a/b/c",              true,  true },
		{ "/etc/cron.d/**",                "/etc/cron.daily",                false, false},
		{ "/home/*/.ssh/authorized_keys*", "/home/a/.ssh/authorized_keys2",  true,  false},
		{ "/home/*/.ssh/authorized_keys*", "/home/a/b/.ssh/authorized_keys", false, false},
		{ "/home/*/.ssh/authorized_keys*", "/home/a/.ssh",                   false, true },
		{ "/home/*/.ssh/authorized_keys*", "/home/a/.config",                false, false},
		{ "/a/**/b",                       "/a/b",                           true,  true },
		{ "/a/**/b",                       "/a/x/y/b",                       true,  true },
		{ "/a/**/b",                       "/a/x/y/c",                       false, true },
		{ "/a/**/b/*.c",                   "/a/b/b/x.c",                     true,  true },
		{ "/a/[xy]?",                      "/a/x1",                          true,  false},
		{ "/a/[xy]?",                      "/a/z1",                          false, false},
		{ "/**",			   "/anything/at/all",               true,  true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char name[200];

		snprintf(name, sizeof name, "%s and %s", cases[i].pattern, cases[i].path);
		is_int(fim_path_match(str_of(cases[i].pattern), str_of(cases[i].path)),
		       cases[i].matches, name);
		snprintf(name, sizeof name, "%s below %s", cases[i].pattern, cases[i].path);
		is_int(fim_path_may_match_below(str_of(cases[i].pattern), str_of(cases[i].path)),
		       cases[i].below, name);
	}
	is_str(fim_pattern_base(STR("/home/*/.ssh")), STR("/home"), "the base of a pattern");
	is_str(fim_pattern_base(STR("/etc/passwd")), STR("/etc/passwd"),
	       "of one without wildcards");
	is_str(fim_pattern_base(STR("/*/x")), STR(""), "of one that begins with one");
}

/* Time must not grow with the number of ways to match. */
static void test_match_slow(void)
{
	struct buf pattern = BUF(1 << 16), path = BUF(1 << 16);

	for (int i = 0; i < 200; i++)
		buf_puts(&pattern, "/**/a*a*");
	for (int i = 0; i < 1500; i++)
		buf_puts(&path, "/aa");
	buf_puts(&pattern, "/b");
	ok(!fim_path_match(buf_view(&pattern), buf_view(&path)), "many ** end in time");
	buf_release(&pattern);
	buf_release(&path);
}

static void test_config(void)
{
	static const struct {
		const char *text, *why;
		unsigned line;
	} bad[] = {
		{"watch cron etc/x",    "absolute",          1},
                { "\nwatch nothing /x", "no such class",     2},
		{ "watch cron /x 9",    "0 to 4",            1},
                { "ignore /a/../b",     "absolute",          1},
		{ "suid maybe",         "yes or no",         1},
                { "hash-max 12",        "number",            1},
		{ "files-max -1",       "number",            1},
                { "frobnicate",         "no such directive", 1},
		{ "ignore /a /b",       "more than",         1},
                { "webroot",            "absolute",          1},
	};
	struct fim_config c = {};
	struct fim_patterns p = {};
	own(root_release) struct root root = ROOT_NONE;
	own(arena_release) struct arena a = {};
	struct diag d = {};

	is_int(fim_config_parse(STR("# ours\nwebroot /data/site\nwatch cron \"/opt/my jobs/\" 4\n"
				    "ignore /etc/cron.d/noise # why\nsuid no\nhash-max 2000000\n"),
				"c", &a, &c, &d),
	       0, "a configuration");
	ok(c.n == fim_config_default.n + 3 && !c.suid && c.hash_max == 2000000, "is taken over");
	is_int(root_open("/", true, &root), 0, "the root");
	is_int(fim_patterns_load(&p, &c, &root), 0, "its patterns");
	ok(fim_patterns_find(&p, STR("/data/site/a/b.php")), "a web root");
	is_int(fim_patterns_find(&p, STR("/opt/my jobs/x"))->severity, 4, "a path with a blank");
	ok(!fim_patterns_find(&p, STR("/etc/cron.d/noise")), "what is ignored");
	is_int(fim_patterns_find(&p, STR("/etc/cron.d/other"))->class, FIM_CRON, "a built-in one");
	ok(fim_patterns_ignored(&p, STR("/var/lib/docker")), "containers' layers are left alone");
	ok(!fim_patterns_ignored(&p, STR("/var/lib")), "and nothing more");
	fim_patterns_release(&p);
	for (size_t i = 0; i < COUNT(bad); i++) {
		d = (struct diag){};
		is_int(fim_config_parse(str_of(bad[i].text), "c", &a, &c, &d), -EINVAL,
		       "a mistake");
		ok(strstr(d.reason, bad[i].why) && d.line == bad[i].line, bad[i].why);
	}
}

/* What the difference between two texts is said to be; "" none. */
static const char *diff(enum fim_kind kind, const char *before, const char *after)
{
	static char text[2000];
	own(arena_release) struct arena a = {};
	const struct fim_base b = { .key = "k", .salt = "s" };
	struct str x, y;
	struct fim_diff *list = NULL;
	size_t n = 0;

	text[0] = 0;
	if (fim_items_read(kind, str_of(before), &b, &a, &x) < 0 ||
	    fim_items_read(kind, str_of(after), &b, &a, &y) < 0 ||
	    fim_items_diff(kind, x, y, STR("/f"), STR("root"), FIM_CRON, &a, &list, &n) < 0)
		return "error";
	for (size_t i = 0; i < n; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s[%u %s] %.*s",
			 i ? "; " : "", list[i].severity, list[i].action, STR_FMT(list[i].text));
	return text;
}

#define KEY1 "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBnGC9QKx5nSPGKpO3ayzhPDkMVMkmHRfXJ9H4kl0pEP"

static void is_diff(enum fim_kind kind, const char *before, const char *after, const char *want)
{
	is_str(str_of(diff(kind, before, after)), str_of(want), want[0] ? want : "no difference");
}

static void test_accounts(void)
{
	enum fim_kind k = FIM_KIND_PASSWD;
	static const char root[] = "root:x:0:0:root:/root:/bin/bash\n";

	is_diff(k, root, root, "");
	is_diff(k, root, "root:x:0:0:root:/root:/bin/bash\nmallory:x:0:0::/root:/bin/bash\n",
		"[4 account-added] account \"mallory\" (uid 0, home /root) added with shell "
		"/bin/bash");
	is_diff(k, root, "root:x:0:0:root:/root:/bin/bash\nd:x:100:100::/:/usr/sbin/nologin\n",
		"[1 account-added] account \"d\" (uid 100, home /) added with shell "
		"/usr/sbin/nologin");
	is_diff(k, root, "root:x:0:0:root:/root:/bin/bash\nopen::9:9::/:/bin/sh\n",
		"[4 account-added] account \"open\" (uid 9, home /) added with shell /bin/sh, "
		"without a password");
	is_diff(k, "a:x:9:9::/:/bin/sh\n", "a:x:0:9::/:/bin/sh\n",
		"[4 account-changed] account \"a\": uid 9 became 0");
	is_diff(k, "a:x:9:9::/:/bin/false\n", "a:x:9:9::/:/bin/sh\n",
		"[3 account-changed] account \"a\": shell /bin/false became /bin/sh");
	is_diff(k, "a:x:9:9::/:/bin/sh\n", "", "[2 account-removed] account \"a\" removed");
	/* getpwnam(3) takes the first: one put in front is a change, one behind is none. */
	is_diff(k, "a:x:9:9::/:/bin/sh\n", "a:x:0:0::/:/bin/sh\na:x:9:9::/:/bin/sh\n",
		"[4 account-changed] account \"a\": uid 9 became 0");
	is_diff(k, "a:x:9:9::/:/bin/sh\n", "a:x:9:9::/:/bin/sh\na:x:0:0::/:/bin/sh\n", "");
	k = FIM_KIND_SHADOW;
	is_diff(k, "a:!:1::::::\n", "a:$6$x$y:1::::::\n",
		"[3 password-changed] account \"a\": got a password");
	is_diff(k, "a:$6$x$y:1::::::\n", "a:$6$x$z:1::::::\n",
		"[2 password-changed] account \"a\": password changed");
	is_diff(k, "a:$6$x$y:1::::::\n", "a::1::::::\n",
		"[4 password-changed] account \"a\": has an empty password now");
	is_diff(k, "a:$6$x$y:1::::::\n", "a:!$6$x$y:1::::::\n",
		"[1 password-changed] account \"a\": password locked");
	k = FIM_KIND_GROUP;
	is_diff(k, "sudo:x:27:\n", "sudo:x:27:bob\n",
		"[3 member-added] account \"bob\" added to group \"sudo\", whose members may "
		"become root");
	is_diff(k, "video:x:44:a,b\n", "video:x:44:b\n",
		"[1 member-removed] account \"a\" removed from group \"video\"");
}

static void test_keys(void)
{
	char two[400], secret[200];

	snprintf(two, sizeof two, "# old\nno-pty,command=\"x\" " KEY1 " me@host\n");
	is_diff(FIM_KIND_KEYS, "", KEY1 " me@host\n",
		"[3 key-added] key SHA256://X7OMvcolJQoQv3ZfM1M/EqiIOuteNbrPVNEwAObbg "
		"(ssh-ed25519, me@host) added to root's authorized_keys");
	ok(strstr(diff(FIM_KIND_KEYS, KEY1 " me@host\n", two), "[3 key-changed]"),
	   "a key whose options went");
	ok(strstr(diff(FIM_KIND_KEYS, two, "# no key\n"), "[1 key-removed]"), "a key that went");
	is_diff(FIM_KIND_LINES, "a\n# c\n", "a\n* * * * * root id\n",
		"[3 line-added] line added to /f: * * * * * root id");
	snprintf(secret, sizeof secret, "-----BEGIN OPENSSH %s-----\nabc\n", "PRIVATE KEY");
	is_diff(FIM_KIND_LINES, "", secret, "");
	is_int(fim_kind_of(FIM_SSHD, STR("/etc/ssh/ssh_host_rsa_key")), FIM_KIND_NONE,
	       "host keys are never shown");
	is_int(fim_kind_of(FIM_WEB, STR("/var/www/x")), FIM_KIND_NONE, "nor are web pages");
}

/* A table of n files with everything that a record can have. */
static void fill(struct fim_table *t, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct fim_record *r;
		char path[64];

		snprintf(path, sizeof path, "/d%u/f%u", i % 7, i);
		if (fim_table_add(t, str_of(path), (enum fim_class)(i % FIM_CLASS_N), &r) < 0)
			return;
		r->state = (struct fim_state){ .mode = 0100644,
					       .uid = i,
					       .size = (uint64_t)i << 33,
					       .mtime = -(int64_t)i,
					       .hashed = i % 2,
					       .sha256 = { (unsigned char)i } };
		if (i % 5 == 0 && fim_record_keep(r) < 0)
			return;
		if (i % 3 == 0 && fim_record_set_items(r, STR("\1\0a\0\0")) < 0)
			return;
		fim_table_present(t, r, i % 5 != 0);
	}
}

static bool same_table(const struct fim_table *a, const struct fim_table *b)
{
	bool same = a->n == b->n && a->present == b->present;

	fim_table_each(a, r)
	{
		const struct fim_record *s = fim_table_find(b, fim_record_path(r));

		same &= s && s->class == r->class && s->present == r->present &&
			s->state.size == r->state.size && s->state.mtime == r->state.mtime &&
			s->state.uid == r->state.uid && s->state.hashed == r->state.hashed &&
			(!r->state.hashed || s->state.sha256[0] == r->state.sha256[0]) &&
			!s->accepted == !r->accepted && s->n_items == r->n_items;
	}
	return same;
}

static char folder[] = "/tmp/holdfast-integrity-XXXXXX";

static const char *in_folder(const char *name)
{
	static char path[16][200];
	static unsigned i;

	i = (i + 1) % COUNT(path);
	snprintf(path[i], sizeof path[i], "%s/%s", folder, name);
	return path[i];
}

static void write_text(const char *path, const char *text, int flags)
{
	own(close_fd) int fd = open(path, O_WRONLY | O_CREAT | flags, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		printf("# %s: %s\n", path, strerror(errno));
}

static void flip(const char *path, off_t at)
{
	own(close_fd) int fd = open(path, O_RDWR);
	char c;

	if (pread(fd, &c, 1, at) == 1) {
		c ^= 1;
		if (pwrite(fd, &c, 1, at) != 1)
			printf("# cannot write\n");
	}
}

static int reload(const char *db, struct fim_base *b, struct fim_table *t, struct diag *d)
{
	fim_base_release(b);
	fim_table_release(t);
	*d = (struct diag){};
	return fim_base_load(db, NULL, b, t, d);
}

static void test_base(void)
{
	struct fim_base b = FIM_BASE_NONE;
	struct fim_table t = {}, u = {};
	char db[200];
	struct fim_record *r;
	struct diag d = {};
	struct stat st;

	snprintf(db, sizeof db, "%s/db", folder);
	is_int(fim_base_load(db, NULL, &b, &t, &d), -ENOENT, "there is no baseline yet");
	fill(&t, 1000);
	is_int(fim_base_save(db, &b, &t), 0, "it is written");
	fill(&u, 1000);
	is_int(reload(db, &b, &t, &d), 0, "and read");
	ok(same_table(&t, &u) && b.number == 1, "as it was");
	is_int(fim_base_journal(db, &b), 0, "a journal");
	is_int(fim_table_add(&u, STR("/new"), FIM_CRON, &r), 0, "a record");
	fim_table_present(&u, r, true);
	is_int(fim_base_append(&b, r), 0, "goes into it");
	is_int(fim_base_append(&b, r), 0, "twice");
	is_int(reload(db, &b, &t, &d), 0, "both are read");
	ok(same_table(&t, &u) && !b.torn, "with what the journal says");

	is_int(stat(in_folder("db.journal"), &st), 0, "its file");
	is_int(truncate(in_folder("db.journal"), st.st_size - 5), 0, "is cut");
	is_int(reload(db, &b, &t, &d), 0, "a torn end is no forgery");
	ok(b.torn && same_table(&t, &u), "what stands before it counts");
	flip(in_folder("db.journal"), 60);
	is_int(reload(db, &b, &t, &d), -EINVAL, "a changed journal");
	ok(strstr(d.reason, "seal of entry 1"), "is named");
	unlink(in_folder("db.journal"));
	for (off_t at = 0; at < 3000; at += 211) {
		flip(db, at);
		is_int(reload(db, &b, &t, &d), -EINVAL, "a changed byte");
		flip(db, at);
	}
	is_int(reload(db, &b, &t, &d), 0, "the bytes as they were");
	flip(in_folder("db.key"), 3);
	is_int(reload(db, &b, &t, &d), -EINVAL, "another key");
	flip(in_folder("db.key"), 3);
	is_int(chmod(in_folder("db.key"), 0644), 0, "a key");
	is_int(reload(db, &b, &t, &d), -EINVAL, "that others can read");
	unlink(in_folder("db.key"));
	is_int(reload(db, &b, &t, &d), -EINVAL, "no key is made for a baseline that is there");
	fim_base_release(&b);
	fim_table_release(&t);
	fim_table_release(&u);
}

static char log_text[8000];

static int note(void *user, const struct fim_change *c)
{
	struct buf *out = user;

	buf_fmt(out, "%s%s %.*s%s%.*s\n", c->offline ? "offline " : "",
		c->action ? c->action : fim_what_name(c->what), STR_FMT(c->path),
		c->text.len ? ": " : "", STR_FMT(c->text));
	return 0;
}

/* What a comparison of the tree tells. */
static const char *compare(const struct fim_config *config, bool save, const char *accept)
{
	own(buf_release) struct buf out = BUF(sizeof log_text), bytes = BUF(1 << 20);
	const struct fim_options o = { .root = in_folder("tree"),
				       .config = config,
				       .database = in_folder("tree.db"),
				       .no_watch = true,
				       .foreign = true };
	own(fim_release) struct fim *f = NULL;
	struct diag d = {};

	log_text[0] = 0;
	if (fim_open(&o, &f, &d) < 0 || fim_start(f, note, NULL, &out) < 0)
		return d.reason[0] ? strdup(d.reason) : "error";
	if (accept)
		fim_accept(f, accept);
	if (save &&
	    (fim_dump(f, &bytes) < 0 || fim_store(in_folder("tree.db"), buf_view(&bytes)) < 0))
		return "cannot save";
	snprintf(log_text, sizeof log_text, "%.*s", STR_FMT(buf_view(&out)));
	return log_text;
}

static void test_compare(void)
{
	struct fim_config c = fim_config_default;

	mkdir(in_folder("tree"), 0755);
	mkdir(in_folder("tree/etc"), 0755);
	mkdir(in_folder("tree/etc/cron.d"), 0755);
	write_text(in_folder("tree/etc/passwd"), "root:x:0:0::/root:/bin/sh\n", 0);
	write_text(in_folder("tree/etc/sudoers"), "root ALL=(ALL) ALL\n", 0);
	write_text(in_folder("tree/etc/cron.d/a"), "one\n", 0);
	is_str(str_of(compare(&c, true, NULL)), STR(""), "the first look tells nothing");
	is_str(str_of(compare(&c, false, NULL)), STR(""), "nor does the second");
	write_text(in_folder("tree/etc/passwd"), "eve:x:0:0::/:/bin/sh\n", O_APPEND);
	unlink(in_folder("tree/etc/sudoers"));
	rename(in_folder("tree/etc/cron.d/a"), in_folder("tree/etc/cron.d/b"));
	chmod(in_folder("tree/etc/cron.d"), 0777);
	is_str(str_of(compare(&c, false, NULL)),
	       STR("offline rights /etc/cron.d\noffline created /etc/cron.d/b\n"
		   "offline line-added /etc/cron.d/b: line added to /etc/cron.d/b: one\n"
		   "offline changed /etc/passwd\noffline account-added /etc/passwd: account \"eve\""
		   " (uid 0, home /) added with shell /bin/sh\noffline deleted /etc/cron.d/a\n"
		   "offline line-removed /etc/cron.d/a: line removed from /etc/cron.d/a: one\n"
		   "offline deleted /etc/sudoers\noffline line-removed /etc/sudoers: line removed "
		   "from /etc/sudoers: root ALL=(ALL) ALL\n"),
	       "what happened in between");
	compare(&c, true, "/etc/cron.d");
	ok(!strstr(compare(&c, false, NULL), "cron"), "what was accepted is not told again");
	ok(strstr(log_text, "/etc/passwd"), "what was not, is");
	compare(&c, true, NULL);
	ok(strstr(compare(&c, false, NULL), "/etc/passwd"), "having been seen is not accepted");
	compare(&c, true, "/");
	is_str(str_of(compare(&c, false, NULL)), STR(""), "all was accepted");
	/* The same bytes under another inode, and another time, are no difference. */
	write_text(in_folder("tree/etc/cron.d/c"), "one\n", 0);
	rename(in_folder("tree/etc/cron.d/c"), in_folder("tree/etc/cron.d/b"));
	is_str(str_of(compare(&c, false, NULL)), STR(""), "a copy in its place");
	unlink(in_folder("tree/etc/cron.d/b"));
	if (symlink("/etc/passwd", in_folder("tree/etc/cron.d/b")) == 0)
		ok(strstr(compare(&c, false, NULL), "changed /etc/cron.d/b"),
		   "a link in its place");
	unlink(in_folder("tree/etc/cron.d/b"));
	if (mkfifo(in_folder("tree/etc/cron.d/b"), 0600) == 0)
		ok(strstr(compare(&c, false, NULL), "changed /etc/cron.d/b"),
		   "a FIFO does not hang");
	c.files_max = 3;
	write_text(in_folder("tree/etc/crontab"), "x\n", 0);
	compare(&c, false, NULL);
	ok(strstr(log_text, "offline full") && strstr(log_text, "created /etc/crontab\n"),
	   "who fills the baseline does not blind it");
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int main(void)
{
	test_match();
	test_match_slow();
	test_config();
	test_accounts();
	test_keys();
	if (!mkdtemp(folder)) {
		ok(false, "a folder for tests");
		return done();
	}
	test_base();
	test_compare();
	nftw(folder, remove_one, 20, FTW_DEPTH | FTW_PHYS);
	return done();
}
