/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * host_reach: which sources reach which port of this machine, and the rules that decide.
 *
 * Joins tables of one snapshot: listening_ports (expected_listeners where nothing runs),
 * firewall_ruleset, interface_addresses and routes. It is the view of the machine: what stands in
 * front of it (an NSG) is not part of it.
 */
#ifndef HF_FACTS_LINUX_HOST_REACH_H
#define HF_FACTS_LINUX_HOST_REACH_H

#include "facts/store.h"
#include "net/exposure.h"
#include "net/filter.h"

enum host_port_origin {
	PORT_LIVE,    /* a socket */
	PORT_CONFIG,  /* what the configuration would start */
	PORT_FORWARD, /* translated to another host: a container, a machine behind this one */
};

struct host_port {
	enum host_port_origin origin;
	struct str protocol, family; /* tcp, udp; ipv4, ipv6, dual */
	struct str address, interface;
	int64_t port, pid, line;
	bool loopback;
	struct str service, process, path, unit, package, authentication, file;

	pset query;                  /* packets as they arrive that this port is asked for */
	struct net_ranges must, may; /* sources that reach it for certain, perhaps */
	enum internet internet;
	struct str bound; /* why no firewall is needed to shut it; "" otherwise */
};

struct host_reach {
	struct psets *sets; /* owned */
	struct arena *arena;
	struct str host;
	bool live;
	struct filter filter;
	bool firewall;      /* some rule set is in force */
	struct str unknown; /* why the rules are not known as a whole; "" */
	struct filter_reach reach;
	struct net_ranges local; /* own addresses; empty: not known */
	bool one_family, v6;     /* the rules are of iptables or ip6tables alone */
	bool outside[256];       /* interfaces of filter that face others */
	bool certain_outside;    /* … and a packet of the internet comes by any of them */
	struct host_port *ports;
	size_t n, cap;
};

/* From a store that is filled. Memory of a. -ENOMEM, -E2BIG. */
[[nodiscard]] int host_reach_load(struct store *s, struct arena *a, struct host_reach *ret);
/* With another rule set in place of the snapshot's (a file that the caller read). */
struct host_rules {
	struct str text, name;
};
[[nodiscard]] int host_reach_load_rules(struct store *s, const struct host_rules *rules,
					struct arena *a, struct host_reach *ret);
void host_reach_release(struct host_reach *h);

/*
 * Sources of `from` for which a packet of q passes, for certain and perhaps. q: packets as they
 * arrive (a port's query or a part of it).
 */
[[nodiscard]] int host_reach_sources(struct host_reach *h, const struct host_port *p, pset q,
				     struct net_ranges *ret_must, struct net_ranges *ret_may);
/* Packets that come in by an interface that faces others. */
pset host_reach_outside(struct host_reach *h);

/* One port as a record, with the rules on its way. -ENOMEM, -E2BIG. */
[[nodiscard]] int host_exposure(struct host_reach *h, const struct host_port *p,
				struct exposure *ret);
[[nodiscard]] int host_exposures(struct host_reach *h, struct exposures *ret);

/* A port on which nothing need listen, on every address. */
[[nodiscard]] int host_exposure_port(struct host_reach *h, struct str protocol, uint16_t port,
				     struct exposure *ret);
/* What the rules alone open to others, as ranges of ports that are decided alike. */
[[nodiscard]] int host_exposure_ranges(struct host_reach *h, struct exposures *ret);

/*
 * The smallest change of the firewall that shuts the port to the internet and leaves `keep` (may be
 * NULL) and the sources that narrow rules state, into e->fix; proved on the changed rules. Nothing
 * where none is needed or can be proved. -ENOMEM.
 */
[[nodiscard]] int host_exposure_fix(struct host_reach *h, const struct net_ranges *keep,
				    struct exposure *e);

#endif
