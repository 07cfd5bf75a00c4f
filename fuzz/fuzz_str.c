/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines, words, numbers and, for "PATTERN\nTEXT", the glob matcher against a naive one. */
#include "base/str.h"
#include "fuzz.h"

static bool is_within(struct str part, struct str whole)
{
	return part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len;
}

static void words(struct str text, struct str (*next)(struct str *))
{
	struct str rest = text, word;
	size_t n = 0;

	while ((word = next(&rest)).ptr) {
		fuzz_assert(is_within(word, text));
		fuzz_assert(++n <= text.len);
	}
	fuzz_assert(!rest.len);
}

static void lines(struct str text)
{
	struct str rest = text, line;
	unsigned n = 0;

	while (str_line(&rest, &line, &n)) {
		fuzz_assert(is_within(line, text) && str_find(line, '\n') < 0);
		words(line, str_word);
		words(line, str_quoted_word);
		fuzz_assert(is_within(str_trim(line), line));
		fuzz_assert(is_within(str_unquote(line), line));
		fuzz_assert(is_within(str_basename(line), line));
	}
	fuzz_assert(n <= text.len);
}

static void numbers(struct str s)
{
	char copy[64], *end;
	int64_t i;
	uint64_t u;

	if (s.len >= sizeof copy || str_find(s, '\0') >= 0)
		return;
	memcpy(copy, s.ptr, s.len);
	copy[s.len] = '\0';
	errno = 0;
	if (str_to_int64(s, &i) == 0)
		fuzz_assert(strtoll(copy, &end, 10) == i && !*end && !errno);
	for (unsigned base = 8; base <= 16; base += base == 8 ? 2 : 6)
		if (str_to_u64(s, base, &u) == 0)
			fuzz_assert(strtoull(copy, &end, (int)base) == u && !*end && !errno);
}

/* A bracket expression at p[0] == '[', glob(7); 0 where it is not closed. */
static size_t naive_class(struct str p, unsigned char c, bool *ret)
{
	bool negate = p.len > 1 && (p.ptr[1] == '!' || p.ptr[1] == '^'), found = false;
	size_t first = 1u + negate, end = first + 1;

	while (end < p.len && p.ptr[end] != ']')
		end++;
	if (end >= p.len)
		return 0;
	for (size_t i = first; i < end; i++) {
		unsigned char lo = (unsigned char)p.ptr[i];
		bool range = i + 2 < end && p.ptr[i + 1] == '-';
		unsigned char hi = range ? (unsigned char)p.ptr[i + 2] : lo;

		found |= lo <= c && c <= hi;
		i += range ? 2 : 0;
	}
	*ret = found != negate;
	return end + 1;
}

/* Exponential: for short texts only. */
static bool naive(struct str p, struct str s)
{
	size_t used = 1;
	bool match;

	if (!p.len)
		return !s.len;
	if (p.ptr[0] == '*')
		return naive(str_sub(p, 1, p.len), s) || (s.len && naive(p, str_sub(s, 1, s.len)));
	if (!s.len)
		return false;
	match = p.ptr[0] == '?' || p.ptr[0] == s.ptr[0];
	if (p.ptr[0] == '\\' && p.len > 1) {
		match = p.ptr[1] == s.ptr[0];
		used = 2;
	} else if (p.ptr[0] == '[') {
		size_t n = naive_class(p, (unsigned char)s.ptr[0], &match);

		used = n ? n : 1;
		match = n ? match : s.ptr[0] == '[';
	}
	return match && naive(str_sub(p, used, p.len), str_sub(s, 1, s.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct str all = { len ? (const char *)data : "", len }, text = all, pattern;
	bool match;

	lines(all);
	numbers(all);
	pattern = str_cut(&text, '\n');
	match = str_glob(pattern, text);
	if (pattern.len <= 12 && text.len <= 12)
		fuzz_assert(match == naive(pattern, text));
	return 0;
}
