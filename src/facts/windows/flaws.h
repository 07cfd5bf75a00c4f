/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * flaws: holes in Windows that are exploited over the network without a login, with the build or
 * the version of a file that closes each (Microsoft's update articles), and the last days of
 * support of its releases.
 */
#ifndef HF_FACTS_WINDOWS_FLAWS_H
#define HF_FACTS_WINDOWS_FLAWS_H

#include "base/str.h"

struct windows_flaw {
	const char *cve, *name;
	const char *file; /* below the folder of Windows; NULL: the revision of the build tells */
	const char *kb;   /* an update that closes it; '' */
	uint32_t build;   /* of Windows that it is in */
	uint32_t fixed_build, fixed; /* first build and revision without it */
	uint32_t fixed_hotfix; /* the same in the branch of hotfixes (20,000 and more); 0: none */
};
extern const struct windows_flaw windows_flaws[];
extern const size_t n_windows_flaws;

struct windows_release {
	uint32_t build;
	const char *client, *server;   /* names; NULL: there is no such release */
	const char *client_end;        /* last day of support as YYYY-MM-DD: of Home and Pro */
	const char *server_end, *paid; /* paid: of extended security updates; NULL: none */
};
/* NULL: not known. */
const struct windows_release *windows_release_find(uint32_t build);

/* "6.1.7601.24441" in the version resource of a program; false where there is none. */
bool windows_file_version(struct str bytes, uint32_t ret[static 4]);

#endif
