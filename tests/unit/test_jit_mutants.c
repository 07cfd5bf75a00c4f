/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Real requests, mutated by somebody who can mark and seal: no grant, one bounded line in the audit
 * log for each that is opened, no memory, no other trace. Only ann's original is ever valid, and no
 * mutant is that: what comes out as it was is counted and left out. HOLDFAST_MUTANTS: how many (20,000),
 * HOLDFAST_SEED: where chance begins; ten million of them are bench/jit's.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/sanitizer.h"
#include "jit/judge.h"
#include "knock_make.h"

#define NOW 1'790'000'000'123
#define EACH_LOG 50'000U /* then it is verified, and another one begun */
#define DATAGRAM_MAX (KNOCK_MAX + 64U)
#define HEAD 17U

struct world {
	char path[64];
	int folder, log;
	struct maker host, ann, eve;
	struct buf line; /* ann's, of authorized_keys */
	struct jit_policy policy;
	struct budget *budget;
	struct replay *replay;
	struct chain *chain;
	struct judge *judge;
	struct judgement got;
	/* A sealed box costs its sender two multiplications; one key for all of them costs none. */
	unsigned char sender[32], shared[crypto_box_BEFORENMBYTES], nonce[crypto_box_NONCEBYTES];
	struct buf plain;                        /* of a request that would be granted */
	struct buf text;                         /* of it */
	unsigned char original[KNOCK_MAX + 64U]; /* its datagram */
	size_t n_original;
	uint64_t state;
	int64_t mono;
	uint64_t told, refused, dropped, same, kinds[8];
	off_t size; /* of the log */
};

static uint64_t next(struct world *w)
{
	w->state ^= w->state << 13;
	w->state ^= w->state >> 7;
	w->state ^= w->state << 17;
	return w->state * 0x2545f4914f6cdd1dU;
}

static void noise(struct world *w, void *to, size_t n)
{
	for (size_t i = 0; i < n; i += sizeof(uint64_t)) {
		uint64_t v = next(w);

		memcpy((unsigned char *)to + i, &v, MIN(n - i, sizeof v));
	}
}

static size_t below(struct world *w, size_t n) { return n ? next(w) % n : 0; }

static int look_up(void *user, struct str account, struct arena *a, struct judge_account *ret)
{
	struct world *w = user;

	(void)account;
	(void)a;
	ret->may_log_in = true;
	ret->keys[ret->n_keys++] = buf_view(&w->line);
	return 0;
}

static void begin_log(struct world *w)
{
	chain_close(&w->chain);
	unlinkat(w->folder, CHAIN_LOG, 0);
	unlinkat(w->folder, CHAIN_HEAD, 0);
	unlinkat(w->folder, CHAIN_KEY, 0);
	judge_free(&w->judge);
	if (w->log >= 0)
		close(w->log);
	if (chain_open(w->folder, NOW, &w->chain, NULL) < 0 ||
	    judge_new(&(struct judge_setup){ .host = &w->host.secrets,
					     .policy = &w->policy,
					     .budget = w->budget,
					     .replay = w->replay,
					     .chain = w->chain,
					     .lookup = look_up,
					     .user = w },
		      &w->judge) < 0)
		exit(1);
	w->log = openat(w->folder, CHAIN_LOG, O_RDONLY | O_CLOEXEC);
	w->size = 0;
}

/* A request of ann's for ten minutes of SSH, and what its box holds. */
static void put_plain(struct world *w, const struct maker *who, const struct knock *k,
		      struct buf *text, struct buf *plain)
{
	struct buf own(buf_release) signature = BUF(2048);

	buf_reset(text);
	buf_reset(plain);
	if (knock_text(k, w->host.secrets.digest, text) < 0)
		exit(1);
	sign(who, buf_view(text), &signature);
	wire_put_string(plain, buf_view(text));
	wire_put_u8(plain, 1);
	wire_put_string(plain, buf_view(&signature));
	while (plain->len % 128)
		wire_put_u8(plain, 0);
}

static struct knock asked(void)
{
	struct knock k = request();

	k.time = NOW;
	k.seconds = 600;
	k.n_ports = 1;
	return k;
}

