# SPDX-License-Identifier: GPL-3.0-or-later
"""Another implementation of docs/knock.md, from that page and the papers that it names, with Python's own
library alone: X25519 and ed25519 (RFC 7748, RFC 8032), XSalsa20-Poly1305 (NaCl), SSHSIG. Slow, and not
safe against who measures time: for tests."""
import hashlib
import struct

P = 2 ** 255 - 19
ORDER = 2 ** 252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SPACE = b"knock@holdfast"
ACTIONS = {"open": 1, "close": 2, "extend": 3, "approve": 4}


class Refused(Exception):
    """No request."""


# ---- curves -----------------------------------------------------------------------------------------


def x25519(scalar, u):
    k = int.from_bytes(scalar, "little") & ~7 & (1 << 254) - 1 | 1 << 254
    x1 = int.from_bytes(u, "little") & (1 << 255) - 1
    x2, z2, x3, z3 = 1, 0, x1, 1
    for t in range(254, -1, -1):
        if k >> t & 1:
            x2, z2, x3, z3 = x3, z3, x2, z2
        a, b = (x2 + z2) % P, (x2 - z2) % P
        c, d = (x3 + z3) % P, (x3 - z3) % P
        da, cb, aa, bb = d * a % P, c * b % P, a * a % P, b * b % P
        e = aa - bb
        x3, z3 = (da + cb) ** 2 % P, x1 * (da - cb) ** 2 % P
        x2, z2 = aa * bb % P, e * (aa + 121665 * e) % P
        if k >> t & 1:
            x2, z2, x3, z3 = x3, z3, x2, z2
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, "little")


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(n, p):
    q = (0, 1, 1, 0)
    while n:
        q = add(q, p) if n & 1 else q
        p, n = add(p, p), n >> 1
    return q


def packed(p):
    z = pow(p[2], P - 2, P)
    return (p[1] * z % P | (p[0] * z % P & 1) << 255).to_bytes(32, "little")


def unpacked(b):
    y = int.from_bytes(b, "little") & (1 << 255) - 1
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - xx) % P:
        raise Refused("no point")
    x = x if x & 1 == b[31] >> 7 else P - x
    return x, y, 1, x * y % P


