//! Limits and units that the user names.

use super::*;

#[test]
fn the_users_limit_wins_by_any_of_the_names() {
    for pattern in
        ["disk.bytes:/var", "disk.bytes", "disk.bytes//var", "node_filesystem_avail_bytes", "d*/v*r"]
    {
        let options = limits(&[(pattern, 50.0, Unit::Unknown)]);
        check_with(
            mount("/dev/sda", "/var", "xfs", 30.0),
            &options,
            &["disk.bytes:/var = 70 of 50 (--limit)"],
        );
    }
}

#[test]
fn a_limit_for_nothing_is_said() {
    let notes =
        check_with(table(&[("x", &[1.0, 2.0])]), &limits(&[("y*", 5.0, Unit::Unknown)]), &["x = 2 of none"]);
    assert!(notes.contains("--limit y*"), "{notes}");
}

#[test]
fn a_size_limits_bytes_and_what_may_be_bytes_but_no_percentage() {
    let options = limits(&[("usage", 9.0, Unit::Bytes)]);
    let notes = check_with(table(&[("usage", &[1.0, 2.0])]), &options, &["usage = 2 of 9 (--limit)"]);
    assert!(notes.contains("--unit usage=kB"), "{notes}");
    let options = limits(&[("disk_percent", 9.0, Unit::Bytes)]);
    let columns = table(&[("disk_percent", &[1.0, 2.0])]);
    let notes = check_with(columns, &options, &["disk.bytes = 2 of 100 (percent)"]);
    assert!(notes.contains("not applied"), "{notes}");
}

#[test]
fn the_users_unit_scales() {
    let options = Options { units: vec![("us*".to_owned(), 1024.0, Unit::Bytes)], ..Options::default() };
    check_with(table(&[("usage", &[1.0, 2.0])]), &options, &["usage = 2048 of none"]);
}

#[test]
fn the_users_limit_column_limits_every_other_one() {
    let options = Options { limit_column: Some("Cap".to_owned()), ..Options::default() };
    let columns = table(&[("a", &[1.0, 2.0, 3.0]), ("cap", &[5.0, 5.0, 6.0]), ("b", &[2.0, 2.0, 2.0])]);
    let (series, _) = resolved(columns, &options);
    assert_eq!(series.len(), 2);
    for series in series {
        assert_eq!(series.limit.unwrap().steps, [(0, 5.0), (2000, 6.0)], "{}", series.name);
    }
}
