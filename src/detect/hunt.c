/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/cache.h"
#include "detect/hunt_work.h"
#include "detect/memo.h"
#include "detect/wanted.h"

#define FILTER_MEMORY ((size_t)256 << 20)
/* Events that wait until what they need has come from memory; and in one thread for their turn. */
#define AHEAD 32U
#define BATCH AHEAD

/* What a person wants to see of an event beside what rules ask for. */
static const char *const shown[] = {
	"hostname", "program", "method",    "command",  "cs-method",
	"cs-host",  "cs-uri",  "sc-status", "Computer", "cs-user-agent"
};

static int add_names(struct names *names)
{
	uint16_t id;
	int r = actors_fields(names);

	for (size_t i = 0; r >= 0 && i < COUNT(shown); i++)
		r = names_add(names, str_of(shown[i]), &id);
	return r;
}

int hunt_new(const struct rule_text *texts, size_t n, struct str placeholders, rule_fn *report,
	     void *user, const struct hunt_options *o, struct hunt **ret)
{
	own(hunt_release) struct hunt *h = calloc(1, sizeof *h);
	struct correlator_options co = { .memory = o->memory };
	int r = h ? names_new(&h->names) : -ENOMEM;

	if (r < 0)
		return r;
	h->o = *o;
	h->arena.limit = FILTER_MEMORY;
	r = rules_compile_cached(o->cache, texts, n, h->names, placeholders, report, user,
				 &h->rules);
	if (r >= 0)
		r = add_names(h->names);
	if (r >= 0 && o->fields)
		r = o->fields(h->names);
	if (r >= 0)
		r = wanted_lines(h->rules, h->names, &h->arena, &h->filters);
	if (r >= 0)
		r = matcher_new(h->rules, &h->matcher);
	if (r >= 0)
		r = memo_new(h->rules, &h->memo);
	if (r >= 0)
		r = correlator_new(h->rules, h->names, &co, &h->correlator);
	if (r >= 0 && !o->no_actors)
		r = actors_new(h->rules, h->names, h->correlator, &h->actors);
	if (r < 0)
		return r;
	*ret = h;
	h = NULL;
	return 0;
}

void hunt_release(struct hunt **h)
{
	if (*h) {
		actors_release(&(*h)->actors);
		correlator_release(&(*h)->correlator);
		memo_release(&(*h)->memo);
		batch_release(&(*h)->batch);
		matcher_release(&(*h)->matcher);
		rules_release(&(*h)->rules);
		names_release(&(*h)->names);
		arena_release(&(*h)->arena);
		free(*h);
	}
	*h = NULL;
}

const struct names *hunt_names(const struct hunt *h) { return h->names; }
const struct rules *hunt_rules(const struct hunt *h) { return h->rules; }
const struct reader_filter *hunt_filters(const struct hunt *h) { return h->filters; }
struct actors *hunt_actors(struct hunt *h) { return h->actors; }

void hunt_stats(const struct hunt *h, struct hunt_stats *ret)
{
	*ret = h->stats;
	correlator_stats(h->correlator, &ret->correlations);
}

static int tell(void *user, const struct alert *a)
{
	struct hunt *h = user;

	if (h->actors)
		actors_alert(h->actors, a);
	return a->rule->level >= h->o.level ? h->fn(h->user, a) : 0;
}

static int take_matched(struct hunt *h, const struct event *e, const struct rule *const *rules,
			size_t n, const struct expected *x)
{
	int r;

	h->stats.matched++;
	r = h->match ? h->match(h->match_user, e, rules, n) : 0;
	if (r >= 0)
		r = correlator_add_expected(h->correlator, e, rules, n, x, tell, h);
	if (r >= 0 && h->actors)
		actors_event(h->actors, e, rules, n);
	return r;
}

static int take_some(struct hunt *h, struct batch *b, size_t from, size_t n)
{
	struct expected *x = &b->expected[from];
	const struct rule *const *rules;
	size_t n_rules;
	int r = 0;

	for (unsigned step = 0; step < EXPECTED_STEPS; step++) {
		correlator_fetch(h->correlator, step, x, n);
		if (h->actors)
			actors_fetch(h->actors, step, x, n);
	}
	for (size_t i = 0; r >= 0 && i < n; i++) {
		const struct event *e = batch_get(b, from + i, &rules, &n_rules);

		r = take_matched(h, e, rules, n_rules, &x[i]);
	}
	return r;
}

int hunt_batch(struct hunt *h, struct batch *b)
{
	int r = 0;

	for (size_t from = 0; r >= 0 && from < b->n; from += AHEAD)
		r = take_some(h, b, from, MIN(b->n - from, AHEAD));
	return r;
}

static int flush(struct hunt *h)
{
	int r = hunt_batch(h, &h->batch);

	batch_reset(&h->batch, h->batch.block);
	return r;
}

static int take_event(void *user, const struct event *e)
{
	struct hunt *h = user;
	const struct rule *const *rules;
	size_t n;
	int r;

	if (!hunt_wants(h, e))
		return 0;
	h->stats.events += 1 + (uint64_t)e->more;
	if (e->idle)
		return 0;
	r = memo_match(h->memo, h->matcher, e, &rules, &n);
	if (r < 0 || !n)
		return r;
	/* What makes its texts when they are asked for is asked for what is needed only. */
	if (e->text) {
		r = flush(h);
		return r < 0 ? r : take_matched(h, e, rules, n, NULL);
	}
	r = batch_add(&h->batch, h->correlator, e, rules, n);
	return r < 0 || h->batch.n < BATCH ? r : flush(h);
}

static int run_alone(struct hunt *h, struct reader *reader)
{
	struct reader_block *b = NULL;
	int r;

	while ((r = reader_next(reader, &b)) > 0) {
		batch_reset(&h->batch, b->text);
		r = reader_decode(reader, b, take_event, h);
		if (r == 0)
			r = flush(h);
		reader_done(reader, &b);
		if (r == 0)
			r = reader_progress(reader);
		if (r)
			return r;
	}
	return r;
}

int hunt_run(struct hunt *h, struct reader *r, alert_fn *fn, void *user)
{
	uint64_t seed[2];

	reader_digest(r, seed);
	correlator_seed(h->correlator, seed);
	h->fn = fn;
	h->user = user;
	return h->o.threads > 1 ? hunt_parallel(h, r) : run_alone(h, r);
}

int hunt_event(struct hunt *h, const struct event *e, alert_fn *fn, void *user)
{
	const struct rule *const *rules;
	size_t n;
	int r;

	if (!hunt_wants(h, e))
		return 0;
	h->fn = fn;
	h->user = user;
	h->stats.events += 1 + (uint64_t)e->more;
	if (e->idle)
		return 0;
	r = memo_match(h->memo, h->matcher, e, &rules, &n);
	return r < 0 || !n ? r : take_matched(h, e, rules, n, NULL);
}

void hunt_on_match(struct hunt *h, hunt_match_fn *fn, void *user)
{
	h->match = fn;
	h->match_user = user;
}

int hunt_recall(struct hunt *h, const struct event *e, const struct rule *const *rules, size_t n,
		alert_fn *fn, void *user)
{
	return correlator_add(h->correlator, e, rules, n, fn, user);
}
