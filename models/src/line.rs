//! A straight line by ordinary least squares, with what is known about its precision.

use linfa::Dataset;
use linfa::traits::Fit as _;
use linfa_linear::LinearRegression;
use ndarray::{Array1, ArrayView1, Axis};

use crate::window::Window;

/// A straight line `y = intercept + slope * t` fitted by least squares.
///
/// It remembers its middle, so that [`Line::at`] loses no digits far from `t = 0`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Value at `t = 0`.
    pub intercept: f64,
    /// Change of the value in one unit of `t`.
    pub slope: f64,
    /// Standard deviation of the residuals, `sqrt(rss / (n - 2))`; 0 for two samples.
    pub residual_sd: f64,
    /// Standard error of the intercept.
    pub se_intercept: f64,
    /// Standard error of the slope.
    pub se_slope: f64,
    /// Share of the variance that the line explains, 0 to 1; 1 for a constant series.
    pub r2: f64,
    t_mean: f64,
    y_mean: f64,
}

impl Line {
    /// Fits the line that minimizes the sum of squared residuals.
    ///
    /// ```text
    /// slope         = Σ (t - t̄)(y - ȳ) / Σ (t - t̄)²
    /// residual_sd²  = rss / (n - 2)
    /// se_slope²     = residual_sd² / Σ (t - t̄)²
    /// se_intercept² = residual_sd² (1/n + t̄² / Σ (t - t̄)²)
    /// ```
    ///
    /// The regression itself is linfa's, on columns centred and scaled to 1, because the square of an
    /// epoch timestamp has no digits left for the distance between two of them.
    #[must_use]
    pub fn fit(window: &Window<'_>) -> Self {
        Self::through(window.t(), window.y())
    }

    /// Fits columns whose times may repeat, as those of certified data do; not all of them are equal.
    fn through(t: ArrayView1<'_, f64>, y: ArrayView1<'_, f64>) -> Self {
        let n = t.len() as f64;
        let (t_mean, y_mean) = (mean_of(t), mean_of(y));
        let (dt, dy) = (t.mapv(|t| t - t_mean), y.mapv(|y| y - y_mean));
        let (t_scale, y_scale) = (largest(&dt), largest(&dy));

        let unit_slope = regress(&dt / t_scale, &dy / y_scale);
        let slope = unit_slope * (y_scale / t_scale);
        let residuals = &dy - &(&dt * slope);
        let (rss, tss) = (residuals.dot(&residuals), dy.dot(&dy));
        let stt = dt.dot(&dt);
        let variance = if 2.0 < n { rss / (n - 2.0) } else { 0.0 };
        Self {
            intercept: y_mean - slope * t_mean,
            slope,
            residual_sd: variance.sqrt(),
            se_intercept: (variance * (1.0 / n + t_mean * t_mean / stt)).sqrt(),
            se_slope: (variance / stt).sqrt(),
            r2: if 0.0 < tss { (1.0 - rss / tss).max(0.0) } else { 1.0 },
            t_mean,
            y_mean,
        }
    }

    /// The line's value at `t`.
    #[must_use]
    pub fn at(&self, t: f64) -> f64 {
        self.y_mean + self.slope * (t - self.t_mean)
    }
}

/// Mean, summed from the first number so that a large common offset costs no digits.
fn mean_of(column: ArrayView1<'_, f64>) -> f64 {
    let first = column[0];
    first + column.iter().map(|v| v - first).sum::<f64>() / column.len() as f64
}

/// Largest magnitude, or 1 where all are 0.
fn largest(column: &Array1<f64>) -> f64 {
    let largest = column.iter().fold(0.0_f64, |max, v| max.max(v.abs()));
    if largest == 0.0 { 1.0 } else { largest }
}

/// Slope of linfa's least squares on centred columns; 0 where it finds no rank, which increasing times exclude.
fn regress(t: Array1<f64>, y: Array1<f64>) -> f64 {
    let columns = Dataset::new(t.insert_axis(Axis(1)), y);
    LinearRegression::new().with_intercept(false).fit(&columns).map_or(0.0, |fitted| fitted.params()[0])
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "what is exact is compared exactly")]
mod tests {
    use super::*;
    use crate::published::{answers, close, number, numbers, read};
    use ndarray::Array2;
    use proptest::prelude::*;

    /// Certified to 15 digits, from data of 4: nothing but rounding may be left.
    const CERTIFIED: f64 = 1e-11;

    fn fit(t: &[f64], y: &[f64]) -> Line {
        Line::fit(&Window::new(t, y).unwrap())
    }

    #[test]
    fn norris_is_as_certified() {
        let (Some(certified), Some(text)) = (answers("norris"), read("reference/Norris.dat")) else { return };
        let (y, t): (Vec<f64>, Vec<f64>) = text
            .lines()
            .skip(60)
            .filter_map(|line| line.trim().split_once(' '))
            .map(|(y, x)| (y.parse::<f64>().unwrap(), x.trim().parse::<f64>().unwrap()))
            .unzip();
        assert_eq!(t.len(), 36);
        let line = Line::through(ArrayView1::from(&t), ArrayView1::from(&y));
        close(line.intercept, number(&certified["intercept"]), CERTIFIED);
        close(line.slope, number(&certified["slope"]), CERTIFIED);
        close(line.se_intercept, number(&certified["se_intercept"]), CERTIFIED);
        close(line.se_slope, number(&certified["se_slope"]), CERTIFIED);
        close(line.residual_sd, number(&certified["residual_sd"]), CERTIFIED);
        close(line.r2, number(&certified["r2"]), CERTIFIED);
    }

