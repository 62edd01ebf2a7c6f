"""A TCP gate between two programs: passes bytes on, and breaks the way in a chosen manner.

It changes nothing of what passes.
"""
import random
import selectors
import socket
import threading
import time

from .ports import free_port


class Gate:
    """Listens on `port`, connects on to `target_port`. Each setting holds for bytes that pass from now on.

    cut_after: connections break (RST on both sides) once so many bytes went through them, both ways added
    delay:     seconds that each read waits before it is passed on
    slice:     at most so many bytes are passed on at once
    refuse():  new connections are reset at once, and those that are open are cut
    silent:    connections stay open and nothing passes; "answers": only what the server says is held back, as when its
               side of the way has gone. What is held back passes on once allow() is called
    """

    def __init__(self, target_port: int, host: str = "127.0.0.1"):
        self.target = (host, target_port)
        self.port = free_port()
        self.cut_after = None
        self.delay = 0.0
        self.slice = None
        self.silent = None
        self.connections = 0
        self.cuts = 0
        self._refusing = False
        self._open = set()
        self._lock = threading.Lock()
        self._closing = False
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=128)
        self._thread = threading.Thread(target=self._accept, daemon=True, name=f"gate-{self.port}")
        self._thread.start()

    def refuse(self):
        self._refusing = True
        self.cut_all()

    def allow(self):
        self._refusing = False
        self.cut_after, self.delay, self.slice, self.silent = None, 0.0, None, None

    def cut_all(self):
        """Breaks every open connection now, as a pulled plug or a killed proxy would."""
        with self._lock:
            pairs = list(self._open)
        for pair in pairs:
            self._cut(pair)

    def close(self):
        self._closing = True
        # Wakes accept(); close() alone would not.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut_all()
        self._thread.join(5)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _accept(self):
        while not self._closing:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._refusing:
                _reset(client)
                continue
            self.connections += 1
            threading.Thread(target=self._pump, args=(client,), daemon=True).start()

    def _pump(self, client: socket.socket):
        try:
            server = socket.create_connection(self.target, timeout=5)
        except OSError:
            _reset(client)
            return
        server.settimeout(None)
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        pair = (client, server)
        with self._lock:
            self._open.add(pair)
        passed = 0
        selector = selectors.DefaultSelector()
        try:
            selector.register(client, selectors.EVENT_READ, server)
            selector.register(server, selectors.EVENT_READ, client)
            while selector.get_map() and client.fileno() >= 0:
                for key, _ in selector.select(timeout=0.5):
                    if self._held_back(from_server=key.fileobj is server):
                        time.sleep(0.005)
                        continue
                    limit = self.slice or 65536
                    cut_after = self.cut_after
                    if cut_after is not None:
                        limit = max(1, min(limit, cut_after - passed))
                    data = key.fileobj.recv(limit)
                    if not data:
                        # One side has said all that it has to say; the other may go on.
                        selector.unregister(key.fileobj)
                        key.data.shutdown(socket.SHUT_WR)
                        continue
                    if self.delay:
                        time.sleep(self.delay)
                    key.data.sendall(data)
                    passed += len(data)
                    if cut_after is not None and passed >= cut_after:
                        self._cut(pair)
                        return
        except (OSError, ValueError):
            pass
        finally:
            selector.close()
            with self._lock:
                self._open.discard(pair)
            for end in pair:
                end.close()

    def _held_back(self, from_server: bool) -> bool:
        return self.silent is not None and (from_server or self.silent != "answers")

    def _cut(self, pair):
        self.cuts += 1
        for end in pair:
            _reset(end)


def _reset(end: socket.socket):
    """Closes with RST: the other side sees an error instead of an orderly end."""
    try:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        # Wakes the thread that reads it; close() alone would not.
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    try:
        end.close()
    except OSError:
        pass


def random_fault(gate: Gate, dice: random.Random) -> str:
    """Sets one fault at random and says which."""
    kind = dice.choice(["cut", "cut", "cut_after", "cut_after", "delay", "slice", "refuse", "silent"])
    if kind == "cut":
        gate.cut_all()
    elif kind == "cut_after":
        gate.cut_after = dice.choice([1, 10, 100, 1000, 10_000, 100_000])
        kind += f" {gate.cut_after}"
    elif kind == "delay":
        gate.delay = dice.choice([0.001, 0.02])
    elif kind == "slice":
        gate.slice = dice.choice([1, 7, 1000])
    elif kind == "silent":
        gate.silent = dice.choice(["both", "answers"])
        kind += f" {gate.silent}"
    else:
        gate.refuse()
    return kind
