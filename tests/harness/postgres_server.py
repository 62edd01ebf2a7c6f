"""PostgreSQL from Debian, a throw-away server in a directory of its own."""
import os
import pwd
import shutil
import subprocess
import time
from pathlib import Path

from .ports import free_port, wait_for_port
from .process import Process, ServerDied


class Postgres:
    """User postgres without password on 127.0.0.1:port; other users by password."""

    def __init__(self, directory: Path, *settings: str):
        """`settings`: "wal_level=logical" and the like."""
        self.directory = Path(directory)
        self.settings = list(settings)
        self.port = free_port()
        self._process = None

    @staticmethod
    def programs() -> Path:
        """The newest version's folder; initdb and postgres are not on Debian's PATH."""
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
        if not found:
            raise RuntimeError("no PostgreSQL server is installed: run scripts/install-deps")
        return found[-1]

    def start(self):
        if not (self.directory / "data").exists():
            self._install()
        argv = [*_as_user(), self.programs() / "postgres", "-D", self.directory / "data", "-p", self.port,
                "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"]
        for setting in self.settings:
            argv += ["-c", setting]
        self._process = Process(argv, self.directory / "server.log", name="postgres")
        if not wait_for_port(self.port, self._process.alive, 60) or not self._takes_logins():
            log = self._process.tail()
            self.close()
            raise ServerDied(f"PostgreSQL did not open port {self.port}\n{log}")
        return self

    def _takes_logins(self):
        """The port is open before the server is ready, and refuses logins until it is."""
        for _ in range(300):
            if subprocess.run([self.programs() / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]).returncode == 0:
                return True
            if not self._process.alive():
                return False
            time.sleep(0.1)
        return False

    def close(self):
        if self._process is not None:
            self._process.close()

    def execute(self, script: str, database="postgres"):
        """Runs a script through psql, which must succeed as a whole; returns what it prints, unaligned."""
        done = subprocess.run(
            ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port),
             "-U", "postgres", "-d", database], input=script, text=True, capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return done.stdout

    def url(self, database="", user="postgres", password="") -> str:
        login = user + (f":{password}" if password else "")
        return f"postgres://{login}@127.0.0.1:{self.port}/{database}"

    def _install(self):
        self.directory.mkdir(parents=True, exist_ok=True)
        _give_away(self.directory)
        done = subprocess.run(
            [*_as_user(), self.programs() / "initdb", "-D", self.directory / "data", "-U", "postgres", "-A", "trust",
             "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"], capture_output=True, text=True, cwd="/")
        if done.returncode != 0:
            shutil.rmtree(self.directory / "data", ignore_errors=True)
            raise RuntimeError(f"initdb: {done.stdout}{done.stderr}")
        hba = self.directory / "data" / "pg_hba.conf"
        hba.write_text("host all postgres 127.0.0.1/32 trust\n"
                       "host replication postgres 127.0.0.1/32 trust\n"
                       "host all all 127.0.0.1/32 scram-sha-256\n")


def _as_user():
    # The server refuses to run as root.
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []


def _give_away(directory: Path):
    if os.geteuid() != 0:
        return
    account = pwd.getpwnam("postgres")
    os.chown(directory, account.pw_uid, account.pw_gid)
    # It must be able to walk down to it.
    for parent in directory.parents:
        if parent.stat().st_uid == 0 and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o011)
