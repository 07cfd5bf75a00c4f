/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "base/map.h"
#include "password/candidates.h"
#include "password/words.h"

#define BIT 256u
#define WORD_MAX 48 /* bytes of a word that is changed */
#define TEXT_MAX 96

/* What stands behind a word. Y is this year, X the last one, Z the one before, y its two digits. */
static const struct {
	const char *text;
	uint16_t cost;
} endings[] = {
  /* clang-format off */
	{ "", 0 }, { "123", 300 }, { "1", 330 }, { "!", 600 }, { "123!", 470 }, { "1!", 620 },
	{ "@123", 520 }, { "1234", 520 }, { "12", 780 }, { "12345", 640 }, { "123456", 700 },
	{ "Y", 620 }, { "X", 640 }, { "Z", 720 }, { "Y!", 640 }, { "X!", 700 }, { "Z!", 900 },
	{ "@Y", 800 }, { "@X", 840 }, { "y", 860 }, { "@1", 860 }, { "01", 820 }, { "2", 800 },
	{ "@", 960 }, { "#1", 960 }, { "!@#", 860 }, { "123!@#", 860 }, { "@1234", 820 },
	{ "1234!", 860 }, { "123#", 920 }, { "123$", 980 }, { "123.", 980 }, { "!1", 960 },
	{ "!123", 860 }, { "_123", 960 }, { "#123", 920 }, { ".123", 1000 }, { "12345!", 960 },
	{ "@12345", 960 }, { "@2020", 1100 }, { "3", 960 }, { "11", 920 }, { "007", 1000 },
	{ "99", 1040 }, { "69", 1060 }, { "00", 1080 }, { "10", 1040 }, { "321", 980 }, { "!!", 1020 },
	{ "1!@", 1150 }, { "12!", 1000 }, { ".", 1100 }, { "#", 1060 }, { "$", 1080 }, { "*", 1120 },
	{ "?", 1120 }, { "1@", 1060 }, { "#Y", 1000 }, { "_Y", 1060 }, { "Y@", 1060 }, { "y!", 1040 },
	{ "@y", 1080 }, { "#!", 1240 }, { "111", 1000 }, { "777", 1120 }, { "666", 1120 },
	{ "abc", 1080 }, { "qwe", 1180 }, { "4", 1100 }, { "5", 1100 }, { "7", 1060 }, { "8", 1120 },
	{ "9", 1120 }, { "2020", 1040 }, { "2021", 1020 }, { "2022", 1000 }, { "1990", 1200 },
	{ "2000", 1120 }, { "123456789", 960 }, { "1234567", 1120 }, { "12345678", 1060 },
	{ "1q2w3e", 1140 }, { "123qwe", 1080 }, { "@123!", 1000 }, { "1@3", 1300 }, { "!@#$", 1060 },
	{ "pass", 1100 }, { "pwd", 1180 }, { "123!!", 1180 }, { "11!", 1240 }, { "22", 1140 },
  /* clang-format on */
};

/* Which letters are replaced, from rare to usual sets; a capital first is one more choice. */
static const struct {
	const char *from, *to;
	uint16_t cost;
} replacements[] = {
  /* clang-format off */
	{ "", "", 0 },
	{ "a", "@", 500 }, { "ao", "@0", 460 }, { "o", "0", 480 }, { "as", "@$", 800 },
	{ "aso", "@$0", 760 }, { "e", "3", 760 }, { "i", "1", 840 }, { "eo", "30", 900 },
	{ "s", "$", 900 }, { "a", "4", 900 }, { "ao", "40", 900 }, { "aeo", "@30", 880 },
	{ "aeio", "4310", 940 }, { "aeio", "@310", 940 }, { "i", "!", 1000 }, { "aei", "@31", 960 },
	{ "aeios", "@310$", 1060 }, { "aeios", "43105", 1080 }, { "l", "1", 1100 }, { "s", "5", 1000 },
	{ "aso", "@50", 1000 },
  /* clang-format on */
};
static const uint16_t case_costs[] = { 0, 260, 1100 }; /* as it is, Capital, CAPITALS */

const char *candidate_kind_name(enum candidate_kind k)
{
	static const char *const names[CANDIDATE_KINDS] = {
		[CANDIDATE_EMPTY] = "empty",
		[CANDIDATE_USERNAME] = "username",
		[CANDIDATE_HOSTNAME] = "hostname",
		[CANDIDATE_ORGANISATION] = "organisation",
		[CANDIDATE_DEFAULT] = "service-default",
		[CANDIDATE_COMMON] = "common",
		[CANDIDATE_WORD] = "word",
		[CANDIDATE_BREACH] = "breach",
	};

	return k < CANDIDATE_KINDS ? names[k] : "common";
}

