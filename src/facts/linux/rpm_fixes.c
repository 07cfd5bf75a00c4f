/* SPDX-License-Identifier: GPL-3.0-or-later */
/* updateinfo.xml: the advisories of a repository. */
#include <time.h>

#include "base/unpack.h"
#include "base/xml.h"
#include "facts/linux/rpm_scan.h"

#define CHUNK ((size_t)4 << 20) /* and the longest advisory */
#define UPDATEINFO_MAX ((uint64_t)1 << 30)
#define CVES_MAX 1000

static const char *find(struct str s, struct str what)
{
	return s.len ? memmem(s.ptr, s.len, what.ptr, what.len) : NULL;
}

/* "2024-05-01 12:00:00", "2024-05-01", or a UNIX time. */
static int64_t time_of(struct str s)
{
	struct tm tm = {};
	char text[20] = "";
	int64_t n;

	if (str_to_int64(s, &n) == 0)
		return n > 0 ? n : FACT_UNKNOWN;
	memcpy(text, s.ptr, MIN(s.len, sizeof text - 1));
	if (!strptime(text, "%Y-%m-%d", &tm))
		return FACT_UNKNOWN;
	return timegm(&tm);
}

struct parser {
	struct rpm_fixes *s;
	struct rpm_fix fix;
	struct str element;
};

static int on_open(struct parser *p, struct xml *x)
{
	struct rpm_offer *o = &p->fix.package;
	struct str value;

	p->element = x->empty ? STR("") : x->name;
	if (str_eq(x->name, STR("update"))) {
		p->fix.security =
			xml_attribute(x, STR("type"), &value) && str_eq(value, STR("security"));
	} else if (str_eq(x->name, STR("issued"))) {
		if (xml_attribute(x, STR("date"), &value))
			p->fix.issued = time_of(value);
	} else if (str_eq(x->name, STR("package"))) {
		*o = (struct rpm_offer){ .epoch = STR(""), .source = STR("") };
		(void)xml_attribute(x, STR("name"), &o->name);
		(void)xml_attribute(x, STR("arch"), &o->arch);
		(void)xml_attribute(x, STR("epoch"), &o->epoch);
		(void)xml_attribute(x, STR("version"), &o->version);
		(void)xml_attribute(x, STR("release"), &o->release);
		if (o->name.len && o->arch.len && o->version.len && o->release.len &&
		    o->version.len + o->release.len + o->epoch.len <= RPM_TEXT_MAX &&
		    p->fix.id.len && map_get(p->s->names, o->name))
			return p->s->fn(&p->fix, p->s->user);
	}
	return 0;
}

static int advisory(struct rpm_fixes *s, struct str text)
{
	struct parser p = {
		.s = s, .fix = {.text = text, .issued = FACT_UNKNOWN}
	};
	struct xml x = { .rest = text };
	enum xml_kind kind = XML_TEXT;
	int r = 0;

	while (r >= 0 && kind != XML_END) {
		r = xml_next(&x, &kind);
		if (r < 0) {
			s->bad++;
			return 0;
		}
		if (kind == XML_OPEN)
			r = on_open(&p, &x);
		else if (kind == XML_TEXT && str_eq(p.element, STR("id")) && !p.fix.id.len)
			p.fix.id = str_trim(x.text);
		else
			p.element = STR("");
	}
	return MIN(r, 0);
}

int rpm_fixes_text(struct rpm_fixes *s, struct str *text, bool last)
{
	static const struct str close = STR("</update>");
	int r = 0;

	while (r >= 0) {
		const char *end = find(*text, close), *from;
		size_t n = end ? (size_t)(end - text->ptr) + close.len : 0;

		if (!end)
			break;
		from = find(str_sub(*text, 0, n), STR("<update "));
		if (from)
			r = advisory(s, str_sub(*text, (size_t)(from - text->ptr), n));
		else
			s->bad++;
		*text = str_sub(*text, n, text->len);
	}
	if (r >= 0 && last && !find(*text, STR("</updates>")) && !find(*text, STR("<updates/>")))
		return -EBADMSG;
	return MIN(r, 0);
}

static int each_text(struct str *text, bool last, void *user)
{
	return rpm_fixes_text(user, text, last);
}

int rpm_fixes_file(struct rpm_fixes *s, int fd, uint64_t *ret_size)
{
	return unpack_each(fd, UPDATEINFO_MAX, CHUNK, each_text, s, ret_size);
}

static bool has_word(struct str list, struct str word)
{
	struct str w;

	while ((w = str_word(&list)).len)
		if (str_eq(w, word))
			return true;
	return false;
}

/* "CVE-2024-6387 openssh: …": the name in front, ''. */
static struct str cve_of(struct str s)
{
	size_t n = strlen("CVE-");

	if (!str_starts(s, STR("CVE-")))
		return STR("");
	while (n < MIN(s.len, (size_t)20) &&
	       ((s.ptr[n] >= '0' && s.ptr[n] <= '9') || s.ptr[n] == '-'))
		n++;
	return n >= strlen("CVE-1999-0001") ? str_sub(s, 0, n) : STR("");
}

struct str rpm_advisory_cves(struct arena *a, struct str text)
{
	struct str list = STR(""), value, cve;
	struct xml x = { .rest = text };
	enum xml_kind kind = XML_TEXT;
	unsigned n = 0;

	while (n < CVES_MAX && xml_next(&x, &kind) == 0 && kind != XML_END) {
		if (kind != XML_OPEN || !str_eq(x.name, STR("reference")))
			continue;
		cve = xml_attribute(&x, STR("id"), &value) ? cve_of(value) : STR("");
		if (!cve.len && xml_attribute(&x, STR("title"), &value))
			cve = cve_of(value);
		if (!cve.len || has_word(list, cve))
			continue;
		n++;
		list = arena_cat(a, list, list.len ? STR(" ") : STR(""), cve);
		if (!list.ptr)
			return list;
	}
	return list;
}
