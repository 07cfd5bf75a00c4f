/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <sys/stat.h>
#include <zlib.h>

#include "events.h"
#include "events/reader.h"
#include "fault.h"

static char folder[] = "/tmp/holdfast-reader-XXXXXX";

static const char *in_folder(const char *name)
{
	static char path[4][128];
	static unsigned n;
	char *p = path[n++ % 4];

	snprintf(p, sizeof *path, "%s/%s", folder, name);
	return p;
}

static void put(const char *name, struct str text)
{
	FILE *f = fopen(in_folder(name), "w");

	if (!f || fwrite(text.ptr, 1, text.len, f) != text.len || fclose(f) != 0)
		abort();
}

static void put_gzip(const char *name, struct str text, size_t cut)
{
	gzFile f = gzopen(in_folder(name), "wb");
	struct stat st;

	if (!f || gzwrite(f, text.ptr, (unsigned)text.len) != (int)text.len || gzclose(f) != Z_OK ||
	    stat(in_folder(name), &st) < 0 ||
	    truncate(in_folder(name), st.st_size - (off_t)cut) < 0)
		abort();
}

struct run {
	struct reader *reader;
	struct events_out out;
	int result;
};

static void run_release(struct run *x)
{
	reader_release(&x->reader);
	names_release(&x->out.names);
	buf_release(&x->out.text);
}

static void run_start(struct run *x, const char *const *paths, const struct reader_options *o)
{
	struct reader_options options = *o;
	struct diag d = {};
	char text[600];

	*x = (struct run){
		.out = {.text = BUF((size_t)1 << 28), .times = true, .only = "user src_ip"}
	};
	events_names(&x->out.names, "");
	options.names = x->out.names;
	options.now = EVENTS_NOW;
	x->result = reader_new(&x->reader);
	for (; x->result == 0 && *paths; paths++)
		x->result = reader_add(x->reader, *paths, &d);
	if (x->result < 0)
		printf("# %s\n", diag_text(&d, text, sizeof text));
	else
		x->result = reader_start(x->reader, &options);
}

/* Everything, written down one event a line. */
static void run(struct run *x, const char *const *paths, const struct reader_options *o)
{
	run_start(x, paths, o);
	if (x->result == 0)
		x->result = reader_run(x->reader, events_write, &x->out);
}

static struct buf many_lines(unsigned n, unsigned start, const char *user)
{
	struct buf b = BUF((size_t)1 << 28);

	for (unsigned i = 0; i < n; i++) {
		unsigned t = start + i * 3;

		buf_fmt(&b,
			"Nov %2u %02u:%02u:%02u web1 sshd[%u]: Failed password for %s from "
			"192.0.2.%u port 4%u ssh2\n",
			1 + t / 86400, t / 3600 % 24, t / 60 % 60, t % 60, 1000 + i, user, i % 250,
			i % 9999);
		if (i % 3 == 0)
			buf_fmt(&b, "Nov %2u %02u:%02u:%02u web1 CRON[%u]: (root) CMD (true)\n",
				1 + t / 86400, t / 3600 % 24, t / 60 % 60, t % 60, i);
	}
	return b;
}

#define LINE(day, name)                                                \
	"Nov " day " 01:02:03 web1 sshd[7]: Failed password for " name \
	" from 192.0.2.1 port 40 ssh2\n"
#define EVENT(day, name) "2026-11-" day "T01:02:03 sshd user=" name " src_ip=192.0.2.1"

static void test_order(void)
{
	own(run_release) struct run x = {};

	put("auth.log", STR(LINE("20", "c") LINE("21", "d")));
	put("auth.log.1", STR(LINE("15", "b")));
	put_gzip("auth.log.2.gz", STR(LINE("10", "a") LINE("11", "a2")), 0);
	put("other", STR(LINE("12", "x") LINE("20", "y") LINE("22", "z")));
	put("binary", STR("\x7f"
			  "ELF\0\0\0 this is no log"));
	run(&x, (const char *const[]){ folder, NULL }, &(struct reader_options){});
	is_int(x.result, 0, "a directory is read");
	is_str(buf_view(&x.out.text),
	       STR(EVENT("10", "a") "\n" EVENT("11", "a2") "\n" EVENT("12", "x") "\n" EVENT(
		       "15", "b") "\n" EVENT("20",
					     "c") "\n" EVENT("20",
							     "y") "\n" EVENT("21",
									     "d") "\n" EVENT("22",
											     "z")),
	       "events of its files come in the order of their times");
	is_int((int64_t)reader_count(x.reader), 5, "five files");
	for (size_t i = 0; i < reader_count(x.reader); i++) {
		const struct reader_file *f = reader_file(x.reader, i);

		if (str_ends(str_of(f->path), STR("binary")))
			ok(!f->decoder && !f->named && !f->lines, "no log is passed over");
		if (str_ends(str_of(f->path), STR(".gz")))
			ok(f->packing && !strcmp(f->packing, "gzip") && f->lines == 2 &&
				   f->events == 2 && !f->problem,
			   "gzip is unpacked");
	}
}

