"""The contest: who takes part, who answers what, and the table of it."""

import re
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import formulas
import hebe
import numpy as np
import packages
import score
from replay import QUIET, read_evals, read_set, write_answers

EVERY = 10
"""Of the evaluations that decide nothing by themselves, the slow ones answer one in so many."""

HEBE_WINDOWS = "1 to 8"
NOT_IN_SHORT = (
    "classic",
    "Zabbix",
    "statsforecast AutoETS",
    "linear, 4 on",
    "slope, 4 on",
)
"""Rows that the short table goes without: Hebe's other method, and those that a shown one stands for."""


@dataclass(frozen=True)
class Peer:
    """Someone to compare with; `build` gives the function from a view to an answer."""

    name: str
    windows: str
    build: Callable
    slow: bool = False
    also_held: bool = False


PROMETHEUS = "Prometheus predict_linear"

PEERS = (
    Peer("fixed threshold, 80 %", "newest", lambda: formulas.threshold),
    Peer(PROMETHEUS, "1", lambda: formulas.predict_linear(1), also_held=True),
    Peer(
        f"{PROMETHEUS}, 4 windows",
        "4",
        lambda: formulas.predict_linear(4),
        also_held=True,
    ),
    Peer("Zabbix timeleft, linear", "1", lambda: formulas.timeleft),
    Peer("pymannkendall, Sen's slope", "1", packages.pymannkendall, also_held=True),
    Peer("ruptures, PELT of lines", "1", packages.ruptures, slow=True),
    Peer("pwlf, 1 to 3 lines", "1", packages.pwlf, slow=True),
    Peer("statsforecast AutoETS", "1", packages.statsforecast("AutoETS"), slow=True),
    Peer(
        "statsforecast AutoARIMA", "1", packages.statsforecast("AutoARIMA"), slow=True
    ),
    Peer("augurs MSTL + AutoETS", "4", packages.augurs, slow=True),
    Peer("Prophet, linear growth", "4", packages.prophet, slow=True),
)


@dataclass
class Entry:
    """One row: what was counted, and how long an answer took."""

    name: str
    windows: str
    whole: score.Tally
    scenarios: dict
    answer_s: float | None
    failed: int = 0


@dataclass
class Run:
    """Everything that was measured in one go."""

    description: str
    sparse_size: int
    entries: list = field(default_factory=list)
    sparse_entries: list = field(default_factory=list)
    missing: list = field(default_factory=list)


def processor_s():
    """Processor time of this process and of those it has waited for: other work on the machine does not count."""
    return time.process_time() + hebe.children_s()


