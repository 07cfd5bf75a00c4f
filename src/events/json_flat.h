/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json_flat: one JSON object as a list of "a.b.c" and value. Elements of arrays have the name of the array;
 * an array of plain values is one value, joined by blanks. Containers are in the list with their text.
 */
#ifndef HF_EVENTS_JSON_FLAT_H
#define HF_EVENTS_JSON_FLAT_H

#include "base/str.h"

#define JSON_VALUES 1024U
#define JSON_DEPTH 24U /* what is deeper stays text */
#define JSON_PATH 512U
#define JSON_TEXT ((size_t)256 << 10) /* of names and of values that needed a copy */

enum json_kind { JSON_STRING, JSON_NUMBER, JSON_WORD, JSON_NULL, JSON_RAW };

struct json_value {
	struct str path, text;
	enum json_kind kind;
};

struct json_flat {
	struct json_value list[JSON_VALUES];
	size_t n;
	char text[JSON_TEXT];
	size_t used;
	bool full; /* something did not fit */
};

/* The object at the start of *s, which is advanced. False: no well-formed one. */
bool json_flatten(struct json_flat *f, struct str *s);

#endif
