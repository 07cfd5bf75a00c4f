# SPDX-License-Identifier: GPL-3.0-or-later
# Answers as Azure's REST API and metadata service do for security rules (Security Rules - Get,
# Create Or Update, Delete; asynchronous operations; 429 and 5xx). What it is to do wrong next is
# told by POST /script with a JSON list; GET /log says what was asked. Prints its port.
import http.server
import json
import os
import threading
import time

PATH = ("/subscriptions/00000000-1111/resourceGroups/web/providers/Microsoft.Network"
        "/networkSecurityGroups/%s/securityRules/%s?api-version=2023-09-01")
rules, script, log, operations = {}, [], [], {}
serial = 0


def rule_name(path):
    for name in "holdfast-bans-ipv4", "holdfast-bans-ipv6":
        if path == PATH % ("front", name):
            return name
    return None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, document=None, **headers):
        body = json.dumps(document).encode() if document is not None else b""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def error(self, status, code, **headers):
        self.answer(status, {"error": {"code": code, "message": "as told\u202e"}}, **headers)

    def refused(self):
        if self.path.startswith("/metadata/") or self.path in ("/script", "/log"):
            return False
        if self.headers.get("Authorization") != "Bearer good-token":
            self.error(401, "InvalidAuthenticationToken")
            return True
        if script and isinstance(script[0], int):
            status = script.pop(0)
            if status == 429:
                self.error(429, "TooManyRequests", Retry_After="1")
            elif status == 1:
                self.answer(200, [1, 2, 3])
            else:
                self.error(status, "Told")
            return True
        return False

    def do_GET(self):
        if self.path not in ("/log",):
            log.append("GET")
        if self.refused():
            return
        if self.path == "/log":
            # Before whoever asks can send the next request.
            said = log[:]
            log.clear()
            self.answer(200, {"log": said, "rules": rules})
        elif self.path.startswith("/metadata/identity/oauth2/token"):
            if self.headers.get("Metadata") != "true":
                self.error(400, "bad_request")
            else:
                self.answer(200, {"access_token": "good-token", "expires_in": "3599"})
        elif self.path.startswith("/operations/"):
            left = operations[self.path]
            operations[self.path] = left - 1
            if left > 0:
                self.answer(200, {"status": "InProgress"}, Retry_After="1")
            else:
                self.answer(200, {"status": "Failed" if left < -50 else "Succeeded"})
        elif rule_name(self.path):
            rule = rules.get(rule_name(self.path))
            if rule:
                self.answer(200, rule, ETag=rule["etag"])
            else:
                self.error(404, "NotFound")
        else:
            self.error(404, "ResourceNotFound")

    def body(self):
        return json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "null")

    def do_POST(self):
        given = self.body()
        if given == "change":
            for rule in rules.values():
                rule["etag"] += "x"
                rule["properties"]["sourceAddressPrefixes"] = ["8.8.8.8"]
        elif given == "foreign":
            for rule in rules.values():
                rule["properties"]["description"] = "mine"
        elif given == "clear":
            rules.clear()
        else:
            script.extend(given)
        self.answer(200, {})

    def matches(self, rule):
        if self.headers.get("If-None-Match") == "*":
            return rule is None
        return rule is not None and self.headers.get("If-Match") == rule["etag"]

    def do_PUT(self):
        global serial
        log.append("PUT")
        document = self.body()
        if self.refused():
            return
        name = rule_name(self.path)
        if not name:
            self.error(404, "ResourceNotFound")
            return
        if not self.matches(rules.get(name)):
            self.error(412, "PreconditionFailed")
            return
        properties = document["properties"]
        families = {":" in p for p in properties["sourceAddressPrefixes"]}
        if len(families) != 1 or len(properties["sourceAddressPrefixes"]) > 4000:
            self.error(400, "SecurityRuleInvalidAddressPrefix")
            return
        new = name not in rules
        serial += 1
        document["etag"] = 'W/"%d"' % serial
        document["name"] = name
        properties["provisioningState"] = "Succeeded"
        rules[name] = document
        if script and script[0] in ("slow", "fail"):
            what = script.pop(0)
            path = "/operations/%d" % serial
            operations[path] = 2 if what == "slow" else -100
            self.answer(201 if new else 200,
                        dict(document, properties=dict(properties, provisioningState="Updating")),
                        Azure_AsyncOperation="http://127.0.0.1:%d%s" % (port, path))
        elif script and script[0] == "elsewhere":
            script.pop(0)
            self.answer(200, document, Azure_AsyncOperation="http://127.0.0.2:1/operations/1")
        else:
            self.answer(201 if new else 200, document)

    def do_DELETE(self):
        log.append("DELETE")
        if self.refused():
            return
        name = rule_name(self.path)
        if not self.matches(rules.get(name)):
            self.error(412, "PreconditionFailed")
            return
        del rules[name]
        self.answer(204)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
port = server.server_address[1]
print(port, flush=True)


def end_with_parent():
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(0)


threading.Thread(target=end_with_parent, daemon=True).start()
server.serve_forever()
