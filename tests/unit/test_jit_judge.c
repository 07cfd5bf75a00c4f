/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every way to be refused, each with one line in the audit log, and the few ways in. */
#include <fcntl.h>
#include <sys/stat.h>

#include "jit/judge.h"
#include "knock_make.h"

#define NOW 1'790'000'000'123
#define HOME net_v4(0xc6336407)

static const char policy_text[] = "protect ssh 443\n"
				  "[rule pair]\naccount root\nsecond yes\nlongest 1h\n"
				  "[rule touched]\naccount tom\ntouch yes\n"
				  "[rule all]\nport ssh\nlongest 2h\n";

struct world {
	char path[64];
	int folder;
	struct maker host, ann, bob, eve; /* `host` signs nothing */
	struct jit_policy policy;
	struct budget *budget;
	struct replay *replay;
	struct chain *chain;
	struct judge *judge;
	struct buf keys, revoked;
	const char *options; /* of ann's line */
	bool locked, failing;
	bool command;    /* there is a program */
	int silent;      /* it does not say */
	unsigned asked;  /* it, so many times */
	struct buf said; /* by it */
	struct judgement got;
	int64_t now, mono;
	unsigned lines;
	unsigned char ids;
};

static void put_key(struct buf *b, const struct maker *m, const char *options)
{
	char text[256];

	sodium_bin2base64(text, sizeof text, (unsigned char *)m->key.ptr, m->key.len,
			  sodium_base64_VARIANT_ORIGINAL);
	buf_fmt(b, "%s%sssh-ed25519 %s\n", options, *options ? " " : "", text);
}

/* What a machine with ann, root, tom and locked knows: the keys of ann and bob log in everywhere. */
static int look_up(void *user, struct str account, struct arena *a, struct judge_account *ret)
{
	struct world *w = user;

	(void)a;
	if (w->failing)
		return -EIO;
	buf_reset(&w->keys);
	put_key(&w->keys, &w->ann, w->options);
	put_key(&w->keys, &w->bob, "");
	ret->may_log_in = !w->locked && !str_eq(account, STR("nobody"));
	ret->keys[ret->n_keys++] = buf_view(&w->keys);
	ret->revoked = buf_view(&w->revoked);
	ret->command = w->command;
	return 0;
}

/* AuthorizedKeysCommand. */
static int ask(void *user, enum judge_program program, struct str account, struct str key,
	       struct arena *a, struct judge_account *ret)
{
	struct world *w = user;

	(void)a;
	w->asked++;
	if (w->silent)
		return w->silent;
	if (program != JUDGE_KEYS || !str_eq(account, STR("ann")) || !key.len)
		return -ETIME;
	ret->may_log_in = true;
	ret->keys[ret->n_keys++] = buf_view(&w->said);
	return 0;
}

