/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vulns_work: shared by the files that load what `vulns` shows. */
#ifndef HF_CLI_VULNS_WORK_H
#define HF_CLI_VULNS_WORK_H

#include "base/map.h"
#include "cli/vulns.h"

struct loader {
	struct store *s;
	struct arena *a;
	struct vulns *v;
	sqlite3_stmt *st;
	size_t cap, cap_processes, cap_uses;
	struct vuln_process *processes;
	size_t n_processes;
	struct vuln_use *uses; /* sorted by package */
	size_t n_uses;
	size_t cap_packages, cap_places; /* of the last flaw */
};

/* Columns of the row at hand; -ENOMEM. */
[[nodiscard]] int load_text(struct loader *l, int column, struct str *ret);
[[nodiscard]] int load_texts(struct loader *l, struct str *const to[], size_t n);
int64_t load_number(const struct loader *l, int column);
bool load_is_null(const struct loader *l, int column);

/* NULL: nobody uses it. */
const struct vuln_use *load_use(const struct loader *l, struct str package);

/* One row of the table vulnerabilities, in the order of source, version and id. */
[[nodiscard]] int load_flaw(struct loader *l);
/* CVEs and risk of every update; the order of both. */
[[nodiscard]] int load_join(struct loader *l);
/* One row of what is out of support, in the order of name and version. */
[[nodiscard]] int load_ended(struct loader *l);
void load_sort_ended(struct vulns *v);
/* What mends the flaws of components, once their risk is known. */
[[nodiscard]] int load_components(struct loader *l);

#endif
