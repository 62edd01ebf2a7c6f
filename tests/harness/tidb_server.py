"""TiDB on its own embedded store, a throw-away server in a directory of its own."""
import fcntl
import json
import os
import shutil
import subprocess
from pathlib import Path

import pymysql

from .paths import dependency_cache
from .ports import free_port, wait_for_port
from .process import Process, ServerDied
from .sql_session import SqlSession

# What the Go module proxy serves of TiDB are pinned commits; this one says v8.4.0-this-is-a-placeholder.
_MODULE = "github.com/pingcap/tidb@v1.1.0-beta.0.20260413061245-ae18096e0237"
_PARSER = "github.com/pingcap/tidb/pkg/parser@v0.0.0-20260331085336-4e0b702f38a8"
_GO = {"GOTOOLCHAIN": "go1.25.8", "GOFLAGS": "-mod=mod"}


class Tidb(SqlSession):
    """User root without password on 127.0.0.1:port."""

    def __init__(self, directory: Path):
        self.directory = Path(directory)
        self.port, self.status_port = free_port(), free_port()
        self._process = None

    @staticmethod
    def program() -> Path:
        """The server; built from its sources (20 minutes, 0.5 GB) when it is not in the cache yet."""
        folder = dependency_cache() / "tidb"
        folder.mkdir(parents=True, exist_ok=True)
        with open(folder / ".lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / "tidb-server").exists():
                _build(folder)
        return folder / "tidb-server"

    def start(self):
        self.directory.mkdir(parents=True, exist_ok=True)
        argv = [self.program(), "-host", "127.0.0.1", "-P", self.port, "-status-host", "127.0.0.1",
                "-status", self.status_port, "-store", "unistore", "-path", self.directory / "data",
                "-socket", f"/tmp/starlift-{os.getuid()}-{self.port}.sock"]
        self._process = Process(argv, self.directory / "server.log", cwd=self.directory)
        if not wait_for_port(self.port, self._process.alive, 120):
            log = self._process.tail()
            self.close()
            raise ServerDied(f"TiDB did not open port {self.port}\n{log}")
        return self

    def close(self):
        if self._process is not None:
            self._process.close()

    def connect(self, database=None, user="root", password="", **options):
        return pymysql.connect(host="127.0.0.1", port=self.port, user=user, password=password, database=database,
                               charset="utf8mb4", autocommit=True, connect_timeout=10, **options)

    def url(self, database="", user="root") -> str:
        return f"tidb://{user}@127.0.0.1:{self.port}/{database}"


def _build(folder: Path):
    source = folder / "source"
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(_download(_MODULE, folder), source)
    shutil.rmtree(source / "pkg" / "parser", ignore_errors=True)
    shutil.copytree(_download(_PARSER, folder), source / "pkg" / "parser")
    subprocess.run(["chmod", "-R", "u+w", source], check=True)
    subprocess.run(["go", "build", "-p", "2", "-o", folder / "tidb-server", "./cmd/tidb-server"],
                   cwd=source, env={**os.environ, **_GO}, check=True)
    shutil.rmtree(source)


def _download(module: str, folder: Path) -> Path:
    done = subprocess.run(["go", "mod", "download", "-json", module], cwd=folder, env={**os.environ, **_GO},
                          check=True, capture_output=True, text=True)
    return Path(json.loads(done.stdout)["Dir"])
