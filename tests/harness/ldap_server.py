"""An LDAP server (UnboundID's, in memory) with the users that a test names."""
import subprocess
from pathlib import Path

from .paths import dependency_cache
from .ports import free_port, wait_for_port
from .process import Process, ServerDied

_VERSION = "6.0.11"
_ROOT = "dc=starlift,dc=test"


class LdapServer:
    """Users are uid=NAME below `base`; each logs in by its password alone."""

    base = f"ou=people,{_ROOT}"

    def __init__(self, directory: Path, **passwords: str):
        self.directory = Path(directory)
        self.passwords = passwords
        self.port = free_port()
        self._process = None

    def start(self):
        self.directory.mkdir(parents=True, exist_ok=True)
        entries = [f"dn: {_ROOT}\nobjectClass: domain\ndc: starlift\n",
                   f"dn: {self.base}\nobjectClass: organizationalUnit\nou: people\n"]
        for name, password in self.passwords.items():
            entries.append(f"dn: uid={name},{self.base}\nobjectClass: inetOrgPerson\nuid: {name}\ncn: {name}\nsn: {name}\n"
                           f"userPassword: {password}\n")
        (self.directory / "users.ldif").write_text("\n".join(entries))
        self._process = Process(["java", "-Xmx64m", "-cp", _jar(),
                                 "com.unboundid.ldap.listener.InMemoryDirectoryServerTool", "--baseDN", _ROOT,
                                 "--port", self.port, "--ldifFile", self.directory / "users.ldif"],
                                self.directory / "server.log", cwd=self.directory, name="ldap")
        if not wait_for_port(self.port, self._process.alive, 60):
            log = self._process.tail()
            self.close()
            raise ServerDied(f"the LDAP server did not open port {self.port}\n{log}")
        return self

    def close(self):
        if self._process is not None:
            self._process.close()


def _jar() -> Path:
    folder = dependency_cache() / "ldap"
    jar = folder / f"unboundid-ldapsdk-{_VERSION}.jar"
    if not jar.exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mvn", "-q", "dependency:copy", f"-Dartifact=com.unboundid:unboundid-ldapsdk:{_VERSION}",
                        f"-DoutputDirectory={folder}"], cwd=folder, check=True, capture_output=True)
    return jar
