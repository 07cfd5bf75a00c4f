/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * evtx_xml: Windows events that are XML already: forwarded ones, exports of wevtutil and of the Event
 * Viewer, Sysmon for Linux in syslog. Only what such events consist of is read (elements, attributes,
 * text, character references, the five entities, CDATA, comments); a document type is no part of it.
 */
#ifndef HF_EVENTS_EVTX_XML_H
#define HF_EVENTS_EVTX_XML_H

#include "events/evtx.h"

#define EVTX_XML_MAX ((size_t)1 << 20) /* bytes of one event */

/*
 * The next <Event …>…</Event> of a text, with *offset where to look and then where it ends. false: none
 * that is whole; then *offset is where one begins that is not, or the end.
 */
bool evtx_xml_find(struct str text, size_t *offset, struct str *ret);

/*
 * One event; line becomes its `record`. 0, what emit returned, -EBADMSG: not such an event (*reason says
 * why, if not NULL). The values live until the reader reads again.
 */
[[nodiscard]] int evtx_xml_read(struct evtx_reader *r, struct str event, uint64_t line,
				event_fn *emit, void *user, const char **reason);

#endif
