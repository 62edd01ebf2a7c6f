"""A scripted SQL Server: as much of TDS 7.4 as a login and catalog queries need (MS-TDS, sections 2.2.6, 2.2.7).

No SQL Server can be had from a package registry. This one proves the client library and our use of it on the wire;
what it answers are replies written down by hand, and no proof of what a real server answers."""
import socket
import ssl
import struct
import threading

from .certificate import Certificate

_ENCRYPT_OFF, _ENCRYPT_ON, _ENCRYPT_NOT_SUPPORTED = 0, 1, 2
_PRELOGIN, _LOGIN7, _BATCH, _RESPONSE = 0x12, 0x10, 0x01, 0x04
_COLMETADATA, _ROW, _DONE, _LOGINACK, _ERROR = 0x81, 0xD1, 0xFD, 0xAD, 0xAA
_NVARCHAR, _INTN, _BITN = 0xE7, 0x26, 0x68
_COLLATION = bytes.fromhex("0904d00034")
_MORE, _COUNT = 0x01, 0x10


class SqlError(Exception):
    """What the server shall answer to a batch: its message's number, class and text."""

    def __init__(self, number: int, text: str, severity=14):
        super().__init__(text)
        self.number, self.text, self.severity = number, text, severity


class TdsServer:
    """Listens on 127.0.0.1:port; `answer(batch, database)` gives the result sets, each a list of tuples of
    str, int, bool or None, or raises SqlError."""

    def __init__(self, answer, users, databases, certificate: "Certificate" = None, host="127.0.0.1"):
        """With a certificate it encrypts as much as the client wants; `encrypted` tells whether logins and batches
        came so."""
        self.answer, self.users, self.databases = answer, users, databases
        self.batches = []
        self.encrypted = {"login": set(), "batch": set()}
        # What TDS 7 wraps is TLS up to 1.2.
        self._tls = certificate and certificate.context(ssl.TLSVersion.TLSv1_2)
        self._listener = socket.create_server((host, 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()

    def url(self, database="", user="sa", password=None, host="127.0.0.1") -> str:
        return f"sqlserver://{user}:{password or self.users[user]}@{host}:{self.port}/{database}"

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection:
            try:
                self._speak(_Line(connection))
            except (OSError, ssl.SSLError):
                return  # the client has gone, or won't have the certificate

    def _speak(self, line):
        database = ""
        encryption = _ENCRYPT_NOT_SUPPORTED
        while True:
            kind, payload = _receive(line)
            if kind == _PRELOGIN:
                encryption = self._agree(_wanted_encryption(payload))
                _send(line, _prelogin(encryption))
                if encryption != _ENCRYPT_NOT_SUPPORTED:
                    line.start_tls(self._tls)
            elif kind == _LOGIN7:
                self.encrypted["login"].add(line.is_tls)
                if encryption == _ENCRYPT_OFF:  # of the login alone
                    line.stop_tls()
                user, password, database = _login(payload)
                if self.users.get(user) != password:
                    _send(line, _error(SqlError(18456, f"Login failed for user '{user}'.")) + _done())
                    return
                if database and database not in self.databases:
                    _send(line, _error(SqlError(4060, f'Cannot open database "{database}" requested by the '
                                                      "login. The login failed.", 11)) + _done())
                    return
                _send(line, _login_ack() + _done())
            elif kind == _BATCH:
                self.encrypted["batch"].add(line.is_tls)
                batch = payload[struct.unpack_from("<I", payload)[0]:].decode("utf-16-le")
                self.batches.append(batch)
                if batch.startswith("USE ["):
                    database = batch[5:-1]
                try:
                    _send(line, _results(self.answer(batch, database)))
                except SqlError as error:
                    _send(line, _error(error) + _done())
            else:
                return

    def _agree(self, wanted):
        if self._tls is None or wanted == _ENCRYPT_NOT_SUPPORTED:
            return _ENCRYPT_NOT_SUPPORTED
        return _ENCRYPT_OFF if wanted == _ENCRYPT_OFF else _ENCRYPT_ON


class Browser:
    """SQL Server Browser (MS-SQLR): tells the port of one named instance, at UDP port 1434 of `host`."""

    def __init__(self, host: str, instance: str, port: int):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, 1434))
        told = f"ServerName;TEST;InstanceName;{instance};IsClustered;No;Version;15.0.2000.5;tcp;{port};;".encode()
        self._asked, self._told = instance.encode().upper(), b"\x05" + struct.pack("<H", len(told)) + told
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self):
        self._closing.set()
        self._thread.join()
        self._socket.close()

    def _serve(self):
        self._socket.settimeout(0.1)
        while not self._closing.is_set():
            try:
                question, peer = self._socket.recvfrom(1024)
            except TimeoutError:
                continue
            if question[:1] == b"\x04" and question[1:].rstrip(b"\0").upper() == self._asked:
                self._socket.sendto(self._told, peer)


