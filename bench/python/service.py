# SPDX-License-Identifier: MIT
"""The workloads json, retain, http and leaky of this directory's neighbours, in Python and smaller:
prints CPU seconds under tracemalloc with so many frames (0: off).

    python3 service.py json|retain|http|leaky FRAMES
"""

import http.client
import http.server
import json
import sys
import threading
import time
import tracemalloc

USERS = [
    {
        "id": n,
        "name": f"user-{n}",
        "email": f"user-{n}@example.org",
        "tags": ["a", "b", "c"],
        "address": {"street": f"Street {n}", "zip": 10000 + n, "geo": [n * 1.5, n * 2.5]},
    }
    for n in range(60)
]
TEXT = json.dumps({"users": USERS})


def run_json():
    for _ in range(1000):
        json.dumps(json.loads(TEXT))


def run_retain():
    cache = {}
    at = 0
    for _ in range(200_000):
        cache[at % 50_000] = {
            "id": at,
            "name": f"record-{at}",
            "values": [at] * 8,
            "child": {"id": at, "at": at * 2},
        }
        at += 7919


sessions = {}
leaked = []


def answer_session(number):
    session = {"id": number, "items": [{"n": n, "id": number} for n in range(20)]}
    sessions[number % 5000] = session
    return {"ok": True, "session": session}


def answer_leaking(number):
    record = {"id": number, "name": f"user {number}"}
    leaked.append([number] * 5000)
    return record


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # One segment for an answer: else the client's acknowledgement is waited for.
    wbufsize = -1

    def do_GET(self):
        body = json.dumps(self.server.answer(int(self.path.rpartition("=")[2]))).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def run_server(answer):
    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    server.answer = answer
    threading.Thread(target=server.serve_forever, daemon=True).start()
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port)
    for n in range(1500):
        connection.request("GET", f"/?id={n}")
        connection.getresponse().read()
    connection.close()
    server.shutdown()


workload = {
    "json": run_json,
    "retain": run_retain,
    "http": lambda: run_server(answer_session),
    "leaky": lambda: run_server(answer_leaking),
}[sys.argv[1]]
frames = int(sys.argv[2])
if frames:
    tracemalloc.start(frames)
workload()
before = time.process_time()
workload()
print(time.process_time() - before)
