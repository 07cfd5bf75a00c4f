#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Live sources against the programs that write logs: live_sources.py LIVE_PRINT

logrotate rotates a file that is written to, the reader is killed at random; journald runs in a mount
namespace of its own, its journal is rotated; systemd-journal-remote writes a journal from the export
format; logger and plain sockets send syslog; the kernel sends audit messages.
"""
import collections
import os
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

from tap import ok, plan, skip

PRINT = sys.argv[1]
REMOTE = '/usr/lib/systemd/systemd-journal-remote'
JOURNALD = '/usr/lib/systemd/systemd-journald'


class Reader:
    """live_print with its output in a file."""

    running = []

    def __init__(self, folder, cursor, sources, wrap=()):
        self.path = os.path.join(folder, f'out-{os.urandom(4).hex()}')
        with open(self.path, 'wb') as out:
            self.child = subprocess.Popen([*wrap, PRINT, cursor, *sources], stdout=out,
                                          stderr=subprocess.STDOUT)
        Reader.running.append(self)

    def lines(self):
        with open(self.path, 'rb') as file:
            text = file.read().decode(errors='replace')
        return text[:text.rfind('\n') + 1].splitlines()

    def wait(self, good, seconds=20):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if good(self.lines()):
                return True
            if self.child.poll() is not None:
                return good(self.lines())
            time.sleep(0.02)
        return False

    def ready(self):
        return self.wait(lambda lines: '# ready' in lines)

    def stop(self, how=signal.SIGTERM):
        if self.child.poll() is None:
            self.child.send_signal(how)
        try:
            self.child.wait(20)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        return self.lines()


def told(lines):
    """How often each numbered line was told."""
    return collections.Counter(int(m.group(1)) for line in lines
                               if (m := re.search(r'line #(\d+)$', line)))


def test_logrotate(folder, extra, name):
    """A program writes all the time, logrotate rotates, the reader is killed and started again."""
    rnd = random.Random(7)
    log, cursor = f'{folder}/app.log', f'{folder}/cursor'
    with open(f'{folder}/rotate', 'w', encoding='ascii') as file:
        file.write(f'{log} {{\n rotate 30\n size 1\n missingok\n nocompress\n {extra}\n}}\n')
    os.chmod(f'{folder}/rotate', 0o600)
    sources, reader, out, n = [f'file:{log}'], None, [], 0
    killed = behind = 0
    for step in range(60):
        if reader is None:
            reader = Reader(folder, cursor, sources)
            reader.ready()
        with open(log, 'a', encoding='ascii') as file:
            for _ in range(rnd.randrange(40)):
                n += 1
                file.write(f'2026-11-22T10:00:00.{n:06}Z host app[7]: line #{n}\n')
        if rnd.random() < 0.3:
            subprocess.run(['logrotate', '-f', '-s', f'{folder}/state', f'{folder}/rotate'],
                           check=True, capture_output=True)
            behind += 1
        if behind > 4:
            # A reader that has no CPU gives up the oldest of nine files, and says so.
            before = sum((told(lines) for lines in out), collections.Counter())
            reader.wait(lambda lines: len(before + told(lines)) >= n)
            behind = 0
        if rnd.random() < 0.15:
            # Everything that was told was saved by the time the next batch is told.
            how = signal.SIGKILL if step % 2 else signal.SIGTERM
            killed += 1
            out.append(reader.stop(how))
            reader = None
    if reader is None:
        reader = Reader(folder, cursor, sources)
    before = sum((told(lines) for lines in out), collections.Counter())
    reader.wait(lambda lines: len(before + told(lines)) >= n)
    out.append(reader.stop())
    counts = sum((told(lines) for lines in out), collections.Counter())
    lost = [i for i in range(1, n + 1) if not counts[i]]
    twice = [i for i in counts if counts[i] > 1]
    ok(not lost, f'{name}: {n} lines, {killed} stops: none is lost', f'lost {lost[:20]}')
    # A kill between writing and saving tells one batch again.
    ok(len(twice) <= 40 * killed, f'{name}: only what was not saved comes twice', twice[:20])
    ok(all(' 0 -' in line for line in out[-1] if line.startswith('# /')),
       f'{name}: no gap, no problem', out[-1][-1:])


def export(entries):
    """The journal's export format."""
    text = b''
    for i, (when, message) in enumerate(entries):
        fields = {
            '__CURSOR': 's=0;i=%x' % i, '__REALTIME_TIMESTAMP': str(when),
            '__MONOTONIC_TIMESTAMP': str(when % 10**10), '_BOOT_ID': '0' * 31 + '1', 'PRIORITY': '6',
            '_HOSTNAME': 'host', 'SYSLOG_IDENTIFIER': 'app', '_PID': '7', '_TRANSPORT': 'syslog',
            '_COMM': 'app', 'MESSAGE': message,
        }
        for key, value in fields.items():
            value = value.encode()
            if b'\n' in value:
                text += key.encode() + b'\n' + struct.pack('<Q', len(value)) + value + b'\n'
            else:
                text += key.encode() + b'=' + value + b'\n'
        text += b'\n'
    return text


