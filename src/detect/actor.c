/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/actor.h"
#include "base/prefetch.h"

#define NAME_MAX_LEN 64U
#define SET_FIRST 3U
#define SET_LAST 13U /* ACTOR_ACCOUNTS_MAX at half full */
#define TEXTS_MAX ((size_t)32 << 20)

/* What the names of fields mean. The first that an event has counts. */
static const char *const sources[] = { "src_ip",      "c-ip",           "IpAddress",
				       "SourceIp",    "SourceAddress",  "ClientIP",
				       "remote_addr", "client.ip",      "source.ip",
				       "Workstation", "WorkstationName" };
static const char *const accounts[] = { "target_user", "user",        "TargetUserName",
					"User",        "cs-username", "user.name" };

/* Who was told about. */
struct kept {
	struct actor actor;
	uint64_t key;
	uint32_t *set;
	unsigned log_set;
};

struct actors {
	struct correlator *correlator;
	struct arena texts;
	struct kept *kept;
	size_t n, cap;
	uint32_t *index; /* number + 1 */
	size_t index_mask;
	uint64_t more;
	bool *is_attack, *is_entry; /* one a rule */
	/* Of the correlator, those that it has; 0 behind them. */
	unsigned slots[COUNT(sources) + 1], account_slots[COUNT(accounts) + 1];
	uint8_t *roles; /* one a name: place in sources + 1, or 128 + in accounts */
	size_t n_names;
	const struct actor **list;
};

int actors_fields(struct names *names)
{
	uint16_t id;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(sources); i++)
		r = names_add(names, str_of(sources[i]), &id);
	for (size_t i = 0; r >= 0 && i < COUNT(accounts); i++)
		r = names_add(names, str_of(accounts[i]), &id);
	return r;
}

static void find_slots(const struct actors *a, const struct names *names, const char *const *list,
		       size_t n, bool address, unsigned *ret)
{
	for (size_t i = 0; i < n; i++) {
		uint16_t field = names_find(names, str_of(list[i]));

		*ret = field ? correlator_slot(a->correlator, field, address) : 0;
		ret += *ret != 0;
	}
}

static int find_roles(struct actors *a, const struct names *names)
{
	for (size_t i = 0; i < COUNT(sources); i++)
		a->n_names = MAX(a->n_names, names_find(names, str_of(sources[i])) + 1U);
	for (size_t i = 0; i < COUNT(accounts); i++)
		a->n_names = MAX(a->n_names, names_find(names, str_of(accounts[i])) + 1U);
	a->roles = arena_alloc(&a->texts, a->n_names + 1);
	if (!a->roles)
		return -ENOMEM;
	for (size_t i = 0; i < COUNT(sources); i++)
		a->roles[names_find(names, str_of(sources[i]))] = (uint8_t)(i + 1);
	for (size_t i = 0; i < COUNT(accounts); i++)
		a->roles[names_find(names, str_of(accounts[i]))] = (uint8_t)(128 + i);
	a->roles[0] = 0;
	find_slots(a, names, sources, COUNT(sources), true, a->slots);
	find_slots(a, names, accounts, COUNT(accounts), false, a->account_slots);
	return 0;
}

static bool has_tag(const struct rule *r, struct str prefix)
{
	for (size_t i = 0; i < r->n_tags; i++)
		if (str_istarts(r->tags[i], prefix))
			return true;
	return false;
}

static int find_rules(struct actors *a, const struct rules *r)
{
	size_t n = rules_count(r);

	a->is_attack = arena_array(&a->texts, n + 1, 1);
	a->is_entry = arena_array(&a->texts, n + 1, 1);
	if (!a->is_attack || !a->is_entry)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		a->is_entry[i] = has_tag(rules_get(r, i), STR("attack.t1078"));
		a->is_attack[i] = !a->is_entry[i] && has_tag(rules_get(r, i), STR("attack."));
	}
	return 0;
}

int actors_new(const struct rules *r, const struct names *names, struct correlator *c,
	       struct actors **ret)
{
	struct actors *a = calloc(1, sizeof *a);
	int e = a ? 0 : -ENOMEM;

