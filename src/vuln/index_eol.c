/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ends of support: those of a feed before those that this program knows by itself. */
#include "vuln/date.h"
#include "vuln/eol.h"
#include "vuln/index_format.h"

/* os-release(5) and endoflife.date name these differently. */
static const struct {
	const char *id, *product;
} names[] = {
	{"alpine",         "alpine-linux"},
        { "rocky",         "rocky-linux" },
        { "ol",            "oracle-linux"},
	{ "amzn",          "amazon-linux"},
        { "opensuse-leap", "opensuse"    },
};

static const char *other_name(struct str product, bool to_id)
{
	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq(product, str_of(to_id ? names[i].product : names[i].id)))
			return to_id ? names[i].id : names[i].product;
	return NULL;
}

struct index_names index_products(const struct index *x)
{
	return (struct index_names){
		.table = x->t.products.bytes,
		.blocks = x->t.product_blocks.bytes,
		.n = (uint32_t)(x->t.product_blocks.bytes.len / 4),
		.names = x->t.products.n,
	};
}

static int32_t day_of(uint64_t code)
{
	return code == 0 ? EOL_NEVER : code == 1 ? EOL_PAST : (int32_t)MIN(code - 2, 4'000'000u);
}

int index_release_next(struct str *record, struct index_eol *ret)
{
	uint64_t end, extended;

	if (!record->len)
		return 0;
	if (!span_text(record, &ret->release) || !span_varint(record, &end) ||
	    !span_varint(record, &extended))
		return -EBADMSG;
	ret->end = day_of(end);
	ret->extended = day_of(extended);
	return 1;
}

static int find_release(struct str record, struct str release, struct index_eol *ret)
{
	struct index_eol one = *ret;
	int r;

	while ((r = index_release_next(&record, &one)) > 0)
		if (str_eq(one.release, release)) {
			*ret = one;
			return 1;
		}
	return r;
}

/* Without its last part: "8.9.1" → "8.9" → "8" → "". */
static struct str shorter(struct str version)
{
	size_t n = version.len;

	while (n && version.ptr[n - 1] != '.' && version.ptr[n - 1] != '-')
		n--;
	return str_sub(version, 0, n ? n - 1 : 0);
}

static int in_feed(const struct index *x, struct str product, struct str version,
		   struct index_eol *ret)
{
	struct index_names products = index_products(x);
	const char *other = other_name(product, false);
	struct str record;
	int r = index_names_find(&products, product, &record);

	if (r == 0 && other)
		r = index_names_find(&products, str_of(other), &record);
	if (r <= 0)
		return r;
	for (r = 0; r == 0 && version.len; version = shorter(version))
		r = find_release(record, version, ret);
	return r;
}

static int built_in(struct str product, struct str version, struct index_eol *ret)
{
	const char *other = other_name(product, true);
	const struct eol *e = eol_find(other ? str_of(other) : product, version);
	int32_t end = EOL_PAST, extended = EOL_NEVER;

	if (!e || date_days(str_of(e->end), &end) < 0 ||
	    (e->extended && date_days(str_of(e->extended), &extended) < 0))
		return 0;
	ret->release = str_of(e->version);
	ret->end = end;
	ret->extended = extended;
	ret->builtin = true;
	return 1;
}

int index_eol(const struct index *x, struct str product, struct str version, struct index_eol *ret)
{
	char text[INDEX_TEXT_MAX];
	struct index_eol found = { .product = product };
	int r = 0;

	/* "2012 R2" is "2012-r2". */
	if (version.len >= sizeof text)
		return 0;
	for (size_t i = 0; i < version.len; i++)
		text[i] = (char)(version.ptr[i] == ' ' ? '-' : version_lower(version.ptr[i]));
	version.ptr = text;
	if (x)
		r = in_feed(x, product, version, &found);
	if (r == 0)
		r = built_in(product, version, &found);
	if (r > 0)
		*ret = found;
	return r;
}
