/* SPDX-License-Identifier: GPL-3.0-or-later */
/* filter_translate: sets of packets on both sides of a DNAT rule. */
#ifndef HF_NET_FILTER_TRANSLATE_H
#define HF_NET_FILTER_TRANSLATE_H

#include "net/filter.h"

struct filter_translation {
	const struct filter_rule *rule; /* NULL: a policy */
	bool known;                     /* false: may translate to anything, or not at all */
	bool local;                     /* to this host itself */
	unsigned fields;                /* that are rewritten */
	pset from;                      /* as they arrive, perhaps */
	pset to;                        /* what holds of the new fields */
	pset after;
};

/*
 * What the rule makes of the packets that it takes. self: those that a redirect may make; known:
 * false where the rule is not understood.
 */
struct filter_translation filter_translation_by(struct psets *p, const struct filter_rule *rule,
						bool known, pset from, pset self);
/* Those of t->from that may become a packet of s. */
pset filter_before(struct psets *p, const struct filter_translation *t, pset s);

#endif
