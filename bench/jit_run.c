/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usage: jit_run judge HOST-KEY               costs of the judge alone: lines of "name value"
 *        jit_run send KIND HOST-KEY ADDRESS PORT RATE SECONDS SOURCES
 *                                             datagrams to a host: random, wrong (of another key), marked
 *                                             (they are opened), from so many addresses of 10.9.0.0/16
 * HOST-KEY: an unencrypted ssh_host_ed25519_key.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

#include "base/file.h"
#include "jit/judge.h"
#include "ssh/wire.h"

#define NOW 1'790'000'000'123
#define HOME net_v4(0xc6336407)
#define VARIETY 4'096U /* datagrams that are sent in turn */
#define BATCH 64U
#define SOURCES 1'000U

struct maker {
	unsigned char pk[32], sk[64];
	struct buf blob;
};

struct world {
	char path[64];
	int folder;
	struct host_key key, other;
	struct knock_host host;
	struct maker ann, eve;
	struct buf line;
	struct jit_policy policy;
	struct budget *budget;
	struct replay *replay;
	struct chain *chain;
	struct judge *judge;
	struct judgement got;
	uint64_t ids;
};

static double clock_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

__attribute__((noreturn)) static void fail(const char *what)
{
	fprintf(stderr, "jit_run: %s\n", what);
	exit(3);
}

static void tell(const char *name, double value) { printf("%s %.9f\n", name, value); }

static double resident_mib(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	unsigned long pages = 0;

	if (!f || fscanf(f, "%*u %lu", &pages) != 1)
		fail("/proc/self/statm");
	fclose(f);
	return (double)pages * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
}

/* ---- datagrams ---- */

static void put_blob(const unsigned char *pk, struct buf *ret)
{
	wire_put_string(ret, STR("ssh-ed25519"));
	wire_put_string(ret, (struct str){ (const char *)pk, 32 });
}

static void maker_of(unsigned char number, struct maker *ret)
{
	unsigned char seed[32];

	memset(seed, number, sizeof seed);
	crypto_sign_seed_keypair(ret->pk, ret->sk, seed);
	ret->blob = BUF(256);
	put_blob(ret->pk, &ret->blob);
}

static void sign(const struct maker *m, struct str text, struct buf *ret)
{
	struct buf own(buf_release) said = BUF(4096), sig = BUF(256);
	unsigned char made[64];

	(void)!signature_subject(KNOCK_SPACE, text, &said);
	crypto_sign_detached(made, NULL, (unsigned char *)said.ptr, said.len, m->sk);
	wire_put_string(&sig, STR("ssh-ed25519"));
	wire_put_string(&sig, (struct str){ (char *)made, sizeof made });
	(void)!signature_build(buf_view(&m->blob), KNOCK_SPACE, buf_view(&sig), ret);
}

/* A request for SSH, sealed for a host's key. */
static struct buf sealed(struct world *w, const struct host_key *to, const struct maker *by,
			 int64_t time)
{
	struct buf own(buf_release) text = BUF(2048), signature = BUF(2048);
	struct buf out = BUF(KNOCK_MAX);
	struct knock k = { .action = KNOCK_OPEN,
			   .time = time,
			   .seconds = 600,
			   .account = STR("ann"),
			   .reason = STR("a benchmark"),
			   .ports = { { IPPROTO_TCP, 22 } },
			   .n_ports = 1 };
	unsigned char digest[32];
	struct str list[1];

	w->ids++;
	memcpy(k.id, &w->ids, sizeof w->ids);
	k.id[15] = 1;
	crypto_hash_sha256(digest, (const unsigned char *)to->blob, sizeof to->blob);
	if (knock_text(&k, digest, &text) < 0)
		fail("text");
	sign(by, buf_view(&text), &signature);
	list[0] = buf_view(&signature);
	if (knock_seal(to->blob, buf_view(&text), list, 1, &out) < 0)
		fail("seal");
	return out;
}

/* ---- the judge alone ---- */

