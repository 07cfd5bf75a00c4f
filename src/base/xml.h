/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xml: tags and texts of a whole document, or of a piece of one (XML 1.0), nothing copied. */
#ifndef HF_BASE_XML_H
#define HF_BASE_XML_H

#include "base/arena.h"

enum xml_kind { XML_END, XML_OPEN, XML_CLOSE, XML_TEXT };

struct xml {
	struct str rest;       /* set by the caller */
	struct str name;       /* of a tag, with its prefix: "rpm:entry" */
	struct str attributes; /* of an opening tag */
	struct str text;       /* as it is written: see xml_unescape() */
	bool empty;            /* "<x/>": no closing tag follows */
};

/*
 * The next piece; comments and instructions are left out, and so are texts of blanks alone. That
 * tags match is for the caller to see. 0 or -EBADMSG: cut off, no XML, or a document type, which
 * could define entities.
 */
[[nodiscard]] int xml_next(struct xml *x, enum xml_kind *ret);
/* Of the opening tag at hand, as it is written. */
bool xml_attribute(const struct xml *x, struct str name, struct str *ret);
/* The five entities of XML and characters by number; s itself where none is; ptr NULL: no memory. */
struct str xml_unescape(struct arena *a, struct str s);

#endif