def test_remote(folder):
    if not os.path.exists(REMOTE):
        skip('journal-remote', f'{REMOTE} is not installed')
        return
    journal, cursor = f'{folder}/journal', f'{folder}/cursor'
    os.makedirs(f'{journal}/machine')
    start = int(time.time() * 1e6) - 3600_000_000

    def write(name, first, last):
        entries = [(start + i * 1000, f'line #{i}') for i in range(first, last + 1)]
        subprocess.run([REMOTE, '-o', f'{journal}/machine/{name}.journal', '-'],
                       input=export(entries), check=True, capture_output=True)

    write('one', 1, 500)
    out = []
    reader = Reader(folder, cursor, [f'journal:{journal}'])
    reader.wait(lambda lines: len(told(lines)) >= 500)
    write('one', 501, 600)
    ok(reader.wait(lambda lines: len(told(lines)) >= 600), 'journal-remote: what is added is told')
    write('two', 601, 700)
    ok(reader.wait(lambda lines: len(told(lines)) >= 700), 'journal-remote: a new file is read')
    out.append(reader.stop(signal.SIGKILL))
    write('two', 701, 800)
    write('three', 801, 900)
    with open(f'{journal}/machine/bad.journal', 'wb') as file:
        file.write(b'LPKSHHRH' + os.urandom(5000))
    reader = Reader(folder, cursor, [f'journal:{journal}'])
    reader.wait(lambda lines: len(told(lines)) >= 200)
    time.sleep(0.1)
    out.append(reader.stop())
    counts = told(out[0]) + told(out[1])
    ok(all(counts[i] == 1 for i in range(1, 901)) and len(counts) == 900,
       'journal-remote: 900 entries of three files over a kill: each once, a damaged file beside',
       [(i, counts[i]) for i in range(1, 901) if counts[i] != 1][:10])
    ok(all(line.startswith('late ') for line in out[0] if 'line #' in line),
       'journal-remote: what is old is late')


class Journald:
    """journald in a mount namespace, with a runtime journal and sockets of its own."""

    script = '''
set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/journal /run/log/journal /run/systemd/journald.conf.d
printf '[Journal]\\nStorage=volatile\\nAudit=no\\nReadKMsg=no\\nRateLimitBurst=0\\n' \\
	> /run/systemd/journald.conf.d/own.conf
while
	setpriv --pdeathsig KILL "$@" &
	echo $!
	read -r signal
do
	kill "-$signal" $!
	wait $! || :
done
'''

    def __init__(self):
        self.child = subprocess.Popen(
            ['setpriv', '--pdeathsig', 'KILL', 'unshare', '-m', '--propagation', 'private', 'sh',
             '-c', self.script, 'sh', JOURNALD], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)
        self.root = f'/proc/{self.child.pid}/root'
        self.good = self.started()

    def started(self):
        self.pid = int(self.child.stdout.readline() or 0)
        end = time.monotonic() + 20
        while self.pid and time.monotonic() < end:
            try:
                self.send([])
                return True
            except OSError:
                time.sleep(0.02)
        return False

    def restart(self, signal_name):
        self.child.stdin.write(signal_name + '\n')
        self.child.stdin.flush()
        return self.started()

    def rotate(self):
        os.kill(self.pid, signal.SIGUSR2)

    def enter(self):
        return ['nsenter', '-m', '-t', str(self.child.pid)]

    def send(self, text):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.connect(f'{self.root}/run/systemd/journal/socket')
            for line in text:
                s.send(f'MESSAGE={line}\nSYSLOG_IDENTIFIER=app\nPRIORITY=6\n'.encode())

    def stop(self):
        self.child.terminate()
        try:
            self.child.wait(5)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self.child.stdin.close()
        self.child.stdout.close()


