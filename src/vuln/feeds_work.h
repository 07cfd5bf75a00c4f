/* SPDX-License-Identifier: GPL-3.0-or-later */
/* feeds_work: what the files of the folder's keeper share. */
#ifndef HF_VULN_FEEDS_WORK_H
#define HF_VULN_FEEDS_WORK_H

#include "vuln/feeds.h"
#include "vuln/index_format.h"

#define FEEDS_MAX 4'096u

struct feed_names {
	char names[FEEDS_MAX][FEED_NAME_MAX];
	size_t n;
};
/* Names of all parts, sorted; *ret begins empty. */
[[nodiscard]] int feeds_names(const struct feeds *f, struct feed_names *ret);
const char *feeds_path(const struct feeds *f, char ret[static 4096], const char *folder,
		       const char *name);
/* Opened and checked as a whole. */
[[nodiscard]] int feeds_open_part(const struct feeds *f, const char *name, struct index *ret,
				  struct diag *d);
[[nodiscard]] int feeds_put_part(struct feeds *f, struct str name, struct str bytes,
				 struct diag *d);

/* What the process that reads hands out: a record and its bytes a part, and how it went. */
struct feed_record {
	char name[FEED_NAME_MAX];
	uint64_t len;
	bool ready; /* a part of an export, as it was */
};
struct feed_result {
	int error;
	struct diag d, first_broken;
	uint64_t documents, broken;
};
[[nodiscard]] int feeds_read(const struct feed_import *how, const char *path, bool is_folder,
			     int out, struct diag *d);

#endif
