"""A web server on loopback whose answers are exact bytes: what a hostile or broken server sends, byte for byte."""

import contextlib
import socket
import ssl
import threading


class Server:
    """`pages[path]` is the raw answer, or a function (connection, request) that sends it. `requests` keeps what came."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.pages = {}
        self.requests = []
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.stopping = threading.Event()
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self):
        while not self.stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if self.stopping.is_set():
                connection.close()
                return
            thread = threading.Thread(target=self._answer, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _answer(self, connection):
        with contextlib.suppress(OSError), connection:
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                request = b""
                while b"\r\n\r\n" not in request:
                    piece = connection.recv(65536)
                    if not piece:
                        return
                    request += piece
                self.requests.append(request)
                path = request.split(b" ", 2)[1].decode()
                page = self.pages.get(path, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                if callable(page):
                    page(connection, request)
                else:
                    connection.sendall(page)

    def close(self):
        self.stopping.set()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
            pass
        for thread in self._threads:
            thread.join(20)
        self._listener.close()


def page(body, *headers, status="200 OK"):
    """An answer with a length."""
    if isinstance(body, str):
        body = body.encode()
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def redirect(location, status="302 Found"):
    return page("moved", f"Location: {location}", status=status)
