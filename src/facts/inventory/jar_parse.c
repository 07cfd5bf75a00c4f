/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/buf.h"
#include "facts/inventory/jar.h"

void pom_parse(struct str text, struct pom *ret)
{
	struct pom p = {};
	struct str line;

	while (str_line(&text, &line, NULL)) {
		struct {
			struct str key, *to;
		} const keys[] = {
			{STR("groupId"),     &p.group   },
			{ STR("artifactId"), &p.artifact},
			{ STR("version"),    &p.version }
		};
		struct str key;

		line = str_trim(line);
		if (!line.len || line.ptr[0] == '#' || line.ptr[0] == '!')
			continue;
		key = str_trim(str_cut(&line, '='));
		for (size_t i = 0; i < COUNT(keys); i++)
			if (str_eq(key, keys[i].key))
				*keys[i].to = str_trim(line);
	}
	*ret = p;
}

/* Lines of at most 72 bytes are continued by a blank (jar file specification). */
static int unfold(struct str text, struct arena *a, struct str *ret)
{
	char *p = arena_alloc(a, text.len + 1);
	size_t n = 0;

	if (!p)
		return -ENOMEM;
	for (size_t i = 0; i < text.len; i++) {
		size_t next = i + 1;

		if (text.ptr[i] == '\r' && next < text.len && text.ptr[next] == '\n')
			next++;
		if ((text.ptr[i] == '\n' || text.ptr[i] == '\r') && next < text.len &&
		    text.ptr[next] == ' ') {
			i = next;
			continue;
		}
		p[n++] = text.ptr[i];
	}
	*ret = (struct str){ p, n };
	return 0;
}

int manifest_parse(struct str text, struct arena *a, struct manifest *ret)
{
	struct manifest m = {};
	struct {
		struct str key, *to;
	} const keys[] = {
		{STR("Implementation-Title"),      &m.title         },
		{ STR("Implementation-Version"),   &m.version       },
		{ STR("Implementation-Vendor-Id"), &m.vendor_id     },
		{ STR("Bundle-SymbolicName"),      &m.symbolic_name },
		{ STR("Bundle-Version"),           &m.bundle_version},
		{ STR("Specification-Version"),    &m.spec_version  },
		{ STR("Main-Class"),               &m.main_class    },
	};
	struct str line;
	int r = unfold(text, a, &text);

	if (r < 0)
		return r;
	/* The first section is that of the archive; the others are of its entries. */
	while (str_line(&text, &line, NULL) && str_trim(line).len) {
		struct str key = str_trim(str_cut(&line, ':'));

		for (size_t i = 0; i < COUNT(keys); i++)
			if (str_ieq(key, keys[i].key) && !keys[i].to->len)
				*keys[i].to = str_trim(line);
	}
	m.symbolic_name = str_trim(str_cut(&m.symbolic_name, ';'));
	*ret = m;
	return 0;
}

static const struct str suffixes[] = {
	STR(".jar"), STR(".war"), STR(".ear"), STR(".hpi"), STR(".jpi"),
	STR(".sar"), STR(".kar"), STR(".par"), STR(".rar"),
};

bool jar_is(struct str name)
{
	for (size_t i = 0; i < COUNT(suffixes); i++)
		if (name.len > suffixes[i].len &&
		    str_ieq(str_sub(name, name.len - suffixes[i].len, name.len), suffixes[i]))
			return true;
	return false;
}

void jar_name(struct str file, struct str *ret_artifact, struct str *ret_version)
{
	struct str base = str_basename(file);
	ssize_t dot = str_rfind(base, '.');

	*ret_artifact = base = str_sub(base, 0, dot > 0 ? (size_t)dot : base.len);
	*ret_version = STR("");
	/* The first '-' before a digit: "jackson-dataformat-yaml-2.9.8", "commons-io-2.4-sources". */
	for (size_t i = 1; i + 1 < base.len; i++) {
		if (base.ptr[i] != '-' || base.ptr[i + 1] < '0' || base.ptr[i + 1] > '9')
			continue;
		*ret_artifact = str_sub(base, 0, i);
		*ret_version = str_sub(base, i + 1, base.len);
		return;
	}
}

