"""Free loopback ports that parallel test workers don't fight over."""
import os
import socket
import threading

# Below the kernel's range for outgoing connections, so that no client takes one by chance.
_FIRST, _LAST = 15000, 31000
_PER_WORKER = 1000
_lock = threading.Lock()
_next = None


def _worker_number() -> int:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    return int(worker[2:]) if worker.startswith("gw") else 15


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port nobody listens on; each call of this process gets another one until its range is used up."""
    global _next
    base = _FIRST + (_worker_number() % ((_LAST - _FIRST) // _PER_WORKER)) * _PER_WORKER
    with _lock:
        if _next is None:
            # Two test runs at once on one machine start at different places.
            _next = os.getpid() % _PER_WORKER
        for _ in range(_PER_WORKER):
            port = base + _next
            _next = (_next + 1) % _PER_WORKER
            if _is_free(port):
                return port
    raise RuntimeError(f"no free port between {base} and {base + _PER_WORKER}")


def wait_for_port(port: int, alive, timeout: float, host: str = "127.0.0.1") -> bool:
    """True once something accepts on the port; False when alive() turns false or the time is over."""
    import time

    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if not alive():
            return False
        try:
            socket.create_connection((host, port), timeout=1).close()
            return True
        except OSError:
            time.sleep(0.02)
    return False
