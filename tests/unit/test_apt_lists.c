/* SPDX-License-Identifier: GPL-3.0-or-later */
/* apt_preferences(5), release files, package indexes, and which version APT would take. */
#include "facts/linux/apt_policy.h"
#include "facts/linux/apt_scan.h"
#include "tap.h"

struct pins {
	struct apt_pin list[8];
	size_t n;
};

static int keep_pin(const struct apt_pin *pin, void *user)
{
	struct pins *p = user;

	if (p->n == COUNT(p->list))
		return -E2BIG;
	p->list[p->n++] = *pin;
	return 0;
}

static int parse_pins(const char *text, struct pins *ret, unsigned *line)
{
	*ret = (struct pins){};
	*line = 0;
	return apt_pins_parse(str_of(text), keep_pin, ret, line);
}

static void test_pins(void)
{
	struct pins p;
	unsigned line;

	is_int(parse_pins("# why\nExplanation: x\nPackage: a b\nPin: release a=stable\n"
			  "Pin-Priority: 900\n\nPackage: *\nPin: origin \"h\"\nPin-Priority: -1\n",
			  &p, &line),
	       0, "two records");
	if (is_int((int)p.n, 3, "a pin for each name")) {
		is_str(p.list[0].package, STR("a"), "the first name");
		is_str(p.list[1].package, STR("b"), "the second");
		is_int((int)p.list[1].line, 2, "where it stands");
		is_str(p.list[1].data, STR("a=stable"), "what it is compared with");
		is_int((int)p.list[2].package.len, 0, "all packages");
		is_int(p.list[2].kind, APT_PIN_ORIGIN, "a pin to a host");
		is_int(p.list[2].priority, -1, "below zero");
	}
	is_int(parse_pins("Package: a\nPin: version 1*\nPin-Priority: never\n", &p, &line), 0,
	       "never");
	is_int(p.n ? p.list[0].priority : 0, APT_NEVER, "has a priority of its own");
	is_int(parse_pins("Package: *\nPin: version 1\nPin-Priority: 5\n", &p, &line), 0,
	       "a version of every package");
	is_int((int)p.n, 0, "is none");
	is_int(parse_pins("Package: a\nPin: release\n a=x,\n b=y\nPin-Priority: 5\n", &p, &line), 0,
	       "a value of several lines");
	ok(p.n == 1 && str_contains(p.list[0].data, STR("b=y")), "is read to its end");
	is_int(parse_pins("\n\n\n", &p, &line), 0, "nothing");
}

static void test_bad_pins(void)
{
	/* clang-format off */
	static const struct {
		const char *name, *text;
		unsigned line;
	} bad[] = {
		{ "of no package", "Pin: release a=b\nPin-Priority: 5\n", 1 },
		{ "no number", "\nPackage: a\nPin: release a=b\nPin-Priority: many\n", 2 },
		{ "zero", "Package: a\nPin: release a=b\nPin-Priority: 0\n", 1 },
		{ "too large", "Package: a\nPin: release a=b\nPin-Priority: 99999\n", 1 },
		{ "no priority", "Package: a\nPin: release a=b\n", 1 },
		{ "no field", "Package: a\nnonsense\n", 2 },
	};
	/* clang-format on */

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct pins p;
		unsigned line;

		is_int(parse_pins(bad[i].text, &p, &line), -EBADMSG, bad[i].name);
		is_int(line, bad[i].line, "  in that line");
	}
}

static const char release_text[] =
	"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nOrigin: Debian\nLabel: Debian-Security\n"
	"Suite: stable-security\nCodename: bookworm-security\nVersion: 12\n"
	"Date: Sat, 11 Jul 2026 10:16:37 UTC\nValid-Until: Sat, 18 Jul 2026 10:16:37 UTC\n"
	"Architectures: all amd64\nNo-Support-for-Architecture-all: Packages\nNotAutomatic: yes\n"
	"Components: main\nDescription: x\nMD5Sum:\n"
	" 0123456789abcdef0123456789abcdef 17 contrib/main/binary-amd64/Packages\n"
	" 0123456789abcdef0123456789abcdef 4711 main/binary-amd64/Packages\n"
	" 0123456789abcdef0123456789abcdef 815 main/binary-amd64/Packages.xz\n"
	"Origin: not this one\n";

