#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/knock.md is enough for another implementation: knock_other.py, which was written from it, makes the
page's test vectors byte for byte, opens what holdfast sends, and holdfast opens what it makes.

usage: jit_page.py HOLDFAST KNOCK_PRINT SOURCE"""
import base64
import ipaddress
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from knock_other import (Host, Refused, content, datagram, marked, open_box,  # noqa: E402
                         public_of, read_request, read_signature, request, seal, sign, sign_by_token, string)
from tap import ok, plan  # noqa: E402

SEED, ANN, BOB, FRESH = (bytes([n]) * 32 for n in (2, 1, 3, 5))
HOST = Host(public_of(SEED), SEED)
FIRST = {"action": "open", "id": b"\7" * 16, "time": 1790000000123, "seconds": 7200, "account": "ann",
         "ports": [(6, 22), (17, 51820)], "reason": "deploy größe"}
SECOND = {"action": "extend", "id": b"\x08" * 16, "time": 1790000000123, "seconds": 600, "account": "ann",
          "source": (ipaddress.ip_address("2001:db8::"), 64)}
THIRD = {"action": "approve", "id": b"\x09" * 16, "subject": b"\x08" * 16, "time": 1790000000123,
         "account": "bob", "source": (ipaddress.ip_address("203.0.113.7"), 32), "reason": "ok"}
TEXT = request(HOST, **FIRST)
KNOCK_PRINT = ""
TOP = ""


def host_key_file():
    """The host's key as sshd has it (OpenSSH's PROTOCOL.key, without a pass phrase)."""
    public = public_of(SEED)
    private = struct.pack(">II", 1, 1) + string(b"ssh-ed25519") + string(public) + string(SEED + public) + \
        string(b"")
    private += bytes(range(1, 9))[:-len(private) % 8]
    whole = b"openssh-key-v1\0" + string(b"none") * 2 + string(b"") + struct.pack(">I", 1) + \
        string(HOST.blob) + string(private)
    text = base64.encodebytes(whole).decode()
    with open(os.path.join(TOP, "host"), "w", encoding="ascii") as f:
        f.write("-----BEGIN OPENSSH PRIVATE KEY-----\n%s-----END OPENSSH PRIVATE KEY-----\n" % text)


def holdfast_says(data):
    done = subprocess.run([KNOCK_PRINT, os.path.join(TOP, "host")], capture_output=True, text=True,
                          input=base64.b64encode(data).decode() + "\n", check=False)
    return done.stdout.strip()


def vectors(page):
    """The page's numbers and blocks, against those that are made here."""
    found = dict(re.findall(r"^\| ([^|]+) \| `([A-Za-z0-9+/=]{40,})`", page, re.M))
    made = {"blob of the host's key": base64.b64encode(HOST.blob).decode(), "its SHA-256": HOST.digest.hex(),
            "K": HOST.mark.hex(), "as X25519": HOST.x25519.hex()}
    ok(found == made, "the numbers of the host's key", found, made)
    blocks = [bytes.fromhex(b) for b in re.findall(r"^```\n([0-9a-f\n]+)```$", page, re.M)]
    two, three = request(HOST, **SECOND), request(HOST, **THIRD)
    made = [TEXT, datagram(HOST, FRESH, TEXT, sign(ANN, TEXT)),
            datagram(HOST, FRESH, two, sign(ANN, two), sign(BOB, two)),
            datagram(HOST, FRESH, three, sign_by_token(BOB, three))]
    ok(len(blocks) == len(made), "the page has a request and three datagrams", len(blocks))
    for name, there, here in zip(("request", "1", "2", "3"), blocks, made):
        ok(there == here, "vector %s is made byte for byte" % name, there.hex(), here.hex())
    for name, data, keys in (("1", blocks[1], [(ANN, 0)]), ("2", blocks[2], [(ANN, 0), (BOB, 0)]),
                             ("3", blocks[3], [(BOB, 1)])):
        text, signatures = open_box(HOST, data)
        got = [read_signature(s, text) for s in signatures]
        ok(len(got) == len(keys) and all(public_of(k) in g[0] and f == g[1] for (k, f), g in zip(keys, got)) and
           read_request(HOST, text)["account"] == ("bob" if name == "3" else "ann"),
           "vector %s opens, its signatures hold" % name, got)
    said = [holdfast_says(b).split("|") for b in blocks[1:]]
    ok([s[:2] + [s[5]] for s in said] == [["good", "ann", "-/0"], ["good", "ann", "2001:db8::/64"],
                                          ["good", "bob", "203.0.113.7/32"]], "holdfast takes all three", said)


