/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vulnerabilities of installed versions: the mistakes that scanners are known for. */
#include "report/vulns.h"
#include "tap.h"
#include "vuln/index_build.h"
#include "vuln/match.h"

static struct buf file = BUF((size_t)16 << 20);
static struct index opened;
static struct arena arena;

static void entry(struct index_build *b, const char *ecosystem, const char *name, const char *id,
		  const char *fixed)
{
	struct index_range range = { .end = str_of(fixed ? fixed : ""),
				     .how = fixed ? END_FIXED : END_NONE };
	struct index_entry e = { .package = index_build_package(b, str_of(ecosystem), str_of(name)),
				 .vuln = index_build_vuln(b, str_of(id)) };

	index_build_entry(b, &e, &range, 1);
}

static void cve(struct index_build *b, const char *id, const char *name)
{
	index_build_cve(b, index_build_vuln(b, str_of(id)), str_of(name));
}

static bool make(void)
{
	struct index_build *b = NULL;
	struct diag d = {};
	int r = index_build_new(&b);

	if (r < 0)
		return false;
	entry(b, "Debian:12", "openssl", "CVE-2024-0001", "3.0.13-1~deb12u1");
	entry(b, "Debian:12", "openssl", "CVE-2024-0002", NULL);
	/* The same by an advisory on two, of which one is fixed already. */
	entry(b, "Debian:12", "openssl", "DSA-5532-1", "3.0.14-1~deb12u1");
	cve(b, "DSA-5532-1", "CVE-2024-0001");
	cve(b, "DSA-5532-1", "CVE-2024-0003");
	entry(b, "Debian:12", "openssl", "DSA-1-1", "3.0.9-1");
	entry(b, "Ubuntu:22.04", "curl", "UBUNTU-CVE-2024-0010", NULL);
	cve(b, "UBUNTU-CVE-2024-0010", "CVE-2024-0010");
	entry(b, "Ubuntu:Pro:22.04", "curl", "USN-1", "7.81.0-1ubuntu1.15+esm1");
	cve(b, "USN-1", "CVE-2024-0010");
	entry(b, "Ubuntu:Pro:22.04", "curl", "USN-2", "7.81.0-1ubuntu1.15+esm2");
	cve(b, "USN-2", "CVE-2024-0011");
	r = index_build_write(b, &file);
	index_build_release(&b);
	if (r == 0)
		r = index_read(buf_view(&file), &opened, &d);
	return r == 0;
}

/* "CVE fixed, CVE fixed" */
static const char *found(const char *ecosystem, const char *extended, const char *name,
			 const char *version)
{
	static char text[512];
	struct match_query q = { .ecosystem = str_of(ecosystem),
				 .extended = str_of(extended),
				 .name = str_of(name),
				 .version = str_of(version),
				 .compare = version_deb };
	struct matches m;
	size_t at = 0;

	if (match_find(&opened, &q, &arena, &m) < 0)
		return "error";
	if (!m.known)
		return "unknown";
	text[0] = 0;
	for (size_t i = 0; i < m.n && at < sizeof text; i++) {
		struct index_about about;

		if (index_about(&opened, m.list[i].vuln, &about) < 0)
			return "error";
		at += (size_t)snprintf(text + at, sizeof text - at, "%s%s %.*s%s", i ? ", " : "",
				       about.id,
				       STR_FMT(m.list[i].fixed.len ? m.list[i].fixed : STR("-")),
				       m.list[i].extended ? " pro" : "");
	}
	return text;
}

#define is_text(got, want, name) is_str(str_of(got), str_of(want), name)

static void test_find(void)
{
	is_text(found("Debian:12", "", "openssl", "3.0.11-1"),
		"CVE-2024-0001 3.0.13-1~deb12u1, CVE-2024-0002 -, CVE-2024-0003 3.0.14-1~deb12u1",
		"each CVE once, by what is said of itself");
	is_text(found("Debian:12", "", "openssl", "3.0.13-1~deb12u1"),
		"CVE-2024-0002 -, CVE-2024-0003 3.0.14-1~deb12u1",
		"the record of a CVE goes before an advisory on several");
	is_text(found("Debian:12", "", "openssl", "3.0.14-1~deb12u1"), "CVE-2024-0002 -",
		"a fix that was ported back");
	is_text(found("Debian:11", "", "openssl", "1"), "unknown", "another release");
	is_text(found("Debian:12", "", "libssl3", "1"), "unknown", "a binary package's name");
}

static void test_extended(void)
{
	is_text(found("Ubuntu:22.04", "Ubuntu:Pro:22.04", "curl", "7.81.0-1ubuntu1.15"),
		"CVE-2024-0010 7.81.0-1ubuntu1.15+esm1 pro, CVE-2024-0011 7.81.0-1ubuntu1.15+esm2 pro",
		"a fix for subscribers");
	is_text(found("Ubuntu:22.04", "Ubuntu:Pro:22.04", "curl", "7.81.0-1ubuntu1.15+esm1"),
		"CVE-2024-0011 7.81.0-1ubuntu1.15+esm2 pro", "which is installed");
	is_text(found("Ubuntu:22.04", "", "curl", "7.81.0-1ubuntu1.15"), "CVE-2024-0010 -",
		"where nobody asks for them");
}

