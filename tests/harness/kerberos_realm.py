"""A Kerberos realm by Debian's KDC, a throw-away one in a directory of its own."""
import os
import subprocess
from pathlib import Path

from .ports import free_port, wait_for_port
from .process import Process, ServerDied

REALM = "STARLIFT.TEST"


class KerberosRealm:
    """`environment` makes a client a member of the realm; its ticket cache is empty until kinit()."""

    def __init__(self, directory: Path):
        self.directory = Path(directory)
        self.port = free_port()
        self.config = self.directory / "krb5.conf"
        self.environment = {"KRB5_CONFIG": str(self.config), "KRB5CCNAME": f"FILE:{self.directory}/tickets",
                            "KRB5_KDC_PROFILE": str(self.directory / "kdc.conf")}
        self._process = None

    def start(self, *principals: str):
        """Each principal ("hive/localhost") gets a key in the file keytab(principal)."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.config.write_text(f"""[libdefaults]
 default_realm = {REALM}
 dns_lookup_kdc = false
 dns_lookup_realm = false
 dns_canonicalize_hostname = false
 rdns = false
 udp_preference_limit = 1
[realms]
 {REALM} = {{
  kdc = 127.0.0.1:{self.port}
 }}
[domain_realm]
 localhost = {REALM}
""")
        (self.directory / "kdc.conf").write_text(f"""[kdcdefaults]
 kdc_listen = 127.0.0.1:{self.port}
 kdc_tcp_listen = 127.0.0.1:{self.port}
[realms]
 {REALM} = {{
  database_name = {self.directory}/principal
  key_stash_file = {self.directory}/stash
  supported_enctypes = aes256-cts-hmac-sha1-96:normal aes128-cts-hmac-sha1-96:normal
 }}
""")
        self._run("kdb5_util", "create", "-s", "-r", REALM, "-P", "master")
        for principal in principals:
            self._run("kadmin.local", "-r", REALM, "addprinc", "-randkey", principal)
            self._run("kadmin.local", "-r", REALM, "ktadd", "-k", self.keytab(principal), principal)
        self._process = Process(["/usr/sbin/krb5kdc", "-n"], self.directory / "kdc.log",
                                env={**self.environment}, name="krb5kdc")
        if not wait_for_port(self.port, self._process.alive, 30):
            log = self._process.tail()
            self.close()
            raise ServerDied(f"the KDC did not open port {self.port}\n{log}")
        return self

    def keytab(self, principal: str) -> Path:
        return self.directory / (principal.replace("/", "_") + ".keytab")

    def kinit(self, principal: str):
        self._run("kinit", "-kt", self.keytab(principal), principal)

    def close(self):
        if self._process is not None:
            self._process.close()

    def _run(self, *argv):
        argv = [str(each) for each in argv]
        argv[0] = {"kinit": "kinit"}.get(argv[0], f"/usr/sbin/{argv[0]}")
        done = subprocess.run(argv, env={**os.environ, **self.environment}, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(argv)}: {done.stderr}")
