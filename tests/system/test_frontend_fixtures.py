"""The sandbox answers as a real StarRocks 3.5.0 frontend did: recorded exchanges, replayed."""
import json
import re
import subprocess
import sys

import pytest

from harness.paths import ROOT
from harness.sandbox import Sandbox

FIXTURES = ROOT / "tests" / "fixtures" / "frontend"
DDL = re.compile(r"\s*(CREATE|ALTER|DROP|TRUNCATE|SHOW\s+CREATE)\b", re.IGNORECASE)


@pytest.fixture
def three_backends(scratch):
    server = Sandbox(scratch / "sandbox", backends=3).start()
    yield server
    server.close()


def records(name):
    with open(FIXTURES / name, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def replay(sandbox, scratch, name):
    """{(scenario, seq): difference} and how many records were played."""
    out = scratch / "differences.jsonl"
    done = subprocess.run(
        [sys.executable, FIXTURES / "replay.py", FIXTURES / name, "--query-port", str(sandbox.query_port), "--http-port", str(sandbox.http_port),
         "--rpc-port", str(sandbox.rpc_port), "--jobs", "2", "--show", "0", "--json", out], capture_output=True, text=True, timeout=280)
    summary = re.search(r"frontend: statements=(\d+) agree=(\d+) differ=(\d+)", done.stdout)
    assert summary, done.stdout[-3000:] + done.stderr[-3000:] + sandbox.tail()
    found = {}
    for line in out.read_text().splitlines():
        difference = json.loads(line)
        found[difference["scenario"], difference["seq"]] = difference
    return found, int(summary[1])


def explained():
    lines = (FIXTURES / "differences.txt").read_text().splitlines()
    return {tuple(line.split(":", 1)[0].split("/")): line.split(":", 1)[1].strip() for line in lines if line and not line.startswith("#")}


def report(found, of):
    by_place = {(r["scenario"], r["seq"]): r for r in of}
    shown = []
    for place, difference in list(found.items())[:60]:
        record = by_place[place]
        what = record.get("sql") or f"{record['request']['method']} {record['request']['path']}"
        shown.append(f"{place[0]}/{place[1]}: {what[:160]}\n    {difference['difference'][:300]}")
    return "\n".join(shown)


def test_http(three_backends, scratch):
    found, played = replay(three_backends, scratch, "http.jsonl")
    assert played == len([r for r in records("http.jsonl") if r.get("needs") != "token"])
    assert not found, f"{len(found)} of {played} differ\n" + report(found, records("http.jsonl"))


def test_sql(three_backends, scratch):
    all_records = records("sql.jsonl")
    found, played = replay(three_backends, scratch, "sql.jsonl")
    ddl = [r for r in all_records if DDL.match(r.get("sql") or "") and r.get("mode", "") != "command"]

    def other_verdict(record):
        difference = found.get((record["scenario"], record["seq"]))
        got = difference and difference["got"]
        return bool(got) and (got.get("ok"), got.get("error_code")) != (record.get("ok"), record.get("error_code"))

    wrong_ddl = {(r["scenario"], r["seq"]): found[r["scenario"], r["seq"]] for r in ddl if other_verdict(r)}
    print(f"sql: {played - len(found)} of {played} agree; verdict and code of {len(ddl) - len(wrong_ddl)} of {len(ddl)} DDL statements")
    assert len(wrong_ddl) <= 0.02 * len(ddl), f"{len(wrong_ddl)} of {len(ddl)} DDL verdicts differ\n" + report(wrong_ddl, all_records)
    assert len(found) <= 0.10 * played, f"{len(found)} of {played} differ\n" + report(found, all_records)
    reasons = explained()
    silent = {place: d for place, d in found.items() if (place[0], str(place[1])) not in reasons}
    assert not silent, f"{len(silent)} differences have no reason in differences.txt\n" + report(silent, all_records)
