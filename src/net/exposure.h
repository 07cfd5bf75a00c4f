/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * exposure: one open port or listener with the sources that reach it and the rules that decide; the
 * same record for a machine's own view, for Azure's, and for both together.
 */
#ifndef HF_NET_EXPOSURE_H
#define HF_NET_EXPOSURE_H

#include "net/addr.h"

enum internet { INTERNET_NO, INTERNET_YES, INTERNET_UNKNOWN };
/* "false", "true", "unknown". */
const char *reach_word(enum internet r);
/* What sources say of the internet: some of it is in must, in may alone, in neither. */
enum internet reach_of(const struct net_ranges *must, const struct net_ranges *may);

/*
 * Whether so much of the internet is in s that nobody can have meant to name it: more than 2^20 IPv4
 * addresses (a /12) or more than an IPv6 /28. One office's prefix is not; 0.0.0.0/1 and 16.0.0.0/4
 * are a wildcard in two halves.
 */
bool reach_is_wide(const struct net_ranges *s);

/* One rule on the way of a packet, in the order in which packets meet them. */
struct exposure_rule {
	struct str id;             /* "inet filter input handle 7", "nsg-web/allow-ssh" */
	struct str text;           /* as a person writes it */
	struct str file;           /* "" the kernel, or nothing that a file holds */
	unsigned line;             /* 0: none */
	const char *verdict;       /* accept, drop, translate, perhaps */
	struct net_ranges sources; /* for which it may have decided */
	bool decides; /* it lets the internet in; where the port is shut, it keeps the internet out */
	struct str unknown; /* what of it is not understood, "" */
};

/* Packets for a port that arrive at another one, or some of them, which a translation leads to it. */
struct exposure_arrival {
	uint16_t first, last;
	struct net_ranges must, may;
};

struct exposure {
	struct str resource; /* machine, VM or NSG */
	struct str protocol; /* tcp, udp, any … */
	uint16_t first, last;
	struct str address, interface; /* that it listens on; "" where no socket is known */
	struct str service, process, path, unit, package, authentication;
	struct str file; /* configuration of the service */
	int64_t pid, line;
	const char *origin;   /* live, config, forward, ruleset, azure */
	const char *severity; /* of the service, were it open to the internet; "" not judged */
	enum internet internet;
	struct net_ranges must, may;
	struct exposure_rule *rules;
	size_t n_rules, cap_rules;
	struct exposure_arrival *arrivals; /* none: its packets arrive at first to last */
	size_t n_arrivals;
	struct str bound;   /* why no firewall is needed to shut it; "" */
	struct str unknown; /* why `internet` is unknown; "" */
	struct str fix;     /* smallest change that shuts it, "" none known */
};

struct exposures {
	struct exposure *list;
	size_t n, cap;
};

/* Ids of the rules that decide, separated by "; "; "" where nothing filters. -ENOMEM. */
[[nodiscard]] int exposure_deciding(const struct exposure *e, struct arena *a, struct str *ret);
/* The same of the rules that let any of these sources in, or may. */
[[nodiscard]] int exposure_admitting(const struct exposure *e, const struct net_ranges *from,
				     struct arena *a, struct str *ret);
/* By internet first (yes, unknown, no), then resource, port, protocol, address. */
void exposures_sort(struct exposures *e);

/*
 * What passes both views: host behind cloud. Sources are those of both, rules the cloud's and then
 * the host's; what the host says of process and package stays. -ENOMEM.
 */
[[nodiscard]] int exposure_behind(struct exposure *host, const struct exposure *cloud,
				  struct arena *a);

#endif
