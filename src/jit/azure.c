/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jit/azure.h"

#include <netinet/in.h>
#include <sodium.h>
#include <stdio.h>
#include <time.h>

#include "action/azure_rule.h"
#include "jit/azure_work.h"

#define DEFAULT_SECONDS 3'600U
#define POLL_S 2

bool jit_azure_source_parse(struct str s)
{
	struct str rest = s, head = str_cut(&rest, '/');
	uint64_t bits;
	net_addr a;

	if (net_addr_parse(head, &a) < 0)
		return false;
	if (!rest.ptr)
		return true;
	return str_to_u64(rest, 10, &bits) == 0 && bits <= (net_is_v4(a) ? 32 : 128) &&
	       bits >= (net_is_v4(a) ? 8 : 32);
}

static const char *fault_of(const struct jit_azure_setup *s)
{
	if (!jit_azure_is_address(s->endpoint))
		return "Azure's address needs https://";
	if (!jit_azure_is_address(s->metadata) && strcmp(s->metadata, JIT_AZURE_METADATA) != 0)
		return "the metadata service's address needs https://";
	if (s->subscription && !azure_name(s->subscription))
		return "the subscription is no id";
	if (s->identity && !azure_name(s->identity))
		return "the managed identity is no client id";
	return NULL;
}

int jit_azure_open(const struct jit_azure_setup *setup, struct jit_azure **ret, struct diag *d)
{
	struct jit_azure *j own(jit_azure_close) = calloc(1, sizeof *j);
	const char *fault;
	int r;

	if (!j)
		return -ENOMEM;
	j->setup = *setup;
	j->setup.endpoint = setup->endpoint ?: JIT_AZURE_ENDPOINT;
	j->setup.metadata = setup->metadata ?: JIT_AZURE_METADATA;
	j->deadline = jit_azure_now() + setup->wait_ms;
	fault = fault_of(&j->setup);
	if (fault)
		return diag_set(d, -EINVAL, NULL, 0, "%s", fault);
	r = jit_azure_token(j, d);
	j->setup.subscription = NULL; /* j has its own, which outlives the caller's */
	if (r < 0)
		return r;
	if (!j->subscription[0])
		return diag_set(d, -ENOENT, NULL, 0,
				"which subscription? (--subscription, or AZURE_SUBSCRIPTION_ID)");
	*ret = j;
	j = NULL;
	return 0;
}

void jit_azure_close(struct jit_azure **j)
{
	if (!*j)
		return;
	sodium_memzero(*j, sizeof **j);
	free(*j);
	*j = NULL;
}

/* ---- policies ---- */

int jit_azure_get(const struct jit_azure *j, const char *what, const char *url,
		  struct azure_answer *ret, struct diag *d)
{
	const struct azure_request q = { .method = "GET", .url = url };

	return jit_azure_send(j, what, &q, ret, d);
}

/* One page; url becomes the next one's, or "". */
static int list_page(const struct jit_azure *j, char url[static URL_MAX],
		     struct jit_azure_policies *p, struct diag *d)
{
	own(azure_answer_release) struct azure_answer a = {};
	struct str next = {};
	int r = jit_azure_get(j, "just-in-time policies", url, &a, d);

	if (r == 0)
		r = jit_azure_read_list(buf_view(&a.body), p, &next, d);
	if (r < 0)
		return r;
	*url = 0;
	if (!next.ptr)
		return 0;
	if (next.len >= URL_MAX || !jit_azure_is_own(j, next.ptr))
		return diag_set(d, -EPROTO, NULL, 0,
				"Azure's next page is not its own; it is not asked for");
	memcpy(url, next.ptr, next.len + 1);
	return 0;
}

int jit_azure_list(struct jit_azure *j, const char *group, struct jit_azure_policies *ret,
		   struct diag *d)
{
	own(jit_azure_policies_release) struct jit_azure_policies p = {};
	char url[URL_MAX];
	int r = 0;

	if (group && !azure_name(group))
		return diag_set(d, -EINVAL, NULL, 0, "the resource group is no name");
	(void)snprintf(url, sizeof url,
		       "%s/subscriptions/%s%s%s/providers/Microsoft.Security/"
		       "jitNetworkAccessPolicies?api-version=" VERSION_JIT,
		       j->setup.endpoint, j->subscription, group ? "/resourceGroups/" : "",
		       group ?: "");
	for (unsigned pages = 0; r == 0 && *url; pages++) {
		if (pages == JIT_AZURE_PAGES)
			return diag_set(d, -EPROTO, NULL, 0, "Azure's list has no end");
		r = list_page(j, url, &p, d);
	}
	if (r == 0)
		*ret = take(p);
	return r;
}

