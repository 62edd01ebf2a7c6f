"""HiveServer2 4.0.1 from Maven with an embedded metastore, a throw-away server in a directory of its own."""
import fcntl
import subprocess
from pathlib import Path

from .paths import dependency_cache
from .ports import free_port, wait_for_port
from .process import Process, ServerDied

_ARTIFACTS = """
org.apache.hive:hive-service:4.0.1 org.apache.hive:hive-exec:4.0.1 org.apache.hive:hive-metastore:4.0.1
org.apache.hive:hive-standalone-metastore-server:4.0.1 org.apache.hadoop:hadoop-client:3.3.6
org.apache.hadoop:hadoop-mapreduce-client-jobclient:3.3.6 org.apache.hadoop:hadoop-hdfs:3.3.6
org.apache.hadoop:hadoop-hdfs-client:3.3.6 org.apache.derby:derby:10.14.2.0
org.datanucleus:datanucleus-api-jdo:5.2.8 org.datanucleus:datanucleus-rdbms:5.2.10
org.datanucleus:javax.jdo:3.2.0-release com.google.guava:guava:27.0-jre com.google.guava:failureaccess:1.0
"""
# What some of them miss, as with Kerberos; anywhere but last on the class path it hides others.
_LAST = "org.apache.hadoop:hadoop-client-runtime:3.3.6"
_OPEN = ["java.lang", "java.net", "java.util", "java.util.concurrent", "java.util.concurrent.atomic",
         "java.util.regex", "java.nio", "java.io", "java.time", "java.lang.reflect", "sun.nio.ch"]


class HiveServer:
    """Any user, no authentication but SASL; on 127.0.0.1:port. `settings` go into hive-site.xml and core-site.xml,
    with __ for dots; `java` are options of its virtual machine.

    `statements` are run at the beginning of each session, so that no client is needed to make tables:
    write them with IF NOT EXISTS."""

    def __init__(self, directory: Path, statements=(), java=(), **settings: str):
        self.directory = Path(directory)
        self.statements = statements
        self.java = java
        self.settings = {name.replace("__", "."): value for name, value in settings.items()}
        self.port = free_port()
        self._process = None

    @staticmethod
    def jars() -> Path:
        """The folder of jars (290 MB), fetched when it is not in the cache yet."""
        folder = dependency_cache() / "hive-4.0.1"
        folder.mkdir(parents=True, exist_ok=True)
        with open(folder / ".lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / "complete").exists():
                (folder / "pom.xml").write_text(_pom())
                subprocess.run(["mvn", "-q", "dependency:copy-dependencies", f"-DoutputDirectory={folder}/lib"],
                               cwd=folder, check=True, capture_output=True)
                for pattern in ("slf4j-log4j12-*", "slf4j-reload4j-*"):
                    for jar in (folder / "lib").glob(pattern):
                        jar.unlink()
                (folder / "complete").touch()
            if not any((folder / "last").glob("*.jar")):
                subprocess.run(["mvn", "-q", "dependency:copy", f"-Dartifact={_LAST}", f"-DoutputDirectory={folder}/last"],
                               cwd=folder, check=True, capture_output=True)
        return folder / "lib"

    def start(self):
        conf = self.directory / "conf"
        conf.mkdir(parents=True, exist_ok=True)
        for name in ("hive-site.xml", "core-site.xml"):
            (conf / name).write_text(_site({**self._defaults(), **self.settings}))
        (conf / ".hiverc").write_text("".join(" ".join(text.split()) + ";\n" for text in self.statements))
        argv = ["java", "-Xmx1g", *(f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in _OPEN),
                *self.java, f"-Djava.io.tmpdir={self._folder('tmp')}", f"-Dderby.system.home={self.directory}",
                "-cp", f"{conf}:{self.jars()}/*:{self.jars().parent}/last/*", "org.apache.hive.service.server.HiveServer2"]
        self._process = Process(argv, self.directory / "server.log", cwd=self.directory, name="hiveserver2",
                                env={"HADOOP_USER_NAME": "root"})
        if not wait_for_port(self.port, self._process.alive, 480):
            log = self._process.tail()
            self.close()
            raise ServerDied(f"HiveServer2 did not open port {self.port}\n{log}")
        return self

    def close(self):
        if self._process is not None:
            self._process.close()

    def url(self, database="", options="", user="ann") -> str:
        return f"hive://{user}@127.0.0.1:{self.port}/{database}{options}"

    def _folder(self, name):
        folder = self.directory / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _defaults(self):
        d = self.directory
        return {
            "javax.jdo.option.ConnectionURL": f"jdbc:derby:;databaseName={d}/metastore;create=true",
            "datanucleus.schema.autoCreateAll": "true", "hive.metastore.schema.verification": "false",
            "hive.server2.authentication": "NONE", "hive.server2.thrift.bind.host": "127.0.0.1",
            "hive.server2.thrift.port": self.port, "hive.server2.thrift.http.port": self.port,
            "hive.server2.webui.port": 0, "hive.server2.enable.doAs": "false",
            "hive.execution.engine": "mr", "mapreduce.framework.name": "local", "hive.exec.mode.local.auto": "true",
            "hive.stats.autogather": "false", "hive.stats.column.autogather": "false",
            "hive.notification.event.poll.interval": "0s", "hive.metastore.event.db.notification.api.auth": "false",
            "hive.server2.tez.initialize.default.sessions": "false",
            "hive.metastore.warehouse.dir": self._folder("warehouse"),
            "hive.metastore.warehouse.external.dir": self._folder("external"),
            "hive.exec.scratchdir": self._folder("scratch"), "hive.exec.local.scratchdir": self._folder("local"),
            "hive.downloaded.resources.dir": self._folder("resources"),
            "hive.server2.logging.operation.enabled": "false",
            "hive.server2.global.init.file.location": self.directory / "conf",
        }


def _pom():
    def dependency(text):
        group, artifact, version = text.split(":")
        excluded = ("<exclusions><exclusion><groupId>org.pac4j</groupId><artifactId>*</artifactId></exclusion></exclusions>"
                    if artifact == "hive-service" else "")
        return (f"<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>"
                f"<version>{version}</version>{excluded}</dependency>")
    return ('<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
            "<groupId>starlift</groupId><artifactId>hive-server</artifactId><version>1</version><dependencies>"
            + "".join(dependency(text) for text in _ARTIFACTS.split()) + "</dependencies></project>")


def _site(settings):
    properties = "".join(f"<property><name>{name}</name><value>{value}</value></property>"
                         for name, value in settings.items())
    return f"<configuration>{properties}</configuration>"
