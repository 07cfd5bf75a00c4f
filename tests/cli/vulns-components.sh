# SPDX-License-Identifier: GPL-3.0-or-later
# holdfast vulns of what no package manager has installed: Log4j in a jar in a jar, the process that
# runs it, its port, and the order.
. ./lib.sh

command -v sqlite3 >/dev/null && command -v python3 >/dev/null || skip "no sqlite3 or python3"

machine web
: "${ROOT:?}"
mkdir -p "$ROOT/opt/shop" "$ROOT/srv/app/node_modules/lodash" "$TMP/docs"
cat >"$TMP/jar.py" <<'E'
import io, sys, zipfile

def jar(**files):
    b = io.BytesIO()
    with zipfile.ZipFile(b, "w") as z:
        for name, text in files.items():
            z.writestr(name, text)
    return b.getvalue()

lookup = "org/apache/logging/log4j/core/lookup/JndiLookup.class"
pom = "META-INF/maven/org.apache.logging.log4j/log4j-core/pom.properties"
text = "groupId=org.apache.logging.log4j\nartifactId=log4j-core\nversion=2.14.1\n"
files = {pom: text, lookup: "x"}
if sys.argv[2:] == ["mended"]:
    del files[lookup]
    files["org/apache/logging/log4j/core/Logger.class"] = "x"
inner = jar(**files)
open(sys.argv[1], "wb").write(jar(**{"BOOT-INF/lib/log4j-core-2.14.1.jar": inner}))
E
python3 "$TMP/jar.py" "$ROOT/opt/shop/shop.jar"
echo '{"name":"lodash","version":"4.17.20"}' >"$ROOT/srv/app/node_modules/lodash/package.json"

hf collect --root "$ROOT" -o "$TMP/plain" || echo "# $OUT"
exits 0 "without advisories" hf vulns --facts "$TMP/plain" -f json --all
# what is known without them
report '([(v["id"], v["source"], v["paths"]) for v in r["vulnerabilities"]] ==
	 [("CVE-2021-44228", "org.apache.logging.log4j:log4j-core",
	   ["/opt/shop/shop.jar!/BOOT-INF/lib/log4j-core-2.14.1.jar"])])'

cat >"$TMP/docs/1.json" <<'E'
{"id": "GHSA-jfh8-c2jp-5v3q", "modified": "2026-06-01T00:00:00Z", "aliases": ["CVE-2021-44228"],
 "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"}],
 "affected": [{"package": {"ecosystem": "Maven", "name": "org.apache.logging.log4j:log4j-core"},
  "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "2.0-beta9"}, {"fixed": "2.15.0"}]}]}]}
E
cat >"$TMP/docs/2.json" <<'E'
{"id": "GHSA-35jh-r3h4-6jhm", "modified": "2026-06-01T00:00:00Z", "aliases": ["CVE-2021-23337"],
 "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H"}],
 "affected": [{"package": {"ecosystem": "npm", "name": "lodash"},
  "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "4.17.21"}]}]}]}
E
hf feed --dir "$TMP/feeds" import "$TMP/docs" >"$TMP/out"
HOLDFAST_FEEDS=$TMP/feeds
export HOLDFAST_FEEDS
hf collect --root "$ROOT" -o "$TMP/facts"

# The same machine, running: Java behind port 8080, node behind a local port that nobody reaches.
cat >"$TMP/run.sql" <<'E'
INSERT OR REPLACE INTO holdfast_meta(key, value) VALUES ('live', '1');
DELETE FROM exposure;
INSERT INTO processes(pid, parent, name, path, cmdline, uid, euid, start_time, on_disk, memfd, unit,
	container, package)
VALUES (70, 1, 'java', '/usr/lib/jvm/bin/java', 'java -jar /opt/shop/shop.jar', 33, 33, 0, 1, 0,
	'shop.service', '', ''),
	(71, 1, 'node', '/usr/bin/node', 'node /srv/app/index.js', 33, 33, 0, 1, 0, 'app.service', '', '');
INSERT INTO component_processes(component, pid, how)
SELECT id, 70, 'argument' FROM components WHERE path LIKE '%log4j%'
UNION ALL SELECT id, 71, 'search' FROM components WHERE name = 'lodash';
INSERT INTO exposure(resource, protocol, port, address, service, process, pid, path, unit, package,
	authentication, origin, internet, wide, reachable_from, perhaps_from, deciding, rule, reason, file, line)
VALUES ('web', 'tcp', 8080, '0.0.0.0', '', 'java', 70, '/usr/lib/jvm/bin/java', 'shop.service', '',
	'', 'live', 1, 1, '0.0.0.0/0', '', '', '', '', '', 0);
UPDATE collector_status SET status = 'ok', reason = '' WHERE name IN ('component_processes', 'processes', 'exposure');
E
sqlite3 "$TMP/facts" <"$TMP/run.sql" 2>&1 | sed 's/^/# /'

exits 0 "running" hf vulns --facts "$TMP/facts" -f json
# what is exploited and reached comes first
report '([(v["id"], v["internet"]) for v in r["vulnerabilities"]] ==
	 [("CVE-2021-44228", True), ("CVE-2021-23337", False)])'
# of which the risk is what the order says
report '[v["risk"] for v in r["vulnerabilities"]][0] >= 40 > [v["risk"] for v in r["vulnerabilities"]][1]'
# with its process
report '([(p["pid"], p["name"], p["unit"], p["port"], p["how"]) for p in r["vulnerabilities"][0]["processes"]] ==
	 [(70, "java", "shop.service", "tcp/8080", "runs")])'
# and that of the other, which only may load it
report '([(p["pid"], p["how"], p["internet"]) for p in r["vulnerabilities"][1]["processes"]] ==
	 [(71, "may load", False)])'
