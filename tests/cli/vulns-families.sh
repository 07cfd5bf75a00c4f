# SPDX-License-Identifier: GPL-3.0-or-later
# holdfast vulns on trees of Red Hat's family and of Alpine, from the feed of the publisher (CSAF and
# VEX, secdb) to the finding. Packages are made by rpmbuild and installed by rpm.
. ./lib.sh

for program in python3 rpmbuild rpm; do
	command -v $program >/dev/null || skip "no $program"
done
: "${TMP:?}"
V='{x["id"]: x for x in r["vulnerabilities"]}'

# NAME EPOCH VERSION RELEASE [MODULE LABEL]
spec() {
	printf 'Name: %s\nEpoch: %s\nVersion: %s\nRelease: %s\n' "$1" "$2" "$3" "$4"
	[ -z "${5:-}" ] || printf 'ModularityLabel: %s\n' "$5"
	printf 'Summary: test\nLicense: MIT\nVendor: Red Hat, Inc.\n%%description\ntest\n%%files\n'
}
pack() {
	spec "$@" >"$TMP/rpm/$1.spec"
	HOME="$TMP/rpm" rpmbuild --define "_topdir $TMP/rpm/top" --target x86_64 -bb \
		"$TMP/rpm/$1.spec" >"$TMP/rpm/log" 2>&1 || skip "rpmbuild does not work here"
}
mkdir -p "$TMP/rpm" "$TMP/docs"
pack openssh-server 0 8.7p1 38.el9
pack bash 0 5.1.8 9.el9
pack bind 32 9.16.23 18.el9_4.1
pack sudo 0 1.9.5p2 10.el9_3
pack vim-enhanced 2 8.2.2637 20.el9_1
pack kernel-core 0 5.14.0 427.13.1.el9_4
pack kernel-headers 0 5.14.0 427.13.1.el9_4
pack postgresql-server 0 15.6 1.module+el9.4.0+21530+1.x86_64 'postgresql:15:9040020240507:rhel9'

tree rhel
: "${ROOT:?}"
printf 'NAME="Red Hat Enterprise Linux"\nID="rhel"\nVERSION_ID="9.4"\nPRETTY_NAME="Red Hat Enterprise Linux 9.4 (Plow)"\n' |
	write etc/os-release
mkdir -p "$ROOT/var/lib/rpm"
write lib/modules/5.14.0-427.13.1.el9_4.x86_64/modules.dep <<'E'
E
find "$TMP/rpm/top/RPMS" -name '*.rpm' >"$TMP/rpm/list"
HOME="$TMP/rpm" xargs rpm --define '_db_backend sqlite' --root "$ROOT" --dbpath /var/lib/rpm -i \
	--justdb --nodeps --noscripts --ignorearch --ignoreos <"$TMP/rpm/list" >"$TMP/rpm/log" 2>&1 ||
	skip "rpm cannot install below a folder here"

# Documents as Red Hat publishes them: a file a CVE.
cat >"$TMP/vex.py" <<'E'
import json, sys

CPE = {"BaseOS-9.4.0.Z.MAIN": "cpe:/o:redhat:enterprise_linux:9::baseos",
       "AppStream-9.4.0.Z.MAIN": "cpe:/a:redhat:enterprise_linux:9::appstream",
       "BaseOS-8.10.0.Z.MAIN": "cpe:/o:redhat:enterprise_linux:8::baseos",
       "red_hat_enterprise_linux_9": "cpe:/o:redhat:enterprise_linux:9"}