#define MAIL(n) \
	"h postfix/smtpd[7]: warning: unknown[192.0.2." n "]: SASL LOGIN authentication failed: x\n"

/* What syslog writes to two files and the journal keeps, too, is one event. */
static void test_copies(void)
{
	own(run_release) struct run x = {}, one = {};
	static const char both[] = "Nov 20 01:02:03 " MAIL("1") "Nov 20 01:02:03 " MAIL(
		"1") "Nov 20 01:02:05 " MAIL("2");

	put("mail.log", str_of(both));
	put("mail.warn",
	    STR("2026-11-20T01:02:03.5Z " MAIL("1") "2026-11-20T01:02:03.9Z " MAIL(
		    "1") "2026-11-20T01:02:05.5Z " MAIL("2") "2026-11-20T01:02:06Z " MAIL("3")));
	run(&one, (const char *const[]){ in_folder("mail.log"), NULL }, &(struct reader_options){});
	is_int(one.out.n, 3, "equal lines of one file are events each");
	run(&x, (const char *const[]){ in_folder("mail.log"), in_folder("mail.warn"), NULL },
	    &(struct reader_options){});
	is_int(x.out.n, 4, "lines that two files have are events once");
	is_int((int64_t)(reader_file(x.reader, 0)->copies + reader_file(x.reader, 1)->copies), 3,
	       "and counted");
	unlink(in_folder("mail.log"));
	unlink(in_folder("mail.warn"));
}

static void test_paths(void)
{
	const char *twice[] = { in_folder("auth.log"), in_folder("auth.log*"), NULL };
	own(run_release) struct run x = {};
	struct reader *r = NULL;
	struct diag d = {};

	run(&x, twice, &(struct reader_options){});
	is_int(x.out.n, 5, "a file that is named twice is read once");
	if (reader_new(&r) < 0 || mkfifo(in_folder("fifo"), 0600) < 0)
		abort();
	is_int(reader_add(r, in_folder("fifo"), &d), -EINVAL, "a FIFO is refused");
	is_str(str_of(d.reason), STR("is a FIFO, not a file"), "with the reason");
	d = (struct diag){};
	is_int(reader_add(r, "/dev/null", &d), -EINVAL, "a device is refused");
	is_str(str_of(d.reason), STR("is a character device, not a file"), "with the reason");
	d = (struct diag){};
	is_int(reader_add(r, in_folder("none"), &d), -ENOENT, "a file that is not there");
	is_int(reader_add(r, in_folder("none*"), &d), -ENOENT, "a glob that nothing matches");
	is_int((int64_t)reader_count(r), 0, "nothing was added");
	unlink(in_folder("fifo"));
	reader_release(&r);
}

static void test_pipe(void)
{
	static const char text[] = LINE("20", "a") LINE("21", "b");
	own(run_release) struct run x = {};
	struct diag d = {};
	int fds[2];

	if (pipe(fds) < 0 || write(fds[1], text, sizeof text - 1) != sizeof text - 1)
		abort();
	close(fds[1]);
	run_start(&x, (const char *const[]){ NULL }, &(struct reader_options){});
	reader_release(&x.reader);
	if (reader_new(&x.reader) < 0)
		abort();
	is_int(reader_add_fd(x.reader, fds[0], "-", &d), 0, "a pipe is taken");
	x.result = reader_start(
		x.reader, &(struct reader_options){ .names = x.out.names, .now = EVENTS_NOW });
	if (x.result == 0)
		x.result = reader_run(x.reader, events_write, &x.out);
	is_int(x.result, 0, "and read");
	is_str(buf_view(&x.out.text), STR(EVENT("20", "a") "\n" EVENT("21", "b")), "to its end");
}

