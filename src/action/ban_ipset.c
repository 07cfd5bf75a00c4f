/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sets of ipset and one rule a family in iptables' table raw, for kernels and machines without
 * nftables. Programs are run with argument vectors; what there is much of goes through their input.
 */
#include <poll.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "action/ban_backend.h"
#include "base/subprocess.h"

#define TIMEOUT_MS 60'000
#define OUTPUT_MAX ((size_t)1 << 20)
#define INPUT_MAX ((size_t)16 << 20)
#define SECONDS_MAX 2'147'483u /* of ipset */
#define CHUNK 65'536u          /* items in one run */
#define ALONE 64u              /* so many items are removed one by one, to say which was there */
#define LINE_MAX_BYTES ((size_t)65'536)
#define CHAIN "HOLDFAST"
#define RULE(v)                                                                          \
	"-A " CHAIN " -m set --match-set holdfast-banned" v " src -m set ! --match-set " \
	"holdfast-allowed" v " src -j DROP"
#define JUMP "-A PREROUTING -j " CHAIN

struct ipset {
	struct ban ban;
	bool v6; /* the kernel has it */
};

/* clang-format off */
static const struct family {
	bool v6;
	const char *name, *number, *banned, *allowed, *program, *restore, *rule;
} families[] = {
	{ false, "inet", "4", "holdfast-banned4", "holdfast-allowed4", "iptables",
	  "iptables-restore", RULE("4") },
	{ true, "inet6", "6", "holdfast-banned6", "holdfast-allowed6", "ip6tables",
	  "ip6tables-restore", RULE("6") },
};
/* clang-format on */

static const struct family *family_of(const struct prefix *p)
{
	return &families[!prefix_is_v4(p)];
}

/* 0: it exits with 0; -EPROTO: with something else. */
static int run(const char *const argv[], struct buf *out)
{
	own(buf_release) struct buf ignored = BUF(OUTPUT_MAX);
	int status = 0, r = subprocess_run(argv, TIMEOUT_MS, out ? out : &ignored, &status);

	if (r < 0)
		return r;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EPROTO;
}

static int feed(const char *const argv[], const struct buf *input)
{
	own(close_fd) int fd = memfd_create("holdfast-input", MFD_CLOEXEC);
	own(buf_release) struct buf ignored = BUF(OUTPUT_MAX);
	size_t done = 0;
	int status = 0, r;

	if (fd < 0)
		return -errno;
	if (input->error)
		return input->error;
	while (done < input->len) {
		ssize_t n = write(fd, input->ptr + done, input->len - done);

		if (n < 0 && errno != EINTR)
			return -errno;
		done += n > 0 ? (size_t)n : 0;
	}
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	r = subprocess_run_input(argv, fd, TIMEOUT_MS, &ignored, &status);
	if (r < 0)
		return r;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EPROTO;
}

static int restore_sets(const struct buf *input)
{
	return feed((const char *const[]){ "ipset", "-exist", "restore", NULL }, input);
}

static void ipset_close(struct ban *ban) { free(ban); }

static int ipset_open(const struct ban_config *c, struct ban **ret, struct diag *d)
{
	static const char *const programs[] = { "ipset", "iptables", "iptables-restore" };
	struct ipset *b;

	(void)c;
	for (size_t i = 0; i < COUNT(programs); i++) {
		int r = run((const char *const[]){ programs[i], "--version", NULL }, NULL);

		if (r < 0)
			return diag_set(d, r, "", 0, "the program %s cannot be run: %s",
					programs[i], strerror(-r));
	}
	if (geteuid() != 0)
		return diag_set(d, -EPERM, "", 0, "ipset needs root");
	b = calloc(1, sizeof *b);
	if (!b)
		return -ENOMEM;
	b->ban.ops = &ban_ipset;
	b->v6 = access("/proc/sys/net/ipv6", F_OK) == 0;
	*ret = &b->ban;
	return 0;
}

/* ---- rules ---- */

/* Lines of `text` that are `line`; *ret_place: the number of the first rule that is, from 1. */
static unsigned count_lines(struct str text, const char *line, unsigned *ret_place)
{
	unsigned number = 0, rules = 0, n = 0;
	struct str one;

	*ret_place = 0;
	while (str_line(&text, &one, &number)) {
		rules += str_starts(one, STR("-A "));
		if (!str_eq(str_trim(one), str_of(line)))
			continue;
		if (!n++)
			*ret_place = rules;
	}
	return n;
}

