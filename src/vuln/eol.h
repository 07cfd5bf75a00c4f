/* SPDX-License-Identifier: GPL-3.0-or-later */
/* eol: until when releases of distributions get security updates. */
#ifndef HF_VULN_EOL_H
#define HF_VULN_EOL_H

#include "base/str.h"

struct eol {
	const char *id, *version; /* as ID= and VERSION_ID= of os-release(5) */
	const char *end;          /* YYYY-MM-DD: the last day */
	const char *extended;     /* of long-term or paid support; NULL: none, or not known */
};

/* The release, or the longest version it begins with ("8.9" is "8"); NULL: not known. */
const struct eol *eol_find(struct str id, struct str version);

#endif
