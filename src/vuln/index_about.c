/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vulnerabilities by number and by id. */
#include <stdio.h>

#include "vuln/index_format.h"

/* GitHub's digits of GHSA ids. */
static const char ghsa_digits[] = "23456789cfghjmpqrvwx";
#define GHSA_BASE 20u
#define GHSA_LENGTH 19u /* "GHSA-xxxx-xxxx-xxxx" */

static bool parse_ghsa(struct str id, uint64_t *ret)
{
	uint64_t value = 0;

	if (id.len != GHSA_LENGTH || !str_istarts(id, STR("GHSA-")))
		return false;
	for (size_t i = 5; i < id.len; i++) {
		const char *at;

		if ((i - 5) % 5 == 4) {
			if (id.ptr[i] != '-')
				return false;
			continue;
		}
		at = id.ptr[i] ? strchr(ghsa_digits, version_lower(id.ptr[i])) : NULL;
		if (!at)
			return false;
		value = value * GHSA_BASE + (uint64_t)(at - ghsa_digits);
	}
	*ret = value;
	return true;
}

static void put_ghsa(uint64_t value, char ret[static GHSA_LENGTH + 1])
{
	memcpy(ret, "GHSA-xxxx-xxxx-xxxx", GHSA_LENGTH + 1);
	for (size_t i = GHSA_LENGTH; i-- > 5;) {
		if (ret[i] == '-')
			continue;
		ret[i] = ghsa_digits[value % GHSA_BASE];
		value /= GHSA_BASE;
	}
}

/* What is left to it beside year, separator and number. */
#define PREFIX_MAX (INDEX_ID_MAX - 24)

static size_t digits_behind(struct str s)
{
	size_t n = 0;

	while (n < s.len && version_is_digit(s.ptr[s.len - n - 1]))
		n++;
	return n;
}

bool index_id_parse(struct str id, struct index_number *ret)
{
	struct index_number x = {};
	struct str head = id;
	size_t n = digits_behind(id);

	if (parse_ghsa(id, &x.number)) {
		*ret = x;
		return true;
	}
	if (n < 1 || n > 9 || id.len < n + 7 || id.len >= INDEX_ID_MAX)
		return false;
	head.len -= n + 1;
	x.prefix.separator = head.ptr[head.len];
	if ((x.prefix.separator != '-' && x.prefix.separator != ':') || digits_behind(head) != 4 ||
	    head.len < 6 || head.len - 4 > PREFIX_MAX || head.ptr[head.len - 5] != '-')
		return false;
	x.prefix.text = str_sub(head, 0, head.len - 4);
	x.prefix.width = id.ptr[id.len - n] == '0' ? (unsigned)n : n >= 4 ? 4 : 1;
	if (str_to_u64(str_sub(head, head.len - 4, head.len), 10, &x.year) < 0 ||
	    str_to_u64(str_sub(id, id.len - n, id.len), 10, &x.number) < 0)
		return false;
	*ret = x;
	return true;
}

/* The i-th prefix of the table; false: there is none, or it cannot be read. */
static bool prefix_next(struct str *rest, struct index_prefix *ret)
{
	unsigned separator;

	if (!span_text(rest, &ret->text) || !span_byte(rest, &separator) ||
	    !span_byte(rest, &ret->width) || ret->width > 9)
		return false;
	ret->separator = (char)separator;
	return true;
}

int index_vuln_id(const struct index *x, uint64_t key, char ret[static INDEX_ID_MAX])
{
	unsigned kind = (unsigned)(key >> KEY_SHIFT);
	uint64_t value = key & ((UINT64_C(1) << KEY_SHIFT) - 1);
	struct str rest = x->t.prefixes.bytes, text;
	struct index_prefix p = {};

	if (kind == KEY_TEXT) {
		if (!span_text_at(x->t.texts.bytes, value, &text) || text.len >= INDEX_ID_MAX)
			return -EBADMSG;
		memcpy(ret, text.ptr, text.len);
		ret[text.len] = 0;
		return 0;
	}
	if (kind == KEY_GHSA) {
		put_ghsa(value, ret);
		return 0;
	}
	for (unsigned i = 0; i < kind; i++)
		if (!prefix_next(&rest, &p))
			return -EBADMSG;
	if (p.text.len > PREFIX_MAX || value >> 32 > 9999)
		return -EBADMSG;
	snprintf(ret, INDEX_ID_MAX, "%.*s%04u%c%0*u", STR_FMT(p.text), (unsigned)(value >> 32),
		 p.separator, (int)p.width, (unsigned)value);
	return 0;
}

/* Reads one; *key is that of the one before. */
static bool read_record(struct str *rest, bool first, uint64_t *key, struct index_vuln *ret)
{
	struct index_vuln v = {};
	uint64_t step = 0;
	unsigned flags;

	if ((!first && !span_varint(rest, &step)) || __builtin_add_overflow(*key, step, &v.key) ||
	    !span_byte(rest, &flags))
		return false;
	v.flags = flags;
	if ((flags & VULN_CVSS && !span_u32(rest, &v.cvss)) ||
	    (flags & VULN_EPSS && !span_u32(rest, &v.epss)) ||
	    (flags & VULN_KEV && (!span_u32(rest, &v.added) || !span_u32(rest, &v.due))) ||
	    (flags & VULN_CVES && !span_u32(rest, &v.n_cves)))
		return false;
	if (v.n_cves > INDEX_CVES || (flags & VULN_SEVERITY) > RATED_CRITICAL)
		return false;
	for (uint32_t i = 0; i < v.n_cves; i++)
		if (!span_u32(rest, &v.cves[i]))
			return false;
	*key = v.key;
	*ret = v;
	return true;
}