    #[test]
    fn the_regression_under_it_solves_longley() {
        let names = ["TOTEMP", "GNPDEFL", "GNP", "UNEMP", "ARMED", "POP", "YEAR"];
        let (Some(published), Some(columns)) = (answers("longley"), numbers("reference/longley.csv", names))
        else {
            return;
        };
        // R's copy of the data set counts in thousands and tenths.
        let units = [1e3, 1.0, 1e3, 10.0, 10.0, 1e3, 1.0];
        let scaled: Vec<Vec<f64>> = columns
            .iter()
            .zip(units)
            .map(|(column, unit)| column.iter().map(|v| v / unit).collect())
            .collect();
        let x = Array2::from_shape_fn((16, 6), |(row, k)| scaled[k + 1][row]);
        let fitted = LinearRegression::new().fit(&Dataset::new(x, Array1::from(scaled[0].clone()))).unwrap();
        // The condition number of Longley's columns is 5e9: of 16 digits 6 to 7 are lost.
        close(fitted.intercept(), number(&published["coef"][0]), 1e-8);
        for (k, &coefficient) in fitted.params().iter().enumerate() {
            close(coefficient, number(&published["coef"][k + 1]), 1e-8);
        }
    }

    #[test]
    fn it_predicts_what_prometheus_predicts() {
        let Some(published) = answers("predict_linear") else { return };
        let y: Vec<f64> = published["series"].as_array().unwrap().iter().map(number).collect();
        let t: Vec<f64> = (0..y.len()).map(|k| k as f64 * 300.0).collect();
        let line = fit(&t, &y);
        close(line.slope, number(&published["deriv"]), 1e-14);
        for case in published["cases"].as_array().unwrap() {
            close(line.at(number(&case["predict_at_s"])), number(&case["value"]), 1e-14);
        }
    }

    #[test]
    fn it_errs_on_appln2_as_its_authors_did() {
        let (Some(published), Some([t, y])) =
            (answers("ibm_cloud_appln2"), numbers("ibm-cloud/appln2.csv", ["time", "usage"]))
        else {
            return;
        };
        let line = fit(&t[..1114], &y[..1114]);
        let errors: Vec<f64> = t[1113..].iter().zip(&y[1113..]).map(|(&t, y)| y - line.at(t)).collect();
        let n = errors.len() as f64;
        let rmse = (errors.iter().map(|e| e * e).sum::<f64>() / n).sqrt();
        let mape = errors.iter().zip(&y[1113..]).map(|(e, y)| 100.0 * (e / y).abs()).sum::<f64>() / n;
        // Published to the second decimal.
        close(rmse, number(&published["rmse"]["linear"]), 1e-7);
        close(errors.iter().sum::<f64>() / n, number(&published["linear_me"]), 1e-7);
        close(mape, number(&published["linear_mape"]), 1e-7);
    }

    #[test]
    fn epoch_timestamps_lose_no_digits() {
        let t: Vec<f64> = (0..300).map(|k| 1.7e9 + f64::from(k)).collect();
        let y: Vec<f64> = (0..300).map(|k| 5.0 + 0.25 * f64::from(k)).collect();
        let line = fit(&t, &y);
        close(line.slope, 0.25, 1e-14);
        close(line.at(1.7e9 + 1_000.0), 255.0, 1e-14);
    }

    #[test]
    fn a_constant_is_flat_and_explained() {
        let line = fit(&[1.0, 2.0, 3.0], &[7.0; 3]);
        assert_eq!((line.slope, line.intercept, line.residual_sd, line.r2), (0.0, 7.0, 0.0, 1.0));
    }

    #[test]
    fn two_samples_are_met_exactly() {
        let line = fit(&[1.0, 3.0], &[1e18, 3e18]);
        close(line.slope, 1e18, 1e-14);
        assert_eq!(line.residual_sd, 0.0);
    }

    proptest! {
        #[test]
        fn shifting_the_values_shifts_the_intercept_alone(
            y in prop::collection::vec(-100.0..100.0_f64, 3..60), shift in -100.0..100.0_f64,
        ) {
            let t: Vec<f64> = (0..y.len()).map(|k| k as f64).collect();
            let shifted: Vec<f64> = y.iter().map(|y| y + shift).collect();
            let (a, b) = (fit(&t, &y), fit(&t, &shifted));
            prop_assert!((a.slope - b.slope).abs() < 1e-11);
            prop_assert!((a.intercept + shift - b.intercept).abs() < 1e-10);
        }

        #[test]
        fn rescaling_time_rescales_the_slope(
            y in prop::collection::vec(-100.0..100.0_f64, 3..60), scale in 1e-3..1e3_f64,
        ) {
            let t: Vec<f64> = (0..y.len()).map(|k| k as f64).collect();
            let rescaled: Vec<f64> = t.iter().map(|t| t * scale).collect();
            let (a, b) = (fit(&t, &y), fit(&rescaled, &y));
            prop_assert!((a.slope - b.slope * scale).abs() < 1e-11 * (1.0 + a.slope.abs()));
            prop_assert!((a.se_slope - b.se_slope * scale).abs() < 1e-10 * (1.0 + a.se_slope));
        }
    }
}
