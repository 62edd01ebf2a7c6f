"""Random faults, one after the other, at a running `starlift sync` and at all that it speaks to."""
import contextlib
import random
import time

from .gate import Gate, random_fault
from .process import Process

# What the target itself may do to a load. Each strikes once; `die` ends it at a chosen instant of its work.
TARGET_FAULTS = ["lose_answer", "lose_answer", "publish_timeout", "cut_response,value=20", "cut_request,value=5000", "http_error,value=503",
                 "http_error,point=redirect", "too_many_versions", "disk_full", "no_backend", "fail_begin", "slow_commit,value=500",
                 *(f"die,point={p}" for p in ("after_begin", "after_body", "before_commit", "after_commit", "before_prepare", "after_prepare"))]

WEIGHTS = {"kill starlift": 28, "kill sandbox": 16, "gate": 30, "target fault": 18, "stop starlift": 4, "kill source": 2, "restart sandbox": 2}


def gates_to(source, sandbox) -> dict:
    """A gate before each port that a sync speaks to."""
    return {"source": Gate(source.port), "query": Gate(sandbox.query_port), "fe http": Gate(sandbox.http_port), "be http": Gate(sandbox.be_http_port)}


def target_url(sandbox, gates, database="") -> str:
    """The target through the gates: the backend's port too, which the frontend would redirect to by its own address."""
    mapping = f"127.0.0.1:{sandbox.be_http_port}=127.0.0.1:{gates['be http'].port}"
    return sandbox.url(database, query_port=gates["query"].port, http_port=gates["fe http"].port) + f"&host_mapping={mapping}"


class Weather:
    """Throws one fault after the other and keeps count in `log`.

    source_must_live: a lock that is held while the source must not be killed
    holds:            seconds that a faulty way stays so
    """

    def __init__(self, dice: random.Random, source, sandbox, gates, weights=None, holds=(0.02, 0.1, 0.4), source_must_live=None):
        self.dice, self.source, self.sandbox, self.gates = dice, source, sandbox, gates
        self.weights = weights or WEIGHTS
        self.holds = holds
        self.source_must_live = source_must_live or contextlib.nullcontext()
        self.log = []

    def revive(self):
        """A `die` strikes when its moment comes, which may be later."""
        if not self.sandbox.alive():
            self.sandbox.start()

    def clear_up(self):
        """Nothing strikes any more; what has been struck is up again."""
        for gate in self.gates.values():
            gate.allow()
        self.revive()
        self.sandbox.heal()

    def strike(self, process: Process):
        kind = self.dice.choices(list(self.weights), weights=list(self.weights.values()))[0]
        self.log.append(kind)
        if kind == "kill starlift":
            process.kill()
        elif kind == "stop starlift":
            process.signal(2)
            try:
                process.wait(30)
            except Exception:
                raise AssertionError(f"did not stop within 30 s of SIGINT\n{process.tail()}") from None
        elif kind == "kill sandbox":
            self.sandbox.kill()
            time.sleep(self.dice.choice([0, 0, 0.2, 1]))
            self.sandbox.start()
        elif kind == "target fault":
            self._fault_at_target()
        elif kind == "restart sandbox":
            self.sandbox.stop()
            self.sandbox.start()
        elif kind == "kill source":
            with self.source_must_live:
                self.source.kill()
                self.source.start()
        else:
            self._fault_on_the_way()

    def _fault_at_target(self):
        self.log[-1] = fault = self.dice.choice(TARGET_FAULTS)
        try:
            self.sandbox.fault(fault + ",count=1")
        except OSError:  # an earlier `die` has struck meanwhile
            if self.sandbox.alive():
                raise
        time.sleep(self.dice.choice([0.1, 0.3]))
        self.revive()

    def _fault_on_the_way(self):
        name = self.dice.choice(list(self.gates))
        gate = self.gates[name]
        self.log[-1] = f"{name}: {random_fault(gate, self.dice)}"
        time.sleep(self.dice.choice(self.holds))
        if gate.silent == "answers":
            gate.cut_all()  # half-open: what was asked was done, and nobody hears of it
        gate.allow()
