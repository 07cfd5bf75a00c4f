/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sigma_corpus: every rule below a folder. */
#ifndef HF_SIGMA_CORPUS_H
#define HF_SIGMA_CORPUS_H

#include <ftw.h>

#include "base/file.h"
#include "detect/rule.h"

#define SIGMA_CORPUS "../shared/corpora/sigma"

static struct arena corpus_arena = { .limit = (size_t)256 << 20 };
static struct rule_text *corpus;
static size_t corpus_n, corpus_cap;

static int corpus_add(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	struct rule_text t;

	(void)st, (void)ftw;
	if (type != FTW_F || !str_ends(str_of(path), STR(".yml")))
		return 0;
	t.file = arena_str(&corpus_arena, str_of(path));
	if (!t.file.ptr || file_read(path, (size_t)1 << 20, &corpus_arena, &t.text) < 0)
		return -1;
	return arena_push(&corpus_arena, corpus, corpus_n, corpus_cap, t);
}

static int corpus_order(const void *a, const void *b)
{
	return str_cmp(((const struct rule_text *)a)->file, ((const struct rule_text *)b)->file);
}

/* False: the corpora are not there. */
static bool corpus_load(void)
{
	static const char *const folders[] = { "rules", "rules-compliance",
					       "rules-emerging-threats", "rules-threat-hunting" };
	char path[256];

	for (size_t i = 0; i < COUNT(folders); i++) {
		snprintf(path, sizeof path, SIGMA_CORPUS "/%s", folders[i]);
		if (access(path, R_OK) < 0 || nftw(path, corpus_add, 16, FTW_PHYS) != 0)
			return false;
	}
	qsort(corpus, corpus_n, sizeof *corpus, corpus_order);
	return true;
}

#endif
