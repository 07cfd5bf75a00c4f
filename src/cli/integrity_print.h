/* SPDX-License-Identifier: GPL-3.0-or-later */
/* integrity_print: what `holdfast integrity` tells, as text or JSON. */
#ifndef HF_CLI_INTEGRITY_PRINT_H
#define HF_CLI_INTEGRITY_PRINT_H

#include <jansson.h>

#include "sensor/integrity.h"

struct integrity_print {
	bool json, all;    /* all: what packages have changed, too */
	unsigned least;    /* severity from which on the exit code is 1 */
	const char *under; /* only what is this path or below it; NULL: everything */
	json_t *list;      /* of changes */
	uint64_t shown, by_severity[5], hidden, bytes;
	bool any; /* of that severity */
	bool failed;
};

/* A fim_fn. */
int integrity_print_change(void *user, const struct fim_change *c);
/* The sum, or the JSON document. -ENOMEM. */
[[nodiscard]] int integrity_print_end(struct integrity_print *p, struct fim *f);

#endif