static bool chain_same(const struct family *f)
{
	own(buf_release) struct buf out = BUF(OUTPUT_MAX);
	const char *const argv[] = { f->program, "-w", "-t", "raw", "-S", CHAIN, NULL };
	unsigned place, rules = 0, number = 0;
	struct str text, line;

	if (run(argv, &out) < 0 || count_lines(buf_view(&out), f->rule, &place) != 1)
		return false;
	text = buf_view(&out);
	while (str_line(&text, &line, &number))
		rules += str_starts(line, STR("-A "));
	return rules == 1;
}

/* One transaction of iptables-restore: the chain as it must be, the jump to it first. */
static int ensure_rules(const struct family *f, bool *ret_changed, struct diag *d)
{
	own(buf_release) struct buf out = BUF(OUTPUT_MAX), input = BUF(OUTPUT_MAX);
	const char *const list[] = { f->program, "-w", "-t", "raw", "-S", "PREROUTING", NULL };
	const char *const restore[] = { f->restore, "--noflush", "-w", "5", NULL };
	unsigned place = 0, jumps = 0;
	int r = run(list, &out);

	if (r == 0) {
		jumps = count_lines(buf_view(&out), JUMP, &place);
		if (jumps == 1 && place == 1 && chain_same(f))
			return 0;
		buf_puts(&input, "*raw\n:" CHAIN " - [0:0]\n");
		buf_fmt(&input, "%s\n-I PREROUTING 1 -j " CHAIN "\n", f->rule);
		/* The first one stays, which is the new one. */
		for (unsigned i = 0; i < jumps; i++)
			buf_fmt(&input, "-D PREROUTING %u\n", place + 1);
		buf_puts(&input, "COMMIT\n");
		r = jumps > 1 ? -EUCLEAN : feed(restore, &input);
	}
	if (r == -EUCLEAN)
		r = run((const char *const[]){ f->program, "-w", "-t", "raw", "-D", "PREROUTING",
					       "-j", CHAIN, NULL },
			NULL);
	if (r < 0)
		return diag_set(d, r, "", 0, "the rules of %s cannot be made: %s", f->program,
				r == -EPROTO ? "it refuses them" : strerror(-r));
	*ret_changed = true;
	return jumps > 1 ? -EAGAIN : 0;
}

static int ensure_sets(const struct ipset *b, unsigned *ret, struct diag *d)
{
	own(buf_release) struct buf out = BUF(OUTPUT_MAX), input = BUF(OUTPUT_MAX);
	unsigned there = 0, wanted = 0, place;
	int r = run((const char *const[]){ "ipset", "list", "-n", NULL }, &out);

	for (size_t i = 0; r == 0 && i < COUNT(families); i++) {
		const struct family *f = &families[i];

		if (f->v6 && !b->v6)
			continue;
		wanted += 2;
		there += count_lines(buf_view(&out), f->banned, &place) +
			 count_lines(buf_view(&out), f->allowed, &place);
		buf_fmt(&input, "create %s hash:net family %s maxelem %zu timeout 600\n", f->banned,
			f->name, 2 * BAN_MAX);
		buf_fmt(&input, "create %s hash:net family %s maxelem %zu\n", f->allowed, f->name,
			BAN_ALLOW_MAX * 2);
	}
	if (r == 0 && there < wanted) {
		r = restore_sets(&input);
		*ret |= there ? BAN_EMPTIED : BAN_CREATED;
	}
	if (r < 0)
		return diag_set(
			d, r, "", 0,
			"the sets holdfast-* cannot be made by ipset (%s); are there others "
			"of that name?",
			strerror(-r));
	return 0;
}

