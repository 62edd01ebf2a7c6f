"""ZooKeeper 3.8, as it comes with HiveServer2's jars: a throw-away server in a directory of its own."""
import subprocess
from pathlib import Path

from .hive_server import HiveServer
from .ports import free_port, wait_for_port
from .process import Process, ServerDied, wait_until

_LOGGING = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"


class Zookeeper:
    """Everybody may do everything, on 127.0.0.1:port."""

    def __init__(self, directory: Path):
        self.directory = Path(directory)
        self.port = free_port()
        self._process = None

    def start(self):
        (self.directory / "data").mkdir(parents=True, exist_ok=True)
        config = self.directory / "zoo.cfg"
        config.write_text(f"tickTime=1000\ndataDir={self.directory}/data\nclientPort={self.port}\n"
                          "clientPortAddress=127.0.0.1\nadmin.enableServer=false\n")
        self._process = Process(["java", "-Xmx128m", _LOGGING, "-cp", f"{HiveServer.jars()}/*",
                                 "org.apache.zookeeper.server.ZooKeeperServerMain", config],
                                self.directory / "server.log", cwd=self.directory, name="zookeeper")
        if not wait_for_port(self.port, self._process.alive, 120):
            log = self._process.tail()
            self.close()
            raise ServerDied(f"ZooKeeper did not open port {self.port}\n{log}")
        return self

    def create(self, path: str, content: str):
        """Makes a node, through ZooKeeper's own client, as soon as the folder that it shall be in is there."""
        argv = ["java", "-Xmx64m", _LOGGING, "-cp", f"{HiveServer.jars()}/*", "org.apache.zookeeper.ZooKeeperMain",
                "-server", f"127.0.0.1:{self.port}", "create", path, content]
        wait_until(f"the folder of {path}", timeout=120, every=1,
                   condition=lambda: subprocess.run(argv, capture_output=True, timeout=120).returncode == 0)

    def close(self):
        if self._process is not None:
            self._process.close()