static int look_up(void *user, struct str account, struct arena *a, struct judge_account *ret)
{
	struct world *w = user;

	(void)account;
	(void)a;
	ret->may_log_in = true;
	ret->keys[ret->n_keys++] = buf_view(&w->line);
	return 0;
}

static void open_key(struct world *w, const char *path)
{
	struct arena own(arena_release) a = {};
	struct buf own(buf_release) blob = BUF(256);
	unsigned char pk[32], sk[64];
	struct str text;
	char shown[256];

	if (file_read(path, 1 << 16, &a, &text) < 0 || host_key_read(text, &w->key) < 0 ||
	    knock_host_of(&w->key, &w->host) < 0)
		fail("no host key");
	memset(w->other.seed, 99, sizeof w->other.seed);
	crypto_sign_seed_keypair(pk, sk, w->other.seed);
	put_blob(pk, &blob);
	memcpy(w->other.blob, blob.ptr, sizeof w->other.blob);
	maker_of(11, &w->ann);
	maker_of(31, &w->eve);
	w->line = BUF(512);
	sodium_bin2base64(shown, sizeof shown, (unsigned char *)w->ann.blob.ptr, w->ann.blob.len,
			  sodium_base64_VARIANT_ORIGINAL);
	buf_fmt(&w->line, "ssh-ed25519 %s\n", shown);
}

