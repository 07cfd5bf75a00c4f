#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way from the internet through nginx to php-fpm over a UNIX socket, and from it to a program that
listens on the loopback alone: real ones, in a network and mount namespace of their own. In it the
folder /etc/nginx is another one; nothing of the machine is changed.

Usage: local_hops.py HOLDFAST
"""
import glob
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

from tap import ok, plan, wait_for

HOLDFAST = os.path.abspath(sys.argv[1])
INSIDE = len(sys.argv) > 2

NGINX = """daemon off;
pid {tmp}/nginx.pid;
error_log {tmp}/nginx.log;
events {{ }}
http {{
	access_log off;
	client_body_temp_path {tmp}/body;
	proxy_temp_path {tmp}/proxy;
	fastcgi_temp_path {tmp}/fastcgi;
	uwsgi_temp_path {tmp}/uwsgi;
	scgi_temp_path {tmp}/scgi;
	server {{
		listen 0.0.0.0:8088;
		location / {{
			fastcgi_param SCRIPT_FILENAME {tmp}/wait.php;
			fastcgi_param REQUEST_METHOD $request_method;
			fastcgi_pass unix:{tmp}/php.sock;
		}}
	}}
}}
"""
FPM = """[global]
pid = {tmp}/fpm.pid
error_log = {tmp}/fpm.log
daemonize = no
[www]
user = nobody
group = nogroup
listen = {tmp}/php.sock
listen.mode = 0666
pm = static
pm.max_children = 2
"""
# Talks to the program behind it, and waits.
PHP = """<?php
$s = stream_socket_client("tcp://127.0.0.1:9123");
fwrite($s, "x");
fread($s, 1);
sleep(60);
"""
BACKEND = """
import socket, sys
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", 9123))
s.listen(8)
kept = []
while True:
    c, _ = s.accept()
    c.recv(1)
    c.send(b"x")
    kept.append(c)
"""
ALONE = """
import socket, time
s = socket.socket()
s.bind(("127.0.0.1", 9124))
s.listen(8)
time.sleep(120)
"""


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def query(sql):
    run = subprocess.run([HOLDFAST, "query", "-f", "json", sql], capture_output=True, text=True,
                         timeout=300)
    if run.returncode:
        print("#", run.stderr)
        return []
    return json.loads(run.stdout)


def reached():
    rows = query("SELECT r.pid, r.internet, r.door, r.via, r.hops, p.name FROM reached_processes r"
                 " JOIN processes p ON p.pid = r.pid")
    return {r["pid"]: r for r in rows}


def inside(tmp, fpm):
    for name, text in (("nginx.conf", NGINX), ("fpm.conf", FPM)):
        path = f"{tmp}/nginx/{name}" if name == "nginx.conf" else f"{tmp}/{name}"
        with open(path, "w") as f:
            f.write(text.format(tmp=tmp))
    with open(f"{tmp}/wait.php", "w") as f:
        f.write(PHP)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    subprocess.run(["mount", "--bind", f"{tmp}/nginx", "/etc/nginx"], check=True)
    started = []
    try:
        for argv in ([sys.executable, "-c", BACKEND], [sys.executable, "-c", ALONE],
                     [fpm, "-y", f"{tmp}/fpm.conf", "-F"],
                     ["nginx", "-c", "/etc/nginx/nginx.conf", "-p", tmp]):
            started.append(subprocess.Popen(argv, stdout=subprocess.DEVNULL,
                                            stderr=subprocess.DEVNULL))
        backend, alone, php, nginx = (p.pid for p in started)
        if not wait_for(lambda: listens(8088) and listens(9123) and listens(9124)
                        and os.path.exists(f"{tmp}/php.sock"), 60):
            ok(False, "the servers start", open(f"{tmp}/nginx.log").read())
            return
        # By the configuration alone: nobody is connected.
        got = reached()
        ok(nginx in got and got[nginx]["internet"] == 1 and got[nginx]["hops"] == 0,
           "nginx is reached", got)
        ok(got.get(php, {}).get("hops") == 1 and "php.sock" in got[php]["via"]
           and got[php]["door"] == "tcp/8088", "php-fpm through its socket", got)
        workers = [r for r in got.values() if "php-fpm" in r["name"]]
        ok(len(workers) == 3, "with its workers", got)
        ok(alone not in got and backend not in got, "nobody else", got)
        # Connected: nginx to php-fpm, and that to the program behind it.
        client = socket.create_connection(("127.0.0.1", 8088))
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_for(lambda: backend in reached(), 40)
        got = reached()
        ok(got.get(backend, {}).get("hops") == 2
           and "127.0.0.1:9123" in got[backend]["via"], "what php-fpm talks to", got)
        ok(alone not in got, "still nobody else", got)
        client.close()
        run = subprocess.run([HOLDFAST, "paths", "-f", "json"], capture_output=True, text=True)
        ok("php.sock" in run.stdout, "the ways in go on", run.stdout[:2000] + run.stderr)
    finally:
        for p in reversed(started):
            p.send_signal(signal.SIGTERM)
        for p in started:
            try:
                p.wait(10)
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait()


def main():
    fpm = next(iter(sorted(glob.glob("/usr/sbin/php-fpm*"))), None)
    if not INSIDE:
        if os.geteuid() or not fpm or not all(map(shutil.which, ("nginx", "unshare", "ip"))) \
                or not os.path.isdir("/etc/nginx") \
                or subprocess.run(["unshare", "-nm", "true"], capture_output=True).returncode:
            print("1..0 # SKIP needs root, namespaces, nginx and php-fpm")
            return 0
        with tempfile.TemporaryDirectory(prefix="holdfast-hops-") as tmp:
            os.chmod(tmp, 0o755)
            os.mkdir(f"{tmp}/nginx")
            return subprocess.run(["unshare", "-nm", sys.executable, __file__, HOLDFAST,
                                   tmp]).returncode
    inside(sys.argv[2], fpm)
    return plan()


sys.exit(main())
