/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * index: what is known of vulnerable packages, exploited and likely exploited vulnerabilities and
 * ends of support, in one file of a few megabytes that is mapped and read in place (index_format.h
 * has its layout). `holdfast feed` makes it.
 *
 * The file may be anybody's: nothing in it is believed. Whatever does not lie where it should is
 * -EBADMSG, and never "there is none". All text that is handed out is a slice of the mapped file
 * and lives as long as it is open; it is no more to be trusted than its author.
 *
 * Ecosystems and names. An ecosystem is named as OSV does it, without what says nothing of a
 * version, and in any case; index_find() and the importers bring both to the same form:
 *
 *   Debian:12  Ubuntu:24.04  Ubuntu:Pro:16.04  Alpine:3.20    name: the source package
 *   Red Hat:9  AlmaLinux:9  Rocky Linux:9  SUSE:…             name: the binary package
 *   PyPI npm Maven RubyGems NuGet Packagist Go crates.io Hex  name: as in that registry
 *   WordPress:core  WordPress:plugin  WordPress:theme         name: "wordpress", or the slug
 *   Windows                                                   name: the product as MSRC calls it
 *
 * Maven's names are "group:artifact"; those of PyPI are compared as PEP 503 says; those of NuGet,
 * Packagist and WordPress without regard to case.
 */
#ifndef HF_VULN_INDEX_H
#define HF_VULN_INDEX_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/mapped.h"
#include "vuln/version.h"

/* Where `holdfast feed` keeps it. */
#define INDEX_PATH "/var/lib/holdfast/feeds/index"
#define INDEX_TEXT_MAX 256u /* bytes of an ecosystem or a name in their final form, and 1 */
#define INDEX_ID_MAX 64u    /* bytes of an identifier, and 1 */
#define INDEX_CVES 8u       /* most of one advisory */

enum index_severity {
	RATED_UNKNOWN,
	RATED_NEGLIGIBLE,
	RATED_LOW,
	RATED_MEDIUM,
	RATED_HIGH,
	RATED_CRITICAL,
};
const char *index_severity_name(enum index_severity s);

/* What the publisher says of this package. What is not affected is not in the index. */
enum index_status {
	STATUS_AFFECTED,  /* the ranges are all there is to say */
	STATUS_MINOR,     /* Debian "unimportant": no security boundary is crossed */
	STATUS_DEFERRED,  /* no advisory of its own: fixed with the next point release, if at all */
	STATUS_WONT_FIX,  /* ignored, out of support, no fix is planned */
	STATUS_UNDECIDED, /* under investigation */
	STATUS_MALICIOUS, /* the package itself is the attack */
};
const char *index_status_name(enum index_status s);

/* From when to when. `begin` is affected; empty: so is every version before the end. */
enum index_end {
	END_NONE,  /* every later version, too */
	END_FIXED, /* `end` is the first one that is not */
	END_LAST,  /* `end` is the last one that is */
	END_ONLY,  /* `begin` and no other */
};
struct index_range {
	struct str begin, end;
	enum index_end how;
};

struct index_table {
	struct str bytes;
	uint32_t n; /* what it counts depends on the table */
};
struct index_tables {
	struct index_table prefixes, vulns, vuln_blocks, texts, ecosystems, packages,
		package_blocks, products, product_blocks, sources;
};

struct index {
	struct mapped file;
	struct str bytes; /* of the file */
	int64_t made;     /* Unix time of the newest source in it */
	struct index_tables t;
};

/*
 * Opens a file; its head and the places of its tables are checked at once, everything else when it
 * is read. *d says what is wrong. -ENOENT, -EBADMSG: no index, or torn, -EPROTONOSUPPORT: made by a
 * later Holdfast. To be called before the sandbox is entered.
 */
[[nodiscard]] int index_open(const char *path, struct index *ret, struct diag *d);
/* The same of bytes that outlive it. */
[[nodiscard]] int index_read(struct str bytes, struct index *ret, struct diag *d);
/* Reads everything there is, checksum included: 0 or -EBADMSG (*d says where). */
[[nodiscard]] int index_check(const struct index *x, struct diag *d);
void index_release(struct index *x);

/* A package's advisories, in the order of their ids. */
struct index_walk {
	const struct index *index;
	struct str rest, versions; /* of the package's record */
	uint32_t last;
	struct str package; /* of index_all(): its name; else empty */
};
/* One of them; valid until the file is closed. */
struct index_advisory {
	const struct index *index;
	uint32_t vuln; /* for index_about() */
	enum index_status status;
	enum index_severity severity; /* the publisher's for this package; unknown: none is given */
	unsigned n;                   /* ranges */
	/* behind the first range, which is already taken apart */
	struct str rest, versions;
	struct index_range first;
};

