/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Version orders against what each ecosystem's own tool says: lines "A < B", "A = B", "A > B". */
#include "base/file.h"
#include "tap.h"
#include "vuln/version.h"

#define FOLDER "../shared/corpora/versions/"

static const struct {
	const char *file;
	const char *ecosystem;
	unsigned least; /* lines that must be there */
	unsigned wrong; /* that are answered otherwise, see the reason */
} files[] = {
	{"debian-versions.txt",               "Debian:12",    10,     0},
	{ "debian-versions-generated.txt",    "Debian",       14'000, 0},
	{ "redhat-versions.txt",              "Red Hat",      100,    0},
	{ "alpine-versions.txt",              "Alpine:v3.19", 500,    0},
	{ "alpine-versions-generated.txt",    "Alpine",       1'000,  0},
	{ "semver-versions.txt",              "npm",          50,     0},
	{ "pub-versions.txt",                 "Pub",          50,     0},
	{ "nuget-versions.txt",               "NuGet",        20,     0},
	{ "pypi-versions.txt",                "PyPI",         20,     0},
	{ "pypi-versions-generated.txt",      "PyPI",         5'000,  0},
	{ "maven-versions.txt",               "Maven",        50,     0},
	{ "maven-versions-generated.txt",     "Maven",        5'000,  0},
	{ "rubygems-versions.txt",            "RubyGems",     10,     0},
	{ "rubygems-versions-generated.txt",  "RubyGems",     2'000,  0},
	{ "packagist-versions.txt",           "Packagist",    50,     0},
	{ "packagist-versions-generated.txt", "Packagist",    5'000,  0},
	{ "cran-versions.txt",                "CRAN",         10,     0},
	{ "cran-versions-generated.txt",      "CRAN",         10,     0},
	{ "hackage-versions.txt",             "Hackage",      5,      0},
};

static int sign(int v) { return (v > 0) - (v < 0); }

static void corpus(size_t i)
{
	struct arena own(arena_release) a = {};
	const struct version_order *o = version_order_find(str_of(files[i].ecosystem));
	char path[256];
	struct str text, line;
	unsigned number = 0, good = 0, wrong = 0;

	snprintf(path, sizeof path, FOLDER "%s", files[i].file);
	if (file_read(path, 1 << 20, &a, &text)) {
		skip(files[i].file, "no corpora beside the tree");
		return;
	}
	if (!ok(o != NULL, files[i].ecosystem))
		return;
	while (str_line(&text, &line, &number)) {
		struct str rest = line, left = str_word(&rest), op = str_word(&rest),
			   right = str_word(&rest);
		int want, got, back;

		if (!right.len || *line.ptr == '#' || str_starts(line, STR("//")) || op.len != 1)
			continue;
		want = *op.ptr == '<' ? -1 : *op.ptr == '>';
		got = sign(o->compare(left, right));
		back = sign(o->compare(right, left));
		if (got == want && back == -want) {
			good++;
			continue;
		}
		if (wrong++ < 12)
			printf("# %s:%u: %.*s: got %d, back %d\n", files[i].file, number,
			       STR_FMT(line), got, back);
	}
	ok(good >= files[i].least, "enough lines");
	is_int(wrong, files[i].wrong, files[i].file);
}

/* Any texts: the order is total and does not depend on which comes first. */
static void any_text(void)
{
	static const char letters[] = "0019aZbr.-_~^:+!#vp";
	static const char *const names[] = { "Debian",   "Red Hat",   "Alpine", "npm",
					     "Pub",      "NuGet",     "PyPI",   "Maven",
					     "RubyGems", "Packagist", "CRAN" };
	uint64_t seed = 12345;

	for (size_t n = 0; n < COUNT(names); n++) {
		const struct version_order *o = version_order_find(str_of(names[n]));
		unsigned bad = 0;

		for (unsigned i = 0; i < 20'000; i++) {
			char text[2][12];
			struct str s[2];

			for (unsigned k = 0; k < 2; k++) {
				seed = seed * 6364136223846793005U + 1442695040888963407U;
				s[k] = (struct str){ text[k], seed >> 60 };
				s[k].len = MIN(s[k].len, sizeof text[k]);
				for (size_t j = 0; j < s[k].len; j++)
					text[k][j] =
						letters[(seed >> 5 * j) % (sizeof letters - 1)];
			}
			bad += sign(o->compare(s[0], s[1])) != -sign(o->compare(s[1], s[0]));
			bad += o->compare(s[0], s[0]) != 0;
		}
		is_int(bad, 0, names[n]);
	}
}

int main(void)
{
	ok(!version_order_find(STR("nowhere")), "no such ecosystem");
	for (size_t i = 0; i < COUNT(files); i++)
		corpus(i);
	any_text();
	return done();
}
