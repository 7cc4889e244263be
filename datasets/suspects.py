#!/usr/bin/env python3
"""Records who uses memory up, with known shares: leaks, a fork family, tmpfs, shared memory and sockets among others.

    python3 suspects.py [--out DIR] [--seconds N] [--period SECONDS]

All actors run in a memory cgroup of their own (version 1 or 2), so the total is theirs alone however busy the machine
is; making one needs root. `suspects.csv` holds what collectors would read, `suspects.json` what was really taken, by
the actors' own count. The recorder watches from outside; actors are told nothing but their rate.
"""

import argparse
import array
import csv
import datetime
import json
import math
import mmap
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import time

KIB, MIB, PAGE = 1 << 10, 1 << 20, mmap.PAGESIZE
CHILDREN = 4
# What leaks, in bytes a second. Sockets in pairs a second.
LEAKS = {"leak-a": 400 * KIB, "leak-b": 200 * KIB, "leak-c": 100 * KIB}
FAMILY = 160 * KIB  # all members together
TMPFS, SHM = 120 * KIB, 80 * KIB
PAIRS = 30
STEADY, BURSTY, SAWTEETH = 8, 6, 6


def take(size):
    """Memory that is really there: a page counts once it was written to."""
    block = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    for at in range(0, size, PAGE):
        block[at] = 1
    return block


def pace(step=0.25):
    """Seconds since the start, again and again; ends with the recorder."""
    start, parent = time.monotonic(), os.getppid()
    while os.getppid() == parent:
        time.sleep(step)
        yield time.monotonic() - start


def leak(rate, _seed):
    """Takes whole pages as fast as the clock says."""
    held, taken = [], 0
    for t in pace():
        due = int(rate * t) // PAGE * PAGE - taken
        if 0 < due:
            held.append(take(due))
            taken += due


def steady(_rate, seed):
    level = random.Random(seed).randint(2, 8) * MIB
    held, rng = take(level), random.Random(seed)
    for _ in pace(1):
        extra = take(rng.randint(1, 16) * 16 * KIB)
        del extra
    del held


def bursty(_rate, seed):
    rng = random.Random(seed)
    base, until, held = take(2 * MIB), 0.0, None
    pause = rng.uniform(20, 60)
    for t in pace():
        if held is None and until + pause < t:
            held, until = take(rng.randint(10, 30) * MIB), t + rng.uniform(5, 25)
            pause = rng.uniform(20, 60)
        elif held is not None and until < t:
            held.close()
            held = None
    del base


def sawtooth(_rate, seed):
    rng = random.Random(seed)
    period, rate = rng.uniform(12, 40), rng.randint(200, 600) * KIB
    held, began = [], 0.0
    for t in pace():
        if period < t - began:
            for block in held:
                block.close()
            held, began = [], t
        due = int(rate * (t - began)) // PAGE * PAGE - sum(map(len, held))
        if 0 < due:
            held.append(take(due))


def family(rate, _seed):
    """A parent with much memory and children that share it and write little by little of their own."""
    shared = take(40 * MIB)
    for _ in range(CHILDREN):
        if os.fork() == 0:
            leak(rate / CHILDREN, 0)
            os._exit(0)
    for _ in pace(1):
        pass
    del shared


def files(rate, seed):
    """Files in memory that nobody holds open: written by processes that come and go."""
    folder, pieces = pathlib.Path(os.environ["LAB_TMPFS"]), 0
    for t in pace(0.5):
        while (pieces + 1) * 64 * KIB <= rate * t:
            (folder / f"{seed}-{pieces}").write_bytes(b"x" * 64 * KIB)
            pieces += 1


def sockets(rate, _seed):
    # Numbers alone, so that the program itself does not grow.
    held = array.array("i")
    for t in pace():
        while len(held) < 2 * rate * t:
            held.extend(end.detach() for end in socket.socketpair())


ACTS = {f.__name__: f for f in (leak, steady, bursty, sawtooth, family, files, sockets)}


class Group:
    """A memory cgroup: who is in it, and what it holds."""

    def __init__(self, name):
        root = pathlib.Path("/sys/fs/cgroup")
        self.v1 = (root / "memory").is_dir()
        self.path = (root / "memory" if self.v1 else root) / name
        self.path.mkdir()

    def enter(self):
        (self.path / "cgroup.procs").write_text(str(os.getpid()))

    def stat(self):
        lines = (self.path / "memory.stat").read_text().split("\n")
        return {key: int(value) for key, value in (line.split() for line in lines if line)}

    def read(self):
        """Anonymous, shared, kernel, in bytes."""
        stat = self.stat()
        if self.v1:
            return stat["rss"], stat["shmem"], int((self.path / "memory.kmem.usage_in_bytes").read_text())
        return stat["anon"], stat["shmem"], stat["kernel"] - stat["slab_reclaimable"]

    def end(self):
        for _ in range(50):
            for pid in (self.path / "cgroup.procs").read_text().split():
                try:
                    os.kill(int(pid), signal.SIGKILL)
                except ProcessLookupError:
                    pass
            try:
                self.path.rmdir()
                return
            except OSError:
                time.sleep(0.1)


