/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xt_info: the structures that matches of iptables extensions are told apart by. */
#ifndef HF_FACTS_LINUX_XT_INFO_H
#define HF_FACTS_LINUX_XT_INFO_H

#include "facts/linux/xt_rules.h"

/* Options of one match; false: not all of it can be said. */
typedef bool xt_info_fn(struct xt_rule *x, struct str info);
xt_info_fn xt_on_conntrack1, xt_on_conntrack2, xt_on_conntrack3, xt_on_state, xt_on_limit,
	xt_on_recent0, xt_on_recent1, xt_on_hashlimit1, xt_on_hashlimit2, xt_on_hashlimit3;

struct xt_flag {
	unsigned bit;
	const char *name;
};
/* "A,B"; false where a bit has no name, or where there is none. */
bool xt_flags(struct buf *out, unsigned bits, const struct xt_flag *flags, size_t n);

/* The structure in aligned memory; what the kernel adds behind it does not matter. */
#define XT_TAKE(info, type)        \
	type m;                    \
	if ((info).len < sizeof m) \
		return false;      \
	memcpy(&m, (info).ptr, sizeof m)

static inline struct str xt_text(const char *text, size_t size)
{
	return (struct str){ text, strnlen(text, size) };
}

#endif