/* The longest prefix that fits stands first. */
static const struct {
	struct str prefix, group;
} groups[] = {
	{STR("spring-boot"),             STR("org.springframework.boot")    },
	{ STR("spring-security-"),       STR("org.springframework.security")},
	{ STR("spring-cloud-function-"), STR("org.springframework.cloud")   },
	{ STR("spring-cloud-"),          STR("org.springframework.cloud")   },
	{ STR("spring-data-"),           STR("org.springframework.data")    },
	{ STR("spring-"),                STR("org.springframework")         },
	{ STR("log4j-"),                 STR("org.apache.logging.log4j")    },
	{ STR("log4j"),                  STR("log4j")                       },
	{ STR("struts2-"),               STR("org.apache.struts")           },
	{ STR("shiro-"),                 STR("org.apache.shiro")            },
	{ STR("elasticsearch"),          STR("org.elasticsearch")           },
	{ STR("opensearch"),             STR("org.opensearch")              },
	{ STR("lucene-"),                STR("org.apache.lucene")           },
	{ STR("solr-"),                  STR("org.apache.solr")             },
	{ STR("activemq-"),              STR("org.apache.activemq")         },
	{ STR("tomcat-embed-"),          STR("org.apache.tomcat.embed")     },
	{ STR("tomcat-"),                STR("org.apache.tomcat")           },
	{ STR("kafka"),                  STR("org.apache.kafka")            },
	{ STR("hibernate-"),             STR("org.hibernate")               },
	{ STR("jetty-"),                 STR("org.eclipse.jetty")           },
	{ STR("asm"),                    STR("org.ow2.asm")                 },
	{ STR("slf4j-"),                 STR("org.slf4j")                   },
	{ STR("guava"),                  STR("com.google.guava")            },
	{ STR("snakeyaml"),              STR("org.yaml")                    },
	{ STR("netty-"),                 STR("io.netty")                    },
	{ STR("groovy"),                 STR("org.codehaus.groovy")         },
	{ STR("kotlin-"),                STR("org.jetbrains.kotlin")        },
	{ STR("okhttp"),                 STR("com.squareup.okhttp3")        },
	{ STR("h2"),		     STR("com.h2database")              },
	{ STR("libthrift"),              STR("org.apache.thrift")           },
	{ STR("lz4-java"),               STR("org.lz4")                     },
	{ STR("armeria"),                STR("com.linecorp.armeria")        },
	{ STR("micrometer-"),            STR("io.micrometer")               },
	{ STR("bcprov-"),                STR("org.bouncycastle")            },
	{ STR("bcpkix-"),                STR("org.bouncycastle")            },
	{ STR("grpc-"),                  STR("io.grpc")                     },
	{ STR("okio"),                   STR("com.squareup.okio")           },
	{ STR("retrofit"),               STR("com.squareup.retrofit2")      },
	{ STR("zookeeper"),              STR("org.apache.zookeeper")        },
	{ STR("mysql-connector-java"),   STR("mysql")                       },
	{ STR("mysql-connector-j"),      STR("com.mysql")                   },
	{ STR("commons-collections"),    STR("commons-collections")         },
	{ STR("commons-fileupload"),     STR("commons-fileupload")          },
	{ STR("commons-beanutils"),      STR("commons-beanutils")           },
	{ STR("commons-httpclient"),     STR("commons-httpclient")          },
	{ STR("velocity"),               STR("org.apache.velocity")         },
	{ STR("xalan"),                  STR("xalan")                       },
	{ STR("xercesImpl"),             STR("xerces")                      },
	{ STR("batik-"),                 STR("org.apache.xmlgraphics")      },
	{ STR("reactor-netty"),          STR("io.projectreactor.netty")     },
	{ STR("c3p0"),                   STR("com.mchange")                 },
	{ STR("ant"),                    STR("org.apache.ant")              },
};

struct str jar_group(struct str artifact)
{
	for (size_t i = 0; i < COUNT(groups); i++) {
		struct str p = groups[i].prefix;
		bool whole = p.ptr[p.len - 1] != '-';

		if (str_starts(artifact, p) &&
		    (!whole || artifact.len == p.len || artifact.ptr[p.len] == '-'))
			return groups[i].group;
	}
	return STR("");
}
