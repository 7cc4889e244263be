//! What must add up: the parts of memory against what there is of it, and the gap.

use crate::report::units;

/// A gap of this part of the whole is the rounding of counters that are read one after the other.
const ROUNDING: f64 = 0.005;

/// A part of a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Its name.
    pub name: &'static str,
    /// How much it is.
    pub value: f64,
}

/// Says what the parts add up to against the whole, and how large the gap is: `MemTotal 23.5 GiB = free 6 GiB + … +
/// 0.2 GiB that no counter has (0.9 %)`. The first part is the whole.
#[must_use]
pub(super) fn sentence(parts: &[Part], unit: &str) -> Option<String> {
    let (whole, parts) = parts.split_first()?;
    let sum: f64 = parts.iter().map(|part| part.value).sum();
    if parts.is_empty() || !(sum + whole.value).is_finite() || whole.value <= 0.0 {
        return None;
    }
    let gap = whole.value - sum;
    let named: Vec<String> =
        parts.iter().map(|part| format!("{} {}", part.name, units::quantity(part.value, unit))).collect();
    let share = units::percent(gap.abs() / whole.value);
    let amount = units::quantity(gap.abs(), unit);
    let rest = match gap {
        gap if gap.abs() < ROUNDING * whole.value => format!("; the counters agree within {share}"),
        gap if 0.0 < gap => format!(" + {amount} that no counter has ({share})"),
        _ => format!("; they count {amount} ({share}) twice"),
    };
    Some(format!("{} {} = {}{rest}", whole.name, units::quantity(whole.value, unit), named.join(" + ")))
}

/// The parts of memory: what is available or used against what counters name of what is used.
#[must_use]
pub(super) fn of_memory(last: impl Fn(&str) -> Option<f64>) -> Vec<Part> {
    const PARTS: [(&str, &str); 7] = [
        ("anonymous", "memory.anonymous"),
        ("shared and tmpfs", "memory.shmem"),
        ("kernel objects", "memory.slab_unreclaimable"),
        ("page tables", "memory.page_tables"),
        ("kernel stacks", "memory.kernel_stacks"),
        ("per-cpu", "memory.percpu"),
        ("vmalloc", "memory.vmalloc"),
    ];
    let Some(whole) = last("memory.available") else { return Vec::new() };
    let stacks = last("memory.kernel_stacks").unwrap_or(0.0);
    let part = |(name, resource): (&'static str, &str)| {
        let value = last(resource)?;
        // Stacks are mapped by vmalloc and counted there too.
        let value = if resource == "memory.vmalloc" { (value - stacks).max(0.0) } else { value };
        Some(Part { name, value })
    };
    let parts: Vec<Part> = PARTS.into_iter().filter_map(part).collect();
    // With a part or two nothing can be said to add up.
    if parts.len() < 4 {
        return Vec::new();
    }
    [Part { name: "MemTotal - MemAvailable", value: whole }].into_iter().chain(parts).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(values: &[f64], expected: &str) {
        let names = ["MemTotal", "free", "anonymous"];
        let parts: Vec<Part> = names
            .iter()
            .zip(values)
            .map(|(&name, &value)| Part { name, value: value * 1_073_741_824.0 })
            .collect();
        assert_eq!(sentence(&parts, "bytes").unwrap_or_default(), expected);
    }

    #[test]
    fn the_gap_is_shown() {
        check(
            &[10.0, 4.0, 5.0],
            "MemTotal 10 GiB = free 4 GiB + anonymous 5 GiB + 1 GiB that no counter has (10 %)",
        );
        check(
            &[10.0, 4.0, 6.0],
            "MemTotal 10 GiB = free 4 GiB + anonymous 6 GiB; the counters agree within 0 %",
        );
        check(
            &[10.0, 4.0, 7.0],
            "MemTotal 10 GiB = free 4 GiB + anonymous 7 GiB; they count 1 GiB (10 %) twice",
        );
        check(&[0.0, 1.0], "");
        check(&[f64::NAN, 1.0], "");
        check(&[1.0], "");
    }
}
