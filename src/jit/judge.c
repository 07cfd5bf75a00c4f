/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jit/judge_work.h"
#include "ssh/wire.h"

#define LOOKUP_MAX ((size_t)16 << 20) /* bytes of an account's files */

int judge_new(const struct judge_setup *setup, struct judge **ret)
{
	struct judge *j = calloc(1, sizeof *j);

	if (!j)
		return -ENOMEM;
	j->setup = *setup;
	j->lines_at = j->drops.at = j->drops.told_at = INT64_MIN / 2;
	*ret = j;
	return 0;
}

void judge_free(struct judge **j)
{
	free(*j);
	*j = NULL;
}

struct judge_counts judge_counts(const struct judge *j) { return j->counts; }

/* Why the key may not speak for the account; NULL: it may. */
static const char *ask_files(const struct judge_account *a, const struct public_key *k,
			     const struct applicant *who)
{
	enum authorized best = AUTHORIZED_UNKNOWN, said;
	unsigned line;

	for (size_t i = 0; i < MIN(a->n_keys, JUDGE_FILES_MAX); i++) {
		if (authorized_keys_ask(a->keys[i], k, who, &said, &line) < 0)
			return "the account's keys cannot be read";
		if (said == AUTHORIZED_YES)
			return NULL;
		best = best == AUTHORIZED_UNKNOWN ? said : best;
	}
	if (k->certified && a->authorities.len) {
		if (authorized_authority_ask(a->authorities, a->principals, k, who, &said) < 0)
			return "the account's authorities cannot be read";
		if (said == AUTHORIZED_YES)
			return NULL;
		best = best == AUTHORIZED_UNKNOWN ? said : best;
	}
	return authorized_text(best);
}

/* The certificate would do, were the account one of the names that it has. */
static bool is_good_but_for(const struct judge_account *a, const struct public_key *k,
			    const struct applicant *who)
{
	struct wire w = { .s = k->certificate.principals };
	struct str first = wire_string(&w);
	enum authorized said;

	return !w.bad && first.len &&
	       authorized_authority_ask(a->authorities, first, k, who, &said) == 0 &&
	       said == AUTHORIZED_YES;
}

static const char not_yet[] = "a program is asked";

static const char *no_answer(int error, const char *otherwise)
{
	switch (error) {
	case -EINPROGRESS: return not_yet;
	case -EALREADY: return "the request was taken before";
	case -EBUSY: return "too many requests wait for what a program says";
	default: return otherwise;
	}
}

static const char *ask_principals(const struct judge_case *c, const struct judge_account *a,
				  const struct public_key *k, const struct applicant *who,
				  const char *refused)
{
	struct arena own(arena_release) arena = { .limit = LOOKUP_MAX };
	const struct judge_setup *s = &c->judge->setup;
	struct judge_account said = {};
	enum authorized verdict;
	int r;

	if (!a->names_command || !s->ask || !k->certified || !is_good_but_for(a, k, who))
		return refused;
	r = s->ask(s->user, JUDGE_PRINCIPALS, who->account, k->blob, &arena, &said);
	if (r < 0)
		return no_answer(r, "the program of AuthorizedPrincipalsCommand does not say");
	if (!said.may_log_in)
		return "the account may not log in";
	if (!said.principals.ptr ||
	    authorized_authority_ask(a->authorities, said.principals, k, who, &verdict) < 0)
		return refused;
	return verdict == AUTHORIZED_YES ? NULL : refused;
}

static const char *ask_program(const struct judge_case *c, const struct judge_account *a,
			       const struct public_key *k, const struct applicant *who,
			       const char *refused)
{
	struct arena own(arena_release) arena = { .limit = LOOKUP_MAX };
	const struct judge_setup *s = &c->judge->setup;
	struct judge_account said = {};
	const char *why;
	int r;

	if (!a->command || !s->ask || refused == not_yet)
		return refused;
	r = s->ask(s->user, JUDGE_KEYS, who->account, k->blob, &arena, &said);
	if (r < 0)
		return no_answer(r, "the program of AuthorizedKeysCommand does not say");
	if (!said.may_log_in)
		return "the account may not log in";
	why = ask_files(&said, k, who);
	return why && !strcmp(why, authorized_text(AUTHORIZED_UNKNOWN)) ? refused : why;
}

/* The i-th signature holds, and its key may speak for the account. NULL, or why not. */
static const char *ask_key(const struct judge_case *c, unsigned i, const struct judge_account *a)
{
	const struct public_key *k = &c->ret->opened.signatures[i].key;
	struct applicant who = {
		.account = c->ret->opened.knock.account,
		.address = c->from,
		.now = c->now / 1000,
	};
	const char *why;
	unsigned flags;
	int revoked;

	if (public_key_fingerprint(k, c->ret->keys[i]) < 0)
		return "the key has no fingerprint";
	if (knock_verify(&c->ret->opened, i, &flags) != KNOCK_GOOD)
		return knock_fault_text(KNOCK_SIGNATURE);
	who.signed_flags = flags;
	if (i == 0)
		c->ret->flags = flags;
	revoked = a->revoked.len ? authorized_revoked(a->revoked, k) : 0;
	if (revoked)
		return revoked > 0 ? "the key is revoked"
				   : "the list of revoked keys is not understood";
	/* Programs are asked last, as sshd does, and never for who has not the key's other half. */
	why = ask_files(a, k, &who);
	if (why)
		why = ask_principals(c, a, k, &who, why);
	return why ? ask_program(c, a, k, &who, why) : NULL;
}