exits 0 "the way" hf vulns --facts "$TMP/facts" --cve CVE-2021-44228 --why
prints "the internet → tcp/8080 → java (process 70) of shop.service runs"
prints "log4j-core 2.14.1 in /opt/shop/shop.jar!/BOOT-INF/lib/log4j-core-2.14.1.jar"
exits 0 "as a table" hf vulns --facts "$TMP/facts"
prints "tcp/8080 java"
exits 1 "for scripts" hf vulns --facts "$TMP/facts" --fail-on critical
exits 0 "by name" hf vulns --facts "$TMP/facts" --package lodash -f json
# only that
report '[v["source"] for v in r["vulnerabilities"]] == ["lodash"]'

# What has no support is said, where the internet reaches it first; a program's own Go comes last.
cp "$TMP/facts" "$TMP/old"
sqlite3 "$TMP/old" "UPDATE components SET eol_date = '2020-01-02', path = 'x' || char(27) || '[31m'
	WHERE name = 'lodash';
	UPDATE components SET eol_date = '2019-01-02' WHERE name LIKE '%log4j-core';
	UPDATE components SET eol_date = '2999-01-02' WHERE name NOT LIKE '%log4j-core' AND name <> 'lodash';"
exits 0 "what is out of support" hf vulns --facts "$TMP/old"
prints "Out of support, nobody mends what is found in it:"
prints "org.apache.logging.log4j:log4j-core 2.14.1 since 2019-01-02: /opt/shop/shop.jar!/"
prints "which the internet reaches"
prints "  lodash"
expect "nothing of it is a control sequence" sh -c "! LC_ALL=C grep -q '[[:cntrl:]]' '$TMP/out'"
exits 0 "as JSON" hf vulns --facts "$TMP/old" -f json
report '[(u["name"], u["ended"], u["internet"]) for u in r["unsupported"]] == [
	("org.apache.logging.log4j:log4j-core", "2019-01-02", True), ("lodash", "2020-01-02", False)]'
exits 0 "of one alone" hf vulns --facts "$TMP/old" --package lodash -f json
report '[u["name"] for u in r["unsupported"]] == ["lodash"]'
exits 0 "of a vulnerability, none" hf vulns --facts "$TMP/old" --cve CVE-1999-0001 -f json
report 'r["unsupported"] == []'
sqlite3 "$TMP/old" "DELETE FROM component_vulnerabilities; UPDATE components SET critical_cve = '';
	DELETE FROM vulnerabilities; DELETE FROM package_updates; DELETE FROM process_packages"
exits 0 "when nothing else is known" hf vulns --facts "$TMP/old" --fail-on critical
prints "Out of support"
exits 1 "it is a finding" hf vulns --facts "$TMP/old" --fail-on high
sqlite3 "$TMP/old" "UPDATE components SET ecosystem = 'Go' WHERE eol_date < '2021'"
exits 0 "of what is built in, not of that weight" hf vulns --facts "$TMP/old" --fail-on medium
prints "2 that are built into programs of others (--all)"
exits 1 "all the same" hf vulns --facts "$TMP/old" --fail-on low

# The plan names what is to be had from where, and whom to restart, what is reached first.
exits 0 "the plan" hf vulns --facts "$TMP/facts" --plan
prints "# from its maker: org.apache.logging.log4j:log4j-core 2.15.0 or later, instead of 2.14.1 in /opt/shop/shop.jar!/"
prints "systemctl restart shop.service"
prints "npm update --prefix /srv/app lodash"
prints "systemctl restart app.service"
prints " % of the risk"
expect "it is shell" sh -n "$TMP/out"
expect "what is reached comes first" awk '/shop.service/ { a = NR } /app.service/ { b = NR }
	END { exit !(a && a < b) }' "$TMP/out"
