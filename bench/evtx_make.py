#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""usage: bench/evtx_make.py FILE MB [FOLDER]

Writes a Windows event log of that size: from the full chunks of the logs below FOLDER, or, without one,
from events that are made here: logons (4624, 4625) and new processes (4688, Sysmon 1).
"""
import os
import random
import struct
import sys
import zlib

CHUNK, HEADER, FIRST = 65536, 4096, 512
STRING, U8, U16, U32, U64, GUID, FILETIME, SID, HEX32, HEX64, BINXML = (
    1, 4, 6, 8, 10, 15, 17, 19, 20, 21, 33)
TIME = 133000000000000000
NS = "http://schemas.microsoft.com/win/2004/08/events/event"


def wide(text):
    return text.encode("utf-16-le", "surrogatepass")


class Chunk:
    """Binary XML in a chunk. A name and a template stand where they are first used."""

    def __init__(self, first):
        self.data = bytearray(FIRST)
        self.names, self.templates = {}, {}
        self.first, self.next, self.last = first, first, FIRST

    def name(self, text):
        here = len(self.data) + 4
        self.data += struct.pack("<I", self.names.setdefault(text, here))
        if self.names[text] == here:
            self.data += struct.pack("<IHH", 0, 0, len(text)) + wide(text) + b"\0\0"

    def text(self, text):
        self.data += struct.pack("<BBH", 5, 1, len(wide(text)) // 2) + wide(text)

    def element(self, name, attributes=(), content=None):
        """Attributes and content: texts, (slot, type), or a function that writes elements."""
        self.data += struct.pack("<BHI", 0x41 if attributes else 1, 0xffff, 0)
        self.name(name)
        if attributes:
            self.data += struct.pack("<I", 0)
        for i, (key, value) in enumerate(attributes):
            self.data.append(0x06 if i == len(attributes) - 1 else 0x46)
            self.name(key)
            self.item(value)
        if content is None:
            self.data.append(3)
            return
        self.data.append(2)
        self.item(content)
        self.data.append(4)

    def item(self, value):
        if callable(value):
            value()
        elif isinstance(value, tuple):
            self.data += struct.pack("<BHB", 14, *value)
        else:
            self.text(value)

    def instance(self, identity, write, values):
        """values: (type, bytes), or (BINXML, function that writes what is nested)."""
        self.data += struct.pack("<BBI", 12, 1, identity)
        here = len(self.data) + 4
        self.data += struct.pack("<I", self.templates.setdefault(identity, here))
        if self.templates[identity] == here:
            self.data += struct.pack("<II12sI", 0, identity, bytes(range(12)), 0)
            start = len(self.data)
            self.data += b"\x0f\x01\x01\x00"
            write()
            self.data.append(0)
            struct.pack_into("<I", self.data, start - 4, len(self.data) - start)
        self.data += struct.pack("<I", len(values))
        sizes = len(self.data)
        for kind, value in values:
            self.data += struct.pack("<HBB", 0 if callable(value) else len(value), kind, 0)
        for i, (_, value) in enumerate(values):
            if not callable(value):
                self.data += value
                continue
            start = len(self.data)
            value()
            struct.pack_into("<H", self.data, sizes + 4 * i, len(self.data) - start)

    def record(self, time, write):
        start = len(self.data)
        self.last = start
        self.data += struct.pack("<IIQQ", 0x2a2a, 0, self.next, time) + b"\x0f\x01\x01\x00"
        write()
        self.data.append(0)
        size = len(self.data) + 4 - start
        self.data += struct.pack("<I", size)
        struct.pack_into("<I", self.data, start + 4, size)
        self.next += 1

    def finish(self):
        end = len(self.data)
        struct.pack_into("<8sQQQQIIII", self.data, 0, b"ElfChnk\0", self.first, self.next - 1,
                         self.first, self.next - 1, 128, self.last, end,
                         zlib.crc32(self.data[FIRST:end]))
        self.data += bytes(CHUNK - end)
        struct.pack_into("<I", self.data, 124,
                         zlib.crc32(self.data[128:FIRST], zlib.crc32(self.data[:120])))
        return bytes(self.data)


def file_header(chunks, next_record):
    data = bytearray(HEADER)
    struct.pack_into("<8sQQQIHHHH", data, 0, b"ElfFile\0", 0, max(chunks - 1, 0), next_record, 128,
                     1, 3, HEADER, min(chunks, 65535))
    struct.pack_into("<I", data, 124, zlib.crc32(data[:120]))
    return bytes(data)


def sid(*parts):
    return bytes([1, len(parts)]) + bytes([0, 0, 0, 0, 0, 5]) + struct.pack(
        "<%dI" % len(parts), *parts)


def event(chunk, provider, channel, event_id, computer, time, names, values):
    """One event; names and values of EventData."""
    def system():
        def inside():
            chunk.element("Provider", [("Name", provider), ("Guid", (0, GUID))])
            chunk.element("EventID", (), (1, U16))
            chunk.element("Version", (), (2, U8))
            chunk.element("Level", (), (3, U8))
            chunk.element("Task", (), (4, U16))
            chunk.element("Opcode", (), (5, U8))
            chunk.element("Keywords", (), (6, HEX64))
            chunk.element("TimeCreated", [("SystemTime", (7, FILETIME))])
            chunk.element("EventRecordID", (), (8, U64))
            chunk.element("Correlation", [("ActivityID", (9, GUID))])
            chunk.element("Execution", [("ProcessID", (10, U32)), ("ThreadID", (11, U32))])
            chunk.element("Channel", (), channel)
            chunk.element("Computer", (), computer)
            chunk.element("Security", [("UserID", (12, SID))])
        chunk.element("System", (), inside)

    def root():
        def inside():
            system()
            chunk.item((13, BINXML))
        chunk.element("Event", [("xmlns", NS)], inside)

    def data():
        def definition():
            def inside():
                for i, name in enumerate(names):
                    chunk.element("Data", [("Name", name)], (i, values[i][0]))
            chunk.element("EventData", (), inside)
        chunk.data += b"\x0f\x01\x01\x00"
        chunk.instance(0x20000 + event_id, definition, values)
        chunk.data.append(0)

    chunk.record(time, lambda: chunk.instance(
        0x10000 + zlib.crc32(provider.encode()) % 4096, root, [
            (GUID, bytes(range(16))), (U16, struct.pack("<H", event_id)), (U8, b"\2"), (U8, b"\0"),
            (U16, b"\0\x31"), (U8, b"\0"), (HEX64, struct.pack("<Q", 0x8020000000000000)),
            (FILETIME, struct.pack("<Q", time)), (U64, struct.pack("<Q", chunk.next)), (0, b""),
            (U32, struct.pack("<I", 716)), (U32, struct.pack("<I", 4000 + chunk.next % 64)),
            (SID, sid(18)) if channel != "Security" else (0, b""), (BINXML, data)]))


def logon(chunk, r, time):
    good = r.random() < 0.4
    names = ["SubjectUserSid", "SubjectUserName", "SubjectDomainName", "SubjectLogonId",
             "TargetUserSid", "TargetUserName", "TargetDomainName", "LogonType", "LogonProcessName",
             "AuthenticationPackageName", "WorkstationName", "LogonGuid", "ProcessId",
             "ProcessName", "IpAddress", "IpPort"]
    values = [(SID, sid(18)), (STRING, wide("WIN-SRV$\0")), (STRING, wide("WORKGROUP\0")),
              (HEX64, struct.pack("<Q", 0x3e7)), (SID, sid(21, 1, 2, 3, 1000 + r.randrange(50))),
              (STRING, wide(r.choice(["Administrator", "alice", "bob", "svc"]) + "\0")),
              (STRING, wide("WIN-SRV\0")), (U32, struct.pack("<I", r.choice([2, 3, 5, 10]))),
              (STRING, wide("User32 \0")), (STRING, wide("Negotiate\0")), (STRING, wide("-\0")),
              (GUID, bytes(16)), (HEX64, struct.pack("<Q", r.randrange(1 << 16))),
              (STRING, wide("C:\\Windows\\System32\\svchost.exe\0")),
              (STRING, wide("203.0.113.%d\0" % r.randrange(256))),
              (STRING, wide("%d\0" % r.randrange(65536)))]
    if not good:
        names = names + ["Status", "SubStatus"]
        values = values + [(HEX32, struct.pack("<I", 0xc000006d)),
                           (HEX32, struct.pack("<I", 0xc000006a))]
    event(chunk, "Microsoft-Windows-Security-Auditing", "Security", 4624 if good else 4625,
          "WIN-SRV", time, names, values)


def process(chunk, r, time):
    image = r.choice(["C:\\Windows\\System32\\cmd.exe", "C:\\Windows\\System32\\net.exe",
                      "C:\\Program Files\\App\\app.exe"])
    line = image + " /c " + " ".join("argument%d" % r.randrange(1000)
                                     for _ in range(r.randrange(8)))
    if r.random() < 0.5:
        event(chunk, "Microsoft-Windows-Security-Auditing", "Security", 4688, "WIN-SRV", time,
              ["SubjectUserSid", "SubjectUserName", "SubjectLogonId", "NewProcessId",
               "NewProcessName", "TokenElevationType", "ProcessId", "CommandLine",
               "ParentProcessName"],
              [(SID, sid(18)), (STRING, wide("alice\0")), (HEX64, struct.pack("<Q", 0x1b2c3)),
               (HEX64, struct.pack("<Q", r.randrange(1 << 16))), (STRING, wide(image + "\0")),
               (STRING, wide("%%1936\0")), (HEX64, struct.pack("<Q", 4)),
               (STRING, wide(line + "\0")), (STRING, wide("C:\\Windows\\explorer.exe\0"))])
        return
    event(chunk, "Microsoft-Windows-Sysmon", "Microsoft-Windows-Sysmon/Operational", 1, "WIN-SRV",
          time, ["RuleName", "UtcTime", "ProcessGuid", "ProcessId", "Image", "CommandLine",
                 "CurrentDirectory", "User", "IntegrityLevel", "Hashes", "ParentImage",
                 "ParentCommandLine"],
          [(STRING, wide("-\0")), (STRING, wide("2026-11-22 10:48:00.123\0")),
           (GUID, r.randbytes(16)), (U32, struct.pack("<I", r.randrange(1 << 16))),
           (STRING, wide(image + "\0")), (STRING, wide(line + "\0")),
           (STRING, wide("C:\\Users\\alice\\\0")), (STRING, wide("WIN-SRV\\alice\0")),
           (STRING, wide("Medium\0")), (STRING, wide("SHA256=" + r.randbytes(32).hex() + "\0")),
           (STRING, wide("C:\\Windows\\explorer.exe\0")),
           (STRING, wide("C:\\Windows\\Explorer.EXE\0"))])


def made_chunks(n, seed=1, events=None):
    """n full chunks, or one of that many events."""
    r, record, time, out = random.Random(seed), 1, TIME, []
    for _ in range(n):
        chunk = Chunk(record)
        while len(chunk.data) < CHUNK - 4096 and (not events or chunk.next <= events):
            time += r.randrange(1, 5_000_000)
            (logon if r.random() < 0.6 else process)(chunk, r, time)
        record = chunk.next
        out.append(chunk.finish())
    return out, record


def corpus_chunks(folder):
    out = []
    for where, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            if not name.endswith(".evtx"):
                continue
            with open(os.path.join(where, name), "rb") as f:
                data = f.read()
            for at in range(HEADER, len(data) - CHUNK + 1, CHUNK):
                chunk = data[at:at + CHUNK]
                if chunk.startswith(b"ElfChnk\0") and 60000 < struct.unpack_from(
                        "<I", chunk, 48)[0] <= CHUNK:
                    out.append(chunk)
    return out


def make(path, megabytes, folder=None):
    chunks = corpus_chunks(folder) if folder else made_chunks(64)[0]
    want = max(1, megabytes * 1000000 // CHUNK)
    with open(path, "wb") as f:
        f.write(file_header(want, 1))
        for i in range(want):
            f.write(chunks[i % len(chunks)])


if __name__ == "__main__":
    make(sys.argv[1], int(sys.argv[2]), *sys.argv[3:4])
