/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/app_probe.h"

#define VERSION_MAX 40

/* clang-format off */
const struct app_name app_names[] = {
	{ "elasticsearch", "elasticsearch-", ".jar", false },
	{ "opensearch", "opensearch-", ".jar", false },
	{ "log4j", "log4j-core-", ".jar", false },
	{ "struts", "struts2-core-", ".jar", false },
	{ "spring", "spring-core-", ".jar", false },
	{ "shiro", "shiro-core-", ".jar", false },
	{ "solr", "solr-core-", ".jar", false },
	{ "solr", "apache-solr-core-", ".jar", false },
	{ "activemq", "activemq-broker-", ".jar", false },
	{ "confluence", "confluence-", ".jar", false },
	{ "phpmyadmin", "RELEASE-DATE-", "", false },
	{ "solr", "solr-", "", true },
	{ "kibana", "kibana-", "", true },
	{ "logstash", "logstash-", "", true },
	{ "grafana", "grafana-", "", true },
	{ "grafana", "grafana-v", "", true },
	{ "nexus", "nexus-", "", true },
	{ "kafka", "kafka_2.10-", "", true },
	{ "kafka", "kafka_2.11-", "", true },
	{ "kafka", "kafka_2.12-", "", true },
	{ "kafka", "kafka_2.13-", "", true },
	{ "cassandra", "apache-cassandra-", "", true },
	{ "nodejs", "node-v", "", true },
	{ "mongodb", "mongodb-linux-x86_64-", "", true },
	{ "redis", "redis-", "", true },
};
const size_t n_app_names = COUNT(app_names);

const struct app_file app_markers[] = {
	{ "wordpress", "wp-includes/version.php", "$wp_version" },
	{ "drupal", "core/lib/Drupal.php", "const VERSION" },
	{ "drupal", "includes/bootstrap.inc", "define('VERSION'" },
	{ "joomla", "administrator/manifests/files/joomla.xml", "<version>" },
	{ "mediawiki", "includes/Defines.php", "define( 'MW_VERSION'" },
	{ "mediawiki", "includes/DefaultSettings.php", "$wgVersion" },
	{ "nextcloud", "version.php", "$OC_VersionString" },
	{ "moodle", "version.php", "$release" },
	{ "roundcube", "program/include/iniset.php", "define('RCMAIL_VERSION'" },
	{ "typo3", "typo3/sysext/core/Classes/Information/Typo3Version.php", "const VERSION" },
	{ "tomcat", "RELEASE-NOTES", "Apache Tomcat Version" },
	{ "java", "release", "JAVA_VERSION" },
};
const size_t n_app_markers = COUNT(app_markers);

