# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a hive of Windows' registry: windows_hive.py FILE [dirty] <<< 'PATH\\NAME=sz:TEXT' …"""
import struct
import sys


class Hive:
    def __init__(self):
        self.bin = bytearray(b"\0" * 32)

    def cell(self, data):
        at = len(self.bin)
        size = (4 + len(data) + 7) // 8 * 8
        self.bin += struct.pack("<i", -size) + data + b"\0" * (size - 4 - len(data))
        return at

    def value(self, name, kind, text):
        if kind == "dword":
            data, inline = struct.pack("<I", int(text, 0)), True
        else:
            data, inline = (text + "\0").encode("utf-16-le"), False
        offset = struct.unpack("<I", data)[0] if inline else self.cell(data)
        length = len(data) | (0x80000000 if inline else 0)
        kinds = {"sz": 1, "dword": 4}
        return self.cell(b"vk" + struct.pack("<HIIIHH", len(name), length, offset, kinds[kind], 1, 0)
                         + name.encode("ascii"))

    def key(self, name, tree, root=False):
        values = [self.value(n, *v) for n, v in sorted(tree.items()) if isinstance(v, tuple)]
        keys = [(n, self.key(n, v)) for n, v in sorted(tree.items()) if isinstance(v, dict)]
        lists = self.cell(b"".join(struct.pack("<I", v) for v in values)) if values else 0xffffffff
        below = 0xffffffff
        if keys:
            below = self.cell(b"lf" + struct.pack("<H", len(keys)) + b"".join(
                struct.pack("<I4s", at, n[:4].encode().ljust(4, b"\0")) for n, at in keys))
        flags = 0x2c if root else 0x20
        return self.cell(b"nk" + struct.pack(
            "<HQIIIIIIIIIIIIIIIHH", flags, 0, 0, 0, len(keys), 0, below, 0xffffffff, len(values),
            lists, 0xffffffff, 0xffffffff, 0, 0, 0, 0, 0, len(name), 0) + name.encode("ascii"))


def main():
    tree = {}
    for line in sys.stdin.read().splitlines():
        path, _, value = line.partition("=")
        at, names = tree, path.split("\\")
        for name in names[:-1]:
            at = at.setdefault(name, {})
        at[names[-1]] = tuple(value.split(":", 1))
    hive = Hive()
    root = hive.key("ROOT", tree, True)
    size = (len(hive.bin) + 4095) // 4096 * 4096
    if size > len(hive.bin):
        rest = size - len(hive.bin)
        hive.bin += struct.pack("<i", rest) + b"\0" * (rest - 4)
    hive.bin[:32] = b"hbin" + struct.pack("<II", 0, size) + b"\0" * 20
    head = bytearray(b"regf" + struct.pack("<IIQIIIIII", 1, 2 if "dirty" in sys.argv else 1, 0, 1, 5,
                                           0, 1, root, size) + struct.pack("<I", 1)).ljust(508, b"\0")
    total = 0
    for (word,) in struct.iter_unpack("<I", head):
        total ^= word
    with open(sys.argv[1], "wb") as f:
        f.write((head + struct.pack("<I", total)).ljust(4096, b"\0") + hive.bin)


main()
