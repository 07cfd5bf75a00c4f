/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the daemon would have done, had these logs come live: its rules and its ledger by their times. */
#include <stdio.h>
#include <time.h>

#include "base/sandbox.h"
#include "cli/guard.h"
#include "cli/hunt_setup.h"
#include "events/zone.h"
#include "guard/ledger.h"
#include "guard/policy.h"
#include "guard/text.h"

struct replaying {
	struct policy policy;
	struct ledger *ledger;
	bool json;
	uint64_t bans, refused, alerts;
	int64_t now; /* seconds; of the latest event */
};

static void replaying_release(struct replaying *x)
{
	policy_release(&x->policy);
	ledger_free(&x->ledger);
}

static void print_ban(const struct replaying *x, const struct ledger_decision *d,
		      const struct alert *a)
{
	char prefix[PREFIX_TEXT], time[32], name[200];

	prefix_format(&d->prefix, prefix);
	text_time(x->now * 1'000'000, time);
	text_safe(a->rule->name.len ? a->rule->name : a->rule->id, name, sizeof name);
	if (x->json)
		printf("{\"time\":\"%s\",\"ban\":\"%s\",\"seconds\":%u,\"times\":%u,\"rule\":\"%s\","
		       "\"reason\":\"%s\"}\n",
		       time, prefix, d->seconds, d->times, name,
		       d->reason == LEDGER_MANY ? "network" : "host");
	else
		printf("%s  %-40s %8u s  %s%s\n", time, prefix, d->seconds, name,
		       d->reason == LEDGER_MANY ? " (many hosts of this network)" : "");
}

static int take_alert(void *user, const struct alert *a)
{
	struct replaying *x = user;
	struct ledger_verdict v = {};
	struct prefix from;
	uint16_t rule;
	int r;

	if (a->event->time != EVENT_TIME_UNKNOWN)
		x->now = MAX(x->now, a->event->time / 1'000'000);
	x->alerts += x->policy.deeds[a->rule->index] != DEED_IGNORE;
	if (x->policy.deeds[a->rule->index] != DEED_BAN ||
	    !policy_alert_address(&x->policy, a, &from))
		return 0;
	from.bits = PREFIX_HOST;
	r = ledger_rule(x->ledger, str_sub(a->rule->name.len ? a->rule->name : a->rule->id, 0, 120),
			&rule);
	ledger_expire(x->ledger, x->now);
	if (r >= 0)
		r = ledger_strike(x->ledger, &from, rule, LEDGER_WEIGHT_MAX, x->now, &v);
	for (unsigned i = 0; r >= 0 && i < v.n; i++) {
		x->refused += v.list[i].what == LEDGER_REFUSE;
		if (v.list[i].what != LEDGER_BAN)
			continue;
		x->bans++;
		print_ban(x, &v.list[i], a);
	}
	return r;
}

static void note_rule(void *user, const struct rule_text *t, const struct rule *rule,
		      const struct diag *d)
{
	char text[600];

	(void)user, (void)t, (void)rule;
	if (d)
		cli_error("rule left out: %s", diag_text(d, text, sizeof text));
}

static int nothing(void *user, const struct ledger_decision *d)
{
	(void)user;
	(void)d;
	return 0;
}

static int prepare(struct replaying *x, const struct guard_config *c, struct rule_files *files,
		   struct reader *reader)
{
	struct ledger_config lc = { .threshold = LEDGER_WEIGHT_MAX,
				    .ban_first = c->ban_time,
				    .ban_factor = c->ban_growth,
				    .ban_max = c->ban_longest,
				    .forget = c->ban_forget,
				    .hosts_v4 = c->ban_networks,
				    .hosts_v6 = c->ban_networks,
				    .max_bans = c->ban_most };
	own(zone_release) struct zone *zone = NULL;
	struct reader_options o = {};
	struct sandbox_state state;
	struct diag d = {};
	char text[600];
	int r;

	if (zone_open(NULL, &zone) < 0)
		zone = NULL;
	r = sandbox_enter(SANDBOX_EVALUATE, NULL, 0, &state);
	if (r >= 0)
		r = ledger_new(&lc, &x->ledger, &d);
	if (r >= 0)
		r = ledger_allow(x->ledger, c->allow, c->n_allow, nothing, NULL);
	if (r >= 0)
		r = policy_new(c, files->list, files->n, note_rule, NULL, &x->policy, &d);
	if (r >= 0) {
		o.names = hunt_names(x->policy.hunt);
		o.filters = hunt_filters(x->policy.hunt);
		o.zone = zone;
		r = reader_start(reader, &o);
	}
	if (r >= 0)
		r = hunt_run(x->policy.hunt, reader, take_alert, x);
	if (r < 0)
		cli_error("guard: %s",
			  d.reason[0] ? diag_text(&d, text, sizeof text) : strerror(-r));
	return r;
}

int guard_replay(const struct guard_config *c, const struct cli_list *paths, bool json)
{
	own(replaying_release) struct replaying x = { .json = json };
	own(rule_files_release) struct rule_files files = {};
	own(reader_release) struct reader *reader = NULL;
	int code = c->rules.len ? rule_files_add(&files, c->rules.ptr) : EXIT_OK;

	if (code == EXIT_OK && c->builtin_rules)
		code = rule_files_add_builtin(&files);
	if (code == EXIT_OK && reader_new(&reader) < 0)
		code = EXIT_FAILED;
	for (size_t i = 0; code == EXIT_OK && i < paths->n; i++)
		code = hunt_add_input(reader, NULL, paths->items[i]);
	if (code != EXIT_OK)
		return code;
	if (prepare(&x, c, &files, reader) < 0)
		return EXIT_FAILED;
	if (!json)
		printf("%llu bans, %llu refused, %llu alerts; nothing was changed\n",
		       (unsigned long long)x.bans, (unsigned long long)x.refused,
		       (unsigned long long)x.alerts);
	return fflush(stdout) ? EXIT_FAILED : EXIT_OK;
}