static void open_judge(struct world *w)
{
	static const uint64_t seed[2] = { 1, 2 };

	strcpy(w->path, "/tmp/holdfast-bench-jit-XXXXXX");
	if (!mkdtemp(w->path))
		fail("mkdtemp");
	w->folder = open(w->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (jit_policy_parse(STR("protect ssh\n"), "f", &w->policy, NULL) < 0 ||
	    budget_new(&budget_defaults, seed, &w->budget) < 0 ||
	    replay_open(w->folder, STR("boot"), NOW - 100'000, 60'000, &w->replay, NULL) < 0 ||
	    chain_open(w->folder, NOW, &w->chain, NULL) < 0 ||
	    judge_new(&(struct judge_setup){ .host = &w->host,
					     .policy = &w->policy,
					     .budget = w->budget,
					     .replay = w->replay,
					     .chain = w->chain,
					     .lookup = look_up,
					     .user = w },
		      &w->judge) < 0)
		fail("judge");
}

static void close_judge(struct world *w)
{
	static const char *const names[] = { CHAIN_LOG, CHAIN_KEY, CHAIN_HEAD, REPLAY_NAME };

	judge_free(&w->judge);
	chain_close(&w->chain);
	replay_close(&w->replay);
	budget_free(&w->budget);
	jit_policy_release(&w->policy);
	for (size_t i = 0; i < COUNT(names); i++)
		unlinkat(w->folder, names[i], 0);
	close(w->folder);
	rmdir(w->path);
}

static enum judge_outcome hear(struct world *w, struct str d, net_addr from, int64_t mono)
{
	judge_datagram(w->judge, d, from, NOW, mono, &w->got);
	return w->got.outcome;
}

/* CPU seconds a packet that ends at the mark. */
static void junk(struct world *w, const char *name, struct str d, size_t n)
{
	double memory = resident_mib(), cpu = clock_of(CLOCK_PROCESS_CPUTIME_ID);
	char shown[64];

	for (size_t i = 0; i < n; i++)
		if (hear(w, d, net_v4((uint32_t)i * 2'654'435'761U), 5'000) != JUDGE_DROPPED)
			fail("junk was opened");
	tell(name, (clock_of(CLOCK_PROCESS_CPUTIME_ID) - cpu) / (double)n);
	snprintf(shown, sizeof shown, "%s-memory", name);
	tell(shown, resident_mib() - memory);
}

/* Ten seconds of 20,000 packets that bear the mark, in the judge's own time; the owner knocks in each. */
static void flood(struct world *w)
{
	struct buf own(buf_release) bad = sealed(w, &w->key, &w->eve, NOW);
	double cpu, memory, owner = 0;
	unsigned in = 0;

	memory = resident_mib();
	cpu = clock_of(CLOCK_PROCESS_CPUTIME_ID);
	for (unsigned i = 0; i < 200'000; i++) {
		int64_t mono = 100'000 + i / 20;

		(void)hear(w, buf_view(&bad), net_v4(0x0a090000 + i % SOURCES * 256), mono);
		if (i % 20'000 == 10'000) {
			double before = clock_of(CLOCK_PROCESS_CPUTIME_ID);
			struct buf own(buf_release) good = sealed(w, &w->key, &w->ann, NOW);

			owner += clock_of(CLOCK_PROCESS_CPUTIME_ID) - before;
			in += hear(w, buf_view(&good), HOME, mono) == JUDGE_OPEN;
		}
	}
	tell("flood", (clock_of(CLOCK_PROCESS_CPUTIME_ID) - cpu - owner) / 10);
	tell("flood-memory", resident_mib() - memory);
	tell("flood-owner", in);
}

static int by_value(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;

	return (a > b) - (a < b);
}

/* From the datagram to the decision, with its line in the audit log. */
static void good(struct world *w)
{
	static double spent[2'000];

	for (size_t i = 0; i < COUNT(spent); i++) {
		struct buf own(buf_release) d = sealed(w, &w->key, &w->ann, NOW);
		double before = clock_of(CLOCK_MONOTONIC);

		if (hear(w, buf_view(&d), HOME, 10'000'000 + (int64_t)i * 1'000) != JUDGE_OPEN)
			fail("a good request was refused");
		spent[i] = clock_of(CLOCK_MONOTONIC) - before;
	}
	qsort(spent, COUNT(spent), sizeof *spent, by_value);
	tell("good-median", spent[COUNT(spent) / 2]);
	tell("good-p99", spent[COUNT(spent) * 99 / 100]);
}

/* What any way to open and verify costs: a multiplication of X25519 and one signature. */
static void limit(const struct world *w)
{
	unsigned char a[32] = { 5 }, out[32], sig[64];
	double cpu;
	unsigned n = 2'000;

	crypto_sign_detached(sig, NULL, a, sizeof a, w->ann.sk);
	cpu = clock_of(CLOCK_PROCESS_CPUTIME_ID);
	for (unsigned i = 0; i < n; i++)
		if (crypto_scalarmult(out, a, w->host.public) ||
		    crypto_sign_verify_detached(sig, a, sizeof a, w->ann.pk))
			fail("libsodium");
	tell("limit", (clock_of(CLOCK_PROCESS_CPUTIME_ID) - cpu) / n);
}

static int judge(const char *path)
{
	static struct world w;
	struct buf own(buf_release) wrong = {};
	unsigned char noise[400];

	open_key(&w, path);
	open_judge(&w);
	wrong = sealed(&w, &w.other, &w.eve, NOW);
	tell("size", (double)wrong.len);
	randombytes_buf(noise, sizeof noise);
	noise[0] = 2;
	junk(&w, "random", (struct str){ (char *)noise, sizeof noise }, 1'000'000);
	noise[0] = 1;
	junk(&w, "random-version", (struct str){ (char *)noise, sizeof noise }, 1'000'000);
	junk(&w, "wrong", buf_view(&wrong), 1'000'000);
	limit(&w);
	good(&w);
	{
		struct buf own(buf_release) known = sealed(&w, &w.key, &w.ann, NOW);

		if (hear(&w, buf_view(&known), HOME, 50'000'000) != JUDGE_OPEN)
			fail("the owner was refused");
	}
	close_judge(&w);
	open_judge(&w);
	{
		struct buf own(buf_release) known = sealed(&w, &w.key, &w.ann, NOW);

		if (hear(&w, buf_view(&known), HOME, 99'000) != JUDGE_OPEN)
			fail("the owner was refused");
	}
	flood(&w);
	close_judge(&w);
	return 0;
}

/* ---- sending ---- */

struct sender {
	int fds[SOURCES];
	unsigned n_fds;
	struct buf list[VARIETY];
	unsigned n_list;
	struct sockaddr_in to;
};

static void prepare(struct world *w, const char *kind, struct sender *s)
{
	int64_t now = (int64_t)time(NULL) * 1000;

	s->n_list = !strcmp(kind, "random") ? VARIETY : 256;
	for (unsigned i = 0; i < s->n_list; i++) {
		if (!strcmp(kind, "random")) {
			s->list[i] = BUF(KNOCK_MAX);
			for (size_t k = 0; k < 400; k += 8) {
				uint64_t v;

				randombytes_buf(&v, sizeof v);
				buf_add(&s->list[i], &v, sizeof v);
			}
			*s->list[i].ptr = (char)(i % 2);
		} else {
			s->list[i] = sealed(w, !strcmp(kind, "wrong") ? &w->other : &w->key,
					    &w->eve, now);
		}
	}
}

static void open_sources(struct sender *s, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct sockaddr_in from = { .sin_family = AF_INET };
		int size = 4 << 20;

		s->fds[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		from.sin_addr.s_addr = htonl(0x0a090000 + i * 64 + 1);
		if (s->fds[i] < 0 ||
		    setsockopt(s->fds[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof size) < 0 ||
		    bind(s->fds[i], (struct sockaddr *)&from, sizeof from) < 0 ||
		    connect(s->fds[i], (struct sockaddr *)&s->to, sizeof s->to) < 0)
			fail("source address");
	}
	s->n_fds = n;
}

static uint64_t send_batch(struct sender *s, uint64_t at, unsigned n)
{
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	int sent;

	for (unsigned i = 0; i < n; i++) {
		const struct buf *b = &s->list[(at + i) % s->n_list];

		parts[i] = (struct iovec){ b->ptr, b->len };
		messages[i] = (struct mmsghdr){
			.msg_hdr = {.msg_iov = &parts[i], .msg_iovlen = 1}
		};
	}
	sent = sendmmsg(s->fds[at / BATCH % s->n_fds], messages, n, 0);
	return sent > 0 ? (uint64_t)sent : 0;
}

static int send_all(char **argv)
{
	static struct world w;
	static struct sender s;
	uint64_t rate, seconds, sources, port, sent = 0, tried = 0;
	double begin;

	if (str_to_u64(str_of(argv[3]), 10, &port) || str_to_u64(str_of(argv[4]), 10, &rate) ||
	    str_to_u64(str_of(argv[5]), 10, &seconds) ||
	    str_to_u64(str_of(argv[6]), 10, &sources) || !sources || sources > SOURCES || !rate ||
	    seconds > 60 || rate > 1000000)
		fail("numbers");
	s.to = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	if (inet_pton(AF_INET, argv[2], &s.to.sin_addr) != 1)
		fail("an IPv4 address");
	open_key(&w, argv[1]);
	prepare(&w, argv[0], &s);
	open_sources(&s, (unsigned)sources);
	begin = clock_of(CLOCK_MONOTONIC);
	while (clock_of(CLOCK_MONOTONIC) - begin < (double)seconds) {
		uint64_t due = (uint64_t)((clock_of(CLOCK_MONOTONIC) - begin) * (double)rate);

		if (due <= tried) {
			usleep(200);
			continue;
		}
		sent += send_batch(&s, tried, BATCH);
		tried += BATCH;
	}
	tell("sent", (double)sent);
	tell("seconds", clock_of(CLOCK_MONOTONIC) - begin);
	return 0;
}

int main(int argc, char **argv)
{
	if (sodium_init() < 0)
		return 3;
	if (argc == 3 && !strcmp(argv[1], "judge"))
		return judge(argv[2]);
	if (argc == 9 && !strcmp(argv[1], "send"))
		return send_all(argv + 2);
	fail("usage: jit_run judge KEY | send KIND KEY ADDRESS PORT RATE SECONDS SOURCES");
}
