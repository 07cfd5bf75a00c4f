/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sigma_cached: a cache of rules in a folder of the test's own. */
#ifndef HF_SIGMA_CACHED_H
#define HF_SIGMA_CACHED_H

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "detect/cache.h"

static char cached_folder[64];

static const char *cached_path(const char *name)
{
	static char path[400];

	snprintf(path, sizeof path, "%s/%s", cached_folder, name);
	return path;
}

static bool cached_begin(void)
{
	strcpy(cached_folder, "/tmp/rule_cache.XXXXXX");
	return mkdtemp(cached_folder) && setenv("HOLDFAST_CACHE", cached_folder, 1) == 0;
}

/* Calls fn, where there is one, with every file's name; the number of files. */
static unsigned cached_each(void (*fn)(const char *path))
{
	DIR *d = opendir(cached_folder);
	const struct dirent *e;
	unsigned n = 0;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.') {
			if (fn)
				fn(cached_path(e->d_name));
			n++;
		}
	if (d)
		closedir(d);
	return n;
}

static void cached_remove(const char *path)
{
	if (unlink(path) < 0)
		(void)rmdir(path);
}

static void cached_end(void)
{
	(void)chmod(cached_folder, 0700);
	cached_each(cached_remove);
	(void)rmdir(cached_folder);
}

/* Once; *ret_hit: it was in the cache. */
static int cached_compile(const struct rule_text *texts, size_t n, struct names *names,
			  rule_fn *report, void *user, struct rules **ret, bool *ret_hit)
{
	own(rule_cache_release) struct rule_cache c = RULE_CACHE_NONE;

	rule_cache_open(&c, texts, n, STR(""));
	*ret_hit = rule_cache_hit(&c);
	return rules_compile_cached(&c, texts, n, names, STR(""), report, user, ret);
}

#endif
