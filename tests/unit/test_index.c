/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The index of advisories: what goes in comes out, and a broken file is never believed. */
#include <stdio.h>

#include "tap.h"
#include "vuln/index_build.h"
#include "vuln/index_format.h"

static uint64_t seed = 0x9e3779b97f4a7c15;

static unsigned rnd(unsigned below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 33) % below;
}

static struct buf file = BUF(INDEX_SIZE_MAX);
static struct index opened;

static bool make(struct index_build **b)
{
	struct diag d = {};
	int r;

	buf_reset(&file);
	r = index_build_write(*b, &file);
	index_build_release(b);
	if (r == 0)
		r = index_read(buf_view(&file), &opened, &d);
	if (r == 0)
		r = index_check(&opened, &d);
	if (r < 0)
		printf("# %d %s\n", r, d.reason);
	return r == 0;
}

static struct index_build *fresh(void)
{
	struct index_build *b = NULL;

	if (index_build_new(&b) < 0)
		abort();
	return b;
}

static void add(struct index_build *b, const char *ecosystem, const char *name, const char *id,
		const struct index_range *ranges, size_t n)
{
	struct index_entry e = { .package = index_build_package(b, str_of(ecosystem), str_of(name)),
				 .vuln = index_build_vuln(b, str_of(id)) };

	index_build_entry(b, &e, ranges, n);
}

/* How many advisories a package has; negative: an error. */
static int count(const char *ecosystem, const char *name)
{
	struct index_advisory a;
	struct index_walk w;
	int n = 0, r = index_find(&opened, str_of(ecosystem), str_of(name), &w);

	if (r <= 0)
		return r;
	while ((r = index_next(&w, &a)) > 0)
		n++;
	return r < 0 ? r : n;
}

/* "fixed version" of the range a version is in, "-": not affected, "open": no fix. */
static const char *verdict(const char *ecosystem, const char *name, const char *version)
{
	static char text[64];
	const struct version_order *order = version_order_find(str_of(ecosystem));
	struct index_advisory a;
	struct index_range range;
	struct index_walk w;

	if (index_find(&opened, str_of(ecosystem), str_of(name), &w) <= 0)
		return "unknown";
	while (index_next(&w, &a) > 0) {
		if (index_affects(&a, order->compare, str_of(version), &range) <= 0)
			continue;
		if (range.how != END_FIXED)
			return "open";
		snprintf(text, sizeof text, "%.*s", STR_FMT(range.end));
		return text;
	}
	return "-";
}
#define is_verdict(ecosystem, name, version, want) \
	is_str(str_of(verdict(ecosystem, name, version)), str_of(want), name " " version)