def test_journald(folder):
    if os.geteuid() != 0 or not os.path.exists(JOURNALD):
        skip('journald', 'needs root and journald')
        return
    journald = Journald()
    try:
        if not journald.good:
            skip('journald', 'does not run in a namespace here')
            return
        source, cursor = [f'journal:{journald.root}/run/log/journal'], f'{folder}/cursor'
        n = 0

        def send(count):
            nonlocal n
            journald.send(f'line #{i}' for i in range(n + 1, n + count + 1))
            n += count

        send(100)
        reader, out = Reader(folder, cursor, source), []
        ok(reader.wait(lambda lines: len(told(lines)) >= 100), 'journald: what is there is told')
        send(1)
        ok(reader.wait(lambda lines: len(told(lines)) >= 101), 'journald: what comes is told')
        # 250 ms later inotify would tell, too: the median of many must be far below that.
        waits = []
        for _ in range(21):
            time.sleep(0.03)
            send(1)
            begun = time.monotonic()
            while len(told(reader.lines())) < n and time.monotonic() - begun < 5:
                time.sleep(0.0005)
            waits.append(time.monotonic() - begun)
        ok(sorted(waits)[10] < 0.1, 'journald: without waiting for its notice',
           f'median {sorted(waits)[10] * 1000:.1f} ms')
        print(f'# median from journald to a line: {sorted(waits)[10] * 1000:.1f} ms')
        for _ in range(3):
            send(300)
            journald.rotate()
            time.sleep(0.1)
            send(300)
        ok(reader.wait(lambda lines: len(told(lines)) >= n), 'journald: rotated three times')
        for name in 'TERM', 'KILL':
            again = journald.restart(name)
            send(100)
            ok(again and reader.wait(lambda lines: len(told(lines)) >= n),
               f'journald is restarted (SIG{name}): what comes then is told', (len(told(reader.lines())), n))
        out.append(reader.stop(signal.SIGKILL))
        send(50)
        journald.rotate()
        time.sleep(0.2)
        send(50)
        reader = Reader(folder, cursor, source)
        reader.wait(lambda lines: len(told(out[0]) + told(lines)) >= n)
        time.sleep(0.1)
        out.append(reader.stop())
        counts = told(out[0]) + told(out[1])
        ok(all(counts[i] >= 1 for i in range(1, n + 1)), f'journald: {n} entries, none is lost',
           [i for i in range(1, n + 1) if not counts[i]][:10])
        ok(sum(counts.values()) == n, 'journald: none comes twice', sum(counts.values()) - n)
    finally:
        journald.stop()


