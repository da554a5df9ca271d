"""A receiver of signed webhooks, as somebody else would write it: the standard library and the documentation."""

import hashlib
import hmac
import http.server
import sys

SECRET = sys.argv[1].encode()


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        timestamp = self.headers["X-Throughline-Timestamp"]
        expected = hmac.new(SECRET, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        signed = hmac.compare_digest("sha256=" + expected, self.headers["X-Throughline-Signature"])
        word = "signed" if signed else "forged"
        print(word, timestamp, self.headers["X-Throughline-Delivery"], self.headers["Authorization"], body.decode())
        asked = self.path.strip("/").split("?")[0]
        self.send_response(int(asked) if asked.isdigit() else 204 if signed else 401)
        self.send_header("Retry-After", "7")
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
print(server.server_port)
server.serve_forever()