def document(cve, severity, fixed=(), affected=(), clean=(), wont=False):
    products, relations = [], []
    status = {"fixed": [], "known_affected": [], "known_not_affected": []}

    def component(name, version, module):
        file = name + (("-" + version) if version else "")
        epoch, _, rest = version.rpartition(":")
        purl = "pkg:rpm/redhat/" + name + (("@" + rest + "?arch=x86_64") if rest else "")
        if epoch and epoch != "0":
            purl += "&epoch=" + epoch
        if module:
            purl += ("&" if "?" in purl else "?") + "rpmmod=" + module
        products.append({"category": "product_version", "name": file, "product": {
            "name": file, "product_id": file, "product_identification_helper": {"purl": purl}}})
        return file

    def relate(kind, platform, file):
        full = platform + ":" + file
        relations.append({"category": "default_component_of", "product_reference": file,
                          "relates_to_product_reference": platform,
                          "full_product_name": {"name": full, "product_id": full}})
        status[kind].append(full)

    for platform, name, version, *module in fixed:
        relate("fixed", platform, component(name, version, module[0] if module else ""))
    for platform, name in affected:
        relate("known_affected", platform, component(name, "", ""))
    for platform, name in clean:
        relate("known_not_affected", platform, component(name, "", ""))
    platforms = [{"category": "product_name", "name": p, "product": {
        "name": p, "product_id": p, "product_identification_helper": {"cpe": cpe}}}
        for p, cpe in CPE.items()]
    vuln = {"cve": cve, "product_status": {k: v for k, v in status.items() if v},
            "scores": [{"cvss_v3": {"vectorString": "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H",
                                    "baseScore": 8.1, "version": "3.1"},
                        "products": status["fixed"]}],
            "threats": [{"category": "impact", "details": severity}]}
    if wont:
        vuln["remediations"] = [{"category": "no_fix_planned", "details": "Will not fix",
                                 "product_ids": status["known_affected"]}]
    return {"document": {"category": "csaf_vex", "csaf_version": "2.0", "title": cve,
                         "publisher": {"category": "vendor", "name": "Red Hat Product Security",
                                       "namespace": "https://www.redhat.com"},
                         "tracking": {"id": cve, "status": "final", "version": "1",
                                      "current_release_date": "2026-10-01T00:00:00+00:00",
                                      "initial_release_date": "2026-09-01T00:00:00+00:00"}},
            "product_tree": {"branches": [{"category": "vendor", "name": "Red Hat", "branches": [
                {"category": "product_family", "name": "Red Hat Enterprise Linux",
                 "branches": platforms},
                {"category": "architecture", "name": "x86_64", "branches": products}]}],
                "relationships": relations},
            "vulnerabilities": [vuln]}

B, A, OLD, ANY = list(CPE)[0], list(CPE)[1], list(CPE)[2], list(CPE)[3]
documents = [
    document("CVE-2024-6387", "Important", [(B, "openssh-server", "8.7p1-38.el9_4.1")],
             clean=[(OLD, "openssh")]),
    # installed as it is mended, or newer
    document("CVE-2022-3715", "Moderate", [(B, "bash", "5.1.8-6.el9_1"),
                                           (OLD, "bash", "4.4.20-99.el8")]),
    document("CVE-2024-11187", "Important", [(B, "bind", "32:9.16.23-18.el9_4.6")]),
    # the epoch decides: 9.18 is older than 32:9.16
    document("CVE-2000-0001", "Low", [(B, "bind", "31:9.18.1-1.el9")]),
    # of another release of the system
    document("CVE-2023-28487", "Moderate", [(OLD, "sudo", "1.9.5p2-99.el8")]),
    document("CVE-2021-3903", "Low", affected=[(ANY, "vim-enhanced")], wont=True),
    document("CVE-2024-1086", "Important", [(B, "kernel-core", "5.14.0-427.16.1.el9_4"),
                                            (B, "kernel-headers", "5.14.0-427.16.1.el9_4")]),
    # each stream of a module is mended in a version of its own
    document("CVE-2024-7348", "Important", [
        (A, "postgresql-server", "15.8-1.module+el9.4.0+22233+1", "postgresql:15:9040020240817:rhel9"),
        (A, "postgresql-server", "16.4-1.module+el9.4.0+22234+1", "postgresql:16:9040020240817:rhel9")]),
    document("CVE-2024-0985", "Important", [
        (A, "postgresql-server", "15.6-1.module+el9.3.0+21283+1", "postgresql:15:9030020240214:rhel9"),
        (A, "postgresql-server", "16.2-1.module+el9.4.0+21284+1", "postgresql:16:9040020240214:rhel9")]),
    document("CVE-2024-4317", "Low", [
        (A, "postgresql-server", "16.3-1.module+el9.4.0+22000+1", "postgresql:16:9040020240614:rhel9")]),
]
for d in documents:
    with open("%s/%s.json" % (sys.argv[1], d["document"]["tracking"]["id"].lower()), "w") as f:
        json.dump(d, f)
E
python3 "$TMP/vex.py" "$TMP/docs"
exits 0 "VEX of Red Hat is imported" hf feed --dir "$TMP/feeds" import "$TMP/docs"
exits 0 "a tree of RHEL 9" hf vulns --root "$ROOT" --feeds "$TMP/feeds" --all -f json
# what is vulnerable, and nothing else
report 'sorted(x["id"] for x in r["vulnerabilities"]) == ["CVE-2021-3903", "CVE-2024-1086",
	"CVE-2024-11187", "CVE-2024-6387", "CVE-2024-7348"]'
# with the fix and the words of Red Hat
report "(lambda v: (v['packages'], v['fixed'], v['severity']) ==
	(['openssh-server'], '8.7p1-38.el9_4.1', 'high'))(($V)['CVE-2024-6387'])"