exits 0 "as JSON" hf vulns --facts "$TMP/facts" --plan -f json
report '[(s["step"], s["units"]) for s in r["steps"]][:2] == [("reached", ["shop.service"]), ("security", ["app.service"])]'
report 'any(l.startswith("from its maker: org.apache.logging.log4j:log4j-core 2.15.0") for l in r["steps"][0]["by_hand"])'
report 'r["steps"][0]["commands"] == ["systemctl restart shop.service"]'
report '"npm update --prefix /srv/app lodash" in r["steps"][1]["commands"]'
exits 0 "of one alone" hf vulns --facts "$TMP/facts" --plan --package lodash
prints "npm update"
prints_not "log4j"
exits 0 "paths" hf paths --facts "$TMP/facts"
prints "vulnerability CVE-2021-44228  in org.apache.logging.log4j:log4j-core 2.14.1 of /opt/shop/shop.jar!/"
prints_not "CVE-2021-23337"
hf assess --facts "$TMP/facts" --check vuln-exposed -f json >"$TMP/out" 2>"$TMP/err"
report '[(x["check"], x["severity"]) for x in f if x["status"] == "unhealthy"] == [("vuln-exposed", "critical")]'
report 'any("CVE-2021-44228 (exploited), in java on tcp/8080" in x["evidence"] for x in f)'
# What the interpreter would find is no more than that.
sqlite3 "$TMP/facts" "UPDATE component_processes SET how = 'search'"
exits 0 "what may be loaded" hf paths --facts "$TMP/facts"
prints "vulnerability CVE-2021-44228?"
prints "which it may load"
hf assess --facts "$TMP/facts" --check vuln-exposed -f json >"$TMP/out" 2>"$TMP/err"
report '[(x["check"], x["severity"]) for x in f if x["status"] == "unhealthy"] == [("vuln-exposed", "high")]'

# Each in the words of what has installed it; odd names never become a command.
mkdir -p "$TMP/many"
cat >"$TMP/many.sql" <<'E'
DELETE FROM component_processes;
DELETE FROM component_vulnerabilities;
UPDATE components SET critical_cve = '', critical_fixed = '' WHERE critical_cve <> '';
INSERT INTO components(id, ecosystem, kind, name, version, path, layer, package, evidence, product, purl,
	critical_fixed)
SELECT 100 + row_number() OVER (), column1, 'library', column2, '1.0', column3, column4, '', 'x', '', 'pkg:x', ''
FROM (VALUES
	('PyPI', 'flask', '/srv/p/venv/lib/python3.11/site-packages/flask-1.0.dist-info/METADATA', ''),
	('PyPI', 'odd', '/srv/p/$(id)/lib/python3.11/site-packages/odd-1.0.dist-info/METADATA', ''),
	('PyPI', 'layered', '/usr/lib/python3.11/site-packages/layered-1.0.dist-info/METADATA', 'abc'),
	('npm', '@scope/deep', '/usr/local/lib/node_modules/@top/one/node_modules/@scope/deep/package.json', ''),
	('RubyGems', 'rack', '/srv/r/vendor/bundle/ruby/3.1.0/specifications/rack-1.0.gemspec', ''),
	('RubyGems', 'rake', '/usr/local/lib/ruby/gems/3.1.0/specifications/rake-1.0.gemspec', ''),
	('Packagist', 'acme/lib', '/srv/c/vendor/composer/installed.json', ''),
	('WordPress:plugin', 'forms', '/srv/w/wp-content/plugins/forms/forms.php', ''),
	('WordPress:theme', 'twenty', '/srv/w/wp-content/themes/twenty/style.css', ''),
	('Go', 'x' || char(10) || 'id', '/usr/local/bin/tool', ''));
INSERT INTO component_vulnerabilities(component, layer, ecosystem, name, version, id, advisory, severity,
	cvss, score, kev, ransomware, epss, fixed, status)
SELECT id, '', ecosystem, name, version, 'CVE-2026-1', '', 'high', '', 80, 0, 0, NULL, f.column1, 'affected'
FROM components, (VALUES ('1.9'), ('1.10')) f WHERE id > 100;
INSERT INTO component_processes(component, pid, how) SELECT id, 71, 'argument' FROM components WHERE id > 100;
UPDATE component_vulnerabilities SET id = 'CVE-2026-2' WHERE fixed = '1.9';
E
cp "$TMP/facts" "$TMP/many/facts"
sqlite3 "$TMP/many/facts" <"$TMP/many.sql" 2>&1 | sed 's/^/# /'
exits 0 "the plan of many" hf vulns --facts "$TMP/many/facts" --plan
prints "/srv/p/venv/bin/python3.11 -m pip install 'flask>=1.10'"
prints "npm update --global --prefix /usr/local @top/one"
prints "BUNDLE_GEMFILE=/srv/r/Gemfile bundle update rack"
prints "gem install rake --version 1.10"
prints "composer update --working-dir=/srv/c --with-dependencies acme/lib"
prints "wp plugin update forms --path=/srv/w"
prints "wp theme update twenty --path=/srv/w"
prints "# build the image anew: layered 1.10 or later"
prints '# from its maker: odd 1.10 or later, instead of 1.0 in /srv/p/$(id)/lib'
expect "no line of it is another command" awk '!/^(#|\/srv\/p\/venv\/bin\/python3.11 |npm |BUNDLE_GEMFILE=|gem |composer |wp |systemctl )/ { exit 1 }' "$TMP/out"
expect "it is shell" sh -n "$TMP/out"

python3 "$TMP/jar.py" "$ROOT/opt/shop/shop.jar" mended
exits 0 "the class taken out" hf vulns --root "$ROOT" -f json --all
# closes it
report '[v["id"] for v in r["vulnerabilities"]] == ["CVE-2021-23337"]'
finish
