#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sinks against servers: sinks.py SINK_SEND

rsyslog over UDP, TCP and TLS, an HTTP and an SMTP server; servers that are down, slow, refuse,
answer 429 and 500, or have the wrong certificate. Everything on the loopback, as this user.
"""
import collections
import email
import http.server
import json
import os
import re
import shutil
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time

from tap import ok, plan, skip

SEND = sys.argv[1]


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def send(kind, form, url, **keys):
    """What sink_send prints: told failures refused waiting dropped problem."""
    env = {key: value for key, value in os.environ.items() if 'proxy' not in key.lower()}
    out = subprocess.run([SEND, kind, form, url, *(f'{k}={v}' for k, v in keys.items())],
                         capture_output=True, text=True, timeout=60, env=env, check=False)
    words = out.stdout.strip().split(' ', 5)
    if len(words) < 5 or not words[0].isdigit():
        return out.stdout + out.stderr
    return [int(word) for word in words[:5]] + words[5:]


def numbers(text):
    return collections.Counter(int(n) for n in re.findall(r'notice #(\d+)', text))


class Hook(http.server.BaseHTTPRequestHandler):
    """Answers with what the plan says, then 200."""

    protocol_version = 'HTTP/1.1'

    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        server = self.server
        code, delay = server.plan.pop(0) if server.plan else (200, 0)
        time.sleep(delay)
        if server.limit and body.count(b'"id"') > server.limit:
            code = 413
        if server.hates and server.hates in body:
            code = 400
        server.codes.append(code)
        if code == 200:
            server.bodies.append((body, dict(self.headers)))
        try:
            self.send_response(code)
            if code == 429:
                self.send_header('Retry-After', '2')
            self.send_header('Content-Length', '2')
            self.end_headers()
            self.wfile.write(b'ok')
        except OSError:
            pass

    def log_message(self, *_):
        pass


class Web(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, plan=(), port=0, limit=0, hates=b''):
        super().__init__(('127.0.0.1', port), Hook)
        self.plan, self.codes, self.bodies = list(plan), [], []
        self.limit, self.hates = limit, hates
        self.url = f'http://127.0.0.1:{self.server_address[1]}/hook'
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass

    def text(self):
        return ''.join(body.decode() for body, _ in self.bodies)

    def stop(self):
        self.shutdown()
        self.server_close()


def test_webhook(folder):
    web = Web()
    st = send('webhook', 'json', web.url, count=200, secret='token')
    counts = numbers(web.text())
    ok(st[:5] == [200, 0, 0, 0, 0] and all(counts[i] == 1 for i in range(1, 201)),
       'webhook: each notice once', st)
    ok(len(web.bodies) < 100, 'webhook: several in one request', len(web.bodies))
    first = json.loads(web.bodies[0][0])
    ok(isinstance(first, list) and first[0]['from'] == '192.0.2.1', 'webhook: a list of objects')
    ok(web.bodies[0][1]['Authorization'] == 'Bearer token', 'webhook: with the secret')
    web.stop()
    for form, look in (('slack', lambda d: 'SSH brute force' in d['text']),
                       ('teams', lambda d: d['attachments'][0]['content']['type'] ==
                        'AdaptiveCard'),
                       ('ocsf', lambda d: d[0]['class_uid'] == 2004)):
        web = Web()
        send('webhook', form, web.url, count=3)
        ok(web.bodies and all(look(json.loads(body)) for body, _ in web.bodies) and
           len(numbers(web.text())) == 3, f'webhook: {form}', web.text())
        web.stop()
    web = Web(plan=[(500, 0), (429, 0), (503, 0)])
    begun = time.monotonic()
    st = send('webhook', 'json', web.url, count=50, wait=20)
    took = time.monotonic() - begun
    counts = numbers(web.text())
    ok(st[:2] == [50, 3] and sum(counts.values()) == 50, 'webhook: 500, 429 and 503: later', st)
    ok(took > 6, 'webhook: it waits longer each time, and as Retry-After says', took)
    web.stop()
    web = Web(plan=[(200, 3)])
    st = send('webhook', 'json', web.url, count=5, timeout=1, wait=20)
    ok(st[3] == 0 and len(numbers(web.text())) == 5, 'webhook: a slow server: again', st)
    web.stop()
    web = Web(limit=4)
    st = send('webhook', 'json', web.url, count=30, wait=20)
    ok(st[0] == 30 and st[2] == 0 and len(numbers(web.text())) == 30,
       'webhook: too large a request: one by one', st)
    web.stop()
    web = Web(hates=b'notice #7"')
    st = send('webhook', 'json', web.url, count=10, wait=20)
    ok(st[0] == 9 and st[2] == 1 and st[3] == 0, 'webhook: one that is refused stops no other', st)
    web.stop()
    ok('https' in str(send('webhook', 'json', 'http://192.0.2.1/hook')),
       'webhook: not in the clear over the network')
    ok('takes' in str(send('webhook', 'cef', 'https://192.0.2.1/hook')), 'webhook: no CEF')


def test_spool(folder):
    """The server is down while notices come; the program ends, another one delivers them."""
    port = free_port()
    url = f'http://127.0.0.1:{port}/hook'
    spool = f'{folder}/spool'
    os.mkdir(spool)
    st = send('webhook', 'json', url, count=100, spool=spool, wait=1)
    ok(st[0] == 0 and st[3] == 100 and st[1] >= 1, 'spool: the server is down: they wait', st)
    st = send('webhook', 'json', url, count=100, first=101, spool=spool, wait=0)
    ok(st[3] == 200, 'spool: over a restart, too', st)
    web = Web(port=port)
    st = send('webhook', 'json', url, count=1, first=201, spool=spool, wait=20)
    counts = numbers(web.text())
    ok(st[3] == 0 and all(counts[i] == 1 for i in range(1, 202)),
       'spool: each is told once when it is back', st)
    web.stop()
    st = send('webhook', 'json', url, count=3000, spool=spool, wait=0, limit=400000)
    web = Web(port=port)
    last = send('webhook', 'json', url, count=0, spool=spool, wait=20, limit=400000)
    counts = numbers(web.text())
    ok(st[4] > 0 and st[3] + st[4] == 3000 and sum(counts.values()) == st[3] and
       counts[3000] == 1, 'spool: what does not fit is counted, the newest are kept',
       (st, last, len(counts)))
    web.stop()


class Mail(socketserver.StreamRequestHandler):
    """SMTP (RFC 5321) as far as a sender needs it."""

    def say(self, text):
        self.wfile.write(text.encode() + b'\r\n')

    def handle(self):
        self.say('220 test ESMTP')
        to = []
        while line := self.rfile.readline():
            word = line[:4].upper().strip()
            if word == b'EHLO':
                self.say('250-test\r\n250 8BITMIME')
            elif word == b'RCPT':
                to.append(line.decode().strip())
                self.say('250 ok')
            elif word == b'DATA':
                if self.server.plan:
                    self.say(self.server.plan.pop(0))
                    continue
                self.say('354 go')
                text = b''
                while (line := self.rfile.readline()) != b'.\r\n':
                    text += line[1:] if line.startswith(b'.') else line
                self.server.mails.append((to, text))
                self.say('250 ok')
            elif word == b'QUIT':
                self.say('221 bye')
                return
            else:
                self.say('250 ok')


class Smtp(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, plan=()):
        super().__init__(('127.0.0.1', 0), Mail)
        self.plan, self.mails = list(plan), []
        self.url = f'smtp://127.0.0.1:{self.server_address[1]}'
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass

    def stop(self):
        self.shutdown()
        self.server_close()


def test_mail(folder):
    smtp = Smtp(plan=['451 later'])
    st = send('mail', 'mail', smtp.url, count=5, wait=20, **{
        'from': 'guard@example.org', 'to': 'root@example.org, ops@example.org'})
    text = b''.join(mail for _, mail in smtp.mails)
    ok(st[:2] == [5, 1] and len(numbers(text.decode())) == 5, 'mail: each notice, after a 451', st)
    mail = email.message_from_bytes(smtp.mails[0][1])
    ok(mail['To'] == 'root@example.org, ops@example.org' and len(smtp.mails[0][0]) == 2,
       'mail: to all receivers', mail['To'])
    ok(mail['Subject'].startswith('[holdfast] [high] SSH brute force'), 'mail: a subject',
       mail['Subject'])
    ok(set(mail.keys()) == {'Date', 'From', 'To', 'Subject', 'Message-ID', 'MIME-Version',
                            'Content-Type', 'Content-Transfer-Encoding', 'Auto-Submitted'},
       'mail: no header but its own', mail.keys())
    ok('‮' not in mail.get_payload(decode=True).decode(), 'mail: nothing that turns text around')
    smtp.stop()
    smtp = Smtp()
    st = send('mail', 'mail', smtp.url, count=40, gap=50, pause=2, wait=20, **{
        'from': 'guard@example.org', 'to': 'root@example.org'})
    ok(st[0] == 40 and len(smtp.mails) <= 4, 'mail: what comes within the pause is one mail',
       (st, len(smtp.mails)))
    smtp.stop()
    smtp = Smtp()
    st = send('mail', 'mail', smtp.url, user='me', secret='password', wait=1, **{
        'from': 'guard@example.org', 'to': 'root@example.org'})
    ok(st[0] == 0 and not smtp.mails, 'mail: no password without TLS', st)
    smtp.stop()


def certificates(folder):
    """A CA, a certificate for localhost, one for another name."""
    def run(*args):
        subprocess.run(['openssl', *args], check=True, capture_output=True, cwd=folder)
    run('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem',
        '-days', '30', '-subj', '/CN=test CA')
    for name in ('localhost', 'other.example'):
        run('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', f'{name}.key', '-out',
            f'{name}.csr', '-subj', f'/CN={name}')
        with open(f'{folder}/ext', 'w', encoding='ascii') as file:
            file.write(f'subjectAltName=DNS:{name}\n')
        run('x509', '-req', '-in', f'{name}.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key',
            '-CAcreateserial', '-days', '30', '-extfile', 'ext', '-out', f'{name}.pem')


class Rsyslog:
    """rsyslogd with inputs on the loopback; what it gets goes to a file."""

    def __init__(self, folder, ports, certificate='localhost'):
        self.out = f'{folder}/syslog.out'
        udp, tcp, tls = ports
        with open(f'{folder}/rsyslog.conf', 'w', encoding='ascii') as file:
            file.write(f'''
global(workDirectory="{folder}" defaultNetstreamDriverCAFile="{folder}/ca.pem"
  defaultNetstreamDriverCertFile="{folder}/{certificate}.pem"
  defaultNetstreamDriverKeyFile="{folder}/{certificate}.key" maxMessageSize="64k")
module(load="imudp")
module(load="imtcp" streamDriver.name="ossl" streamDriver.mode="1"
  streamDriver.authMode="anon")
module(load="imptcp")
template(name="raw" type="string" string="%rawmsg%\\n")
ruleset(name="all") {{ action(type="omfile" file="{self.out}" template="raw") }}
input(type="imudp" address="127.0.0.1" port="{udp}" ruleset="all")
input(type="imptcp" address="127.0.0.1" port="{tcp}" ruleset="all")
input(type="imtcp" address="127.0.0.1" port="{tls}" ruleset="all")
''')
        self.child = subprocess.Popen(['rsyslogd', '-n', '-f', f'{folder}/rsyslog.conf', '-i',
                                       f'{folder}/rsyslog.pid'], stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL)
        for _ in range(200):
            try:
                socket.create_connection(('127.0.0.1', tls)).close()
                break
            except OSError:
                time.sleep(0.05)

    def text(self, n):
        """What has come, as soon as it is n notices."""
        text = ''
        for _ in range(100):
            if os.path.exists(self.out):
                with open(self.out, encoding='utf-8', errors='replace') as file:
                    text = file.read()
            if len(numbers(text)) >= n:
                break
            time.sleep(0.05)
        return text

    def stop(self):
        self.child.terminate()
        try:
            self.child.wait(5)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        if os.path.exists(self.out):
            os.unlink(self.out)


def test_syslog(folder):
    if not shutil.which('rsyslogd') or not shutil.which('openssl'):
        skip('syslog', 'rsyslogd or openssl is not installed')
        return
    certificates(folder)
    ports = [free_port() for _ in range(3)]
    urls = {'udp': f'udp://127.0.0.1:{ports[0]}', 'tcp': f'tcp://127.0.0.1:{ports[1]}',
            'tls': f'tls://localhost:{ports[2]}'}
    server = Rsyslog(folder, ports)
    first = 1
    for name, url in urls.items():
        st = send('syslog', 'cef', url, count=100, first=first, ca=f'{folder}/ca.pem')
        text = server.text(first + 99)
        counts = numbers(text)
        ok(st[0] == 100 and all(counts[i] == 1 for i in range(first, first + 100)),
           f'rsyslog over {name}: each notice once', (st, len(counts)))
        first += 100
    lines = text.splitlines()
    ok(len(lines) == 300 and all(re.match(
        r'<83>1 2026-11-22T11:42:33\.123456Z host holdfast - alert - CEF:0\|Holdfast\|guard\|',
        line) for line in lines), 'rsyslog: a line each, of RFC 5424', lines[:2])
    st = send('syslog', 'cef', urls['tls'], wait=1)
    ok(st[0] == 0 and st[3] == 1, 'TLS: a CA that is not known: nothing is told', st)
    server.stop()
    server = Rsyslog(folder, ports, 'other.example')
    st = send('syslog', 'cef', urls['tls'], wait=1, ca=f'{folder}/ca.pem')
    ok(st[0] == 0 and st[3] == 1, 'TLS: a certificate of another name: nothing is told', st)
    server.stop()
    # Down at first, then stopped and started again under way.
    spool = f'{folder}/spool'
    os.mkdir(spool)
    st = send('syslog', 'cef', urls['tls'], count=20, ca=f'{folder}/ca.pem', spool=spool, wait=1)
    ok(st[3] == 20, 'TLS: the server is down: they wait', st)
    server = Rsyslog(folder, ports)
    sender = subprocess.Popen([SEND, 'syslog', 'cef', urls['tls'], f'ca={folder}/ca.pem',
                               f'spool={spool}', 'count=60', 'first=21', 'gap=50', 'wait=20'],
                              stdout=subprocess.PIPE, text=True)
    time.sleep(1)
    seen = numbers(server.text(20))
    server.stop()
    server = Rsyslog(folder, ports)
    out = sender.communicate(timeout=40)[0]
    seen += numbers(server.text(60))
    lost = [i for i in range(1, 81) if not seen[i]]
    ok(out.split()[3] == '0', 'TLS: a server that starts anew gets the rest', out)
    ok(len(lost) <= 2, 'TLS: nothing that was not acknowledged is lost', (lost, out))
    server.stop()


def test_file(folder):
    path = f'{folder}/alerts.json'
    st = send('file', 'json', path, count=300)
    with open(path, encoding='ascii') as file:
        lines = [json.loads(line) for line in file]
    ok(st[0] == 300 and [line['evidence'] for line in lines] ==
       [[f'notice #{i}'] for i in range(1, 301)], 'file: a line each, in order', st)
    if os.path.exists('/dev/full'):
        st = send('file', 'json', '/dev/full', count=3, wait=1)
        ok(st[0] == 0 and st[3] == 3 and 'space' in st[5], 'file: a full disk is said, they wait',
           st)


def main():
    for test in (test_file, test_webhook, test_spool, test_mail, test_syslog):
        with tempfile.TemporaryDirectory(prefix='holdfast-sinks-') as folder:
            test(folder)
    return plan()


if __name__ == '__main__':
    sys.exit(main())
