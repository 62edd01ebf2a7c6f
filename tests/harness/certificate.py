"""Certificates for servers under test."""
import ssl
import subprocess
from pathlib import Path


class Certificate:
    """A certificate of its own making for one host name: `file` is the PEM that a client trusts, `key` its key."""

    def __init__(self, directory: Path, host: str):
        self.file, self.key = directory / f"{host}.pem", directory / f"{host}.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={host}",
                        "-addext", f"subjectAltName=DNS:{host}", "-out", self.file, "-keyout", self.key],
                       check=True, capture_output=True)

    def context(self, newest=ssl.TLSVersion.TLSv1_3) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = newest
        context.load_cert_chain(self.file, self.key)
        return context
