/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of a document. */
#include <stdio.h>

#include "facts/azure/az_read.h"

#define PROBLEMS_MAX 10000

uint32_t az_line(struct az_reader *r, uint32_t v)
{
	return v == AZ_UNTOLD || !r->doc->n ? 0 : jdoc_line(r->doc, v);
}

static void PRINTF(4, 0)
	problem(struct az_reader *r, uint32_t file, unsigned line, const char *fmt, va_list ap)
{
	char reason[256], safe[512];

	if (!r->problems || !r->problems->fn || r->n_problems++ >= PROBLEMS_MAX)
		return;
	vsnprintf(reason, sizeof reason, fmt, ap);
	r->problems->fn(r->problems->user, file < r->m->n_files ? r->m->files[file] : STR(""), line,
			text_safe(str_of(reason), safe, sizeof safe));
}

void az_problem_at(struct az_reader *r, uint32_t file, unsigned line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	problem(r, file, line, fmt, ap);
	va_end(ap);
}

void az_problem(struct az_reader *r, uint32_t v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	problem(r, r->file, az_line(r, v), fmt, ap);
	va_end(ap);
}

enum jtype az_type(const struct az_reader *r, uint32_t v)
{
	return !v ? J_NULL : v == AZ_UNTOLD ? J_UNKNOWN : jdoc_type(r->doc, v);
}

/* Fields of v; what is there twice is not told. */
static void fields_of(struct az_reader *r, uint32_t v, struct jfields *f, uint32_t *ret)
{
	uint64_t twice = jdoc_fields(r->doc, v, f, ret);

	for (size_t i = 0; twice && i < f->n; i++)
		if (twice >> i & 1) {
			az_problem(r, ret[i], "%.*s is there twice", STR_FMT(f->names[i]));
			ret[i] = AZ_UNTOLD;
		}
}

void az_fields(struct az_reader *r, uint32_t v, struct az_fields *f, uint32_t *ret)
{
	uint32_t deep[JFIELDS_MAX] = {}, properties;
	size_t n = f->outer.n;
	bool untold;

	fields_of(r, v, &f->outer, ret);
	/* The last name, see AZ_FIELDS(). */
	properties = ret[n - 1];
	untold = az_given(r, properties) && az_type(r, properties) != J_OBJECT;
	if (az_type(r, properties) == J_OBJECT)
		fields_of(r, properties, &f->inner, deep);
	for (size_t i = 0; i < n; i++)
		if (deep[i])
			ret[i] = deep[i];
		else if (untold && !ret[i])
			ret[i] = AZ_UNTOLD;
}

uint32_t az_member(struct az_reader *r, uint32_t v, struct str name)
{
	uint32_t found = 0, properties;

	if (az_type(r, v) == J_UNKNOWN)
		return AZ_UNTOLD;
	if (az_type(r, v) != J_OBJECT)
		return 0;
	properties = jdoc_get(r->doc, v, STR("properties"));
	if (az_type(r, properties) == J_OBJECT)
		found = jdoc_get(r->doc, properties, name);
	if (!found)
		found = jdoc_get(r->doc, v, name);
	return !found && az_type(r, properties) == J_UNKNOWN ? AZ_UNTOLD : found;
}

uint32_t az_path(struct az_reader *r, uint32_t v, const char *path)
{
	struct str rest = str_of(path);

	while (rest.ptr)
		v = az_member(r, v, str_cut(&rest, '.'));
	return v;
}

struct str az_text(struct az_reader *r, uint32_t v)
{
	struct str s = STR("");

	switch (az_type(r, v)) {
	case J_STRING:
		if (jdoc_text(r->doc, v, r->a, &s) < 0)
			r->error = -ENOMEM;
		return s;
	case J_NUMBER:
	case J_TRUE:
	case J_FALSE: return jdoc_raw(r->doc, v);
	case J_UNKNOWN: return v == AZ_UNTOLD ? s : jdoc_raw(r->doc, v);
	default: return s;
	}
}

bool az_take_text(struct az_reader *r, uint32_t v, struct str *ret)
{
	enum jtype t = az_type(r, v);
	bool unknown = t == J_UNKNOWN || t == J_ARRAY || t == J_OBJECT;

	if (t != J_NULL)
		*ret = unknown ? STR("") : az_text(r, v);
	return unknown;
}

enum az_tri az_tri(struct az_reader *r, uint32_t v)
{
	bool yes;

	switch (az_type(r, v)) {
	case J_TRUE: return AZ_YES;
	case J_FALSE: return AZ_NO;
	case J_STRING:
		return str_to_bool(az_text(r, v), &yes) < 0 ? AZ_UNKNOWN : yes ? AZ_YES : AZ_NO;
	default: return AZ_UNKNOWN;
	}
}