class _Line:
    """A connection that may be under TLS: the handshake goes inside TDS packets, what follows goes bare."""

    def __init__(self, connection):
        self._connection = connection
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = None

    @property
    def is_tls(self):
        return self._tls is not None

    def start_tls(self, context):
        tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self._send_handshake()
                kind, payload = _receive(self)
                if kind != _PRELOGIN:
                    raise OSError("no handshake came") from None
                self._incoming.write(payload)
        self._send_handshake()
        self._tls = tls

    def stop_tls(self):
        self._tls = None

    def _send_handshake(self):
        if self._outgoing.pending:
            _send(self, self._outgoing.read(), kind=_PRELOGIN, step=4096 - 8)

    def recv(self, count):
        while self._tls is not None:
            try:
                return self._tls.read(count)
            except ssl.SSLWantReadError:
                raw = self._connection.recv(65536)
                if not raw:
                    return b""
                self._incoming.write(raw)
        return self._connection.recv(count)

    def sendall(self, data):
        if self._tls is not None:
            self._tls.write(data)
            data = self._outgoing.read()
        self._connection.sendall(data)


def _receive(line):
    payload = b""
    while True:
        header = _exactly(line, 8)
        if header is None:
            return None, b""
        kind, status, length = struct.unpack_from(">BBH", header)
        payload += _exactly(line, length - 8) or b""
        if status & 1:
            return kind, payload


def _exactly(line, count):
    data = b""
    while len(data) < count:
        try:
            more = line.recv(count - len(data))
        except OSError:
            return None
        if not more:
            return None
        data += more
    return data


def _send(line, payload, kind=_RESPONSE, step=512 - 8):
    # Small packets on purpose: values then lie across their borders.
    for start in range(0, max(len(payload), 1), step):
        part = payload[start:start + step]
        last = 1 if start + step >= len(payload) else 0
        line.sendall(struct.pack(">BBHHBB", kind, last, len(part) + 8, 55, 1, 0) + part)


def _prelogin(encryption):
    # Version, and how much will be encrypted.
    options = [(0x00, bytes([15, 0, 0, 0, 0, 0])), (0x01, bytes([encryption]))]
    offset = len(options) * 5 + 1
    head, data = b"", b""
    for token, value in options:
        head += struct.pack(">BHH", token, offset + len(data), len(value))
        data += value
    return head + b"\xff" + data


def _wanted_encryption(payload):
    place = 0
    while payload[place] != 0xFF:
        token, offset, _ = struct.unpack_from(">BHH", payload, place)
        if token == 0x01:
            return payload[offset]
        place += 5
    return _ENCRYPT_NOT_SUPPORTED


def _login(payload):
    def text(place, hidden=False):
        offset, length = struct.unpack_from("<HH", payload, place)
        raw = payload[offset:offset + length * 2]
        if hidden:
            raw = bytes((b ^ 0xA5) >> 4 | ((b ^ 0xA5) << 4 & 0xF0) for b in raw)
        return raw.decode("utf-16-le")
    return text(40), text(44, hidden=True), text(68)


def _short_text(text):
    return bytes([len(text)]) + text.encode("utf-16-le")


def _login_ack():
    body = b"\x01" + bytes.fromhex("74000004") + _short_text("Microsoft SQL Server") + bytes([15, 0, 0, 0])
    return bytes([_LOGINACK]) + struct.pack("<H", len(body)) + body


def _done(status=0, rows=0):
    return struct.pack("<BHHQ", _DONE, status, 0, rows)


def _error(error):
    text = error.text.encode("utf-16-le")
    body = (struct.pack("<iBB", error.number, 1, error.severity) + struct.pack("<H", len(error.text)) + text +
            _short_text("scripted") + _short_text("") + struct.pack("<i", 1))
    return bytes([_ERROR]) + struct.pack("<H", len(body)) + body


def _results(sets):
    if not sets:
        return _done()
    return b"".join(_one_set(rows, more=place + 1 < len(sets)) for place, rows in enumerate(sets))


def _one_set(rows, more):
    kinds = [_kind([row[i] for row in rows]) for i in range(len(rows[0]) if rows else 1)]
    out = bytes([_COLMETADATA]) + struct.pack("<H", len(kinds))
    for number, kind in enumerate(kinds):
        detail = {_NVARCHAR: struct.pack("<H", 8000) + _COLLATION, _INTN: b"\x08", _BITN: b"\x01"}[kind]
        out += struct.pack("<IHB", 0, 1, kind) + detail + _short_text(f"c{number}")
    for row in rows:
        out += bytes([_ROW]) + b"".join(_cell(kind, value) for kind, value in zip(kinds, row))
    return out + _done(_COUNT | (_MORE if more else 0), len(rows))


def _kind(values):
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, bool) for value in known):
        return _BITN
    return _INTN if known and all(isinstance(value, int) for value in known) else _NVARCHAR


def _cell(kind, value):
    if kind == _NVARCHAR:
        if value is None:
            return b"\xff\xff"
        raw = str(value).encode("utf-16-le")
        return struct.pack("<H", len(raw)) + raw
    if value is None:
        return b"\x00"
    return b"\x01" + bytes([value]) if kind == _BITN else b"\x08" + struct.pack("<q", value)
