"""`starlift sandbox` as a server of the tests: a StarRocks-compatible endpoint on free ports."""
import urllib.request
from pathlib import Path

import pymysql

from .paths import sandbox_binary
from .ports import free_port, wait_for_port
from .process import Process, ServerDied
from .sql_session import SqlSession


class Sandbox(SqlSession):
    """start(), kill() and start() again on the same ports and home; stop() in order."""

    def __init__(self, directory: Path, backends: int = 1, options=()):
        self.directory = Path(directory)
        self.home = self.directory / "home"
        self.options = list(options)
        self.backends = backends
        self.query_port, self.http_port = free_port(), free_port()
        self.be_http_port, self.rpc_port = free_port(), free_port()
        self._process = None

    def start(self, timeout: float = 60):
        self.home.mkdir(parents=True, exist_ok=True)
        argv = [sandbox_binary(), "sandbox", "--home", self.home, "--query-port", self.query_port,
                "--http-port", self.http_port, "--be-http-port", self.be_http_port, "--rpc-port", self.rpc_port,
                "--backends", self.backends, *self.options]
        self._process = Process(argv, self.directory / "sandbox.log", name="sandbox")
        # The query port is opened last: once it answers, all is ready.
        if not wait_for_port(self.query_port, self._process.alive, timeout):
            log = self._process.tail()
            self.close()
            raise ServerDied(f"the sandbox did not open port {self.query_port}\n{log}")
        return self

    def alive(self) -> bool:
        return self._process is not None and self._process.alive()

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self):
        self._process.kill()

    def stop(self, timeout: float = 30) -> int:
        return self._process.stop(timeout)

    def close(self):
        if self._process is not None:
            self._process.close()

    def tail(self) -> str:
        return self._process.tail()

    def fault(self, text: str):
        """Switches a fault on, such as "lose_answer,count=1": src/sandbox/README.md lists them."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.be_http_port}/_sandbox/faults", data=text.encode(), method="POST")
        urllib.request.urlopen(request, timeout=10).close()

    def heal(self):
        """Switches all faults off."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.be_http_port}/_sandbox/faults", method="DELETE")
        urllib.request.urlopen(request, timeout=10).close()

    def connect(self, database=None, user="root", password="", **options):
        options = {"charset": "utf8mb4", "autocommit": True, "connect_timeout": 10, "read_timeout": 120, **options}
        return pymysql.connect(host="127.0.0.1", port=self.query_port, user=user, password=password,
                               database=database, **options)

    def url(self, database="", user="root", password="", query_port=None, http_port=None) -> str:
        login = user + (f":{password}" if password else "")
        return (f"starrocks://{login}@127.0.0.1:{query_port or self.query_port}/{database}"
                f"?http_port={http_port or self.http_port}")
