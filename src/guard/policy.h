/* SPDX-License-Identifier: GPL-3.0-or-later */
/* policy: the compiled rules, and what each of them makes the daemon do. */
#ifndef HF_GUARD_POLICY_H
#define HF_GUARD_POLICY_H

#include "detect/hunt.h"
#include "guard/config.h"

struct policy {
	struct arena arena;
	struct hunt *hunt;
	uint8_t *deeds; /* one a rule: enum config_deed */
	uint8_t *group; /* one a rule: which of its group's values is an address, + 1; 0: none */
	/*
	 * One a rule: weight of an event of it, of LEDGER_WEIGHT_MAX, once its address was banned
	 * before; 0: it does not count.
	 */
	uint8_t *weight;
	bool *login; /* one a rule: somebody logged in */
	bool *kept;  /* one a name: correlations look at that field */
	size_t n_rules, n_names;
	uint16_t address[16]; /* fields that tell where an event came from; the first counts */
	size_t n_address;
	uint16_t account[8];
	size_t n_account;
	uint16_t port, key; /* of who logged in; 0: no such field */
};

/*
 * Rules of texts and of [bans] after. report is told of each rule, and of each line of the
 * configuration that names a rule that is not there. -EINVAL (*d), -ENOMEM.
 */
[[nodiscard]] int policy_new(const struct guard_config *c, const struct rule_text *texts, size_t n,
			     rule_fn *report, void *user, struct policy *ret, struct diag *d);
void policy_release(struct policy *p);

/* Whom an alert is about; IPv6 networks by which rules group are given as such. */
bool policy_alert_address(const struct policy *p, const struct alert *a, struct prefix *ret);
/* Where an event came from. */
bool policy_event_address(const struct policy *p, const struct event *e, struct prefix *ret);
struct str policy_event_account(const struct policy *p, const struct event *e);
/* The peer's port (0: not told), and the fingerprint of the key that it logged in with (""). */
uint16_t policy_event_port(const struct policy *p, const struct event *e);
struct str policy_event_key(const struct policy *p, const struct event *e);

#endif