static void test_release(void)
{
	const struct str text = str_of(release_text);
	struct apt_release r = {};

	is_int(apt_release_parse(text, &r), 0, "a release file");
	is_str(r.origin, STR("Debian"), "origin");
	is_str(r.label, STR("Debian-Security"), "label");
	is_str(r.archive, STR("stable-security"), "suite");
	is_str(r.codename, STR("bookworm-security"), "codename");
	is_str(r.version, STR("12"), "version");
	is_int(r.date, 1783764997, "its date");
	is_int(r.valid_until, 1783764997 + 7 * 86400, "its end");
	ok(r.not_automatic && !r.but_automatic_upgrades, "not automatic");
	ok(!r.with_all, "packages of all architectures are in every index");
	is_int(apt_release_size(text, STR("main/binary-amd64/Packages")), 4711,
	       "bytes of an index");
	is_int(apt_release_size(text, STR("main/binary-amd64/Packages.xz")), 815, "packed");
	is_int(apt_release_size(text, STR("main/binary-i386/Packages")), -1, "that is not there");
	is_int(apt_release_parse(STR("Architectures: amd64 all\nSuite: x\n"), &r), 0,
	       "a short one");
	ok(r.with_all, "they have an index of their own");
	is_int(r.date, FACT_UNKNOWN, "without a date");
	is_int(apt_release_parse(STR(""), &r), -EBADMSG, "an empty one");
	is_int(apt_release_parse(STR("<html>\n<p>404</p>\n"), &r), -EBADMSG, "a page");
}

static void test_times(void)
{
	static const char *const bad[] = {
		"",
		"Sat, 11 Jul 2026",
		"Sat, 11 Jul 2026 10:16:37 CEST",
		"Sat, 32 Jul 2026 10:16:37 UTC",
		"Sat, 11 Yul 2026 10:16:37 UTC",
		"Sat, 11 Jul 99999 10:16:37 UTC",
		"Sat, 11 Jul 2026 1016 UTC",
		"Sat, -1 Jul 2026 10:16:37 UTC",
	};

	is_int(apt_release_time(STR("Thu, 01 Jan 1970 00:00:01 GMT")), 1, "a time");
	is_int(apt_release_time(STR("Thu, 1 Jan 1970 0:00:01 +0000")), 1, "with one digit");
	for (size_t i = 0; i < COUNT(bad); i++)
		is_int(apt_release_time(str_of(bad[i])), FACT_UNKNOWN, bad[i]);
}

struct seen {
	size_t n;
	struct apt_stanza last;
};

static int keep_stanza(const struct apt_stanza *s, void *user)
{
	struct seen *seen = user;

	seen->n++;
	seen->last = *s;
	return 0;
}

static void test_scan(void)
{
	static const char text[] =
		"Package: other\nVersion: 9\nArchitecture: amd64\n\n"
		"Package: a\nArchitecture: amd64\nVersion: 1:2-3\nSource: src (4-5)\n"
		"Phased-Update-Percentage: 30\n\n\n"
		"Architecture: all\nVersion: 7\nPackage: a\n\n"
		"Package: a\nVersion: 8\n\n"
		"Package: a\nVersion: 10\nArch";
	own(map_release) struct map names = {};
	struct seen seen = {};
	struct apt_scan scan = { .names = &names, .fn = keep_stanza, .user = &seen };
	struct str rest = str_of(text);

	is_int(map_put(&names, STR("a"), 1), 0, "what is wanted");
	is_int(apt_scan_text(&scan, &rest, false), 0, "all but the last");
	is_int((int)seen.n, 2, "two of it");
	is_int((int)scan.bad, 1, "one without an architecture");
	is_str(rest, STR("Package: a\nVersion: 10\nArch"), "what is left");
	is_str(seen.last.version, STR("7"), "fields in another order");
	is_str(seen.last.source, STR("a"), "is its own source");
	is_str(seen.last.source_version, STR("7"), "of the same version");
	is_int(seen.last.phased, 100, "for every machine");
	rest = str_sub(str_of(text), 47, 47 + 96);
	seen = (struct seen){};
	is_int(apt_scan_text(&scan, &rest, true), 0, "the last one alone");
	is_str(seen.last.source, STR("src"), "its source");
	is_str(seen.last.source_version, STR("4-5"), "of another version");
	is_int(seen.last.phased, 30, "for some machines");
}

/* The gap between two stanzas at every place of the sixteen that are looked at together. */
static void test_gaps(void)
{
	char text[512];
	unsigned wrong = 0;

	for (int pad = 0; pad < 70; pad++) {
		own(map_release) struct map names = {};
		struct seen seen = {};
		struct apt_scan scan = { .names = &names, .fn = keep_stanza, .user = &seen };
		struct str rest = { text, (size_t)snprintf(
						  text, sizeof text,
						  "Package: b\nX: %.*s\nVersion: 1\n"
						  "Architecture: all\n\nPackage: a\nVersion: 2\n"
						  "Architecture: all\n\n",
						  pad,
						  "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
						  "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy") };

		if (map_put(&names, STR("a"), 1) < 0 || apt_scan_text(&scan, &rest, false) < 0)
			wrong++;
		wrong += seen.n != 1 || scan.stanzas != 2 || rest.len != 0;
	}
	is_int((int)wrong, 0, "a gap is found wherever it is");
}

static void test_names(void)
{
	static const struct {
		const char *uri, *name;
	} names[] = {
		{"http://deb.debian.org/debian/dists/x/InRelease",
                 "deb.debian.org_debian_dists_x_InRelease"                             },
		{ "https://me:secret@h:8080/a~b/c_d",              "h:8080_a%7eb_c%5fd"},
		{ "http://[2001:db8::1]/d",                        "2001:db8::1_d"     },
		{ "file:/srv/apt/x",                               "_srv_apt_x"        },
		{ "file:///srv/apt/x",                             "_srv_apt_x"        },
	};

	for (size_t i = 0; i < COUNT(names); i++) {
		own(arena_release) struct arena a = {};

		is_str(apt_list_name(&a, str_of(names[i].uri)), str_of(names[i].name),
		       names[i].uri);
	}
}

