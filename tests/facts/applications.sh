#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# applications: software by its files and by its package, flaws, last days of support.
. ./lib.sh

package() { # name version maintainer
	mkdir -p "$ROOT/var/lib/dpkg/info"
	printf 'Package: %s\nStatus: install ok installed\nVersion: %s\nArchitecture: all\nMaintainer: %s\n\n' \
		"$1" "$2" "$3" >>"$ROOT/var/lib/dpkg/status"
	: >"$ROOT/var/lib/dpkg/info/$1.list"
}
applications() {
	query "SELECT name, version, path, package, coalesce(eol_date, '-'), critical_fixed, critical_cve
		FROM applications WHERE $1 ORDER BY name, version, path" "$2"
}

tree debian
printf '<?php\n/**\n * @global string $wp_version\n */\n$wp_version = '"'4.7.1'"';\n' |
	write var/www/html/blog/wp-includes/version.php
echo "\$wp_version = '99.1';" | write home/alice/public_html/wp-includes/version.php
echo "  const VERSION = '8.5.0';" | write srv/site/web/core/lib/Drupal.php
echo "define('VERSION', '7.74');" | write var/www/old/includes/bootstrap.inc
echo '<version>3.9.28</version>' | write var/www/j/administrator/manifests/files/joomla.xml
write var/www/pma/RELEASE-DATE-4.8.1 </dev/null
printf '  Apache Tomcat Version 9.0.20\n' | write opt/apache-tomcat-9.0.20/RELEASE-NOTES
for jar in opt/app/lib/log4j-core-2.14.1.jar opt/app/lib/log4j-core-2.17.1.jar \
	opt/elasticsearch-1.4.0/lib/elasticsearch-1.4.0.jar \
	opt/x/webapps/x/WEB-INF/struts2-core-2.5.12.jar opt/x/lib/log4j-core-.jar; do
	write "$jar" </dev/null
done
folder opt/solr-8.11.1
echo 2.426.2 | write var/lib/jenkins/jenkins.install.InstallUtil.lastExecVersion
echo 'JAVA_VERSION="1.8.0_201"' | write opt/jdk1.8/release
printf '#define AP_SERVER_MAJORVERSION_NUMBER 2\n#define AP_SERVER_MINORVERSION_NUMBER 4\n#define AP_SERVER_PATCHLEVEL_NUMBER   49\n' |
	write usr/local/apache2/include/ap_release.h
printf '# define OPENSSL_VERSION_TEXT "OpenSSL 1.0.1f 6 Jan 2014"\n' |
	write usr/local/ssl/include/openssl/opensslv.h
applications "name <> 'python'" "files" <<'E'
apache|2.4.49|/usr/local/apache2/include/ap_release.h||-|2.4.51|CVE-2021-41773
drupal|7.74|/var/www/old/includes/bootstrap.inc||2025-01-05||
drupal|8.5.0|/srv/site/web/core/lib/Drupal.php||2020-12-01|8.9.9|CVE-2018-7600
elasticsearch|1.4.0|/opt/elasticsearch-1.4.0/lib/elasticsearch-1.4.0.jar||2022-02-10|1.4.3|CVE-2015-1427
java|1.8.0_201|/opt/jdk1.8/release||2030-12-31||
jenkins|2.426.2|/var/lib/jenkins/jenkins.install.InstallUtil.lastExecVersion||2024-02-21|2.442|CVE-2024-23897
joomla|3.9.28|/var/www/j/administrator/manifests/files/joomla.xml||2023-08-17||
log4j|2.14.1|/opt/app/lib/log4j-core-2.14.1.jar||-|2.17.1|CVE-2021-44228
log4j|2.17.1|/opt/app/lib/log4j-core-2.17.1.jar||-||
openssl|1.0.1f|/usr/local/ssl/include/openssl/opensslv.h||2016-12-31|1.0.1g|CVE-2014-0160
phpmyadmin|4.8.1|/var/www/pma/RELEASE-DATE-4.8.1||2019-06-04|4.8.2|CVE-2018-12613
solr|8.11.1|/opt/solr-8.11.1||2024-10-25||
struts|2.5.12|/opt/x/webapps/x/WEB-INF/struts2-core-2.5.12.jar||2024-04-30|2.5.33|CVE-2020-17530
tomcat|9.0.20|/opt/apache-tomcat-9.0.20/RELEASE-NOTES||2027-03-31|9.0.99|CVE-2020-1938
wordpress|4.7.1|/var/www/html/blog/wp-includes/version.php||2017-06-08|4.7.2|CVE-2017-1001000
wordpress|99.1|/home/alice/public_html/wp-includes/version.php||-||
E