static void test_ecosystems(void)
{
	static const struct {
		const char *id, *version, *ecosystem, *extended;
	} known[] = {
		{"debian",  "12",     "Debian:12",     ""                },
		{ "ubuntu", "22.04",  "Ubuntu:22.04",  "Ubuntu:Pro:22.04"},
		{ "alpine", "3.20.3", "Alpine:3.20",   ""                },
		{ "rhel",   "9.4",    "Red Hat:9",     ""                },
		{ "rocky",  "9.4",    "Rocky Linux:9", ""                },
		{ "debian", "",       NULL,            NULL              },
		{ "arch",   "1",      NULL,            NULL              },
	};

	for (size_t i = 0; i < COUNT(known); i++) {
		struct str ecosystem = {}, extended = {};
		bool good = match_ecosystem(str_of(known[i].id), str_of(known[i].version), &arena,
					    &ecosystem, &extended);

		if (ok(good == (known[i].ecosystem != NULL), known[i].id) && good) {
			is_text(ecosystem.ptr, known[i].ecosystem, "  its ecosystem");
			is_text(extended.ptr, known[i].extended, "  its extended support");
		}
	}
}

static void test_kernels(void)
{
	static const struct {
		const char *source, *package;
		bool carries;
	} packages[] = {
		{"linux",      "linux-image-6.1.0-44-amd64",   true },
		{ "linux",     "linux-libc-dev",               false},
		{ "linux",     "linux-headers-6.1.0-44-amd64", false},
		{ "linux",     "linux-perf",                   false},
		{ "linux-aws", "linux-modules-6.8.0-1009-aws", true },
		{ "linux-aws", "linux-aws-headers-6.8.0-1009", false},
		{ "kernel",    "kernel-core",                  true },
		{ "kernel",    "kernel-headers",               false},
		{ "openssl",   "libssl-dev",                   true },
		{ "linux-atm", "libatm1",                      true },
	};

	for (size_t i = 0; i < COUNT(packages); i++)
		ok(match_carries(str_of(packages[i].source), str_of(packages[i].package)) ==
			   packages[i].carries,
		   packages[i].package);
	is_str(match_source(&arena, STR("linux-signed-amd64")), STR("linux"),
	       "Debian's signed one");
	is_str(match_source(&arena, STR("linux-signed")), STR("linux"), "Ubuntu's");
	is_str(match_source(&arena, STR("linux-signed-aws")), STR("linux-aws"), "Ubuntu's for AWS");
	is_str(match_source(&arena, STR("openssl")), STR("openssl"), "what is none");
	ok(match_is_release(STR("linux-image-6.1.0-44-amd64"), STR("6.1.164-1"),
			    STR("6.1.0-44-amd64")),
	   "Debian's image of the release that runs");
	ok(!match_is_release(STR("linux-image-6.1.0-43-amd64"), STR("6.1.162-1"),
			     STR("6.1.0-44-amd64")),
	   "an older one");
	ok(!match_is_release(STR("linux-image-amd64"), STR("6.1.164-1"), STR("6.1.0-44-amd64")),
	   "the package that only depends on it");
	ok(match_is_release(STR("kernel-core"), STR("0:5.14.0-427.el9"),
			    STR("5.14.0-427.el9.x86_64")),
	   "Red Hat's");
	ok(match_is_release(STR("linux-lts"), STR("6.6.30-r0"), STR("6.6.30-0-lts")), "Alpine's");
	ok(!match_is_release(STR("linux-image-6.1.0-44-amd64"), STR("1"), STR("")),
	   "none that is known of");
}

/* What people must do first stands first. */
static void test_risk(void)
{
	struct vuln_flaw f = { .severity = STR("high"), .status = STR("affected"), .epss = -1 };
	unsigned high = vuln_flaw_threat(&f);

	ok(vuln_risk(high, INTERNET_YES, true, false) >
		   vuln_risk(high, INTERNET_UNKNOWN, true, false),
	   "what is reached before what may be");
	ok(vuln_risk(high, INTERNET_NO, true, false) > vuln_risk(high, INTERNET_NO, false, false),
	   "what runs before what does not");
	ok(vuln_risk(high, INTERNET_YES, true, true) == vuln_risk(high, INTERNET_NO, true, false),
	   "a local flaw is not reached");
	f.kev = true;
	ok(vuln_flaw_threat(&f) > high, "what is exploited before what is not");
	f.kev = false;
	f.epss = 50'000;
	ok(vuln_flaw_threat(&f) > high, "what will be, too");
	f.epss = -1;
	f.status = STR("minor");
	is_int(vuln_flaw_threat(&f), 0, "what crosses no boundary");
	ok(vuln_flaw_is_minor(&f), "is minor");
	f.kev = true;
	ok(!vuln_flaw_is_minor(&f), "unless it is exploited");
	is_text(vuln_risk_name(vuln_risk(THREAT_EXPLOITED, INTERNET_UNKNOWN, true, false)),
		"critical", "exploited and perhaps reached");
	is_text(vuln_risk_name(vuln_risk(THREAT_HIGH, INTERNET_NO, true, false)), "high",
		"a security fix of what runs");
	is_text(vuln_risk_name(vuln_risk(THREAT_HIGH, INTERNET_NO, false, false)), "medium",
		"of what does not");
}

int main(void)
{
	if (!ok(make(), "an index"))
		return done();
	test_find();
	test_extended();
	test_ecosystems();
	test_kernels();
	test_risk();
	arena_release(&arena);
	buf_release(&file);
	return done();
}