struct world {
	struct apt_index index[3];
	struct apt_indexes indexes;
	int priority[3];
	struct apt_pin pin;
	struct apt_policy policy;
	struct apt_offer offers[3];
	struct apt_package package;
};

static void make(struct world *w)
{
	*w = (struct world){
		.index = {{ .site = STR("a.example") },                                            { .site = STR("b.example") }},
		.priority = { 500,								    100                         },
		.offers = { { .version = STR("3"), .source = STR("s"), .index = 1, .phased = 100 },
                          { .version = STR("2"),
			      .source = STR("s"),
			      .index = 0,
			      .phased = 100 }										  },
	};
	w->indexes = (struct apt_indexes){ .list = w->index, .n = 2, .native = STR("amd64") };
	w->policy = (struct apt_policy){ .indexes = &w->indexes,
					 .priority = w->priority,
					 .pins = &w->pin };
	w->package = (struct apt_package){ STR("p"), STR("amd64"), STR("1"), w->offers, 2 };
}

static struct str candidate(struct world *w)
{
	const struct apt_offer *o = apt_candidate(&w->policy, &w->package);

	return o ? o->version : STR("");
}

static void pin(struct world *w, const char *package, enum apt_pin_kind kind, const char *data,
		int priority)
{
	w->pin = (struct apt_pin){
		.package = str_of(package), .kind = kind, .data = str_of(data), .priority = priority
	};
	w->policy.n = 1;
}

static void test_candidates(void)
{
	struct world w;

	make(&w);
	is_str(candidate(&w), STR("2"), "the higher priority, not the higher version");
	w.priority[1] = 500;
	is_str(candidate(&w), STR("3"), "of equal ones the newest");
	make(&w);
	pin(&w, "p", APT_PIN_VERSION, "3*", 600);
	is_str(candidate(&w), STR("3"), "a pin to a version");
	pin(&w, "q", APT_PIN_VERSION, "3*", 600);
	is_str(candidate(&w), STR("2"), "of another package");
	pin(&w, "src:s", APT_PIN_ORIGIN, "b.example", 600);
	is_str(candidate(&w), STR("3"), "a pin to a host, by the source");
	pin(&w, "/^P$/", APT_PIN_ORIGIN, "a.example", -1);
	is_str(candidate(&w), STR("3"), "what is pinned below zero does not count");
	pin(&w, "p:i386", APT_PIN_ORIGIN, "a.example", -1);
	is_str(candidate(&w), STR("2"), "for another architecture");
	pin(&w, "p", APT_PIN_VERSION, "*", -1);
	is_str(candidate(&w), STR(""), "every version is pinned below zero");
	make(&w);
	w.package.installed = STR("5");
	is_str(candidate(&w), STR(""), "older versions are no updates");
	pin(&w, "p", APT_PIN_VERSION, "2", 1001);
	is_str(candidate(&w), STR("2"), "unless they are forced");
	pin(&w, "/(a{1000}){1000}/", APT_PIN_VERSION, "2", 1001);
	is_str(candidate(&w), STR(""), "a pattern that would take all memory is no pattern");
}

/* apt 2.6 of Debian 12 says of these whether they are "deferred due to phasing". */
static void test_phases(void)
{
	const struct str machine = STR("0123456789abcdef0123456789abcdef");
	unsigned least = 100, most = 0;
	struct apt_policy p = { .machine = machine };
	struct apt_offer o = { .source = STR("s"), .source_version = STR("1"), .phased = 0 };

	for (int i = 0; i < 1000; i++) {
		char version[16];
		struct str v = { version, (size_t)snprintf(version, sizeof version, "%d", i) };
		unsigned n = apt_phase(STR("linux"), v, machine);

		least = MIN(least, n);
		most = MAX(most, n);
	}
	ok(least <= 1 && most >= 99 && most <= 100, "the draw takes the whole range");
	ok(apt_phase(o.source, o.source_version, machine) == 0 || apt_waits(&p, &o),
	   "a machine waits");
	p.phased = 1;
	ok(!apt_waits(&p, &o), "one that takes all does not");
	p.phased = -1;
	ok(apt_waits(&p, &o), "one that takes none does");
	o.phased = 100;
	ok(!apt_waits(&p, &o), "nobody waits for what all get");
	o.phased = 0;
	p = (struct apt_policy){ .machine = STR("") };
	ok(!apt_waits(&p, &o), "nor a machine without an id");
}

int main(void)
{
	test_pins();
	test_bad_pins();
	test_release();
	test_times();
	test_scan();
	test_gaps();
	test_names();
	test_candidates();
	test_phases();
	return done();
}
