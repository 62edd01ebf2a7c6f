"""ClickHouse 18.16 from Debian, a throw-away server in a directory of its own."""
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape

from .ports import free_port, wait_for_port
from .process import Process, ServerDied

_CONFIG = """<yandex>
<logger><level>warning</level><console>1</console></logger>
<http_port>{http}</http_port><tcp_port>{native}</tcp_port><listen_host>127.0.0.1</listen_host>
<path>{d}/data/</path><tmp_path>{d}/tmp/</tmp_path><users_config>{d}/users.xml</users_config>
<default_profile>default</default_profile><default_database>default</default_database>
<mark_cache_size>134217728</mark_cache_size>
</yandex>"""

_USERS = """<yandex><profiles><default><allow_experimental_low_cardinality_type>1</allow_experimental_low_cardinality_type>
</default></profiles><users>{users}</users><quotas><default/></quotas></yandex>"""

_USER = """<{name}><password>{password}</password><networks><ip>127.0.0.1</ip></networks><profile>default</profile>
<quota>default</quota></{name}>"""


class Clickhouse:
    """User default without password, and those given; HTTP on 127.0.0.1:port, native on native_port."""

    def __init__(self, directory: Path, **passwords: str):
        self.directory = Path(directory)
        self.passwords = {"default": "", **passwords}
        self.port = free_port()
        self.native_port = free_port()
        self._process = None

    def start(self):
        for folder in ("data", "tmp"):
            (self.directory / folder).mkdir(parents=True, exist_ok=True)
        users = "".join(_USER.format(name=name, password=escape(password))
                        for name, password in self.passwords.items())
        (self.directory / "users.xml").write_text(_USERS.format(users=users))
        (self.directory / "config.xml").write_text(
            _CONFIG.format(d=self.directory, http=self.port, native=self.native_port))
        self._process = Process(["clickhouse-server", f"--config-file={self.directory}/config.xml"],
                                self.directory / "server.log", cwd=self.directory)
        if not wait_for_port(self.port, self._process.alive, 60):
            log = self._process.tail()
            self.close()
            raise ServerDied(f"ClickHouse did not open port {self.port}\n{log}")
        return self

    def close(self):
        if self._process is not None:
            self._process.close()

    def execute(self, *statements: str) -> str:
        """Returns what the last prints."""
        answer = ""
        for statement in statements:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", statement.encode(), timeout=60) as reply:
                    answer = reply.read().decode()
            except urllib.error.HTTPError as error:
                raise RuntimeError(f"{statement}\n{error.read().decode()}") from None
        return answer

    def url(self, database="", user="default", port=None) -> str:
        password = self.passwords[user]
        login = user + (f":{quote(password, safe='')}" if password else "")
        return f"clickhouse://{login}@127.0.0.1:{port or self.port}/{database}"
