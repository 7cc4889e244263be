"""The series of a set, and what a forecaster may see of one at a time.

A set is a folder in the form of the replay protocol: `data.csv`, `meta.csv`, `evals.csv`, and `truth.jsonl`,
which only `score.py` reads.
"""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

DAY_S = 86_400.0


class Answer(NamedTuple):
    """What a forecaster says at one time: an alarm or none, and when, with the 90 % range of it."""

    exhausts: bool
    eta_s: float | None = None
    lo: float | None = None
    hi: float | None = None


QUIET = Answer(False)


@dataclass(frozen=True)
class Series:
    """One series with its plan."""

    name: str
    step_s: float
    window_s: float
    horizon_s: float
    t: np.ndarray
    value: np.ndarray
    limit: np.ndarray

    def until(self, now):
        """What is known at `now`."""
        seen = np.searchsorted(self.t, now, side="right")
        return View(self, now, seen)


@dataclass(frozen=True)
class View:
    """A series up to now; times count from now and are not positive."""

    series: Series
    now: float
    seen: int

    @property
    def limit(self):
        return self.series.limit[self.seen - 1]

    @property
    def newest(self):
        return self.series.value[self.seen - 1]

    @property
    def horizon_s(self):
        return self.series.horizon_s

    @property
    def step_s(self):
        return self.series.step_s

    def samples(self, windows):
        """Times and values of the newest windows, as they were read."""
        start = self.now - windows * self.series.window_s
        first = np.searchsorted(self.series.t[: self.seen], start, side="right")
        return self.series.t[first : self.seen] - self.now, self.series.value[
            first : self.seen
        ]

    def grid(self, windows):
        """The same on an even grid that ends now, for those who need one: gaps are filled by straight lines."""
        t, y = self.samples(windows)
        steps = np.arange(round(t[0] / self.step_s), 1)
        return steps * self.step_s, np.interp(steps * self.step_s, t, y)

    def ahead(self, every=1):
        """Times up to the horizon at which a forecast is read."""
        steps = np.arange(every, self.horizon_s / self.step_s + 1, every)
        return steps * self.step_s


def read_set(folder):
    """Every series of a set by its name."""
    folder = Path(folder)
    columns = {}
    with (folder / "data.csv").open(newline="") as file:
        for name, *cells in list(csv.reader(file))[1:]:
            columns.setdefault(name, []).append(cells)
    with (folder / "meta.csv").open(newline="") as file:
        plans = list(csv.DictReader(file))
    return {plan["series"]: series(plan, columns[plan["series"]]) for plan in plans}


def series(plan, rows):
    """One series from its line of `meta.csv` and its rows of `data.csv`."""
    t, value, limit = np.array(rows, dtype=float).T
    spans = {key: float(plan[key]) for key in ("step_s", "window_s", "horizon_s")}
    return Series(plan["series"], **spans, t=t, value=value, limit=limit)


def read_evals(folder):
    """When to answer: pairs of a series' name and a time, in order."""
    with (Path(folder) / "evals.csv").open(newline="") as file:
        return [(name, float(t)) for name, t in list(csv.reader(file))[1:]]


def write_answers(path, answers):
    """Answers as the protocol writes them, an object a line."""
    with Path(path).open("w") as file:
        for (name, t), answer in answers.items():
            line = {"series": name, "t": round(t), **answer._asdict()}
            file.write(json.dumps(line) + "\n")


def read_answers(path):
    """Answers by series and time."""
    with Path(path).open() as file:
        lines = map(json.loads, file)
        return {
            (line["series"], float(line["t"])): Answer(
                line["exhausts"], line.get("eta_s"), line.get("lo"), line.get("hi")
            )
            for line in lines
        }
