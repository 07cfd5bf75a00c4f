/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the advisories of the makers; that they are exploited, from CISA's catalogue of known
 * exploited vulnerabilities. Where a maker maintains several branches each has its row.
 */
#include "facts/known_flaws.h"

/* clang-format off */
static const struct known_flaw flaws[] = {
	{ "elasticsearch", NULL, "1.2", "1.4.3", "CVE-2014-3120" },
	{ "elasticsearch", "1.2", "1.3.8", "1.4.3", "CVE-2015-1427" },
	{ "elasticsearch", "1.4", "1.4.3", "1.4.3", "CVE-2015-1427" },
	{ "kibana", NULL, "5.6.15", "6.6.1", "CVE-2019-7609" },
	{ "kibana", "6.0", "6.6.1", "6.6.1", "CVE-2019-7609" },
	{ "solr", NULL, "8.4", "8.11.1", "CVE-2019-17558" },
	{ "solr", "8.4", "8.11.1", "8.11.1", "CVE-2021-44228" },
	{ "log4j", "2.0", "2.3.1", "2.17.1", "CVE-2021-44228" },
	{ "log4j", "2.4", "2.12.2", "2.17.1", "CVE-2021-44228" },
	{ "log4j", "2.13", "2.15", "2.17.1", "CVE-2021-44228" },
	{ "log4j", "2.15", "2.16", "2.17.1", "CVE-2021-45046" },
	{ "confluence", NULL, "7.19.16", "8.5.4", "CVE-2023-22518" },
	{ "confluence", "7.20", "8.5.4", "8.5.4", "CVE-2023-22527" },
	{ "drupal", NULL, "7.59", "7.74", "CVE-2018-7600" },
	{ "drupal", "7.59", "7.74", "7.74", "CVE-2020-13671" },
	{ "drupal", "8.0", "8.5.3", "8.9.9", "CVE-2018-7600" },
	{ "drupal", "8.5.3", "8.6.10", "8.9.9", "CVE-2019-6340" },
	{ "drupal", "8.6.10", "8.8.11", "8.9.9", "CVE-2020-13671" },
	{ "drupal", "8.9", "8.9.9", "8.9.9", "CVE-2020-13671" },
	{ "drupal", "9.0", "9.0.8", "9.0.8", "CVE-2020-13671" },
	{ "wordpress", "4.7", "4.7.2", "4.7.2", "CVE-2017-1001000" },
	{ "joomla", NULL, "3.4.6", "3.4.6", "CVE-2015-8562" },
	{ "joomla", "4.0", "4.2.8", "4.2.8", "CVE-2023-23752" },
	{ "jenkins", NULL, "2.426.3", "2.442", "CVE-2024-23897" },
	{ "jenkins", "2.427", "2.440.1", "2.442", "CVE-2024-23897" },
	{ "jenkins", "2.441", "2.442", "2.442", "CVE-2024-23897" },
	{ "struts", "2.3.5", "2.3.32", "2.5.33", "CVE-2017-5638" },
	{ "struts", "2.5", "2.5.10.1", "2.5.33", "CVE-2017-5638" },
	{ "struts", "2.0", "2.5.26", "2.5.33", "CVE-2020-17530" },
	{ "struts", "2.5.26", "2.5.33", "2.5.33", "CVE-2023-50164" },
	{ "struts", "6.0", "6.3.0.2", "6.3.0.2", "CVE-2023-50164" },
	{ "spring", NULL, "5.2.20", "5.3.18", "CVE-2022-22965" },
	{ "spring", "5.3", "5.3.18", "5.3.18", "CVE-2022-22965" },
	{ "shiro", NULL, "1.2.5", "1.2.5", "CVE-2016-4437" },
	{ "activemq", NULL, "5.15.16", "5.18.3", "CVE-2023-46604" },
	{ "activemq", "5.16", "5.16.7", "5.18.3", "CVE-2023-46604" },
	{ "activemq", "5.17", "5.17.6", "5.18.3", "CVE-2023-46604" },
	{ "activemq", "5.18", "5.18.3", "5.18.3", "CVE-2023-46604" },
	{ "gitlab", "11.9", "13.8.8", "16.7.2", "CVE-2021-22205" },
	{ "gitlab", "13.9", "13.9.6", "16.7.2", "CVE-2021-22205" },
	{ "gitlab", "13.10", "13.10.3", "16.7.2", "CVE-2021-22205" },
	{ "gitlab", "16.1", "16.1.6", "16.7.2", "CVE-2023-7028" },
	{ "gitlab", "16.2", "16.2.9", "16.7.2", "CVE-2023-7028" },
	{ "gitlab", "16.3", "16.3.7", "16.7.2", "CVE-2023-7028" },
	{ "gitlab", "16.4", "16.4.5", "16.7.2", "CVE-2023-7028" },
	{ "gitlab", "16.5", "16.5.6", "16.7.2", "CVE-2023-7028" },
	{ "gitlab", "16.6", "16.6.4", "16.7.2", "CVE-2023-7028" },
	{ "gitlab", "16.7", "16.7.2", "16.7.2", "CVE-2023-7028" },
	{ "phpmyadmin", NULL, "2.11.9.5", "4.8.2", "CVE-2009-1151" },
	{ "phpmyadmin", "3.0", "3.1.3.1", "4.8.2", "CVE-2009-1151" },
	{ "phpmyadmin", "4.8.0", "4.8.2", "4.8.2", "CVE-2018-12613" },
	{ "webmin", "1.882", "1.930", "1.930", "CVE-2019-15107" },
	{ "apache", "2.4.49", "2.4.51", "2.4.51", "CVE-2021-41773" },
	{ "exim", "4.87", "4.92", "4.92.3", "CVE-2019-10149" },
	{ "exim", NULL, "4.87", "4.92.3", "CVE-2018-6789" },
	{ "exim", "4.92", "4.92.3", "4.92.3", "CVE-2019-16928" },
	{ "tomcat", NULL, "7.0.100", "9.0.99", "CVE-2020-1938" },
	{ "tomcat", "8.0", "8.5.51", "9.0.99", "CVE-2020-1938" },
	{ "tomcat", "9.0", "9.0.31", "9.0.99", "CVE-2020-1938" },
	{ "tomcat", "9.0.31", "9.0.99", "9.0.99", "CVE-2025-24813" },
	{ "tomcat", "10.1", "10.1.35", "10.1.35", "CVE-2025-24813" },
	{ "tomcat", "11.0", "11.0.3", "11.0.3", "CVE-2025-24813" },
	{ "grafana", NULL, "7.5.11", "8.3.1", "CVE-2021-39226" },
	{ "grafana", "8.0", "8.0.7", "8.3.1", "CVE-2021-43798" },
	{ "grafana", "8.1", "8.1.8", "8.3.1", "CVE-2021-43798" },
	{ "grafana", "8.2", "8.2.7", "8.3.1", "CVE-2021-43798" },
	{ "grafana", "8.3", "8.3.1", "8.3.1", "CVE-2021-43798" },
	{ "couchdb", NULL, "3.2.2", "3.2.2", "CVE-2022-24706" },
	{ "roundcube", NULL, "1.5.8", "1.6.8", "CVE-2024-42009" },
	{ "roundcube", "1.6", "1.6.8", "1.6.8", "CVE-2024-42009" },
	{ "nexus", "3.0", "3.21.2", "3.21.2", "CVE-2020-10199" },
	{ "salt", NULL, "2019.2.4", "3002.5", "CVE-2020-11651" },
	{ "salt", "3000", "3000.2", "3002.5", "CVE-2020-11651" },
	{ "salt", "3000.2", "3002.1", "3002.5", "CVE-2020-16846" },
	{ "nagiosxi", NULL, "5.7.6", "5.7.6", "CVE-2021-25296" },
	{ "openfire", "3.10", "4.6.8", "4.7.5", "CVE-2023-32315" },
	{ "openfire", "4.7", "4.7.5", "4.7.5", "CVE-2023-32315" },
	{ "php", NULL, "5.3.12", "7.3.11", "CVE-2012-1823" },
	{ "php", "5.4", "5.4.2", "7.3.11", "CVE-2012-1823" },
	{ "php", "7.0", "7.1.33", "7.3.11", "CVE-2019-11043" },
	{ "php", "7.2", "7.2.24", "7.3.11", "CVE-2019-11043" },
	{ "php", "7.3", "7.3.11", "7.3.11", "CVE-2019-11043" },
	{ "openssl", "1.0.1", "1.0.1g", "1.0.1g", "CVE-2014-0160" },
};

