/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of a parsed document. */
#include <math.h> /* isfinite */
#include <stdio.h>

#include "base/json.h"
#include "base/map.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define LINES_STEP 4096u
/* Objects of so many keys are searched for like ones by comparing all with all. */
#define PAIRWISE_MAX 32

void jdoc_release(struct jdoc *d)
{
	free(d->nodes);
	free(d->origin);
	free(d->lines);
	*d = (struct jdoc){};
}

int jdoc_wrap(struct jdoc *d)
{
	size_t n = d->n;
	struct jnode *nodes =
		alloc_fault && alloc_fault() ? NULL : realloc(d->nodes, (n + 1) * sizeof *nodes);
	uint32_t *origin = d->origin;

	if (!nodes)
		return -ENOMEM;
	d->nodes = nodes;
	if (origin) {
		origin = realloc(origin, (n + 1) * sizeof *origin);
		if (!origin)
			return -ENOMEM;
		memmove(origin + 1, origin, n * sizeof *origin);
		d->origin = origin;
	}
	memmove(nodes + 1, nodes, n * sizeof *nodes);
	nodes[0] = (struct jnode){ nodes[1].at, J_ARRAY | (uint32_t)n << 4 };
	d->n = n + 1;
	return 0;
}

size_t jdoc_count(const struct jdoc *d, uint32_t v)
{
	size_t n = 0;

	jdoc_each(d, v, element)
		n++;
	jdoc_each_key(d, v, key)
		n++;
	return n;
}

struct str jdoc_raw(const struct jdoc *d, uint32_t v)
{
	enum jtype t = jdoc_type(d, v);

	return t == J_ARRAY || t == J_OBJECT
		       ? (struct str){ "", 0 }
		       : (struct str){ d->text.ptr + d->nodes[v].at, jdoc_length(d, v) };
}

static unsigned hex(const char *at)
{
	uint64_t value = 0;

	(void)!str_to_u64((struct str){ at, 4 }, 16, &value);
	return (unsigned)value;
}

size_t json_put_rune(unsigned rune, char ret[static 4])
{
	if (rune < 0x80)
		return ret[0] = (char)rune, 1;
	if (rune < 0x800) {
		ret[0] = (char)(0xc0 | rune >> 6);
		ret[1] = (char)(0x80 | (rune & 0x3f));
		return 2;
	}
	if (rune < 0x10000) {
		ret[0] = (char)(0xe0 | rune >> 12);
		ret[1] = (char)(0x80 | (rune >> 6 & 0x3f));
		ret[2] = (char)(0x80 | (rune & 0x3f));
		return 3;
	}
	ret[0] = (char)(0xf0 | rune >> 18);
	ret[1] = (char)(0x80 | (rune >> 12 & 0x3f));
	ret[2] = (char)(0x80 | (rune >> 6 & 0x3f));
	ret[3] = (char)(0x80 | (rune & 0x3f));
	return 4;
}

/* Next byte or escaped character of a string that the parser has accepted. */
static size_t unescape(struct str *raw, char out[static 4])
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *p = raw->ptr, *plain;
	unsigned rune;
	size_t used = 6;

	if (p[0] != '\\') {
		*raw = str_sub(*raw, 1, raw->len);
		out[0] = p[0];
		return 1;
	}
	if (p[1] != 'u') {
		*raw = str_sub(*raw, 2, raw->len);
		plain = strchr(from, p[1]);
		out[0] = p[1];
		if (plain)
			out[0] = to[plain - from];
		return 1;
	}
	rune = hex(p + 2);
	if (rune >> 11 == 0xd800 >> 11) {
		rune = 0x10000 + ((rune & 0x3ff) << 10) + (hex(p + 8) & 0x3ff);
		used = 12;
	}
	*raw = str_sub(*raw, used, raw->len);
	return json_put_rune(rune, out);
}

