/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XML, lists of packages, advisories and modules of repositories; locks; apk's indexes and world. */
#include "base/xml.h"
#include "facts/linux/apk_index.h"
#include "facts/linux/rpm_locks.h"
#include "facts/linux/rpm_modules.h"
#include "facts/linux/rpm_scan.h"
#include "tap.h"

static void test_xml(void)
{
	own(arena_release) struct arena a = {};
	struct xml x = { .rest = STR("<?xml version='1.0'?><!-- > --><a b='1>2' c = \"&lt;\">"
				     "t &amp; u<![CDATA[<raw>]]><e/> </a>") };
	enum xml_kind kind;
	struct str value;

	ok(xml_next(&x, &kind) == 0 && kind == XML_OPEN && str_eq(x.name, STR("a")) && !x.empty,
	   "an element");
	ok(xml_attribute(&x, STR("b"), &value) && str_eq(value, STR("1>2")), "its attribute");
	ok(xml_attribute(&x, STR("c"), &value) && str_eq(xml_unescape(&a, value), STR("<")),
	   "another one with an entity");
	ok(!xml_attribute(&x, STR("d"), &value), "one that is not there");
	ok(xml_next(&x, &kind) == 0 && kind == XML_TEXT &&
		   str_eq(xml_unescape(&a, x.text), STR("t & u")),
	   "text");
	ok(xml_next(&x, &kind) == 0 && kind == XML_TEXT && str_eq(x.text, STR("<raw>")),
	   "text as it is");
	ok(xml_next(&x, &kind) == 0 && kind == XML_OPEN && x.empty, "an empty element");
	ok(xml_next(&x, &kind) == 0 && kind == XML_CLOSE && str_eq(x.name, STR("a")),
	   "the end of the first");
	ok(xml_next(&x, &kind) == 0 && kind == XML_END, "nothing more");
	x.rest = STR("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>");
	is_int(xml_next(&x, &kind), -EBADMSG, "a document type is refused");
	x.rest = STR("<a b='");
	is_int(xml_next(&x, &kind), -EBADMSG, "a tag that is cut off");
	x.rest = STR("<a <b>");
	is_int(xml_next(&x, &kind), -EBADMSG, "a tag in a tag");
	is_str(xml_unescape(&a, STR("&#65;&#x20ac;&nope;&#xd800;&")),
	       STR("A\xe2\x82\xac&nope;&#xd800;&"), "characters by number");
}

struct seen {
	size_t n;
	struct str text;
	struct arena *arena;
};

static int each_offer(const struct rpm_offer *o, void *user)
{
	struct seen *s = user;

	s->n++;
	s->text = arena_fmt(s->arena, "%.*s %.*s:%.*s-%.*s %.*s %.*s", STR_FMT(o->name),
			    STR_FMT(o->epoch), STR_FMT(o->version), STR_FMT(o->release),
			    STR_FMT(o->arch), STR_FMT(o->source));
	return 0;
}

static void test_primary(void)
{
	static const struct str list = STR(
		"<metadata packages=\"2\">\n<package type=\"rpm\">\n  <name>other</name></package>"
		"<package type=\"rpm\">\n  <name>alpha</name>\n  <arch>x86_64</arch>\n"
		"  <version epoch=\"1\" ver=\"2.0\" rel=\"3.el9\"/>\n"
		"  <description>&lt;/package&gt; <name>beta</name></description>\n"
		"  <format><rpm:sourcerpm>alpha-src-2.0-3.el9.src.rpm</rpm:sourcerpm>"
		"<version ver=\"9\"/></format></package></metadata>\n");
	own(arena_release) struct arena a = {};
	own(map_release) struct map names = {};
	struct seen seen = { .arena = &a };
	struct rpm_scan s = { .names = &names, .fn = each_offer, .user = &seen };
	struct str text = list;

	ok(map_put(&names, STR("alpha"), 1) == 0, "one name is wanted");
	is_int(rpm_scan_text(&s, &text, true), 0, "a list of packages");
	is_int((int)seen.n, 1, "has it once");
	is_str(seen.text, STR("alpha 1:2.0-3.el9 x86_64 alpha-src-2.0-3.el9.src.rpm"),
	       "with what is its own");
	is_int((int)s.packages, 2, "of two");
	text = str_sub(list, 0, list.len - 14);
	is_int(rpm_scan_text(&s, &text, true), -EBADMSG, "one that is cut off");
	text = STR("<package type=\"rpm\"><name>alpha</name></package></metadata>");
	ok(rpm_scan_text(&s, &text, true) == 0 && s.bad == 1,
	   "an entry without a version is counted");
}

static int each_fix(const struct rpm_fix *f, void *user)
{
	struct seen *s = user;
	struct str cves = rpm_advisory_cves(s->arena, f->text);

	s->n++;
	s->text = arena_fmt(s->arena, "%.*s %d %lld %.*s %.*s", STR_FMT(f->id), f->security,
			    (long long)f->issued, STR_FMT(f->package.version), STR_FMT(cves));
	return 0;
}