static void test_ranges(void)
{
	struct index_build *b = fresh();
	const struct index_range two[] = {
		{.end = STR("1.2"),    .how = END_FIXED },
		{ .begin = STR("2.0"), .end = STR("2.5"), .how = END_LAST },
		{ .begin = STR("3.1"),                   .how = END_ONLY                },
		{ .begin = STR("4.0"),                   .how = END_NONE },
	};
	const struct index_range fixed = { .end = STR("1:2.0-1+deb12u1"), .how = END_FIXED };

	add(b, "PyPI", "Foo_Bar", "PYSEC-2024-7", two, 4);
	add(b, "Debian:12", "openssl", "CVE-2024-0727", &fixed, 1);
	add(b, "npm", "@scope/Name", "GHSA-jfh8-c2jp-5v3q", two, 1);
	ok(make(&b), "a file with three packages is written, and whole");
	b = fresh();
	add(b, "npm", "x", "CVE-2020-1", &(struct index_range){ .how = END_FIXED }, 1);
	add(b, "npm", "x", "CVE-2020-2", &(struct index_range){ .how = END_ONLY }, 1);
	ok(make(&b) && !count("npm", "x"), "ranges without their version say nothing");
	b = fresh();
	add(b, "PyPI", "Foo_Bar", "PYSEC-2024-7", two, 4);
	add(b, "Debian:12", "openssl", "CVE-2024-0727", &fixed, 1);
	add(b, "npm", "@scope/Name", "GHSA-jfh8-c2jp-5v3q", two, 1);
	ok(make(&b), "again");
	is_verdict("PyPI", "foo-bar", "1.1", "1.2");
	is_verdict("PyPI", "FOO.bar", "1.2", "-");
	is_verdict("PyPI", "foo__bar", "2.0", "open");
	is_verdict("pypi", "foo-bar", "2.5", "open");
	is_verdict("PyPI", "foo-bar", "2.6", "-");
	is_verdict("PyPI", "foo-bar", "3.1", "open");
	is_verdict("PyPI", "foo-bar", "3.2", "-");
	is_verdict("PyPI", "foo-bar", "99", "open");
	is_verdict("Debian:12", "openssl", "1:1.9-1", "1:2.0-1+deb12u1");
	is_verdict("Debian:12", "openssl", "1:2.0-1+deb12u1", "-");
	is_verdict("npm", "@scope/Name", "0.1.0", "1.2");
	is_int(count("npm", "@scope/name"), 0, "npm tells letters apart");
	is_int(count("Debian:11", "openssl"), 0, "another release has none of them");
	is_int(count("Debian:12", "opensslx"), 0, "a longer name");
	is_int(count("Debian:12", "openss"), 0, "a shorter name");
	is_int(index_covers(&opened, STR("debian:12")), 1, "Debian 12 is covered");
	is_int(index_covers(&opened, STR("Debian:11")), 0, "Debian 11 is not");
}

static void test_names(void)
{
	static const struct {
		const char *from, *to;
	} ecosystems[] = {
		{"Ubuntu:22.04:LTS",                     "ubuntu:22.04"                       },
		{ "Ubuntu:Pro:16.04:LTS",                "ubuntu:pro:16.04"                   },
		{ "Alpine:v3.20",                        "alpine:3.20"                        },
		{ "Red Hat:enterprise_linux:9::baseos",  "red hat:9"                          },
		{ "Red Hat:rhel_eus:9.2::appstream",     "red hat:rhel_eus:9.2"               },
		{ "Red Hat:9",                           "red hat:9"                          },
		{ "Maven:https://repo.example/",         "maven"                              },
		{ "Debian",			      "debian"                             },
		{ "SUSE:Linux Enterprise Server 15 SP4", "suse:linux enterprise server 15 sp4"},
	};
	char text[INDEX_TEXT_MAX], big[300];
	size_t n = 0;

	for (size_t i = 0; i < COUNT(ecosystems); i++)
		if (ok(index_ecosystem(str_of(ecosystems[i].from), text, &n), "an ecosystem"))
			is_str(((struct str){ text, n }), str_of(ecosystems[i].to),
			       ecosystems[i].from);
	memset(big, 'a', sizeof big);
	ok(!index_ecosystem((struct str){ big, sizeof big }, text, &n), "too long an ecosystem");
	ok(!index_name(STR("npm"), (struct str){ big, 256 }, text, &n), "too long a name");
	ok(index_name(STR("npm"), (struct str){ big, 255 }, text, &n), "the longest name");
	ok(!index_name(STR("npm"), STR(""), text, &n), "no name");
	ok(!index_ecosystem(STR(""), text, &n), "no ecosystem");
}

static void is_same_id(const char *id)
{
	struct index_about about;
	uint32_t vuln = 0;

	printf("# %s\n", id);
	if (!is_int(index_id(&opened, str_of(id), &vuln, &about), 1, "an id is found"))
		return;
	is_str(str_of(about.id), str_of(id), "as it was written");
	ok(index_about(&opened, vuln, &about) == 0 && !strcmp(about.id, id), "and by number");
}

