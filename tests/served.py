# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A server of the test itself, on loopback, which keeps what it is sent."""

import contextlib
import http.server
import threading


class Server:
    """
    Keeps each request; answer(number, body), or headed(path, headers, body), gives the status, and
    may sleep.
    """

    def __init__(self, answer, tls=None, headed=None):
        self.requests = []
        keep = self.requests

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                keep.append((self.path, dict(self.headers), body))
                status, text, *more = (headed(self.path, self.headers, body) if headed
                                       else answer(len(keep), body))
                self.send_response(status)
                for key, value in more:
                    self.send_header(key, value)
                self.send_header("Content-Length", str(len(text)))
                with contextlib.suppress(BrokenPipeError,
                                         ConnectionResetError):  # nobody waits any more
                    self.end_headers()
                    self.wfile.write(text)

            def log_message(self, *unused):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://localhost:{self.server.server_address[1]}"

    @property
    def bodies(self):
        return [body for _, _, body in self.requests]


@contextlib.contextmanager
def server(answer=lambda number, body: (204, b""), tls=None, headed=None):
    made = Server(answer, tls, headed)
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        thread.join()
        made.server.server_close()
