/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/inventory/component.h"
#include "base/buf.h"

#define TEXT_MAX 256
#define PURL_MAX ((size_t)4096)

bool component_text(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] > '~' || strchr("\"'<>\\`", s.ptr[i]))
			return false;
	return s.len && s.len <= TEXT_MAX;
}

/* Which of their components stand for the application as a whole. */
static const struct {
	const char *ecosystem, *name, *app;
} known[] = {
	{"Maven",      "org.apache.logging.log4j:log4j-core",       "log4j"        },
	{ "Maven",     "log4j:log4j",                               "log4j"        },
	{ "Maven",     "org.apache.struts:struts2-core",            "struts"       },
	{ "Maven",     "org.springframework:spring-core",           "spring"       },
	{ "Maven",     "org.apache.shiro:shiro-core",               "shiro"        },
	{ "Maven",     "org.elasticsearch:elasticsearch",           "elasticsearch"},
	{ "Maven",     "org.opensearch:opensearch",                 "opensearch"   },
	{ "Maven",     "org.apache.solr:solr-core",                 "solr"         },
	{ "Maven",     "org.apache.activemq:activemq-broker",       "activemq"     },
	{ "Maven",     "org.apache.tomcat.embed:tomcat-embed-core", "tomcat"       },
	{ "Maven",     "org.apache.tomcat:tomcat-catalina",         "tomcat"       },
	{ "Maven",     "org.apache.kafka:kafka-clients",            "kafka"        },
	{ "Maven",     "org.springframework.boot:spring-boot",      "spring-boot"  },
	{ "Go",        "stdlib",				    "go"           },
	{ "PyPI",      "django",				    "django"       },
	{ "npm",       "angular",				   "angularjs"    },
	{ "RubyGems",  "rails",				     "rails"        },
	{ "Packagist", "laravel/framework",                         "laravel"      },
	{ "Packagist", "symfony/http-kernel",                       "symfony"      },
	{ "Packagist", "drupal/core",                               "drupal"       },
};

const char *component_app(const struct component *x)
{
	static const struct str dotnet = STR("Microsoft.NETCore.App.Runtime.");
	static const struct str aspnet = STR("Microsoft.AspNetCore.App.Runtime.");

	for (size_t i = 0; i < COUNT(known); i++)
		if (str_eq(x->ecosystem, str_of(known[i].ecosystem)) &&
		    str_eq(x->name, str_of(known[i].name)))
			return known[i].app;
	if (str_eq(x->ecosystem, STR("NuGet")) &&
	    (str_starts(x->name, dotnet) || str_starts(x->name, aspnet)))
		return "dotnet";
	return NULL;
}

/* What need not be escaped in a part of a package URL. */
static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("-._~:", c));
}

static void put(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (is_plain(s.ptr[i]))
			buf_putc(b, s.ptr[i]);
		else
			buf_fmt(b, "%%%02X", (unsigned char)s.ptr[i]);
	}
}

/* The parts of a name between slashes, none of them empty. */
static void put_path(struct buf *b, struct str s, bool lower)
{
	bool first = true;

	while (s.ptr) {
		struct str part = str_cut(&s, '/');

		if (!part.len)
			continue;
		if (!first)
			buf_putc(b, '/');
		first = false;
		for (size_t i = 0; i < part.len; i++) {
			char c = part.ptr[i];

			if (lower && c >= 'A' && c <= 'Z')
				c = (char)(c | 0x20);
			put(b, (struct str){ &c, 1 });
		}
	}
}

static void put_name(struct buf *b, const struct component *x)
{
	static const struct {
		const char *ecosystem, *type;
		bool lower;
	} types[] = {
		{"PyPI",       "pypi",     true },
                { "npm",       "npm",      false},
		{ "Go",        "golang",   true },
                { "RubyGems",  "gem",      false},
		{ "Packagist", "composer", true },
                { "NuGet",     "nuget",    false},
		{ "crates.io", "cargo",    false},
                { "OCI",       "oci",      true },
	};
	struct str name = x->name, group;

	if (str_eq(x->ecosystem, STR("Maven"))) {
		group = str_cut(&name, ':');
		buf_puts(b, "pkg:maven/");
		put_path(b, group, false);
		if (name.len) {
			buf_putc(b, '/');
			put_path(b, name, false);
		}
		return;
	}
	for (size_t i = 0; i < COUNT(types); i++) {
		if (!str_eq(x->ecosystem, str_of(types[i].ecosystem)))
			continue;
		buf_fmt(b, "pkg:%s/", types[i].type);
		put_path(b, name, types[i].lower);
		return;
	}
	buf_puts(b, "pkg:generic/");
	/* "wordpress-plugin/NAME", but WordPress itself by its name alone. */
	if (x->ecosystem.len && !str_eq(x->ecosystem, STR("WordPress:core"))) {
		struct str site = x->ecosystem;

		put_path(b, str_cut(&site, ':'), true);
		buf_fmt(b, "-%.*s/", STR_FMT(x->kind));
	}
	put_path(b, name, false);
}

static struct str finish(struct arena *a, struct buf *b)
{
	struct str s = b->error ? STR("") : buf_view(b);

	/* A name that is longer than any has no URL. */
	return b->error == -ENOMEM ? (struct str){} : arena_str(a, s);
}

struct str component_purl(struct arena *a, const struct component *x)
{
	own(buf_release) struct buf b = BUF(PURL_MAX);

	if (!x->name.len)
		return STR("");
	put_name(&b, x);
	if (x->version.len) {
		buf_putc(&b, '@');
		put(&b, x->version);
	}
	return finish(a, &b);
}

static void put_qualifier(struct buf *b, char *mark, const char *name, struct str value)
{
	if (!value.len)
		return;
	buf_fmt(b, "%c%s=", *mark, name);
	put(b, value);
	*mark = '&';
}

struct str package_purl(struct arena *a, const struct purl_package *p)
{
	own(buf_release) struct buf b = BUF(PURL_MAX);
	struct str version = p->version, epoch = {};
	char mark = '?';

	buf_fmt(&b, "pkg:%.*s/", STR_FMT(p->format));
	if (p->vendor.len) {
		put_path(&b, p->vendor, true);
		buf_putc(&b, '/');
	}
	put_path(&b, p->name, !str_eq(p->format, STR("rpm")));
	/* rpm's epoch is a qualifier, dpkg's is part of the version. */
	if (str_eq(p->format, STR("rpm")) && str_find(version, ':') >= 0)
		epoch = str_cut(&version, ':');
	if (version.len) {
		buf_putc(&b, '@');
		put(&b, version);
	}
	put_qualifier(&b, &mark, "arch", p->arch);
	put_qualifier(&b, &mark, "distro", p->distro);
	put_qualifier(&b, &mark, "epoch", epoch);
	return finish(a, &b);
}
