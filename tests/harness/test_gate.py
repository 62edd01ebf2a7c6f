"""The gate must break ways as it says, or the chaos tests prove nothing."""
import socket
import threading

import pytest

from .gate import Gate
from .ports import free_port


@pytest.fixture
def echo():
    port = free_port()
    listener = socket.create_server(("127.0.0.1", port))

    def serve():
        while True:
            try:
                end, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=reply, args=(end,), daemon=True).start()

    def reply(end):
        with end:
            try:
                while data := end.recv(65536):
                    end.sendall(data)
            except OSError:
                pass

    threading.Thread(target=serve, daemon=True).start()
    yield port
    listener.close()


def ask(port, data):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as end:
        end.sendall(data)
        end.shutdown(socket.SHUT_WR)
        got = b""
        while part := end.recv(65536):
            got += part
        return got


def test_passes_all_bytes_on(echo):
    data = bytes(range(256)) * 4000
    with Gate(echo) as gate:
        assert ask(gate.port, data) == data
        gate.slice = 999
        assert ask(gate.port, data) == data


def test_cuts_after_so_many_bytes(echo):
    with Gate(echo) as gate:
        gate.cut_after = 1000
        try:
            got = ask(gate.port, b"x" * 5000)
        except OSError:
            got = b""
        assert len(got) < 5000
        assert gate.cuts == 1


def test_refuses_and_allows_again(echo):
    with Gate(echo) as gate:
        gate.refuse()
        try:
            assert ask(gate.port, b"hello") == b""
        except OSError:
            pass
        gate.allow()
        assert ask(gate.port, b"hello") == b"hello"


def test_cuts_open_connections(echo):
    with Gate(echo) as gate, socket.create_connection(("127.0.0.1", gate.port), timeout=5) as end:
        end.sendall(b"hello")
        assert end.recv(10) == b"hello"
        gate.cut_all()
        try:
            assert end.recv(10) == b""
        except ConnectionError:
            pass


def test_holds_back_what_is_said_until_it_is_allowed(echo):
    with Gate(echo) as gate, socket.create_connection(("127.0.0.1", gate.port), timeout=5) as end:
        for held in ("both", "answers"):
            gate.silent = held
            end.sendall(b"hello")
            end.settimeout(0.3)
            with pytest.raises(TimeoutError):
                end.recv(10)
            gate.allow()
            end.settimeout(5)
            assert end.recv(10) == b"hello"
        assert gate.cuts == 0