static bool is_machine(const struct jit_azure_machine *m, struct str wanted)
{
	return str_ieq(m->id, wanted) || str_ieq(m->name, wanted);
}

struct jit_azure_found jit_azure_find(const struct jit_azure_policies *p, const char *machine)
{
	struct jit_azure_found f = {};

	for (size_t i = 0; i < p->n; i++)
		for (size_t k = 0; k < p->list[i].n_machines; k++) {
			const struct jit_azure_machine *m = &p->list[i].machines[k];

			if (!is_machine(m, str_of(machine)))
				continue;
			f.several |= f.machine && !str_ieq(f.machine->id, m->id);
			f.policy = f.machine ? f.policy : &p->list[i];
			f.machine = f.machine ?: m;
		}
	return f;
}

/* Names of a policy become part of an address: they must be names. */
int jit_azure_policy_url(const struct jit_azure *j, const struct jit_azure_policy *p,
			 const char *rest, char ret[static URL_MAX], struct diag *d)
{
	const struct str parts[] = { p->group, p->location, p->name };
	char names[COUNT(parts)][NAME_MAX_AZURE];

	for (size_t i = 0; i < COUNT(parts); i++) {
		if (!parts[i].ptr || parts[i].len >= sizeof names[i])
			return diag_set(d, -EPROTO, NULL, 0, "the policy's id is none");
		memcpy(names[i], parts[i].ptr, parts[i].len);
		names[i][parts[i].len] = 0;
		if (!azure_name(names[i]))
			return diag_set(d, -EPROTO, NULL, 0, "the policy's id is none");
	}
	(void)snprintf(ret, URL_MAX,
		       "%s/subscriptions/%s/resourceGroups/%s/providers/Microsoft.Security/"
		       "locations/%s/jitNetworkAccessPolicies/%s%s?api-version=" VERSION_JIT,
		       j->setup.endpoint, j->subscription, names[0], names[1], names[2], rest);
	return 0;
}

/* The group of a machine's id, else the one that was named. */
const char *jit_azure_group(const struct jit_azure_ask *ask, char room[static NAME_MAX_AZURE])
{
	struct str group = jit_azure_part(str_of(ask->machine), STR("resourceGroups"));

	if (!group.ptr || group.len >= NAME_MAX_AZURE)
		return ask->group;
	memcpy(room, group.ptr, group.len);
	room[group.len] = 0;
	return room;
}

/* ---- asking for access ---- */

static int64_t milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1'000'000;
}

static bool has_protocol(const struct jit_azure_port *p, uint8_t protocol)
{
	return !str_ieq(p->protocol, protocol == IPPROTO_UDP ? STR("TCP") : STR("UDP"));
}

static const struct jit_azure_port *find_port(const struct jit_azure_machine *m,
					      struct knock_port wanted)
{
	for (size_t i = 0; i < m->n_ports; i++)
		if (m->ports[i].number == wanted.port &&
		    has_protocol(&m->ports[i], wanted.protocol))
			return &m->ports[i];
	return NULL;
}

/* The source lies in what the policy lets ask; what is not understood is Azure's to judge. */
static bool may_come_from(const struct jit_azure_port *p, struct str source)
{
	struct net_range mine[2], theirs[2];
	size_t n, k;

	if (net_prefix_parse(source, mine, &n) < 0 || n != 1)
		return true;
	for (size_t i = 0; i < p->n_sources; i++) {
		if (net_prefix_parse(p->sources[i], theirs, &k) < 0)
			return true;
		for (size_t x = 0; x < k; x++)
			if (mine->first >= theirs[x].first && mine->last <= theirs[x].last)
				return true;
	}
	return !p->n_sources;
}

/* What the policy would refuse is said here, in words. */
static int check_ask(const struct jit_azure_found *f, struct jit_azure_ask *ask, struct diag *d)
{
	unsigned longest = UINT32_MAX;

	for (unsigned i = 0; i < ask->n_ports; i++) {
		const struct jit_azure_port *p = find_port(f->machine, ask->ports[i]);

		if (!p)
			return diag_set(d, -ENOENT, NULL, 0, "its policy has no port %u/%s",
					ask->ports[i].port,
					ask->ports[i].protocol == IPPROTO_UDP ? "udp" : "tcp");
		if (p->longest)
			longest = MIN(longest, p->longest);
		if (ask->n_sources && !may_come_from(p, ask->sources[0]))
			return diag_set(d, -EPERM, NULL, 0,
					"its policy lets nobody ask for port %u from there",
					p->number);
	}
	if (ask->seconds > longest)
		return diag_set(d, -EPERM, NULL, 0, "its policy allows at most %u minutes",
				longest / 60);
	if (!ask->seconds)
		ask->seconds = MIN(DEFAULT_SECONDS, longest);
	return 0;
}

