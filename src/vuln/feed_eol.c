/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * eol: endoflife.date.
 *
 *   API 1  /api/v1/products/full ("result" is a list), /api/v1/products/NAME (an object): name,
 *          aliases, releases: name, isEol, eolFrom, isEoes, eoesFrom
 *   API 0  /api/NAME.json: a list of cycle, eol, extendedSupport; the product is the file's name
 *   pages  products/NAME.md: permalink, releases: releaseCycle, eol, eoes
 *
 * An end is a day, or true (it is over) or false (it is not).
 */
#include "vuln/date.h"
#include "vuln/feed_work.h"

struct eol_names {
	const char *release, *end, *over, *extended, *extended_over;
};
static const struct eol_names api_1 = { "name", "eolFrom", "isEol", "eoesFrom", "isEoes" };
static const struct eol_names api_0 = { "cycle", "eol", "eol", "extendedSupport",
					"extendedSupport" };
static const struct eol_names page = { "releaseCycle", "eol", "eol", "eoes", "eoes" };

/* 0 or -EINVAL: no day. */
static int read_day(struct feed_read *f, const struct jdoc *doc, uint32_t v, const char *day,
		    const char *over, int32_t *ret)
{
	uint32_t at = feed_get(doc, v, str_of(day)), flag = feed_get(doc, v, str_of(over));

	*ret = EOL_NEVER;
	if (at && jdoc_is(doc, at, J_STRING))
		return date_days(feed_text(f, doc, at), ret);
	if (flag && jdoc_is(doc, flag, J_TRUE))
		*ret = EOL_PAST;
	return 0;
}

static int read_release(struct feed_read *f, struct jdoc *doc, uint32_t v,
			const struct eol_names *names, struct str product, struct diag *d)
{
	uint32_t at = feed_get(doc, v, str_of(names->release));
	struct str release =
		at && jdoc_is(doc, at, J_NUMBER) ? jdoc_raw(doc, at) : feed_text(f, doc, at);
	int32_t end, extended;

	if (!release.len)
		return feed_broken(doc, v, d, "a release without a name");
	if (read_day(f, doc, v, names->end, names->over, &end) < 0 ||
	    read_day(f, doc, v, names->extended, names->extended_over, &extended) < 0)
		return feed_broken(doc, v, d, "an end of support that is no day");
	f->now->records++;
	index_build_eol(f->now->build, product, release, end,
			extended == EOL_PAST ? EOL_NEVER : extended);
	return 0;
}

static int read_releases(struct feed_read *f, struct jdoc *doc, uint32_t list,
			 const struct eol_names *names, struct str product, struct diag *d)
{
	if (!product.len)
		return feed_broken(doc, list, d, "a product without a name");
	jdoc_each(doc, list, v) {
		int r = jdoc_is(doc, v, J_OBJECT)
				? read_release(f, doc, v, names, product, d)
				: feed_broken(doc, v, d, "a release that is no object");

		if (r < 0)
			return r;
	}
	return 0;
}

static int read_product(struct feed_read *f, struct jdoc *doc, uint32_t v, struct diag *d)
{
	uint32_t list = feed_get(doc, v, STR("releases"));
	int r = 0;

	if (!list || !jdoc_is(doc, list, J_ARRAY))
		return feed_broken(doc, v, d,
				   "a product without releases (not of /products/full?)");
	r = read_releases(f, doc, list, &api_1, feed_member(f, doc, v, STR("name")), d);
	jdoc_each(doc, feed_get(doc, v, STR("aliases")), alias)
		if (r == 0 && jdoc_is(doc, alias, J_STRING))
			r = read_releases(f, doc, list, &api_1, feed_text(f, doc, alias), d);
	return r;
}

static int read_api_1(struct feed_read *f, struct jdoc *doc, struct diag *d)
{
	uint32_t at = jdoc_get(doc, 0, STR("schema_version"));
	uint32_t result = jdoc_get(doc, 0, STR("result"));
	struct str version = feed_text(f, doc, at);

	if (!str_starts(version, STR("1.")))
		return feed_unknown(doc, at, d, "endoflife.date's schema", version);
	feed_published(f, feed_root(f, doc, STR("generated_at")));
	if (jdoc_is(doc, result, J_OBJECT))
		return read_product(f, doc, result, d);
	jdoc_each(doc, result, v) {
		int r = read_product(f, doc, v, d);

		if (r < 0)
			return r;
	}
	return 0;
}

/* "debian" of ".../debian.json". */
static struct str name_of_file(struct str path)
{
	struct str name = str_basename(path);
	ssize_t dot = str_find(name, '.');

	return dot < 0 ? name : str_sub(name, 0, (size_t)dot);
}

int feed_eol(struct feed_read *f, struct jdoc *doc, struct diag *d)
{
	struct str link = feed_root(f, doc, STR("permalink"));

	if (jdoc_get(doc, 0, STR("result")))
		return read_api_1(f, doc, d);
	if (jdoc_is(doc, 0, J_ARRAY))
		return read_releases(f, doc, 0, &api_0, name_of_file(f->name), d);
	return read_releases(f, doc, jdoc_get(doc, 0, STR("releases")), &page, str_basename(link),
			     d);
}