/* The oldest version that a release with security support ships, extended support included. */
static const struct {
	const char *name, *version;
} shipped[] = {
	{ "exim", "4.90" },    /* Ubuntu 18.04 */
	{ "apache", "2.4.6" }, /* Red Hat 7 */
	{ "tomcat", "7.0.76" }, /* Red Hat 7 */
	{ "php", "5.4.16" },   /* Red Hat 7 */
	{ "openssl", "1.0.1e" }, /* Red Hat 7 (compat) */
	{ "phpmyadmin", "4.6.6" }, /* Ubuntu 18.04 */
	{ "roundcube", "1.3.6" },
	{ "drupal", "7.58" },
	{ "wordpress", "4.9.5" },
	{ "grafana", "6.2" },  /* Red Hat 8 */
	{ "couchdb", "3.2" },
	{ "salt", "2017.7.4" },
	{ "spring", "3.2.18" },
	{ "struts", "1.3" },
	{ "activemq", "5.15.3" },
	{ "log4j", "2.10" },
	{ "shiro", "1.3.2" },
	{ "solr", "3.6.2" },
	{ "jenkins", "2.0" },
};

/* Version: a shell pattern. */
static const struct known_flaw packages[] = {
	{ "redis-server", "5:6.0.16-1", NULL, "5:6.0.16-1+deb11u2", "CVE-2022-0543" },
	{ "redis-server", "5:6.0.16-1+deb11u1", NULL, "5:6.0.16-1+deb11u2", "CVE-2022-0543" },
	{ "redis-server", "5:6.0.1[0-5]-*", NULL, "5:6.0.16-1+deb11u2", "CVE-2022-0543" },
	{ "redis-server", "5:5.0.14-1", NULL, "5:5.0.14-1+deb10u2", "CVE-2022-0543" },
	{ "redis-server", "5:5.0.14-1+deb10u1", NULL, "5:5.0.14-1+deb10u2", "CVE-2022-0543" },
	{ "redis-server", "5:5.0.3-*", NULL, "5:5.0.14-1+deb10u2", "CVE-2022-0543" },
	{ "xz-utils", "5.6.0-*", NULL, "5.6.1+really5.4.5-1", "CVE-2024-3094" },
	{ "xz-utils", "5.6.1-1", NULL, "5.6.1+really5.4.5-1", "CVE-2024-3094" },
	{ "xz-libs", "5.6.0-*", NULL, "5.6.1-2", "CVE-2024-3094" },
	{ "xz-libs", "5.6.1-1.*", NULL, "5.6.1-2", "CVE-2024-3094" },
	{ "xz-libs", "5.6.[01]-r[01]", NULL, "5.6.1-r2", "CVE-2024-3094" },
};
/* clang-format on */

