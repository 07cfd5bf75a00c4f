/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cloud_exposure: what reach.h answers, as records of exposures. */
#ifndef HF_FACTS_AZURE_CLOUD_EXPOSURE_H
#define HF_FACTS_AZURE_CLOUD_EXPOSURE_H

#include "facts/azure/reach.h"
#include "net/exposure.h"

/* What the smallest change that shuts a port must leave: prefixes, may be NULL. */
struct cloud_keep {
	const struct az_texts *prefixes;
	size_t fixes; /* how many more are looked for */
};

/* Every range of TCP and UDP ports of one target that is decided alike. Memory of a. */
[[nodiscard]] int cloud_exposures(const struct reach *r, size_t target, struct cloud_keep *keep,
				  struct arena *a, struct exposures *ret);
/*
 * One port with every rule on its way. protocol: "tcp" or "udp". The record's resource is the
 * target's name.
 */
[[nodiscard]] int cloud_exposure_port(const struct reach *r, size_t target, struct str protocol,
				      uint16_t port, struct cloud_keep *keep, struct arena *a,
				      struct exposure *ret);

#endif