BASE = unpacked((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def secret_of(seed):
    h = hashlib.sha512(seed).digest()
    return int.from_bytes(h[:32], "little") & ~7 & (1 << 254) - 1 | 1 << 254, h


def public_of(seed):
    return packed(multiply(secret_of(seed)[0], BASE))


def ed25519_sign(seed, message):
    a, h = secret_of(seed)
    r = int.from_bytes(hashlib.sha512(h[32:] + message).digest(), "little") % ORDER
    first = packed(multiply(r, BASE))
    k = int.from_bytes(hashlib.sha512(first + public_of(seed) + message).digest(), "little")
    return first + ((r + k * a) % ORDER).to_bytes(32, "little")


def ed25519_holds(public, message, signature):
    s = int.from_bytes(signature[32:], "little")
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little")
    right = add(unpacked(signature[:32]), multiply(k % ORDER, unpacked(public)))
    return len(signature) == 64 and s < ORDER and packed(multiply(s, BASE)) == packed(right)


def as_x25519(public):
    y = int.from_bytes(public, "little") & (1 << 255) - 1
    return ((1 + y) * pow(1 - y, P - 2, P) % P).to_bytes(32, "little")


# ---- crypto_box_seal --------------------------------------------------------------------------------


def salsa20(words, more):
    """more: the words are added to their result, as in Salsa20; else HSalsa20."""
    x = list(words)

    def quarter(a, b, c, d):
        for to, one, two, by in ((b, a, d, 7), (c, b, a, 9), (d, c, b, 13), (a, d, c, 18)):
            v = x[one] + x[two] & 0xffffffff
            x[to] ^= (v << by | v >> 32 - by) & 0xffffffff
    for _ in range(10):
        quarter(0, 4, 8, 12), quarter(5, 9, 13, 1), quarter(10, 14, 2, 6), quarter(15, 3, 7, 11)
        quarter(0, 1, 2, 3), quarter(5, 6, 7, 4), quarter(10, 11, 8, 9), quarter(15, 12, 13, 14)
    if more:
        return struct.pack("<16I", *[(a + b) & 0xffffffff for a, b in zip(x, words)])
    return struct.pack("<8I", *[x[i] for i in (0, 5, 10, 15, 6, 7, 8, 9)])


def block(key, middle, more):
    c = struct.unpack("<4I", b"expand 32-byte k")
    k, m = struct.unpack("<8I", key), struct.unpack("<4I", middle)
    return salsa20((c[0], *k[:4], c[1], *m, c[2], *k[4:], c[3]), more)


def stream(key, nonce, n):
    key = block(key, nonce[:16], False)
    blocks = [block(key, nonce[16:] + struct.pack("<Q", i), True) for i in range(n // 64 + 1)]
    return b"".join(blocks)[:n]


def poly1305(key, message):
    r = int.from_bytes(key[:16], "little") & 0x0ffffffc0ffffffc0ffffffc0fffffff
    a = 0
    for i in range(0, len(message), 16):
        a = (a + int.from_bytes(message[i:i + 16] + b"\1", "little")) * r % (2 ** 130 - 5)
    return (a + int.from_bytes(key[16:], "little") & (1 << 128) - 1).to_bytes(16, "little")


def boxed(shared, nonce, text):
    key = block(shared, bytes(16), False)
    s = stream(key, nonce, 32 + len(text))
    return s[:32], bytes(a ^ b for a, b in zip(text, s[32:]))


def nonce_of(sender, receiver):
    return hashlib.blake2b(sender + receiver, digest_size=24).digest()


def seal(receiver, text, secret):
    """secret: 32 random bytes."""
    sender = x25519(secret, (9).to_bytes(32, "little"))
    key, text = boxed(x25519(secret, receiver), nonce_of(sender, receiver), text)
    return sender + poly1305(key, text) + text


def unseal(seed, receiver, box):
    shared = x25519(hashlib.sha512(seed).digest()[:32], box[:32])
    key, text = boxed(shared, nonce_of(box[:32], receiver), box[48:])
    if poly1305(key, box[48:]) != box[32:48]:
        raise Refused("not sealed")
    return text


# ---- SSH's types ------------------------------------------------------------------------------------


def string(b):
    return struct.pack(">I", len(b)) + b


class Reader:
    def __init__(self, data):
        self.data = data

    def bytes(self, n):
        if n > len(self.data):
            raise Refused("cut off")
        head, self.data = self.data[:n], self.data[n:]
        return head

    def number(self, n):
        return int.from_bytes(self.bytes(n), "big")

    def string(self):
        return self.bytes(self.number(4))


def key_blob(public, kind=b"ssh-ed25519", application=None):
    return string(kind) + string(public) + (b"" if application is None else string(application))


def subject(text, space=SPACE):
    """What an SSHSIG signs."""
    return b"SSHSIG" + string(space) + string(b"") + string(b"sha512") + string(hashlib.sha512(text).digest())


def envelope(key, signature, space=SPACE):
    return (b"SSHSIG" + struct.pack(">I", 1) + string(key) + string(space) + string(b"") +
            string(b"sha512") + string(signature))


def sign(seed, text, space=SPACE):
    made = ed25519_sign(seed, subject(text, space))
    return envelope(key_blob(public_of(seed)), string(b"ssh-ed25519") + string(made), space)


def sign_by_token(seed, text, flags=1, counter=7, application=b"ssh:"):
    """A FIDO2 key of type sk-ssh-ed25519: PROTOCOL.u2f."""
    kind = b"sk-ssh-ed25519@openssh.com"
    tail = struct.pack(">BI", flags, counter)
    made = ed25519_sign(seed, hashlib.sha256(application).digest() + tail +
                        hashlib.sha256(subject(text)).digest())
    return envelope(key_blob(public_of(seed), kind, application), string(kind) + string(made) + tail)


# ---- the page ---------------------------------------------------------------------------------------


class Host:
    """Somebody's ed25519 host key: the public half, and the seed where it is ours."""

    def __init__(self, public, seed=None):
        self.seed = seed
        self.blob = key_blob(public)
        self.mark = hashlib.blake2b(self.blob, digest_size=32, key=b"holdfast knock 1 mark").digest()
        self.x25519 = as_x25519(public)
        self.digest = hashlib.sha256(self.blob).digest()


def request(host, **k):
    """action, id, subject, time, seconds, account, source (address, bits), ports, reason."""
    source = k.get("source")
    out = struct.pack(">BB16s16s", 1, ACTIONS[k.get("action", "open")], k["id"], k.get("subject", bytes(16)))
    out += host.digest + struct.pack(">QI", k["time"], k.get("seconds", 0)) + string(k["account"].encode())
    if source:
        out += bytes([len(source[0].packed)]) + source[0].packed + bytes([source[1]])
    else:
        out += b"\0"
    ports = k.get("ports", [(6, 22)])
    out += bytes([len(ports)]) + b"".join(struct.pack(">BH", *p) for p in ports)
    return out + string(k.get("reason", "").encode())


def content(text, *signatures):
    plain = string(text) + bytes([len(signatures)]) + b"".join(map(string, signatures))
    return plain + bytes(-len(plain) % 128)


def marked(host, box):
    return b"\1" + hashlib.blake2b(box, digest_size=16, key=host.mark).digest() + box


def datagram(host, secret, text, *signatures):
    return marked(host, seal(host.x25519, content(text, *signatures), secret))


def read_request(host, text):
    r = Reader(text)
    if r.number(1) != 1:
        raise Refused("version")
    k = {"action": {v: n for n, v in ACTIONS.items()}.get(r.number(1)), "id": r.bytes(16),
         "subject": r.bytes(16), "host": r.bytes(32), "time": r.number(8), "seconds": r.number(4),
         "account": r.string().decode()}
    n = r.number(1)
    if n:
        k["source"] = r.bytes(n), r.number(1)
    k["ports"] = [(r.number(1), r.number(2)) for _ in range(r.number(1))]
    k["reason"] = r.string().decode()
    if r.data or not k["action"] or not 1 <= len(k["ports"]) <= 8 or k["host"] != host.digest:
        raise Refused("no request for this host")
    return k


def read_signature(blob, text):
    """An ed25519 key's, in hardware or not: the key's blob, and the token's flags."""
    r = Reader(blob)
    if r.bytes(6) != b"SSHSIG" or r.number(4) != 1:
        raise Refused("no signature")
    key, space, _, made = r.string(), r.string(), r.string(), None
    if space != SPACE or r.string() != b"sha512":
        raise Refused("another signature")
    made, k = Reader(r.string()), Reader(key)
    kind, signature, flags, message = k.string(), None, 0, subject(text)
    public = k.string()
    if made.string() != kind:
        raise Refused("another type")
    signature = made.string()
    if kind.startswith(b"sk-"):
        tail = made.bytes(5)
        flags = tail[0]
        message = hashlib.sha256(k.string()).digest() + tail + hashlib.sha256(message).digest()
    if made.data or not ed25519_holds(public, message, signature):
        raise Refused("does not hold")
    return key, flags


def open_box(host, data):
    """What is in the box: the request's bytes, and the signatures."""
    if not 160 <= len(data) <= 4096 or data[0] != 1:
        raise Refused("size or version")
    if hashlib.blake2b(data[17:], digest_size=16, key=host.mark).digest() != data[1:17]:
        raise Refused("mark")
    plain = unseal(host.seed, host.x25519, data[17:])
    r = Reader(plain)
    text, n = r.string(), r.number(1)
    signatures = [r.string() for _ in range(n)]
    if len(plain) % 128 or len(r.data) >= 128 or any(r.data) or n not in (1, 2):
        raise Refused("form")
    return text, signatures