static void mark(const struct world *w, unsigned char *d, size_t n)
{
	*d = 1;
	crypto_generichash(d + 1, 16, d + HEAD, n - HEAD, w->host.secrets.mark, 32);
}

static size_t seal(const struct world *w, const unsigned char *plain, size_t n, unsigned char *d)
{
	memcpy(d + HEAD, w->sender, 32);
	if (crypto_box_easy_afternm(d + HEAD + 32, plain, n, w->nonce, w->shared))
		exit(1);
	mark(w, d, HEAD + 32 + n + crypto_box_MACBYTES);
	return HEAD + 32 + n + crypto_box_MACBYTES;
}

static void world_open(struct world *w)
{
	static const uint64_t seed[2] = { 1, 2 };
	unsigned char secret[32] = { 5 };
	crypto_generichash_state s;
	struct knock k = asked();
	struct diag d = {};
	char key[256];

	*w = (struct world){ .path = "/tmp/holdfast-mutants-XXXXXX",
			     .log = -1,
			     .line = BUF(4096),
			     .plain = BUF(KNOCK_MAX),
			     .text = BUF(KNOCK_MAX),
			     .state = 88172645463325252U,
			     .mono = 5'000 };
	maker_of(1, &w->host);
	maker_of(11, &w->ann);
	maker_of(31, &w->eve);
	sodium_bin2base64(key, sizeof key, (unsigned char *)w->ann.key.ptr, w->ann.key.len,
			  sodium_base64_VARIANT_ORIGINAL);
	buf_fmt(&w->line, "ssh-ed25519 %s\n", key);
	if (access("/dev/shm", W_OK) == 0)
		snprintf(w->path, sizeof w->path, "/dev/shm/holdfast-mutants-XXXXXX");
	if (!mkdtemp(w->path))
		exit(1);
	w->folder = open(w->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	is_int(jit_policy_parse(STR("protect ssh\n"), "f", &w->policy, &d), 0, "policy");
	is_int(budget_new(&budget_defaults, seed, &w->budget), 0, "budget");
	is_int(replay_open(-1, STR("boot"), NOW - 100'000, 60'000, &w->replay, NULL), 0, "ids");
	crypto_scalarmult_base(w->sender, secret);
	crypto_generichash_init(&s, NULL, 0, sizeof w->nonce);
	crypto_generichash_update(&s, w->sender, sizeof w->sender);
	crypto_generichash_update(&s, w->host.secrets.public, 32);
	crypto_generichash_final(&s, w->nonce, sizeof w->nonce);
	is_int(crypto_box_beforenm(w->shared, w->host.secrets.public, secret), 0, "sender");
	put_plain(w, &w->ann, &k, &w->text, &w->plain);
	w->n_original = seal(w, (unsigned char *)w->plain.ptr, w->plain.len, w->original);
	begin_log(w);
}

static void world_close(struct world *w)
{
	static const char *const names[] = { CHAIN_LOG, CHAIN_KEY, CHAIN_HEAD };
	struct maker *makers[] = { &w->host, &w->ann, &w->eve };

	judge_free(&w->judge);
	chain_close(&w->chain);
	replay_close(&w->replay);
	budget_free(&w->budget);
	jit_policy_release(&w->policy);
	for (size_t i = 0; i < COUNT(makers); i++)
		buf_release(&makers[i]->key);
	buf_release(&w->line);
	buf_release(&w->plain);
	buf_release(&w->text);
	for (size_t i = 0; i < COUNT(names); i++)
		unlinkat(w->folder, names[i], 0);
	close(w->log);
	ok(!rmdir(w->path), "nothing is left");
	close(w->folder);
}

static void flip(struct world *w, unsigned char *p, size_t n)
{
	for (size_t i = 1 + below(w, 8); i > 0; i--)
		p[below(w, n)] ^= (unsigned char)(1U << below(w, 8));
}

/* One step of an evolution. */
static size_t mutate(struct world *w, unsigned char *p, size_t n, size_t room)
{
	static const unsigned char words[] = { 0, 1, 4, 16, 127, 128, 255 };
	size_t at = below(w, n), len = 1 + below(w, 16), to;

	switch (next(w) % 7) {
	case 0: p[at] ^= (unsigned char)(1U << below(w, 8)); return n;
	case 1: p[at] = (unsigned char)next(w); return n;
	case 2: p[at] = words[below(w, sizeof words)]; return n;
	case 3: /* a piece is gone */
		len = MIN(len, n - at);
		memmove(p + at, p + at + len, n - at - len);
		return MAX(n - len, (size_t)1);
	case 4: /* a piece comes in between */
		len = MIN(len, room - n);
		memmove(p + at + len, p + at, n - at);
		for (size_t i = 0; i < len; i++)
			p[at + i] = (unsigned char)next(w);
		return n + len;
	case 5: /* a piece stands elsewhere as well */
		to = below(w, n);
		len = MIN(len, n - MAX(at, to));
		memmove(p + to, p + at, len);
		return n;
	default: return 1 + below(w, n);
	}
}

/* Fields that mean something, each signed by nobody, or by eve. */
static void change(struct world *w, struct knock *k)
{
	switch (next(w) % 6) {
	case 0: k->time += (int64_t)below(w, 60'000) - 30'000; break;
	case 1: k->seconds = (uint32_t)below(w, KNOCK_SECONDS_MAX); break;
	case 2: noise(w, k->id, sizeof k->id); break;
	case 3: k->account = STR("root"); break;
	case 4: k->ports[0].port = (uint16_t)(1 + below(w, 65'535)); break;
	default: k->action = (enum knock_action)(1 + below(w, 4));
	}
}

static size_t evolve(struct world *w, const struct buf *from, unsigned char *d)
{
	unsigned char plain[KNOCK_MAX];
	size_t room = KNOCK_MAX - HEAD - crypto_box_SEALBYTES, n = from->len;

	memcpy(plain, from->ptr, n);
	for (size_t i = 1 + below(w, 4); i > 0; i--)
		n = mutate(w, plain, n, room);
	return seal(w, plain, n, d);
}

static size_t make(struct world *w, unsigned kind, unsigned char *d)
{
	struct buf own(buf_release) text = BUF(KNOCK_MAX), plain = BUF(KNOCK_MAX);
	struct knock k = asked();
	size_t n;

	switch (kind) {
	case 0: /* bits of the whole, unmarked: half of the damage of a wire */
	case 1: /* bits of the box */
		n = seal(w, (unsigned char *)w->plain.ptr, w->plain.len, d);
		flip(w, kind ? d + HEAD : d, kind ? n - HEAD : n);
		if (kind)
			mark(w, d, n);
		return n;
	case 2: /* bytes in the box */ return evolve(w, &w->plain, d);
	case 3: /* another request under ann's signature */
		change(w, &k);
		put_plain(w, &w->ann, &k, &text, &plain);
		memcpy(plain.ptr + 4 + text.len, w->plain.ptr + 4 + w->text.len,
		       w->plain.len - 4 - w->text.len > plain.len - 4 - text.len
			       ? plain.len - 4 - text.len
			       : w->plain.len - 4 - w->text.len);
		return seal(w, (unsigned char *)plain.ptr, plain.len, d);
	case 4: /* signed by eve */
		change(w, &k);
		put_plain(w, &w->eve, &k, &text, &plain);
		return seal(w, (unsigned char *)plain.ptr, plain.len, d);
	case 5: /* eve's, damaged as well */
		put_plain(w, &w->eve, &k, &text, &plain);
		return evolve(w, &plain, d);
	case 6: /* cut off or longer, marked */
		n = seal(w, (unsigned char *)w->plain.ptr, w->plain.len, d);
		noise(w, d + n, DATAGRAM_MAX - n);
		n = HEAD + 1 + below(w, DATAGRAM_MAX - HEAD);
		mark(w, d, n);
		return n;
	default: /* noise */
		n = below(w, DATAGRAM_MAX);
		noise(w, d, DATAGRAM_MAX);
		if (n > HEAD)
			mark(w, d, n);
		return n;
	}
}

/*
 * Two flips of one bit, a field that is set to what it was: no mutant. Sealing is the same for the same
 * box here, so that two datagrams are equal where what is in them is.
 */
static bool is_original(const struct world *w, const unsigned char *d, size_t n)
{
	return n == w->n_original && !memcmp(d, w->original, n);
}

static bool judge_one(struct world *w, unsigned kind, const unsigned char *d, size_t n)
{
	struct stat st = {};
	off_t grown;

	w->mono += 500; /* as many lines of strangers as are written */
	judge_datagram(w->judge, (struct str){ (const char *)d, n }, net_v4((uint32_t)next(w)), NOW,
		       w->mono, &w->got);
	w->told += w->got.told;
	w->dropped += w->got.outcome == JUDGE_DROPPED;
	w->refused += w->got.outcome == JUDGE_REFUSED;
	w->kinds[kind]++;
	fstat(w->log, &st);
	grown = st.st_size - w->size;
	w->size = st.st_size;
	return w->got.outcome <= JUDGE_REFUSED &&
	       (w->got.told || w->got.outcome == JUDGE_DROPPED) &&
	       (w->got.told ? grown > 0 && grown <= (off_t)CHAIN_LINE_MAX : !grown);
}

static void is_whole(struct world *w, uint64_t records)
{
	struct chain_state s = {};

	if (chain_verify(w->folder, &s) < 0 || s.fault || s.records != records)
		is_int((int64_t)s.records, (int64_t)records, "lines of a log");
}

static void play(struct world *w, uint64_t n)
{
	unsigned char d[DATAGRAM_MAX];
	const uint64_t first = w->refused, dropped = w->dropped, same = w->same;
	uint64_t bad = 0, before = w->told;

	begin_log(w);
	for (uint64_t i = 0; i < n; i++) {
		unsigned kind = (unsigned)(i % 8);
		size_t len = make(w, kind, d);

		if (is_original(w, d, len))
			w->same++;
		else if (!judge_one(w, kind, d, len) && bad++ < 10)
			printf("# packet %" PRIu64 " of kind %u: outcome %d, %s\n", i, kind,
			       (int)w->got.outcome, w->got.why ? w->got.why : "-");
		if ((i + 1) % EACH_LOG == 0) {
			is_whole(w, w->told - before);
			before = w->told;
			begin_log(w);
		}
	}
	is_whole(w, w->told - before);
	is_int((int64_t)bad, 0, "no grant, one line each");
	ok(w->refused - first > n / 2 && w->dropped - dropped > n / 16, "most of them were opened");
	printf("# %" PRIu64 " packets: %" PRIu64 " opened and refused, %" PRIu64
	       " dropped, %" PRIu64 " were the original and left out\n",
	       n, w->refused - first, w->dropped - dropped, w->same - same);
}

static long peak_kib(void)
{
	struct rusage u = {};

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

/* What was mutated would have been granted; what came out as it was is let in once. */
static void original(struct world *w)
{
	const struct str d = { (char *)w->original, w->n_original };

	judge_datagram(w->judge, d, net_v4(1), NOW, w->mono + 500, &w->got);
	is_int(w->got.outcome, JUDGE_OPEN, "the original is let in");
	judge_datagram(w->judge, d, net_v4(1), NOW, w->mono + 1'000, &w->got);
	ok(w->got.outcome == JUDGE_REFUSED && w->got.told, "and not a second time");
}

/* The first tenth has whatever is needed. */
static void play_all(struct world *w, uint64_t n)
{
	long before;

	play(w, n / 10);
	before = peak_kib();
	play(w, n - n / 10);
	printf("# memory: %ld KiB behind the first tenth, %ld KiB at the end\n", before,
	       peak_kib());
	/* What is given back lies in quarantine where it is watched. */
	ok(HF_SANITIZED || peak_kib() - before <= 512, "no memory grows");
}

int main(void)
{
	static struct world w;
	const char *asked_for = getenv("HOLDFAST_MUTANTS");
	const char *seed = getenv("HOLDFAST_SEED");
	uint64_t n = 20'000, begin = 0;

	if (sodium_init() < 0 || (asked_for && str_to_u64(str_of(asked_for), 10, &n) < 0) ||
	    (seed && str_to_u64(str_of(seed), 10, &begin) < 0))
		return 1;
	world_open(&w);
	w.state += begin;
	play_all(&w, n);
	original(&w);
	world_close(&w);
	return done();
}