static void test_advisories(void)
{
	struct str text = STR(
		"<updates><update type=\"security\"><id>X-1</id><title>CVE-2001-0001</title>"
		"<issued date=\"2024-05-01 10:00:00\"/><description>not CVE-2002-0002</description>"
		"<references><reference id=\"CVE-2024-1234\" type=\"cve\"/>"
		"<reference id=\"1\" title=\"CVE-2024-12345 alpha: text\"/>"
		"<reference id=\"CVE-2024-1234\"/></references><pkglist><collection>"
		"<package name=\"alpha\" epoch=\"0\" version=\"2\" release=\"1\" arch=\"x86_64\"/>"
		"</collection></pkglist></update></updates>");
	own(arena_release) struct arena a = {};
	own(map_release) struct map names = {};
	struct seen seen = { .arena = &a };
	struct rpm_fixes s = { .names = &names, .fn = each_fix, .user = &seen };

	ok(map_put(&names, STR("alpha"), 1) == 0, "one name is wanted");
	is_int(rpm_fixes_text(&s, &text, true), 0, "advisories");
	is_str(seen.text, STR("X-1 1 1714521600 2 CVE-2024-1234 CVE-2024-12345"),
	       "with the CVEs that they refer to");
	text = STR("<updates><update type=\"security\"><id>X");
	is_int(rpm_fixes_text(&s, &text, true), -EBADMSG, "cut off");
}

static void test_modules(void)
{
	static const struct str text =
		STR("---\ndocument: modulemd\nversion: 2\ndata:\n  name: mod\n  stream: \"1.10\"\n"
		    "  profiles:\n    common:\n      rpms: [alpha]\n  artifacts:\n    rpms:\n"
		    "    - alpha-0:1.0-1.el9.x86_64\n    - other-0:1.0-1.el9.x86_64\n...\n"
		    "---\ndocument: modulemd\nversion: 2\ndata:\n  name: mod\n  stream: \"2\"\n"
		    "  artifacts:\n    rpms:\n    - alpha-1:2.0-1.el9.x86_64\n...\n"
		    "---\ndocument: modulemd-defaults\nversion: 1\ndata:\n  module: mod\n"
		    "  stream: 1.10\n...\n");
	own(arena_release) struct arena a = {};
	own(map_release) struct map names = {};
	struct root root = { .fd = -1 };
	struct collect c = { .arena = &a, .root = &root };
	struct rpm_modules m = { .c = &c, .names = &names };

	ok(map_put(&names, STR("alpha"), 1) == 0, "one name is wanted");
	is_int(rpm_modules_parse(&m, text), 0, "modules");
	is_int((int)m.n, 2, "two streams");
	ok(m.n == 2 && str_eq(m.list[0]->stream, STR("1.10")) && m.list[0]->n == 1,
	   "a stream with what is wanted of it");
	ok(map_get(&m.packages, STR("alpha x86_64 1:2.0-1.el9")) != NULL, "a build by its version");
	ok(map_get(&m.defaults, STR("mod")) != NULL, "the default");
	is_int(rpm_modules_parse(&m, STR("---\ndata: [")), -EBADMSG, "cut off");
	rpm_modules_release(&m);
}

static void test_names(void)
{
	const struct rpm_named p = { STR("alpha"), STR("x86_64"), STR("1:2.0-3.el9") };
	const struct rpm_lock list[] = {
		{STR("alpha"), STR("alpha-1:2.0-*"), false},
		{ STR("beta"), STR("beta"),          false},
	};
	const struct rpm_locks locks = { (struct rpm_lock *)(uintptr_t)list, 2, 2 };
	const struct rpm_named newer = { STR("alpha"), STR("x86_64"), STR("1:2.1-1.el9") };
	const struct rpm_named beta = { STR("beta"), STR("x86_64"), STR("2-1") };

	ok(rpm_named_in(&p, STR("beta, alpha")), "by name");
	ok(rpm_named_in(&p, STR("al*.x86_64")), "by name and architecture");
	ok(rpm_named_in(&p, STR("alpha-2.0-3.el9")), "without the epoch");
	ok(rpm_named_in(&p, STR("alpha-1:2.0-3.el9.x86_64")), "with it");
	ok(rpm_named_in(&p, STR("1:alpha-2.0-3.el9.*")), "as yum writes it");
	ok(!rpm_named_in(&p, STR("alph alpha-3 beta*")), "not by another name");
	ok(!rpm_locks_keep(&locks, &p) && rpm_locks_keep(&locks, &newer), "a lock on a version");
	ok(rpm_locks_keep(&locks, &beta), "a lock on a name");
}

static void test_world(void)
{
	struct apk_want w;

	ok(apk_want_parse(STR("nginx"), &w) == 0 && apk_want_allows(&w, STR("1.0-r0")),
	   "any version");
	ok(apk_want_parse(STR("go@edge"), &w) == 0 && str_eq(w.tag, STR("@edge")), "a tag");
	ok(apk_want_parse(STR("php82=8.2.1-r0"), &w) == 0 && apk_want_allows(&w, STR("8.2.1-r0")) &&
		   !apk_want_allows(&w, STR("8.2.2-r0")),
	   "one version");
	ok(apk_want_parse(STR("php82~8.2"), &w) == 0 && apk_want_allows(&w, STR("8.2.9-r1")) &&
		   !apk_want_allows(&w, STR("8.20-r0")),
	   "versions that begin like one");
	ok(apk_want_parse(STR("a<2.0@edge"), &w) == 0 && str_eq(w.tag, STR("@edge")) &&
		   apk_want_allows(&w, STR("1.9-r0")) && !apk_want_allows(&w, STR("2.0-r0")),
	   "older ones");
	ok(apk_want_parse(STR("a><Q1abc"), &w) == 0 && !apk_want_allows(&w, STR("1.0")),
	   "one build");
	is_int(apk_want_parse(STR("a="), &w), -EBADMSG, "no version");
	is_int(apk_want_parse(STR("<1"), &w), -EBADMSG, "no name");
}

int main(void)
{
	test_xml();
	test_primary();
	test_advisories();
	test_modules();
	test_names();
	test_world();
	return done();
}
