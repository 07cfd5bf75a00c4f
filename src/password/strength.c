/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <zxcvbn.h>

#include "password/candidates.h"
#include "password/strength.h"
#include "password/words.h"

#define ESTIMATED 100 /* characters; zxcvbn takes quadratic time */
#define LISTED_TRIES 20'000
#define USER_WORDS 32

unsigned strength_score(double bits)
{
	static const double powers[] = { 3, 6, 8, 10 };
	unsigned score = 0;

	while (score < COUNT(powers) && bits >= powers[score] * log2(10))
		score++;
	return score;
}

static void PRINTF(2, 3) reason(struct strength *s, const char *fmt, ...)
{
	va_list ap;

	if (s->n_reasons == REASONS_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(s->reasons[s->n_reasons++], sizeof s->reasons[0], fmt, ap);
	va_end(ap);
}

static const char *what_it_is(ZxcTypeMatch_t type)
{
	switch ((unsigned)type & ~(unsigned)MULTIPLE_MATCH) {
	case DICTIONARY_MATCH: return "a common word, name or password";
	case DICT_LEET_MATCH: return "a common word with letters replaced";
	case USER_MATCH: return "a name of this account or machine";
	case USER_LEET_MATCH: return "a name of this account or machine with letters replaced";
	case REPEATS_MATCH: return "a repetition";
	case SEQUENCE_MATCH: return "a sequence";
	case SPATIAL_MATCH: return "a row of keys";
	case DATE_MATCH: return "a date";
	case YEAR_MATCH: return "a year";
	default: return NULL;
	}
}

static double estimate(const char *password, const char **words, struct strength *s)
{
	ZxcMatch_t *info = NULL;
	double bits = ZxcvbnMatch(password, words, &info);

	for (const ZxcMatch_t *m = info; m; m = m->Next) {
		const char *what = what_it_is(m->Type);

		if (!what)
			continue;
		if (m->Length == 1)
			reason(s, "character %d: %s", m->Begin + 1, what);
		else
			reason(s, "characters %d to %d: %s", m->Begin + 1, m->Begin + m->Length,
			       what);
	}
	ZxcvbnFreeInfo(info);
	return bits;
}

static int find_listed(struct str password, const struct strength_options *o, struct strength *s)
{
	own(arena_release) struct arena a = {};
	const struct candidate_user user = { .name = o->user };
	const struct candidate_host host = {
		.words = o->words,
		.n_words = o->n_words,
		.year = o->year,
	};
	struct candidate_list list;
	struct candidate *own_list;
	size_t n;
	int r = candidates_make(&host, LISTED_TRIES, &a, &list);

	if (r >= 0)
		r = candidates_for(&list, &user, 1, &a, &own_list, &n);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		if (str_eq(str_of(own_list[i].text), password)) {
			s->listed = candidates_within(i + 1);
			s->bits = MIN(s->bits, log2((double)i + 1));
			break;
		}
	return 0;
}

static int judge_lists(struct str password, const struct strength_options *o, struct strength *s)
{
	const char *product = default_password_of(password);
	int r = find_listed(password, o, s);

	if (r >= 0 && o->breaches)
		r = breach_password(o->breaches, password, &s->leaked);
	if (r < 0)
		return r;
	if (product) {
		/* Lists of defaults have some thousand lines. */
		s->bits = MIN(s->bits, 9);
		reason(s, "a product is delivered with it: %s", product);
	}
	if (s->listed)
		reason(s, "among the first %zu that are tried", s->listed);
	if (s->leaked) {
		/* Lists of leaked passwords are tried in the order of how often they were seen. */
		s->bits = MIN(s->bits, MAX(30 - log2((double)s->leaked), 3));
		reason(s, "it has leaked: %llu times in the list", (unsigned long long)s->leaked);
	}
	return 0;
}

int strength_of(struct str password, const struct strength_options *o, struct strength *ret)
{
	const char *words[USER_WORDS + 2] = {};
	own(arena_release) struct arena a = {};
	struct strength s = {};
	char text[ESTIMATED + 1] = {};
	struct str rest = password;
	size_t n = 0;
	int r;

	if (password.len > PASSWORD_MAX || str_find(password, '\0') >= 0)
		return -EINVAL;
	while (rest.len) {
		str_rune(&rest);
		s.characters++;
	}
	if (o->user.len)
		words[n++] = arena_cstr(&a, o->user);
	for (size_t i = 0; i < o->n_words && n < USER_WORDS; i++)
		words[n++] = arena_cstr(&a, o->words[i]);
	for (size_t i = 0; i < n; i++)
		if (!words[i])
			return -ENOMEM;
	memcpy(text, password.ptr ? password.ptr : "", MIN(password.len, ESTIMATED));
	s.bits = password.len ? estimate(text, words, &s) : 0;
	explicit_bzero(text, sizeof text);
	if (!password.len)
		reason(&s, "it is empty");
	r = judge_lists(password, o, &s);
	if (r < 0)
		return r;
	s.bits = MAX(s.bits, 0);
	s.score = strength_score(s.bits);
	*ret = s;
	return 0;
}

int password_make(unsigned words, unsigned length, struct buf *ret, double *ret_bits)
{
	if (sodium_init() < 0 || words > MAKE_WORDS_MAX ||
	    (!words && (length < MAKE_LENGTH_MIN || length > MAKE_LENGTH_MAX)))
		return -EINVAL;
	for (unsigned i = 0; i < words; i++) {
		if (i)
			(void)!buf_putc(ret, '-');
		(void)!buf_puts(ret, phrase_words[randombytes_uniform(PHRASE_WORDS)]);
	}
	for (unsigned i = 0; !words && i < length; i++)
		(void)!buf_putc(ret, (char)('!' + randombytes_uniform('~' - '!' + 1)));
	if (ret->error)
		return ret->error;
	*ret_bits = words ? words * log2(PHRASE_WORDS) : length * log2('~' - '!' + 1);
	return 0;
}