size_t candidates_within(size_t position)
{
	static const size_t steps[] = { 10, 50, 100, 200, 300, 500 };

	for (size_t i = 0; i < COUNT(steps); i++)
		if (position <= steps[i])
			return position ? steps[i] : 0;
	for (size_t step = 1000;; step *= 10) {
		if (position <= step)
			return step;
		if (position <= step * 2)
			return step * 2;
		if (position <= step * 5)
			return step * 5;
	}
}

struct maker {
	struct arena *a;
	struct candidate *items;
	size_t n, cap;
	int error;
	uint32_t limit; /* costs above it are left out */
	const struct candidate_host *host;
};

static void add(struct maker *m, struct str text, uint32_t cost, enum candidate_kind kind)
{
	struct candidate c = { .cost = cost, .kind = (uint8_t)kind };

	if (m->error || cost > m->limit || text.len > TEXT_MAX)
		return;
	c.text = arena_cstr(m->a, text);
	m->error = c.text ? arena_push(m->a, m->items, m->n, m->cap, c) : -ENOMEM;
}

/* log2 of a rank from 1 on, in 1/256 bit, straight between the powers of two. */
static uint32_t rank_cost(size_t rank)
{
	unsigned top = 63u - (unsigned)__builtin_clzll(rank);

	return top * BIT + (uint32_t)(((rank - ((size_t)1 << top)) * BIT) >> top);
}

static size_t ending_text(const char *ending, int year, char *ret, size_t size)
{
	size_t n = 0;

	ret[0] = '\0';
	for (const char *p = ending; *p && n + 8 < size; p++) {
		if (*p == 'Y' || *p == 'X' || *p == 'Z')
			n += (size_t)snprintf(ret + n, size - n, "%d",
					      year - (*p == 'Y'   ? 0
						      : *p == 'X' ? 1
								  : 2));
		else if (*p == 'y')
			n += (size_t)snprintf(ret + n, size - n, "%02d", year % 100);
		else
			ret[n++] = *p;
		ret[n] = '\0';
	}
	return n;
}

static char upper(char c)
{
	int capital = c >= 'a' && c <= 'z' ? c - 32 : c;

	return (char)capital;
}

static char small(char c)
{
	int lower = c >= 'A' && c <= 'Z' ? c | 0x20 : c;

	return (char)lower;
}

/* Replaces letters; false where it changes nothing new: some letter of the set is not there. */
static bool replace(struct str word, size_t which, char *ret)
{
	const char *from = replacements[which].from, *to = replacements[which].to;
	unsigned seen = 0;

	for (size_t i = 0; i < word.len; i++) {
		const char *at = *from ? strchr(from, word.ptr[i] | 0x20) : NULL;

		ret[i] = word.ptr[i];
		if (!at || !word.ptr[i])
			continue;
		ret[i] = to[at - from];
		seen |= 1u << (at - from);
	}
	return seen == (1u << strlen(from)) - 1;
}

static bool set_case(struct str word, const char *text, unsigned how, char *ret)
{
	bool changed = how == 0;

	for (size_t i = 0; i < word.len; i++) {
		ret[i] = text[i];
		if (how == 2 || (how == 1 && i == 0))
			ret[i] = upper(text[i]);
		changed |= ret[i] != text[i];
	}
	return changed;
}

/* Where a word comes from, and how much dearer than usual changes of it are, in percent. */
struct base {
	uint32_t cost;
	enum candidate_kind kind;
	uint16_t replaced, ending;
};
static struct base common_base(uint32_t cost)
{
	return (struct base){ cost, CANDIDATE_WORD, 130, 125 };
}
/* What only this account has is mostly taken as it is. */
static struct base own_base(uint32_t cost, enum candidate_kind kind)
{
	return (struct base){ cost, kind, 300, 220 };
}

static void add_endings(struct maker *m, const char *form, size_t n, const struct base *b,
			uint32_t cost)
{
	char text[TEXT_MAX + 32];

	memcpy(text, form, n);
	for (size_t i = 0; i < COUNT(endings); i++) {
		uint32_t sum = cost + endings[i].cost * b->ending / 100;
		size_t more;

		if (sum > m->limit)
			continue;
		more = ending_text(endings[i].text, m->host->year, text + n, sizeof text - n);
		add(m, (struct str){ text, n + more }, sum, b->kind);
	}
}

/* A word in all its forms. */
static void add_word(struct maker *m, struct str word, struct base b)
{
	char replaced[WORD_MAX], form[WORD_MAX];

	if (!word.len || word.len > WORD_MAX)
		return;
	for (size_t i = 0; i < COUNT(replacements); i++) {
		uint32_t cost = b.cost + replacements[i].cost * b.replaced / 100;

		if (cost > m->limit || !replace(word, i, replaced))
			continue;
		for (unsigned how = 0; how < COUNT(case_costs); how++)
			if (cost + case_costs[how] <= m->limit &&
			    set_case(word, replaced, how, form))
				add_endings(m, form, word.len, &b, cost + case_costs[how]);
	}
}

