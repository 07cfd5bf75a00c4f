/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PEP 440, appendix B gives the pattern. */
#include "vuln/version.h"

enum { PRE_DEV, PRE_ALPHA, PRE_BETA, PRE_CANDIDATE, PRE_NONE };

struct pep440 {
	struct str epoch, release;
	int pre;
	struct str pre_number;
	bool post, dev;
	struct str post_number, dev_number;
	struct str local;
	bool good;
};

static bool take_char(struct str *s, const char *any)
{
	if (!s->len || !*s->ptr || !strchr(any, *s->ptr))
		return false;
	*s = str_sub(*s, 1, s->len);
	return true;
}

static bool take_word(struct str *s, const char *word)
{
	size_t n = strlen(word);

	if (s->len < n || !str_ieq(str_sub(*s, 0, n), str_of(word)))
		return false;
	*s = str_sub(*s, n, s->len);
	return true;
}

/* "[sep] WORD [sep NUMBER]"; *s is untouched where it is not there. */
static bool take_mark(struct str *s, const char *const *words, size_t n, size_t *ret_word,
		      struct str *ret_number)
{
	struct str rest = *s, after;

	take_char(&rest, "._-");
	for (size_t i = 0; i < n; i++) {
		if (!take_word(&rest, words[i]))
			continue;
		after = rest;
		take_char(&after, "._-");
		*ret_number = version_run(&after, true);
		*ret_word = i;
		*s = ret_number->len ? after : rest;
		return true;
	}
	return false;
}

static void read_pre(struct str *s, struct pep440 *v)
{
	/* The longer ones first. */
	static const char *const words[] = {
		"alpha", "beta", "preview", "pre", "rc", "a", "b", "c"
	};
	static const int ranks[] = { PRE_ALPHA,     PRE_BETA,  PRE_CANDIDATE, PRE_CANDIDATE,
				     PRE_CANDIDATE, PRE_ALPHA, PRE_BETA,      PRE_CANDIDATE };
	size_t word;

	v->pre = PRE_NONE;
	if (take_mark(s, words, COUNT(words), &word, &v->pre_number))
		v->pre = ranks[word];
}

static void read_post(struct str *s, struct pep440 *v)
{
	static const char *const words[] = { "post", "rev", "r" };
	struct str rest = *s;
	size_t word;

	v->post = take_mark(s, words, COUNT(words), &word, &v->post_number);
	if (v->post || !take_char(&rest, "-"))
		return;
	v->post_number = version_run(&rest, true);
	if (v->post_number.len) {
		v->post = true;
		*s = rest;
	}
}

static struct pep440 parse(struct str s)
{
	static const char *const dev[] = { "dev" };
	struct pep440 v = {};
	struct str rest;
	size_t n = 0, word;

	s = str_trim(s);
	take_char(&s, "vV");
	rest = s;
	v.epoch = version_run(&rest, true);
	if (v.epoch.len && take_char(&rest, "!"))
		s = rest;
	else
		v.epoch = (struct str){};
	while (n < s.len && (version_is_digit(s.ptr[n]) || (s.ptr[n] == '.' && n && n + 1 < s.len &&
							    version_is_digit(s.ptr[n + 1]))))
		n++;
	v.release = str_sub(s, 0, n);
	s = str_sub(s, n, s.len);
	if (!n)
		return v;
	read_pre(&s, &v);
	read_post(&s, &v);
	v.dev = take_mark(&s, dev, 1, &word, &v.dev_number);
	if (s.len && *s.ptr == '+')
		v.local = str_sub(s, 1, s.len);
	v.good = !s.len || v.local.len;
	return v;
}

static int compare_release(struct str a, struct str b)
{
	while (a.len || b.len) {
		struct str x = str_cut(&a, '.'), y = str_cut(&b, '.');
		int r = version_digits(x, y);

		if (r)
			return r;
	}
	return 0;
}

/* Clause "local version identifiers": numbers are newer than words, more segments than fewer. */
static int compare_local(struct str a, struct str b)
{
	while (a.len || b.len) {
		size_t n = 0, m = 0;
		struct str x, y;
		int r;

		while (n < a.len && !strchr("._-", a.ptr[n]))
			n++;
		while (m < b.len && !strchr("._-", b.ptr[m]))
			m++;
		x = str_sub(a, 0, n);
		y = str_sub(b, 0, m);
		if (!x.len || !y.len)
			return (x.len != 0) - (y.len != 0);
		r = version_is_digit(*x.ptr) != version_is_digit(*y.ptr)
			    ? (version_is_digit(*x.ptr) ? 1 : -1)
		    : version_is_digit(*x.ptr) ? version_digits(x, y)
					       : str_cmp(x, y);
		if (r)
			return r;
		a = str_sub(a, n + 1, a.len);
		b = str_sub(b, m + 1, b.len);
	}
	return 0;
}

/* What is no version of PEP 440: word by word, numbers newer than words, as setuptools did. */
static int compare_legacy(struct str a, struct str b)
{
	while (a.len || b.len) {
		struct str x = version_run(&a, false), y = version_run(&b, false);
		int r = str_cmp(x, y);

		if (!r)
			r = version_digits(version_run(&a, true), version_run(&b, true));
		if (r)
			return r;
	}
	return 0;
}

/* A development release of nothing else is older than its first alpha. */
static int pre_rank(const struct pep440 *v)
{
	return v->pre == PRE_NONE && v->dev && !v->post ? PRE_DEV : v->pre;
}

int version_pypi(struct str a, struct str b)
{
	struct pep440 x = parse(a), y = parse(b);
	int r;

	if (!x.good || !y.good)
		return x.good != y.good ? (x.good ? 1 : -1) : compare_legacy(a, b);
	r = version_digits(x.epoch, y.epoch);
	if (!r)
		r = compare_release(x.release, y.release);
	if (!r)
		r = pre_rank(&x) - pre_rank(&y);
	if (!r)
		r = version_digits(x.pre_number, y.pre_number);
	if (!r)
		r = x.post - y.post;
	if (!r)
		r = version_digits(x.post_number, y.post_number);
	if (!r)
		r = y.dev - x.dev;
	if (!r)
		r = version_digits(x.dev_number, y.dev_number);
	return r ? r : compare_local(x.local, y.local);
}