/* 1: there are advisories for it, which index_next() hands out; 0: none; -EBADMSG. */
[[nodiscard]] int index_find(const struct index *x, struct str ecosystem, struct str name,
			     struct index_walk *ret);
/* 1, or 0 behind the last; -EBADMSG. */
[[nodiscard]] int index_next(struct index_walk *w, struct index_advisory *ret);
/* The i-th range: 0, -EBADMSG, -ENOENT: there are fewer. */
[[nodiscard]] int index_range(const struct index_advisory *a, unsigned i, struct index_range *ret);
/*
 * 1: that version is affected, and *ret is the range it is in (its `end`, where `how` says
 * END_FIXED, is what to upgrade to; else no fix is known); 0: it is not; -EBADMSG.
 */
[[nodiscard]] int index_affects(const struct index_advisory *a, version_fn *compare,
				struct str version, struct index_range *ret);
/*
 * Whether any package of that ecosystem is known: where none is, that a package is not found says
 * nothing. -EBADMSG.
 */
[[nodiscard]] int index_covers(const struct index *x, struct str ecosystem);

/* Every package, with its advisories: 0, -EBADMSG, or what fn returned where that was not 0. */
typedef int index_package_fn(void *user, struct str ecosystem, struct str name,
			     struct index_walk *w);
[[nodiscard]] int index_all(const struct index *x, index_package_fn *fn, void *user);

/* What is known of a vulnerability, whatever the package. Days are those since 1970-01-01. */
struct index_about {
	char id[INDEX_ID_MAX];        /* as published: "CVE-2021-44228", "GHSA-jfh8-c2jp-5v3q" */
	enum index_severity severity; /* the highest that a source says, or that of the score */
	char cvss[96];  /* base metrics ("CVSS:3.1/AV:N/…", 2.0 without that), or "" */
	unsigned score; /* tenths, 0–100; of CVSS 4.0 not computed: 0 */
	/* Of the CVE, or of any of the CVEs of an advisory: */
	bool kev, ransomware;       /* known to be exploited; by extortionists */
	int32_t kev_added, kev_due; /* 0: not known */
	int32_t epss;               /* probability of exploitation in 100,000ths; -1: not known */
	uint32_t cves[INDEX_CVES];  /* that an advisory names, for index_about() */
	unsigned n_cves;
};
/* 0 or -EBADMSG. */
[[nodiscard]] int index_about(const struct index *x, uint32_t vuln, struct index_about *ret);
/* By any id, in any case: 1, 0: it is not known, -EBADMSG. *ret_vuln may be NULL. */
[[nodiscard]] int index_id(const struct index *x, struct str id, uint32_t *ret_vuln,
			   struct index_about *ret);

/* Ends of support. Days as above. */
#define EOL_NEVER 0        /* supported, and no end is known */
#define EOL_PAST INT32_MIN /* it is over, and nobody says since when */
struct index_eol {
	struct str product, release; /* the release's name, as found */
	int32_t end;                 /* last day of security updates for all, or one of the above */
	int32_t extended; /* of long-term or paid support; EOL_NEVER: none, or not known */
	bool builtin;     /* of the table in this program, not of a feed */
};
/*
 * By product as endoflife.date or os-release(5) names it ("debian", "rhel", "php",
 * "windows-server") and a version: the release it belongs to, "12" for "12.5". x may be NULL: then,
 * and where no feed knows the product, the built-in table answers (operating systems). 1; 0: not
 * known; -EBADMSG.
 */
[[nodiscard]] int index_eol(const struct index *x, struct str product, struct str version,
			    struct index_eol *ret);

/* A feed that went into it. */
struct index_source {
	struct str name;   /* of feeds.conf, or of the file */
	struct str format; /* "osv", "debian", "kev" … */
	struct str from;   /* URL or path */
	int64_t published; /* Unix time that the feed itself tells, 0: it does not */
	int64_t imported;  /* Unix time */
	uint64_t records;  /* read */
	uint64_t left_out; /* and of them not used: withdrawn, not affected, not understood */
};
/* 1, 0: there is no i-th, -EBADMSG. */
[[nodiscard]] int index_source(const struct index *x, unsigned i, struct index_source *ret);
/*
 * What index_source() needs and nothing else, of a file of that size, in the arena: for who wants to
 * know how old it is. -EBADMSG, -EPROTONOSUPPORT, -ENOMEM.
 */
[[nodiscard]] int index_read_sources(int fd, uint64_t size, struct arena *a, struct index *ret);

/*
 * The forms in which ecosystems and names are compared; NUL-terminated. False: too long to be one.
 */
bool index_ecosystem(struct str ecosystem, char ret[static INDEX_TEXT_MAX], size_t *ret_len);
bool index_name(struct str ecosystem, struct str name, char ret[static INDEX_TEXT_MAX],
		size_t *ret_len);

#endif
