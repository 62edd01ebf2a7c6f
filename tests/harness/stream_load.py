"""Stream Load as a client writes it, without any library: straight to the sandbox's ports."""
import base64
import http.client
import json
import urllib.parse


def call(port, method, path, body=b"", user="root", password="", **headers):
    """One request; the parsed JSON answer. Keyword names stand for headers, underscores as they are."""
    login = base64.b64encode(f"{user}:{password}".encode()).decode()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body=body.encode() if isinstance(body, str) else body,
                           headers={"Authorization": f"Basic {login}", **{name: str(value) for name, value in headers.items()}})
        answer = connection.getresponse()
        redirect = answer.getheader("Location") if answer.status == 307 else None
        if redirect is None:
            return json.loads(answer.read())
    finally:
        connection.close()
    target = urllib.parse.urlsplit(redirect)
    return call(target.port, method, target.path, body, user, password, **headers)


def load(sandbox, table, body, **headers):
    """A plain Stream Load into "db.table"; comma-separated CSV unless the headers say otherwise."""
    database, name = table.split(".")
    if headers.get("format") != "json":
        headers.setdefault("column_separator", ",")
    return call(sandbox.be_http_port, "PUT", f"/api/{database}/{name}/_stream_load", body, **headers)


def transaction(sandbox, operation, **headers):
    """A call of the transaction interface: at the frontend, then where it redirects to."""
    return call(sandbox.http_port, "POST", f"/api/transaction/{operation}", **headers)


def transaction_load(sandbox, body, **headers):
    headers.setdefault("column_separator", ",")
    return call(sandbox.be_http_port, "PUT", "/api/transaction/load", body, **headers)


def label_state(sandbox, database, label):
    return call(sandbox.http_port, "GET", f"/api/{database}/get_load_state?label={label}")["state"]
