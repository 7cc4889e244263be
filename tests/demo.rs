//! The demonstration from its first line to its last: a real leak, a real restart with drain, a real hang.

use std::process::Stdio;

use crate::binary::hebe;

#[test]
fn a_leak_is_forecast_and_restarted_with_no_request_failed_and_a_hang_is_recovered() {
    let played = hebe().arg("demo").stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&played.stdout).into_owned();
    let errors = String::from_utf8_lossy(&played.stderr);
    assert!(played.status.success(), "{said}\n{errors}");
    let place = |what: &str| said.find(what).unwrap_or_else(|| panic!("no `{what}` in\n{said}\n{errors}"));
    let acts = [
        "WATCH",
        "not done: observe_mode",
        "drain shop-a by",
        "shop-a was drained, stopped, started and given its visitors back",
        "descriptors in use:",
        " served, 0 failed",
        "shop-b (process ",
        "the witnesses agree: ",
        "well again after ",
        "Next: hebe    ",
    ];
    assert!(acts.map(place).is_sorted(), "{said}");
}