static int ipset_ensure(struct ban *ban, unsigned *ret, struct diag *d)
{
	const struct ipset *b = (const struct ipset *)ban;
	unsigned found = 0;
	bool changed = false;
	int r = ensure_sets(b, &found, d);

	for (size_t i = 0; r == 0 && i < COUNT(families); i++) {
		if (families[i].v6 && !b->v6)
			continue;
		/* A jump that is there many times goes one by one. */
		for (int tries = 0; tries < 64; tries++) {
			r = ensure_rules(&families[i], &changed, d);
			if (r != -EAGAIN)
				break;
		}
	}
	if (r < 0)
		return r;
	if (changed && !(found & BAN_CREATED))
		found |= BAN_REPAIRED;
	*ret = found;
	return 0;
}

/* ---- elements ---- */

static bool may_be_banned(const struct prefix *p)
{
	return prefix_length(p) >= (prefix_is_v4(p) ? 8U : 16U);
}

static int one(const struct ban_item *item, bool adding)
{
	char text[PREFIX_TEXT], seconds[16];
	const struct family *f = family_of(&item->prefix);
	int r;

	(void)prefix_format(&item->prefix, text);
	(void)snprintf(seconds, sizeof seconds, "%u", MIN(item->seconds, SECONDS_MAX));
	if (!adding) {
		r = run((const char *const[]){ "ipset", "test", f->banned, text, NULL }, NULL);
		if (r == 0)
			r = run((const char *const[]){ "ipset", "del", f->banned, text, NULL },
				NULL);
		return r == -EPROTO ? -ENOENT : r;
	}
	r = run((const char *const[]){ "ipset", "-exist", "add", f->banned, text, "timeout",
				       seconds, NULL },
		NULL);
	return r == -EPROTO ? -ENOSPC : r;
}

static void put_item(struct buf *input, const struct ban_item *item, bool adding)
{
	char text[PREFIX_TEXT];
	const char *set = family_of(&item->prefix)->banned;

	(void)prefix_format(&item->prefix, text);
	if (adding)
		buf_fmt(input, "add %s %s timeout %u\n", set, text,
			MIN(item->seconds, SECONDS_MAX));
	else
		buf_fmt(input, "del %s %s\n", set, text);
}

static bool sets_there(void)
{
	return run((const char *const[]){ "ipset", "list", "-n", families[0].banned, NULL },
		   NULL) == 0;
}

/* The items of one run; those that it refuses are tried one by one. */
static int change_some(struct ban_item *items, size_t n, bool adding)
{
	own(buf_release) struct buf input = BUF(INPUT_MAX);
	size_t wanted = 0;
	int r = 0;

	for (size_t i = 0; i < n; i++) {
		if (items[i].error != -EINPROGRESS)
			continue;
		if (!may_be_banned(&items[i].prefix)) {
			items[i].error = -E2BIG;
			continue;
		}
		wanted++;
		put_item(&input, &items[i], adding);
	}
	if (!wanted)
		return 0;
	if (adding || wanted > ALONE)
		r = restore_sets(&input);
	if (r < 0 && r != -EPROTO)
		return r;
	if (r == -EPROTO && !sets_there())
		return -ENOENT;
	for (size_t i = 0; i < n; i++) {
		if (items[i].error != -EINPROGRESS)
			continue;
		if (r == -EPROTO || (!adding && wanted <= ALONE))
			items[i].error = one(&items[i], adding);
		else
			items[i].error = 0;
	}
	return 0;
}

static int change(struct ban_item *items, size_t n, bool adding, struct diag *d)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i += CHUNK)
		r = change_some(items + i, MIN(CHUNK, n - i), adding);
	if (r < 0)
		return diag_set(d, r, "", 0, "ipset does not take the bans: %s", strerror(-r));
	return 0;
}

static int ipset_add(struct ban *ban, struct ban_item *items, size_t n, struct diag *d)
{
	(void)ban;
	return change(items, n, true, d);
}

static int ipset_remove(struct ban *ban, struct ban_item *items, size_t n, struct diag *d)
{
	(void)ban;
	return change(items, n, false, d);
}

