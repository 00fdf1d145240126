"""A service for http_retry.yaml and orders.yaml. Port 8099, or the first argument.

/flaky answers 503 twice and then 200; /orders?page=n has two pages of orders.
"""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

ORDERS = [
    {"id": 1, "customer": "Ada", "cents": 1200},
    {"id": 2, "customer": "Bob", "cents": 350},
    {"id": 3, "customer": "Ada", "cents": 80},
    {"id": 4, "customer": "Bob", "cents": 1999},
    {"id": 5, "customer": "Ada", "cents": 20},
]
PAGE = 3


class Flaky(BaseHTTPRequestHandler):
    calls = 0

    def do_GET(self):
        address = urlparse(self.path)
        if address.path == "/orders":
            page = int(parse_qs(address.query).get("page", ["1"])[0])
            begin = (page - 1) * PAGE
            self.answer(200, {"orders": ORDERS[begin : begin + PAGE], "more": begin + PAGE < len(ORDERS)})
            return
        Flaky.calls += 1
        status = 503 if Flaky.calls % 3 else 200
        self.answer(status, {"ok": status == 200, "call": Flaky.calls})

    def answer(self, status, value):
        body = json.dumps(value).encode()
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
