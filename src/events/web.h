/* SPDX-License-Identifier: GPL-3.0-or-later */
/* web: what decoders of web servers' logs share. */
#ifndef HF_EVENTS_WEB_H
#define HF_EVENTS_WEB_H

#include "events/work.h"

/*
 * "GET /path?query HTTP/1.1" into the fields of Sigma. cs-uri-query is path and query: so the rules of SigmaHQ
 * use it. What is no request line is cs-uri as a whole.
 */
void web_request(struct work *w, struct str request);
/* The fields that are one and the same under several names. */
void web_client(struct work *w, struct str client, struct str port);
void web_agent(struct work *w, struct str agent);
/* The name of a Host header without its port. */
struct str web_host(struct str host);

#endif
