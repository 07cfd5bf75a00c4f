/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/filter_translate.h"

struct filter_translation filter_translation_by(struct psets *p, const struct filter_rule *rule,
						bool known, pset from, pset self)
{
	struct filter_translation t = { .rule = rule, .known = known, .from = from };

	t.fields = 1U << PF_DST;
	t.to = PSET_ALL;
	if (!known) {
		t.fields |= 1U << PF_DPORT;
	} else if (!rule->n_to) {
		t.local = true;
		t.to = self;
	} else {
		t.to = pset_addr_range(p, PF_DST, rule->to);
	}
	if (known && rule->to_port) {
		pset port = pset_field_range(p, PF_DPORT, rule->to_port,
					     MAX(rule->to_port, rule->to_port_last));

		t.fields |= 1U << PF_DPORT;
		t.to = pset_and(p, t.to, port);
	}
	t.after = pset_and(p, pset_exists(p, from, t.fields), t.to);
	return t;
}

pset filter_before(struct psets *p, const struct filter_translation *t, pset s)
{
	return pset_and(p, t->from, pset_exists(p, pset_and(p, s, t->to), t->fields));
}
