# SPDX-License-Identifier: GPL-3.0-or-later
# sbom: the bill of materials, its form, what it says of flaws and of what could not be read.
. ./lib.sh

machine debian
cat >"$TMP/status" <<E
Package: openssl
Status: install ok installed
Version: 3.0.16-1~deb12u1
Architecture: amd64
Maintainer: Debian OpenSSL Team <x@tracker.debian.org>

Package: libc6
Source: glibc (2.36-9)
Status: install ok installed
Version: 1:2.36-9+deb12u10
Architecture: amd64
Maintainer: x@debian.org

Package: gone
Status: deinstall ok config-files
Version: 1
Architecture: all
Maintainer: x@debian.org

E
write var/lib/dpkg/status <"$TMP/status"
for p in openssl libc6 gone; do write var/lib/dpkg/info/$p.list </dev/null; done
printf 'Name: Jinja2\nVersion: 3.0.0\n' | write opt/a/Jinja2-3.0.0.dist-info/METADATA
printf 'Name: Jinja2\nVersion: 3.0.0\n' | write opt/b/Jinja2-3.0.0.dist-info/METADATA
printf 'Name: café\nVersion: 1\n' | write opt/b/cafe-1.dist-info/METADATA
echo '{"name":"@babel/core","version":"7.0.0"}' | write srv/node_modules/@babel/core/package.json
python3 - "$ROOT" <<'E'
import sys, zipfile
JNDI = "org/apache/logging/log4j/core/lookup/JndiLookup.class"
POM = "META-INF/maven/org.apache.logging.log4j/log4j-core/pom.properties"
TEXT = "groupId=org.apache.logging.log4j\nartifactId=log4j-core\nversion=%s\n"
for name, version, classes in (("bad", "2.14.1", [JNDI]), ("safe", "2.13.0", ["org/apache/logging/log4j/core/Logger.class"])):
    with zipfile.ZipFile("%s/opt/%s.jar" % (sys.argv[1], name), "w") as z:
        z.writestr(POM, TEXT % version)
        for c in classes:
            z.writestr(c, "x")
E
sbom() { hf sbom "$@"; }
exits 0 "a machine" sbom --root "$ROOT"
says "incomplete, the problems are listed in it"
rm -r "$ROOT/opt/b/cafe-1.dist-info"
cp "$TMP/out" "$TMP/incomplete"
report 'r["compositions"][0]["aggregate"] == "incomplete"'
report 'any("cafe-1.dist-info" in p["value"] for p in r["metadata"]["properties"] if p["name"] == "holdfast:problem")'
exits 0 "without what cannot be read" sbom --root "$ROOT"
quiet
cp "$TMP/out" "$TMP/complete"
report 'r["bomFormat"] == "CycloneDX" and r["specVersion"] == "1.6" and r["version"] == 1'
report 'r["compositions"][0]["aggregate"] == "complete"'
report 'r["metadata"]["component"]["name"] == "debian" and r["metadata"]["component"]["version"] == "12"'
report '[c["purl"] for c in r["components"]] == ["pkg:deb/debian/libc6@1:2.36-9%2Bdeb12u10?arch=amd64&distro=debian-12", "pkg:deb/debian/openssl@3.0.16-1~deb12u1?arch=amd64&distro=debian-12", "pkg:maven/org.apache.logging.log4j/log4j-core@2.13.0", "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1", "pkg:npm/%40babel/core@7.0.0", "pkg:pypi/jinja2@3.0.0"]'
report '[o["location"] for o in r["components"][5]["evidence"]["occurrences"]] == ["/opt/a/Jinja2-3.0.0.dist-info/METADATA", "/opt/b/Jinja2-3.0.0.dist-info/METADATA"]'
report '(r["components"][4]["group"], r["components"][4]["name"]) == ("@babel", "core")'
report '{"name": "holdfast:source", "value": "glibc"} in r["components"][0]["properties"]'
report '[(v["id"], v["analysis"]["state"], v["analysis"].get("justification")) for v in r["vulnerabilities"]] == [("CVE-2021-44228", "not_affected", "code_not_present"), ("CVE-2021-44228", "in_triage", None)]'
report '[v["affects"][0]["versions"][0]["status"] for v in r["vulnerabilities"]] == ["unaffected", "affected"]'

# The form, by our own rules: they must find what is wrong, too.
cat >"$TMP/form.py" <<'E'
import json, re, sys
r = json.load(open(sys.argv[1], encoding="ascii"))
bad = []
def want(ok, what):
    if not ok:
        bad.append(what)
TYPES = {"application", "library", "platform", "operating-system"}
STATES = {"exploitable", "in_triage", "not_affected"}
JUSTIFIED = {"code_not_present", "code_not_reachable"}
want(set(r) == {"$schema", "bomFormat", "specVersion", "serialNumber", "version", "metadata",
                "components", "vulnerabilities", "compositions"}, "members")