tree packages
package exim4-daemon-light 4.96-15+deb12u4 'Exim4 Maintainers <pkg-exim4-maintainers@lists.alioth.debian.org>'
package tomcat9 9.0.43-2~deb11u10 'Debian Java Maintainers <pkg-java@lists.debian.org>'
package redis-server 5:6.0.16-1+deb11u1 'Chris Lamb <lamby@debian.org>'
package elasticsearch 1.4.2 'Elasticsearch Team <info@elasticsearch.com>'
package grafana 8.2.0 'Grafana <contact@grafana.com>'
package xz-utils 5.6.1-1 'Debian <x@debian.org>'
package phpmyadmin 4:5.2.1+dfsg-1+deb12u1 'phpMyAdmin Team <team+phpmyadmin@tracker.debian.org>'
write usr/share/phpmyadmin/RELEASE-DATE-5.2.1 </dev/null
printf '/usr/share/phpmyadmin/RELEASE-DATE-5.2.1\n' >"$ROOT/var/lib/dpkg/info/phpmyadmin.list"
applications 1 "a distribution's fixes have no new version of the maker" <<'E'
elasticsearch|1.4.2||elasticsearch|2022-02-10|1.4.3|CVE-2015-1427
exim|4.96-15+deb12u4||exim4-daemon-light|-||
grafana|8.2.0||grafana|2023-06-09|8.3.1|CVE-2021-43798
phpmyadmin|5.2.1|/usr/share/phpmyadmin/RELEASE-DATE-5.2.1|phpmyadmin|-||
redis|5:6.0.16-1+deb11u1||redis-server|-|5:6.0.16-1+deb11u2|CVE-2022-0543
tomcat|9.0.43-2~deb11u10||tomcat9|-||
xz|5.6.1-1||xz-utils|-|5.6.1+really5.4.5-1|CVE-2024-3094
E
tree outdated
package exim4-daemon-light 4.89-2+deb9u3 'Debian <pkg-exim4@lists.debian.org>'
applications 1 "unless no release that is maintained has so old a version" <<'E'
exim|4.89-2+deb9u3||exim4-daemon-light|-|4.92.3|CVE-2019-10149
E

tree alpine
mkdir -p "$ROOT/lib/apk/db"
printf 'C:Q1x\nP:redis\nV:7.2.4-r0\nA:x86_64\n\nC:Q1y\nP:xz-libs\nV:5.6.1-r0\nA:x86_64\n\n' \
	>"$ROOT/lib/apk/db/installed"
applications 1 "Alpine" <<'E'
redis|7.2.4-r0||redis|-||
xz|5.6.1-r0||xz-libs|-|5.6.1-r2|CVE-2024-3094
E

tree bad
mkdir -p "$ROOT/var/www/html/wp-includes" "$ROOT/opt/loop"
mkfifo "$ROOT/var/www/html/wp-includes/version.php"
link . opt/loop/loop
link /var/www/html var/www/again
printf '\0\377$wp_version' | write srv/a/wp-includes/version.php
echo 'not a version' | write etc/webmin/version
query "SELECT path FROM collector_problems WHERE name = 'applications'" "a FIFO is told" <<'E'
/var/www/html/wp-includes/version.php
E
applications 1 "and nothing is made up" <<'E'
E
finish
