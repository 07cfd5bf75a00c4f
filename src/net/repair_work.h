/* SPDX-License-Identifier: GPL-3.0-or-later */
/* repair_work: what the parts of filter_repair() share. */
#ifndef HF_NET_REPAIR_WORK_H
#define HF_NET_REPAIR_WORK_H

#include "base/buf.h"
#include "net/repair.h"

#define REPAIR_PREFIXES_MOST 64

struct repair_work {
	const struct filter *f;
	const struct repair_query *q;
	struct arena *a;
	struct psets *p;
	pset family[2];          /* IPv4, IPv6 */
	pset port, kept, close;  /* protocol and port; kept sources; what is to be closed */
	struct str *prefixes[2]; /* that are kept */
	size_t n_prefixes[2];
	struct filter changed;
	struct buf commands;
	enum repair_tool tool;
};

/* "tcp", "udp" … */
const char *repair_protocol(const struct repair_work *w);
/* "22", "80-90"; between: '-' or ':'. */
void repair_ports(struct repair_work *w, char between);
/* Rules at a place of a chain of the changed filter. -ENOMEM. */
[[nodiscard]] int repair_insert(struct repair_work *w, size_t chain, size_t at, pset set,
				enum filter_verdict verdict);
/* Each makes its change and its commands: 0, -ENOENT where it does not apply, -ENOMEM. */
[[nodiscard]] int repair_by_ufw(struct repair_work *w);
[[nodiscard]] int repair_by_firewalld(struct repair_work *w);
[[nodiscard]] int repair_by_chains(struct repair_work *w);
[[nodiscard]] int repair_by_table(struct repair_work *w);

#endif