const struct app_file app_files[] = {
	{ "jenkins", "/var/lib/jenkins/jenkins.install.InstallUtil.lastExecVersion", "" },
	{ "webmin", "/etc/webmin/version", "" },
	{ "gitlab", "/opt/gitlab/embedded/service/gitlab-rails/VERSION", "" },
	{ "nagiosxi", "/usr/local/nagiosxi/var/xiversion", "full" },
	{ "nagios", "/usr/local/nagios/var/status.dat", "version" },
	{ "php", "/usr/local/include/php/main/php_version.h", "define PHP_VERSION " },
	{ "php", "/opt/php*/include/php/main/php_version.h", "define PHP_VERSION " },
	{ "openssl", "/usr/local/include/openssl/opensslv.h", "\"OpenSSL" },
	{ "openssl", "/usr/local/ssl/include/openssl/opensslv.h", "\"OpenSSL" },
	{ "openssl", "/opt/openssl*/include/openssl/opensslv.h", "\"OpenSSL" },
	{ "python", "/usr/local/include/python*/patchlevel.h", "define PY_VERSION" },
	{ "python", "/opt/python*/include/python*/patchlevel.h", "define PY_VERSION" },
	{ "nodejs", "/usr/local/include/node/node_version.h",
	  "define NODE_MAJOR_VERSION|define NODE_MINOR_VERSION|define NODE_PATCH_VERSION" },
	{ "apache", "/usr/local/apache2/include/ap_release.h",
	  "define AP_SERVER_MAJORVERSION_NUMBER|define AP_SERVER_MINORVERSION_NUMBER|"
	  "define AP_SERVER_PATCHLEVEL_NUMBER" },
	{ "elasticsearch", "/usr/share/elasticsearch/lib/elasticsearch-[0-9]*.jar", NULL },
	{ "elasticsearch", "/home/*/elasticsearch*/lib/elasticsearch-[0-9]*.jar", NULL },
	{ "elasticsearch", "/root/elasticsearch*/lib/elasticsearch-[0-9]*.jar", NULL },
	{ "opensearch", "/usr/share/opensearch/lib/opensearch-[0-9]*.jar", NULL },
	{ "solr", "/opt/solr*/server/solr-webapp/webapp/WEB-INF/lib/solr-core-*.jar", NULL },
	{ "solr", "/opt/solr*/dist/*solr-core-*.jar", NULL },
	{ "log4j", "/usr/share/java/log4j-core-*.jar", NULL },
	{ "log4j", "/usr/share/*/lib/log4j-core-*.jar", NULL },
	{ "log4j", "/usr/local/*/lib/log4j-core-*.jar", NULL },
	{ "log4j", "/var/lib/tomcat*/webapps/*/WEB-INF/lib/log4j-core-*.jar", NULL },
	{ "struts", "/var/lib/tomcat*/webapps/*/WEB-INF/lib/struts2-core-*.jar", NULL },
	{ "spring", "/var/lib/tomcat*/webapps/*/WEB-INF/lib/spring-core-*.jar", NULL },
	{ "phpmyadmin", "/usr/share/phpmyadmin/RELEASE-DATE-*", NULL },
	{ "phpmyadmin", "/usr/share/phpMyAdmin/RELEASE-DATE-*", NULL },
};
const size_t n_app_files = COUNT(app_files);
/* clang-format on */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

const struct app_name *app_name_find(struct str name, bool dir, struct str *ret_version)
{
	for (size_t i = 0; i < n_app_names; i++) {
		const struct app_name *n = &app_names[i];
		struct str prefix = str_of(n->prefix), suffix = str_of(n->suffix), version;

		if (n->dir != dir || !str_starts(name, prefix) || !str_ends(name, suffix) ||
		    name.len <= prefix.len + suffix.len || !is_digit(name.ptr[prefix.len]))
			continue;
		version = str_sub(name, prefix.len, name.len - suffix.len);
		*ret_version = str_sub(version, 0, VERSION_MAX);
		return n;
	}
	return NULL;
}

/* Blanks, quotes, '=', ',' and the like come before a version. */
static struct str version_at(struct str text)
{
	size_t n = 0, skip = 0;

	while (skip < text.len && strchr(" \t='\",:(v", text.ptr[skip]))
		skip++;
	text = str_sub(text, skip, text.len);
	if (!text.len || !is_digit(text.ptr[0]))
		return STR("");
	while (n < text.len && n < VERSION_MAX && !strchr(" \t\r\n'\"<;,)", text.ptr[n]))
		n++;
	return str_sub(text, 0, n);
}

/* Behind the first key that has one: WordPress names its variable in a comment above it. */
static struct str after_key(struct str text, struct str key)
{
	struct str found = STR("");
	const char *p;

	while (!found.len && key.len && (p = memmem(text.ptr, text.len, key.ptr, key.len))) {
		text = str_sub(text, (size_t)(p - text.ptr) + key.len, text.len);
		found = version_at(text);
	}
	return found;
}

struct str app_version(struct arena *a, struct str text, const char *keys)
{
	struct str rest = str_of(keys), version = STR("");

	if (!text.len)
		return version;
	if (!rest.len) {
		version = str_trim(str_cut(&text, '\n'));
		return version.len && is_digit(version.ptr[0]) && version.len <= VERSION_MAX
			       ? version
			       : STR("");
	}
	while (rest.ptr) {
		struct str one = after_key(text, str_cut(&rest, '|'));

		if (!one.len)
			return STR("");
		version = version.len ? arena_cat(a, version, STR("."), one) : one;
		if (!version.ptr)
			return version;
	}
	return version;
}
