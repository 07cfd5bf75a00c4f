/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pam_update: stacks of PAM as Debian's pam-auth-update(8) makes them of profiles. It is run on copies
 * in a folder of its own, so that the plan holds what it would write, and a later run of it, by a
 * package or by hand, finds its own work and keeps what others have added.
 */
#ifndef HF_ACTION_PAM_UPDATE_H
#define HF_ACTION_PAM_UPDATE_H

#include "action/remedy.h"

struct pam_profile {
	const char *name; /* of the file in /usr/share/pam-configs */
	const char *body; /* what stands behind "Name: Holdfast: "; NULL: the file is there */
};

/*
 * Plans the profiles and what becomes of /etc/pam.d/common-* and /var/lib/pam. *ret_done is false, and
 * nothing is planned, where these are not pam-auth-update's: no Debian, stacks that somebody has
 * changed by hand (it leaves such alone), or no such program on this machine.
 */
[[nodiscard]] int pam_update(const struct remedy_input *in, struct plan *p,
			     const struct pam_profile *list, size_t n, bool *ret_done);

#endif