static void test_ids(void)
{
	static const char *const ids[] = {
		"CVE-1999-0001",
		"CVE-2021-44228",
		"CVE-2024-0001",
		"CVE-2024-1000000",
		"GHSA-jfh8-c2jp-5v3q",
		"PYSEC-2021-1",
		"PYSEC-2021-12",
		"PYSEC-2021-1234",
		"GO-2021-0052",
		"RUSTSEC-2021-0001",
		"MAL-2024-1",
		"RHSA-2024:1234",
		"SUSE-SU-2024:0001-1",
		"DSA-5000-1",
		"USN-1234-1",
		"TEMP-0000000-ABCDEF",
		"ALSA-2022:0008",
		"openSUSE-SU-2021:0001-1",
		"X",
		"CVE-2024-",
		"WORDFENCE-00f9fd4b-4730-4fa5-80b2-00d97dc72b8e",
		"CVE-2024:1234",
		"GHSA-aaaa-aaaa-aaaa",
		"BIT-x-2024-00001",
		"A-PREFIX-OF-FORTY-CHARACTERS-IS-KEPT-IT-2024-00001",
		"A-PREFIX-OF-FORTY-ONE-CHARACTERS-IS-TEXT-2024-00001",
		"A-PREFIX-OF-FIFTY-ONE-CHARACTERS-IS-A-TEXT-AS-WELL-2024-1",
	};
	const struct index_range all = { .how = END_NONE };
	struct index_build *b = fresh();
	struct index_about about;

	for (size_t i = 0; i < COUNT(ids); i++)
		add(b, "npm", "x", ids[i], &all, 1);
	ok(make(&b), "a file with ids of all kinds");
	for (size_t i = 0; i < COUNT(ids); i++)
		is_same_id(ids[i]);
	is_int(count("npm", "x"), COUNT(ids), "the package has them all");
	is_int(index_id(&opened, STR("cve-2021-44228"), NULL, &about), 1, "in small letters");
	is_int(index_id(&opened, STR("CVE-2021-44229"), NULL, &about), 0, "one that is not there");
	is_int(index_id(&opened, STR("NOPE-2021-1"), NULL, &about), 0, "nor such a prefix");
	is_int(index_id(&opened, STR(""), NULL, &about), 0, "nor nothing");
}