static void add_defaults(struct maker *m, struct str user, uint32_t cost)
{
	/* The more products use a name, the less likely is each of them. */
	for (size_t i = 0; i < n_default_passwords; i++) {
		struct str rest = str_of(default_passwords[i].passwords), one;
		uint32_t rank = 1;

		if (!str_ieq(user, str_of(default_passwords[i].user)))
			continue;
		while ((one = str_word(&rest)).ptr)
			add(m, one, cost + rank_cost(rank++) / 2, CANDIDATE_DEFAULT);
		cost += BIT / 3;
	}
}

static int by_cost(const void *x, const void *y)
{
	const struct candidate *a = x, *b = y;

	if (a->cost != b->cost)
		return a->cost < b->cost ? -1 : 1;
	return strcmp(a->text, b->text);
}

/* Sorted, each text once: the first place counts. */
static int settle(struct maker *m)
{
	own(map_release) struct map seen = {};
	size_t n = 0;

	if (m->error)
		return m->error;
	if (m->n)
		qsort(m->items, m->n, sizeof *m->items, by_cost);
	for (size_t i = 0; i < m->n; i++) {
		struct str text = str_of(m->items[i].text);
		int r;

		if (map_get(&seen, text))
			continue;
		r = map_put(&seen, text, i);
		if (r < 0)
			return r;
		m->items[n++] = m->items[i];
	}
	m->n = n;
	return 0;
}

/* Whoever must change a password every season writes the season, or the month, and the year. */
static void make_seasons(struct maker *m)
{
	static const struct {
		const char *word;
		uint16_t cost;
	} times[] = {
  /* clang-format off */
		{ "summer", 0 }, { "winter", 20 }, { "spring", 80 }, { "autumn", 120 }, { "fall", 260 },
		{ "january", 420 }, { "february", 440 }, { "march", 460 }, { "april", 440 },
		{ "may", 480 }, { "june", 440 }, { "july", 440 }, { "august", 440 },
		{ "september", 440 }, { "october", 440 }, { "november", 440 }, { "december", 440 },
		{ "sommer", 520 }, { "herbst", 600 }, { "fr\u00fchling", 700 }, { "verano", 600 },
		{ "invierno", 600 }, { "hiver", 640 }, { "monday", 520 }, { "friday", 540 },
  /* clang-format on */
	};
	static const struct {
		const char *ending;
		uint16_t cost;
	} forms[] = {
  /* clang-format off */
		{ "Y", 0 }, { "X", 60 }, { "Y!", 100 }, { "X!", 180 }, { "Z", 300 }, { "Z!", 400 },
		{ "@Y", 300 }, { "@X", 380 }, { "y", 420 }, { "y!", 480 }, { "#Y", 480 }, { "Y@", 560 },
		{ "Y#", 600 }, { "Y$", 640 }, { "Y1", 640 }, { "Y.", 700 }, { "-Y", 680 }, { "_Y", 680 },
  /* clang-format on */
	};

	for (size_t i = 0; i < COUNT(times); i++)
		for (size_t k = 0; k < COUNT(forms); k++) {
			uint32_t cost = 1480u + times[i].cost + forms[k].cost;
			char text[64];
			size_t n = strlen(times[i].word);

			memcpy(text, times[i].word, n);
			n += ending_text(forms[k].ending, m->host->year, text + n, sizeof text - n);
			add(m, (struct str){ text, n }, cost + 200, CANDIDATE_WORD);
			text[0] = upper(text[0]);
			add(m, (struct str){ text, n }, cost, CANDIDATE_WORD);
		}
}

static void make_common(struct maker *m)
{
	for (size_t i = 0; i < n_common_passwords; i++)
		add(m, str_of(common_passwords[i]), 100 + rank_cost(i + 1), CANDIDATE_COMMON);
	for (size_t i = 0; i < n_base_words; i++)
		add_word(m, str_of(base_words[i].text), common_base(base_words[i].cost));
	make_seasons(m);
	add(m, STR(""), 3 * BIT, CANDIDATE_EMPTY);
}

static void make_host(struct maker *m)
{
	add_word(m, m->host->name, own_base(3 * BIT, CANDIDATE_HOSTNAME));
	for (size_t i = 0; i < m->host->n_words; i++)
		add_word(
			m, m->host->words[i],
			own_base(3 * BIT + BIT / 4 * (uint32_t)MIN(i, 16), CANDIDATE_ORGANISATION));
	/* What runs here is what whoever set the machine up had in mind. */
	for (size_t i = 0; i < m->host->n_services; i++)
		add_defaults(m, m->host->services[i], 7 * BIT);
}

