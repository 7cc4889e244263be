//! A file that must have been written lately.

use std::path::Path;
use std::time::{Duration, SystemTime};

use super::patience::patiently;
use super::seconds;

/// Looks once.
pub(super) fn check(path: &Path, most_s: f64, within: Duration) -> Result<(), String> {
    let shown = path.display();
    let file = path.to_path_buf();
    // A file system of the network may not answer.
    let written = patiently(within, move || file.metadata().and_then(|meta| meta.modified()))
        .map_err(|error| format!("{shown}: {error}"))?
        .map_err(|error| format!("{shown}: {error}"))?;
    judge(written, SystemTime::now(), most_s).map_err(|why| format!("{shown} {why}"))
}

/// Whether a file that was `written` then is new enough at `now`. One that is written in the future by more than it
/// may be old says nothing: a clock was set, or somebody set its time.
fn judge(written: SystemTime, now: SystemTime, most_s: f64) -> Result<(), String> {
    let most = seconds(most_s);
    match now.duration_since(written) {
        Ok(age) if age <= most => Ok(()),
        Ok(age) => {
            Err(format!("was written {:.1} s ago, at most {most_s} s are expected", age.as_secs_f64()))
        }
        Err(ahead) if ahead.duration() <= most => Ok(()),
        Err(ahead) => Err(format!("is dated {:.1} s into the future", ahead.duration().as_secs_f64())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn age_is_judged_both_ways() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
        let at = |second| SystemTime::UNIX_EPOCH + Duration::from_secs(second);
        assert_eq!(judge(at(990), now, 10.0), Ok(()));
        assert!(judge(at(989), now, 10.0).unwrap_err().contains("11.0 s ago"));
        assert_eq!(judge(at(1010), now, 10.0), Ok(()));
        assert!(judge(at(1011), now, 10.0).unwrap_err().contains("future"));
    }

    #[test]
    fn a_file_of_now_is_new_and_none_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("beat");
        let check = || check(&file, 3600.0, Duration::from_mins(1));
        assert!(check().unwrap_err().contains("beat"));
        std::fs::write(&file, "x").unwrap();
        assert_eq!(check(), Ok(()));
    }
}