	if (e >= 0) {
		a->correlator = c;
		a->texts.limit = TEXTS_MAX;
		a->index_mask = 1023;
		a->index = calloc(a->index_mask + 1, sizeof *a->index);
		e = a->index ? find_roles(a, names) : -ENOMEM;
	}
	if (e >= 0)
		e = find_rules(a, r);
	if (e < 0) {
		actors_release(&a);
		return e;
	}
	*ret = a;
	return 0;
}

void actors_release(struct actors **a)
{
	if (*a) {
		for (size_t i = 0; i < (*a)->n; i++)
			free((*a)->kept[i].set);
		free((*a)->kept);
		free((*a)->index);
		free((*a)->list);
		arena_release(&(*a)->texts);
		free(*a);
	}
	*a = NULL;
}

/* What an event says of its source and its account. */
struct deed {
	const struct event *event;
	const struct event_value *source, *account;
	uint64_t key;
	int64_t time;
	bool many; /* the source is one of many */
};

static bool read_deed(const struct actors *a, const struct event *e, struct deed *ret)
{
	unsigned source = UINT8_MAX, account = UINT8_MAX;

	*ret = (struct deed){ .event = e, .time = e->time };
	for (uint32_t i = 0; i < e->n; i++) {
		const struct event_value *v = &e->values[i];
		unsigned role = v->field < a->n_names ? a->roles[v->field] : 0;

		if (!role || v->type == VALUE_NULL || !event_text(e, v).len ||
		    (role < 128 && str_eq(event_text(e, v), STR("-"))))
			continue;
		if (role < 128 && role < source) {
			source = role;
			ret->source = v;
		} else if (role >= 128 && role < account) {
			account = role;
			ret->account = v;
		}
	}
	if (ret->source)
		ret->key = correlator_hash(a->correlator, e, ret->source->field, true);
	return ret->source != NULL;
}

static uint32_t *index_slot(const struct actors *a, uint64_t key)
{
	size_t i = key & a->index_mask;

	while (a->index[i] && a->kept[a->index[i] - 1].key != key)
		i = (i + 1) & a->index_mask;
	return &a->index[i];
}

/* True: a new one. The set is at most half full. */
static bool set_add(uint32_t *set, unsigned log, uint32_t tag)
{
	uint32_t mask = (1U << log) - 1, i = tag & mask;

	for (; set[i]; i = (i + 1) & mask)
		if (set[i] == tag)
			return false;
	set[i] = tag;
	return true;
}

static struct str short_text(struct actors *a, struct str s)
{
	return arena_str(&a->texts, str_sub(s, 0, MIN(s.len, NAME_MAX_LEN)));
}

/* True: it is new. */
static bool count_account(struct kept *k, uint32_t tag)
{
	struct actor *x = &k->actor;

	if (x->accounts >= ACTOR_ACCOUNTS_MAX)
		return false;
	if (x->accounts * 2 >= 1U << k->log_set) {
		uint32_t *set = calloc((size_t)2 << k->log_set, sizeof *set);

		for (uint32_t i = 0; set && i < 1U << k->log_set; i++)
			if (k->set[i])
				set_add(set, k->log_set + 1, k->set[i]);
		if (!set)
			return false;
		free(k->set);
		k->set = set;
		k->log_set++;
	}
	if (!set_add(k->set, k->log_set, tag))
		return false;
	x->accounts++;
	return true;
}

/* What was told of it before its name was heard has no name: names are those from then on. */
static void name_account(struct actors *a, struct kept *k, const struct deed *d)
{
	struct str *names = k->actor.names;
	size_t n = 0;

	while (n < ACTOR_NAMES && names[n].ptr &&
	       !str_eq(names[n], event_text(d->event, d->account)))
		n++;
	if (n < ACTOR_NAMES && !names[n].ptr &&
	    event_text(d->event, d->account).len <= NAME_MAX_LEN)
		names[n] = short_text(a, event_text(d->event, d->account));
}

static void note_account(struct actors *a, struct kept *k, const struct deed *d)
{
	uint64_t hash =
		d->account ? correlator_hash(a->correlator, d->event, d->account->field, false) : 0;

	if (!hash)
		return;
	if (count_account(k, correlator_tag(hash)) || !k->actor.names[0].ptr)
		name_account(a, k, d);
}