static void test_lines(void)
{
	own(run_release) struct run x = {};
	own(buf_release) struct buf b = BUF((size_t)1 << 28);
	const struct reader_file *f;

	buf_puts(&b, LINE("20", "a"));
	for (size_t i = 0; i < (size_t)5 << 20; i++)
		buf_putc(&b, 'x');
	buf_puts(&b, "\n");
	buf_puts(&b, "Nov 20 01:02:03 web1 sshd[7]: Failed password for crlf from 192.0.2.1 port "
		     "40 ssh2\r\n");
	buf_add(&b, "\0\0\0\0\0\0", 6);
	buf_puts(&b, LINE("20", "nul"));
	buf_puts(&b, LINE("20", "in\xff\xfevalid"));
	buf_puts(&b, "\n\n");
	buf_puts(&b,
		 "Nov 20 01:02:03 web1 sshd[7]: Failed password for last from 192.0.2.1 port 40 "
		 "ssh2");
	put("lines", buf_view(&b));
	run(&x, (const char *const[]){ in_folder("lines"), NULL }, &(struct reader_options){});
	is_int(x.result, 0, "odd lines are read");
	is_str(buf_view(&x.out.text),
	       STR(EVENT("20", "a") "\n" EVENT("20", "crlf") "\n" EVENT("20", "nul") "\n" EVENT(
		       "20", "in\xff\xfevalid") "\n" EVENT("20", "last")),
	       "what is between them is not lost");
	f = reader_file(x.reader, 0);
	is_int((int64_t)f->cut, 1, "a line of five megabytes is cut out");
	is_int((int64_t)f->cut_line, 2, "with its number");
	is_int((int64_t)f->lines, 8, "and counted");
	unlink(in_folder("lines"));
}

static void test_damage(void)
{
	own(buf_release) struct buf text = many_lines(20000, 0, "root");
	own(run_release) struct run whole = {}, cut = {}, bad = {};
	const struct reader_file *f;

	put_gzip("whole.gz", buf_view(&text), 0);
	put_gzip("cut.gz", buf_view(&text), 3000);
	run(&whole, (const char *const[]){ in_folder("whole.gz"), NULL },
	    &(struct reader_options){});
	run(&cut, (const char *const[]){ in_folder("cut.gz"), NULL }, &(struct reader_options){});
	f = reader_file(cut.reader, 0);
	ok(f->problem && strstr(f->problem, "cut off"), "a cut gzip file is one");
	ok(cut.out.n > whole.out.n / 2 && cut.out.n < whole.out.n, "what it still holds is read");
	ok(str_starts(buf_view(&whole.out.text), buf_view(&cut.out.text)), "and nothing else");
	put("bad.gz", STR("\x1f\x8b\x08\0\0\0\0\0\0\3 this is no deflate stream at all"));
	run(&bad, (const char *const[]){ in_folder("bad.gz"), NULL }, &(struct reader_options){});
	is_int(bad.result, 0, "a damaged file does not end the reading");
	ok(reader_file(bad.reader, 0)->problem != NULL, "but is named");
	unlink(in_folder("whole.gz"));
	unlink(in_folder("cut.gz"));
	unlink(in_folder("bad.gz"));
}

/* A gigabyte of blanks in a megabyte. */
static void test_bomb(void)
{
	own(run_release) struct run x = {};
	static char blanks[1 << 20];
	gzFile f = gzopen(in_folder("bomb.gz"), "wb9");
	const struct reader_file *file;

	memset(blanks, ' ', sizeof blanks);
	gzputs(f, LINE("20", "a"));
	for (unsigned i = 0; i < 300; i++)
		gzwrite(f, blanks, sizeof blanks);
	gzputs(f, "\n" LINE("21", "b"));
	gzclose(f);
	run(&x, (const char *const[]){ in_folder("bomb.gz"), NULL }, &(struct reader_options){});
	file = reader_file(x.reader, 0);
	is_int((int64_t)file->cut, 1, "a line of 300 MB is cut out");
	is_int(x.out.n, 2, "and the lines around it are read");
	unlink(in_folder("bomb.gz"));
}

static void test_filter(void)
{
	own(buf_release) struct buf text = many_lines(60000, 0, "root");
	own(run_release) struct run all = {}, some = {}, none = {};
	struct str wanted = STR("from 192.0.2.77 port"), failed = STR("FAILED password");
	struct reader_filter filters[64] = {};
	const char *paths[] = { in_folder("big"), NULL };
	unsigned n = 0;

	for (size_t i = 0; i < n_decoders; i++)
		filters[i] = (struct reader_filter){ .texts = &failed, .n = 1 };
	put("big", buf_view(&text));
	run(&all, paths, &(struct reader_options){});
	run(&some, paths, &(struct reader_options){ .filters = filters });
	for (const char *p = all.out.text.ptr; (p = strstr(p, "sshd user")); p++)
		n++;
	is_int(n, 60000, "every line of sshd is there");
	is_int(all.out.n, 80000, "and those of cron");
	ok(some.out.n >= 60000, "lines with the text are decoded, in any case");
	filters[0] = (struct reader_filter){ .texts = &wanted, .n = 1 };
	for (size_t i = 1; i < n_decoders; i++)
		filters[i] = filters[0];
	run(&none, paths, &(struct reader_options){ .filters = filters });
	is_int(none.out.n, 240, "a rare text gives rare lines");
	is_str(str_sub(buf_view(&none.out.text), 0, 49),
	       STR("2026-11-01T00:03:51 sshd user=root src_ip=192.0.2"),
	       "which are the right ones");
	is_int((int64_t)reader_file(none.reader, 0)->lines, 80000, "all lines are counted");
}