int jdoc_text(const struct jdoc *d, uint32_t v, struct arena *a, struct str *ret)
{
	struct str raw = jdoc_raw(d, v);
	size_t all = raw.len, n = 0;
	char *out, piece[4];

	if (!jdoc_escaped(d, v)) {
		*ret = raw;
		return 0;
	}
	/* No escape is shorter than what it stands for. */
	out = arena_alloc(a, all);
	if (!out)
		return -ENOMEM;
	while (raw.len) {
		size_t more = unescape(&raw, piece);

		memcpy(out + n, piece, more);
		n += more;
	}
	arena_shrink(a, out, all, n);
	*ret = (struct str){ out, n };
	return 0;
}

bool jdoc_ieq(const struct jdoc *d, uint32_t v, struct str s)
{
	struct str raw = jdoc_raw(d, v);
	char piece[4];

	if (!jdoc_is(d, v, J_STRING))
		return false;
	if (!jdoc_escaped(d, v))
		return str_ieq(raw, s);
	while (raw.len) {
		struct str next = { piece, unescape(&raw, piece) };

		if (!str_istarts(s, next))
			return false;
		s = str_sub(s, next.len, s.len);
	}
	return !s.len;
}

uint32_t jdoc_get(const struct jdoc *d, uint32_t object, struct str name)
{
	uint32_t found = 0;

	jdoc_each_key(d, object, key)
		if (jdoc_ieq(d, key, name))
			found = key + 1;
	return found;
}

static uint8_t find_field(const struct jdoc *d, uint32_t key, const struct jfields *f)
{
	size_t i = 0;

	while (i < f->n && !jdoc_ieq(d, key, f->names[i]))
		i++;
	return (uint8_t)i;
}

uint64_t jdoc_fields(const struct jdoc *d, uint32_t object, struct jfields *f, uint32_t *ret)
{
	uint64_t seen = 0, twice = 0;
	size_t place = 0;

	memset(ret, 0, f->n * sizeof *ret);
	jdoc_each_key(d, object, key) {
		struct jfields_memory *m = &f->memory[MIN(place, COUNT(f->memory) - 1)];
		struct str raw = jdoc_raw(d, key);

		place++;
		if (!raw.len || m->len != raw.len || memcmp(m->key, raw.ptr, raw.len) != 0) {
			m->field = find_field(d, key, f);
			m->len = (uint8_t)(raw.len <= sizeof m->key ? raw.len : 0);
			memcpy(m->key, raw.ptr, m->len);
		}
		if (m->field < f->n) {
			twice |= seen & 1ull << m->field;
			seen |= 1ull << m->field;
			ret[m->field] = key + 1;
		}
	}
	return twice;
}

int jdoc_double(const struct jdoc *d, uint32_t v, double *ret)
{
	struct str raw = jdoc_raw(d, v);
	char text[512];
	double value;

	if (!jdoc_is(d, v, J_NUMBER))
		return -EINVAL;
	if (raw.len >= sizeof text)
		return -ERANGE;
	snprintf(text, sizeof text, "%.*s", STR_FMT(raw));
	value = strtod(text, NULL);
	if (!isfinite(value))
		return -ERANGE;
	*ret = value;
	return 0;
}

int jdoc_int(const struct jdoc *d, uint32_t v, int64_t *ret)
{
	struct str raw = jdoc_raw(d, v);
	double value;
	int r;

	if (!jdoc_is(d, v, J_NUMBER))
		return -EINVAL;
	r = str_to_int64(raw, ret);
	if (r != -EINVAL)
		return r;
	r = jdoc_double(d, v, &value);
	if (r < 0)
		return r;
	if (value > 9007199254740992.0 || value < -9007199254740992.0)
		return -ERANGE;
	if (value != (double)(int64_t)value)
		return -EINVAL;
	*ret = (int64_t)value;
	return 0;
}

