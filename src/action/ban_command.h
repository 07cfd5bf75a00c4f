/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ban_command: a program of the user's own bans and unbans. It is started with a vector of
 * arguments, never through a shell; what stands in an argument stays in it.
 *
 * Placeholders in arguments: {prefix} ("192.0.2.1", "2001:db8::/64"), {address} (its first
 * address), {length} (32, 64 …), {family} (4, 6), {seconds} (add only), {{ is one brace.
 */
#ifndef HF_ACTION_BAN_COMMAND_H
#define HF_ACTION_BAN_COMMAND_H

#include "action/ban.h"

#define BAN_COMMAND_ARGS 64u
#define BAN_COMMAND_ARG_MAX 1024u

/* Vectors end with NULL and are borrowed until ban_close(); the first word is an absolute path. */
struct ban_command_config {
	const char *const *add;
	const char *const *remove;
	const char *const
		*check; /* ban_ensure(): exit 0 is well, 1 has lost its bans; may be NULL */
	/* ban_list(): a prefix a line, behind blanks the seconds that are left; may be NULL */
	const char *const *list;
	unsigned timeout_ms; /* of one run; 0: 10,000 */
};

/*
 * Items are run one after the other; the error of an item is -EPROTO where its program fails
 * (status other than 0), -ETIME, -EFBIG (more than 64 KiB of output), or why it cannot be started.
 * The list of whom not to ban is kept here and checked before an item is added (-EACCES).
 */

/* Pure: one argument with its placeholders filled in. -EINVAL: unknown one, -E2BIG. */
[[nodiscard]] int ban_command_fill(const char *argument, const struct ban_item *item,
				   char ret[static BAN_COMMAND_ARG_MAX]);

#endif
