/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Headers of rpm: rpm's docs/manual/format_header.md; everything is big-endian. */
#include <endian.h>

#include "facts/linux/rpm_db.h"

enum {
	ENTRY_SIZE = 16,
	ENTRIES_MAX = 0xffff, /* HEADER_TAGS_MAX */
	TYPE_INT8 = 2,
	TYPE_INT16 = 3,
	TYPE_INT32 = 4,
	TYPE_INT64 = 5,
	TYPE_STRING = 6,
	TYPE_STRING_ARRAY = 8,
	TYPE_I18NSTRING = 9,
};

static uint32_t be32(const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return be32toh(v);
}

int rpm_header_open(struct str blob, struct rpm_header *ret)
{
	uint32_t n, len;

	if (blob.len < 8)
		return -EBADMSG;
	n = be32(blob.ptr);
	len = be32(blob.ptr + 4);
	if (!n || n > ENTRIES_MAX || len > blob.len || blob.len - 8 < (size_t)n * ENTRY_SIZE ||
	    blob.len - 8 - (size_t)n * ENTRY_SIZE < len)
		return -EBADMSG;
	ret->index = (const unsigned char *)blob.ptr + 8;
	ret->n = n;
	ret->data = str_sub(blob, 8 + (size_t)n * ENTRY_SIZE, 8 + (size_t)n * ENTRY_SIZE + len);
	return 0;
}

struct rpm_values rpm_header_get(const struct rpm_header *h, enum rpm_tag tag)
{
	for (uint32_t i = 0; i < h->n; i++) {
		const unsigned char *e = h->index + (size_t)i * ENTRY_SIZE;
		uint32_t offset = be32(e + 8);

		if (be32(e) != (uint32_t)tag)
			continue;
		if (offset >= h->data.len)
			break;
		return (struct rpm_values){ be32(e + 4), be32(e + 12),
					    str_sub(h->data, offset, h->data.len) };
	}
	return (struct rpm_values){};
}

bool rpm_next_text(struct rpm_values *v, struct str *ret)
{
	ssize_t end = str_find(v->data, '\0');

	if (!v->n || end < 0 ||
	    (v->type != TYPE_STRING && v->type != TYPE_STRING_ARRAY && v->type != TYPE_I18NSTRING))
		return false;
	*ret = str_sub(v->data, 0, (size_t)end);
	v->data = str_sub(v->data, (size_t)end + 1, v->data.len);
	v->n--;
	return true;
}

bool rpm_number(const struct rpm_values *v, uint32_t i, uint64_t *ret)
{
	size_t size =
		v->type >= TYPE_INT8 && v->type <= TYPE_INT64 ? (size_t)1 << (v->type - 2) : 0;
	uint64_t value = 0;

	if (!size || i >= v->n || v->data.len / size <= i)
		return false;
	for (size_t k = 0; k < size; k++)
		value = value << 8 | (unsigned char)v->data.ptr[i * size + k];
	*ret = value;
	return true;
}

struct str rpm_header_text(const struct rpm_header *h, enum rpm_tag tag)
{
	struct rpm_values v = rpm_header_get(h, tag);
	struct str s = STR("");

	return rpm_next_text(&v, &s) ? s : STR("");
}

int64_t rpm_header_number(const struct rpm_header *h, enum rpm_tag tag, int64_t otherwise)
{
	struct rpm_values v = rpm_header_get(h, tag);
	uint64_t n;

	return rpm_number(&v, 0, &n) && n <= INT64_MAX ? (int64_t)n : otherwise;
}

void rpm_split_source(struct str file, struct str *ret_name, struct str *ret_version)
{
	ssize_t release, version;

	if (str_ends(file, STR(".rpm")))
		file.len -= 4;
	if (str_rfind(file, '.') > 0)
		file.len = (size_t)str_rfind(file, '.');
	release = str_rfind(file, '-');
	version = release > 0 ? str_rfind(str_sub(file, 0, (size_t)release), '-') : -1;
	if (version <= 0)
		return;
	*ret_name = str_sub(file, 0, (size_t)version);
	*ret_version = str_sub(file, (size_t)version + 1, file.len);
}

/* "nodejs:18:8090020231102:a75119d5" */
static struct str module_of(const struct rpm_header *h)
{
	struct str label = rpm_header_text(h, RPM_MODULARITYLABEL), rest = label;
	struct str name = str_cut(&rest, ':'), stream = str_cut(&rest, ':');

	return rest.ptr && stream.len ? str_sub(label, 0, name.len + 1 + stream.len) : STR("");
}

int rpm_package(const struct rpm_header *h, struct arena *a, struct package *ret)
{
	struct package p = { .name = rpm_header_text(h, RPM_NAME),
			     .arch = rpm_header_text(h, RPM_ARCH),
			     .status = STR("installed"),
			     .format = STR("rpm"),
			     .vendor = rpm_header_text(h, RPM_VENDOR),
			     .section = rpm_header_text(h, RPM_GROUP),
			     .module = module_of(h),
			     .installed = true };
	struct str version = rpm_header_text(h, RPM_VERSION);
	struct str release = rpm_header_text(h, RPM_RELEASE), source_version = {};
	int64_t epoch = rpm_header_number(h, RPM_EPOCH, 0);

	if (!p.name.len || !version.len)
		return -EBADMSG;
	p.install_time = rpm_header_number(h, RPM_INSTALLTIME, FACT_UNKNOWN);
	p.version = epoch > 0 ? arena_fmt(a, "%lld:%.*s-%.*s", (long long)epoch, STR_FMT(version),
					  STR_FMT(release))
			      : arena_cat(a, version, STR("-"), release);
	p.source = p.name;
	p.source_version = p.version;
	rpm_split_source(rpm_header_text(h, RPM_SOURCERPM), &p.source, &source_version);
	if (source_version.len)
		p.source_version = epoch > 0 ? arena_fmt(a, "%lld:%.*s", (long long)epoch,
							 STR_FMT(source_version))
					     : source_version;
	if (!p.version.ptr || !p.source_version.ptr)
		return -ENOMEM;
	*ret = p;
	return 0;
}
