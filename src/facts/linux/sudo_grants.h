/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sudo_grants: what sudo and doas let one account do as root. As in both the last rule that fits
 * decides, of a command, of its password, and of the account (sudoers(5), doas.conf(5)).
 */
#ifndef HF_FACTS_LINUX_SUDO_GRANTS_H
#define HF_FACTS_LINUX_SUDO_GRANTS_H

#include "facts/fact.h"

struct sudo_grants;

/* Reads sudo_rules, sudo_defaults and host_info. Everything is in c->arena. -ENOMEM. */
[[nodiscard]] int sudo_grants_load(struct collect *c, struct sudo_grants **ret);
void sudo_grants_release(struct sudo_grants **g);

struct sudo_account {
	struct str name;
	bool has_password;
	const struct str *names; /* name, #uid, %group, %#gid, ALL */
	size_t n_names;
};
struct sudo_way {
	struct str command, why, evidence;
	bool all, nopasswd;
	bool usable; /* it asks for no password, or for one that the account has */
};
#define SUDO_WAYS_MAX 4
/* The widest first. 0, -ENOMEM, -E2BIG: there are too many rules for all accounts together. */
[[nodiscard]] int sudo_grants_of(struct sudo_grants *g, const struct sudo_account *a,
				 struct sudo_way ret[static SUDO_WAYS_MAX], size_t *ret_n);

#endif
