/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * recall: what correlations were told, as bytes of the history: time, rules that matched and the fields
 * that correlations look at. Rules are named by a hash of their id, fields by name, so that the next
 * process may have other rules.
 *
 *   body  = u32 length, { match }, u32 length, cursor
 *   match = i64 time, u8 rules, { u64 rule }, u8 fields, { u8 length, name, u16 length, value }
 */
#ifndef HF_GUARD_RECALL_H
#define HF_GUARD_RECALL_H

#include "base/buf.h"
#include "guard/policy.h"

#define RECALL_VALUE_MAX 256u /* longer values are cut, here as in nothing else: they hold names */
#define RECALL_MATCH_MAX 4'096u

/* Appends a match; nothing where no correlation would look at it or it is larger than a match may be. */
[[nodiscard]] int recall_put(struct buf *b, const struct policy *p, const struct event *e,
			     const struct rule *const *rules, size_t n);

/* fn hears of the alerts of that time. */
struct recall;
[[nodiscard]] int recall_new(const struct policy *p, alert_fn *fn, void *user, struct recall **ret);
void recall_release(struct recall **r);
/*
 * Feeds a body to the policy's correlations. *ret_cursor is borrowed from it. -EBADMSG: it is none; what came
 * before the damage was fed.
 */
[[nodiscard]] int recall_body(struct recall *r, struct str body, struct str *ret_cursor);
uint64_t recall_count(const struct recall *r); /* matches that were fed */

#endif