struct str upstream_version(struct str version)
{
	ssize_t colon = str_find(version, ':');
	size_t n = 0;

	version = str_sub(version, (size_t)(colon + 1), version.len);
	if (str_starts(version, STR("v")))
		version = str_sub(version, 1, version.len);
	while (n < version.len && !strchr("-+~_ ", version.ptr[n]))
		n++;
	return str_sub(version, 0, n);
}

static unsigned long long next_number(struct str *s)
{
	unsigned long long v = 0;
	size_t i = 0;

	for (; i < s->len && s->ptr[i] >= '0' && s->ptr[i] <= '9'; i++)
		v = MIN(v * 10 + (unsigned)(s->ptr[i] - '0'), 1000000000000ULL);
	*s = str_sub(*s, i, s->len);
	return v;
}

int upstream_compare(struct str a, struct str b)
{
	a = upstream_version(a);
	b = upstream_version(b);
	while (a.len || b.len) {
		unsigned long long x = next_number(&a), y = next_number(&b);
		unsigned char p = a.len ? (unsigned char)a.ptr[0] : 0;
		unsigned char q = b.len ? (unsigned char)b.ptr[0] : 0;

		if (x != y)
			return x < y ? -1 : 1;
		/* What is no dot is a letter behind the number, or the end. */
		p = p == '.' ? 0 : p;
		q = q == '.' ? 0 : q;
		if (p != q)
			return p < q ? -1 : 1;
		a = str_sub(a, 1, a.len);
		b = str_sub(b, 1, b.len);
	}
	return 0;
}

/* A distribution's package that is still maintained somewhere. */
static bool is_maintained(struct str name, struct str version)
{
	for (size_t i = 0; i < COUNT(shipped); i++)
		if (str_eq(str_of(shipped[i].name), name))
			return upstream_compare(version, str_of(shipped[i].version)) >= 0;
	return false;
}

const struct known_flaw *known_flaw_find(struct str name, struct str version, bool distribution)
{
	if (!version.len || (distribution && is_maintained(name, version)))
		return NULL;
	for (size_t i = 0; i < COUNT(flaws); i++) {
		const struct known_flaw *f = &flaws[i];

		if (str_eq(str_of(f->name), name) &&
		    (!f->from || upstream_compare(version, str_of(f->from)) >= 0) &&
		    upstream_compare(version, str_of(f->before)) < 0)
			return f;
	}
	return NULL;
}

bool known_flaw_of(struct str name)
{
	for (size_t i = 0; i < COUNT(flaws); i++)
		if (str_eq(str_of(flaws[i].name), name))
			return true;
	return false;
}

const struct known_flaw *known_flaw_package(struct str package, struct str version)
{
	for (size_t i = 0; i < COUNT(packages); i++)
		if (str_eq(str_of(packages[i].name), package) &&
		    str_glob(str_of(packages[i].from), version))
			return &packages[i];
	return NULL;
}