static void test_about(void)
{
	const struct index_range all = { .how = END_NONE };
	struct index_build *b = fresh();
	struct index_about a = {}, cve = {};
	uint32_t n;

	add(b, "npm", "x", "GHSA-jfh8-c2jp-5v3q", &all, 1);
	n = index_build_vuln(b, STR("GHSA-jfh8-c2jp-5v3q"));
	index_build_cve(b, n, STR("CVE-2021-44228"));
	index_build_cve(b, n, STR("CVE-2021-45046"));
	index_build_cvss(b, n, STR("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H/E:H"));
	n = index_build_vuln(b, STR("CVE-2021-44228"));
	index_build_kev(b, n, 18'971, 18'985, true);
	index_build_epss(b, n, 94'358);
	index_build_epss(b, index_build_vuln(b, STR("CVE-2021-45046")), 1);
	ok(make(&b), "an advisory, two CVEs");
	is_int(index_id(&opened, STR("GHSA-jfh8-c2jp-5v3q"), NULL, &a), 1, "the advisory");
	is_str(str_of(a.cvss), STR("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"), "its vector");
	is_int(a.score, 100, "its score");
	is_int(a.severity, RATED_CRITICAL, "and what that means");
	ok(a.kev && a.ransomware && a.kev_added == 18'971 && a.kev_due == 18'985,
	   "exploited, as its CVE is");
	is_int(a.epss, 94'358, "and as probably");
	is_int(a.n_cves, 2, "two CVEs");
	ok(index_about(&opened, a.cves[0], &cve) == 0, "the first of them");
	is_str(str_of(cve.id), STR("CVE-2021-44228"), "by its id");
	ok(index_about(&opened, a.cves[1], &cve) == 0 && cve.epss == 1 && !cve.kev,
	   "the second one is not exploited");
	is_int(index_about(&opened, 3, &a), -EBADMSG, "there is no fourth one");
}

static void test_eol(void)
{
	struct index_build *b = fresh();
	struct index_eol e = {};

	is_int(index_eol(NULL, STR("debian"), STR("12"), &e), 1, "without a feed Debian is known");
	ok(e.builtin && e.end == 20'645 && e.extended == 21'365, "2026-07-11 and 2028-06-30");
	is_int(index_eol(NULL, STR("debian"), STR("12.5"), &e), 1, "a point release");
	is_str(e.release, STR("12"), "belongs to its release");
	is_int(index_eol(NULL, STR("alpine-linux"), STR("3.19.1"), &e), 1, "Alpine by either name");
	is_int(index_eol(NULL, STR("windows-server"), STR("2012 R2"), &e), 1, "Windows");
	is_str(e.release, STR("2012-r2"), "its release");
	is_int(index_eol(NULL, STR("php"), STR("7.4"), &e), 0, "PHP needs a feed");
	index_build_eol(b, STR("debian"), STR("12"), 30'000, EOL_NEVER);
	index_build_eol(b, STR("php"), STR("7.4"), 100, EOL_NEVER);
	index_build_eol(b, STR("php"), STR("7.4"), 200, EOL_NEVER);
	index_build_eol(b, STR("php"), STR("5"), EOL_PAST, EOL_NEVER);
	index_build_eol(b, STR("php"), STR("9"), EOL_NEVER, EOL_NEVER);
	index_build_eol(b, STR("alpine-linux"), STR("3.19"), 1, EOL_NEVER);
	ok(make(&b), "a file with ends of support");
	is_int(index_eol(&opened, STR("debian"), STR("12.1"), &e), 1, "Debian of the feed");
	ok(!e.builtin && e.end == 30'000, "goes before the table");
	is_int(index_eol(&opened, STR("debian"), STR("11"), &e), 1, "what the feed has not");
	ok(e.builtin, "is in the table");
	is_int(index_eol(&opened, STR("php"), STR("7.4.33"), &e), 1, "PHP 7.4");
	is_int(e.end, 200, "what was said last");
	is_int(index_eol(&opened, STR("php"), STR("5.6"), &e), 1, "PHP 5");
	is_int(e.end, EOL_PAST, "is over");
	is_int(index_eol(&opened, STR("php"), STR("9"), &e), 1, "PHP 9");
	is_int(e.end, EOL_NEVER, "is not");
	is_int(index_eol(&opened, STR("alpine"), STR("3.19.4"), &e), 1, "Alpine by its ID");
	is_int(e.end, 1, "of the feed");
	is_int(index_eol(&opened, STR("php"), STR(""), &e), 0, "no version");
}

#define PACKAGES 700
#define VULNS 400

static struct {
	char name[40];
	unsigned n, vulns[24], fixed[24];
} model[PACKAGES];

static void fill(struct index_build *b)
{
	for (unsigned i = 0; i < PACKAGES; i++) {
		snprintf(model[i].name, sizeof model[i].name, "%.*s%u", (int)rnd(7), "abcabca", i);
		model[i].n = 1 + rnd(24);
		for (unsigned j = 0; j < model[i].n; j++) {
			char id[32], version[16];
			struct index_range range = { .how = END_FIXED };

			model[i].vulns[j] = (j ? model[i].vulns[j - 1] : 0) + 1 + rnd(16);
			model[i].fixed[j] = rnd(9);
			snprintf(id, sizeof id, "CVE-2020-%04u", model[i].vulns[j]);
			snprintf(version, sizeof version, "1.%u-1", model[i].fixed[j]);
			range.end = str_of(version);
			add(b, i % 3 ? "Debian:12" : "npm", model[i].name, id, &range, 1);
		}
	}
}

static bool holds(unsigned i)
{
	struct index_advisory a;
	struct index_range range;
	struct index_about about;
	struct index_walk w;
	char id[32], version[16];
	unsigned j = 0;
	int r;

	if (index_find(&opened, i % 3 ? STR("Debian:12") : STR("npm"), str_of(model[i].name), &w) !=
	    1)
		return false;
	for (; (r = index_next(&w, &a)) > 0; j++) {
		snprintf(id, sizeof id, "CVE-2020-%04u", model[i].vulns[j]);
		snprintf(version, sizeof version, "1.%u-1", model[i].fixed[j]);
		if (j == model[i].n || index_about(&opened, a.vuln, &about) < 0 ||
		    strcmp(about.id, id) != 0 || index_range(&a, 0, &range) < 0 ||
		    !str_eq(range.end, str_of(version)) || index_range(&a, 1, &range) != -ENOENT)
			return false;
	}
	return r == 0 && j == model[i].n;
}

static void test_model(void)
{
	struct index_build *b = fresh(), *again = fresh();
	struct index first;
	struct buf copy = BUF(INDEX_SIZE_MAX);
	unsigned good = 0;

	fill(b);
	ok(make(&b), "a file with 700 packages");
	for (unsigned i = 0; i < PACKAGES; i++)
		good += holds(i);
	is_int(good, PACKAGES, "all packages have what they were given");
	buf_str(&copy, buf_view(&file));
	ok(index_read(buf_view(&copy), &first, NULL) == 0 && index_build_add(again, &first) == 0,
	   "a file is added to another");
	ok(index_build_add(again, &first) == 0, "twice");
	ok(make(&again), "which is written");
	ok(str_eq(buf_view(&copy), buf_view(&file)), "and is the same, byte by byte");
	buf_release(&copy);
}

/* Whatever a broken file answers, it answers: reads all of it. */
static int read_everything(struct str bytes)
{
	struct index x;
	struct index_about about;
	struct index_eol eol;
	struct index_walk w;
	struct index_advisory a;
	struct index_range range;
	int r = index_read(bytes, &x, NULL);

	if (r < 0)
		return r;
	r = index_check(&x, NULL);
	for (unsigned i = 0; i < PACKAGES; i += 37)
		if (index_find(&x, STR("Debian:12"), str_of(model[i].name), &w) > 0)
			while (index_next(&w, &a) > 0)
				(void)!index_affects(&a, version_deb, STR("1.4-1"), &range);
	(void)!index_id(&x, STR("CVE-2020-0100"), NULL, &about);
	(void)!index_eol(&x, STR("php"), STR("7.4.2"), &eol);
	return r;
}

static void test_broken(void)
{
	struct index_build *b = fresh();
	struct str whole;
	unsigned believed = 0;
	char *bytes;

	memset(model, 0, sizeof model);
	fill(b);
	index_build_eol(b, STR("php"), STR("7.4"), 100, EOL_NEVER);
	index_build_source(b,
			   &(struct index_source){ STR("a"), STR("osv"), STR("/x"), 1, 2, 3, 4 });
	ok(make(&b), "a file to be broken");
	whole = buf_view(&file);
	for (size_t n = 0; n < whole.len; n += n < 400 ? 1 : 61) {
		char *cut = malloc(n ? n : 1);

		if (cut) {
			memcpy(cut, whole.ptr, n);
			believed += read_everything((struct str){ cut, n }) == 0;
		}
		free(cut);
	}
	is_int(believed, 0, "no file that is cut off is believed");
	bytes = malloc(whole.len);
	for (unsigned i = 0; bytes && i < 3'000; i++) {
		size_t at = i < 224 ? i : rnd((unsigned)whole.len);

		memcpy(bytes, whole.ptr, whole.len);
		bytes[at] ^= (char)(1 + rnd(255));
		believed += read_everything((struct str){ bytes, whole.len }) == 0;
	}
	free(bytes);
	is_int(believed, 0, "nor one in which a byte is another");
}

static void test_versions(void)
{
	struct index x;
	struct diag d = {};
	struct buf later = BUF(1 << 20);

	buf_str(&later, str_sub(buf_view(&file), 0, 1 << 12));
	later.ptr[8] = 9;
	is_int(index_read(buf_view(&later), &x, &d), -EPROTONOSUPPORT, "a later format is told");
	ok(str_contains(str_of(d.reason), STR("format 9")), "by its number");
	buf_release(&later);
	is_int(index_open("/nonexistent/index", &x, &d), -ENOENT, "no file");
}

int main(void)
{
	test_ranges();
	test_names();
	test_ids();
	test_about();
	test_eol();
	test_model();
	test_broken();
	test_versions();
	buf_release(&file);
	return done();
}
