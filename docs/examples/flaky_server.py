"""A service that answers 503 twice and then 200, for http_retry.yaml. Port 8099, or the first argument."""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Flaky(BaseHTTPRequestHandler):
    calls = 0

    def do_GET(self):
        Flaky.calls += 1
        status = 503 if Flaky.calls % 3 else 200
        body = json.dumps({"ok": status == 200, "call": Flaky.calls}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8099
    server = ThreadingHTTPServer(("127.0.0.1", port), Flaky)
    print(f"listening on http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()