static void make_defaults(struct maker *m)
{
	for (size_t i = 0; i < n_default_passwords; i++) {
		struct str rest = str_of(default_passwords[i].passwords), one;

		while ((one = str_word(&rest)).ptr)
			add(m, one, 11 * BIT, CANDIDATE_DEFAULT);
	}
}

int candidates_make(const struct candidate_host *host, size_t wanted, struct arena *a,
		    struct candidate_list *ret)
{
	uint32_t limit = 7 * BIT;

	wanted = MIN(MAX(wanted, 1), CANDIDATES_MAX);
	for (;; limit += BIT) {
		struct arena_mark mark = arena_mark(a);
		struct maker m = { .a = a, .limit = limit, .host = host };
		int r;

		make_common(&m);
		make_host(&m);
		make_defaults(&m);
		r = settle(&m);
		if (r < 0)
			return r;
		if (m.n < wanted && limit < 24 * BIT) {
			arena_rewind(a, mark);
			continue;
		}
		*ret = (struct candidate_list){
			.host = *host,
			.items = m.items,
			.n = MIN(m.n, wanted),
			.wanted = wanted,
		};
		return 0;
	}
}

/* The words of the name of a person, behind the account's own. */
static void add_gecos(struct maker *m, struct str gecos)
{
	struct str full = str_cut(&gecos, ','), word;
	char text[WORD_MAX];

	for (unsigned n = 0; n < 4 && (word = str_word(&full)).ptr; n++) {
		if (word.len < 3 || word.len > WORD_MAX)
			continue;
		for (size_t i = 0; i < word.len; i++)
			text[i] = small(word.ptr[i]);
		add_word(m, (struct str){ text, word.len }, own_base(4 * BIT, CANDIDATE_USERNAME));
	}
}

static void add_user(struct maker *m, const struct candidate_user *u)
{
	char text[2 * WORD_MAX];
	struct str part = u->name, rest = u->name;

	if (!u->name.len || u->name.len > WORD_MAX)
		return;
	add_word(m, u->name, own_base(0, CANDIDATE_USERNAME));
	add_defaults(m, u->name, 40);
	memcpy(text, u->name.ptr, u->name.len);
	memcpy(text + u->name.len, u->name.ptr, u->name.len);
	add(m, (struct str){ text, 2 * u->name.len }, 4 * BIT, CANDIDATE_USERNAME);
	for (size_t i = 0; i < u->name.len; i++)
		text[i] = u->name.ptr[u->name.len - 1 - i];
	add(m, (struct str){ text, u->name.len }, 5 * BIT, CANDIDATE_USERNAME);
	/* "backup-web" → "backup" */
	for (size_t i = 1; i < u->name.len && part.len == u->name.len; i++)
		if (strchr("-_.@0123456789", u->name.ptr[i]))
			part = str_sub(rest, 0, i);
	if (part.len >= 3 && part.len < u->name.len) {
		add_word(m, part, own_base(3 * BIT / 2, CANDIDATE_USERNAME));
		add_defaults(m, part, 2 * BIT);
	}
	add_gecos(m, u->gecos);
}

/* Both lists in the order of their costs; what both have counts where it is cheaper. */
static int merge(const struct candidate_list *l, const struct maker *m, size_t most,
		 struct arena *a, struct candidate **ret, size_t *ret_n)
{
	own(map_release) struct map own_texts = {};
	struct candidate *out = arena_array(a, MIN(l->n + m->n, most), sizeof *out);
	size_t n = 0, i = 0, k = 0;
	int r = out ? 0 : -ENOMEM;

	for (size_t j = 0; r == 0 && j < m->n; j++)
		r = map_put(&own_texts, str_of(m->items[j].text), 0);
	while (r == 0 && n < most && (i < l->n || k < m->n)) {
		bool own_next = i == l->n || (k < m->n && by_cost(&m->items[k], &l->items[i]) <= 0);
		const struct candidate *c = own_next ? &m->items[k++] : &l->items[i++];
		uint64_t *taken = map_get(&own_texts, str_of(c->text));

		if (taken && *taken)
			continue;
		if (taken)
			*taken = 1;
		out[n++] = *c;
	}
	if (r < 0)
		return r;
	*ret = out;
	*ret_n = n;
	return 0;
}

int candidates_for(const struct candidate_list *l, const struct candidate_user *users,
		   size_t n_users, struct arena *a, struct candidate **ret, size_t *ret_n)
{
	/* Nothing dearer than the last of the common list can come into the list. */
	struct maker m = {
		.a = a,
		.host = &l->host,
		.limit = l->n ? l->items[l->n - 1].cost : 0,
	};
	size_t most = l->wanted + (n_users ? n_users - 1 : 0) * 64;
	int r;

	for (size_t i = 0; i < n_users; i++)
		add_user(&m, &users[i]);
	r = settle(&m);
	return r < 0 ? r : merge(l, &m, most, a, ret, ret_n);
}
