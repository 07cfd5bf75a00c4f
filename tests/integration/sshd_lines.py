# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines as sshd writes them, in the forms that logs have.

A log is a list of (seconds, source, user, what): what is one of fail, ok, key, abandoned, offer, noid,
badproto, closed, refused, startups. A form says how sshd and the log around it speak.
"""
import datetime
import json
import random

START = datetime.datetime(2025, 11, 20, 8, 0, 0)
NOISE = [
    ("CRON[4711]", "pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)"),
    ("CRON[4712]", "(root) CMD (   cd / && run-parts --report /etc/cron.hourly)"),
    ("systemd[1]", "Starting phpsessionclean.service - Clean php session files..."),
    ("kernel", "[12345.678901] [UFW BLOCK] IN=eth0 OUT= SRC=198.51.100.77 DST=192.0.2.1 LEN=40 "
     "TTL=244 PROTO=TCP SPT=40000 DPT=23 WINDOW=1024 SYN"),
    ("sudo", "  deploy : TTY=pts/0 ; PWD=/srv ; USER=root ; COMMAND=/usr/bin/systemctl reload nginx"),
    ("systemd-logind[600]", "New session 42 of user deploy."),
    ("postfix/smtpd[900]", "connect from unknown[192.0.2.200]"),
]


class Form:
    """name; program; method: password, kbdint; envelope: bsd, iso, rfc5424, journal; noise: so many
    lines of others for each one of sshd; mapped: ::ffff: in front of addresses of IPv4."""

    def __init__(self, name, program="sshd", method="password", envelope="bsd", noise=0,
                 pam=True, mapped=False):
        self.name, self.program, self.method = name, program, method
        self.envelope, self.noise, self.pam, self.mapped = envelope, noise, pam, mapped

    # pylint: disable=too-many-branches
    def messages(self, source, port, user, what, known):
        """What sshd says about one attempt."""
        at = "%s port %d" % (source, port)
        name = user if known else "invalid user " + user
        where = "authenticating user %s" % user if known else name
        out = []
        if what == "fail":
            if not known:
                out.append("Invalid user %s from %s" % (user, at))
            if self.pam:
                if not known:
                    out.append("pam_unix(sshd:auth): check pass; user unknown")
                out.append("pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 "
                           "tty=ssh ruser= rhost=%s %s" % (source, " user=" + user if known else ""))
            if self.method == "kbdint":
                out.append("error: PAM: %s for %s%s from %s" % (
                    "Authentication failure" if known else
                    "User not known to the underlying authentication module",
                    "" if known else "illegal user ", user, source))
                out.append("Failed keyboard-interactive/pam for %s from %s ssh2" % (name, at))
            else:
                out.append("Failed password for %s from %s ssh2" % (name, at))
        elif what == "end":
            out.append("Connection closed by %s %s [preauth]" % (where, at))
        elif what == "ok":
            method = "keyboard-interactive/pam" if self.method == "kbdint" else "password"
            out.append("Accepted %s for %s from %s ssh2" % (method, user, at))
            out.append("pam_unix(sshd:session): session opened for user %s(uid=1000) by (uid=0)" % user)
        elif what == "key":
            out.append("Accepted publickey for %s from %s ssh2: ED25519 "
                       "SHA256:2g0mwPKpOpIWcMWyzLmlb6x2nJUtvfvvhJQJbB4Kzdw" % (user, at))
            out.append("pam_unix(sshd:session): session opened for user %s(uid=1000) by (uid=0)" % user)
        elif what == "bye":
            out.append("Received disconnect from %s:11: disconnected by user" % at)
            out.append("Disconnected from user %s %s" % (user, at))
            out.append("pam_unix(sshd:session): session closed for user %s" % user)
        elif what == "abandoned":
            if not known:
                out.append("Invalid user %s from %s" % (user, at))
            out.append("Connection closed by %s %s [preauth]" % (where, at))
        elif what == "offer":
            out.append("Failed publickey for %s from %s ssh2: ED25519 "
                       "SHA256:2g0mwPKpOpIWcMWyzLmlb6x2nJUtvfvvhJQJbB4Kzd%d" % (name, at, port % 10))
        elif what == "toomany":
            out.append("error: maximum authentication attempts exceeded for %s from %s ssh2 [preauth]" % (
                name, at))
            out.append("Disconnecting %s %s: Too many authentication failures [preauth]" % (where, at))
        elif what == "noid":
            out.append("Did not receive identification string from %s" % at)
        elif what == "badproto":
            out.append("banner exchange: Connection from %s: invalid format" % at)
        elif what == "closed":
            out.append("Connection closed by %s" % at)
        elif what == "refused":
            out.append("drop connection #0 from [%s]:%d on [192.0.2.1]:22 penalty: failed "
                       "authentication" % (source, port))
        elif what == "startups":
            out.append("drop connection #10 from [%s]:%d on [192.0.2.1]:22 past MaxStartups" % (
                source, port))
        else:
            raise ValueError(what)
        return out

    def line(self, when, pid, text):
        tag = pid if isinstance(pid, str) else "%s[%d]" % (self.program, pid)
        if self.envelope == "bsd":
            return "%s web1 %s: %s" % (when.strftime("%b %e %H:%M:%S"), tag, text)
        if self.envelope == "iso":
            return "%s.%06d+00:00 web1 %s: %s" % (when.strftime("%Y-%m-%dT%H:%M:%S"),
                                                  when.microsecond, tag, text)
        if self.envelope == "rfc5424":
            program, _, rest = tag.partition("[")
            return "<86>1 %sZ web1 %s %s - - %s" % (when.strftime("%Y-%m-%dT%H:%M:%S.%f"), program,
                                                    rest.rstrip("]") or "-", text)
        program, _, rest = tag.partition("[")
        entry = {"__REALTIME_TIMESTAMP": str(int((when - datetime.datetime(1970, 1, 1))
                                                 .total_seconds() * 1000000)),
                 "_HOSTNAME": "web1", "SYSLOG_IDENTIFIER": program, "PRIORITY": "6",
                 "SYSLOG_FACILITY": "4", "_TRANSPORT": "syslog", "MESSAGE": text,
                 "_COMM": program, "_EXE": "/usr/sbin/" + program, "_UID": "0",
                 "_SYSTEMD_UNIT": "ssh.service" if program.startswith("sshd") else program}
        if rest:
            entry["SYSLOG_PID"] = entry["_PID"] = rest.rstrip("]")
        return json.dumps(entry)

    def write(self, steps, known, seed=1):
        """The log as bytes. steps: (seconds, source, user, what[, connection]); known: accounts there
        are. Steps with the same connection share their process."""
        rng = random.Random(seed)
        out, processes = [], {}
        for step in sorted(steps, key=lambda s: s[0]):
            seconds, source, user, what = step[:4]
            connection = step[4] if len(step) > 4 else object()
            if connection not in processes:
                processes[connection] = (rng.randrange(2000, 60000), rng.randrange(30000, 65000))
            pid, port = processes[connection]
            if self.mapped and ":" not in source:
                source = "::ffff:" + source
            when = START + datetime.timedelta(seconds=seconds)
            for i, text in enumerate(self.messages(source, port, user, what, user in known)):
                out.append(self.line(when + datetime.timedelta(microseconds=1000 * i), pid, text))
            for _ in range(self.noise):
                tag, text = rng.choice(NOISE)
                out.append(self.line(when + datetime.timedelta(microseconds=20000), tag, text))
        return ("\n".join(out) + "\n").encode()


FORMS = [
    Form("password, RFC 3164"),
    Form("password without PAM, RFC 3164", pam=False),
    Form("keyboard-interactive, RFC 3164", method="kbdint"),
    Form("sshd-session, ISO times", program="sshd-session", envelope="iso"),
    Form("sshd-session, keyboard-interactive, RFC 5424", program="sshd-session", method="kbdint",
         envelope="rfc5424"),
    Form("password, journal as JSON", envelope="journal"),
    Form("sshd-auth, journal as JSON", program="sshd-auth", envelope="journal"),
    Form("mapped addresses, other services between", mapped=True, noise=3),
]
