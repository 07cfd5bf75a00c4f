/* SPDX-License-Identifier: GPL-3.0-or-later */
/* control: Secure Score controls with their points, practices and severities. */
#ifndef HF_POSTURE_CONTROL_H
#define HF_POSTURE_CONTROL_H

#include "base/str.h"

struct control {
	const char *id, *title;
	unsigned points;
	bool own; /* Holdfast's addition, not in Microsoft's list; --classic leaves it out */
};

/*
 * Microsoft Defender for Cloud, "Secure score security controls" (2025-11-17): maxima and names.
 * Backup has no points there; Holdfast adds a control of its own and says so.
 */
extern const struct control controls[];
extern const size_t n_controls;
/* Index into controls[], or -ENOENT. */
[[nodiscard]] int control_find(struct str id);

/* The seven practices; the index is the number minus one. */
struct practice {
	const char *id, *title;
};
extern const struct practice practices[7];
/* Accepts "2", "2-management-ports" and "management-ports"; 0-6 or -ENOENT. */
[[nodiscard]] int practice_find(struct str s);

enum severity { SEVERITY_INFO, SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH, SEVERITY_CRITICAL };
#define SEVERITY_N (SEVERITY_CRITICAL + 1)
const char *severity_name(enum severity s);
[[nodiscard]] int severity_find(struct str s); /* -ENOENT */

#endif