report "($V)['CVE-2024-11187']['fixed'] == '32:9.16.23-18.el9_4.6'"
report "(lambda v: (v['status'], v['fixed']) == ('will not fix', None))(($V)['CVE-2021-3903'])"
# of the kernel, not of its headers
report "($V)['CVE-2024-1086']['packages'] == ['kernel-core']"
# of the stream that is installed
report "($V)['CVE-2024-7348']['fixed'] == '15.8-1.module+el9.4.0+22233+1'"
sed -i 's/^ID=.*/ID=rocky/' "$ROOT/etc/os-release"
exits 0 "advisories of another distribution" hf vulns --root "$ROOT" --feeds "$TMP/feeds" --all -f json
# do not count, and that is said
report 'r["vulnerabilities"] == [] and any("say nothing of Rocky Linux:9" in p for p in r["problems"])'

# Alpine: fixes by the name of the source, which the database calls origin.
tree alpine
: "${ROOT:?}"
printf 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.20.3\nPRETTY_NAME="Alpine Linux v3.20"\n' |
	write etc/os-release
apk() { # name version origin
	printf 'C:Q1qKcZ+j23xssAXmgQhkOO8dHnbWw=\nP:%s\nV:%s\nA:x86_64\nS:1\nI:1\nT:x\nU:x\nL:MIT\no:%s\nm:x\nt:1720000000\nc:0\nF:\n\n' \
		"$1" "$2" "$3"
}
{
	apk libcrypto3 3.3.1-r0 openssl
	apk libssl3 3.3.1-r0 openssl
	apk busybox 1.36.1-r29 busybox
	apk ssl_client 1.36.1-r29 busybox
	apk zlib 1.3.1-r1 zlib
	apk expat 2.6.2_p1-r0 expat
	apk linux-lts 6.6.30-r0 linux-lts
	apk linux-headers 6.6.30-r0 linux-headers
	apk openssl-doc 3.3.1-r0 openssl-doc
} | write lib/apk/db/installed
write lib/modules/6.6.30-0-lts/modules.dep <<'E'
E
cat >"$TMP/main.json" <<'E'
{"apkurl": "{{urlprefix}}/{{distroversion}}/{{reponame}}/{{arch}}/{{pkg.name}}-{{pkg.ver}}.apk",
 "archs": ["x86_64"], "reponame": "main", "urlprefix": "https://dl-cdn.alpinelinux.org/alpine",
 "distroversion": "v3.20", "packages": [
 {"pkg": {"name": "openssl", "secfixes": {"3.3.0-r3": ["CVE-2024-4741"], "3.3.1-r1": ["CVE-2024-5535"],
	"3.3.2-r0": ["CVE-2024-6119"], "0": ["CVE-2022-1292"]}}},
 {"pkg": {"name": "busybox", "secfixes": {"1.36.1-r25": ["CVE-2023-42366"],
	"1.36.1-r30": ["CVE-2023-42363 (+ regression fix)", "CVE-2023-42364 CVE-2023-42365"]}}},
 {"pkg": {"name": "libcrypto3", "secfixes": {"9.9.9-r0": ["CVE-2000-0002"]}}},
 {"pkg": {"name": "expat", "secfixes": {"2.6.2-r1": ["CVE-2000-0003"], "2.6.3-r0": ["CVE-2024-45490"]}}},
 {"pkg": {"name": "linux-lts", "secfixes": {"6.6.31-r0": ["CVE-2024-27397"]}}},
 {"pkg": {"name": "zlib", "secfixes": []}}]}
E
exits 0 "secdb of Alpine is imported" hf feed --dir "$TMP/feeds2" import "$TMP/main.json"
exits 0 "a tree of Alpine 3.20" hf vulns --root "$ROOT" --feeds "$TMP/feeds2" --all -f json
# what is vulnerable, and nothing else: no binary name for a source, 2.6.2_p1 is newer than 2.6.2-r1
report 'sorted((x["id"], x["fixed"]) for x in r["vulnerabilities"]) == [
	("CVE-2023-42363", "1.36.1-r30"), ("CVE-2023-42364", "1.36.1-r30"),
	("CVE-2023-42365", "1.36.1-r30"), ("CVE-2024-27397", "6.6.31-r0"), ("CVE-2024-45490", "2.6.3-r0"),
	("CVE-2024-5535", "3.3.1-r1"), ("CVE-2024-6119", "3.3.2-r0")]'
report "($V)['CVE-2024-6119']['packages'] == ['libcrypto3', 'libssl3']"
# the kernel that would start, not its headers
report "($V)['CVE-2024-27397']['packages'] == ['linux-lts']"
report "($V)['CVE-2023-42363']['packages'] == ['busybox', 'ssl_client']"
sed -i 's/^VERSION_ID=.*/VERSION_ID=3.19.1/' "$ROOT/etc/os-release"
exits 0 "fixes of another branch" hf vulns --root "$ROOT" --feeds "$TMP/feeds2" --all -f json
# do not count
report 'r["vulnerabilities"] == [] and any("say nothing of Alpine:3.19" in p for p in r["problems"])'
finish
