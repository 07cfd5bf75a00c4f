/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * exempt: findings that somebody answers for, with a reason, an owner and an end.
 *
 *   exemptions:
 *     - check: ssh-allow-list        # id, or a pattern: ssh-*
 *       resource: sshd               # optional pattern, default *
 *       kind: mitigated              # counts healthy; or: waiver, is left out of the score
 *       reason: Reached through the bastion only (CHG-1042)
 *       owner: platform-team
 *       expires: 2027-03-31          # last day on which it holds
 *
 * An expired exemption has no effect and is listed in every report.
 */
#ifndef HF_POSTURE_EXEMPT_H
#define HF_POSTURE_EXEMPT_H

#include "posture/finding.h"

#define EXEMPTIONS_FILE "/etc/holdfast/exemptions.yaml"

enum exemption_kind { EXEMPTION_MITIGATED, EXEMPTION_WAIVER };
const char *exemption_kind_name(enum exemption_kind k);

struct exemption {
	struct str check, resource, reason, owner;
	struct str expires; /* YYYY-MM-DD */
	int64_t expires_at; /* UNIX time at which it ends (the day after, UTC) */
	enum exemption_kind kind;
	bool expired;
	unsigned matched; /* findings it concerns */
	unsigned line;
};

struct exemptions {
	struct exemption *list;
	size_t n, cap;
};

/* Every key but resource is needed; any error refuses the whole file (-EBADMSG, d says where). */
[[nodiscard]] int exemptions_parse(struct str text, const char *file, int64_t now, struct arena *a,
				   struct exemptions *ret, struct diag *d);
[[nodiscard]] int exemptions_load(const char *path, int64_t now, struct arena *a,
				  struct exemptions *ret, struct diag *d);
/* Unhealthy findings that match become FINDING_EXEMPT; expired ones are only noted. */
void exemptions_apply(struct exemptions *e, struct findings *f);

#endif
