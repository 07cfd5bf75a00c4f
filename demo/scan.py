#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""usage: scan.py zgrab|masscan|nmap|browser|search ADDRESS [NAME]

Asks a web server as that program asks: the same requests with the same headers, a few of them. By
its address, as scanners do; "browser" asks for NAME. "search" asks port 9200 what it is.
"""
import http.client
import sys

ZGRAB = "Mozilla/5.0 zgrab/0.x"
MASSCAN = "masscan/1.3 (https://github.com/robertdavidgraham/masscan)"
NMAP = "Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
ASK = {
    "zgrab": [("GET", "/", ZGRAB), ("GET", "/robots.txt", ZGRAB)],
    "masscan": [("GET", "/", MASSCAN)],
    "nmap": [("GET", "/", NMAP), ("OPTIONS", "/", NMAP), ("GET", "/nmaplowercheck1763800000", NMAP),
             ("GET", "/.git/HEAD", NMAP), ("POST", "/sdk", NMAP), ("GET", "/HNAP1", NMAP),
             ("GET", "/home.aspx", NMAP), ("GET", "/phpmyadmin/", NMAP)],
    "browser": [("GET", "/", FIREFOX), ("GET", "/home.html", FIREFOX)],
}


def search(address):
    connection = http.client.HTTPConnection(address, 9200, timeout=3)
    try:
        connection.request("GET", "/", headers={"User-Agent": ZGRAB})
        print(connection.getresponse().read(500).decode().strip())
    except TimeoutError:
        print("no answer")
    except ConnectionRefusedError:
        print("refused")
    return 0


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "search":
        return search(sys.argv[2])
    if len(sys.argv) < 3 or sys.argv[1] not in ASK:
        print(__doc__, file=sys.stderr)
        return 2
    host = sys.argv[3] if len(sys.argv) > 3 else sys.argv[2]
    for method, path, agent in ASK[sys.argv[1]]:
        connection = http.client.HTTPConnection(sys.argv[2], 80, timeout=60)
        connection.request(method, path, headers={"Host": host, "User-Agent": agent, "Accept": "*/*"})
        try:
            answer = connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionResetError):
            print("%s http://%s%s: closed without an answer" % (method, host, path))
            continue
        print("%s http://%s%s: %d, %d bytes" % (method, host, path, answer.status,
                                               len(answer.read())))
        connection.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