static bool block_of(const struct index *x, uint32_t block, uint64_t *ret_key, struct str *ret)
{
	struct str blocks = x->t.vuln_blocks.bytes, vulns = x->t.vulns.bytes;
	uint32_t at;

	if (block >= blocks.len / 12)
		return false;
	*ret_key = load_u64(blocks.ptr + (size_t)block * 12);
	at = load_u32(blocks.ptr + (size_t)block * 12 + 8);
	if (at >= vulns.len)
		return false;
	*ret = str_sub(vulns, at, vulns.len);
	return true;
}

bool index_vuln_at(const struct index *x, uint32_t vuln, struct index_vuln *ret)
{
	struct str rest;
	uint64_t key;

	if (vuln >= x->t.vulns.n || !block_of(x, vuln / INDEX_BLOCK, &key, &rest))
		return false;
	for (uint32_t i = 0; i <= vuln % INDEX_BLOCK; i++)
		if (!read_record(&rest, !i, &key, ret))
			return false;
	return true;
}

static void join(struct index_about *a, const struct index_vuln *v)
{
	unsigned score = v->flags & VULN_CVSS ? cvss_score(v->cvss) : 0;
	enum index_severity severity = v->flags & VULN_SEVERITY;

	if (v->flags & VULN_EPSS && (int32_t)MIN(v->epss, 100'000u) > a->epss)
		a->epss = (int32_t)MIN(v->epss, 100'000u);
	if (v->flags & VULN_KEV) {
		a->kev = true;
		a->ransomware |= v->flags & VULN_RANSOMWARE;
		a->kev_added = (int32_t)MIN(v->added, INT32_MAX / 2u);
		a->kev_due = v->due ? a->kev_added + (int32_t)MIN(v->due, 100'000u) - 1 : 0;
	}
	if (v->flags & VULN_CVSS && !a->cvss[0] && cvss_text(v->cvss, a->cvss, sizeof a->cvss))
		a->score = score;
	if (!severity)
		severity = cvss_severity(score);
	a->severity = MAX(a->severity, severity);
}

static int tell(const struct index *x, const struct index_vuln *v, struct index_about *ret)
{
	struct index_about a = { .epss = -1, .n_cves = v->n_cves };
	int r = index_vuln_id(x, v->key, a.id);

	if (r < 0)
		return r;
	join(&a, v);
	memcpy(a.cves, v->cves, sizeof a.cves);
	for (unsigned i = 0; i < a.n_cves; i++) {
		enum index_severity own_rating = a.severity;
		struct index_vuln cve;

		if (!index_vuln_at(x, a.cves[i], &cve))
			return -EBADMSG;
		join(&a, &cve);
		if (own_rating)
			a.severity = own_rating;
	}
	*ret = a;
	return 0;
}

int index_about(const struct index *x, uint32_t vuln, struct index_about *ret)
{
	struct index_vuln v;

	return index_vuln_at(x, vuln, &v) ? tell(x, &v, ret) : -EBADMSG;
}

/* The key of an id: 1, 0: no such id can be in there, -EBADMSG. */
static int find_key(const struct index *x, struct str id, uint64_t *ret)
{
	struct str rest = x->t.prefixes.bytes, all = x->t.texts.bytes, texts = all;
	struct index_number n;
	bool number = index_id_parse(id, &n);

	if (number && !n.prefix.text.len) {
		*ret = index_key(KEY_GHSA, n.number);
		return 1;
	}
	for (unsigned kind = 1; number && rest.len; kind++) {
		struct index_prefix p;

		if (!prefix_next(&rest, &p) || kind > KEY_PREFIXES)
			return -EBADMSG;
		if (p.separator == n.prefix.separator && p.width == n.prefix.width &&
		    str_ieq(p.text, n.prefix.text)) {
			*ret = index_key(kind, n.year << 32 | n.number);
			return 1;
		}
	}
	while (texts.len) {
		uint64_t at = all.len - texts.len;
		struct str text;

		if (!span_text(&texts, &text))
			return -EBADMSG;
		if (str_ieq(text, id)) {
			*ret = index_key(KEY_TEXT, at);
			return 1;
		}
	}
	return 0;
}

/* The last block that does not begin behind the key. */
static uint32_t block_before(const struct index *x, uint64_t key)
{
	uint32_t low = 0, high = (uint32_t)(x->t.vuln_blocks.bytes.len / 12);

	while (low + 1 < high) {
		uint32_t middle = low + (high - low) / 2;

		if (load_u64(x->t.vuln_blocks.bytes.ptr + (size_t)middle * 12) <= key)
			low = middle;
		else
			high = middle;
	}
	return low;
}

int index_id(const struct index *x, struct str id, uint32_t *ret_vuln, struct index_about *ret)
{
	uint64_t wanted = 0, key = 0;
	struct index_vuln v = {};
	struct str rest = {};
	uint32_t block;
	int r = find_key(x, id, &wanted);

	if (r <= 0 || !x->t.vulns.n)
		return MIN(r, 0);
	block = block_before(x, wanted);
	if (!block_of(x, block, &key, &rest))
		return -EBADMSG;
	for (uint32_t i = 0; i < INDEX_BLOCK && block * INDEX_BLOCK + i < x->t.vulns.n; i++) {
		if (!read_record(&rest, !i, &key, &v))
			return -EBADMSG;
		if (v.key > wanted)
			return 0;
		if (v.key < wanted)
			continue;
		r = tell(x, &v, ret);
		if (r == 0 && ret_vuln)
			*ret_vuln = block * INDEX_BLOCK + i;
		return r < 0 ? r : 1;
	}
	return 0;
}
