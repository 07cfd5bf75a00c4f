/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What repositories of rpm and apk publish, whole and in two parts. The first byte chooses. */
#include "base/xml.h"
#include "facts/linux/apk_index.h"
#include "facts/linux/rpm_locks.h"
#include "facts/linux/rpm_modules.h"
#include "facts/linux/rpm_scan.h"
#include "fuzz.h"

static int each_offer(const struct rpm_offer *o, void *user)
{
	size_t *n = user;

	fuzz_assert(str_eq(o->name, STR("a")) && o->arch.len && o->version.len && o->release.len);
	++*n;
	return 0;
}

static int each_fix(const struct rpm_fix *f, void *user)
{
	own(arena_release) struct arena a = {};
	size_t *n = user;

	fuzz_assert(str_eq(f->package.name, STR("a")) && f->id.len);
	if (++*n < 8)
		fuzz_assert(rpm_advisory_cves(&a, f->text).ptr);
	return 0;
}

static int each_apk(const struct apk_offer *o, void *user)
{
	size_t *n = user;

	fuzz_assert(str_eq(o->name, STR("a")) && o->version.len && o->arch.len);
	++*n;
	return 0;
}

/* -1: no whole document. */
static ssize_t scan(char kind, const struct map *names, struct str text, size_t cut)
{
	size_t n = 0;
	struct rpm_scan p = { .names = names, .fn = each_offer, .user = &n };
	struct rpm_fixes f = { .names = names, .fn = each_fix, .user = &n };
	struct apk_scan k = { .names = names, .fn = each_apk, .user = &n };
	struct str part = str_sub(text, 0, cut);
	int r;

	if (kind == 'p')
		r = rpm_scan_text(&p, &part, false);
	else
		r = kind == 'f' ? rpm_fixes_text(&f, &part, false)
				: apk_scan_text(&k, &part, false);
	fuzz_assert(r == 0 || r == -EBADMSG);
	fuzz_assert(part.len <= cut);
	if (r < 0)
		return -1;
	text = str_sub(text, cut - part.len, text.len);
	if (kind == 'p')
		r = rpm_scan_text(&p, &text, true);
	else
		r = kind == 'f' ? rpm_fixes_text(&f, &text, true) : apk_scan_text(&k, &text, true);
	fuzz_assert(r == 0 || r == -EBADMSG);
	return r < 0 ? -1 : (ssize_t)n;
}

static void try_small(struct str text)
{
	own(arena_release) struct arena a = {};
	struct rpm_repo repo = { .date = FACT_UNKNOWN };
	struct rpm_named named = { STR("alpha"), STR("x86_64"), STR("1:2.0-3") };
	struct xml x = { .rest = text };
	enum xml_kind kind = XML_TEXT;
	struct apk_want w;

	(void)rpm_repomd_parse(&a, text, STR("/var/cache/dnf/x-0/repodata/repomd.xml"), &repo);
	(void)rpm_named_in(&named, str_sub(text, 0, 300));
	if (apk_want_parse(text, &w) == 0)
		(void)apk_want_allows(&w, STR("1.2.3-r4"));
	while (xml_next(&x, &kind) == 0 && kind != XML_END) {
		struct str value;

		fuzz_assert(kind == XML_TEXT || x.name.len);
		if (kind == XML_OPEN)
			(void)xml_attribute(&x, STR("href"), &value);
		if (kind == XML_TEXT)
			fuzz_assert(xml_unescape(&a, x.text).ptr);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	own(map_release) struct map names = {};
	own(arena_release) struct arena a = { .limit = 16 << 20 };
	struct collect c = { .arena = &a };
	struct rpm_modules modules = { .c = &c, .names = &names };
	struct str text = { (const char *)data + 1, size - 1 };
	ssize_t n;

	if (!size)
		return 0;
	fuzz_assert(map_put(&names, STR("a"), 1) == 0);
	switch (data[0]) {
	case 'm':
		(void)rpm_modules_parse(&modules, text);
		rpm_modules_release(&modules);
		break;
	case 'p':
	case 'f':
	case 'k':
		/* Wherever a read ends, the same packages are found. */
		n = scan((char)data[0], &names, text, text.len);
		fuzz_assert(scan((char)data[0], &names, text, text.len / 2) == n);
		fuzz_assert(scan((char)data[0], &names, text, text.len / 3) == n);
		break;
	default: try_small(text); break;
	}
	return 0;
}
