# SPDX-License-Identifier: GPL-3.0-or-later
# Answers as the metadata services of Azure, AWS, GCP and Hetzner do; prints the port it has.
import http.server
import sys
import time

mode = sys.argv[1]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, text, chunked=False):
        body = text.encode()
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for i in range(0, len(body), 7):
                part = body[i : i + 7]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
                self.wfile.flush()
            self.wfile.write(b"0\r\n\r\n")
            return
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self):
        ttl = self.headers.get("X-aws-ec2-metadata-token-ttl-seconds")
        if self.path == "/latest/api/token" and ttl:
            self.answer(200, "evil\r\nX: y" if mode == "evil" else "secret-token")
        else:
            self.answer(400, "")

    def do_GET(self):
        if mode == "slow":
            time.sleep(5)
        elif mode == "redirect":
            self.answer(302, "")
        elif mode == "huge":
            self.answer(200, "x" * 70000)
        elif self.path == "/metadata/instance?api-version=2021-02-01":
            good = self.headers.get("Metadata") == "true"
            self.answer(200 if good else 400, '{"compute": {"vmId": "vm-1"}}', mode == "chunked")
        elif self.path == "/latest/dynamic/instance-identity/document":
            good = self.headers.get("X-aws-ec2-metadata-token") == "secret-token"
            self.answer(200 if good else 401, '{"instanceId": "i-1"}')
        elif self.path.startswith("/computeMetadata/v1/"):
            good = self.headers.get("Metadata-Flavor") == "Google"
            self.answer(200 if good else 403, self.path.rsplit("/", 1)[1] + "\nsecond: line")
        elif self.path.startswith("/hetzner/v1/metadata/"):
            self.answer(200, self.path.rsplit("/", 1)[1])
        else:
            self.answer(404, "")


server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
