"""Random kills and faults on every way and of every process; then source and target must be equal.

Normal form: some 200 faults in all, spread over the tests of this file. More: --long, or STARLIFT_CHAOS_FAULTS
(per test). STARLIFT_CHAOS_SEED repeats the dice of a failure.
"""
import os
import random
import time

import pytest

from harness.process import wait_until
from harness.starlift import CHECK_FAILED, OK, UNREACHABLE, start_starlift
from harness.weather import Weather, gates_to, target_url

from .support import assert_equal

FAULTS = int(os.environ.get("STARLIFT_CHAOS_FAULTS", "50"))
# So many faults hit one sync before it is left in peace to finish.
FAULTS_PER_ROUND = 12
TESTS = 4
OPTIONS = ("--chunk-rows", "1500", "--load-bytes", "1MiB", "--readers", "2", "--retry-for", "60s", "--progress", "none")


def fill(mariadb, database):
    mariadb.execute(
        "CREATE TABLE keyed (id BIGINT UNSIGNED PRIMARY KEY, v VARCHAR(60), d DECIMAL(12,3), at DATETIME(6))",
        "INSERT INTO keyed SELECT seq * 7, CONCAT('value ', seq), seq / 8, '2024-01-01' + INTERVAL seq MICROSECOND FROM seq_1_to_30000",
        "CREATE TABLE by_text (k VARCHAR(30) COLLATE utf8mb4_general_ci, n INT, v TEXT, PRIMARY KEY (k, n))",
        "INSERT INTO by_text SELECT CONCAT(IF(seq % 2, 'Key', 'kEY'), seq % 97), seq, REPEAT('x', seq % 300) FROM seq_1_to_12000",
        # Each row three times: a load that is repeated or lost shows at once.
        "CREATE TABLE keyless (a INT, b VARCHAR(40), c DOUBLE)",
        "INSERT INTO keyless SELECT seq DIV 3, CONCAT('row ', seq DIV 3), (seq DIV 3) / 7 FROM seq_0_to_29999",
        "CREATE TABLE keyless_small (v VARCHAR(10))", "INSERT INTO keyless_small SELECT IF(seq % 5, '', '\\\\N') FROM seq_1_to_50",
        "CREATE TABLE bytes (k BINARY(8) PRIMARY KEY, b BLOB)",
        "INSERT INTO bytes SELECT UNHEX(LPAD(HEX(seq), 16, '0')), UNHEX(SHA2(seq, 512)) FROM seq_1_to_8000",
        "CREATE TABLE nothing (id INT PRIMARY KEY)", database=database)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("number", range(TESTS))
def test_chaos(mariadb, sandbox, database, scratch, number, request):
    faults = FAULTS * (10 if request.config.getoption("--long") else 1)
    seed = int(os.environ.get("STARLIFT_CHAOS_SEED", random.SystemRandom().randrange(1 << 30)))
    dice = random.Random(f"{seed}/{number}")
    print(f"STARLIFT_CHAOS_SEED={seed}")
    fill(mariadb, database)
    gates = gates_to(mariadb, sandbox)
    weather = Weather(dice, mariadb, sandbox, gates)
    source = mariadb.url(database, port=gates["source"].port)
    try:
        round_ = 0
        while len(weather.log) < faults:
            round_ += 1
            target = f"{database}_{round_}"
            url = target_url(sandbox, gates, target)
            one_round(weather, mariadb, sandbox, database, source, url, target, scratch / f"home{round_}", faults)
            sandbox.execute(f"DROP DATABASE {target} FORCE")
        print(f"{len(weather.log)} faults in {round_} syncs: {weather.log}")
    except BaseException:
        print(f"seed {seed}, faults so far: {weather.log}")
        raise
    finally:
        for gate in gates.values():
            gate.close()


def one_round(weather, mariadb, sandbox, database, source, url, target, home, faults):
    """One sync, hit by faults until it has had enough, then left alone: it has to end, and to be right."""
    dice = weather.dice
    begun = len(weather.log)
    log = home.parent / f"{home.name}.log"
    deadline = None
    while True:
        calm = len(weather.log) - begun >= FAULTS_PER_ROUND or len(weather.log) >= faults
        if calm:
            weather.revive()
            weather.sandbox.heal()
            deadline = deadline or time.monotonic() + 120
        # What the check at the start of a run meets by chance, it may report; in peace there is nothing to report.
        # -2: SIGINT came before main() did.
        passing = (OK, UNREACHABLE, -9, -2, 130) if calm else (OK, UNREACHABLE, CHECK_FAILED, -9, -2, 130)
        process = start_starlift("sync", source, url, "--home", home, *OPTIONS, log=log)
        try:
            while not calm and process.alive():
                weather.revive()
                until = time.monotonic() + dice.choice([0.03, 0.1, 0.3, 0.6, 1.2])
                while process.alive() and time.monotonic() < until:
                    time.sleep(0.01)
                if process.alive():
                    weather.strike(process)
                calm = len(weather.log) - begun >= FAULTS_PER_ROUND or len(weather.log) >= faults
            if process.alive():
                wait_until("the sync to end once it is left in peace", lambda: weather.revive() or not process.alive(), timeout=120)
        except TimeoutError:
            raise AssertionError(f"stuck: does not end although all is well again\n{process.tail(80)}") from None
        finally:
            if process.alive():
                process.kill()
        code = process.exit_code()
        # Killed, stopped on demand, or gave up on a dead peer: each of them goes on at the next start.
        assert code in passing, f"exit code {code} after {weather.log[-3:]}\n{process.tail(80)}"
        if code == OK:
            break
        assert deadline is None or time.monotonic() < deadline, f"does not come to an end\n{process.tail(80)}"
    weather.revive()
    sandbox.heal()
    assert_equal(mariadb, sandbox, database, target_database=target)
