#!/usr/bin/env python3
"""Records runs to real exhaustion: a process consumes until the kernel refuses, and is watched from outside.

    python3 record.py [--out DIR] [--only NAME] [--period SECONDS]

All runs go at once, each with a recorder of its own, for about six minutes. Root is needed for some of them; the others
go on without. See README.md for what the files hold.
"""

import argparse
import csv
import datetime
import errno
import json
import multiprocessing
import os
import pathlib
import select
import signal
import sys
import time

from consume import Consumer, Leak, Sawtooth, Surges
from resources import Bytes, Descriptors, Inodes, Memory, Processes, Unavailable

MIB = 1 << 20
BASE = 0.14  # of the limit, held from the first second; about 1 % more is in flight
LIFE = 330.0  # seconds that a leak takes to fill the rest, and that a run without one is watched
AFTERWARDS = 20.0  # seconds watched at the limit
PATIENCE = 1.5  # lives after which a leak that was not refused is given up

# name: (kind, resource, habit, seed)
RUNS = {
    "fds-leak": ("exhaustion", Descriptors(8192), Leak(LIFE, 0.84, 1), 11),
    "disk-leak": ("exhaustion", Bytes(64 * MIB), Leak(LIFE, 0.84, 2), 12),
    "inodes-leak": ("exhaustion", Inodes(16384), Leak(LIFE, 0.84, 2), 13),
    "processes-leak": ("exhaustion", Processes(1024), Leak(LIFE, 0.84, 1, regularity=16), 14),
    "memory-leak": ("exhaustion", Memory(256 * MIB), Leak(LIFE, 0.84, 8), 15),
    # A storm of connections: up in seconds, stays, drains.
    "fds-surge": ("surge", Descriptors(4096), Surges((41, 4, 18, 6, 0.50), (118, 3, 34, 5, 0.72), (219, 5, 12, 4, 0.61)), 16),
    # A batch job: writes its files one after the other, deletes all at its end.
    "disk-surge": ("surge", Bytes(64 * MIB), Surges((33, 24, 3, 1, 0.48), (112, 36, 4, 1, 0.70), (204, 21, 3, 1, 0.57)), 17),
    "memory-sawtooth": ("sawtooth", Memory(256 * MIB), Sawtooth(26, 0.45, 0.60), 18),
}


def iso(seconds):
    """Unix seconds as the files spell them."""
    stamp = datetime.datetime.fromtimestamp(round(seconds, 3), datetime.timezone.utc)
    return stamp.strftime("%Y-%m-%dT%H:%M:%S.") + f"{stamp.microsecond // 1000:03d}Z"


class Interrupted(BaseException):
    """Somebody wants us to end."""


def interrupt(_signal, _frame):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Interrupted


def catch_signals():
    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, interrupt)


def start(resource, habit, seed):
    """Forks the consumer; returns its process and the pipe it reports on."""
    reports, told = os.pipe()
    pid = os.fork()
    if pid:
        os.close(told)
        return pid, reports
    status = 1
    try:
        # Ended by SIGTERM from the recorder, not by the terminal's Ctrl-C: the recorder shall see the end.
        catch_signals()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        os.close(reports)
        resource.confine()
        Consumer(resource, seed, lambda text: os.write(told, f"{text}\n".encode())).run(BASE, habit)
        status = 0
    except Interrupted:
        reap()
        status = 0
    except BaseException as error:  # the fork must never return into the recorder's code
        os.write(2, f"consumer: {error!r}\n".encode())
    finally:
        os._exit(status)


def reap():
    """Waits for the children that the run did not, for an init that does not."""
    try:
        while True:
            os.wait()
    except ChildProcessError:
        pass


def stop(pid):
    """Asks, waits, ends."""
    os.kill(pid, signal.SIGTERM)
    for _ in range(100):
        if os.waitpid(pid, os.WNOHANG)[0]:
            return
        time.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def heard(reports, timeout):
    """What the consumer has said, as lines; waits for `timeout` seconds at most."""
    if not select.select([reports], [], [], timeout)[0]:
        return []
    text = os.read(reports, 4096).decode()
    if not text:
        raise RuntimeError("the consumer has ended")
    return text.splitlines()