static void note_kept(struct actors *a, struct kept *k, const struct deed *d)
{
	k->actor.first = MIN(k->actor.first, d->time);
	k->actor.last = MAX(k->actor.last, d->time);
	k->actor.attempts++;
	note_account(a, k, d);
}

/* The first of the slots that the correlator took a value of for this event. */
static uint64_t taken(const struct actors *a, const unsigned *slots)
{
	uint64_t hash = 0;

	for (; !hash && *slots; slots++)
		hash = correlator_slot_hash(a->correlator, *slots);
	return hash;
}

/* What the correlator knows already is enough, unless a name is new. */
static bool note_quickly(struct actors *a, const struct event *e)
{
	uint64_t source = taken(a, a->slots), account;
	uint32_t at = source ? *index_slot(a, source) : 0;
	struct actor *x;

	if (!at)
		return source != 0;
	account = taken(a, a->account_slots);
	if (!account)
		return false;
	x = &a->kept[at - 1].actor;
	if (count_account(&a->kept[at - 1], correlator_tag(account)) ||
	    (!x->names[0].ptr && x->attempts == 0)) {
		struct deed d;

		if (read_deed(a, e, &d) && d.account)
			name_account(a, &a->kept[at - 1], &d);
	}
	x->first = MIN(x->first, e->time);
	x->last = MAX(x->last, e->time);
	x->attempts++;
	return true;
}

void actors_event(struct actors *a, const struct event *e, const struct rule *const *rules,
		  size_t n)
{
	bool attack = false;
	struct deed d;
	uint32_t at;

	for (size_t i = 0; i < n && !attack; i++)
		attack = a->is_attack[rules[i]->index];
	if (!attack || !a->n || e->time == EVENT_TIME_UNKNOWN || note_quickly(a, e) ||
	    !read_deed(a, e, &d))
		return;
	at = *index_slot(a, d.key);
	if (at)
		note_kept(a, &a->kept[at - 1], &d);
}

static uint64_t expected_hash(const unsigned *slots, const struct expected *x)
{
	for (; *slots; slots++)
		if (*slots < EXPECTED_SLOTS && x->slots & 1U << *slots && x->hashes[*slots])
			return x->hashes[*slots];
	return 0;
}

static inline void fetch_index(const struct actors *a, struct expected *x)
{
	uint64_t key = expected_hash(a->slots, x);

	x->actor = 0;
	if (key)
		prefetch_line(&a->index[key & a->index_mask]);
}

static inline void fetch_kept(const struct actors *a, struct expected *x)
{
	uint64_t key = expected_hash(a->slots, x);
	const struct kept *k;

	x->actor = key ? a->index[key & a->index_mask] : 0;
	if (!x->actor)
		return;
	k = &a->kept[x->actor - 1];
	prefetch_line(&k->actor.first);
	prefetch_line(&k->key);
}

static inline void fetch_set(const struct actors *a, const struct expected *x)
{
	const struct kept *k = &a->kept[x->actor - 1];
	uint64_t key = expected_hash(a->account_slots, x);

	prefetch_line(&k->set[correlator_tag(key) & ((1U << k->log_set) - 1)]);
}

void actors_fetch(const struct actors *a, unsigned step, struct expected *list, size_t n)
{
	const struct expected *end = list + n;

	for (struct expected *x = list; a->n && x < end; x++)
		switch (step) {
		case 0: fetch_index(a, x); break;
		case 1: fetch_kept(a, x); break;
		case 3:
			if (x->actor)
				fetch_set(a, x);
			break;
		default: break;
		}
}

static int index_grow(struct actors *a)
{
	size_t mask = a->index_mask * 2 + 1;
	uint32_t *index = calloc(mask + 1, sizeof *index);

	if (!index)
		return -ENOMEM;
	free(a->index);
	a->index = index;
	a->index_mask = mask;
	for (size_t i = 0; i < a->n; i++)
		*index_slot(a, a->kept[i].key) = (uint32_t)i + 1;
	return 0;
}

static struct kept *keep(struct actors *a, const struct deed *d, const struct alert *alert)
{
	struct kept k = { .key = d->key, .log_set = SET_FIRST };
	char text[32];