def test_sockets(folder):
    path = f'{folder}/log'
    with socket.socket(socket.AF_INET) as probe:
        probe.bind(('127.0.0.1', 0))
        port = probe.getsockname()[1]
    reader = Reader(folder, f'{folder}/cursor',
                    [f'datagram:{path}', f'datagram:127.0.0.1:{port}', f'stream:127.0.0.1:{port}'])
    reader.ready()
    xml = ("<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
           "<Provider Name='Microsoft-Windows-Security-Auditing'/><EventID>4625</EventID>"
           "<TimeCreated SystemTime='2026-11-22T10:00:00Z'/><EventRecordID>5</EventRecordID>"
           "<Channel>Security</Channel><Computer>pc</Computer></System><EventData>"
           "<Data Name='TargetUserName'>root</Data></EventData></Event>")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.connect(path)
        s.send(b'<38>Nov 22 10:00:00 app[7]: line #1\n')
        s.send(b'<38>app[7]: line #2')
        s.send(b'<38>app[7]: forged\n<38>Nov 22 10:00:00 sshd[1]: line #3')
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.connect(('127.0.0.1', port))
        s.send(b'<34>1 2026-11-22T10:00:00Z host app 7 - - line #4')
        s.send(b'<13>1 2026-11-22T10:00:00Z pc Security 7 - - ' + xml.encode())
        s.send(b'{"EventID":1,"Channel":"Security","note":"line #5"}')
    with socket.create_connection(('127.0.0.1', port)) as s:
        framed = b'<34>1 2026-11-22T10:00:00Z host app 7 - - line\n#6'
        s.send(str(len(framed)).encode() + b' ' + framed[:10])
        time.sleep(0.05)
        s.send(framed[10:] + b'<34>1 2026-11-22T10:00:00Z host app 7 - - line #7\n')
        s.send(b'99999999 ')
        s.send(b'x' * 500)
        # Until the reader has come to the end of it and closes its side.
        s.settimeout(20)
        s.shutdown(socket.SHUT_WR)
        s.recv(1)
    with socket.create_connection(('127.0.0.1', port)) as s:
        s.send(b'<34>' + b'y' * 300000 + b'\n<34>1 2026-11-22T10:00:00Z host app 7 - - line #8')
    reader.wait(lambda lines: len(told(lines)) >= 7)
    lines = reader.stop()
    counts = told(lines)
    ok(all(counts[i] == 1 for i in (1, 2, 3, 4, 6, 7, 8)), 'sockets: messages of every framing', lines)
    ok(any('line #5' in line for line in lines), 'sockets: JSON', lines)
    ok(any('forged <38>' in line for line in lines),
       'sockets: a newline in a message makes no line of its own', lines)
    ok(any('<EventID>4625' in line and line.startswith('late <Event') for line in lines),
       'sockets: a Windows event in a syslog message', lines)
    ok(any('127.0.0.1' not in line and 'localhost app[7]: line #2' in line for line in lines),
       'sockets: a message without a time has the one when it came', lines)
    report = [line.split() for line in lines if line.startswith('# ') and 'ready' not in line]
    ok(report[2][6] == '2', 'sockets: messages that are too long are counted', report)


def test_audit(folder):
    reader = Reader(folder, 'now', ['audit:audit'])
    if not reader.ready():
        skip('audit', ' '.join(reader.stop())[:100])
        return
    # A process that seccomp kills is told of, whether rules are loaded or not.
    code = 'import ctypes; ctypes.CDLL(None).prctl(22, 1, 0, 0, 0); open("/dev/null")'
    child = subprocess.run([sys.executable, '-c', code], check=False, capture_output=True)
    if child.returncode != -signal.SIGKILL:
        skip('audit', 'no seccomp here')
        reader.stop()
        return
    good = reader.wait(lambda lines: any(line.startswith('type=SECCOMP msg=audit(')
                                         for line in lines), 3)
    ok(good, 'audit: a message of the kernel', reader.stop())


def run(test, *args):
    """In a folder of its own; no reader outlives it."""
    with tempfile.TemporaryDirectory(prefix='holdfast-live-') as folder:
        try:
            test(folder, *args)
        finally:
            for reader in Reader.running:
                reader.stop(signal.SIGKILL)
            Reader.running.clear()


def main():
    for test in (test_remote, test_journald, test_sockets, test_audit):
        run(test)
    for extra, name in (('create 0600', 'logrotate create'), ('copytruncate', 'copytruncate')):
        if not shutil.which('logrotate'):
            skip(name, 'logrotate is not installed')
            continue
        run(test_logrotate, extra, name)
    return plan()


if __name__ == '__main__':
    sys.exit(main())