def watch(resource, pid, reports, period, kind):
    """Samples until 20 s after the first refusal, or for one life where none is to come."""
    begun, due, rows, refusal = time.monotonic(), time.monotonic(), [], None
    end = begun + LIFE * (PATIENCE if kind == "exhaustion" else 1)
    while due < end:
        time.sleep(max(0.0, due - time.monotonic()))
        due += period
        used, limit = resource.read(pid)
        rows.append((time.time(), used, limit))
        for line in heard(reports, 0):
            _, code, when = line.split()
            refusal, end = (int(code), float(when)), time.monotonic() + AFTERWARDS
    return rows, refusal


def record(name, out, period, answer):
    """One run from its preparation to its file; answers with its truth, or with why there is none."""
    catch_signals()
    kind, resource, habit, seed = RUNS[name]
    pid = None
    try:
        resource.prepare()
        pid, reports = start(resource, habit, seed)
        if heard(reports, 60) != ["started"]:
            raise RuntimeError("the consumer did not start")
        started = time.time()
        rows, refusal = watch(resource, pid, reports, period, kind)
        if (refusal is None) == (kind == "exhaustion"):
            raise RuntimeError(f"a run of kind {kind}, and the kernel's answer was {refusal}")
        write(out / f"{name}.csv", resource.columns, rows)
        answer.send(truth(name, period, started, rows, refusal))
    except Unavailable as reason:
        answer.send(f"not to be had here: {reason}")
    except Interrupted:
        answer.send("interrupted")
    except Exception as error:  # one run costs only itself
        answer.send(f"failed: {error!r}")
    finally:
        if pid:
            stop(pid)
        resource.clean()


def write(path, columns, rows):
    part = path.with_suffix(".part")
    with part.open("w", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(("time", *columns))
        lines.writerows((iso(t), used, limit) for t, used, limit in rows)
    part.replace(path)


def truth(name, period, started, rows, refusal):
    kind, resource, _, seed = RUNS[name]
    late = [abs(b[0] - a[0] - period) * 1000 for a, b in zip(rows, rows[1:])]
    return {
        "file": f"{name}.csv",
        "kind": kind,
        "resource": resource.name,
        "column": resource.columns[0],
        "limit_column": resource.columns[1],
        "unit": resource.unit,
        "limit": rows[0][2],
        "started": iso(started),
        "first_failure": refusal and iso(refusal[1]),
        "errno": refusal and errno.errorcode[refusal[0]],
        "samples": len(rows),
        "period_s": period,
        "jitter_ms_median": round(sorted(late)[len(late) // 2], 3),
        "jitter_ms_max": round(max(late), 3),
        "kernel": f"{os.uname().sysname} {os.uname().release}",
        "seed": seed,
    }


def keep_truths(path, truths):
    """Replaces what was recorded again and keeps the rest, in the order of RUNS."""
    known = {run["file"]: run for run in json.loads(path.read_text())} if path.exists() else {}
    known.update({run["file"]: run for run in truths})
    order = [f"{name}.csv" for name in RUNS]
    path.write_text(json.dumps(sorted(known.values(), key=lambda run: order.index(run["file"])), indent=2) + "\n")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent / "recordings")
    arguments.add_argument("--only", choices=RUNS, metavar="NAME", help=", ".join(RUNS))
    arguments.add_argument("--period", type=float, default=0.5, metavar="SECONDS")
    asked = arguments.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)

    fork = multiprocessing.get_context("fork")
    recorders = []
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the recorders hear it themselves and clean up
    signal.signal(signal.SIGTERM, lambda *_: [recorder.terminate() for _, recorder, _ in recorders])
    for name in [asked.only] if asked.only else RUNS:
        answers, answer = fork.Pipe(duplex=False)
        recorder = fork.Process(target=record, args=(name, asked.out, asked.period, answer))
        recorder.start()
        answer.close()
        recorders.append((name, recorder, answers))

    truths = []
    for name, recorder, answers in recorders:
        try:
            said = answers.recv()
        except EOFError:
            said = "ended without an answer"
        recorder.join()
        if isinstance(said, dict):
            truths.append(said)
            said = f"{said['samples']} samples, first failure {said['first_failure']} {said['errno'] or ''}"
        print(f"{name}: {said}", flush=True)
    if truths:
        keep_truths(asked.out / "truth.json", truths)
    return 0 if len(truths) == len(recorders) else 1


if __name__ == "__main__":
    sys.exit(main())