/* Both of two must hold: whoever adds a bad one is refused. */
static const char *ask_keys(struct judge_case *c)
{
	struct arena own(arena_release) arena = { .limit = LOOKUP_MAX };
	const struct judge_setup *s = &c->judge->setup;
	struct judge_account a = {};
	const char *why = NULL;

	if (s->lookup(s->user, c->ret->opened.knock.account, &arena, &a) < 0)
		return "the account cannot be looked up";
	/* Before any public-key work, and with the words for a key that is not known. */
	if (!a.may_log_in)
		return "the account may not log in";
	for (unsigned i = 0; i < c->ret->opened.n_signatures && !why; i++)
		why = ask_key(c, i, &a);
	if (why)
		return why;
	c->seconded =
		c->ret->opened.n_signatures > 1 && strcmp(c->ret->keys[0], c->ret->keys[1]) != 0;
	c->trusted = true;
	return NULL;
}

static const char *ask_clock(const struct judge_case *c)
{
	const struct knock *k = &c->ret->opened.knock;

	switch (replay_ask(c->judge->setup.replay, k->id, k->time, c->now)) {
	case REPLAY_NEW: return NULL;
	case REPLAY_SEEN: return "the request was taken before";
	case REPLAY_SKEWED: return "its clock is too far off";
	case REPLAY_OLD: return "older than the requests that are remembered";
	}
	return "its time is not understood";
}

static struct judge_waiting *find_waiting(struct judge *j, const unsigned char *id,
					  int64_t monotonic)
{
	for (unsigned i = 0; i < JUDGE_WAITING_MAX; i++) {
		struct judge_waiting *w = &j->waiting[i];

		if (w->used && w->until < monotonic)
			w->used = false;
		if (w->used && !memcmp(w->knock.id, id, KNOCK_ID))
			return w;
	}
	return NULL;
}

static const char *wait_for_second(struct judge_case *c)
{
	const struct knock *k = &c->ret->opened.knock;
	struct judge_waiting *w = NULL;
	unsigned mine = 0;

	for (unsigned i = 0; i < JUDGE_WAITING_MAX; i++) {
		struct judge_waiting *at = &c->judge->waiting[i];

		if (!at->used || at->until < c->monotonic)
			w = at;
		else
			mine += !strcmp(at->key, c->ret->keys[0]);
	}
	if (!w || mine >= JUDGE_WAITING_EACH)
		return "too many requests wait for a second person";
	*w = (struct judge_waiting){ .used = true,
				     .until = c->monotonic + JUDGE_WAITING_MS,
				     .knock = *k,
				     .decision = c->ret->decision };
	memcpy(w->account, k->account.ptr, k->account.len);
	memcpy(w->reason, k->reason.ptr, k->reason.len);
	w->knock.account.ptr = w->account;
	w->knock.reason.ptr = w->reason;
	memcpy(w->key, c->ret->keys[0], sizeof w->key);
	c->ret->outcome = JUDGE_WAITS;
	return NULL;
}

static bool has_ports(const struct knock *all, const struct knock *some)
{
	for (unsigned i = 0; i < some->n_ports; i++) {
		bool found = false;

		for (unsigned k = 0; k < all->n_ports; k++)
			found |= all->ports[k].port == some->ports[i].port &&
				 all->ports[k].protocol == some->ports[i].protocol;
		if (!found)
			return false;
	}
	return true;
}

static struct jit_decision decide(const struct judge_case *c, const struct knock *k, bool seconded)
{
	const struct public_key *key = &c->ret->opened.signatures[0].key;

	return jit_policy_decide(c->judge->setup.policy,
				 &(struct jit_request){
					 .knock = k,
					 .from = c->from,
					 .key = str_of(c->ret->keys[0]),
					 .certificate = key->certified ? &key->certificate : NULL,
					 .signed_flags = c->ret->flags,
					 .seconded = seconded,
					 .now = c->now / 1000,
				 });
}

/* Who approves must be let in to the same ports himself, were there a second person. */
static const char *approve(struct judge_case *c)
{
	const struct knock *k = &c->ret->opened.knock;
	struct judge_waiting *w = find_waiting(c->judge, k->subject, c->monotonic);
	struct jit_decision d = decide(c, k, true);

	if (!w)
		return "no such request waits";
	if (!strcmp(w->key, c->ret->keys[0]))
		return "the key that asked cannot approve";
	if (d.verdict != JIT_GRANTED)
		return jit_verdict_text(d.verdict);
	if (!has_ports(k, &w->knock))
		return "the ports are not those of the request that waits";
	c->ret->outcome = JUDGE_OPEN;
	c->ret->decision = w->decision;
	c->ret->decision.verdict = JIT_GRANTED;
	c->ret->knock = &w->knock;
	memcpy(c->ret->keys[1], w->key, sizeof w->key);
	w->used = false;
	return NULL;
}

