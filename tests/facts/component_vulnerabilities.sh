#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# component_vulnerabilities: advisories of languages on components and on packages in containers.
. ./lib.sh

osv() { # id ecosystem name introduced fixed [alias]
	cat >"$TMP/docs/$1.json" <<-E
		{"id": "$1", "modified": "2026-06-01T00:00:00Z", "aliases": [${6:+"\"$6\""}],
		 "affected": [{"package": {"ecosystem": "$2", "name": "$3"},
		 "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "$4"}, {"fixed": "$5"}]}]}],
		 "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]}
	E
}
mkdir "$TMP/docs"
osv GHSA-0001 PyPI jinja2 0 3.1.3 CVE-2024-22195
osv GHSA-0002 npm lodash 0 4.17.21 CVE-2021-23337
osv GHSA-0003 Maven org.acme:shop 1.0 1.5
osv GHSA-0004 Packagist drupal/token 1.0.0 1.6.0
osv GO-0001 Go stdlib 1.20.0 1.20.5 CVE-2023-29405
osv GHSA-0006 RubyGems rails 0 6.1.0
"$HOLDFAST" feed --dir "$TMP/feeds" import "$TMP/docs" >"$TMP/import" 2>&1 || {
	sed 's/^/# /' "$TMP/import"
	result 1 "import of advisories"
	finish
}
export HOLDFAST_FEEDS="$TMP/feeds"

tree machine
printf 'Name: Jinja2\nVersion: 3.0.0\n' | write opt/a/Jinja2-3.0.0.dist-info/METADATA
printf 'Name: Jinja2\nVersion: 3.1.3\n' | write opt/b/Jinja2-3.1.3.dist-info/METADATA
echo '{"name":"lodash","version":"4.17.20"}' | write srv/node_modules/lodash/package.json
printf "name: Token\nversion: '8.x-1.5'\nproject: 'token'\n" | write var/www/token/token.info.yml
{ cat ../../fuzz/corpus/program/inline; head -c 2000 /dev/zero; } | write usr/local/bin/app 755
python3 -c 'import sys, zipfile
z = zipfile.ZipFile(sys.argv[1], "w")
z.writestr("META-INF/maven/org.acme/shop/pom.properties", "groupId=org.acme\nartifactId=shop\nversion=1.4.2\n")
z.close()' "$ROOT/opt/shop.jar"
query "SELECT v.name, v.version, v.id, v.advisory, v.severity, v.fixed, c.path
	FROM component_vulnerabilities v JOIN components c ON c.id = v.component
	ORDER BY v.name, v.id" "components with known vulnerabilities" <<'E'
drupal/token|1.5.0|GHSA-0004||critical|1.6.0|/var/www/token/token.info.yml
jinja2|3.0.0|CVE-2024-22195|GHSA-0001|critical|3.1.3|/opt/a/Jinja2-3.0.0.dist-info/METADATA
lodash|4.17.20|CVE-2021-23337|GHSA-0002|critical|4.17.21|/srv/node_modules/lodash/package.json
org.acme:shop|1.4.2|GHSA-0003||critical|1.5|/opt/shop.jar
stdlib|1.20.3|CVE-2023-29405|GO-0001|critical|1.20.5|/usr/local/bin/app
E
query "SELECT cve, purl, state, severity FROM vex ORDER BY cve" "VEX of them" <<'E'
CVE-2021-23337|pkg:npm/lodash@4.17.20|in_triage|critical
CVE-2023-29405|pkg:golang/stdlib@1.20.3|in_triage|critical
CVE-2024-22195|pkg:pypi/jinja2@3.0.0|in_triage|critical
GHSA-0003|pkg:maven/org.acme/shop@1.4.2|in_triage|critical
GHSA-0004|pkg:composer/drupal/token@1.5.0|in_triage|critical
E
printf '[package]' | write x/y.deps.json
echo '{"libraries":{"A/1.0":{"type":"package"}}}' | write x/y.deps.json
query "SELECT status, (SELECT group_concat(reason) FROM collector_problems p WHERE p.name = s.name)
	FROM collector_status s WHERE name = 'component_vulnerabilities'
	AND (SELECT count(*) FROM component_vulnerabilities) > 0" \
	"an ecosystem of which the advisories say nothing" <<'E'
incomplete|the advisories that were fetched say nothing of NuGet
E
export HOLDFAST_FEEDS="$TMP/none"
query "SELECT status FROM collector_status WHERE name = 'component_vulnerabilities'
	AND (SELECT count(*) FROM component_vulnerabilities) = 0" "without advisories" <<'E'
not_applicable
E
finish
