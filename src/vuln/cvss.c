/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CVSS: FIRST's specifications 2.0, 3.0, 3.1 and 4.0. Base metrics alone; a score of 4.0, which is
 * looked up in a table of 270 groups, is not computed.
 */
#include <stdio.h>

#include "vuln/index_format.h"

#define METRICS_MAX 11u

struct metric {
	const char *name, *letters;
};
struct standard {
	const char *prefix;
	unsigned version;
	struct metric metrics[METRICS_MAX + 1];
};

/* clang-format off */
static const struct standard standards[] = {
	{ "", 20, { { "AV", "LAN" }, { "AC", "HML" }, { "Au", "MSN" }, { "C", "NPC" },
		    { "I", "NPC" }, { "A", "NPC" } } },
	{ "CVSS:3.0/", 30, { { "AV", "NALP" }, { "AC", "LH" }, { "PR", "NLH" }, { "UI", "NR" },
			     { "S", "UC" }, { "C", "HLN" }, { "I", "HLN" }, { "A", "HLN" } } },
	{ "CVSS:3.1/", 31, { { "AV", "NALP" }, { "AC", "LH" }, { "PR", "NLH" }, { "UI", "NR" },
			     { "S", "UC" }, { "C", "HLN" }, { "I", "HLN" }, { "A", "HLN" } } },
	{ "CVSS:4.0/", 40, { { "AV", "NALP" }, { "AC", "LH" }, { "AT", "NP" }, { "PR", "NLH" },
			     { "UI", "NPA" }, { "VC", "HLN" }, { "VI", "HLN" }, { "VA", "HLN" },
			     { "SC", "HLN" }, { "SI", "HLN" }, { "SA", "HLN" } } },
};
/* clang-format on */

/* The place of a metric's letter; -1: not given, twice, or not one of them. */
static int find_letter(struct str vector, const struct metric *m)
{
	int found = -1;

	while (vector.ptr) {
		struct str value = str_cut(&vector, '/'), name = str_cut(&value, ':');
		const char *at;

		if (!str_eq(name, str_of(m->name)))
			continue;
		at = value.len == 1 && *value.ptr ? strchr(m->letters, *value.ptr) : NULL;
		if (!at || found >= 0)
			return -1;
		found = (int)(at - m->letters);
	}
	return found;
}

static const struct standard *standard_of(struct str *vector)
{
	for (size_t i = COUNT(standards); i-- > 0;)
		if (str_starts(*vector, str_of(standards[i].prefix))) {
			*vector = str_sub(*vector, strlen(standards[i].prefix), vector->len);
			return &standards[i];
		}
	return NULL;
}

int cvss_pack(struct str vector, uint32_t *ret)
{
	const struct standard *s;
	uint32_t value = 0;

	vector = str_trim(vector);
	if (str_starts(vector, STR("(")) && str_ends(vector, STR(")")))
		vector = str_sub(vector, 1, vector.len - 1);
	if (!vector.len || vector.len > 512)
		return -EINVAL;
	s = standard_of(&vector);
	for (const struct metric *m = s->metrics; m->name; m++) {
		int letter = find_letter(vector, m);

		if (letter < 0)
			return -EINVAL;
		value = value * (uint32_t)strlen(m->letters) + (uint32_t)letter;
	}
	*ret = value << 2 | (uint32_t)(s - standards);
	return 0;
}

/* The places of all letters; false: too large a number. */
static bool letters(uint32_t packed, unsigned ret[static METRICS_MAX])
{
	const struct standard *s = &standards[packed & 3];
	uint32_t value = packed >> 2;
	size_t n = 0;

	while (s->metrics[n].name)
		n++;
	while (n-- > 0) {
		uint32_t base = (uint32_t)strlen(s->metrics[n].letters);

		ret[n] = value % base;
		value /= base;
	}
	return !value;
}

bool cvss_text(uint32_t packed, char *ret, size_t size)
{
	const struct standard *s = &standards[packed & 3];
	unsigned at[METRICS_MAX] = {};
	int n;

	if (!letters(packed, at))
		return false;
	n = snprintf(ret, size, "%s", s->prefix);
	for (unsigned i = 0; s->metrics[i].name && n >= 0 && (size_t)n < size; i++)
		n += snprintf(ret + n, size - (size_t)n, "%s%s:%c", i ? "/" : "",
			      s->metrics[i].name, s->metrics[i].letters[at[i]]);
	return true;
}

/* CVSS 2.0, 3.2.1. */
static unsigned score_2(const unsigned at[static METRICS_MAX])
{
	static const double av[] = { 0.395, 0.646, 1.0 }, ac[] = { 0.35, 0.61, 0.71 },
			    au[] = { 0.45, 0.56, 0.704 }, cia[] = { 0.0, 0.275, 0.660 };
	double impact = 10.41 * (1 - (1 - cia[at[3]]) * (1 - cia[at[4]]) * (1 - cia[at[5]]));
	double exploitability = 20 * av[at[0]] * ac[at[1]] * au[at[2]];
	double score = (0.6 * impact + 0.4 * exploitability - 1.5) * (impact > 0 ? 1.176 : 0);

	return score > 0 ? (unsigned)(score * 10 + 0.5) : 0;
}

/* CVSS 3.1, 7.1 and appendix A: rounding up without what floating point adds. */
static unsigned score_3(const unsigned at[static METRICS_MAX])
{
	static const double av[] = { 0.85, 0.62, 0.55, 0.2 }, ac[] = { 0.77, 0.44 },
			    pr[][3] = { { 0.85, 0.62, 0.27 }, { 0.85, 0.68, 0.5 } },
			    ui[] = { 0.85, 0.62 }, cia[] = { 0.56, 0.22, 0.0 };
	bool changed = at[4] == 1;
	double base = 1 - (1 - cia[at[5]]) * (1 - cia[at[6]]) * (1 - cia[at[7]]);
	double impact = 6.42 * base, power = 1, score;
	unsigned fine;

	for (int i = 0; i < 15; i++)
		power *= base - 0.02;
	if (changed)
		impact = 7.52 * (base - 0.029) - 3.25 * power;
	if (impact <= 0)
		return 0;
	score = impact + 8.22 * av[at[0]] * ac[at[1]] * pr[changed][at[2]] * ui[at[3]];
	score *= changed ? 1.08 : 1;
	score = MIN(score, 10.0);
	fine = (unsigned)(score * 100'000 + 0.5);
	return fine % 10'000 ? fine / 10'000 + 1 : fine / 10'000;
}

unsigned cvss_version(uint32_t packed) { return standards[packed & 3].version; }

unsigned cvss_score(uint32_t packed)
{
	unsigned at[METRICS_MAX] = {};

	if (!letters(packed, at))
		return 0;
	switch (cvss_version(packed)) {
	case 20: return score_2(at);
	case 30:
	case 31: return score_3(at);
	default: return 0;
	}
}

enum index_severity cvss_severity(unsigned score)
{
	if (!score)
		return RATED_UNKNOWN;
	return score < 40   ? RATED_LOW
	       : score < 70 ? RATED_MEDIUM
	       : score < 90 ? RATED_HIGH
			    : RATED_CRITICAL;
}