struct access {
	const struct jit_azure *j;
	const struct jit_azure_found *found;
	const struct jit_azure_ask *ask;
	struct arena *arena;
	struct jit_azure_opening *list;
	size_t n;
};

/* How many ports Azure has not said anything final of. */
static size_t still_open(const struct access *x)
{
	size_t n = 0;

	for (size_t i = 0; i < x->n; i++)
		n += !str_ieq(x->list[i].status, STR("Initiated")) &&
		     !str_ieq(x->list[i].status, STR("Revoked"));
	return n;
}

/* Times of one request may be written with more digits here than there. */
static bool is_same_time(struct str x, struct str y)
{
	return x.len && str_eq(str_sub(x, 0, 19), str_sub(y, 0, 19));
}

/* What the policy says of this request now. */
static void update(struct access *x, const struct jit_azure_policy *p)
{
	for (size_t i = 0; i < x->n; i++)
		for (size_t k = 0; k < p->n_openings; k++) {
			const struct jit_azure_opening *o = &p->openings[k];

			if (o->port != x->list[i].port ||
			    !is_same_time(o->start, x->list[i].start) ||
			    !str_ieq(o->machine, x->found->machine->id))
				continue;
			x->list[i].status = arena_str(x->arena, o->status);
			x->list[i].why = arena_str(x->arena, o->why);
		}
}

static int look(struct access *x, const char *url, int64_t *ret_pause, struct diag *d)
{
	own(jit_azure_policies_release) struct jit_azure_policies p = {};
	own(azure_answer_release) struct azure_answer a = {};
	int r = jit_azure_get(x->j, "whether it is open", url, &a, d);

	if (r == 0)
		r = jit_azure_read_policy(buf_view(&a.body), &p, d);
	if (r == 0)
		update(x, &p.list[0]);
	*ret_pause = a.retry_after;
	return r;
}

/* Azure accepts first, and opens then. */
static int wait_open(struct access *x, const char *url, struct diag *d)
{
	int64_t pause = -1;
	int r = 0;

	while (r == 0 && still_open(x)) {
		r = jit_azure_wait(x->j, pause >= 0 ? pause : POLL_S, d);
		if (r == 0)
			r = look(x, url, &pause, d);
	}
	return r;
}

static int initiate(struct access *x, struct diag *d)
{
	own(azure_answer_release) struct azure_answer a = {};
	own(buf_release) struct buf body = BUF(64 << 10);
	char url[URL_MAX], policy[URL_MAX];
	struct azure_request q = { .method = "POST", .url = url };
	int r = jit_azure_policy_url(x->j, x->found->policy, "/initiate", url, d);

	if (r == 0)
		r = jit_azure_policy_url(x->j, x->found->policy, "", policy, d);
	if (r == 0)
		r = jit_azure_put_request(&body, x->ask, x->found->machine->id,
					  milliseconds() + (int64_t)x->ask->seconds * 1000);
	q.body = buf_view(&body);
	if (r == 0)
		r = jit_azure_send(x->j, "to open it", &q, &a, d);
	if (r == 0)
		r = jit_azure_finish(x->j, &a, d);
	/* What it said at first has the request; without it nothing is known but that it was taken. */
	if (r == 0 && a.body.len)
		r = jit_azure_read_access(buf_view(&a.body), x->arena, &x->list, &x->n, d);
	return r < 0 ? r : wait_open(x, policy, d);
}

int jit_azure_missing(const struct jit_azure_found *f, const struct jit_azure_ask *ask,
		      struct diag *d)
{
	char shown[128];

	text_safe(str_of(ask->machine), shown, sizeof shown);
	if (f->several)
		return diag_set(d, -ENOENT, NULL, 0,
				"several machines are named %s: name its --resource-group", shown);
	return diag_set(d, -ENOENT, NULL, 0, "no just-in-time policy has a machine %s", shown);
}

int jit_azure_request(struct jit_azure *j, const struct jit_azure_ask *given, struct arena *a,
		      struct jit_azure_opening **ret, size_t *ret_n, struct diag *d)
{
	own(jit_azure_policies_release) struct jit_azure_policies p = {};
	struct jit_azure_ask ask = *given;
	char group[NAME_MAX_AZURE];
	struct jit_azure_found f;
	struct access x = { .j = j, .found = &f, .ask = &ask, .arena = a };
	int r = jit_azure_list(j, jit_azure_group(given, group), &p, d);

	if (r < 0)
		return r;
	f = jit_azure_find(&p, ask.machine);
	if (!f.machine || f.several)
		return jit_azure_missing(&f, &ask, d);
	r = check_ask(&f, &ask, d);
	if (r == 0)
		r = initiate(&x, d);
	if (r < 0)
		return r;
	*ret = x.list;
	*ret_n = x.n;
	return 0;
}
