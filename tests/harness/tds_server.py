"""A scripted SQL Server: as much of TDS 7.4 as a login and catalog queries need (MS-TDS, sections 2.2.6, 2.2.7).

No SQL Server can be had from a package registry. This one proves the client library and our use of it on the wire;
what it answers are replies written down by hand, and no proof of what a real server answers."""
import socket
import struct
import threading

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

    def __init__(self, answer, users, databases):
        self.answer, self.users, self.databases = answer, users, databases
        self.batches = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()

    def url(self, database="", user="sa", password=None) -> str:
        return f"sqlserver://{user}:{password or self.users[user]}@127.0.0.1:{self.port}/{database}"

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection:
            database = ""
            while True:
                kind, payload = _receive(connection)
                if kind == _PRELOGIN:
                    _send(connection, _prelogin())
                elif kind == _LOGIN7:
                    user, password, database = _login(payload)
                    if self.users.get(user) != password:
                        _send(connection, _error(SqlError(18456, f"Login failed for user '{user}'.")) + _done())
                        return
                    if database and database not in self.databases:
                        _send(connection, _error(SqlError(4060, f'Cannot open database "{database}" requested by the '
                                                                "login. The login failed.", 11)) + _done())
                        return
                    _send(connection, _login_ack() + _done())
                elif kind == _BATCH:
                    batch = payload[struct.unpack_from("<I", payload)[0]:].decode("utf-16-le")
                    self.batches.append(batch)
                    if batch.startswith("USE ["):
                        database = batch[5:-1]
                    try:
                        _send(connection, _results(self.answer(batch, database)))
                    except SqlError as error:
                        _send(connection, _error(error) + _done())
                else:
                    return


def _receive(connection):
    payload = b""
    while True:
        header = _exactly(connection, 8)
        if header is None:
            return None, b""
        kind, status, length = struct.unpack_from(">BBH", header)
        payload += _exactly(connection, length - 8) or b""
        if status & 1:
            return kind, payload


def _exactly(connection, count):
    data = b""
    while len(data) < count:
        try:
            more = connection.recv(count - len(data))
        except OSError:
            return None
        if not more:
            return None
        data += more
    return data


def _send(connection, payload):
    # Small packets on purpose: values then lie across their borders.
    step = 512 - 8
    for start in range(0, max(len(payload), 1), step):
        part = payload[start:start + step]
        last = 1 if start + step >= len(payload) else 0
        connection.sendall(struct.pack(">BBHHBB", _RESPONSE, last, len(part) + 8, 55, 1, 0) + part)


def _prelogin():
    # Version, and encryption "not supported".
    options = [(0x00, bytes([15, 0, 0, 0, 0, 0])), (0x01, b"\x02")]
    offset = len(options) * 5 + 1
    head, data = b"", b""
    for token, value in options:
        head += struct.pack(">BHH", token, offset + len(data), len(value))
        data += value
    return head + b"\xff" + data


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