static int count_idle(void *user, const struct event *e)
{
	unsigned *n = user;

	n[e->idle]++;
	if (e->idle)
		n[2] += e->n != 0 || !e->raw.len || e->time == EVENT_TIME_UNKNOWN;
	return 0;
}

/* What nobody wants is counted, and what comes after it is understood. */
static void test_idle(void)
{
	const struct str text = STR(
		"Nov  1 00:00:01 h sshd[1]: Invalid user a from 192.0.2.1 port 4000\n"
		"Nov  1 00:00:02 h sshd[1]: Failed password for invalid user a from 192.0.2.1 port 4000 ssh2\n"
		"Nov  1 00:00:03 h sshd[1]: Received disconnect from 192.0.2.1 port 4000:11: Bye [preauth]\n"
		"Nov  1 00:00:04 h sshd[1]: Disconnected from invalid user a 192.0.2.1 port 4000 [preauth]\n"
		"Nov  1 00:00:05 h sshd[1]: Connection closed by invalid user b 192.0.2.2 port 1 [preauth]\n"
		"Nov  1 00:00:06 h sshd[2]: Failed password for root from 192.0.2.3 port 77 ssh2\n"
		"Nov  1 00:00:07 h sshd[2]: Received disconnect from 192.0.2.4 port 77:11: Bye [preauth]\n"
		"Nov  1 00:00:07 h sshd[2]: Disconnected from 192.0.2.4 port 77 [preauth]\n"
		"Nov  1 00:00:08 h sshd[2]: Connection closed by 192.0.2.3 port 77 [preauth]\n");
	const char *paths[] = { in_folder("idle"), NULL };
	struct reader_filter filters[64] = {};
	const struct message_form *forms[256];
	unsigned n[3] = {}, all[3] = {};
	own(run_release) struct run x = {}, y = {};

	for (size_t i = 0; i < n_decoders; i++) {
		filters[i] = (struct reader_filter){ .all = true, .idle = forms };
		for (size_t s = 0; s < decoders[i]->n_sets; s++)
			for (size_t k = 0; k < decoders[i]->sets[s]->n; k++)
				if (filters[i].n_idle < COUNT(forms) &&
				    !strcmp(decoders[i]->name, "syslog") &&
				    !strcmp(decoders[i]->sets[s]->name, "sshd"))
					forms[filters[i].n_idle++] =
						&decoders[i]->sets[s]->forms[k];
		filters[i].idle = filters[i].n_idle ? forms : NULL;
	}
	put("idle", text);
	run_start(&x, paths, &(struct reader_options){});
	is_int(reader_run(x.reader, count_idle, all), 0, "read");
	run_start(&y, paths, &(struct reader_options){ .filters = filters });
	is_int(reader_run(y.reader, count_idle, n), 0, "read again");
	is_int(all[0], 9, "nine events where all are wanted");
	is_int(all[1], 0, "none of them idle");
	is_int(n[0], 4, "the attempts where those are wanted");
	is_int(n[1], 5, "the others are idle");
	is_int(n[2], 0, "and say where they stand, nothing else");
	unlink(paths[0]);
}

/* Of one file or two. */
static void digest_of(const char *first, const char *second, uint64_t ret[static 2])
{
	const char *paths[] = { in_folder(first), second ? in_folder(second) : NULL, NULL };
	own(run_release) struct run x = {};

	run_start(&x, paths, &(struct reader_options){});
	is_int(x.result, 0, "started");
	reader_digest(x.reader, ret);
}