	if (a->n >= ACTORS_MAX || (a->n * 2 >= a->index_mask && index_grow(a) < 0))
		return NULL;
	if (a->n == a->cap) {
		size_t cap = a->cap ? a->cap * 2 : 64;
		struct kept *list = reallocarray(a->kept, cap, sizeof *list);

		if (!list)
			return NULL;
		a->kept = list;
		a->cap = cap;
	}
	k.actor = (struct actor){ .first = d->time, .last = d->time };
	k.actor.address =
		d->many ? STR(ACTOR_MANY)
			: arena_str(&a->texts,
				    correlator_network(event_text(d->event, d->source), text));
	k.set = calloc((size_t)1 << k.log_set, sizeof *k.set);
	if (!k.set || !k.actor.address.ptr)
		return free(k.set), NULL;
	if (alert->first != EVENT_TIME_UNKNOWN)
		k.actor.first = MIN(alert->first, d->time);
	/* What it did up to here is what the rule counted; an attempt that completes it is yet to come. */
	if (a->is_attack[alert->rule->index])
		k.actor.attempts = alert->count - 1;
	else if (a->is_entry[alert->rule->index] && alert->rule->type)
		k.actor.attempts = alert->count;
	for (size_t i = 0; d->account && alert->tag_field == d->account->field && i < alert->n_tags;
	     i++)
		if (alert->tags[i])
			(void)count_account(&k, alert->tags[i]);
	*index_slot(a, k.key) = (uint32_t)a->n + 1;
	a->kept[a->n] = k;
	return &a->kept[a->n++];
}

/* Whether what it counts is one source's. */
static bool is_of_source(const struct actors *a, const struct rule *r)
{
	bool of_source = r->type == CORRELATION_NONE || r->n_aliases;

	for (size_t i = 0; i < r->n_group_by && !of_source; i++) {
		uint16_t field = r->group_fields[i];
		unsigned role = field && field < a->n_names ? a->roles[field] : 0;

		of_source = role && role < 128;
	}
	return of_source;
}

/* Many did it together: a line for all of them, by account. */
static void become_many(const struct actors *a, struct deed *d)
{
	d->key =
		d->account ? correlator_hash(a->correlator, d->event, d->account->field, false) : 0;
	d->key = (d->key ^ UINT64_C(0x6d616e79)) * UINT64_C(0x9e3779b97f4a7c15);
	d->many = true;
}

void actors_alert(struct actors *a, const struct alert *alert)
{
	const struct rule *r = alert->rule;
	struct deed d;
	struct kept *k;
	uint32_t at;

	if (r->level == LEVEL_INFORMATIONAL || !read_deed(a, alert->event, &d))
		return;
	if (!is_of_source(a, r))
		become_many(a, &d);
	if (d.time == EVENT_TIME_UNKNOWN)
		d.time = alert->last;
	at = *index_slot(a, d.key);
	k = at ? &a->kept[at - 1] : keep(a, &d, alert);
	if (!k) {
		a->more++;
		return;
	}
	k->actor.alerts++;
	if (d.many)
		k->actor.attempts = MAX(k->actor.attempts, alert->count);
	k->actor.last = MAX(k->actor.last, d.time);
	note_account(a, k, &d);
	if (!k->actor.worst || r->level > k->actor.level) {
		k->actor.level = r->level;
		k->actor.worst = r;
	}
	if (a->is_entry[r->index] && d.account && !k->actor.entered.ptr)
		k->actor.entered = short_text(a, event_text(d.event, d.account));
}

static int worst_first(const void *x, const void *y)
{
	const struct actor *a = *(const struct actor *const *)x;
	const struct actor *b = *(const struct actor *const *)y;

	if (a->level != b->level)
		return a->level > b->level ? -1 : 1;
	if (a->attempts != b->attempts)
		return a->attempts > b->attempts ? -1 : 1;
	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return str_cmp(a->address, b->address);
}

size_t actors_list(struct actors *a, const struct actor *const **ret, uint64_t *ret_more)
{
	*ret_more = a->more;
	*ret = NULL;
	free(a->list);
	a->list = calloc(a->n + 1, sizeof *a->list);
	if (!a->list)
		return 0;
	for (size_t i = 0; i < a->n; i++)
		a->list[i] = &a->kept[i].actor;
	qsort(a->list, a->n, sizeof *a->list, worst_first);
	*ret = a->list;
	return a->n;
}
