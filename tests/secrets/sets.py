# SPDX-License-Identifier: GPL-3.0-or-later
"""The templates of sets/*.txt, filled when the test runs.

"== pos [FILE]" and "== neg [FILE]" begin a part: lines with a secret, or without one, as they stand in
a file of that name. %<form> is a secret, %{form} is none: p a password as people and generators choose
them, t one that a shell takes without quotes, u one that a URL does, word, uuid, jwt, akia, pair ("name:
password" in base 64), gh:ghp_ a token of GitHub with its checksum, or a letter and a length: h hexadecimal,
a letters and digits, w those with '-' and '_', b base 64, B that many bytes in base 64, U capitals and
digits, l small letters and digits, d digits, H hexadecimal in capitals, x letters, digits and marks.

Each set was written and measured before the program knew anything of it, and kept since.
"""
import base64
import glob
import json
import os
import random
import re
import zlib

LOWER = "abcdefghijklmnopqrstuvwxyz"
UPPER = LOWER.upper()
DIGITS = "0123456789"
ALNUM = LOWER + UPPER + DIGITS
FORMS = {"h": DIGITS + "abcdef", "H": DIGITS + "ABCDEF", "a": ALNUM, "w": ALNUM + "-_", "b": ALNUM + "+/",
         "U": UPPER + DIGITS, "l": LOWER + DIGITS, "d": DIGITS, "x": ALNUM + "!@%^*-_=+"}
WORDS = ("tiger summer dragon winter shadow rocket monday purple falcon coffee berlin monkey silver "
         "madrid guitar orange castle pepper welcome letmein spring london football sunshine princess "
         "admin server backup office company network").split()
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sets")


class Filler:
    def __init__(self, seed):
        self.r = random.Random(seed)

    def run(self, alphabet, n):
        while True:
            text = "".join(self.r.choice(alphabet) for _ in range(n))
            if n < 8 or not set(DIGITS) < set(alphabet) or not text.isalpha():
                return text

    def password(self):
        r = self.r
        w, v = r.choice(WORDS), r.choice(WORDS)
        return r.choice([
            lambda: w.capitalize() + str(r.randint(2015, 2026)) + r.choice("!#?.*"),
            lambda: w.capitalize().replace("a", "@").replace("o", "0").replace("s", "$", 1)
            + str(r.randint(1, 999)),
            lambda: w + v.capitalize() + str(r.randint(1, 99)),
            lambda: w.capitalize() + "_" + v + str(r.randint(10, 9999)),
            lambda: w[:4].upper() + "-" + v + "-" + str(r.randint(1000, 9999)),
            lambda: self.run(ALNUM, r.randint(8, 12)),
            lambda: self.run(ALNUM + "!#%*_-+=.", 16).replace("-", "x", 1),
            lambda: w + str(r.randint(1, 999)) + "!",
            lambda: w.replace("e", "3").replace("i", "1").capitalize() + "@" + str(r.randint(1, 99)),
            lambda: self.run(ALNUM, 24),
            lambda: "-".join([w, v, r.choice(WORDS), r.choice(WORDS)]),
        ])()

    def password_of(self, fits):
        while True:
            text = self.password()
            if fits(text):
                return text

    def uuid(self):
        h = self.run(FORMS["h"], 32)
        return "-".join([h[:8], h[8:12], "4" + h[13:16], "a" + h[17:20], h[20:]])

    def jwt(self):
        def part(x):
            return base64.urlsafe_b64encode(json.dumps(x).encode()).decode().rstrip("=")
        return ".".join([part({"alg": self.r.choice(["HS256", "RS256"]), "typ": "JWT"}),
                         part({"sub": self.run(DIGITS, 10), "iss": "api", "exp": 1700000000}),
                         self.run(FORMS["w"], 43)])

    def github(self, prefix):
        body, out = self.run(ALNUM, 30), ""
        n = zlib.crc32(body.encode())
        for _ in range(6):
            out = (DIGITS + UPPER + LOWER)[n % 62] + out
            n //= 62
        return prefix + body + out

    def form(self, name):
        named = {
            "p": self.password,
            "t": lambda: self.password_of(lambda t: not re.search(r"[$#*?&!%=+]", t)),
            "u": lambda: self.password_of(lambda t: re.fullmatch(r"[A-Za-z0-9_.~!*-]+", t)),
            "word": lambda: self.r.choice(WORDS), "uuid": self.uuid, "jwt": self.jwt,
            "akia": lambda: "AKIA" + self.run(UPPER + "234567", 16),
            "pair": lambda: base64.b64encode(("deploy:" + self.password()).encode()).decode(),
        }
        if name in named:
            return named[name]()
        if name.startswith("gh:"):
            return self.github(name[3:])
        n = int(name[1:])
        if name[0] == "B":
            return base64.b64encode(bytes(self.r.getrandbits(8) for _ in range(n))).decode()
        return self.run(FORMS[name[0]], n)

    def fill(self, template):
        return re.sub(r"%(?:<([a-zA-Z0-9:_]+)>|\{([a-zA-Z0-9:_]+)\})",
                      lambda m: self.form(m.group(1) or m.group(2)), template)


def names():
    return sorted(os.path.splitext(os.path.basename(p))[0] for p in glob.glob(FOLDER + "/*.txt"))


def parts(name, seed=1):
    """[(has secrets, file's name, lines)]"""
    filler, out = Filler(seed), []
    with open(os.path.join(FOLDER, name + ".txt"), encoding="utf-8") as f:
        for line in f.read().split("\n")[2:]:
            if line.startswith("== "):
                words = line.split()
                out.append((words[1] == "pos", words[2] if len(words) > 2 else "lines.txt", []))
            elif line:
                out[-1][2].append(filler.fill(line))
    return out
