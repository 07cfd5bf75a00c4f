/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * evtx_program: what a tree means for the fields of an event. It is compiled once a template and
 * chunk; then an event is a walk over steps that name a slot and a field.
 */
#ifndef HF_EVENTS_EVTX_PROGRAM_H
#define HF_EVENTS_EVTX_PROGRAM_H

#include "events/evtx_tree.h"

/* What a part of a tree stands in, which decides what its elements mean. */
enum evtx_place {
	EVTX_PLACE_TOP,
	EVTX_PLACE_EVENT,
	EVTX_PLACE_SYSTEM,
	EVTX_PLACE_DATA,      /* EventData */
	EVTX_PLACE_USER,      /* UserData and everything else */
	EVTX_PLACE_RENDERING, /* RenderingInfo of forwarded events: texts of the sender's language */
	EVTX_PLACE_N
};

/* Values of System that the reader itself wants, whoever else asks for them. */
enum evtx_special {
	EVTX_SPECIAL_NONE,
	EVTX_SPECIAL_EVENT_ID,
	EVTX_SPECIAL_CHANNEL,
	EVTX_SPECIAL_TIME,
	EVTX_SPECIAL_RECORD,
	EVTX_SPECIAL_N
};

enum evtx_step_kind {
	EVTX_STEP_SLOT,     /* a slot alone */
	EVTX_STEP_VALUE,    /* a constant; null where an element is empty */
	EVTX_STEP_PARTS,    /* several of these, one after the other */
	EVTX_STEP_INSTANCE, /* a template within this one */
};

struct evtx_step {
	uint8_t kind, special;
	uint8_t original; /* evtx_original_find() */
	uint8_t place;    /* of what is binary XML in the slot */
	bool optional;    /* where null there is no value */
	bool unnamed;     /* one of several Data without a name */
	bool system;      /* gives way to event data */
	uint16_t field;   /* 0: only for what is nested */
	uint32_t slot;
	struct evtx_raw value;
	const struct evtx_item *parts;
	const struct evtx_item *name; /* of a field whose name is no constant */
	const struct evtx_instance *instance;
};

struct evtx_program {
	struct evtx_step *steps;
	size_t n;
};

/* -ENOMEM (also where the arena is full). */
[[nodiscard]] int evtx_compile(const struct names *names, const struct evtx_item *items,
			       enum evtx_place place, struct arena *a, struct evtx_program *ret);

#endif
