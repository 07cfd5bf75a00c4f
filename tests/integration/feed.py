#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""usage: feed.py HOLDFAST: holdfast feed against a server of this test, and against archives and
files that are broken, lie or attack."""
import fcntl
import gzip
import http.server
import io
import json
import lzma
import os
import pty
import resource
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import zipfile

from tap import ok, plan

HOLDFAST = sys.argv[1]


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = {}   # path -> (bytes, etag)
        self.half = {}    # path -> bytes to send before the connection ends
        self.odd = {}     # path -> function of the handler
        self.seen = []    # (path, headers, status)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """A client that goes away in the middle is what some of the cases want."""

    def url(self, path):
        return "http://127.0.0.1:%d%s" % (self.server_address[1], path)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", headers=(), length=None):
        self.server.seen.append((self.path, dict(self.headers), status))
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)
        if length is not None and length > len(body):
            self.wfile.flush()
            self.close_connection = True

    def do_GET(self):
        s = self.server
        if self.path in s.odd:
            return s.odd[self.path](self)
        if self.path not in s.files:
            return self.answer(404, b"no such file")
        body, etag = s.files[self.path]
        head = [("ETag", etag)] if etag else []
        if etag and self.headers.get("If-None-Match") == etag:
            return self.answer(304, headers=head)
        asked = self.headers.get("Range")
        if asked and self.headers.get("If-Range") == etag:
            start = int(asked[len("bytes="):].split("-")[0])
            if start >= len(body):
                return self.answer(416)
            head.append(("Content-Range", "bytes %d-%d/%d" % (start, len(body) - 1, len(body))))
            return self.answer(206, body[start:], head)
        if self.path in s.half:
            n = s.half.pop(self.path)
            return self.answer(200, body[:n], head, len(body))
        return self.answer(200, body, head)


class Place:
    """A folder of feeds with its configuration."""

    def __init__(self, lines=()):
        self.dir = tempfile.mkdtemp(dir=TMP)
        self.config = os.path.join(self.dir, "feeds.conf")
        self.conf(lines)
        self.feeds = os.path.join(self.dir, "feeds")

    def conf(self, lines):
        with open(self.config, "w") as f:
            f.write("\n".join(lines) + "\n")

    def run(self, *args, **more):
        return subprocess.run([HOLDFAST, "feed", "-c", self.config, "-d", self.feeds, *args],
                              capture_output=True, text=True, timeout=120,
                              stdin=subprocess.DEVNULL, **more)

    def bytes(self, name="index"):
        try:
            with open(os.path.join(self.feeds, name), "rb") as f:
                return f.read()
        except FileNotFoundError:
            return None

    def file(self, name, data):
        path = os.path.join(self.dir, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data)
        return path

    def status(self):
        run = self.run("status", "-f", "json")
        return run.returncode, json.loads(run.stdout or "{}")


def kev(n):
    entries = [{"cveID": "CVE-2020-%04d" % i, "dateAdded": "2021-11-03", "dueDate": "2022-05-03",
                "knownRansomwareCampaignUse": "Unknown"} for i in range(1, n + 1)]
    return json.dumps({"title": "x", "catalogVersion": "2025.08.25", "count": n,
                       "dateReleased": "2025-08-25T17:04:19.9796Z",
                       "vulnerabilities": entries}).encode()


def osv(i, name=None, fixed="2.0"):
    return json.dumps({"schema_version": "1.6.0", "id": "PYSEC-2024-%d" % i,
                       "modified": "2024-01-01T00:00:00Z",
                       "affected": [{"package": {"ecosystem": "PyPI", "name": name or "p%d" % i},
                                     "ranges": [{"type": "ECOSYSTEM", "events": [
                                         {"introduced": "0"}, {"fixed": fixed}]}]}]}).encode()


def zipped(entries, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        for name, data in entries:
            z.writestr(name, data)
    return out.getvalue()


def tarred(entries, kind=""):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:" + kind) as t:
        for name, data in entries:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
    return out.getvalue()


def test_update(server):
    body = kev(40)
    server.files["/kev.json"] = (body, '"v1"')
    p = Place(["feed kev kev " + server.url("/kev.json")])
    code, state = p.status()
    ok(code == 1 and not state["feeds"][0]["imported"], "before: a feed that was never imported")
    run = p.run("update")
    ok(run.returncode == 0 and "40 records" in run.stdout, "a first update", run.stdout + run.stderr)
    code, state = p.status()
    ok(code == 0 and state["feeds"][0]["records"] == 40 and not state["feeds"][0]["stale"],
       "status knows it", state)
    ok(state["feeds"][0]["published"] == 1756141459, "and when it was published", state)
    run = p.run("update")
    ok(run.returncode == 0 and "as it was" in run.stdout and server.seen[-1][2] == 304,
       "a second one gets nothing: 304", run.stdout)
    old = p.bytes()
    server.files["/kev.json"] = (kev(41), '"v2"')
    run = p.run("update", "-f", "json")
    result = json.loads(run.stdout)["feeds"][0]
    ok(result["result"] == "imported" and result["records"] == 41 and p.bytes() != old,
       "what is new is taken", run.stdout)
    old = p.bytes()
    saved = server.files.pop("/kev.json")
    run = p.run("update")
    ok(run.returncode == 3 and "404" in run.stdout and p.bytes() == old, "404: all stays", run.stdout)
    server.files["/kev.json"] = (b"<html>busy</html>", '"v3"')
    run = p.run("update")
    ok(run.returncode == 3 and p.bytes() == old and "no format" in run.stdout,
       "a page instead of a feed", run.stdout)
    server.files["/kev.json"] = (kev(5), '"v4"')
    run = p.run("update")
    ok(run.returncode == 3 and "the old one stays" in run.stdout and p.bytes() == old,
       "a feed that has shrunk to an eighth is not believed", run.stdout)
    run = p.run("update", "--force")
    ok(run.returncode == 0 and "5 records" in run.stdout, "unless it is wanted", run.stdout)
    ok(all("Authorization" not in h for _, h, _ in server.seen), "nobody was told a secret")
    server.files["/kev.json"] = saved
    run = p.run("update", "nope")
    ok(run.returncode == 2 and "no feed 'nope'" in run.stderr, "a feed that is not configured")


def test_resume(server):
    body = zipped([("%d.json" % i, osv(i)) for i in range(1, 3000)], zipfile.ZIP_STORED)
    server.files["/all.zip"] = (body, '"z1"')
    server.half["/all.zip"] = 300_000
    p = Place(["feed osv-pypi osv " + server.url("/all.zip")])
    run = p.run("update")
    ok(run.returncode == 3 and p.bytes() is None, "half a file is no feed", run.stdout)
    ok(os.path.getsize(p.feeds + "/downloads/osv-pypi.data") == 300_000, "but it is kept")
    run = p.run("update")
    path, headers, status = server.seen[-1]
    ok(run.returncode == 0 and status == 206 and headers.get("Range") == "bytes=300000-" and
       "2,999 records" in run.stdout, "and gone on with", (run.stdout, headers))
    ok(not os.listdir(p.feeds + "/downloads"), "nothing is left of it")
    server.files["/all.zip"] = (body, '"z2"')
    server.half["/all.zip"] = 200_000
    p.run("update")
    server.files["/all.zip"] = (zipped([("a.json", osv(i)) for i in range(1, 2001)]), '"z3"')
    run = p.run("update")
    ok(run.returncode == 0 and "2,000 records" in run.stdout and server.seen[-1][2] == 200,
       "another file since: from the start", (run.stdout, server.seen[-1]))
    os.makedirs(p.feeds + "/downloads", exist_ok=True)
    p.file("feeds/downloads/osv-pypi.data", b"x" * len(body))
    p.file("feeds/downloads/osv-pypi.note",
           ("%s\n%s\n\n" % (server.url("/all.zip"), '"z5"')).encode())
    server.files["/all.zip"] = (body, '"z5"')
    run = p.run("update")
    ok(run.returncode == 0 and "2,999 records" in run.stdout, "416: from the start", run.stdout)


def test_wrong_parts(server):
    """Servers that send another part than was asked for, or a part of another file."""
    body = zipped([("%d.json" % i, osv(i)) for i in range(1, 800)], zipfile.ZIP_STORED)
    for name, start, etag in (("another place", 10, '"p1"'), ("another version", None, '"p2"')):
        server.files["/part"] = (body, '"p1"')
        server.half["/part"] = 50_000
        p = Place(["feed osv-part osv " + server.url("/part")])
        p.run("update")

        def wrong(h, start=start, etag=etag):
            if not h.headers.get("Range"):
                return h.answer(200, body, [("ETag", etag)])
            at = 50_000 if start is None else start
            return h.answer(206, body[at:], [("ETag", etag), (
                "Content-Range", "bytes %d-%d/%d" % (at, len(body) - 1, len(body)))])

        server.odd["/part"] = wrong
        run = p.run("update")
        del server.odd["/part"]
        ok(run.returncode == 0 and "799 records" in run.stdout, "a part of " + name +
           ": from the start", run.stdout)


def test_checksum(server):
    import hashlib
    body = kev(40)
    server.files["/k"] = (body, None)
    server.files["/k.sha256"] = ((hashlib.sha256(body).hexdigest() + "  k\n").encode(), None)
    feed = "feed kev kev " + server.url("/k")
    p = Place([feed, "checksum kev " + "0" * 64])
    run = p.run("update")
    ok(run.returncode == 3 and "checksum" in run.stdout and p.bytes() is None, "a wrong checksum",
       run.stdout)
    ok(not os.listdir(p.feeds + "/downloads"), "throws the file away")
    p.conf([feed, "checksum kev " + hashlib.sha256(body).hexdigest()])
    ok(p.run("update").returncode == 0, "the right one")
    p.conf([feed, "checksum kev " + server.url("/k.sha256")])
    ok(p.run("update").returncode == 0, "one that the server tells")
    old = p.bytes()
    server.files["/k"] = (kev(41), None)
    run = p.run("update")
    ok(run.returncode == 3 and p.bytes() == old, "which is no more that of the file", run.stdout)
    server.files["/k.sha256"] = (b"<html>", None)
    run = p.run("update")
    ok(run.returncode == 3 and "no SHA-256" in run.stdout, "or is none", run.stdout)


def test_odd_servers(server):
    p = Place(["feed kev kev " + server.url("/odd")])

    def loop(h):
        h.answer(302, headers=[("Location", "/odd")])

    def away(h):
        h.answer(302, headers=[("Location", "file:///etc/passwd")])

    def empty(h):
        h.answer(200)

    def secret(h):
        h.answer(401, b"who are you")

    for name, odd, text in (("turns in circles", loop, "redirect"),
                            ("leads to a file of this machine", away, "rotocol"),
                            ("says nothing", empty, "empty"),
                            ("wants a token", secret, "token")):
        server.odd["/odd"] = odd
        run = p.run("update")
        ok(run.returncode == 3 and text in run.stdout, "a server that " + name, run.stdout)
    del server.odd["/odd"]
    server.files["/latest.txt"] = (b"kev_2025.json\n", None)
    server.files["/kev_2025.json"] = (kev(3), None)
    p.conf(["feed kev kev %s latest" % server.url("/latest.txt")])
    ok(p.run("update").returncode == 0, "the name of the latest file is followed")
    server.files["/latest.txt"] = (b"../../etc/passwd\n", None)
    run = p.run("update")
    ok(run.returncode == 3 and "no name of a file" in run.stdout, "where it is one", run.stdout)
    key = p.file("key", b"secret\n")
    p.conf(["feed kev kev " + server.url("/kev_2025.json"), "token kev " + key])
    ok(p.run("update", "--force").returncode == 0 and "Authorization" not in server.seen[-1][1],
       "a token is not told where anybody can listen")
    p.conf(["feed kev kev http://127.0.0.1:1/x"])
    run = p.run("update")
    ok(run.returncode == 3 and p.bytes() is not None, "nobody there: all stays", run.stdout)


def test_config(server):
    for lines, text in ((["fed x"], "expected feed"), (["feed X kev http://a/"], "new name"),
                        (["feed a nope http://a/"], "format"), (["feed a kev ftp://a/"], "URL"),
                        (["feed a kev http://a/ b"], "latest"),
                        (["feed a kev https://me:secret@a/"], "without a password"), (["checksum a b"], "feed above"),
                        (["stale never"], "time"), (["keep"], "ecosystem"),
                        (["feed a kev http://a/", "feed a kev http://b/"], "new name"),
                        (["feed a kev http://a/", "token a b"], "path")):
        p = Place(lines)
        run = p.run("update")
        ok(run.returncode == 2 and text in run.stderr and "feeds.conf:" in run.stderr,
           "%s: %s" % (lines[-1], text), run.stderr)
    p = Place(["keep Debian:12"])
    path = p.file("all.zip", zipped([("%d.json" % i, osv(i)) for i in range(3)]))
    run = p.run("import", path, "-n", "x")
    ok(run.returncode == 0 and "3 say nothing" in run.stdout, "what is not kept is left out",
       run.stdout + run.stderr)


def test_attacks():
    p = Place()
    good = p.file("good/all.zip", zipped([("%d.json" % i, osv(i)) for i in range(500)]))
    ok(p.run("import", good).returncode == 0, "an archive to begin with")
    old = p.bytes()
    bomb = zipped([("a.json", b'{"id":"A-1","affected":[' + b" " * 300_000_000 + b"]}")])
    inner = zipped([("a.json", osv(1))])
    for _ in range(50):
        inner = zipped([("a.zip", inner)])
    whole = open(good, "rb").read()
    link = io.BytesIO()
    with tarfile.open(fileobj=link, mode="w") as t:
        info = tarfile.TarInfo("a.json")
        info.type = tarfile.SYMTYPE
        info.linkname = "/etc/passwd"
        t.addfile(info)
    many = [("%d.json" % i, b"") for i in range(65_535)]
    locked = bytearray(zipped([("a.json", osv(1))]))
    for magic in (b"PK\3\4", b"PK\1\2"):
        at = locked.find(magic)
        locked[at + (6 if magic[3] == 4 else 8)] |= 1
    cases = (
        ("a bomb", bomb, "bomb"),
        ("a bomb in a bomb", gzip.compress(gzip.compress(b" " * 400_000_000, 9), 9), "bomb"),
        ("archives in archives", inner, "archive inside"),
        ("names that lead out", zipped([("../../etc/cron.d/x.json", osv(1))]), "leads out"),
        ("an absolute name", tarred([("/etc/x.json", osv(1))]), "leads out"),
        ("a link to a file of this machine", link.getvalue(), "no document"),
        ("a zip cut off in its middle", whole[:len(whole) // 2], "half a download"),
        ("a zip without its last byte", whole[:-1], None),
        ("gzip cut off", gzip.compress(kev(500))[:-20], None),
        ("xz cut off", lzma.compress(kev(500))[:-20], None),
        ("a tar cut off", tarred([("a.json", osv(1)), ("b.json", osv(2) * 9)])[:1800], None),
        ("65,535 empty files", zipped(many), "broken"),
        ("an encrypted file", bytes(locked), "ncrypted"),
        ("an archive of nothing", zipped([]), "no document"),
        ("an archive of pictures", zipped([("a.png", b"x")]), "no document"),
        ("a later schema", zipped([("a.json", b'{"schema_version":"9.0","id":"A","affected":[]}')]),
         "'9.0' is not known"),
        ("deep JSON", b'{"id":"A-1","affected":' + b"[" * 5000, "deeper"),
        ("a part of an export that was changed", None, "checksum"),
        ("a file of zeros", bytes(100_000), "no format"),
    )
    for name, data, text in cases:
        if data is None:
            part = bytearray(p.bytes("parts/osv-good"))
            part[-1] ^= 1
            data = tarred([("holdfast-feeds/osv-good.part", bytes(part))])
        path = p.file("attack", data)
        run = p.run("import", path, "-n", "osv-good")
        ok(run.returncode == 3 and p.bytes() == old and (not text or text in run.stderr) and
           len(run.stderr.splitlines()) == 1, name, run.stderr + run.stdout)
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    ok(used < 900_000, "none of them took 900 MB", used)
    for name in (".x", "X", "x" * 80):
        data = tarred([("holdfast-feeds/%s.part" % name, p.bytes("parts/osv-good"))])
        run = p.run("import", p.file("attack.tar", data))
        ok(run.returncode == 3 and p.bytes() == old, "a part with the name " + name[:8], run.stderr)
    run = p.run("import", good, "-n", "../x")
    ok(run.returncode == 2, "--name is a name")
    entries = [("%d.json" % i, osv(i)) for i in range(500)]
    entries[3] = ("3.json", b"{\x1b[31m")
    run = p.run("import", p.file("one", zipped(entries)), "-n", "osv-good")
    ok(run.returncode == 0 and "1 documents are broken" in run.stderr and "\x1b" not in run.stderr,
       "one broken record of 500 is named and left out", run.stderr)
    for i in range(20):
        entries[i] = ("%d.json" % i, b"{")
    run = p.run("import", p.file("twenty", zipped(entries)), "-n", "osv-good")
    ok(run.returncode == 3 and "20 of 500" in run.stderr, "twenty are too many", run.stderr)


def test_kinds():
    p = Place()
    data = kev(7)
    for name, packed in (("k.json", data), ("k.json.gz", gzip.compress(data)),
                         ("k.json.xz", lzma.compress(data)), ("k.tar", tarred([("k.json", data)])),
                         ("k.tar.gz", tarred([("x/k.json", data)], "gz")),
                         ("k.tar.xz", tarred([("k.json", data)], "xz")),
                         ("k.tar.bz2", tarred([("k.json", data)], "bz2")),
                         ("k.zip", zipped([("k.json", data)])),
                         ("stored.zip", zipped([("k.json", data)], zipfile.ZIP_STORED))):
        run = p.run("import", p.file(name, packed))
        ok(run.returncode == 0 and "7 records" in run.stdout, name, run.stderr)
    p.file("folder/deep/1.json", osv(1))
    p.file("folder/2.json", osv(2))
    p.file("folder/kev.json", data)
    p.file("folder/README.txt", b"hello")
    run = p.run("import", os.path.join(p.dir, "folder"))
    ok(run.returncode == 0 and "osv-folder" in run.stdout and "kev " in run.stdout,
       "a folder of two formats", run.stdout + run.stderr)
    run = p.run("import", "/nonexistent")
    ok(run.returncode == 3 and "No such file" in run.stderr, "a file that is not there")
    os.mkfifo(os.path.join(p.dir, "fifo"))
    run = p.run("import", os.path.join(p.dir, "fifo"))
    ok(run.returncode == 3, "a FIFO is not waited for", run.stderr)


def test_keeping():
    p = Place()
    a = p.file("a.json", kev(200))
    ok(p.run("import", a).returncode == 0, "a feed is imported")
    old = p.bytes()
    with open(os.path.join(p.feeds, "lock"), "r+") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        run = p.run("import", a)
        ok(run.returncode == 3 and "another import is at work" in run.stderr and
           p.bytes() == old, "two at once: the second one is refused", run.stderr)
        ok(p.status()[0] in (0, 1), "status may look at any time")
    b = p.file("b.zip", zipped([("%d.json" % i, osv(i)) for i in range(1, 2000)]))
    other = Place()
    other.run("import", b)
    room = len(other.bytes("parts/osv-b")) + 200

    def small():
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    run = p.run("import", b, preexec_fn=small)
    ok(run.returncode == 3 and p.bytes() == old and "stays" in run.stderr,
       "no room: the old index stays", run.stderr)
    ok(not [n for n in os.listdir(p.feeds) + os.listdir(p.feeds + "/parts") if n.endswith(".new")],
       "and nothing is left behind")
    ok(p.run("import", b).returncode == 0 and p.bytes() != old, "with room it is replaced")
    run = p.run("export", os.path.join(p.dir, "x.tar"))
    ok(run.returncode == 0, "an export", run.stderr)
    q = Place()
    run = q.run("import", os.path.join(p.dir, "x.tar"))
    ok(run.returncode == 0 and q.bytes() == p.bytes(), "imported elsewhere it is the same index",
       run.stderr)
    q.run("export", os.path.join(q.dir, "y.tar"))
    ok(open(os.path.join(q.dir, "y.tar"), "rb").read() ==
       open(os.path.join(p.dir, "x.tar"), "rb").read(), "and the same export, byte by byte")
    run = q.run("forget", "kev", "osv-b")
    ok(run.returncode == 0 and q.status()[1]["feeds"] == [], "forgotten it is gone", run.stderr)
    ok(q.run("forget", "kev").returncode == 3, "once")
    p.conf(["stale 1s"])
    time.sleep(2.1)
    code, state = p.status()
    ok(code == 1 and state["feeds"][0]["stale"], "a feed that is too old is a finding", state)
    run = p.run("status")
    ok(run.returncode == 1 and "stale" in run.stdout, "told in words, too", run.stdout)
    index = bytearray(p.bytes())
    index[-3] ^= 4
    p.file("feeds/index", bytes(index))
    run = p.run("status")
    ok(run.returncode == 3 and "checksum" in run.stderr, "a broken index is told", run.stderr)


def test_facts():
    """The table of a machine's feeds, and one that somebody broke."""
    p = Place()
    root = os.path.join(p.dir, "root")
    p.feeds = os.path.join(root, "var/lib/holdfast/feeds")
    p.run("import", p.file("k.json", kev(7)))

    def rows():
        run = subprocess.run([HOLDFAST, "query", "--root", root, "--format", "json",
                              "SELECT f.name, f.format, f.records, s.status FROM "
                              "collector_status s LEFT JOIN advisory_feeds f "
                              "WHERE s.name = 'advisory_feeds'"], capture_output=True, text=True, timeout=120,
                             check=False)
        return run.stdout + run.stderr

    ok('"kev"' in rows() and '"ok"' in rows(), "the table advisory_feeds has the feed", rows())
    p.file("root/var/lib/holdfast/feeds/index", p.bytes()[:-1])
    ok('"incomplete"' in rows(), "a broken index is not an empty one", rows())