int64_t az_number(struct az_reader *r, uint32_t v, int64_t first, int64_t last)
{
	enum jtype t = az_type(r, v);
	int64_t value = 0;
	int error = -EINVAL;

	if (t == J_NULL)
		return -1;
	if (t == J_UNKNOWN)
		return -2;
	if (t == J_STRING)
		error = str_to_int64(az_text(r, v), &value);
	else if (t == J_NUMBER)
		error = jdoc_int(r->doc, v, &value);
	if (error >= 0 && value >= first && value <= last)
		return value;
	az_problem(r, v, "'%.*s' is no number from %lld to %lld",
		   STR_FMT(str_sub(az_text(r, v), 0, 60)), (long long)first, (long long)last);
	return -2;
}

struct str az_fmt(struct az_reader *r, const char *fmt, ...)
{
	own(buf_release) struct buf out = BUF((size_t)1 << 24);
	struct str s = {};
	va_list ap;

	va_start(ap, fmt);
	if (buf_vfmt(&out, fmt, ap) >= 0)
		s = arena_str(r->a, buf_view(&out));
	va_end(ap);
	if (s.ptr)
		return s;
	r->error = out.error ? out.error : -ENOMEM;
	return STR("");
}

struct str az_cat(struct az_reader *r, struct str x, struct str y, struct str z)
{
	struct str s = arena_cat(r->a, x, y, z);

	if (s.ptr)
		return s;
	r->error = -ENOMEM;
	return STR("");
}

void *az_array(struct az_reader *r, size_t n, size_t size)
{
	void *p = arena_array(r->a, MAX(n, 1), size);

	if (!p)
		r->error = -ENOMEM;
	return p;
}

/* Lists know no capacity: it is the next power of two. */
static void *push(struct az_reader *r, void *list, uint32_t n, size_t size)
{
	void *grown;

	if (n & (n - 1))
		return list;
	grown = az_array(r, n ? (size_t)n * 2 : 1, size);
	if (grown && n)
		memcpy(grown, list, n * size);
	return grown;
}

void az_push_text(struct az_reader *r, struct az_texts *to, struct str s)
{
	/* Most lists of rules are this one. It is never written to: one element is a full list. */
	static struct str any[] = { STR("*") };
	struct str *list;

	if (!to->n && str_eq(s, any[0])) {
		to->list = any;
		to->n = 1;
		return;
	}
	list = push(r, to->list, to->n, sizeof *list);
	if (!list)
		return;
	to->list = list;
	to->list[to->n++] = s;
}

void az_push_ref(struct az_reader *r, struct az_refs *to, struct az_ref ref)
{
	struct az_ref *list = push(r, to->list, to->n, sizeof *list);

	if (!list)
		return;
	to->list = list;
	to->list[to->n++] = ref;
}

void az_add_texts(struct az_reader *r, uint32_t v, struct az_texts *ret)
{
	struct str s;

	switch (az_type(r, v)) {
	case J_NULL: return;
	case J_ARRAY:
		jdoc_each(r->doc, v, element) {
			s = STR("");
			ret->unknown |= az_take_text(r, element, &s);
			if (s.len)
				az_push_text(r, ret, s);
		}
		return;
	default:
		s = STR("");
		ret->unknown |= az_take_text(r, v, &s);
		if (s.len)
			az_push_text(r, ret, s);
	}
}

struct az_ref az_ref(struct az_reader *r, uint32_t v)
{
	struct az_ref ref = { .id = STR(""), .at = AZ_NONE };
	enum jtype t = az_type(r, v);

	if (t == J_OBJECT) {
		v = jdoc_get(r->doc, v, STR("id"));
		t = az_type(r, v);
		ref.unknown = !v;
	}
	if (t == J_NULL)
		return ref;
	ref.id = az_text(r, v);
	ref.unknown = t != J_STRING;
	/* PowerShell writes the name of the class where it goes no deeper. */
	if (t == J_STRING && !r->planned && ref.id.len && ref.id.ptr[0] != '/')
		ref.unknown = true;
	return ref;
}

void az_add_refs(struct az_reader *r, uint32_t v, struct az_refs *ret)
{
	struct az_ref ref;

	if (az_type(r, v) == J_ARRAY) {
		jdoc_each(r->doc, v, element) {
			ref = az_ref(r, element);
			if (ref.id.len || ref.unknown)
				az_push_ref(r, ret, ref);
		}
		return;
	}
	/* An id with parameters in it may be that of an object of the same file. */
	ref = az_ref(r, v);
	if (az_type(r, v) == J_UNKNOWN || (ref.unknown && !ref.id.len))
		ret->unknown = true;
	else if (ref.id.len)
		az_push_ref(r, ret, ref);
}

void az_add_ids(struct az_reader *r, uint32_t v, struct az_texts *ret)
{
	struct az_refs refs = {};

	az_add_refs(r, v, &refs);
	ret->unknown |= refs.unknown;
	for (uint32_t i = 0; i < refs.n; i++)
		/* In a template a symbol is as good as a name. */
		if (refs.list[i].id.len && (r->planned || !refs.list[i].unknown))
			az_push_text(r, ret, refs.list[i].id);
		else
			ret->unknown = true;
}
