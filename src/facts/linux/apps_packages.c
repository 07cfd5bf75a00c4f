/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/known_flaws.h"
#include "facts/linux/apps.h"

static const struct {
	const char *package, *app;
} known[] = {
	{"elasticsearch",           "elasticsearch"},
	{ "opensearch",             "opensearch"   },
	{ "kibana",                 "kibana"       },
	{ "logstash",               "logstash"     },
	{ "grafana",                "grafana"      },
	{ "grafana-enterprise",     "grafana"      },
	{ "jenkins",                "jenkins"      },
	{ "gitlab-ce",              "gitlab"       },
	{ "gitlab-ee",              "gitlab"       },
	{ "webmin",                 "webmin"       },
	{ "openfire",               "openfire"     },
	{ "salt-master",            "salt"         },
	{ "couchdb",                "couchdb"      },
	{ "rabbitmq-server",        "rabbitmq"     },
	{ "phpmyadmin",             "phpmyadmin"   },
	{ "phpMyAdmin",             "phpmyadmin"   },
	{ "wordpress",              "wordpress"    },
	{ "drupal7",                "drupal"       },
	{ "roundcube-core",         "roundcube"    },
	{ "roundcubemail",          "roundcube"    },
	{ "activemq",               "activemq"     },
	{ "solr-tomcat",            "solr"         },
	{ "tomcat7",                "tomcat"       },
	{ "tomcat8",                "tomcat"       },
	{ "tomcat9",                "tomcat"       },
	{ "tomcat10",               "tomcat"       },
	{ "tomcat",                 "tomcat"       },
	{ "exim4-daemon-light",     "exim"         },
	{ "exim4-daemon-heavy",     "exim"         },
	{ "exim",		   "exim"         },
	{ "apache2",                "apache"       },
	{ "httpd",                  "apache"       },
	{ "nginx",                  "nginx"        },
	{ "redis-server",           "redis"        },
	{ "redis",                  "redis"        },
	{ "mongodb-org-server",     "mongodb"      },
	{ "mongodb-server",         "mongodb"      },
	{ "mysql-community-server", "mysql"        },
	{ "MariaDB-server",         "mariadb"      },
	{ "mariadb-server",         "mariadb"      },
	{ "nodejs",                 "nodejs"       },
	{ "nextcloud",              "nextcloud"    },
	{ "mediawiki",              "mediawiki"    },
	{ "zabbix-server-mysql",    "zabbix"       },
	{ "xz-utils",               "xz"           },
	{ "xz-libs",                "xz"           },
};

/* Maintainers and vendors of distributions; others (makers, local builds) are no distribution. */
static const struct str vendors[] = {
	STR("debian.org"), STR("ubuntu.com"),    STR("canonical.com"), STR("raspberrypi.org"),
	STR("kali.org"),   STR("linuxmint.com"), STR("Red Hat"),       STR("CentOS"),
	STR("Fedora"),     STR("AlmaLinux"),     STR("Rocky"),         STR("Oracle America"),
	STR("Amazon"),     STR("SUSE"),          STR("EuroLinux"),     STR("Scientific Linux"),
	STR("Debian "),
};

bool package_is_distribution(const struct package *p)
{
	if (str_eq(p->format, STR("apk")))
		return true;
	/* Built by others, who keep the maintainer's name. */
	if (str_contains(p->version, STR("nodesource")))
		return false;
	for (size_t i = 0; i < COUNT(vendors); i++)
		if (str_contains(p->vendor, vendors[i]))
			return true;
	if (p->vendor.len)
		return false;
	return str_contains(p->version, STR("deb")) || str_contains(p->version, STR("ubuntu")) ||
	       str_contains(p->version, STR(".el")) || str_contains(p->version, STR(".fc"));
}

int apps_from_packages(struct collect *c, struct apps *ret)
{
	const char *names[COUNT(known)];
	struct package *found = arena_array(c->arena, COUNT(known), sizeof *found);
	int r;

	if (!found)
		return -ENOMEM;
	for (size_t i = 0; i < COUNT(known); i++)
		names[i] = known[i].package;
	r = package_db_find(c, names, COUNT(known), found);
	for (size_t i = 0; r >= 0 && i < COUNT(known); i++) {
		const struct package *p = &found[i];
		bool xz = !strcmp(known[i].app, "xz");

		/* xz is of interest for one flaw only, and everywhere. */
		if (!p->name.ptr || (xz && !known_flaw_package(p->name, p->version)))
			continue;
		struct app app = { .name = str_of(known[i].app),
				   .version = p->version,
				   .path = STR(""),
				   .package = p->name,
				   .distribution = package_is_distribution(p) };

		r = apps_add(c, ret, &app);
	}
	return MIN(r, 0);
}
