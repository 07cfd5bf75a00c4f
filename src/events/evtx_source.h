/* SPDX-License-Identifier: GPL-3.0-or-later */
/* evtx_source: which of Sigma's log sources a Windows event belongs to, and what it calls fields. */
#ifndef HF_EVENTS_EVTX_SOURCE_H
#define HF_EVENTS_EVTX_SOURCE_H

#include "events/event.h"

struct evtx_channel {
	const char *channel, *service, *product;
};
extern const struct evtx_channel evtx_channels[];
extern const size_t evtx_n_channels;

/* Events of a service that are a category. */
struct evtx_category {
	const char *category, *service;
	uint16_t ids[16];
	const char *event_type; /* what the field EventType begins with, or NULL */
	const char *wider;      /* category that they belong to as well, or NULL */
};
extern const struct evtx_category evtx_categories[];
extern const size_t evtx_n_categories;

/* In events of a category and service, what Sigma calls `field` stands under `original`. */
struct evtx_alias {
	const char *category, *service, *original, *field;
};
extern const struct evtx_alias evtx_aliases[];
extern const size_t evtx_n_aliases;

/* Fields that log sources and aliases depend on: numbers from 1, 0 for every other name. */
#define EVTX_ORIGINAL_EVENT_TYPE 1U
#define EVTX_ORIGINALS_MAX 16U
uint8_t evtx_original_find(struct str name);

/* The tables above with the numbers of names. */
struct evtx_sources;
[[nodiscard]] int evtx_sources_new(const struct names *names, struct evtx_sources **ret);
void evtx_sources_release(struct evtx_sources **s);
/* Index of a channel (UTF-8, in any case) for evtx_source_find(), or -1. */
int evtx_source_channel(const struct evtx_sources *s, struct str channel);

struct evtx_source_alias {
	uint8_t original;
	uint16_t field;
};
struct evtx_source {
	struct log_source source;
	struct evtx_source_alias aliases[4]; /* field 0: none */
};
/* event_type may be empty. */
struct evtx_source evtx_source_find(const struct evtx_sources *s, int channel, int64_t event_id,
				    struct str event_type);

#endif
