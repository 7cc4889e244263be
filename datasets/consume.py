"""How a run consumes: a service with traffic in flight, and one habit that makes it a leak, a surge or a sawtooth.

What lives here knows nothing of the kernel but `take` and `free` of a resource. Amounts are shares of the limit, times
are seconds since the start. Times of requests are drawn from the seed and served as soon as the clock has passed them,
so a busy machine delays requests and loses none.
"""

import heapq
import itertools
import math
import os
import random
import time


def load(t):
    """Traffic relative to its mean: a short swing, far shorter than a run."""
    return 1 + 0.3 * math.sin(2 * math.pi * t / 13)


class Consumer:
    """The process that is watched. `report(text)` tells the recorder what the kernel said, never how much is used."""

    IN_FLIGHT = 12  # requests, mean
    SERVED_IN = 1.0  # seconds, mean

    def __init__(self, resource, seed, report):
        self.resource = resource
        self.random = random.Random(seed)
        self.report = report
        self.queue = []
        self.order = itertools.count()
        self.refused = False

    def units(self, share):
        return max(1, round(share * self.resource.limit / self.resource.quantum))

    def at(self, t, act):
        heapq.heappush(self.queue, (t, next(self.order), act))

    def run(self, base, habit):
        """Takes the base level, then serves until it is ended."""
        held = self.hold(base)
        self.open()
        habit.begin(self)
        self.report("started")
        start, recorder = time.monotonic(), os.getppid()
        while os.getppid() == recorder:
            t, _, act = self.queue[0]
            wait = t - (time.monotonic() - start)
            if wait > 0:
                time.sleep(min(wait, 1))
                continue
            heapq.heappop(self.queue)
            self.attempt(act, t)
        return held

    def hold(self, base):
        """What a service has from its first second on; what the process has already counts."""
        have = self.resource.read(os.getpid())[0]
        return self.resource.take(round((base * self.resource.limit - have) / self.resource.quantum))

    def attempt(self, act, t):
        try:
            act(t)
        except OSError as error:
            when = time.time()
            if error.errno != self.resource.refusal:
                raise
            if not self.refused:
                self.refused = True
                self.report(f"refused {error.errno} {when!r}")

    def open(self):
        """As many requests as are in flight in the mean, so that traffic has no beginning of its own."""
        for _ in range(self.IN_FLIGHT):
            self.request(0)
        self.at(0, self.serve)

    def serve(self, t):
        self.at(t + self.random.expovariate(self.IN_FLIGHT / self.SERVED_IN * load(t)), self.serve)
        self.request(t)

    def request(self, t):
        """One request: it holds a thousandth of the limit until it is done."""
        done = t + self.random.expovariate(1 / self.SERVED_IN)
        taken = self.resource.take(self.units(0.001))
        self.at(done, lambda _: self.resource.free(taken))


class Leak:
    """Keeps a little now and then and gives a few back: a steady rate in the mean, level after level.

    `regularity` is the shape of the gamma distributed intervals: 1 is a Poisson stream, more is steadier.
    """

    GIVEN_BACK = 0.0004  # share of the limit, mean
    EVERY = 3.0  # seconds, mean

    def __init__(self, life, room, mean_units, regularity=8):
        self.mean_units, self.regularity = mean_units, regularity
        self.share_per_second = room / life + self.GIVEN_BACK / self.EVERY
        self.kept = []

    def begin(self, consumer):
        self.consumer = consumer
        self.interval = self.mean_units / (self.share_per_second * consumer.units(1))
        consumer.at(0, self.keep)
        consumer.at(0, self.give_back)

    def keep(self, t):
        draw = self.consumer.random
        mean = self.interval / load(t)
        self.consumer.at(t + draw.gammavariate(self.regularity, mean / self.regularity), self.keep)
        units = draw.randint(1, 2 * self.mean_units - 1)
        self.kept.append((units, self.consumer.resource.take(units)))

    def give_back(self, t):
        draw = self.consumer.random
        self.consumer.at(t + draw.expovariate(1 / self.EVERY), self.give_back)
        wanted = draw.uniform(0, 2 * self.GIVEN_BACK) * self.consumer.units(1)
        while wanted > 0.5 and self.kept:
            units, taken = self.kept.pop(draw.randrange(len(self.kept)))
            self.consumer.resource.free(taken)
            wanted -= units


class Surges:
    """Rises that pass: each `(start, rise, stay, fall, height)`, in seconds and a share of the limit."""

    def __init__(self, *surges):
        self.surges = surges
        self.kept = []

    def begin(self, consumer):
        self.consumer = consumer
        consumer.at(0, self.follow)

    @staticmethod
    def height(t, surge):
        start, rise, stay, fall, height = surge
        up, down = (t - start) / rise, (start + rise + stay + fall - t) / fall
        return height * max(0.0, min(1.0, up, down))

    def follow(self, t):
        self.consumer.at(t + self.consumer.random.uniform(0.05, 0.25), self.follow)
        step = self.consumer.units(0.002)
        wanted = sum(self.height(t, surge) for surge in self.surges) * self.consumer.units(1) / step
        while len(self.kept) > wanted:
            self.consumer.resource.free(self.kept.pop())
        while len(self.kept) + 1 <= wanted:
            self.kept.append(self.consumer.resource.take(step))


class Sawtooth:
    """Garbage that piles up and is collected at once when it has reached a height drawn anew for each tooth."""

    def __init__(self, period, low, high):
        self.low, self.high = low, high
        self.share_per_second = (low + high) / 2 / period
        self.kept = []

    def begin(self, consumer):
        self.consumer = consumer
        self.top = consumer.random.uniform(self.low, self.high)
        consumer.at(0, self.waste)

    def waste(self, t):
        share = 0.0015
        self.consumer.at(t + self.consumer.random.expovariate(self.share_per_second / share * load(t)), self.waste)
        if len(self.kept) * share >= self.top:
            self.top = self.consumer.random.uniform(self.low, self.high)
            while self.kept:
                self.consumer.resource.free(self.kept.pop())
        self.kept.append(self.consumer.resource.take(self.consumer.units(share)))
