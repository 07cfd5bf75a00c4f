/* SPDX-License-Identifier: GPL-3.0-or-later */
/* evtx_view: a record as it is shown: templates, values and nested binary XML put together. */
#ifndef HF_EVENTS_EVTX_VIEW_H
#define HF_EVENTS_EVTX_VIEW_H

#include "events/evtx_reader.h"

struct evtx_view {
	struct evtx_reader *r;
	struct arena *a;
	struct buf *out;
	int error; /* the first; what can be shown is shown all the same */
};

/* A part of what an element holds: an element or a value. */
struct evtx_part {
	struct evtx_part *next;
	const struct evtx_element *element; /* NULL: value */
	const struct evtx_frame *frame;     /* of the element's slots */
	struct evtx_raw value;
};

/* What the items are, with the values of the frame. */
struct evtx_part *evtx_view_parts(struct evtx_view *v, const struct evtx_item *items,
				  const struct evtx_frame *f);
/* Of a record: from pos to end of the chunk. */
struct evtx_part *evtx_view_record(struct evtx_view *v, uint32_t pos, uint32_t end);

/*
 * What holds an optional slot that is null is not shown ([MS-EVEN6] 3.1.4.7.2). Where the slot is
 * for binary XML Windows shows what is around it.
 */
bool evtx_view_omitted(const struct evtx_item *items, const struct evtx_frame *f);

/* One more part that is shown without being made; false, with an error, past the limit. */
bool evtx_view_spend(struct evtx_view *v);

/* The text of values, joined; lives as long as the view. */
struct str evtx_view_text(struct evtx_view *v, const struct evtx_part *parts,
			  enum evtx_style style);
/* The text of one value; lives until the next call. */
struct str evtx_view_brief(struct evtx_view *v, struct evtx_raw value, enum evtx_style style);
/* The only value where it is an array, which repeats its element; or NULL. */
const struct evtx_raw *evtx_view_array(const struct evtx_part *parts);

void evtx_view_error(struct evtx_view *v, int error);

/* Makes the tags of a template's elements, from the arena; those for which there is no room go without. */
void evtx_xml_prepare(struct evtx_item *items, struct arena *a);
void evtx_write_xml(struct evtx_view *v, const struct evtx_part *record);
void evtx_write_json(struct evtx_view *v, const struct evtx_part *record);

#endif
