#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""usage: hunt_fail2ban.py ROOT LOG

Fail2ban's own filter and fail manager over a log, with its sshd filter and defaults, without its
server, files, DNS and firewall. ROOT is where its package was unpacked. Prints lines, failures and
bans.
"""
import os
import sys

ROOT, LOG = sys.argv[1:3]
sys.path.insert(0, os.path.join(ROOT, "usr/lib/python3/dist-packages"))

from fail2ban.client.filterreader import FilterReader  # noqa: E402
from fail2ban.server.filter import FileFilter  # noqa: E402
from fail2ban.tests.dummyjail import DummyJail  # noqa: E402


def main():
    reader = FilterReader("sshd", "bench", {}, basedir=os.path.join(ROOT, "etc/fail2ban"))
    reader.read()
    reader.getOptions(None)
    jail = DummyJail()
    filt = FileFilter(jail)
    filt.setUseDns("no")
    filt.checkFindTime = False
    setters = {"addfailregex": filt.addFailRegex, "addignoreregex": filt.addIgnoreRegex,
               "maxlines": filt.setMaxLines, "datepattern": filt.setDatePattern}
    for command in reader.convert():
        if command[2] == "prefregex":
            filt.prefRegex = command[3]
            continue
        values = command[3] if isinstance(command[3], list) else [command[3]]
        for value in values:
            if command[2] in setters:
                setters[command[2]](value)
    lines = 0
    with open(LOG, encoding="utf-8") as log:
        for line in log:
            filt.processLineAndAdd(line.rstrip("\n"))
            lines += 1
    bans = 0
    while jail.getFailTicket():
        bans += 1
    print(lines, filt.failManager.getFailTotal(), bans)


main()
