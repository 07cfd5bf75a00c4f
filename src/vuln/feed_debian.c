/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * debian: security-tracker.debian.org/tracker/data/json. There is no version in it; an object a
 * source package, in it an object a CVE, in it what is so in each release:
 *
 *   resolved      fixed_version "0": never affected; else fixed in it
 *   open          no fix yet; nodsa: none is planned at once, nodsa_reason "ignored": at all
 *   undetermined  nobody has looked
 */
#include "vuln/feed_work.h"

struct debian {
	struct feed_read *f;
	struct jdoc *doc;
	struct diag *d;
	struct str package;
	struct jfields fields;
};

enum field { STATUS, FIXED, URGENCY, NODSA, REASON, FIELDS };
static const struct str field_names[FIELDS] = {
	STR("status"), STR("fixed_version"), STR("urgency"), STR("nodsa"), STR("nodsa_reason"),
};

/* "12" of "bookworm"; the name of a release that is not known yet. */
static struct str release_of(struct str codename)
{
	static const struct {
		const char *name, *number;
	} releases[] = {
		{"jessie",    "8" },
                { "stretch",  "9" },
                { "buster",   "10"},
                { "bullseye", "11"},
		{ "bookworm", "12"},
                { "trixie",   "13"},
                { "forky",    "14"},
                { "duke",     "15"},
	};

	for (size_t i = 0; i < COUNT(releases); i++)
		if (str_eq(codename, str_of(releases[i].name)))
			return str_of(releases[i].number);
	return codename;
}

static enum index_status status_of(struct str urgency, bool nodsa, struct str reason)
{
	if (str_starts(urgency, STR("unimportant")))
		return STATUS_MINOR;
	if (str_starts(urgency, STR("end-of-life")) || str_eq(reason, STR("ignored")))
		return STATUS_WONT_FIX;
	return nodsa ? STATUS_DEFERRED : STATUS_AFFECTED;
}

static int read_release(struct debian *x, uint32_t key, uint32_t *vuln, struct str id)
{
	uint32_t at[FIELDS];
	struct str codename = feed_text(x->f, x->doc, key), release, status, fixed, urgency;
	struct str ecosystem;
	struct index_range range = { .how = END_NONE };
	struct index_entry e = {};

	release = release_of(codename);
	ecosystem = arena_cat(&x->f->arena, STR("Debian:"), release, STR(""));
	if (!ecosystem.ptr)
		return -ENOMEM;
	if (!feed_keeps(x->f, ecosystem))
		return 0;
	jdoc_fields(x->doc, key + 1, &x->fields, at);
	status = feed_text(x->f, x->doc, at[STATUS]);
	fixed = feed_text(x->f, x->doc, at[FIXED]);
	urgency = feed_text(x->f, x->doc, at[URGENCY]);
	e.status = status_of(urgency, at[NODSA], feed_text(x->f, x->doc, at[REASON]));
	if (str_eq(status, STR("resolved"))) {
		if (str_eq(fixed, STR("0")) || !fixed.len)
			return 0;
		range = (struct index_range){ .end = fixed, .how = END_FIXED };
		e.status = e.status == STATUS_MINOR ? STATUS_MINOR : STATUS_AFFECTED;
	} else if (str_eq(status, STR("undetermined"))) {
		e.status = STATUS_UNDECIDED;
	} else if (!str_eq(status, STR("open"))) {
		return feed_unknown(x->doc, key, x->d, "status", status);
	}
	if (*vuln == BUILD_NONE)
		*vuln = index_build_vuln(x->f->now->build, id);
	e.vuln = *vuln;
	e.severity = feed_severity(urgency);
	e.package = index_build_package(x->f->now->build, ecosystem, x->package);
	if (e.package != BUILD_NONE)
		index_build_entry(x->f->now->build, &e, &range, 1);
	return 1;
}

static int read_vuln(struct debian *x, uint32_t key)
{
	uint32_t releases = feed_get(x->doc, key + 1, STR("releases")), vuln = BUILD_NONE;
	struct str id = feed_text(x->f, x->doc, key);
	struct arena_mark mark = arena_mark(&x->f->arena);
	int used = 0;

	if (!jdoc_is(x->doc, releases, J_OBJECT) || !releases)
		return feed_broken(x->doc, key, x->d, "a vulnerability without releases");
	x->f->now->records++;
	jdoc_each_key(x->doc, releases, release) {
		int r = read_release(x, release, &vuln, id);

		if (r < 0)
			return r;
		used |= r;
	}
	x->f->now->left_out += !used;
	arena_rewind(&x->f->arena, mark);
	return x->f->error;
}

int feed_debian(struct feed_read *f, struct jdoc *doc, struct diag *d)
{
	struct debian x = {
		.f = f, .doc = doc, .d = d, .fields = {.names = field_names, .n = FIELDS}
	};

	jdoc_each_key(doc, 0, package) {
		int r = 0;

		if (!jdoc_is(doc, package + 1, J_OBJECT))
			return feed_broken(doc, package, d, "a package without vulnerabilities");
		x.package = feed_text(f, doc, package);
		jdoc_each_key(doc, package + 1, vuln) {
			r = read_vuln(&x, vuln);
			if (r < 0)
				return r;
		}
	}
	return 0;
}
