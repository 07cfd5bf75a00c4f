#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sigma documents with one thing wrong: what the specification's JSON schemas say of them, and what
`holdfast rules check` says.

Usage: sigma_schema.py HOLDFAST
"""
import copy
import json
import os
import subprocess
import sys
import tempfile

from tap import ok, plan, skip, skip_all

HOLDFAST = os.path.abspath(sys.argv[1])
SCHEMAS = os.path.join("..", "shared", "corpora", "sigma", "spec", "json-schema")
RULE = {
    "title": "t", "id": "929a690e-bef0-4204-a928-ef5e620d6fcc", "name": "one", "status": "test",
    "description": "d", "references": ["https://example.com"], "author": "a", "date": "2025-08-02",
    "tags": ["attack.t1059"], "logsource": {"product": "linux", "category": "process_creation"},
    "detection": {"s": {"Image|endswith": "/sh"}, "w": ["word", 5], "condition": "s or w"},
    "fields": ["Image"], "falsepositives": ["Unlikely"], "level": "high",
}
CORRELATION = {
    "title": "t", "id": "0e95725d-7320-415d-80f7-004da920fc12", "level": "high",
    "correlation": {"type": "value_count", "rules": ["one"], "group-by": ["User"],
                    "timespan": "1h", "condition": {"field": "User", "gte": 3},
                    "aliases": {"User": {"one": "Image"}}},
}
FILTER = {
    "title": "t", "logsource": {"product": "linux"},
    "filter": {"rules": ["one"], "selection": {"User|startswith": "adm_"},
               "condition": "selection"},
}
# What only people read is no reason to refuse a rule.
READ_BY_PEOPLE = ("id", "name", "status", "description", "references", "author", "date", "tags",
                  "falsepositives", "fields")
WRONG = [None, 5, "", "x", True, [], {}, ["x"], {"x": "y"}, [[1]], {"x": {"y": 1}}]
# Path prefix -> why both need not agree there.
KNOWN = {
    "logsource": "the schema takes an empty one",
    "detection.s": "the schema takes any object", "detection.w": "the schema takes any list",
    "detection.condition": "a list of conditions is in the text, not in the schema",
    "correlation.group-by": "the schema wants two letters of a name",
    "correlation.rules": "the schema takes an empty list",
    "correlation.timespan": "the schema has no form for it",
    "correlation.condition": "the schema takes a condition of every type",
    "correlation.aliases": "the schema takes any object",
    "filter.rules": "any rule, as pySigma has it", "filter.selection": "the name is free",
    "filter.condition": "a list of conditions", "title": "text that is a number is text",
    "level": "the schema takes none", "correlation.type": "three types are not possible here",
}


def paths(doc, above=()):
    for key, value in doc.items():
        yield above + (key,)
        if isinstance(value, dict) and len(above) < 1:
            yield from paths(value, above + (key,))


def variants(doc):
    """Name, path and document of everything that is left out or replaced."""
    for path in paths(doc):
        if path[0] in READ_BY_PEOPLE:
            continue
        for wrong in ["(none)"] + WRONG:
            new = copy.deepcopy(doc)
            at = new
            for key in path[:-1]:
                at = at[key]
            if wrong == "(none)":
                del at[path[-1]]
            else:
                at[path[-1]] = wrong
            yield ".".join(path), wrong, new


def ours(folder, documents):
    """File -> refused, of documents that are one file each."""
    for name, document in documents.items():
        with open(os.path.join(folder, name), "w", encoding="ascii") as f:
            f.write(json.dumps(document))
    run = subprocess.run([HOLDFAST, "rules", "check", "--format", "json", folder], check=False,
                         capture_output=True)
    if run.returncode not in (0, 1):
        sys.exit(run.stderr.decode())
    refused = {}
    for rule in json.loads(run.stdout)["rules"]:
        refused[os.path.basename(rule["file"])] = rule.get("reason")
    return refused


def main():
    try:
        import jsonschema
    except ImportError:
        skip_all("needs python3-jsonschema")
    if not os.path.isdir(SCHEMAS):
        skip_all("the corpora are not there")
    for document, schema, alone in ((RULE, "sigma-detection-rule-schema.json", True),
                                    (CORRELATION, "sigma-correlation-rules-schema.json", False),
                                    (FILTER, "sigma-filters-schema.json", False)):
        with open(os.path.join(SCHEMAS, schema), encoding="utf-8") as f:
            validator = jsonschema.Draft7Validator(json.load(f))
        cases = list(variants(document)) + [("", "as it is", document)]
        documents = {"%d.yml" % i: case[2] for i, case in enumerate(cases)}
        if not alone:
            documents["base.yml"] = RULE
        with tempfile.TemporaryDirectory() as folder:
            refused = ours(folder, documents)
        for i, (path, wrong, new) in enumerate(cases):
            reason = refused.get("%d.yml" % i)
            want = not validator.is_valid(new)
            known = [why for prefix, why in KNOWN.items()
                     if path == prefix or path.startswith(prefix + ".")]
            good = want == bool(reason)
            name = "%s: %s is %s" % (schema.split("-")[1], path, json.dumps(wrong))
            name = name.replace("#", ".")
            if known and not good:
                skip(name, known[0])
            else:
                ok(good, name, "schema %s, here: %s" % ("refuses" if want else "takes", reason))
    return plan()


sys.exit(main())
