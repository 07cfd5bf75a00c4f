/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What reads texts in words of 8 and 16 bytes says what looking at each byte says, and stays inside. */
#include "events/scan.h"
#include "tap.h"

#define ROUNDS 200'000U

static uint64_t seed = 9;

static unsigned dice(unsigned n)
{
	seed = seed * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(seed >> 33) % n;
}

static char *text_of(const char *letters, size_t n)
{
	char *p = malloc(n + 1);

	for (size_t i = 0; p && i < n; i++)
		p[i] = letters[dice((unsigned)strlen(letters))];
	return p;
}

/* On the heap, so that the sanitizers see a byte too many. */
static void test_text(void)
{
	unsigned wrong = 0, found = 0;

	for (unsigned i = 0; i < ROUNDS; i++) {
		struct str s = { NULL, dice(70) }, text = { NULL, dice(12) };
		char *a = text_of("abab ", s.len), *b = text_of("ab", text.len);
		const char *want;

		s.ptr = a;
		text.ptr = b;
		want = text.len ? memmem(a, s.len, b, text.len) : NULL;
		wrong += !a || !b || scan_text(s, text) != want;
		found += want != NULL;
		free(a);
		free(b);
	}
	ok(!wrong && found > ROUNDS / 10, "a text is found where memmem() finds it");
	ok(!scan_text((struct str){}, STR("x")) && !scan_text(STR("x"), (struct str){}),
	   "nothing is in nothing");
}

static void test_digits(void)
{
	unsigned wrong = 0, seen = 0;

	for (unsigned i = 0; i < ROUNDS; i++) {
		char text[8];
		uint32_t got = 0, want = 0, scale = 1;
		size_t n = 0;

		for (unsigned k = 0; k < sizeof text; k++)
			text[k] = dice(6) ? (char)('0' + dice(10)) : (char)dice(256);
		for (; n < sizeof text && scan_is_digit(text[7 - n]); n++, scale *= 10)
			want += scale * (uint32_t)(text[7 - n] - '0');
		if (n == sizeof text)
			n = want = 0;
		wrong += scan_digits_end_8(text + 8, &got) != n || got != want;
		seen += n > 0;
	}
	ok(!wrong && seen > ROUNDS / 4, "the digits at the end of eight bytes");
}

static void test_copy(void)
{
	unsigned wrong = 0;

	for (size_t n = 0; n < 80; n++) {
		char *from = text_of("abcdefghij", n), *to = calloc(1, n + 1);

		if (from && to)
			scan_copy(to, from, n);
		wrong += !from || !to || memcmp(from, to, n) != 0 || to[n];
		free(from);
		free(to);
	}
	is_int(wrong, 0, "texts of every length are copied");
}

int main(void)
{
	test_text();
	test_digits();
	test_copy();
	return done();
}
