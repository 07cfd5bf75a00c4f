/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Readers of feeds: a document of each format, what is said in it, and documents that lie. */
#include <fts.h>
#include <sys/stat.h>

#include "base/file.h"
#include "tap.h"
#include "vuln/feed_work.h"
#include "vuln/index_format.h"

static struct buf file = BUF(INDEX_SIZE_MAX);
static struct index opened;
static struct diag diag;
static struct feed_read reading;

static void begin(void)
{
	feed_read_release(&reading);
	reading = (struct feed_read){};
	diag = (struct diag){};
}

static int read_text(const char *name, const char *text)
{
	int r = feed_read_text(&reading, str_of(name), str_of(text), &diag);

	if (r < 0)
		printf("# %d %s:%u: %s\n", r, diag.file, diag.line, diag.reason);
	return r;
}

/* What was read of the format that came last, as an index. */
static bool finish(void)
{
	int r;

	buf_reset(&file);
	r = reading.now ? index_build_write(reading.now->build, &file) : -EINVAL;
	if (r == 0)
		r = index_read(buf_view(&file), &opened, &diag);
	return r == 0 && index_check(&opened, &diag) == 0;
}

static bool load(const char *name, const char *text)
{
	begin();
	return read_text(name, text) == 0 && finish();
}

static struct index_advisory found;