def again(text, *signatures):
    return datagram(HOST, FRESH, text, *(signatures or [sign(ANN, text)]))


def changed(**what):
    return again(request(HOST, **{**FIRST, **what}))


def byte_of(data, at, value=None):
    data = bytearray(data)
    data[at] = data[at] ^ 4 if value is None else value
    return bytes(data)


def resealed(plain):
    return marked(HOST, seal(HOST.x25519, plain, FRESH))


def refusals():
    """What the page's last table changes in the first vector: row by row, and what the log says."""
    mine, plain = sign(ANN, TEXT), content(TEXT, sign(ANN, TEXT))
    good = again(TEXT)
    many = FIRST["ports"] * 5
    elsewhere = Host(public_of(BOB))
    text = request(HOST, **{**FIRST, "source": (ipaddress.ip_address("203.0.113.7"), 32)})
    at = text.index(b"\x04\xcb\x00\x71\x07")
    five = text[:at] + b"\x05" + text[at + 1:at + 5] + b"\0" + text[at + 5:]
    return [
        [byte_of(good, i) for i in (1, 16, 17, 60, len(good) - 1)],
        [marked(HOST, byte_of(good, i)[17:]) for i in (17, 50, len(good) - 1)],
        [resealed(byte_of(plain, -1, 1)), resealed(plain + bytes(128)), resealed(plain.rstrip(b"\0"))],
        [again(b"\2" + TEXT[1:]), changed(ports=[]), changed(ports=many[:9]), changed(ports=[(6, 0)]),
         changed(ports=[(1, 22)]), again(TEXT[:1] + b"\5" + TEXT[2:]), changed(seconds=2592001),
         again(TEXT + b"\0")],
        [changed(account="a\nb"), changed(reason="\x1b[2J"), changed(reason="\x9b2J"),
         changed(source=(ipaddress.ip_address("203.0.113.7"), 33)), again(five)],
        [resealed(content(TEXT)), again(TEXT, mine, mine, mine)],
        [again(request(elsewhere, **FIRST))],
        [again(request(HOST, **{**FIRST, "account": "root"}), mine), again(TEXT, sign(ANN, TEXT, b"file"))]]


def negatives(page):
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", page[page.index("| what is changed"):], re.M)[1:]
    cases = refusals()
    ok(len(rows) == len(cases), "each row of the page has its datagrams", rows)
    for (what, why), data in zip(rows, cases):
        said = [holdfast_says(d).split("|")[0] for d in data]
        ok(said == [why] * len(data), "%s: %s" % (what, why), said)
    ok(len(changed()) == 449 and holdfast_says(changed()).startswith("good|ann|1|22/tcp 51820/udp|7200|"),
       "and unchanged it is good", holdfast_says(changed()))
    edges = [changed(account="x" * 64, reason="y" * 200), changed(seconds=2592000), changed(seconds=0),
             changed(ports=[(6, n) for n in range(1, 9)]), changed(reason=""),
             changed(source=(ipaddress.ip_address("203.0.113.7"), 24))]
    ok(all(holdfast_says(d).startswith("good|") for d in edges), "so it is at the bounds of the form",
       [holdfast_says(d) for d in edges])
    ok(not any(holdfast_says(d).startswith("good|") for d in (changed(account="x" * 65), changed(account=""),
                                                              changed(reason="y" * 201))), "not behind them")


