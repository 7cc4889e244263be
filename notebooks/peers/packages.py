"""Forecasters from their packages, each used as its documentation shows.

Every function imports its package itself, so that one that is not installed costs only its own row. Where a package
leaves a choice, the choice is written here; none was tuned on the scenarios.
"""

import logging

import numpy as np
from formulas import line, of_path, on_grid, reached
from replay import DAY_S

LONG = 4
"""Windows that a forecaster with seasons sees: two days at least, where the series has them."""
MIN_SEGMENT = 15
"""Samples of the shortest piece of a line in pieces."""


def pymannkendall():
    """The slope of Sen where the test of Mann and Kendall sees a rise (two-sided, 5 %, the package's default)."""
    from pymannkendall import original_test

    def forecast(view, t, y):
        result = original_test(y)
        rises = result.trend == "increasing"
        slope = result.slope / view.step_s if rises else 0.0
        return reached(result.intercept + result.slope * (len(y) - 1), slope, view)

    return on_grid(1, forecast)


def ruptures():
    """Pieces of lines by PELT, the penalty as in BIC: three parameters a break, the noise from differences."""
    from ruptures import Pelt

    def forecast(view, t, y):
        n = len(y)
        signal = np.column_stack([y, np.ones(n), np.arange(n)]) / [view.limit, 1, 1]
        noise = np.diff(signal[:, 0]).var() / 2
        search = Pelt(model="linear", min_size=MIN_SEGMENT, jump=5).fit(signal)
        breaks = search.predict(pen=3 * noise * np.log(n) + 1e-12)
        last = breaks[-2] if len(breaks) > 1 else 0
        return reached(*line(t[last:], y[last:]), view)

    return on_grid(1, forecast)


def pwlf():
    """One to three joined lines by `fitfast`, as many as BIC wants."""
    from pwlf import PiecewiseLinFit

    def criterion(fit, segments, n):
        return n * np.log(fit.ssr / n + 1e-300) + 2 * segments * np.log(n)

    def forecast(view, t, y):
        fits = []
        for segments in (1, 2, 3):
            fit = PiecewiseLinFit(t / view.step_s, y / view.limit, seed=0)
            fit.fitfast(segments)
            fits.append((criterion(fit, segments, len(y)), segments, fit))
        fit = min(fits, key=lambda entry: entry[:2])[2]
        level, slope = fit.predict([0.0])[0], fit.slopes[-1]
        return reached(level * view.limit, slope * view.limit / view.step_s, view)

    return on_grid(1, forecast)


def statsforecast(model):
    """An automatic model of one window, without a season, its 90 % band read at every step of the horizon."""

    def build():
        from statsforecast import models

        def forecast(view, t, y):
            times = view.ahead()
            chosen = getattr(models, model)(season_length=1)
            path = chosen.forecast(y=y / view.limit * 100, h=len(times), level=[90])
            bands = (np.asarray(path[key]) for key in ("mean", "lo-90", "hi-90"))
            return of_path(view, times, *(band * (view.limit / 100) for band in bands))

        return on_grid(1, forecast)

    return build


def augurs():
    """MSTL with a daily season over automatic exponential smoothing.

    The package's `AutoETS` forgets its fit (0.8.0: `predict` after `fit` says that it is not fit), and its MSTL wants
    a season: where two days are not in sight, one of two samples, which takes next to nothing away.
    """
    import augurs as package

    def forecast(view, t, y):
        day = round(DAY_S / view.step_s)
        season = day if len(y) >= 2 * day else 2
        model = package.MSTL.ets([season])
        model.fit(np.ascontiguousarray(y / view.limit * 100))
        times = view.ahead()
        path = model.predict(len(times), 0.9)
        bands = (path.point(), path.lower(), path.upper())
        return of_path(view, times, *(band * (view.limit / 100) for band in bands))

    return on_grid(LONG, forecast)


def prophet():
    """Linear growth, seasons as the package finds them, read at every tenth step of the horizon.

    Its logistic growth is no peer: with the limit as its capacity it never gets there.
    """
    for name in ("prophet.plot", "prophet", "cmdstanpy"):
        logging.getLogger(name).disabled = True
    import pandas as pd
    from prophet import Prophet

    def moments(now, t):
        return pd.to_datetime(now + t, unit="s")

    def answer(view):
        t, y = view.samples(LONG)
        model = Prophet(growth="linear", interval_width=0.9)
        model.fit(pd.DataFrame({"ds": moments(view.now, t), "y": y / view.limit}))
        times = view.ahead(every=10)
        path = model.predict(pd.DataFrame({"ds": moments(view.now, times)}))
        bands = (path[key].to_numpy() for key in ("yhat", "yhat_lower", "yhat_upper"))
        return of_path(view, times, *(band * view.limit for band in bands))

    return answer
