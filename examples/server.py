#!/usr/bin/env python3
"""A small HTTP server to supervise: python3 server.py [PORT]

/         greets, with its pid
/healthz  says ok
/crash    ends the process at once with status 3

TERM and INT end it well: no new connections, those in hand are answered.
"""
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    timeout = 5  # seconds: a silent client cannot delay a stop for longer

    def do_GET(self):
        if self.path == "/":
            self.answer(200, f"hello from pid {os.getpid()}\n")
        elif self.path == "/healthz":
            self.answer(200, "ok\n")
        elif self.path == "/crash":
            os._exit(3)
        else:
            self.answer(404, "not found; try / or /healthz\n")

    def answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    allow_reuse_address = True  # SO_REUSEADDR: a restart need not wait for TIME_WAIT
    daemon_threads = False  # server_close waits for the answers in hand


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8080
    server = Server(("127.0.0.1", port), Handler)

    def stop(signum, frame):
        print(f"{signal.Signals(signum).name}: stopping", flush=True)
        # shutdown waits for the loop, which this handler interrupts.
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(f"listening on http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    print("stopped", flush=True)


if __name__ == "__main__":
    main()