static void world_open(struct world *w)
{
	static const uint64_t seed[2] = { 1, 2 };
	struct diag d = {};

	*w = (struct world){ .path = "/tmp/holdfast-judge-XXXXXX",
			     .keys = BUF(4096),
			     .revoked = BUF(4096),
			     .said = BUF(4096),
			     .options = "",
			     .now = NOW,
			     .mono = 5'000 };
	maker_of(1, &w->host);
	maker_of(11, &w->ann);
	maker_of(21, &w->bob);
	maker_of(31, &w->eve);
	if (!mkdtemp(w->path))
		exit(1);
	w->folder = open(w->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	is_int(jit_policy_parse(str_of(policy_text), "jit.conf", &w->policy, &d), 0, "policy");
	is_int(budget_new(&budget_defaults, seed, &w->budget), 0, "budget");
	is_int(replay_open(w->folder, STR("boot"), NOW - 100'000, 60'000, &w->replay, NULL), 0,
	       "ids");
	is_int(chain_open(w->folder, NOW, &w->chain, NULL), 0, "audit log");
	is_int(judge_new(&(struct judge_setup){ .host = &w->host.secrets,
						.policy = &w->policy,
						.budget = w->budget,
						.replay = w->replay,
						.chain = w->chain,
						.lookup = look_up,
						.ask = ask,
						.user = w },
			 &w->judge),
	       0, "judge");
}

static void world_close(struct world *w)
{
	static const char *const names[] = { CHAIN_LOG, CHAIN_KEY, CHAIN_HEAD, REPLAY_NAME };

	judge_free(&w->judge);
	chain_close(&w->chain);
	replay_close(&w->replay);
	budget_free(&w->budget);
	jit_policy_release(&w->policy);
	buf_release(&w->host.key);
	buf_release(&w->ann.key);
	buf_release(&w->bob.key);
	buf_release(&w->eve.key);
	buf_release(&w->keys);
	buf_release(&w->revoked);
	buf_release(&w->said);
	for (size_t i = 0; i < COUNT(names); i++)
		unlinkat(w->folder, names[i], 0);
	ok(!rmdir(w->path), "nothing is left");
	close(w->folder);
}

static struct knock ask_for(struct world *w, const char *account)
{
	struct knock k = request();

	k.time = w->now;
	k.account = str_of(account);
	k.seconds = 600;
	k.n_ports = 1;
	k.id[0] = ++w->ids;
	return k;
}

static struct buf sealed(const struct world *w, const struct knock *k, const struct maker *first,
			 const struct maker *second, const struct maker *named)
{
	struct buf own(buf_release) text = BUF(2048), one = BUF(2048), two = BUF(2048);
	struct buf out = BUF(KNOCK_MAX);
	struct str list[2];

	if (knock_text(k, named->secrets.digest, &text))
		return out;
	sign(first, buf_view(&text), &one);
	list[0] = buf_view(&one);
	if (second) {
		sign(second, buf_view(&text), &two);
		list[1] = buf_view(&two);
	}
	(void)!knock_seal(w->host.host.blob, buf_view(&text), list, second ? 2 : 1, &out);
	return out;
}

/* Sends it two seconds later; the log has `lines` more lines than before. */
static void send_bytes(struct world *w, struct str d, net_addr from, unsigned lines)
{
	struct chain_state s = {};

	w->mono += 2'000;
	judge_datagram(w->judge, d, from, w->now, w->mono, &w->got);
	w->lines += lines;
	if (chain_verify(w->folder, &s) < 0 || s.fault || s.records != w->lines) {
		ok(false, "lines in the audit log");
		w->lines = (unsigned)s.records;
	}
}

static void is_refused(struct world *w, const struct knock *k, const struct maker *first,
		       const struct maker *second, const char *why)
{
	struct buf own(buf_release) d = sealed(w, k, first, second, &w->host);

	send_bytes(w, buf_view(&d), HOME, 1);
	is_int(w->got.outcome, JUDGE_REFUSED, why);
	is_str(str_of(w->got.why), str_of(why), "  says why");
}

static void is_outcome(struct world *w, const struct knock *k, const struct maker *first,
		       const struct maker *second, enum judge_outcome want, const char *name)
{
	struct buf own(buf_release) d = sealed(w, k, first, second, &w->host);

	send_bytes(w, buf_view(&d), HOME, 1);
	if (!is_int(w->got.outcome, want, name) && w->got.why)
		printf("# %s\n", w->got.why);
}

static void let_in(struct world *w)
{
	struct knock k = ask_for(w, "ann");
	struct buf own(buf_release) d = sealed(w, &k, &w->ann, NULL, &w->host);

	ok(!budget_is_known(w->budget, HOME), "nobody is known");
	send_bytes(w, buf_view(&d), HOME, 1);
	is_int(w->got.outcome, JUDGE_OPEN, "ann gets in");
	ok(w->got.told && w->got.decision.seconds == 600 && w->got.decision.source == HOME &&
		   w->got.decision.bits == 32,
	   "for ten minutes, for her address");
	is_str(w->got.decision.rule->name, STR("all"), "by this rule");
	ok(budget_is_known(w->budget, HOME), "she is known");
	send_bytes(w, buf_view(&d), HOME, 1);
	is_int(w->got.outcome, JUDGE_REFUSED, "replayed");
	is_str(str_of(w->got.why), STR("the request was taken before"), "  says why");
	k = ask_for(w, "ann");
	k.action = KNOCK_CLOSE;
	is_outcome(w, &k, &w->ann, NULL, JUDGE_CLOSE, "she closes");
	k = ask_for(w, "ann");
	k.action = KNOCK_EXTEND;
	is_outcome(w, &k, &w->ann, NULL, JUDGE_OPEN, "she extends");
}

static void clocks(struct world *w)
{
	struct knock k = ask_for(w, "ann");

	k.time += 600'000;
	is_refused(w, &k, &w->ann, NULL, "its clock is too far off");
	k.time -= 1'200'000;
	is_refused(w, &k, &w->ann, NULL, "its clock is too far off");
	k.time = w->now - 60'001;
	is_refused(w, &k, &w->ann, NULL, "its clock is too far off");
	k.time = INT64_MAX;
	is_refused(w, &k, &w->ann, NULL, "its clock is too far off");
	k.time = w->now - 60'000;
	is_outcome(w, &k, &w->ann, NULL, JUDGE_OPEN, "a minute is borne");
}

static void keys(struct world *w)
{
	struct knock k = ask_for(w, "ann");
	struct buf own(buf_release) d = sealed(w, &k, &w->ann, NULL, &w->eve);

	send_bytes(w, buf_view(&d), HOME, 1);
	is_int(w->got.outcome, JUDGE_REFUSED, "for another host");
	is_str(str_of(w->got.why), STR("made for another host"), "  says why");
	is_refused(w, &k, &w->eve, NULL, authorized_text(AUTHORIZED_UNKNOWN));
	w->options = "from=\"203.0.113.0/24\"";
	is_refused(w, &k, &w->ann, NULL, authorized_text(AUTHORIZED_FROM));
	w->options = "expiry-time=\"20200101\"";
	is_refused(w, &k, &w->ann, NULL, authorized_text(AUTHORIZED_EXPIRED));
	w->options = "";
	put_key(&w->revoked, &w->ann, "");
	is_refused(w, &k, &w->ann, NULL, "the key is revoked");
	buf_reset(&w->revoked);
	w->locked = true;
	is_refused(w, &k, &w->ann, NULL, "the account may not log in");
	w->locked = false;
	w->failing = true;
	is_refused(w, &k, &w->ann, NULL, "the account cannot be looked up");
	w->failing = false;
	/* eve has ann's public key, but not the other half. */
	{
		struct maker forged = w->eve;

		forged.key = w->ann.key;
		is_refused(w, &k, &forged, NULL, knock_fault_text(KNOCK_SIGNATURE));
	}
	is_outcome(w, &k, &w->ann, NULL, JUDGE_OPEN, "none of them used the id up");
}

/* One that has not answered yet: the request is heard again when it has. */
static void slow_program(struct world *w)
{
	struct knock k = ask_for(w, "ann");
	struct buf own(buf_release) d = sealed(w, &k, &w->eve, NULL, &w->host);
	struct judge_counts before = judge_counts(w->judge), after;
	int64_t came = w->now;

	w->silent = -EINPROGRESS;
	send_bytes(w, buf_view(&d), HOME, 0);
	is_int(w->got.outcome, JUDGE_ASKS, "a program that is being asked");
	after = judge_counts(w->judge);
	ok(!memcmp(&before, &after, sizeof after), "  nothing is decided");
	w->silent = 0;
	judge_handed(w->judge, buf_view(&d), HOME, came, w->mono, &w->got);
	w->lines++;
	is_int(w->got.outcome, JUDGE_OPEN, "when it has said: as if it had been there before");
	send_bytes(w, buf_view(&d), HOME, 1);
	is_str(str_of(w->got.why), STR("the request was taken before"), "  once");
}

/* A program is asked for keys that no file has, and only for who has the other half. */
static void program(struct world *w)
{
	struct knock k = ask_for(w, "ann");

	put_key(&w->said, &w->eve, "");
	is_refused(w, &k, &w->eve, NULL, authorized_text(AUTHORIZED_UNKNOWN));
	is_int(w->asked, 0, "no program, nobody is asked");
	w->command = true;
	{
		struct maker forged = w->bob;

		forged.key = w->eve.key;
		is_refused(w, &k, &forged, NULL, knock_fault_text(KNOCK_SIGNATURE));
	}
	put_key(&w->revoked, &w->eve, "");
	is_refused(w, &k, &w->eve, NULL, "the key is revoked");
	buf_reset(&w->revoked);
	buf_fmt(&w->revoked, "SSHKRL\n");
	is_refused(w, &k, &w->ann, NULL, "the list of revoked keys is not understood");
	buf_reset(&w->revoked);
	w->locked = true;
	is_refused(w, &k, &w->eve, NULL, "the account may not log in");
	w->locked = false;
	is_int(w->asked, 0, "nor for who has not the other half, is revoked, or may not log in");
	w->silent = -ETIME;
	is_refused(w, &k, &w->eve, NULL, "the program of AuthorizedKeysCommand does not say");
	w->silent = -EBUSY;
	is_refused(w, &k, &w->eve, NULL, "too many requests wait for what a program says");
	w->silent = -EALREADY;
	is_refused(w, &k, &w->eve, NULL, "the request was taken before");
	w->silent = 0;
	buf_reset(&w->said);
	is_refused(w, &k, &w->eve, NULL, authorized_text(AUTHORIZED_UNKNOWN));
	put_key(&w->said, &w->eve, "from=\"203.0.113.0/24\"");
	is_refused(w, &k, &w->eve, NULL, authorized_text(AUTHORIZED_FROM));
	is_int(w->asked, 5, "it was asked");
	buf_reset(&w->said);
	put_key(&w->said, &w->eve, "");
	is_outcome(w, &k, &w->eve, NULL, JUDGE_OPEN, "a key that it names");
	is_refused(w, &k, &w->eve, NULL, "the request was taken before");
	is_int(w->asked, 6, "not for a replay");
	k = ask_for(w, "ann");
	is_outcome(w, &k, &w->ann, NULL, JUDGE_OPEN, "a key that a file has");
	is_int(w->asked, 6, "needs nobody's word");
	slow_program(w);
	w->command = false;
}

static void policies(struct world *w)
{
	struct knock k = ask_for(w, "ann");

	k.seconds = 7'201;
	is_refused(w, &k, &w->ann, NULL, jit_verdict_text(JIT_TOO_LONG));
	k = ask_for(w, "ann");
	k.ports[0].port = 443;
	is_refused(w, &k, &w->ann, NULL, jit_verdict_text(JIT_NO_RULE));
	k = ask_for(w, "ann");
	k.ports[0].port = 25;
	is_refused(w, &k, &w->ann, NULL, jit_verdict_text(JIT_PORT_OTHER));
	k = ask_for(w, "ann");
	k.sourced = true;
	k.source = net_v4(0x0a000000);
	k.bits = 32;
	is_refused(w, &k, &w->ann, NULL, jit_verdict_text(JIT_SOURCE));
	k = ask_for(w, "ann");
	k.sourced = true;
	k.source = net_v4(0xc6000000);
	k.bits = 8;
	is_refused(w, &k, &w->ann, NULL, jit_verdict_text(JIT_TOO_WIDE));
	k = ask_for(w, "tom");
	is_refused(w, &k, &w->ann, NULL, jit_verdict_text(JIT_UNTOUCHED));
}

static void second_person(struct world *w)
{
	struct knock k = ask_for(w, "root"), a;

	is_outcome(w, &k, &w->ann, &w->bob, JUDGE_OPEN, "two sign");
	k = ask_for(w, "root");
	is_outcome(w, &k, &w->ann, &w->ann, JUDGE_WAITS, "the same one twice is one");
	k = ask_for(w, "root");
	is_refused(w, &k, &w->ann, &w->eve, authorized_text(AUTHORIZED_UNKNOWN));
	k = ask_for(w, "root");
	is_outcome(w, &k, &w->ann, NULL, JUDGE_WAITS, "the second signature is missing");
	a = ask_for(w, "root");
	a.action = KNOCK_APPROVE;
	memcpy(a.subject, k.id, KNOCK_ID);
	is_refused(w, &a, &w->ann, NULL, "the key that asked cannot approve");
	a.id[0] = ++w->ids;
	is_refused(w, &a, &w->eve, NULL, authorized_text(AUTHORIZED_UNKNOWN));
	is_outcome(w, &a, &w->bob, NULL, JUDGE_OPEN, "somebody else can");
	ok(w->got.knock && !memcmp(w->got.knock->id, k.id, KNOCK_ID), "it is what was asked for");
	is_str(w->got.knock->account, STR("root"), "for whom");
	ok(w->got.decision.source == HOME && w->got.decision.seconds == 600, "as asked for");
	a.id[0] = ++w->ids;
	is_refused(w, &a, &w->bob, NULL, "no such request waits");
	for (unsigned i = 1; i < JUDGE_WAITING_EACH; i++) {
		k = ask_for(w, "root");
		is_outcome(w, &k, &w->ann, NULL, JUDGE_WAITS, "waits");
	}
	k = ask_for(w, "root");
	is_refused(w, &k, &w->ann, NULL, "too many requests wait for a second person");
	k = ask_for(w, "root");
	is_outcome(w, &k, &w->bob, NULL, JUDGE_WAITS, "those of another key may");
	w->mono += JUDGE_WAITING_MS;
	k = ask_for(w, "root");
	is_outcome(w, &k, &w->ann, NULL, JUDGE_WAITS, "they do not wait for ever");
}

/* The end of the audit log has it. */
static void last_line(struct world *w, const char *text)
{
	static char bytes[4096];
	int fd = openat(w->folder, CHAIN_LOG, O_RDONLY | O_CLOEXEC);
	off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END), from = size > 4000 ? size - 4000 : 0;
	ssize_t n = pread(fd, bytes, sizeof bytes - 1, from);
	const char *line;

	close(fd);
	bytes[MAX(n, 1) - 1] = '\0';
	line = strrchr(bytes, '\n');
	ok(line && strstr(line, text), text);
}

/* With one line; that it is one the next send_bytes() finds out. */
static void is_dropped(struct world *w, struct str d, const char *name)
{
	w->mono += 2'000;
	judge_datagram(w->judge, d, HOME, w->now, w->mono, &w->got);
	w->lines++;
	if (w->got.outcome != JUDGE_DROPPED || !w->got.told)
		ok(false, name);
}

static void damaged(struct world *w)
{
	struct knock k = ask_for(w, "ann");
	struct buf own(buf_release) d = sealed(w, &k, &w->ann, NULL, &w->host);
	char copy[KNOCK_MAX + 1];
	unsigned char mark[16];

	for (size_t bit = 0; bit < d.len * 8; bit += 7) {
		memcpy(copy, d.ptr, d.len);
		copy[bit / 8] ^= (char)(1 << bit % 8);
		is_dropped(w, (struct str){ copy, d.len }, "a bit");
	}
	for (size_t n = 0; n < d.len; n++)
		is_dropped(w, (struct str){ d.ptr, n }, "cut");
	memset(copy, 0, sizeof copy);
	memcpy(copy, d.ptr, d.len);
	send_bytes(w, (struct str){ copy, sizeof copy }, HOME, 1);
	is_int(w->got.outcome, JUDGE_DROPPED, "too long");
	last_line(w, "\"event\":\"dropped\",\"from\":\"198.51.100.7\","
		     "\"why\":\"not of a request's size\",\"count\":1,");
	d.ptr[d.len - 1] ^= 1;
	send_bytes(w, buf_view(&d), HOME, 1);
	d.ptr[d.len - 1] ^= 1;
	last_line(w, "\"from\":\"198.51.100.7\",\"why\":\"not marked for this host\",\"count\":1,");
	/* A bit of the box, by somebody who can mark. */
	memcpy(copy, d.ptr, d.len);
	copy[60] ^= 1;
	crypto_generichash(mark, sizeof mark, (unsigned char *)copy + 17, d.len - 17,
			   w->host.secrets.mark, 32);
	memcpy(copy + 1, mark, sizeof mark);
	send_bytes(w, (struct str){ copy, d.len }, HOME, 1);
	is_str(str_of(w->got.why), STR("not sealed for this host"), "marked, but no box");
	send_bytes(w, buf_view(&d), HOME, 1);
	is_int(w->got.outcome, JUDGE_OPEN, "the whole one is taken");
}

/* The counts of all lines behind the first ones. */
static uint64_t sum_of_counts(struct world *w, unsigned first)
{
	static char line[CHAIN_LINE_MAX];
	int fd = openat(w->folder, CHAIN_LOG, O_RDONLY | O_CLOEXEC);
	FILE *f = fdopen(fd, "r");
	uint64_t sum = 0;

	for (unsigned i = 0; f && fgets(line, sizeof line, f); i++) {
		const char *count = strstr(line, "\"count\":");

		if (i >= first && count)
			sum += strtoull(count + 8, NULL, 10);
	}
	if (f)
		fclose(f);
	return sum;
}

/* What had no line of its own is told once a minute, by networks. */
static void told_later(struct world *w, unsigned told)
{
	struct chain_state s = {};
	unsigned more;

	judge_tick(w->judge, w->now, w->mono);
	w->mono += JUDGE_DROPS_MS;
	judge_tick(w->judge, w->now, w->mono);
	is_int(chain_verify(w->folder, &s), 0, "the log");
	more = (unsigned)s.records - w->lines - told;
	ok(!s.fault && more > 1 && more <= JUDGE_DROPS + 1, "the rest, by networks");
	is_int((int64_t)sum_of_counts(w, w->lines), 1'000'000, "all of them");
	w->lines = (unsigned)s.records;
	judge_tick(w->judge, w->now, w->mono + 1);
	judge_tick(w->judge, w->now, w->mono + JUDGE_DROPS_MS);
	is_int(chain_verify(w->folder, &s), 0, "the log");
	is_int((int64_t)s.records, w->lines, "and no more when it is over");
}

static void junk(struct world *w)
{
	static char bytes[KNOCK_MAX + 100];
	uint64_t state = 3;
	unsigned bad = 0, told = 0;
	struct judge_counts before = judge_counts(w->judge);
	const unsigned char seed[randombytes_SEEDBYTES] = { 9 };

	randombytes_buf_deterministic(bytes, sizeof bytes, seed);
	for (unsigned i = 0; i < 1'000'000; i++) {
		size_t n;

		state = state * 6364136223846793005U + 1442695040888963407U;
		n = (state >> 33) % 600;
		memcpy(bytes + 1, &state, sizeof state);
		*bytes = i % 4 ? 1 : (char)i;
		if (i % 1'000 == 0)
			n = (state >> 33) % sizeof bytes;
		judge_datagram(w->judge, (struct str){ bytes, n }, (net_addr)state, w->now, w->mono,
			       &w->got);
		bad += w->got.outcome != JUDGE_DROPPED;
		told += w->got.told;
	}
	is_int(bad, 0, "a million random datagrams are dropped");
	ok(judge_counts(w->judge).unmarked == before.unmarked + 1'000'000, "and counted");
	ok(told <= JUDGE_DROPS_BURST, "a line each, as long as there is room");
	told_later(w, told);
}

/* Strangers who can mark cannot fill the disk, and who knocked before still gets in. */
static void flood(struct world *w)
{
	struct knock k = ask_for(w, "ann");
	struct buf own(buf_release) theirs = sealed(w, &k, &w->eve, NULL, &w->host);
	struct buf own(buf_release) hers = {};
	struct judge_counts before = judge_counts(w->judge), c;
	struct chain_state s = {};
	unsigned dropped = 0;

	for (unsigned i = 0; i < 100'000; i++) {
		judge_datagram(w->judge, buf_view(&theirs), net_v4(0x0b000000 + i % 1'000 * 256),
			       w->now, w->mono + i / 20, &w->got);
		if (w->got.outcome > JUDGE_REFUSED)
			ok(false, "let in");
		dropped += w->got.outcome == JUDGE_DROPPED && w->got.told;
	}
	ok(dropped <= JUDGE_DROPS_BURST, "a line for each is not written");
	w->mono += 5'000;
	k = ask_for(w, "ann");
	hers = sealed(w, &k, &w->ann, NULL, &w->host);
	judge_datagram(w->judge, buf_view(&hers), HOME, w->now, w->mono, &w->got);
	is_int(w->got.outcome, JUDGE_OPEN, "who knocked before gets in");
	c = judge_counts(w->judge);
	is_int(c.refused - before.refused + c.over_budget - before.over_budget, 100'000,
	       "each is counted");
	ok(c.over_budget - before.over_budget > 97'000, "most cost nothing");
	ok(!chain_verify(w->folder, &s) && !s.fault &&
		   s.records <= w->lines + dropped + JUDGE_LINES_BURST + 5 * JUDGE_LINES_RATE + 1,
	   "the log does not grow with them");
	is_int(s.records - w->lines - dropped + c.left_out, c.refused - before.refused + 1,
	       "what is left out is counted");
}

/* What cannot be written is not granted. */
static void unwritten(struct world *w)
{
	struct knock k = ask_for(w, "ann");
	struct buf own(buf_release) d = sealed(w, &k, &w->ann, NULL, &w->host);
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC), log = -1;
	struct stat st, mine;

	/* The log's descriptor becomes one of a disk without room. */
	if (full < 0 || fstatat(w->folder, CHAIN_LOG, &mine, 0) < 0) {
		skip("a full disk", "no /dev/full");
		return;
	}
	for (int fd = 3; fd < 64 && log < 0; fd++)
		if (!fstat(fd, &st) && st.st_ino == mine.st_ino && st.st_dev == mine.st_dev)
			log = fd;
	if (!ok(log >= 0 && dup2(full, log) == log, "a full disk"))
		return;
	w->mono += 2'000;
	judge_datagram(w->judge, buf_view(&d), HOME, w->now, w->mono, &w->got);
	is_int(w->got.outcome, JUDGE_REFUSED, "lets nobody in");
	is_str(str_of(w->got.why), STR("the audit log cannot be written"), "  says why");
	close(full);
}

int main(void)
{
	static struct world w;

	if (sodium_init() < 0)
		return 1;
	world_open(&w);
	let_in(&w);
	clocks(&w);
	keys(&w);
	program(&w);
	policies(&w);
	second_person(&w);
	damaged(&w);
	junk(&w);
	flood(&w);
	unwritten(&w);
	world_close(&w);
	return done();
}
