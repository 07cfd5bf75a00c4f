/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of ecosystems and packages in the form in which they are compared. */
#include "vuln/index_format.h"

/* How names are compared: the rules of each registry. */
enum fold { FOLD_NONE, FOLD_CASE, FOLD_PYPI };
static const struct {
	const char *ecosystem;
	enum fold fold;
} folds[] = {
	{"pypi",       FOLD_PYPI}, /* PEP 503 */
	{ "nuget",     FOLD_CASE},
        { "packagist", FOLD_CASE},
        { "wordpress", FOLD_CASE},
	{ "windows",   FOLD_CASE},
        { "hex",       FOLD_CASE},
};

static bool put(char ret[static INDEX_TEXT_MAX], size_t *n, struct str s)
{
	if (s.len > INDEX_TEXT_MAX - 1 - *n)
		return false;
	for (size_t i = 0; i < s.len; i++)
		ret[(*n)++] = version_lower(s.ptr[i]);
	return true;
}

/*
 * "Red Hat:enterprise_linux:9::baseos" is "red hat:9", "Red Hat:rhel_eus:9.2::appstream" is
 * "red hat:rhel_eus:9.2".
 */
static struct str red_hat(struct str release)
{
	struct str rest = release, product = str_cut(&rest, ':'), version = str_cut(&rest, ':');

	if (!version.len)
		return release;
	if (str_ieq(product, STR("enterprise_linux")))
		return version;
	return (struct str){ product.ptr, (size_t)(version.ptr + version.len - product.ptr) };
}

bool index_ecosystem(struct str ecosystem, char ret[static INDEX_TEXT_MAX], size_t *ret_len)
{
	struct str rest = ecosystem, name = str_cut(&rest, ':');
	size_t n = 0;

	if (str_ieq(name, STR("maven")))
		rest = STR(""); /* "Maven:https://…": another registry of the same names */
	else if (str_ieq(name, STR("red hat")))
		rest = red_hat(rest);
	else if (str_ieq(name, STR("ubuntu")) && rest.len > 4 &&
		 str_ieq(str_sub(rest, rest.len - 4, rest.len), STR(":lts")))
		rest = str_sub(rest, 0, rest.len - 4);
	else if (str_ieq(name, STR("alpine")) && rest.len > 1 && version_lower(*rest.ptr) == 'v')
		rest = str_sub(rest, 1, rest.len);
	if (!name.len || !put(ret, &n, name) ||
	    (rest.len && (!put(ret, &n, STR(":")) || !put(ret, &n, rest))))
		return false;
	ret[n] = 0;
	*ret_len = n;
	return true;
}

/* Runs of "-", "_" and "." are one "-". */
static size_t fold_pypi(char *name, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		bool separator = name[i] == '-' || name[i] == '_' || name[i] == '.';

		if (separator && n && name[n - 1] == '-')
			continue;
		name[n++] = (char)(separator ? '-' : version_lower(name[i]));
	}
	return n;
}

bool index_name(struct str ecosystem, struct str name, char ret[static INDEX_TEXT_MAX],
		size_t *ret_len)
{
	struct str first = str_cut(&ecosystem, ':');
	enum fold fold = FOLD_NONE;
	size_t n = name.len;

	if (!n || n >= INDEX_TEXT_MAX)
		return false;
	for (size_t i = 0; i < COUNT(folds); i++)
		if (str_ieq(first, str_of(folds[i].ecosystem)))
			fold = folds[i].fold;
	memcpy(ret, name.ptr, n);
	if (fold == FOLD_PYPI)
		n = fold_pypi(ret, n);
	for (size_t i = 0; fold == FOLD_CASE && i < n; i++)
		ret[i] = version_lower(ret[i]);
	ret[n] = 0;
	*ret_len = n;
	return true;
}

const char *index_severity_name(enum index_severity s)
{
	static const char *const names[] = { "unknown", "negligible", "low",
					     "medium",  "high",       "critical" };

	return s < COUNT(names) ? names[s] : names[0];
}

const char *index_status_name(enum index_status s)
{
	static const char *const names[] = { "affected",     "minor",     "deferred",
					     "will not fix", "undecided", "malicious" };

	return s < COUNT(names) ? names[s] : names[0];
}
