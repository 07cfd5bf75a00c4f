# SPDX-License-Identifier: GPL-3.0-or-later
"""Made-up feeds of the shape and the amounts that their publishers had in 2025: Debian's tracker
(46,000 pairs of source and CVE in bookworm, 3,600 sources), OSV's archives of PyPI (17,000 records)
and npm (6,000 advisories, the rest malicious packages)."""
import json
import random
import zipfile

SYLLABLES = ("lib core net util data web json xml http auth cli node react vue py django flask "
             "test kit flow base form view state chart sql mongo cloud aws file path stream "
             "parser config logger cache queue event socket crypto hash image video mail").split()
LETTERS = "23456789cfghjmpqrvwx"
TEXT = ("An issue was discovered in the affected component: a crafted request may lead to a buffer "
        "overflow, denial of service or disclosure of information when the input is not checked. ")
VECTORS = ["CVSS:3.1/AV:%s/AC:%s/PR:%s/UI:%s/S:%s/C:%s/I:%s/A:%s" % tuple(v) for v in (
    "NLNNUHHH", "NLNNUHNN", "NLNRCLLN", "LLLNUHHH", "NHNNUNNH", "NLLNULLN", "NLNNUNNH", "NLNNCHHH")]


def name(r, scope=False):
    text = "-".join(r.choice(SYLLABLES) for _ in range(r.choice((1, 2, 2, 2, 3, 3))))
    text += r.choice(("", "", "", str(r.randrange(100)), "js", "x"))
    return "@%s/%s" % (r.choice(SYLLABLES), text) if scope and r.random() < 0.2 else text


def names(r, n, scope=False):
    found = set()
    while len(found) < n:
        found.add(name(r, scope) + (str(r.randrange(1000)) if len(found) > n // 2 else ""))
    return sorted(found)


def cve(r):
    year = min(2025, int(r.triangular(2003, 2026, 2024)))
    return "CVE-%d-%04d" % (year, r.randrange(1, 12000 if year < 2014 else 50000))


def version(r):
    return "%d.%d.%d" % (min(r.randrange(9), r.randrange(9)), r.randrange(20), r.randrange(12))


def deb_version(r):
    return "%s%s-%d%s" % (r.choice(("", "", "", "1:", "2:")), version(r), r.randrange(1, 6),
                          r.choice(("", "", "+deb12u1", "+deb12u2", "~deb12u1", "+dfsg-1")))


def debian(path, pairs=46_000, sources=3_600):
    """Few sources have most of the vulnerabilities; one upload fixes several."""
    r = random.Random(12)
    all_names = names(r, sources)
    weights = [1 / (i + 4) for i in range(sources)]
    r.shuffle(all_names)
    found = {n: {} for n in all_names}
    while pairs:
        package = r.choices(all_names, weights)[0]
        fixed = deb_version(r)
        for _ in range(min(pairs, r.choice((1, 1, 2, 3, 5)))):
            release = {"status": "resolved", "repositories": {"bookworm": fixed},
                       "fixed_version": fixed, "urgency": r.choice(
                           ("not yet assigned",) * 6 + ("low", "medium", "unimportant"))}
            if r.random() < 0.25:
                release = {"status": "open", "repositories": {"bookworm": deb_version(r)},
                           "urgency": "not yet assigned", "nodsa": "Minor issue",
                           "nodsa_reason": r.choice(("", "postponed", "ignored"))}
            found[package][cve(r)] = {
                "description": TEXT, "scope": "local", "releases": {
                    "bookworm": release,
                    "bullseye": {"status": "resolved", "fixed_version": "0", "urgency": "low"},
                    "sid": {"status": "resolved", "fixed_version": fixed, "urgency": "low"}}}
            pairs -= 1
    with open(path, "w", encoding="utf-8") as f:
        json.dump({n: v for n, v in found.items() if v}, f)


def advisory(r, ecosystem, package):
    events = []
    for _ in range(r.choice((1, 1, 1, 1, 2, 3))):
        events.append([{"introduced": "0" if not events else version(r)},
                       {r.choice(("fixed",) * 9 + ("last_affected",)): version(r)}])
    return {"schema_version": "1.6.0",
            "id": "GHSA-" + "-".join("".join(r.choice(LETTERS) for _ in range(4))
                                     for _ in range(3)),
            "modified": "2025-01-01T00:00:00Z", "published": "2024-01-01T00:00:00Z",
            "aliases": [cve(r)], "summary": TEXT, "details": TEXT * 5,
            "severity": [{"type": "CVSS_V3", "score": r.choice(VECTORS)}],
            "database_specific": {"severity": "HIGH", "cwe_ids": ["CWE-79"]},
            "references": [{"type": "WEB", "url": "https://example.org/" + "x" * 40}] * 5,
            "affected": [{"package": {"ecosystem": ecosystem, "name": package, "purl": "pkg:x/y"},
                          "ranges": [{"type": "SEMVER", "events": e} for e in events]}]}


def malicious(r, ecosystem, package, i):
    return {"schema_version": "1.5.0", "id": "MAL-%d-%d" % (r.choice((2022, 2023, 2024, 2025)), i),
            "modified": "2025-01-01T00:00:00Z", "published": "2024-01-01T00:00:00Z",
            "summary": "Malicious code in " + package, "details": TEXT * 3,
            "affected": [{"package": {"ecosystem": ecosystem, "name": package},
                          "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}],
                          "database_specific": {"cwes": [{"cweId": "CWE-506"}]}}],
            "database_specific": {"malicious-packages-origins": [{"sha256": "0" * 64}]}}


def osv(path, ecosystem, advisories, packages, attacks):
    r = random.Random(ecosystem)
    known = names(r, packages, ecosystem == "npm")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as z:
        for i in range(advisories):
            z.writestr("GHSA-%d.json" % i, json.dumps(advisory(r, ecosystem, r.choice(known))))
        for i, package in enumerate(names(r, attacks, ecosystem == "npm")):
            z.writestr("MAL-%d.json" % i, json.dumps(malicious(r, ecosystem, package, i)))