static const char *ask_policy(struct judge_case *c)
{
	const struct knock *k = &c->ret->opened.knock;

	if (k->action == KNOCK_APPROVE)
		return approve(c);
	/* Who may log in may always shut the door behind him. */
	if (k->action == KNOCK_CLOSE) {
		c->ret->outcome = JUDGE_CLOSE;
		return NULL;
	}
	c->ret->decision = decide(c, k, c->seconded);
	if (c->ret->decision.verdict == JIT_WAITS)
		return wait_for_second(c);
	if (c->ret->decision.verdict != JIT_GRANTED)
		return jit_verdict_text(c->ret->decision.verdict);
	c->ret->outcome = JUDGE_OPEN;
	return NULL;
}

static const char *hear(struct judge_case *c, struct str datagram)
{
	const struct judge_setup *s = &c->judge->setup;
	struct knock_opened *o = &c->ret->opened;
	enum knock_fault fault = knock_open(s->host, datagram, o);
	const char *why;

	if (fault != KNOCK_GOOD && fault != KNOCK_HOST)
		o->knock = (struct knock){}; /* may be half read */
	if (fault != KNOCK_GOOD)
		return knock_fault_text(fault);
	why = ask_clock(c);
	if (!why)
		why = ask_keys(c);
	if (why)
		return why;
	if (replay_add(s->replay, o->knock.id, o->knock.time, c->now) < 0)
		return "the request cannot be remembered";
	budget_good(s->budget, c->from, c->monotonic);
	return ask_policy(c);
}

static void count(struct judge *j, enum judge_outcome o)
{
	j->counts.refused += o == JUDGE_REFUSED;
	j->counts.waits += o == JUDGE_WAITS;
	j->counts.opened += o == JUDGE_OPEN;
	j->counts.closed += o == JUDGE_CLOSE;
}

static void judge_it(struct judge_case *c, struct str datagram)
{
	struct judgement *r = c->ret;

	r->outcome = JUDGE_REFUSED;
	r->knock = &r->opened.knock;
	r->why = hear(c, datagram);
	if (r->why == not_yet) {
		r->outcome = JUDGE_ASKS;
		return;
	}
	if (r->why)
		r->outcome = JUDGE_REFUSED;
	if (judge_tell(c) < 0 && r->outcome != JUDGE_CLOSE) {
		r->outcome = JUDGE_REFUSED;
		r->why = "the audit log cannot be written";
	}
	count(c->judge, r->outcome);
}

static void clear(struct judgement *r)
{
	/* Not the buffer of 4 KB, which junk does not reach. */
	r->outcome = JUDGE_DROPPED;
	r->why = NULL;
	r->knock = NULL;
	r->opened.knock = (struct knock){};
	r->opened.n_signatures = 0;
	r->decision = (struct jit_decision){};
	r->keys[0][0] = r->keys[1][0] = '\0';
	r->flags = 0;
	r->told = false;
}

void judge_datagram(struct judge *j, struct str datagram, net_addr from, int64_t now,
		    int64_t monotonic, struct judgement *ret)
{
	struct judge_case c = {
		.judge = j, .ret = ret, .from = from, .now = now, .monotonic = monotonic
	};

	enum budget_verdict v;

	clear(ret);
	if (!knock_marked(j->setup.host, datagram)) {
		j->counts.unmarked++;
		judge_drop(&c, datagram.len < KNOCK_MIN || datagram.len > KNOCK_MAX
				       ? JUDGE_DROP_SIZE
				       : JUDGE_DROP_MARK);
		return;
	}
	v = budget_take(j->setup.budget, from, monotonic);
	if (v != BUDGET_TAKEN) {
		j->counts.over_budget++;
		judge_drop(&c, v == BUDGET_PREFIX ? JUDGE_DROP_PREFIX : JUDGE_DROP_TOTAL);
		return;
	}
	judge_it(&c, datagram);
}

void judge_junk(struct judge *j, bool size, net_addr from, int64_t now, int64_t monotonic,
		struct judgement *ret)
{
	struct judge_case c = {
		.judge = j, .ret = ret, .from = from, .now = now, .monotonic = monotonic
	};

	clear(ret);
	j->counts.unmarked++;
	judge_drop(&c, size ? JUDGE_DROP_SIZE : JUDGE_DROP_MARK);
}

void judge_handed(struct judge *j, struct str datagram, net_addr from, int64_t now,
		  int64_t monotonic, struct judgement *ret)
{
	struct judge_case c = {
		.judge = j, .ret = ret, .from = from, .now = now, .monotonic = monotonic
	};

	clear(ret);
	judge_it(&c, datagram);
}
