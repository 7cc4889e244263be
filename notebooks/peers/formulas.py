"""Alarms that monitoring systems offer, by their documented formulas."""

import numpy as np
from replay import QUIET, Answer

FULL = 0.8
"""The threshold that is set most often."""
STREAK = 4
"""Evaluations in a row that raise a held alarm, and that end it."""
MIN_SAMPLES = 10


def line(t, y):
    """Least squares: the value at `t = 0`, and the slope."""
    centred = t - t.mean()
    slope = centred @ (y - y.mean()) / (centred @ centred)
    return y.mean() - slope * t.mean(), slope


def reached(level, slope, view):
    """The answer of a line: its level now and its slope."""
    if level >= view.limit:
        return Answer(True, 0.0)
    if slope <= 0.0:
        return QUIET
    eta = (view.limit - level) / slope
    return Answer(True, eta) if eta <= view.horizon_s else QUIET


def threshold(view):
    """Alarm from a fixed part of the limit on; never a date."""
    return Answer(bool(view.newest >= FULL * view.limit))


def predict_linear(windows):
    """Prometheus: `predict_linear(used[window], horizon) >= limit`; the date is where the same line gets there.

    A line over the range's samples by least squares, read a horizon from the time of evaluation.
    """

    def answer(view):
        t, y = view.samples(windows)
        if len(t) < MIN_SAMPLES:
            return QUIET
        level, slope = line(t, y)
        if level + slope * view.horizon_s < view.limit:
            return QUIET
        return reached(level, slope, view)

    return answer


def timeleft(view):
    """Zabbix: `timeleft(/host/used,window,limit) < horizon` with the default fit, a line.

    The next time, seen from now, at which the line meets the limit; one that lies in the past does not count.
    """
    t, y = view.samples(1)
    if len(t) < MIN_SAMPLES:
        return QUIET
    level, slope = line(t, y)
    return QUIET if level > view.limit else reached(level, slope, view)


def held(answers):
    """Answers of one series as an alarm that has to last to be raised, and to be over."""
    standing, streak, date = False, 0, None
    for now, answer in answers:
        streak = streak + 1 if answer.exhausts != standing else 0
        if streak == STREAK:
            standing, streak = not standing, 0
        if answer.eta_s is not None:
            date = now + answer.eta_s
        eta = None if date is None else max(date - now, 0.0)
        yield now, Answer(standing, eta) if standing else QUIET


def held_by_series(answers):
    """The same for the answers of a whole set."""
    series = {}
    for (name, now), answer in answers.items():
        series.setdefault(name, []).append((now, answer))
    return {
        (name, now): answer
        for name, said in series.items()
        for now, answer in held(said)
    }


def on_grid(windows, forecast):
    """A forecaster that needs even steps, and some of them."""

    def answer(view):
        t, _ = view.samples(windows)
        if len(t) < MIN_SAMPLES:
            return QUIET
        return forecast(view, *view.grid(windows))

    return answer


def first_at(times, values, limit):
    """When a path first meets the limit; none if it does not."""
    met = np.asarray(values) >= limit
    return float(times[met.argmax()]) if met.any() else None


def of_path(view, times, mean, low, high):
    """The answer of a path with its 90 % band: the band's upper edge arrives first, the lower one last or never."""
    eta = first_at(times, mean, view.limit)
    if eta is None:
        return QUIET
    ends = (first_at(times, path, view.limit) for path in (high, low))
    return Answer(True, eta, *ends)