/* The first advisory that a version is affected by: what fixes it, "open", "-" or "unknown". */
static const char *verdict(const char *ecosystem, const char *name, const char *version)
{
	static char text[64];
	const struct version_order *order = version_order_find(str_of(ecosystem));
	struct index_range range;
	struct index_walk w;

	if (index_find(&opened, str_of(ecosystem), str_of(name), &w) <= 0)
		return "unknown";
	while (index_next(&w, &found) > 0) {
		if (index_affects(&found, order->compare, str_of(version), &range) <= 0)
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

static struct index_about about(const char *id)
{
	struct index_about a = {};

	(void)!index_id(&opened, str_of(id), NULL, &a);
	return a;
}

static void test_osv(void)
{
	struct index_about a;

	ok(load("a.json",
		"{\"schema_version\":\"1.6.0\",\"id\":\"GHSA-jfh8-c2jp-5v3q\","
		"\"modified\":\"2024-01-02T03:04:05Z\",\"aliases\":[\"CVE-2021-44228\",\"X-1\"],"
		"\"severity\":[{\"type\":\"CVSS_V3\",\"score\":"
		"\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H\"}],"
		"\"database_specific\":{\"severity\":\"CRITICAL\"},"
		"\"affected\":[{\"package\":{\"ecosystem\":\"Maven\",\"name\":\"g:a\"},"
		"\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":["
		"{\"introduced\":\"2.13.0\"},{\"fixed\":\"2.15.0\"}]},"
		"{\"type\":\"GIT\",\"events\":[{\"introduced\":\"0\"}]}]},"
		"{\"package\":{\"ecosystem\":\"Maven\",\"name\":\"g:b\"},"
		"\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"fixed\":\"1.5\"},"
		"{\"introduced\":\"0\"},{\"introduced\":\"2.0\"},{\"last_affected\":\"2.3\"}]}],"
		"\"versions\":[\"1.0\",\"2.3\",\"7.7\"]}]}"),
	   "an OSV record of two packages");
	is_verdict("Maven", "g:a", "2.14.1", "2.15.0");
	is_verdict("Maven", "g:a", "2.12", "-");
	is_verdict("Maven", "g:b", "1.4", "1.5");
	is_verdict("Maven", "g:b", "1.5", "-");
	is_verdict("Maven", "g:b", "2.3", "open");
	is_verdict("Maven", "g:b", "2.4", "-");
	is_verdict("Maven", "g:b", "7.7", "open");
	is_int(found.n, 3, "versions in a range are not told again");
	a = about("GHSA-jfh8-c2jp-5v3q");
	ok(a.score == 100 && a.severity == RATED_CRITICAL && a.n_cves == 1, "what it says of it");
	ok(reading.now->published == 1'704'164'645 && reading.now->records == 1, "and when");

	begin();
	ok(read_text("u",
		     "{\"id\":\"UBUNTU-CVE-2024-7\",\"modified\":\"2024-01-01T00:00:00Z\","
		     "\"affected\":[{\"package\":{\"ecosystem\":\"Ubuntu:22.04:LTS\","
		     "\"name\":\"curl\"},\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":"
		     "[{\"introduced\":\"0\"},{\"fixed\":\"7.81.0-1ubuntu1.16\"}]}]}]}") == 0 &&
		   read_text("m",
			     "{\"id\":\"MAL-2024-12\",\"modified\":\"2024-01-01T00:00:00Z\","
			     "\"affected\":[{\"package\":{\"ecosystem\":\"npm\",\"name\":\"ev\"},"
			     "\"versions\":[\"1.0.0\"]}]}") == 0 &&
		   read_text("w",
			     "{\"id\":\"A-1\",\"modified\":\"2024-01-01T00:00:00Z\","
			     "\"withdrawn\":\"2024-01-01T00:00:00Z\",\"affected\":[{\"package\":"
			     "{\"ecosystem\":\"npm\",\"name\":\"w\"},\"versions\":[\"1\"]}]}") ==
			   0 &&
		   read_text("n",
			     "{\"id\":\"A-2\",\"modified\":\"x\",\"affected\":[{\"package\":"
			     "{\"ecosystem\":\"npm\",\"name\":\"n\"},\"ranges\":[{\"events\":"
			     "[{\"introduced\":\"0\"},{\"fixed\":\"0\"}]}]},{},null,7]}") == 0 &&
		   finish(),
	   "four more");
	is_verdict("Ubuntu:22.04", "curl", "7.81.0-1ubuntu1.15", "7.81.0-1ubuntu1.16");
	ok(about("CVE-2024-7").id[0] && !about("UBUNTU-CVE-2024-7").id[0],
	   "what Ubuntu says of a CVE is told of the CVE");
	is_verdict("npm", "ev", "1.0.0", "open");
	is_int(found.status, STATUS_MALICIOUS, "a package that is the attack");
	is_verdict("npm", "w", "1", "unknown");
	is_verdict("npm", "n", "0", "unknown");
	is_int(reading.now->left_out, 2, "withdrawn, and never affected");

	begin();
	is_int(read_text("v", "{\"schema_version\":\"2.0.0\",\"id\":\"A-1\",\"affected\":[]}"),
	       -EPROTONOSUPPORT, "a later schema is not guessed at");
	ok(str_contains(str_of(diag.reason), STR("'2.0.0'")), "but named");
	is_int(read_text("v", "{\"id\":\"\",\"affected\":[]}"), -EBADMSG, "an empty id");
	is_int(read_text("v", "{\"id\":\"A-1\",\"affected\":{}}"), -EBADMSG, "no list");
}

/* Records that say more than any does. */
static void test_too_much(void)
{
	static char text[600 * 20 + 200];
	size_t n = (size_t)snprintf(text, sizeof text,
				    "{\"id\":\"A-1\",\"affected\":[{\"package\":"
				    "{\"ecosystem\":\"npm\",\"name\":\"x\"},"
				    "\"ranges\":[{\"events\":[{}");

	for (int i = 0; i < 600; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, ",{\"fixed\":\"%d\"}", i);
	snprintf(text + n, sizeof text - n, "]}]}]}");
	begin();
	is_int(read_text("x", text), -E2BIG, "more events than are sorted");
	ok(feed_is_broken(-E2BIG) && str_contains(str_of(diag.reason), STR("more in one document")),
	   "is a broken document, and told as one");
}

static void test_keep(void)
{
	static const struct str keep[] = { STR("Debian:12"), STR("PyPI"), STR("alpine") };

	begin();
	reading.keep = keep;
	reading.n_keep = COUNT(keep);
	ok(feed_keeps(&reading, STR("debian:12")), "Debian 12 is kept");
	ok(!feed_keeps(&reading, STR("Debian:11")), "Debian 11 is not");
	ok(feed_keeps(&reading, STR("Alpine:v3.20")), "a family is kept as a whole");
	ok(!feed_keeps(&reading, STR("npm")), "npm is not");
	ok(read_text("n", "{\"id\":\"A-2\",\"modified\":\"x\",\"affected\":[{\"package\":"
			  "{\"ecosystem\":\"npm\",\"name\":\"n\"},\"versions\":[\"1\"]}]}") == 0,
	   "a record of npm");
	is_int(reading.now->left_out, 1, "is left out");
}

static void test_debian(void)
{
	ok(load("json",
		"{\"openssl\":{\"CVE-2024-0727\":{\"description\":\"x\",\"scope\":\"local\","
		"\"releases\":{\"bookworm\":{\"status\":\"resolved\",\"repositories\":{},"
		"\"fixed_version\":\"3.0.13-1~deb12u1\",\"urgency\":\"low\"},"
		"\"bullseye\":{\"status\":\"open\",\"urgency\":\"not yet assigned\","
		"\"nodsa\":\"Minor issue\",\"nodsa_reason\":\"ignored\"},"
		"\"trixie\":{\"status\":\"resolved\",\"fixed_version\":\"0\",\"urgency\":\"low\"},"
		"\"sid\":{\"status\":\"undetermined\",\"urgency\":\"low\"}}},"
		"\"CVE-2010-0001\":{\"releases\":{\"bookworm\":{\"status\":\"open\","
		"\"urgency\":\"unimportant\"}}}},"
		"\"bash\":{\"TEMP-0841856-B18BAF\":{\"releases\":{\"bookworm\":{\"status\":\"open\","
		"\"urgency\":\"end-of-life\"},\"novel\":{\"status\":\"open\",\"nodsa\":\"x\","
		"\"nodsa_reason\":\"\"}}}}}"),
	   "Debian's tracker");
	is_verdict("Debian:12", "openssl", "3.0.11-1~deb12u2", "open");
	is_int(found.status, STATUS_MINOR, "the unimportant one is said to be");
	is_verdict("Debian:11", "openssl", "1.1.1w-0+deb11u1", "open");
	is_int(found.status, STATUS_WONT_FIX, "ignored");
	is_verdict("Debian:13", "openssl", "1", "unknown");
	is_verdict("Debian:sid", "openssl", "1", "open");
	is_int(found.status, STATUS_UNDECIDED, "undetermined");
	is_verdict("Debian:12", "bash", "5", "open");
	is_int(found.status, STATUS_WONT_FIX, "end of life");
	is_verdict("Debian:novel", "bash", "5", "open");
	is_int(found.status, STATUS_DEFERRED, "not at once");
	is_int(reading.now->records, 3, "three vulnerabilities");
	begin();
	is_int(read_text("d",
			 "{\"a\":{\"CVE-2020-1\":{\"releases\":{\"sid\":{\"status\":\"odd\"}}}}}"),
	       -EPROTONOSUPPORT, "a status that is not known");
	is_int(read_text("d", "{\"a\":{\"CVE-2020-1\":{\"releases\":{}},\"CVE-2020-2\":[]}}"),
	       -EBADMSG, "no releases");
}

static void test_alpine(void)
{
	ok(load("main.json",
		"{\"apkurl\":\"x\",\"reponame\":\"main\",\"distroversion\":\"v3.20\",\"packages\":["
		"{\"pkg\":{\"name\":\"busybox\",\"secfixes\":{\"1.36.1-r29\":[\"CVE-2023-42363\","
		"\"CVE-2023-42364 CVE-2023-42365\",\"CVE-2017-2616 (+ regression fix)\"],"
		"\"0\":[\"CVE-2022-30065\"]}}},{\"pkg\":{\"name\":\"empty\",\"secfixes\":[]}},"
		"{\"pkg\":{\"name\":\"heimdal\",\"secfixes\":{\"7.4.0-r0\":{},\"7.1.0-r2\":"
		"[\"CVE-2017-17439\"]}}},{\"pkg\":{\"name\":\"none\",\"secfixes\":{}}}]}"),
	   "Alpine's secdb");
	is_verdict("Alpine:3.20", "busybox", "1.36.1-r28", "1.36.1-r29");
	is_verdict("Alpine:v3.20", "busybox", "1.36.1-r29", "-");
	is_verdict("Alpine:3.20", "heimdal", "7.1.0-r1", "7.1.0-r2");
	ok(about("CVE-2023-42365").id[0] && about("CVE-2017-2616").id[0] &&
		   !about("CVE-2022-30065").id[0],
	   "several ids in a text, none of what was never affected");
	begin();
	is_int(read_text("x", "{\"distroversion\":\"v1\",\"packages\":[{\"pkg\":{\"name\":\"x\","
			      "\"secfixes\":{\"1\":{\"CVE-2020-1\":1}}}}]}"),
	       -EBADMSG, "fixes that are no list");
	begin();
	is_int(read_text("x", "{\"packages\":[{}],\"distroversion\":\"v1\"}"), -EBADMSG,
	       "no package");
}

static const char csaf[] =
	"{\"document\":{\"csaf_version\":\"2.0\",\"tracking\":{\"current_release_date\":"
	"\"2024-05-01T00:00:00+00:00\"}},\"product_tree\":{\"branches\":[{\"category\":\"vendor\","
	"\"name\":\"Red Hat\",\"branches\":[{\"category\":\"product_name\",\"name\":\"RHEL 9\","
	"\"product\":{\"product_id\":\"BaseOS-9\",\"name\":\"BaseOS\","
	"\"product_identification_helper\":{\"cpe\":\"cpe:/o:redhat:enterprise_linux:9::baseos\"}}},"
	"{\"category\":\"product_version\",\"name\":\"bash-0:5.1.8-9.el9.x86_64\",\"product\":{"
	"\"product_id\":\"bash-0:5.1.8-9.el9.x86_64\",\"product_identification_helper\":{\"purl\":"
	"\"pkg:rpm/redhat/bash@5.1.8-9.el9?arch=x86_64\"}}},"
	"{\"category\":\"product_version\",\"name\":\"pg\",\"product\":{\"product_id\":\"pg\","
	"\"product_identification_helper\":{\"purl\":\"pkg:rpm/redhat/postgresql-server@15.2-1.el9"
	"?arch=x86_64&epoch=2&rpmmod=postgresql:15:9050:abc\"}}},"
	"{\"category\":\"product_version\",\"name\":\"vim\",\"product\":{\"product_id\":\"vim\"}}"
	"]}]";

static void test_csaf(void)
{
	static const char rest[] =
		",\"relationships\":[{\"category\":\"default_component_of\",\"full_product_name\":{"
		"\"product_id\":\"BaseOS-9:bash\"},\"product_reference\":\"bash-0:5.1.8-9.el9.x86_64\","
		"\"relates_to_product_reference\":\"BaseOS-9\"},{\"full_product_name\":{"
		"\"product_id\":\"BaseOS-9:pg\"},\"product_reference\":\"pg\","
		"\"relates_to_product_reference\":\"BaseOS-9\"},{\"full_product_name\":{"
		"\"product_id\":\"BaseOS-9:vim\"},\"product_reference\":\"vim\","
		"\"relates_to_product_reference\":\"BaseOS-9\"}]},\"vulnerabilities\":[{"
		"\"cve\":\"CVE-2024-1\",\"product_status\":{\"fixed\":[\"BaseOS-9:bash\","
		"\"BaseOS-9:pg\"],\"known_affected\":[\"BaseOS-9:vim\",\"BaseOS-9:none\"]},"
		"\"remediations\":[{\"category\":\"no_fix_planned\",\"product_ids\":[\"BaseOS-9:vim\"]}],"
		"\"threats\":[{\"category\":\"impact\",\"details\":\"Important\"}],"
		"\"scores\":[{\"cvss_v3\":{\"vectorString\":"
		"\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N\"}}]}]}";
	char text[8192];

	snprintf(text, sizeof text, "%s%s", csaf, rest);
	ok(load("cve.json", text), "Red Hat's VEX");
	is_verdict("Red Hat:9", "bash", "5.1.8-6.el9", "5.1.8-9.el9");
	is_verdict("Red Hat:9", "bash", "5.1.8-9.el9", "-");
	is_verdict("Red Hat:enterprise_linux:9::appstream", "postgresql:15/postgresql-server",
		   "2:15.1-1.el9", "2:15.2-1.el9");
	is_verdict("Red Hat:9", "vim", "9", "open");
	is_int(found.status, STATUS_WONT_FIX, "no fix is planned");
	ok(about("CVE-2024-1").severity == RATED_HIGH && about("CVE-2024-1").score == 75,
	   "its rating and score");
	ok(load("m.json",
		"{\"document\":{\"csaf_version\":\"2.1\"},\"product_tree\":{\"branches\":[{"
		"\"category\":\"vendor\",\"name\":\"Microsoft\",\"branches\":[{\"category\":"
		"\"product_name\",\"name\":\"Windows Server 2019\",\"branches\":[{\"category\":"
		"\"product_version_range\",\"name\":\"<10.0.17763.6659\",\"product\":{\"product_id\":"
		"\"1\"}},{\"category\":\"product_version\",\"name\":\"10.0.17763.6659\",\"product\":{"
		"\"product_id\":\"11571\"}}]}]}]},\"vulnerabilities\":[{\"cve\":\"CVE-2024-2\","
		"\"product_status\":{\"fixed\":[\"11571\"],\"known_affected\":[\"1\"]}}]}"),
	   "Microsoft's CSAF");
	is_verdict("Windows", "windows server 2019", "10.0.17763.6532", "10.0.17763.6659");
	is_verdict("Windows", "Windows Server 2019", "10.0.17763.6659", "-");
	ok(load("s.json",
		"{\"document\":{\"csaf_version\":\"2.0\"},\"product_tree\":{\"branches\":[{\"category\":"
		"\"product_name\",\"name\":\"SLES\",\"product\":{\"product_id\":\"S\","
		"\"product_identification_helper\":{\"cpe\":\"cpe:/o:suse:sles:15:sp4\"}}},"
		"{\"category\":\"product_version\",\"name\":\"libx-1_1-1.1.1l-150400.7.x86_64\","
		"\"product\":{\"product_id\":\"X\"}}],\"relationships\":[{\"full_product_name\":{"
		"\"product_id\":\"S:X\"},\"product_reference\":\"X\",\"relates_to_product_reference\":"
		"\"S\"}]},\"vulnerabilities\":[{\"cve\":\"CVE-2024-5\",\"product_status\":{"
		"\"recommended\":[\"S:X\"]}}]}"),
	   "SUSE's, without package URLs");
	is_verdict("SUSE:sles:15:sp4", "libx-1_1", "1.1.1k-1", "1.1.1l-150400.7");
	begin();
	is_int(read_text("c", "{\"document\":{\"csaf_version\":\"3.0\"}}"), -EPROTONOSUPPORT,
	       "a later CSAF");
}

static void test_openvex(void)
{
	ok(load("v.json",
		"{\"@context\":\"https://openvex.dev/ns/v0.2.0\",\"timestamp\":\"2024-10-01T00:00:00Z\","
		"\"statements\":[{\"vulnerability\":{\"name\":\"CVE-2024-3\"},\"products\":["
		"{\"@id\":\"pkg:deb/ubuntu/curl@7.81.0-1ubuntu1.16?arch=source&distro=jammy\"},"
		"{\"@id\":\"pkg:deb/ubuntu/libcurl4@7.81.0-1ubuntu1.16?arch=amd64&distro=jammy\"}],"
		"\"status\":\"fixed\"},{\"vulnerability\":{\"name\":\"CVE-2024-3\"},\"products\":["
		"{\"@id\":\"pkg:deb/ubuntu/curl@1%2Bx?arch=source&distro=esm-infra/xenial\"}],"
		"\"status\":\"affected\"},{\"vulnerability\":{\"name\":\"CVE-2024-3\"},\"products\":["
		"{\"@id\":\"pkg:deb/ubuntu/curl@8?arch=source&distro=noble\"}],"
		"\"status\":\"not_affected\"}]}"),
	   "Ubuntu's VEX");
	is_verdict("Ubuntu:22.04", "curl", "7.81.0-1ubuntu1.15", "7.81.0-1ubuntu1.16");
	is_verdict("Ubuntu:22.04", "libcurl4", "1", "unknown");
	is_verdict("Ubuntu:Pro:16.04", "curl", "7.47", "open");
	is_verdict("Ubuntu:24.04", "curl", "7.47", "unknown");
	ok(load("old.json",
		"{\"metadata\":{\"@context\":\"https://openvex.dev/ns/v0.2.0\",\"timestamp\":"
		"\"2025-07-01T05:44:57.590006\"},\"statements\":[{\"vulnerability\":{\"name\":"
		"\"CVE-2024-0402\"},\"products\":[{\"@id\":\"pkg:deb/ubuntu/gitlab@8.5.8+dfsg-5"
		"?arch=source&distro=xenial\"}],\"status\":\"affected\"}]}"),
	   "as it was in 2025");
	is_verdict("Ubuntu:16.04", "gitlab", "8.5.8+dfsg-5", "open");
	begin();
	is_int(read_text("c", "{\"metadata\":[],\"statements\":[]}"), -EPROTONOSUPPORT, "no head");
	begin();
	is_int(read_text("c", "{\"@context\":\"https://openvex.dev/ns/v1.0.0\",\"statements\":[]}"),
	       -EPROTONOSUPPORT, "a later OpenVEX");
	is_int(read_text("c", "{\"@context\":\"https://openvex.dev/ns/v0.2.0\",\"statements\":["
			      "{\"vulnerability\":{\"name\":\"C\"},\"status\":\"odd\"}]}"),
	       -EPROTONOSUPPORT, "a status that is not known");
}

static void test_msrc(void)
{
	ok(load("2024-Jan",
		"{\"DocumentTracking\":{\"CurrentReleaseDate\":\"2024-01-09T08:00:00\"},"
		"\"ProductTree\":{\"FullProductName\":[{\"ProductID\":\"11571\",\"Value\":"
		"\"Windows Server 2019\"}]},\"Vulnerability\":[{\"CVE\":\"CVE-2024-20674\","
		"\"Threats\":[{\"Type\":3,\"Description\":{\"Value\":\"Critical\"}}],"
		"\"CVSSScoreSets\":[{\"Vector\":\"CVSS:3.1/AV:A/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H/E:U\"}],"
		"\"Remediations\":[{\"Type\":2,\"FixedBuild\":\"10.0.17763.5329\",\"ProductID\":"
		"[\"11571\",\"9\"]},{\"Type\":2,\"FixedBuild\":\"https://example.org/\",\"ProductID\":"
		"[\"11571\"]},{\"Type\":0,\"FixedBuild\":\"10.0.1\",\"ProductID\":[\"11571\"]}]},"
		"{\"CVE\":\"ADV990001\"}]}"),
	   "Microsoft's CVRF");
	is_verdict("Windows", "Windows Server 2019", "10.0.17763.1", "10.0.17763.5329");
	is_verdict("Windows", "Windows Server 2019", "10.0.17763.5329", "-");
	is_int(about("CVE-2024-20674").severity, RATED_CRITICAL, "critical");
	is_int(reading.now->left_out, 1, "an advisory without a CVE");
}

static void test_wordfence(void)
{
	ok(load("p.json",
		"{\"73f7646f\":{\"id\":\"73f7646f\",\"title\":\"x\",\"software\":[{\"type\":\"plugin\","
		"\"slug\":\"Foo-Bar\",\"affected_versions\":{\"* - 1.2.3\":{\"from_version\":\"*\","
		"\"from_inclusive\":true,\"to_version\":\"1.2.3\",\"to_inclusive\":true},"
		"\"2.0 - 2.1\":{\"from_version\":\"2.0\",\"from_inclusive\":true,\"to_version\":\"2.1\","
		"\"to_inclusive\":false}},\"patched\":true,\"patched_versions\":[\"2.1\",\"1.2.4\"]}],"
		"\"informational\":false,\"cve\":\"CVE-2024-9\",\"cvss\":{\"vector\":"
		"\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\",\"rating\":\"Critical\"},"
		"\"updated\":\"2024-02-03 04:05:06\"},\"b\":{\"id\":\"b\",\"software\":[{\"type\":"
		"\"theme\",\"slug\":\"t\",\"affected_versions\":{\"*\":{\"from_version\":\"*\","
		"\"to_version\":\"*\",\"to_inclusive\":true}}}],\"cve\":null},"
		"\"c\":{\"id\":\"c\",\"informational\":true,\"software\":[]}}"),
	   "Wordfence's feed");
	is_verdict("WordPress:plugin", "foo-bar", "1.2.3", "1.2.4");
	is_verdict("WordPress:plugin", "foo-bar", "1.2.4", "-");
	is_verdict("WordPress:plugin", "foo-bar", "2.0.5", "2.1");
	is_verdict("WordPress:theme", "t", "99", "open");
	ok(about("WORDFENCE-b").id[0] && about("CVE-2024-9").score == 98,
	   "ids with and without CVE");
	begin();
	is_int(read_text("p", "{\"a\":{\"id\":\"a\",\"software\":{}}}"), -EBADMSG, "no list");
}

static void test_exploited(void)
{
	struct index_about a;

	begin();
	ok(read_text("kev.json",
		     "{\"catalogVersion\":\"2025.08.25\",\"dateReleased\":"
		     "\"2025-08-25T17:04:19.9796Z\",\"count\":1,\"vulnerabilities\":[{"
		     "\"cveID\":\"CVE-2021-44228\",\"dateAdded\":\"2021-12-10\","
		     "\"dueDate\":\"2021-12-24\",\"knownRansomwareCampaignUse\":\"Known\"}]}") ==
			   0 &&
		   finish(),
	   "CISA's catalog");
	a = about("CVE-2021-44228");
	ok(a.kev && a.ransomware && a.kev_added == 18'971 && a.kev_due == 18'985, "what it says");
	is_int(read_text("k", "{\"catalogVersion\":\"x\",\"count\":2,\"vulnerabilities\":[{"
			      "\"cveID\":\"CVE-2021-1\",\"dateAdded\":\"2021-12-10\"}]}"),
	       -EBADMSG, "a count that is not right");
	is_int(read_text("k", "{\"catalogVersion\":\"x\",\"vulnerabilities\":[{\"cveID\":\"X\"}]}"),
	       -EBADMSG, "no CVE");
	begin();
	ok(read_text("e.csv", "#model_version:v2025.03.14,score_date:2025-08-25T00:00:00+0000\n"
			      "cve,epss,percentile\nCVE-2021-44228,0.94358,0.99957\n"
			      "CVE-1999-0001,0.01141,0.77\nCVE-2000-0001,1e-05,0.1\n") == 0 &&
		   finish(),
	   "EPSS");
	is_int(about("CVE-2021-44228").epss, 94'358, "a high score");
	is_int(about("CVE-2000-0001").epss, 1, "the lowest");
	is_int(about("CVE-2000-0002").epss, 0, "none");
	is_int(read_text("e", "cve,epss,percentile\nCVE-2021-1,0.5,0.5"), -EBADMSG, "cut off");
	is_int(read_text("e", "cve,epss,percentile\nCVE-2021-1,1.5,0.5\n"), -EBADMSG, "above 1");
	is_int(read_text("e", "cve,epss,percentile\nCVE-2021-1,nan,0.5\n"), -EBADMSG, "no number");
	is_int(read_text("e", "#model_version:w1\ncve,epss\n"), -EPROTONOSUPPORT, "another model");
}

static void test_eol(void)
{
	struct index_eol e = {};

	ok(load("full",
		"{\"schema_version\":\"1.2.0\",\"generated_at\":\"2026-08-01T00:00:00+00:00\","
		"\"result\":[{\"name\":\"php\",\"aliases\":[\"php-fpm\"],\"releases\":[{"
		"\"name\":\"7.4\",\"isEol\":true,\"eolFrom\":\"2022-11-28\"},{\"name\":\"9\","
		"\"isEol\":false,\"eolFrom\":null},{\"name\":\"5\",\"isEol\":true}]}]}"),
	   "endoflife.date 1");
	ok(index_eol(&opened, STR("php"), STR("7.4.3"), &e) == 1 && e.end == 19'324, "PHP 7.4");
	ok(index_eol(&opened, STR("php-fpm"), STR("5.1"), &e) == 1 && e.end == EOL_PAST,
	   "an alias");
	ok(index_eol(&opened, STR("php"), STR("9.1"), &e) == 1 && e.end == EOL_NEVER, "no end");
	ok(load("/x/redis.json",
		"[{\"cycle\":\"7.2\",\"eol\":\"2026-02-28\",\"extendedSupport\":"
		"\"2027-02-28\"},{\"cycle\":6,\"eol\":true},{\"cycle\":\"8\",\"eol\":false}]"),
	   "endoflife.date 0");
	ok(index_eol(&opened, STR("redis"), STR("7.2.4"), &e) == 1 && e.end == 20'512 &&
		   e.extended == 20'877,
	   "Redis 7.2");
	ok(index_eol(&opened, STR("redis"), STR("6.0"), &e) == 1 && e.end == EOL_PAST, "Redis 6");
	ok(load("x.md",
		"---\ntitle: X\npermalink: /x-y\nreleases:\n  - releaseCycle: \"1.10\"\n"
		"    eol: 2024-01-01\n    eoes: false\n  - releaseCycle: 2.10\n    eol: false\n"
		"---\n> text: \"not YAML\n"),
	   "a page of endoflife.date");
	ok(index_eol(&opened, STR("x-y"), STR("1.10.3"), &e) == 1 && e.end == 19'723, "1.10");
	ok(index_eol(&opened, STR("x-y"), STR("2.10"), &e) == 1 && e.end == EOL_NEVER,
	   "2.10 is not 2.1");
	begin();
	is_int(read_text("f", "{\"schema_version\":\"2.0\",\"result\":[]}"), -EPROTONOSUPPORT,
	       "a later schema");
	is_int(read_text("f", "[{\"cycle\":\"1\",\"eol\":\"soon\"}]"), -EBADMSG, "no day");
}

static void test_yaml(void)
{
	ok(load("PYSEC-2020-1.yaml",
		"id: PYSEC-2020-1\nmodified: 2023-11-07T20:24:23.946863Z\naliases:\n- CVE-2020-1\n"
		"details: 'a \"b\"\n\n  c'\naffected:\n- package:\n    ecosystem: PyPI\n    name: foo\n"
		"  ranges:\n  - type: ECOSYSTEM\n    events:\n    - introduced: \"0\"\n"
		"    - fixed: 1.10\n  versions:\n  - 1.1\n  - 2.10\n"),
	   "a record in YAML");
	is_verdict("PyPI", "foo", "1.9", "1.10");
	is_verdict("PyPI", "foo", "1.10", "-");
	is_verdict("PyPI", "foo", "2.10", "open");
	begin();
	is_int(read_text("y", "id: &a x\nmodified: *a\n"), -EBADMSG, "anchors");
	is_int(read_text("y", "id: [\n"), -EBADMSG, "broken YAML");
	is_int(read_text("y", "id: x\n[a]: b\n"), -EBADMSG, "a key that is no text");
}

static void test_wrong(void)
{
	static const char *const other[] = { "{}",           "[]",  "{\"a\":1}", "{\"a\":{}}",
					     "root:x:0:0\n", "[1]", "7",         "" };

	begin();
	for (size_t i = 0; i < COUNT(other); i++)
		is_int(read_text("x", other[i]), -ENOMSG, other[i]);
	is_int(read_text("x", "{\"id\":\"A-1\","), -EBADMSG, "JSON that is cut off");
	is_int(read_text("x", "PK\3\4........"), -EBADMSG, "an archive inside of one");
	reading.format = "kev";
	diag = (struct diag){};
	is_int(read_text("x", "{\"id\":\"A-1\",\"affected\":[]}"), -EBADMSG,
	       "not what was asked for");
	ok(str_contains(str_of(diag.reason), STR("osv")), "and what it is");
}

/* Every version that a record lists is affected; how many are not, of how many. */
static void count_listed(struct jdoc *doc, unsigned *ret_listed, unsigned *ret_missed)
{
	own(arena_release) struct arena a = {};

	jdoc_each(doc, jdoc_get(doc, 0, STR("affected")), affected) {
		uint32_t package = feed_get(doc, affected, STR("package"));
		struct str name = jdoc_raw(doc, feed_get(doc, package, STR("name")));

		jdoc_each(doc, feed_get(doc, affected, STR("versions")), v) {
			const char *version = arena_cstr(&a, jdoc_raw(doc, v));
			const char *says = verdict("PyPI", arena_cstr(&a, name), version);

			++*ret_listed;
			if (strcmp(says, "-") != 0 && strcmp(says, "unknown") != 0)
				continue;
			++*ret_missed;
			printf("# %.*s %s: %s\n", STR_FMT(name), version, says);
		}
	}
}

static void test_pypa(void)
{
	char *const paths[] = { (char *)"../shared/corpora/advisories/pypa", NULL };
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	unsigned files = 0, listed = 0, missed = 0, broken = 0;
	const FTSENT *e;

	while (fts && (e = fts_read(fts))) {
		own(arena_release) struct arena a = {};
		own(jdoc_release) struct jdoc doc = {};
		struct str text, json;

		if (e->fts_info != FTS_F || !feed_is_document(str_of(e->fts_name)))
			continue;
		files++;
		begin();
		if (feed_read_file(&reading, e->fts_path, &diag) < 0 || !finish() ||
		    file_read(e->fts_path, 1 << 20, &a, &text) < 0 ||
		    feed_yaml(text, &a, &json, NULL) < 0 ||
		    jdoc_parse(json, &(struct joptions){}, &doc, NULL) < 0)
			broken++;
		else if (!jdoc_get(&doc, 0, STR("withdrawn")))
			count_listed(&doc, &listed, &missed);
	}
	if (fts)
		fts_close(fts);
	ok(files > 2'000 && listed > 20'000, "records of PyPA, and versions in them");
	is_int(broken, 0, "all are read");
	is_int(missed, 0, "every version that is listed is affected");
}

static void test_corpus(void)
{
	struct stat st;
	struct index_eol feed, builtin;
	struct index_about a;

	if (stat("../shared/corpora/advisories", &st) < 0) {
		skip("published feeds", "the corpora are not here");
		return;
	}
	test_pypa();
	begin();
	is_int(feed_read_file(
		       &reading,
		       "../shared/corpora/advisories/kev/known_exploited_vulnerabilities.json",
		       &diag),
	       0, "CISA's catalog of August 2025");
	is_int(reading.now->records, 1404, "all of it");
	ok(finish(), "makes an index");
	a = about("CVE-2019-0708");
	ok(a.kev && a.kev_added == 18'934, "BlueKeep is in it");
	begin();
	is_int(feed_read_file(&reading, "../shared/corpora/advisories/eol/windows-server.md",
			      &diag),
	       0, "the page of Windows Server");
	ok(finish(), "makes an index");
	for (size_t i = 0; i < 3; i++) {
		static const struct str releases[] = { STR("2012 R2"), STR("2016"), STR("2022") };

		ok(index_eol(&opened, STR("windows-server"), releases[i], &feed) == 1 &&
			   index_eol(NULL, STR("windows-server"), releases[i], &builtin) == 1 &&
			   feed.end == builtin.end && feed.extended == builtin.extended,
		   releases[i].ptr);
	}
}

int main(void)
{
	test_osv();
	test_too_much();
	test_keep();
	test_debian();
	test_alpine();
	test_csaf();
	test_openvex();
	test_msrc();
	test_wordfence();
	test_exploited();
	test_eol();
	test_yaml();
	test_wrong();
	test_corpus();
	feed_read_release(&reading);
	buf_release(&file);
	return done();
}
