"""What a source's log tells, as the program binlog_dump prints it."""
import json
import os
import subprocess
from collections import Counter

from harness.paths import starlift_binary


class DumpFailed(AssertionError):
    def __init__(self, code, text, lines):
        super().__init__(f"binlog_dump ended with {code}: {text}")
        self.code, self.text, self.lines = code, text, lines


def program():
    return starlift_binary().parent / "src" / "sources" / "mysql" / "binlog_dump"


def run(*arguments, timeout=120, **environment):
    """Its lines: objects, or text where it printed a bare position."""
    done = subprocess.run([program(), *map(str, arguments)], capture_output=True, text=True, timeout=timeout,
                          env={**os.environ, **{name: str(value) for name, value in environment.items()}})
    lines = [json.loads(line) if line.startswith("{") else line for line in done.stdout.splitlines()]
    if done.returncode != 0:
        raise DumpFailed(done.returncode, done.stderr.strip(), lines)
    return lines


def head(url) -> str:
    return run(url, "print-head", "-")[0]


def follow(url, position, until="head", tables=(), **options):
    return run(url, position, until, *tables, **options)


class Snapshot:
    """The rows as the snapshot path reads them, and the position at which they are so."""

    def __init__(self, url, tables=()):
        lines = run(url, "snapshot", "-", *tables)
        self.rows = Counter((line["table"], _key(line["after"])) for line in lines if line["kind"] == "row")
        self.position = lines[-1]["position"]


def deleted(lines) -> Counter:
    """The rows that the log's deletes hold."""
    return Counter((line["table"], _key(line["before"])) for line in lines if line["kind"] == "delete")


def replay(lines, rows=None) -> Counter:
    """The rows that are there after the changes were applied to `rows`."""
    rows = Counter(rows or {})
    for line in lines:
        if line["kind"] not in ("insert", "update", "delete"):
            continue
        if line["before"] is not None:
            row = (line["table"], _key(line["before"]))
            assert rows[row] > 0, f"the log changes a row that is not there: {shown(row)}"
            rows[row] -= 1
        if line["after"] is not None:
            rows[(line["table"], _key(line["after"]))] += 1
    return +rows


def differences(told: Counter, read: Counter, most=20) -> str:
    """Nothing, or what one path gives and the other does not."""
    lines = [f"only in the log: {shown(row)}" for row in list((told - read).elements())[:most]]
    lines += [f"only in the snapshot: {shown(row)}" for row in list((read - told).elements())[:most]]
    return "\n".join(lines)


def shown(row) -> str:
    table, cells = row
    return table + " " + str([None if cell is None else bytes.fromhex(cell)[:60] for cell in cells])


def _key(cells):
    return tuple(cells)
