"""Hebe itself, through its replay protocol."""

import json
import os
import resource
import subprocess
from pathlib import Path

from replay import read_answers

ROOT = Path(__file__).resolve().parents[2]


def cargo(*words):
    command = ["cargo", *words]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout


def binary():
    """The one that HEBE names; otherwise that of this repository, built as `cargo build` builds it."""
    if "HEBE" in os.environ:
        return Path(os.environ["HEBE"])
    cargo("build", "--quiet", "-p", "hebe")
    metadata = json.loads(cargo("metadata", "--no-deps", "--format-version", "1"))
    return Path(metadata["target_directory"]) / "debug" / "hebe"


def simulate(folder, seeds):
    """Writes a set of simulated runs."""
    words = ["run", "--quiet", "-p", "hebe-datasets", "--example", "simulate", "--"]
    cargo(*words, str(Path(folder).resolve()), "--seeds", seeds)


def children_s():
    """Processor time of the processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def answers(program, folder, method):
    """What Hebe says to a set, and the processor time it took for all, reading included."""
    folder = Path(folder)
    out = folder / f"hebe-{method}.jsonl"
    command = [program, "backtest", "--protocol", "--method", method, "--output", out]
    for option, name in (("input", "data"), ("meta", "meta"), ("evals", "evals")):
        command += [f"--{option}", folder / f"{name}.csv"]
    before = children_s()
    subprocess.run(command, check=True)
    return read_answers(out), children_s() - before
