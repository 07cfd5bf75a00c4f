/* SPDX-License-Identifier: GPL-3.0-or-later */
/* source_cache: what the inventory of this machine keeps from one run to the next, for root alone. */
#ifndef HF_CLI_SOURCE_CACHE_H
#define HF_CLI_SOURCE_CACHE_H

#include "cli/source.h"
#include "facts/fact.h"

struct source_cache {
	int folder;  /* -1: nothing is kept */
	char *bytes; /* owned */
	struct collect_inventory inventory;
};
#define SOURCE_CACHE_NONE ((struct source_cache){ .folder = -1, .inventory = { .out = -1 } })

/*
 * In the folder of the cache (detect/cache.h), which HOLDFAST_CACHE=off does without. NULL where it
 * does not apply, or cannot be had: then every folder is read.
 */
const struct collect_inventory *source_cache_open(struct source_cache *c, const struct source *s);
/* After the collecting. That it cannot be written (a full disk) is no matter. */
void source_cache_store(const struct source_cache *c);
void source_cache_release(struct source_cache *c);

#endif