def asked(holdfast, kind, *more):
    """What holdfast sends is read here, and its signature is good in ssh-keygen's eyes."""
    name = os.path.join(TOP, kind)
    subprocess.run(["ssh-keygen", "-q", "-t", kind, *more, "-N", "", "-C", "x", "-f", name], check=True)
    done = subprocess.run([holdfast, "jit", "request", "-F", os.path.join(TOP, "config"), "-i", name, "--stdin",
                           "--for", "90m", "--reason", "größe", "--from", "2001:db8::/64", "-p", "443", "bob@vm"],
                          capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
                          env={"HOME": TOP, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"})
    try:
        text, signatures = open_box(HOST, base64.b64decode(done.stdout))
        k = read_request(HOST, text)
    except (Refused, ValueError) as e:
        ok(False, "jit request with a key of type " + kind, repr(e), done.stderr)
        return
    ok(k["action"] == "open" and k["account"] == "bob" and k["seconds"] == 5400 and k["reason"] == "größe" and
       k["ports"] == [(6, 443)] and k["subject"] == bytes(16) and abs(k["time"] / 1000 - time.time()) < 60 and
       k["source"] == (ipaddress.ip_address("2001:db8::").packed, 64) and len(signatures) == 1,
       "jit request with a key of type " + kind, k)
    with open(name + ".sig", "w", encoding="ascii") as f:
        f.write("-----BEGIN SSH SIGNATURE-----\n%s-----END SSH SIGNATURE-----\n" %
                base64.encodebytes(signatures[0]).decode())
    with open(name + ".pub", encoding="ascii") as f, open(name + ".allowed", "w", encoding="ascii") as g:
        g.write("bob " + f.read())
    done = subprocess.run(["ssh-keygen", "-Y", "verify", "-n", "knock@holdfast", "-f", name + ".allowed", "-I", "bob",
                           "-s", name + ".sig"], input=text, capture_output=True, check=False)
    ok(done.returncode == 0, "  whose signature ssh-keygen -Y verify takes", done.stderr)
    if kind == "ed25519":
        with open(name + ".pub", encoding="ascii") as f:
            blob = base64.b64decode(f.read().split()[1])
        ok(read_signature(signatures[0], text) == (blob, 0), "  and so does the other implementation")
        done = subprocess.run(["ssh-keygen", "-Y", "sign", "-n", "knock@holdfast", "-f", name], input=TEXT,
                              capture_output=True, check=False)
        armoured = done.stdout.decode().split("-----")[2]
        data = datagram(HOST, os.urandom(32), TEXT, base64.b64decode(armoured))
        ok(holdfast_says(data).startswith("good|ann|"), "ssh-keygen -Y sign makes one that holdfast takes")


def main():
    global KNOCK_PRINT, TOP
    holdfast, KNOCK_PRINT, source = sys.argv[1:4]
    with open(os.path.join(source, "docs", "knock.md"), encoding="utf-8") as f:
        page = f.read()
    with tempfile.TemporaryDirectory(prefix="holdfast-page-") as TOP:
        host_key_file()
        vectors(page)
        negatives(page)
        with open(os.path.join(TOP, "known"), "w", encoding="ascii") as f:
            f.write("127.0.0.1 ssh-ed25519 %s\n" % base64.b64encode(HOST.blob).decode())
        with open(os.path.join(TOP, "config"), "w", encoding="ascii") as f:
            f.write("Host vm\n  HostName 127.0.0.1\n  UserKnownHostsFile %s\n"
                    "  GlobalKnownHostsFile none\n" % os.path.join(TOP, "known"))
        if shutil.which("ssh-keygen") and shutil.which("ssh"):
            asked(holdfast, "ed25519")
            asked(holdfast, "ecdsa")
            asked(holdfast, "rsa", "-b", "2048")
        else:
            ok(True, "what holdfast sends # SKIP no ssh")
    return plan()


if __name__ == "__main__":
    sys.exit(main())
