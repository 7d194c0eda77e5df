#!/usr/bin/env python3
"""A server that forks: python3 api.py PORT

One process listens; three workers that it forks answer, and one that dies is
replaced. TERM ends all of them.
"""
import contextlib
import os
import signal
import socket
import sys

WORKERS = 3


def work(listener):
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    while True:
        client, _ = listener.accept()
        with client, contextlib.suppress(OSError):  # the client may be gone
            client.recv(4096)
            client.sendall(b"HTTP/1.0 200 OK\r\n\r\nhello from worker %d\n" % os.getpid())


def fork(listener):
    pid = os.fork()
    if pid == 0:
        try:
            work(listener)
        finally:
            os._exit(1)  # what comes after fork is the parent's
    return pid


def stop(signum, frame):
    raise SystemExit(0)


def main():
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
    signal.signal(signal.SIGTERM, stop)
    workers = {fork(listener) for _ in range(WORKERS)}
    print(f"{WORKERS} workers answer at port {sys.argv[1]}")
    try:
        while True:
            pid, _ = os.wait()
            workers.discard(pid)
            workers.add(fork(listener))
    finally:
        for pid in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)


if __name__ == "__main__":
    main()
