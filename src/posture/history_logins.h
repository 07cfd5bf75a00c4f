/* SPDX-License-Identifier: GPL-3.0-or-later */
/* history_logins: the accounts that could log in from outside, when first and when last. */
#ifndef HF_POSTURE_HISTORY_LOGINS_H
#define HF_POSTURE_HISTORY_LOGINS_H

#include "posture/history.h"

/*
 * Notes every account of the view login_history of a sealed store, where its tables are complete.
 * Created in a history that has none yet.
 */
[[nodiscard]] int history_logins(struct history *h, struct str host, int64_t now,
				 struct store *store, struct diag *d);

/*
 * Writes what alerts of the guard say of accounts that the internet can use into `dir`/logins, in
 * place: "NAME\tThis account can log in from the internet by password and becomes root." -errno.
 */
#define HISTORY_LOGINS_FILE "logins"
[[nodiscard]] int history_logins_tell(const char *dir, struct store *store);

#endif