def test_terminal(server):
    server.files["/big"] = (zipped([("%d.json" % i, osv(i)) for i in range(1, 20_000)],
                                   zipfile.ZIP_STORED), None)
    p = Place(["feed osv-big osv " + server.url("/big")])
    main, other = pty.openpty()
    shown = []

    def drain():
        try:
            while True:
                data = os.read(main, 65536)
                if not data:
                    break
                shown.append(data)
        except OSError:
            pass

    reader = threading.Thread(target=drain)
    reader.start()
    subprocess.run([HOLDFAST, "feed", "-c", p.config, "-d", p.feeds, "update"], stderr=other,
                   stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, timeout=120, check=False)
    os.close(other)
    reader.join(20)
    text = b"".join(shown).decode()
    ok("#" in text and "%" in text and "osv-big" in text, "on a terminal a bar shows how far it is",
       text[:200])
    ok(text.endswith("\r\x1b[K"), "and goes away", repr(text[-40:]))
    run = p.run("update", "--force")
    ok(run.stderr == "", "elsewhere there is none", run.stderr)


with tempfile.TemporaryDirectory(prefix="holdfast-feed-") as TMP:
    os.environ["no_proxy"] = "127.0.0.1"
    served = Server()
    test_update(served)
    test_resume(served)
    test_wrong_parts(served)
    test_checksum(served)
    test_odd_servers(served)
    test_config(served)
    test_attacks()
    test_kinds()
    test_keeping()
    test_facts()
    test_terminal(served)
    served.shutdown()
sys.exit(plan())
