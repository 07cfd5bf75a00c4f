/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ban_azure: one deny rule a family in a network security group, by Azure's REST API ("Security
 * Rules - Create Or Update", Microsoft.Network 2023-09-01; a rule holds addresses of one family).
 *
 * Changes are kept here and sent together by ban_tick(), not more often than interval_ms; Azure's
 * word on when to come back (Retry-After of 429 and 503, asynchronous operations) is obeyed, faults
 * are retried later and later. ban_tick() and ban_ensure() wait for the network, 20 s a request at
 * most: they belong into a process or thread of their own.
 *
 * Azure ends no bans by itself: a rule that nobody keeps stays until somebody deletes it.
 */
#ifndef HF_ACTION_BAN_AZURE_H
#define HF_ACTION_BAN_AZURE_H

#include "action/ban.h"

#define BAN_AZURE_PREFIXES 4'000u /* that Azure takes in one group */

/* Borrowed until ban_close(). */
struct ban_azure_config {
	const char *subscription, *resource_group, *nsg;
	const char *rule;      /* NULL: "holdfast-bans"; the rules are RULE-ipv4 and RULE-ipv6 */
	unsigned priority;     /* 0: 100; that of IPv6 is one more */
	unsigned max_prefixes; /* of a family; 0: 1,000; the oldest ban goes first */
	unsigned interval_ms;  /* between two changes; 0: 30,000 */
	/* A token of Azure's, else that of the machine's managed identity (identity: client id). */
	const char *token, *identity;
	const char *endpoint; /* NULL: https://management.azure.com */
	const char *metadata; /* NULL: http://169.254.169.254 */
};

#endif