static uint32_t count_feeds(const char *p, size_t n)
{
	uint32_t feeds = 0;
	size_t i = 0;

#ifdef __SSE2__
	/* Sums of bytes hold 255 steps. */
	while (n - i >= 16) {
		size_t steps = MIN((n - i) / 16, 255);
		__m128i sum = _mm_setzero_si128();

		for (; steps; steps--, i += 16) {
			__m128i c = _mm_loadu_si128((const __m128i *)(const void *)(p + i));

			sum = _mm_sub_epi8(sum, _mm_cmpeq_epi8(c, _mm_set1_epi8('\n')));
		}
		sum = _mm_sad_epu8(sum, _mm_setzero_si128());
		feeds += (uint32_t)(_mm_cvtsi128_si32(sum) +
				    _mm_cvtsi128_si32(_mm_srli_si128(sum, 8)));
	}
#endif
	for (; i < n; i++)
		feeds += p[i] == '\n';
	return feeds;
}

static int make_lines(struct jdoc *d, struct str text)
{
	size_t n = text.len / LINES_STEP + 1;
	uint32_t lines = 0;

	d->lines = calloc(n, sizeof *d->lines);
	if (!d->lines)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct str step = str_sub(text, i * LINES_STEP, (i + 1) * LINES_STEP);

		d->lines[i] = lines;
		lines += count_feeds(step.ptr, step.len);
	}
	return 0;
}

unsigned jdoc_line(struct jdoc *d, uint32_t v)
{
	struct str text = d->origin ? d->source : d->text;
	size_t at = d->origin ? d->origin[v] : d->nodes[v].at, from = 0;
	uint32_t lines = 0;

	at = MIN(at, text.len);
	if (at < text.len && (d->lines || make_lines(d, text) >= 0)) {
		from = at - at % LINES_STEP;
		lines = d->lines[at / LINES_STEP];
	}
	return 1 + lines + count_feeds(text.ptr + from, at - from);
}

static uint32_t repeated_pair(const struct str *keys, const uint32_t *nodes, size_t n)
{
	for (size_t i = 1; i < n; i++)
		for (size_t j = 0; j < i; j++)
			if (str_eq(keys[i], keys[j]))
				return nodes[i];
	return 0;
}

static int repeated_many(const struct jdoc *d, uint32_t object, struct arena *a, uint32_t *ret)
{
	own(map_release) struct map seen = { .limit = JDOC_LENGTH_MAX };

	jdoc_each_key(d, object, key) {
		struct str text;
		int r = jdoc_text(d, key, a, &text);

		if (r >= 0 && map_get(&seen, text)) {
			*ret = key;
			return 0;
		}
		if (r >= 0)
			r = map_put(&seen, text, 1);
		if (r < 0)
			return r;
	}
	*ret = 0;
	return 0;
}

static int repeated_in(const struct jdoc *d, uint32_t object, struct arena *a, uint32_t *ret)
{
	struct str keys[PAIRWISE_MAX];
	uint32_t nodes[PAIRWISE_MAX];
	size_t n = 0;

	jdoc_each_key(d, object, key) {
		int r;

		if (n == PAIRWISE_MAX)
			return repeated_many(d, object, a, ret);
		r = jdoc_text(d, key, a, &keys[n]);
		if (r < 0)
			return r;
		nodes[n++] = key;
	}
	*ret = repeated_pair(keys, nodes, n);
	return 0;
}

int jdoc_repeated(const struct jdoc *d, uint32_t *ret)
{
	own(arena_release) struct arena a = { .limit = d->text.len + ((size_t)1 << 20) };
	uint32_t found = 0;

	for (uint32_t v = 0; v < d->n && !found; v++) {
		struct arena_mark mark = arena_mark(&a);
		int r = jdoc_is(d, v, J_OBJECT) ? repeated_in(d, v, &a, &found) : 0;

		if (r < 0)
			return r;
		arena_rewind(&a, mark);
	}
	*ret = found;
	return 0;
}