want(re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", r["serialNumber"]), "serial")
want(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", r["metadata"]["timestamp"]), "timestamp")
refs = [c["bom-ref"] for c in r["components"]] + [r["metadata"]["component"]["bom-ref"]] + [
    v["bom-ref"] for v in r["vulnerabilities"]]
want(len(refs) == len(set(refs)), "references are unique")
for c in r["components"]:
    want(c["type"] in TYPES and c["name"] and re.fullmatch(r"pkg:[a-z.+-]+/[!-~]+", c["purl"]), c)
for v in r["vulnerabilities"]:
    want(v["analysis"]["state"] in STATES, v)
    want(v["analysis"].get("justification", "code_not_present") in JUSTIFIED, v)
    want((v["analysis"]["state"] == "not_affected") == ("justification" in v["analysis"]), v)
    want(all(a["ref"] in refs for a in v["affects"]), v)
print(bad)
sys.exit(bool(bad))
E
expect "its form is right" python3 "$TMP/form.py" "$TMP/complete"
sed 's/"bom-ref":"pkg:npm[^"]*"/"bom-ref":"operating-system"/' "$TMP/complete" >"$TMP/broken"
expect "a reference that stands twice is noticed" sh -c "! python3 '$TMP/form.py' '$TMP/broken'"
sed 's/"in_triage"/"fine"/' "$TMP/complete" >"$TMP/broken"
expect "a state that there is not is noticed" sh -c "! python3 '$TMP/form.py' '$TMP/broken'"

export SOURCE_DATE_EPOCH=1700000000
exits 0 "with SOURCE_DATE_EPOCH" sbom --root "$ROOT"
cp "$TMP/out" "$TMP/first"
report 'r["metadata"]["timestamp"] == "2023-11-14T22:13:20Z"'
exits 0 "and again, to a file" sbom --root "$ROOT" -o "$TMP/second"
expect "the same bytes" cmp "$TMP/first" "$TMP/second"
expect "which others cannot read" test "$(stat -c %a "$TMP/second")" = 600
exits 2 "SOURCE_DATE_EPOCH that is no time" env SOURCE_DATE_EPOCH=soon "$HOLDFAST" sbom --root "$ROOT"
says "SOURCE_DATE_EPOCH is no time"
unset SOURCE_DATE_EPOCH
exits 0 "facts" hf collect -o "$TMP/facts" --root "$ROOT"
exits 0 "from facts" sbom --facts "$TMP/facts"
report 'len(r["components"]) == 6'
exits 0 "plain" sbom --root "$ROOT" -f json
report '[c["name"] for c in r["components"]][-1] == "jinja2" and r["machine"]["complete"] is True'
report '[p["path"] for p in r["components"][-1]["places"]][0] == "/opt/a/Jinja2-3.0.0.dist-info/METADATA"'
exits 0 "--quick" sbom --root "$ROOT" --quick
says "incomplete"
exits 2 "a format that there is not" sbom --format spdx
exits 2 "an argument" sbom x
exits 3 "a folder that is not there" sbom --root "$TMP/none"
exits 3 "a file that cannot be written" sbom --root "$ROOT" -o "$TMP/none/x"

machine layers
D=var/lib/docker
printf 'sha256:d1' | write $D/image/overlay2/layerdb/sha256/c1/diff
printf 'base' | write $D/image/overlay2/layerdb/sha256/c1/cache-id
echo '{"rootfs":{"diff_ids":["sha256:d1"]}}' | write $D/image/overlay2/imagedb/content/sha256/i1
echo '{"Repositories":{"shop":{"shop:1":"sha256:i1"}}}' | write $D/image/overlay2/repositories.json
printf 'ID=debian\nVERSION_ID="12"\n' | write $D/overlay2/base/diff/etc/os-release
write $D/overlay2/base/diff/var/lib/dpkg/status <"$TMP/status"
write var/lib/dpkg/status <"$TMP/status"
exits 0 "the same packages on the machine and in an image" sbom --root "$ROOT"
report '[c["bom-ref"][:13] for c in r["components"]] == ["pkg:deb/debia", "pkg:deb/debia", "base/pkg:deb/", "base/pkg:deb/"]'
report 'r["components"][2]["evidence"]["occurrences"] == [{"location": "/var/lib/docker/overlay2/base/diff", "additionalContext": "image shop:1; layer base"}]'
expect "its form is right" python3 "$TMP/form.py" "$TMP/out"
cp "$TMP/out" "$TMP/contained"

tree empty
exits 0 "an empty tree" sbom --root "$ROOT"
report 'r["components"] == [] and r["vulnerabilities"] == []'
expect "its form is right" python3 "$TMP/form.py" "$TMP/out"
cp "$TMP/out" "$TMP/none"

# CycloneDX' own library, where it can be had.
if python3 -m venv "$TMP/venv" 2>/dev/null && timeout 300 "$TMP/venv/bin/pip" -q \
	--disable-pip-version-check --retries 1 --timeout 10 install \
	'cyclonedx-python-lib[json-validation]' >"$TMP/pip" 2>&1; then
	cat >"$TMP/validate.py" <<'E'
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read())
print(repr(error)[:1500])
sys.exit(error is not None)
E
	for f in complete incomplete contained none first; do
		expect "valid by cyclonedx-python-lib: $f" "$TMP/venv/bin/python" "$TMP/validate.py" "$TMP/$f"
	done
	expect "which notices what is not" sh -c \
		"! '$TMP/venv/bin/python' '$TMP/validate.py' '$TMP/broken'"
else
	N=$((N + 1))
	echo "ok $N # SKIP cyclonedx-python-lib cannot be installed here"
fi
finish
