"""As much of S3 as an upload needs, with every signature checked (AWS Signature Version 4, "Create a signed AWS API
request"), in the standard library."""

import hashlib
import hmac
import html
import http.server
import pathlib
import re
import sys
import urllib.parse

ROOT, KEY, SECRET, REGION = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
PARTS = {}


def sign(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class Storage(http.server.BaseHTTPRequestHandler):
    def is_signed(self, body):
        scheme, _, rest = self.headers.get("Authorization", "").partition(" ")
        fields = dict(part.strip().split("=", 1) for part in rest.split(","))
        credential = fields["Credential"].split("/")
        content = self.headers["x-amz-content-sha256"]
        if scheme != "AWS4-HMAC-SHA256" or credential[0] != KEY or credential[2:] != [REGION, "s3", "aws4_request"]:
            return False
        if content != "UNSIGNED-PAYLOAD" and content != hashlib.sha256(body).hexdigest():
            return False
        path, _, query = self.path.partition("?")
        pairs = sorted(urllib.parse.parse_qsl(query, keep_blank_values=True))
        query = "&".join(f"{urllib.parse.quote(k, safe='-_.~')}={urllib.parse.quote(v, safe='-_.~')}" for k, v in pairs)
        names = fields["SignedHeaders"]
        headers = "".join(f"{name}:{' '.join(self.headers[name].split())}\n" for name in names.split(";"))
        request = "\n".join([self.command, path, query, headers, names, content])
        date = self.headers["x-amz-date"]
        scope = "/".join(credential[1:])
        text = "\n".join(["AWS4-HMAC-SHA256", date, scope, hashlib.sha256(request.encode()).hexdigest()])
        key = sign(("AWS4" + SECRET).encode(), date[:8])
        for part in (REGION, "s3", "aws4_request"):
            key = sign(key, part)
        return hmac.compare_digest(sign(key, text).hex(), fields["Signature"])

    def answer(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not self.is_signed(body):
            return self.answer(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>")
        path, _, query = self.path.partition("?")
        query = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        target = ROOT / urllib.parse.unquote(path).lstrip("/")
        etag = [("ETag", f'"{hashlib.md5(body).hexdigest()}"')]
        if self.command == "DELETE":
            target.unlink(missing_ok=True)
            return self.answer(204)
        if self.command == "POST" and "delete" in query:
            keys = re.findall(r"<Key>.*?</Key>", body.decode())
            for key in keys:
                (target / html.unescape(key[5:-6])).unlink(missing_ok=True)
            deleted = "".join(f"<Deleted>{key}</Deleted>" for key in keys)
            return self.answer(200, f"<DeleteResult>{deleted}</DeleteResult>".encode())
        if self.command == "POST" and "uploads" in query:
            PARTS["upload"] = {}
            name = b"<UploadId>upload</UploadId>"
            return self.answer(200, b"<InitiateMultipartUploadResult>" + name + b"</InitiateMultipartUploadResult>")
        if self.command == "PUT" and "partNumber" in query:
            PARTS[query["uploadId"]][int(query["partNumber"])] = body
            return self.answer(200, headers=etag)
        if self.command == "POST":
            parts = PARTS.pop(query["uploadId"])
            body = b"".join(parts[n] for n in sorted(parts))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)
        if self.command == "POST":
            done = b'<CompleteMultipartUploadResult><ETag>"x"</ETag></CompleteMultipartUploadResult>'
            return self.answer(200, done)
        return self.answer(200, headers=etag)

    do_PUT = do_POST = do_DELETE = handle_any

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Storage)
print(server.server_port)
server.serve_forever()