static void test_digest(void)
{
	static const char line[] =
		"Nov  1 00:00:01 h sshd[1]: Failed password for root from 192.0.2.1 port ";
	char text[128];
	uint64_t a[2], b[2], c[2], d[2];

	snprintf(text, sizeof text, "%s1\n", line);
	put("d1", str_of(text));
	put("d2", str_of(text));
	digest_of("d1", NULL, a);
	digest_of("d2", NULL, b);
	ok(!memcmp(a, b, sizeof a), "the same input has the same digest");
	ok(a[0] && a[1] && a[0] != a[1], "of two numbers");
	digest_of("d1", "d2", c);
	snprintf(text, sizeof text, "%s2\n", line);
	put("d2", str_of(text));
	digest_of("d2", NULL, b);
	ok(a[0] != b[0] && a[1] != b[1], "another text another one");
	digest_of("d1", "d2", d);
	ok(c[0] != d[0] && c[1] != d[1] && a[0] != c[0], "each file counts");
	unlink(in_folder("d1"));
	unlink(in_folder("d2"));
}

/* Blocks decoded in any order, each by itself, are what one pass over the file gives. */
static void test_parallel(void)
{
	const char *paths[] = { in_folder("big"), NULL };
	own(run_release) struct run one = {}, many = {};
	struct reader_block *blocks[64];
	struct events_out outs[64] = {};
	size_t n = 0;
	own(buf_release) struct buf joined = BUF((size_t)1 << 28);

	run(&one, paths, &(struct reader_options){});
	run_start(&many, paths, &(struct reader_options){ .parallel = true });
	while (n < COUNT(blocks) && reader_next(many.reader, &blocks[n]) > 0)
		ok(!blocks[n++]->ordered, "a block for any thread");
	ok(n > 4, "there are several");
	for (size_t i = n; i-- > 0;) {
		outs[i] = many.out;
		outs[i].text = BUF((size_t)1 << 28);
		many.result |= reader_decode(many.reader, blocks[i], events_write, &outs[i]);
	}
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_putc(&joined, '\n');
		buf_str(&joined, buf_view(&outs[i].text));
		buf_release(&outs[i].text);
		reader_done(many.reader, &blocks[i]);
	}
	is_int(many.result, 0, "decoded backwards");
	ok(str_eq(buf_view(&joined), buf_view(&one.out.text)), "the same events");
	is_int((int64_t)reader_file(many.reader, 0)->events,
	       (int64_t)reader_file(one.reader, 0)->events, "the same counts");
	unlink(in_folder("big"));
}

static int shrink(void *user, uint64_t done, uint64_t total)
{
	(void)user;
	(void)done;
	(void)total;
	return truncate(in_folder("shrinking"), 100) < 0 ? -errno : 0;
}

static int stop(void *user, uint64_t done, uint64_t total)
{
	(void)user;
	return done <= total ? 42 : -EINVAL;
}

static void test_changes(void)
{
	own(buf_release) struct buf text = many_lines(60000, 0, "root");
	own(run_release) struct run x = {}, stopped = {};
	const char *paths[] = { in_folder("shrinking"), NULL };
	const struct reader_file *f;

	put("shrinking", buf_view(&text));
	run(&stopped, paths, &(struct reader_options){ .progress = stop });
	is_int(stopped.result, 42, "progress can end it");
	run(&x, paths, &(struct reader_options){ .progress = shrink });
	f = reader_file(x.reader, 0);
	is_int(x.result, 0, "a file that shrinks is no failure");
	ok(f->problem && strstr(f->problem, "shrank"), "but is named");
	unlink(in_folder("shrinking"));
}

static int count(void *user, const struct event *e)
{
	(void)e;
	++*(unsigned *)user;
	return 0;
}

static int read_all(void *arg)
{
	struct str texts[] = { STR("Failed"), STR("from") };
	struct reader_filter filters[64] = {};
	struct reader_options o = { .names = arg, .now = EVENTS_NOW, .filters = filters };
	struct reader *r = NULL;
	unsigned n = 0;
	struct diag d;
	int result = reader_new(&r);

	for (size_t i = 0; i < n_decoders; i++)
		filters[i] = (struct reader_filter){ .texts = texts, .n = COUNT(texts) };
	if (result == 0)
		result = reader_add(r, folder, &d);
	if (result == 0)
		result = reader_start(r, &o);
	if (result == 0)
		result = reader_run(r, count, &n);
	reader_release(&r);
	return result == 0 && n != 8 ? -EINVAL : result;
}

static void test_faults(void)
{
	struct names *names;

	events_names(&names, "");
	fault_walk(read_all, names, "each allocation fails once");
	names_release(&names);
}

int main(void)
{
	char command[64];

	if (!mkdtemp(folder))
		return 1;
	test_order();
	test_copies();
	test_paths();
	test_pipe();
	test_lines();
	test_damage();
	test_bomb();
	test_filter();
	test_idle();
	test_digest();
	test_parallel();
	test_changes();
	test_faults();
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command) == 0 ? done() : 1; /* NOLINT(cert-env33-c): a fixed command */
}