def ask(peer, series, evals):
    """A peer's answers, the mean time for one, and how often it failed."""
    np.random.seed(0)
    answer = peer.build()
    views = [series[name].until(t) for name, t in evals]
    attempt(answer, views[len(views) // 2])  # Whatever is set up once.
    before = processor_s()
    said = [attempt(answer, view) for view in views]
    took = (processor_s() - before) / len(views)
    failed = sum(one is None for one in said)
    return dict(zip(evals, (one or QUIET for one in said))), took, failed


def attempt(answer, view):
    """An answer; none where the package refuses, whatever it says then: a failure costs one answer."""
    try:
        return answer(view)
    except Exception:  # noqa: BLE001
        return None


def hold(folder, program, heavy_seeds, say=lambda text: None):
    """Asks everybody."""
    folder = Path(folder)
    truths, series = score.read_truth(folder), read_set(folder)
    evals = read_evals(folder)
    few = sorted({truth["seed"] for truth in truths})[:heavy_seeds]
    some = [truth for truth in truths if truth["seed"] in few]
    sparse = score.sparse(some, EVERY)
    run = Run(describe(truths, evals, few, program), len(sparse))
    contest = Contest(folder, series, truths, evals, some, sparse, run, say)
    with warnings.catch_warnings(action="ignore"):
        contest.ask_hebe(program)
        for peer in PEERS:
            contest.ask(peer)
    return run


def describe(truths, evals, few, program):
    seeds = sorted({truth["seed"] for truth in truths})
    scenarios = len({truth["scenario"] for truth in truths})
    return (
        f"{len(truths)} series: {scenarios} scenarios, seeds {seeds[0]} to {seeds[-1]}; {len(evals)} evaluations. "
        f"The slow ones: seeds {few[0]} to {few[-1]}. Hebe is `{program}`."
    )


@dataclass
class Contest:
    """What all share while it goes on."""

    folder: Path
    series: dict
    truths: list
    evals: list
    some: list
    sparse: list
    run: Run
    say: Callable

    def ask_hebe(self, program):
        methods = (
            ("default", "**Hebe**", HEBE_WINDOWS),
            ("classic", "**Hebe**, classic", "1"),
        )
        for method, name, windows in methods:
            self.say(name)
            answers, took = hebe.answers(program, self.folder, method)
            each = took / len(self.evals)
            self.enter(name, windows, answers, each)
            self.enter_sparse(f"{name}, same evaluations", windows, answers, each)

    def ask(self, peer):
        self.say(peer.name)
        try:
            evals = self.sparse if peer.slow else self.evals
            answers, took, failed = ask(peer, self.series, evals)
        except ImportError as error:
            self.run.missing.append(f"{peer.name}: not run, {error}.")
            return
        write_answers(self.folder / f"{file_name(peer)}.jsonl", answers)
        enter = self.enter_sparse if peer.slow else self.enter
        enter(peer.name, peer.windows, answers, took, failed)
        if peer.also_held:
            steady = formulas.held_by_series(answers)
            self.enter(f"{peer.name}, 4 on / 4 off", peer.windows, steady, took)

    def enter(self, name, windows, answers, took, failed=0):
        counted = score.tallies(self.truths, answers)
        self.run.entries.append(Entry(name, windows, *counted, took, failed))

    def enter_sparse(self, name, windows, answers, took, failed=0):
        counted = score.tallies(self.some, answers, self.sparse)
        self.run.sparse_entries.append(Entry(name, windows, *counted, took, failed))


def file_name(peer):
    words = re.findall(r"[a-z0-9_]+", peer.name.lower())
    return "-".join(words)


def duration(seconds):
    return f"{seconds * 1e3:.3g} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.0f} µs"


def times(factor):
    return f"{factor:,.0f}" if factor >= 10 else f"{factor:.2g}"


def row(entry, measure):
    """The cells of one entry, its time beside that of Hebe's default method."""
    speed = (duration(entry.answer_s), times(entry.answer_s / measure))
    return (entry.name, entry.windows, *score.cells(entry.whole), *speed)


HEAD = ("", "windows seen", *score.HEAD, "time an answer", "× Hebe's")


def table(entries):
    """One row for each."""
    return score.markdown(HEAD, [row(entry, entries[0].answer_s) for entry in entries])


def tables(run):
    """Those who answered everything, and those who answered some."""
    some = f"On {run.sparse_size} evaluations, for those who need long for one:"
    return f"{table(run.entries)}\n\n{some}\n\n{table(run.sparse_entries)}"


def short_table(run):
    """The best known of both in one."""
    rows = [
        row(entry, run.entries[0].answer_s)
        for entry in run.entries + run.sparse_entries
        if not any(word in entry.name for word in NOT_IN_SHORT)
    ]
    left_out = [HEAD.index("windows seen"), HEAD.index("lead %")]

    def shorter(cells):
        return [cell for place, cell in enumerate(cells) if place not in left_out]

    return score.markdown(shorter(HEAD), map(shorter, rows))


def notes(run):
    """What the tables do not show."""
    failures = [
        f"{entry.name}: {entry.failed} evaluations ended in an error of the package and count as no alarm."
        for entry in run.entries + run.sparse_entries
        if entry.failed
    ]
    return run.missing + failures
