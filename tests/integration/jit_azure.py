#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""holdfast jit request --azure and policy --azure beside a server that answers as the examples of
"Jit Network Access Policies" (2020-01-01) do, and as no server should. Usage: jit_azure.py HOLDFAST"""
import copy
import http.server
import json
import os
import re
import ssl
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tap import ok, plan, skip  # noqa: E402

HOLDFAST = os.path.abspath(sys.argv[1])
SUBSCRIPTION = "20ff7fc3-e762-44dd-bd96-b71116dcdc23"
TOKEN = "eyJ0eXAiOiJKV1QifQ.good.token"
VM = "/subscriptions/%s/resourceGroups/%s/providers/Microsoft.Compute/virtualMachines/%s"
POLICY = ("/subscriptions/%s/resourceGroups/%s/providers/Microsoft.Security/locations/%s/"
          "jitNetworkAccessPolicies/%s")
VERSION = "?api-version=2020-01-01"
LIST = "/subscriptions/%s/providers/Microsoft.Security/jitNetworkAccessPolicies" % SUBSCRIPTION
VM1 = VM % (SUBSCRIPTION, "myRg1", "vm1")
DEFAULT = POLICY % (SUBSCRIPTION, "myRg1", "westeurope", "default")


def port(n, protocol="*", longest="PT3H", **sources):
    return {"number": n, "protocol": protocol, "maxRequestAccessDuration": longest,
            **(sources or {"allowedSourceAddressPrefix": "*"})}


def example():
    """The policy of the published example."""
    return {
        "kind": "Basic",
        "properties": {
            "virtualMachines": [{"id": VM1, "ports": [port(22), port(3389)]}],
            "requests": [{
                "virtualMachines": [{"id": VM1, "ports": [{
                    "number": 3389, "allowedSourceAddressPrefix": "192.127.0.2",
                    "endTimeUtc": "2018-05-17T09:06:45.5691611Z", "status": "Initiated",
                    "statusReason": "UserRequested"}]}],
                "startTimeUtc": "2018-05-17T08:06:45.5691611Z", "requestor": "barbara@contoso.com",
                "justification": "testing a new version of the product"}],
            "provisioningState": "Succeeded"},
        "id": DEFAULT, "name": "default", "location": "westeurope",
        "type": "Microsoft.Security/locations/jitNetworkAccessPolicies"}


class Cloud:
    """What the server has, what it was asked, and what it is to do wrong next."""

    def __init__(self):
        self.reset()

    def reset(self):
        self.policies = {DEFAULT: example()}
        self.machines = {VM % (SUBSCRIPTION, "myRg1", "vm2"): "westeurope",
                         VM % (SUBSCRIPTION, "other", "vm9"): "northeurope"}
        self.script, self.log, self.operation, self.slow, self.updates = [], [], None, 0, 0
        self.steps = 0
        self.pages = None
        self.identity = True


cloud = Cloud()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, document=None, **headers):
        body = document if isinstance(document, bytes) else \
            json.dumps(document).encode() if document is not None else b""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            pass

    def error(self, status, code, message="as told\x1b[31m\u202e", **headers):
        self.answer(status, {"error": {"code": code, "message": message}}, **headers)

    def here(self, path):
        return "http://127.0.0.1:%d%s" % (self.server.server_address[1], path)

    def scripted(self):
        if not cloud.script:
            return False
        step = cloud.script.pop(0)
        if callable(step):
            step(self)
        elif step != "pass":
            status, headers = step if isinstance(step, tuple) else (step, {})
            self.error(status, "Told", **headers)
        return step != "pass"

    def refused(self):
        cloud.log.append((self.command, self.path, self.headers.get("Authorization")))
        if self.headers.get("Authorization") != "Bearer " + TOKEN:
            self.error(401, "InvalidAuthenticationToken", "The access token is invalid.")
            return True
        return self.scripted()

    def metadata(self):
        cloud.log.append((self.command, self.path, self.headers.get("Authorization")))
        if self.headers.get("Metadata") != "true" or not cloud.identity:
            self.answer(400, {"error": "invalid_request", "error_description": "no identity"})
        elif "/identity/" in self.path:
            self.answer(200, {"access_token": TOKEN, "expires_in": "3599", "token_type": "Bearer"})
        else:
            self.answer(200, SUBSCRIPTION.encode())

    def list_policies(self, path):
        found = [p for k, p in cloud.policies.items()
                 if "/resourceGroups/" not in path or k.startswith(path.split("/providers")[0])]
        document = {"value": found}
        if cloud.pages:
            document["nextLink"] = cloud.pages(self)
        self.answer(200, document)

    def do_GET(self):
        path = self.path.split("?")[0]
        if path.startswith("/metadata/"):
            self.metadata()
        elif self.refused():
            pass
        elif path.startswith("/operations/"):
            cloud.steps -= 1
            if cloud.operation == "location":
                self.answer(202 if cloud.steps > 0 else 200, None, Retry_After="1")
            else:
                done = "Succeeded" if cloud.operation == "async" else "Failed"
                self.answer(200, {"status": "InProgress" if cloud.steps > 0 else done,
                                  "error": {"code": "JitFailed", "message": "no NSG"}},
                            Retry_After="1")
        elif path.endswith("/jitNetworkAccessPolicies"):
            self.list_policies(path)
        elif path in cloud.policies:
            policy = cloud.policies[path]
            if cloud.updates > 0:
                cloud.updates -= 1
                if not cloud.updates:
                    policy["properties"]["provisioningState"] = cloud.outcome
            for request in policy["properties"]["requests"]:
                for machine in request["virtualMachines"]:
                    for p in machine["ports"]:
                        if p["status"] == "Initiating":
                            cloud.slow -= 1
                            if cloud.slow < 0:
                                p["status"] = "Initiated"
            self.answer(200, policy, Retry_After="1")
        elif path in cloud.machines:
            self.answer(200, {"id": path, "name": path.split("/")[-1],
                              "location": cloud.machines[path], "properties": {}})
        else:
            self.error(404, "ResourceNotFound", "The Resource was not found.")

    def body(self):
        return json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "null")

    def operation_headers(self):
        if not cloud.operation:
            return {}
        name = "Location" if cloud.operation == "location" else "Azure_AsyncOperation"
        return {name: self.here("/operations/1" + VERSION), "Retry_After": "1"}

    def do_POST(self):
        path = self.path.split("?")[0]
        if path.endswith("/oauth2/v2.0/token"):
            cloud.log.append((self.command, self.path, None))
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if self.headers["Content-Type"] == "application/x-www-form-urlencoded" and \
                    "client_secret=s%C3%A4cret%26&" in form and "grant_type=client_credentials" in form:
                self.answer(200, {"access_token": TOKEN, "expires_in": 3599})
            else:
                self.answer(401, {"error": "invalid_client"})
            return
        given = self.body()
        if self.refused():
            return
        policy = cloud.policies.get(path[:-len("/initiate")])
        if not path.endswith("/initiate") or not policy:
            self.error(404, "ResourceNotFound", "The Resource was not found.")
            return
        cloud.given = given
        made = {"virtualMachines": [
                    {"id": m["id"], "ports": [dict(
                        {"allowedSourceAddressPrefix": "198.51.100.9"}, **p, status="Initiating",
                        statusReason="UserRequested") for p in m["ports"]]}
                    for m in given["virtualMachines"]],
                "startTimeUtc": "2018-07-12T08:53:03.3658798Z", "requestor": "barbara@contoso.com",
                "justification": given.get("justification")}
        policy["properties"]["requests"].append(copy.deepcopy(made))
        self.answer(202, made, **self.operation_headers())

    def do_PUT(self):
        given = self.body()
        if self.refused():
            return
        path = self.path.split("?")[0]
        cloud.given = given
        document = copy.deepcopy(given)
        document.update(id=path, name=path.split("/")[-1], location="westeurope")
        document["properties"].setdefault("requests", [])
        document["properties"]["provisioningState"] = "Updating" if cloud.updates else "Succeeded"
        cloud.policies[path] = document
        self.answer(200, document, **self.operation_headers())


class Runner:
    def __init__(self, folder):
        self.folder = folder
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.here = "http://127.0.0.1:%d" % self.port
        self.env = {"PATH": folder, "HOME": folder, "LC_ALL": "C.UTF-8",
                    "AZURE_ACCESS_TOKEN": TOKEN, "AZURE_SUBSCRIPTION_ID": SUBSCRIPTION}

    @staticmethod
    def words(words):
        """ "policy", "vm1", … as it is written: policy --azure vm1 …"""
        named = len(words) > 1 and not words[1].startswith("-")
        return [words[0], "--azure", words[1] if named else "all", *words[1 + named:]]

    def run(self, *words, endpoint=None, **env):
        before = len(cloud.log)
        done = subprocess.run(
            [HOLDFAST, "jit", *self.words(words), "--azure-endpoint", endpoint or self.here,
             "--azure-metadata", self.here],
            env={k: v for k, v in {**self.env, **env}.items() if v is not None},
            capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
        self.check(done, cloud.log[before:])
        return done

    def check(self, done, log):
        """Of every run: each request was told before, the token never, and nothing raw is printed."""
        said = done.stderr + done.stdout
        told = re.findall(r"(GET|PUT|POST) http://127\.0\.0\.1:\d+(\S*)", done.stderr)
        asked = [(method, path) for method, path, _ in log]
        if told != asked and log:
            ok(False, "what is asked is told", told, asked)
        if TOKEN in said or "s\u00e4cret" in said or re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", said):
            ok(False, "secrets and control characters stay away from the terminal", repr(said))

    def good(self, name, *words, **more):
        done = self.run(*words, **more)
        ok(done.returncode == 0, name, done.returncode, done.stdout, done.stderr)
        return done

    def refused(self, name, says, *words, code=3, **more):
        done = self.run(*words, **more)
        last = done.stderr.strip("\n").split("\n")[-1]
        ok(done.returncode == code and says in last, name, done.returncode, done.stdout, done.stderr)
        return done


def policies(r):
    done = r.good("the policies of a subscription", "policy")
    ok("vm1 (resource group myRg1, westeurope, policy default)" in done.stdout and
       "port 22/*, at most PT3H, from * (everybody may ask" in done.stdout and
       "open: port 3389 for 192.127.0.2 until 2018-05-17T09:06:45.5691611Z" in done.stdout and
       "by barbara@contoso.com: testing a new version" in done.stdout, "  are shown", done.stdout)
    ok(cloud.log == [("GET", LIST + VERSION, "Bearer " + TOKEN)], "  by one request", cloud.log)
    done = r.good("as JSON", "policy", "-f", "json")
    got = json.loads(done.stdout)
    ok(len(got) == 1 and got[0]["machine"] == VM1 and got[0]["ports"][0]["seconds"] == 10800 and
       got[0]["requests"][0]["requestor"] == "barbara@contoso.com", "  with all of it", got)
    cloud.log.clear()
    r.good("of a resource group", "policy", "--resource-group", "myRg1")
    ok("/resourceGroups/myRg1/providers/" in cloud.log[0][1], "  is asked for it", cloud.log)
    r.good("of one machine", "policy", "VM1")
    r.refused("of one that has none", "no just-in-time policy has a machine vm7", "policy", "vm7")
    cloud.policies.clear()
    done = r.good("of an empty subscription", "policy")
    ok("no machine has" in done.stdout, "  says so", done.stdout)


def requests(r):
    done = r.good("access, as the published example asks", "request", "vm1", "--port", "3389", "--for",
                  "1h", "--from", "192.127.0.2", "--reason", "testing a \"new\" version")
    given = cloud.given["virtualMachines"]
    ok(given[0]["id"] == VM1 and given[0]["ports"][0]["number"] == 3389 and
       given[0]["ports"][0]["allowedSourceAddressPrefix"] == "192.127.0.2" and
       re.match(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", given[0]["ports"][0]["endTimeUtc"]) and
       cloud.given["justification"] == "testing a \"new\" version", "  what is sent", cloud.given)
    ok("port 3389 of vm1 for 192.127.0.2: Initiated (UserRequested), until 20" in done.stdout,
       "  it is open when Azure says so", done.stdout)
    ok([m for m, _, _ in cloud.log][:2] == ["GET", "POST"] and
       cloud.log[1][1] == DEFAULT + "/initiate" + VERSION, "  by initiate", cloud.log)
    cloud.reset()
    cloud.slow = 2
    done = r.good("two ports for whom Azure sees", "request", VM1, "-p", "ssh", "-p", "3389", "-f", "json")
    ok(all("allowedSourceAddressPrefix" not in p for p in cloud.given["virtualMachines"][0]["ports"]),
       "  no source is sent", cloud.given)
    got = json.loads(done.stdout)
    ok([o["port"] for o in got] == [22, 3389] and {o["status"] for o in got} == {"Initiated"} and
       got[0]["from"] == "198.51.100.9", "  JSON, after some patience", got)
    for words, says in ((["--for", "4h"], "at most 180 minutes"), (["-p", "80"], "no port 80/tcp")):
        cloud.reset()
        r.refused("more than the policy allows: " + words[1], says, "request", "vm1", *words)
        ok(len(cloud.log) == 1, "  is not sent", cloud.log)
    cloud.reset()
    ports = cloud.policies[DEFAULT]["properties"]["virtualMachines"][0]["ports"]
    ports[0] = port(22, "UDP", allowedSourceAddressPrefixes=["10.0.0.0/8", "203.0.113.0/24"])
    r.refused("another protocol", "no port 22/tcp", "request", "vm1")
    cloud.log.clear()
    ports[0]["protocol"] = "TCP"
    r.refused("from elsewhere", "lets nobody ask", "request", "vm1", "--from", "192.0.2.1")
    cloud.log.clear()
    r.good("from one of two networks", "request", "vm1", "--from", "203.0.113.7/32")
    cloud.reset()
    twin = example()
    twin["id"] = POLICY % (SUBSCRIPTION, "other", "westeurope", "default")
    twin["properties"]["virtualMachines"][0]["id"] = VM % (SUBSCRIPTION, "other", "vm1")
    cloud.policies[twin["id"]] = twin
    r.refused("two machines of one name", "several machines are named vm1", "request", "vm1")
    cloud.log.clear()
    r.good("the group tells them apart", "request", "vm1", "--resource-group", "other")
    cloud.log.clear()
    for words, says in ((["--from", "0.0.0.0/0"], "from /8 on"), (["--from", "*"], "from /8 on"),
                        (["--for", "1m"], "5m to 24h"), (["--for", "25h"], "5m to 24h"),
                        (["vm2"], "the one machine"), (["--azure", "vm2"], "the one machine"),
                        (["--close"], "are for hosts"), (["--via", "x"], "are for hosts"),
                        (["--wait", "2h"], "up to 1h"), (["--subscription", "a/b"], "no id"),
                        (["--resource-group", "a/../b"], "no name")):
        r.refused("wrong: " + " ".join(words), says, "request", "vm1", *words, code=2)
    r.refused("an address without TLS", "https://", "request", "vm1", code=2,
              endpoint="http://192.0.2.1")
    ok(not cloud.log, "  none of them is sent", cloud.log)


def waits(r):
    cloud.script = [(429, {"Retry_After": "1"})]
    done = r.good("429 once", "request", "vm1")
    ok("Azure answers 429" in done.stderr and "waits 1 s" in done.stderr, "  is waited out", done.stderr)
    cloud.reset()
    cloud.script = ["pass", (429, {"Retry_After": "1"})]
    r.good("429 of initiate", "request", "vm1")
    cloud.reset()
    cloud.script = [(429, {"Retry_After": "86400"})]
    r.refused("a day to wait", "asks to wait 86400 s more", "request", "vm1")
    cloud.reset()
    cloud.script = [(429, {"Retry_After": "1"})] * 9
    r.refused("429 for ever", "Azure answers 429: Told: as told\\u001b[31m\\u202e", "request", "vm1")
    cloud.reset()
    cloud.script = ["pass", 500]
    r.refused("500 of initiate is not sent again", "Azure answers 500", "request", "vm1")
    ok([m for m, _, _ in cloud.log].count("POST") == 1, "  once", cloud.log)
    for kind in "async", "location":
        cloud.reset()
        cloud.operation, cloud.steps = kind, 2
        r.good("a long-running operation: " + kind, "request", "vm1")
        ok(sum("/operations/1" in path for _, path, _ in cloud.log) == 2, "  asked twice", cloud.log)
    cloud.reset()
    cloud.operation, cloud.steps = "failing", 1
    r.refused("one that fails", "Azure could not do it: JitFailed: no NSG", "request", "vm1")
    cloud.reset()
    cloud.slow = 1000
    r.refused("never open", "not done in time", "request", "vm1", "--wait", "3s")
    for status, says in ((401, "401"), (403, "403: Told"), (404, "404: Told"), (409, "409: Told"),
                         (400, "400: Told")):
        cloud.reset()
        cloud.script = ["pass", status]
        r.refused("%d" % status, says, "request", "vm1")


def hostile(r):
    deep = b'{"value":' + b"[" * 100000 + b"]" * 100000 + b"}"
    huge = b'{"value":["' + b"x" * (5 << 20) + b'"]}'
    for name, document, says in (
            ("no JSON", b"<html>", "not what it should be"), ("nothing", b"", "not what it should be"),
            ("an array", b"[1]", "not what it should be"), ("deep", deep, "not what it should be"),
            ("5 MB", huge, "cannot be asked"), ("cut off", b'{"value":[{"id":', "not what it"),
            ("another shape", b'{"value":[1,"x",null]}', "no list of policies"),
            ("no list", b'{"value":{}}', "no list of policies"),
            ("an id that is none", b'{"value":[{"id":"x","properties":{}}]}', "no list of policies")):
        cloud.reset()
        cloud.script = [lambda h, body=document: h.answer(200, body)]
        r.refused("a list: " + name, says, "policy")
    cloud.reset()
    cloud.script = [lambda h: h.answer(302, None, Location=h.here("/elsewhere"))]
    r.refused("a redirect", "Azure answers 302", "policy")
    ok(len(cloud.log) == 1, "  is not followed", cloud.log)
    cloud.reset()
    cloud.pages = lambda h: "http://127.0.0.2:%d/x" % h.server.server_address[1]
    r.refused("a page elsewhere", "not its own", "policy")
    ok(len(cloud.log) == 1, "  is not asked for", cloud.log)
    cloud.reset()
    cloud.pages = lambda h: "http://127.0.0.1:%d0/x" % h.server.server_address[1]
    r.refused("one at a port that begins alike", "not its own", "policy")
    cloud.reset()
    cloud.pages = lambda h: h.here(LIST + VERSION + "&again=1")
    r.refused("pages without end", "has no end", "policy")
    ok(len(cloud.log) == 32, "  are given up", len(cloud.log))
    cloud.reset()
    left = [2]

    def next_page(h):
        left[0] -= 1
        return h.here(LIST + VERSION + "&$skiptoken=%d" % left[0]) if left[0] >= 0 else None
    cloud.pages = next_page
    done = r.good("three pages", "policy")
    ok(len(cloud.log) == 3 and done.stdout.count("vm1 (") == 3, "  are all read", done.stdout)
    cloud.reset()
    cloud.script = ["pass", lambda h: h.answer(202, {}, Azure_AsyncOperation="https://192.0.2.1/steal")]
    r.refused("an operation elsewhere", "not its own", "request", "vm1")
    cloud.reset()
    policy = cloud.policies.pop(DEFAULT)
    policy["id"] = POLICY % (SUBSCRIPTION, "my..%2f..", "west europe", "default")
    policy["properties"]["virtualMachines"][0]["ports"][0]["allowedSourceAddressPrefix"] = "*\x1b[2J"
    policy["properties"]["requests"][0]["justification"] = "\u202eevil\x07\n"
    cloud.policies["x"] = policy
    r.good("names with control characters are shown escaped", "policy")
    cloud.log.clear()
    r.refused("an id that would be another address", "the policy's id is none", "request", "vm1")
    ok(len(cloud.log) == 1, "  is not asked", cloud.log)


def changes(r):
    cloud.policies[DEFAULT]["properties"]["virtualMachines"][0]["publicIpAddress"] = "192.0.2.5"
    other = {"id": VM % (SUBSCRIPTION, "myRg1", "vm5"), "ports": [port(5985, "TCP")], "new\u00e9": [1.50]}
    cloud.policies[DEFAULT]["properties"]["virtualMachines"].append(other)
    words = ("policy", "vm1", "--set", "-p", "ssh", "-p", "5986", "--for", "90m", "--from",
             "203.0.113.0/24,2001:db8::/32")
    done = r.good("a change that is only shown", *words, "--dry-run")
    shown = json.loads(done.stdout)
    ok(all(m == "GET" for m, _, _ in cloud.log), "  sends nothing", cloud.log)
    cloud.log.clear()
    r.good("a change", *words)
    ok(cloud.given == shown, "  sends what was shown", cloud.given, shown)
    machine = cloud.given["properties"]["virtualMachines"][0]
    new = {"protocol": "TCP", "maxRequestAccessDuration": "PT90M",
           "allowedSourceAddressPrefixes": ["203.0.113.0/24", "2001:db8::/32"]}
    ok(machine == {"id": VM1, "publicIpAddress": "192.0.2.5",
                   "ports": [port(3389), dict(new, number=22), dict(new, number=5986)]},
       "  of these ports alone", machine)
    ok(cloud.given["properties"]["virtualMachines"][1] == other and
       cloud.given["properties"]["requests"] == example()["properties"]["requests"] and
       cloud.given["kind"] == "Basic", "  the rest stays", cloud.given)
    cloud.log.clear()
    r.refused("a machine that no policy has", "name its --resource-group", "policy", "vm2", "--set",
              "--from", "10.0.0.0/8")
    cloud.log.clear()
    r.good("becomes part of its region's", "policy", "vm2", "--set", "--resource-group", "myRg1", "--from",
           "10.0.0.0/8")
    machines = cloud.given["properties"]["virtualMachines"]
    ok([m["id"].split("/")[-1] for m in machines] == ["vm1", "vm5", "vm2"] and
       machines[2]["ports"] == [{"number": 22, "protocol": "TCP", "maxRequestAccessDuration": "PT3H",
                                 "allowedSourceAddressPrefix": "10.0.0.0/8"}], "  beside the others",
       machines)
    cloud.log.clear()
    r.good("or of a new one", "policy", VM % (SUBSCRIPTION, "other", "vm9"), "--set", "--from", "10.1.0.0/16")
    ok(cloud.log[-1][1] == POLICY % (SUBSCRIPTION, "other", "northeurope", "default") + VERSION and
       len(cloud.given["properties"]["virtualMachines"]) == 1, "  where it is", cloud.log)
    for outcome, code in (("Succeeded", 0), ("Failed", 3)):
        cloud.reset()
        cloud.updates, cloud.outcome = 2, outcome
        done = r.run("policy", "vm1", "--set", "--from", "10.0.0.0/8")
        ok(done.returncode == code, "a change that takes its time: " + outcome, done.stderr)
    cloud.reset()
    r.refused("everybody", "from /8 on", "policy", "vm1", "--set", "--from", "0.0.0.0/0", code=2)
    r.refused("no source", "--from", "policy", "vm1", "--set", code=2)
    r.refused("no machine", "takes a machine", "policy", "--set", "--from", "10.0.0.0/8", code=2)
    ok(not cloud.log, "  is not sent", cloud.log)


def tokens(r):
    none = {"AZURE_ACCESS_TOKEN": None}
    cloud.identity = False
    r.refused("nobody gives a token", "az is not installed", "policy", **none)
    cloud.reset()
    r.good("the machine's identity", "policy", AZURE_SUBSCRIPTION_ID=None, **none)
    ok("resource=https%3A%2F%2Fmanagement.azure.com%2F" in cloud.log[0][1] and
       "subscriptionId" in cloud.log[1][1] and cloud.log[0][2] is None, "  and its subscription", cloud.log)
    cloud.reset()
    r.good("a named identity", "policy", "--token", "identity", "--client-id", "abc-def")
    ok("&client_id=abc-def" in cloud.log[0][1], "  is named", cloud.log)
    with open(os.path.join(r.folder, "az"), "w") as f:
        f.write("#!/bin/sh\n[ \"$*\" = 'account get-access-token --resource https://management.azure.com "
                "--output json' ] || exit 1\necho '%s'\n" % json.dumps(
                    {"accessToken": TOKEN, "expiresOn": "2026-11-22 18:00:00.000000",
                     "subscription": SUBSCRIPTION, "tenant": "t", "tokenType": "Bearer"}))
    os.chmod(f.name, 0o755)
    cloud.reset()
    r.good("az", "policy", AZURE_SUBSCRIPTION_ID=None, **none)
    ok(len(cloud.log) == 1, "  and its subscription", cloud.log)
    for name, text in (("not logged in", "exit 1"), ("no JSON", "echo x"), ("no token", "echo '{}'"),
                       ("a token with a line feed", "echo '{\"accessToken\":\"a\\nb\"}'")):
        with open(f.name, "w") as g:
            g.write("#!/bin/sh\n%s\n" % text)
        cloud.reset()
        r.refused("az: " + name, "az", "policy", "--token", "az", **none)
    os.unlink(f.name)
    secret = {"AZURE_TENANT_ID": "contoso", "AZURE_CLIENT_ID": "app", "AZURE_CLIENT_SECRET": "s\u00e4cret&",
              "AZURE_AUTHORITY_HOST": r.here + "/"}
    cloud.reset()
    r.good("a service principal", "policy", **secret, **none)
    ok(cloud.log[0][1] == "/contoso/oauth2/v2.0/token", "  at its tenant", cloud.log)
    cloud.reset()
    r.refused("one with another secret", "no token (401)", "policy", "--token", "environment",
              **{**secret, "AZURE_CLIENT_SECRET": "x"}, **none)
    cloud.reset()
    r.refused("a token that is not good", "401: InvalidAuthenticationToken", "policy",
              AZURE_ACCESS_TOKEN="other")
    r.refused("a token that is none", "is no token", "policy", "--token", "environment",
              AZURE_ACCESS_TOKEN="a b")
    r.refused("no subscription", "which subscription", "policy", AZURE_SUBSCRIPTION_ID=None)


def encrypted(r):
    """A server that cannot prove that it is Azure gets nothing."""
    made = subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                           "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost",
                           "-addext", "subjectAltName=DNS:localhost", "-days", "2", "-keyout",
                           r.folder + "/key.pem", "-out", r.folder + "/cert.pem"],
                          capture_output=True, check=False)
    if made.returncode:
        skip("TLS", "no openssl")
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(r.folder + "/cert.pem", r.folder + "/key.pem")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *args: None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    r.refused("a certificate that nobody vouches for", "Azure cannot be asked", "policy",
              endpoint="https://localhost:%d" % server.server_address[1])
    ok(not cloud.log, "  gets no token", cloud.log)
    server.shutdown()


def main():
    with tempfile.TemporaryDirectory(prefix="holdfast-jit-azure-") as folder:
        r = Runner(folder)
        for part in (policies, requests, waits, hostile, changes, tokens, encrypted):
            cloud.reset()
            part(r)
    sys.exit(plan())


main()