def start(group, name, act, rate, seed, env):
    arguments = [sys.executable, __file__, "--act", act, "--rate", str(rate), "--seed", str(seed)]
    # Nothing of the recorder's own memory is shared: a new program, inside the group from its first page on.
    return name, subprocess.Popen(arguments, preexec_fn=group.enter, env=env)


def processes(actors):
    """(name, anonymous bytes, descriptors, processes) of each actor with its children."""
    for name, process in actors:
        pids = [process.pid]
        children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children")
        pids += [int(pid) for pid in children.read_text().split()]
        anonymous = descriptors = count = 0
        for pid in pids:
            try:
                _, resident, shared = map(int, pathlib.Path(f"/proc/{pid}/statm").read_text().split()[:3])
                descriptors += len(os.listdir(f"/proc/{pid}/fd"))
            except (FileNotFoundError, ProcessLookupError):
                continue
            anonymous, count = anonymous + (resident - shared) * PAGE, count + 1
        yield name, anonymous, descriptors, count


def per_pair(group, env):
    """What a pair of sockets costs the kernel, weighed before the run."""
    before = group.read()[2]
    script = "import socket,sys;s=[socket.socketpair() for _ in range(400)];print(1,flush=True);sys.stdin.read()"
    probe = subprocess.Popen(
        [sys.executable, "-c", script], preexec_fn=group.enter, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    probe.stdout.readline()
    full = group.read()[2]
    idle = subprocess.Popen(
        [sys.executable, "-c", "import socket,sys;print(1,flush=True);sys.stdin.read()"],
        preexec_fn=group.enter, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )
    idle.stdout.readline()
    alone = group.read()[2] - full
    for process in (probe, idle):
        process.communicate()
    return (full - before - alone) / 400


def iso(seconds):
    stamp = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return stamp.strftime("%Y-%m-%dT%H:%M:%S.") + f"{stamp.microsecond // 1000:03d}Z"


def record(out, seconds, period):
    group = Group("hebe-lab")
    folder = pathlib.Path("/dev/shm") / f"hebe-lab-{os.getpid()}"
    folder.mkdir()
    env = {**os.environ, "LAB_TMPFS": str(folder), "PYTHONHASHSEED": "0"}
    try:
        pair = per_pair(group, env)
        plan = [(name, "leak", rate) for name, rate in LEAKS.items()]
        plan += [("family", "family", FAMILY), ("writer", "files", TMPFS), ("sharer", "files", SHM), ("talker", "sockets", PAIRS)]
        plan += [(f"steady-{k}", "steady", 0) for k in range(STEADY)]
        plan += [(f"bursty-{k}", "bursty", 0) for k in range(BURSTY)]
        plan += [(f"sawtooth-{k}", "sawtooth", 0) for k in range(SAWTEETH)]
        actors = [start(group, name, act, rate, seed, env) for seed, (name, act, rate) in enumerate(plan)]
        time.sleep(3)
        watch(out, group, actors, seconds, period)
        truth(out, pair, period)
    finally:
        group.end()
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()


def watch(out, group, actors, seconds, period):
    with open(out / "suspects.csv", "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["time", "metric", "program", "value"])
        began = time.monotonic()
        for k in range(math.floor(seconds / period)):
            time.sleep(max(0, began + k * period - time.monotonic()))
            now = iso(time.time())
            anonymous, shared, kernel = group.read()
            table.writerow([now, "memory.used", "", anonymous + shared + kernel])
            table.writerow([now, "memory.anonymous", "", anonymous])
            for name, held, descriptors, count in processes(actors):
                table.writerow([now, "process.anonymous", name, held])
                if name == "talker":
                    table.writerow([now, "process.fds_total", name, descriptors])
                if name == "family":
                    table.writerow([now, "process.count", name, count])


def truth(out, pair, period):
    rates = {**LEAKS, "family": FAMILY}
    nobody = {"tmpfs": TMPFS, "shared memory": SHM, "sockets": PAIRS * pair}
    everything = sum(rates.values()) + sum(nobody.values())
    text = {
        "recorded": iso(time.time()),
        "kernel": os.uname().release,
        "period_s": period,
        "bytes_per_second": {**rates, **nobody},
        "shares": {name: rate / everything for name, rate in rates.items()},
        "unattributed": sum(nobody.values()) / everything,
        "socket_pair_bytes": pair,
        "family": {"processes": 1 + CHILDREN, "shared_bytes": 40 * MIB},
    }
    (out / "suspects.json").write_text(json.dumps(text, indent=2) + "\n")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent / "lab")
    options.add_argument("--seconds", type=float, default=240.0)
    options.add_argument("--period", type=float, default=1.5)
    options.add_argument("--act", choices=ACTS, help=argparse.SUPPRESS)
    options.add_argument("--rate", type=float, default=0, help=argparse.SUPPRESS)
    options.add_argument("--seed", type=int, default=0, help=argparse.SUPPRESS)
    options = options.parse_args()
    if options.act:
        import resource

        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 1 << 16), hard))
        return ACTS[options.act](options.rate, options.seed)
    if os.geteuid():
        sys.exit("suspects.py: only root may make a memory cgroup")
    options.out.mkdir(parents=True, exist_ok=True)
    record(options.out, options.seconds, options.period)


if __name__ == "__main__":
    main()
