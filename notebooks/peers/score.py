"""How good answers are, against what truly came.

    python3 notebooks/peers/score.py SET ANSWERS.jsonl… [--by-scenario]

Truth at a time is what is left if the present regime goes on. An alarm is *due* with a horizon or less left, *not
due* with more than one and a half horizons; in between, and just after a change of regime, nobody is blamed.
The *predictable life* of a series that exhausts begins where its end could first be known: not before the last change
of regime, one horizon before the end, and one window after the first sample.
"""

import argparse
import json
import math
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np
from replay import QUIET, read_answers

PARTS = (0.5, 0.25, 0.1)
"""Parts of the predictable life left, at which an alarm is looked for."""
NOT_DUE = 1.5
"""Horizons left, from which on an alarm is false."""
FOR_GOOD = 0.8
"""An alarm has come for good where it stands in this part of the evaluations that are left."""
DAY_S = 86_400.0


@dataclass
class Tally:
    """What is counted of one series, or of many."""

    alarmed: dict = field(default_factory=lambda: {part: [] for part in PARTS})
    errors: dict = field(default_factory=lambda: {part: [] for part in PARTS})
    leads: list = field(default_factory=list)
    covered: list = field(default_factory=list)
    not_due: int = 0
    false: int = 0
    healthy_days: float = 0.0
    false_rises: int = 0
    rises: int = 0
    warranted: int = 0

    def add(self, other):
        """Counts another series in."""
        for part in PARTS:
            self.alarmed[part] += other.alarmed[part]
            self.errors[part] += other.errors[part]
        for name in (
            f.name for f in fields(self) if f.name not in ("alarmed", "errors")
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def read_truth(folder):
    """The truth of every series of a set."""
    with (Path(folder) / "truth.jsonl").open() as file:
        return [json.loads(line) for line in file]


def left(evaluation):
    """Seconds left in truth, infinite if it never ends."""
    return math.inf if evaluation["left_s"] is None else evaluation["left_s"]


def predictable_life(truth):
    """When it begins, and how long it lasts."""
    end = truth["exhausted_at"]
    begins = max(
        truth["known_from"],
        end - truth["horizon_s"],
        truth["started_at"] + truth["window_s"],
    )
    return begins, end - begins


def moment(truth, part):
    """The evaluation nearest to the time when a part of the predictable life is left."""
    _, life = predictable_life(truth)
    wanted = truth["exhausted_at"] - part * life
    return min((e["t"] for e in truth["evals"]), key=lambda t: abs(t - wanted))


def sparse(truths, every):
    """Evaluations for those who need long for one: each `moment`, and every so manieth of the others."""
    chosen = []
    for truth in truths:
        times = {e["t"] for e in truth["evals"][::every]}
        if truth["exhausted_at"]:
            times |= {moment(truth, part) for part in PARTS}
        chosen += [(truth["series"], t) for t in sorted(times)]
    return chosen


def tally(truth, answers, asked=None):
    """Counts one series. Where only some evaluations were `asked`, what needs all of them stays empty."""
    counted = Tally()
    name = truth["series"]
    evals = [e for e in truth["evals"] if asked is None or (name, e["t"]) in asked]
    said = [answers.get((name, e["t"]), QUIET) for e in evals]
    for evaluation, answer in zip(evals, said):
        count_false(counted, truth, evaluation, answer)
        count_range(counted, truth, evaluation, answer)
    if truth["exhausted_at"]:
        count_moments(counted, truth, answers)
    if asked is None:
        count_rises(counted, truth, evals, said)
        if truth["exhausted_at"]:
            counted.leads.append(lead(truth, evals, said))
    return counted


def is_not_due(truth, evaluation):
    """Whether an alarm would be false now."""
    far = left(evaluation) > NOT_DUE * truth["horizon_s"]
    return far and not evaluation["grace"]


def count_false(counted, truth, evaluation, answer):
    """An alarm where none is due."""
    if is_not_due(truth, evaluation):
        counted.not_due += 1
        counted.false += answer.exhausts


def count_range(counted, truth, evaluation, answer):
    """Whether the truth lies in the range that came with an alarm that is due."""
    if (
        answer.exhausts
        and answer.lo is not None
        and left(evaluation) <= truth["horizon_s"]
    ):
        high = math.inf if answer.hi is None else answer.hi
        counted.covered.append(answer.lo <= left(evaluation) <= high)


def count_moments(counted, truth, answers):
    """The alarm and its date at each part of the predictable life."""
    for part in PARTS:
        t = moment(truth, part)
        answer = answers.get((truth["series"], t), QUIET)
        remains = truth["exhausted_at"] - t
        dated = answer.exhausts and answer.eta_s is not None
        error = abs(answer.eta_s - remains) / remains if dated else math.inf
        counted.alarmed[part].append(answer.exhausts)
        counted.errors[part].append(error)


def count_rises(counted, truth, evals, said):
    """Alarms that begin, and which of them were warranted."""
    before = False
    for evaluation, answer in zip(evals, said):
        if is_not_due(truth, evaluation):
            counted.healthy_days += truth["every_s"] / DAY_S
        rises = answer.exhausts and not before
        if rises and not evaluation["grace"]:
            counted.rises += 1
            counted.warranted += left(evaluation) <= NOT_DUE * truth["horizon_s"]
            counted.false_rises += is_not_due(truth, evaluation)
        before = answer.exhausts


def lead(truth, evals, said):
    """The part of the predictable life that is left when the alarm has come for good."""
    begins, life = predictable_life(truth)
    alarms = [(e["t"], a.exhausts) for e, a in zip(evals, said) if e["t"] >= begins]
    standing = np.array([alarm for _, alarm in alarms], dtype=float)
    for place, (t, alarm) in enumerate(alarms):
        if alarm and standing[place:].mean() >= FOR_GOOD:
            return (truth["exhausted_at"] - t) / life
    return 0.0


def tallies(truths, answers, asked=None):
    """One tally of all, and one of each scenario."""
    asked = None if asked is None else set(asked)
    whole, scenarios = Tally(), {}
    for truth in truths:
        one = tally(truth, answers, asked)
        whole.add(one)
        scenarios.setdefault(truth["scenario"], Tally()).add(one)
    return whole, scenarios


def percent(share, places=0):
    """A share as the tables write it."""
    if share is None or math.isnan(share):
        return "–"
    return "miss" if math.isinf(share) else f"{100 * share:.{places}f}"


def ratio(part, whole):
    return part / whole if whole else math.nan


def mean(values):
    return float(np.mean(values)) if values else math.nan


def median(values):
    return float(np.median(values)) if values else math.nan


def percentile80(values):
    """The smallest value that four fifths do not exceed; misses are infinite."""
    return sorted(values)[math.ceil(0.8 * len(values)) - 1] if values else math.nan


def at_parts(values, measure, places=0):
    """One measure at each part of the predictable life."""
    return " / ".join(percent(measure(values[part]), places) for part in PARTS)


HEAD = (
    "in alarm with 50 / 25 / 10 % of life left",
    "false, % of evaluations not due",
    "false alarms a day",
    "alarms warranted %",
    "lead %",
    "time error %, median",
    "time error %, 80th percentile",
    "range holds % (of 90)",
)


def names_no_dates(counted):
    """Whether there are alarms, and none of them says when."""
    errors = [error for part in PARTS for error in counted.errors[part]]
    alarmed = any(any(counted.alarmed[part]) for part in PARTS)
    return alarmed and all(map(math.isinf, errors))


def cells(counted):
    """The measures of a tally in the order of `HEAD`."""
    undated = "–" if names_no_dates(counted) else None
    false_a_day = ratio(counted.false_rises, counted.healthy_days)
    return (
        at_parts(counted.alarmed, mean),
        percent(ratio(counted.false, counted.not_due), 1),
        "–" if math.isnan(false_a_day) else f"{false_a_day:.3f}",
        percent(ratio(counted.warranted, counted.rises)),
        percent(median(counted.leads)),
        undated or at_parts(counted.errors, median, 1),
        undated or at_parts(counted.errors, percentile80),
        percent(mean(counted.covered)),
    )


def markdown(head, rows):
    """A table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def by_scenario(scenarios):
    """The table of each scenario."""
    rows = [(name, *cells(counted)) for name, counted in scenarios.items()]
    return markdown(("scenario", *HEAD), rows)


def main():
    parser = argparse.ArgumentParser(description="Scores answers to a set.")
    parser.add_argument("set", type=Path)
    parser.add_argument("answers", type=Path, nargs="+")
    parser.add_argument("--by-scenario", action="store_true")
    args = parser.parse_args()
    truths = read_truth(args.set)
    scored = {path.stem: tallies(truths, read_answers(path)) for path in args.answers}
    rows = [(name, *cells(whole)) for name, (whole, _) in scored.items()]
    print(markdown(("answers", *HEAD), rows))
    for name, (_, scenarios) in scored.items() if args.by_scenario else ():
        print(f"\n{name}\n\n{by_scenario(scenarios)}")


if __name__ == "__main__":
    main()