/* Into new sets, which then change places with the old ones at once. */
static int ipset_allow(struct ban *ban, const struct prefix *list, size_t n, struct diag *d)
{
	const struct ipset *b = (const struct ipset *)ban;
	own(free_ptr) struct prefix *sorted = calloc(n + 1, sizeof *sorted);
	own(buf_release) struct buf input = BUF(INPUT_MAX);
	int r = sorted ? 0 : -ENOMEM;

	if (r == 0 && n)
		memcpy(sorted, list, n * sizeof *list);
	if (r == 0)
		r = ban_allow_sort(sorted, n, &n, d);
	for (size_t k = 0; r == 0 && k < COUNT(families); k++) {
		const struct family *f = &families[k];

		if (f->v6 && !b->v6)
			continue;
		buf_fmt(&input, "create holdfast-new%s hash:net family %s maxelem %zu\n", f->number,
			f->name, BAN_ALLOW_MAX * 2);
		buf_fmt(&input, "flush holdfast-new%s\n", f->number);
		for (size_t i = 0; i < n; i++) {
			char text[PREFIX_TEXT];

			if (family_of(&sorted[i]) == f)
				buf_fmt(&input, "add holdfast-new%s %s\n", f->number,
					prefix_format(&sorted[i], text).ptr);
		}
		buf_fmt(&input, "swap holdfast-new%s %s\ndestroy holdfast-new%s\n", f->number,
			f->allowed, f->number);
	}
	if (r == 0)
		r = restore_sets(&input);
	if (r < 0)
		return diag_set(d, r, "", 0, "the list of whom not to ban: %s",
				r == -EPROTO ? "ipset refuses it" : strerror(-r));
	return 0;
}

/* ---- listing ---- */

/* "add SET PREFIX timeout SECONDS" */
static int list_line(struct str line, ban_fn *fn, void *user)
{
	struct str word = str_word(&line);
	struct ban_item item = {};
	uint64_t seconds = 0;

	if (!str_eq(word, STR("add")))
		return 0;
	(void)str_word(&line);
	word = str_word(&line);
	if (prefix_parse(word, &item.prefix) < 0)
		return 0;
	while ((word = str_word(&line)).ptr)
		if (str_eq(word, STR("timeout")))
			(void)!str_to_u64(str_word(&line), 10, &seconds);
	item.seconds = (uint32_t)MIN(seconds, UINT32_MAX);
	return fn(user, &item);
}

/* Line by line as the program writes it: a million bans are not kept. */
static int list_output(int fd, ban_fn *fn, void *user)
{
	own(free_ptr) char *bytes = malloc(LINE_MAX_BYTES);
	size_t have = 0;
	int r = 0;

	if (!bytes)
		return -ENOMEM;
	while (r >= 0) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		int ready = poll(&wait, 1, TIMEOUT_MS);
		struct str rest;
		ssize_t n = 0;

		if (ready == 0)
			return -ETIME;
		if (ready > 0)
			n = read(fd, bytes + have, LINE_MAX_BYTES - have);
		if ((ready < 0 || n < 0) && errno == EINTR)
			continue;
		if (ready < 0)
			return -errno;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		have += (size_t)n;
		rest = (struct str){ bytes, have };
		while (r >= 0 && str_find(rest, '\n') >= 0)
			r = list_line(str_cut(&rest, '\n'), fn, user);
		if (rest.len == LINE_MAX_BYTES)
			return -EBADMSG;
		memmove(bytes, rest.ptr, rest.len);
		have = rest.len;
	}
	return r;
}

static int ipset_list(struct ban *ban, ban_fn *fn, void *user, struct diag *d)
{
	const struct ipset *b = (const struct ipset *)ban;

	for (size_t i = 0; i < COUNT(families); i++) {
		const char *const argv[] = {
			"ipset", "-o", "save", "list", families[i].banned, NULL
		};
		own(subprocess_release) struct subprocess p = {};
		int status = 0, r;

		if (families[i].v6 && !b->v6)
			continue;
		r = subprocess_start(argv, &p);
		if (r == 0)
			r = list_output(p.out, fn, user);
		if (r == 0)
			r = subprocess_wait(&p, TIMEOUT_MS, &status);
		if (r == 0 && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
			r = -ENOENT;
		if (r < 0)
			return diag_set(d, r, "", 0, "the bans in %s cannot be listed",
					families[i].banned);
	}
	return 0;
}

const struct ban_ops ban_ipset = {
	.name = "ipset",
	.open = ipset_open,
	.close = ipset_close,
	.ensure = ipset_ensure,
	.add = ipset_add,
	.remove = ipset_remove,
	.allow = ipset_allow,
	.list = ipset_list,
};
