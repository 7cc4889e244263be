//! Long tables: what tells series apart.

use super::*;

// Long tables.

const LONG: &str = "time,host,device,used\n1795287704,web1,sda,1\n1795287704,web1,sdb,2\n1795287704,web2,sda,4\n\
                    1795287705,web1,sda,10\n1795287705,web1,,20\n";

#[test]
fn text_beside_values_tells_series_apart() {
    check(
        LONG,
        &[
            "web1:used{device=sda} @0=1 @1=10",
            "web1:used{device=sdb} @0=2",
            "web2:used{device=sda} @0=4",
            "web1:used @1=20",
        ],
    );
}

#[test]
fn labels_are_told_apart_as_they_stand() {
    check("time,x,y,a\n1795287704,ab,c,1\n1795287704,a,bc,2\n", &["a{x=ab,y=c} @0=1", "a{x=a,y=bc} @0=2"]);
    check("time,a,b,plug\n1795287704,1,2,COM 1\n", &["a{plug=COM 1} @0=1", "b{plug=COM 1} @0=2"]);
}

#[test]
fn rows_of_another_kind_miss_nothing() {
    let text = "time,host,a,b\n1795287704,x,1,\n1795287704,y,,2\n1795287705,x,,\n";
    let found = check(text, &["x:a @0=1", "y:b @0=2"]);
    assert!(found.notes.ends_with("?): 1"), "{}", found.notes);
}

#[test]
fn members_are_added_up_where_the_user_names_the_series() {
    let found = check_with(&series(&["host"]), LONG, &["web1:used @0=3 @1=30", "web2:used @0=4"]);
    assert!(found.notes.contains("rows of one time and one host are added up"), "{}", found.notes);
    check_with(
        &series(&["device"]),
        LONG,
        &["used{device=sda} @0=5 @1=10", "used{device=sdb} @0=2", "used @1=20"],
    );
    check_error(&series(&["rack"]), LONG, "there is no column `rack`");
}

#[test]
fn numbers_may_name_series() {
    check(
        "clock,itemid,value\n1795287704,42,7\n1795287704,43,8\n",
        &["value{itemid=42} @0=7", "value{itemid=43} @0=8"],
    );
    check_with(&series(&["shard"]), "time,shard,a\n1795287704,1,7\n1795287704,1,8\n", &["a{shard=1} @0=15"]);
    check("time,port_count\n1795287704,3\n", &["port_count @0=3"]);
    check("time,instance,a\n1795287704,web1:9100,3\n", &["web1:9100:a @0=3"]);
}

#[test]
fn a_column_of_metrics_names_the_one_value() {
    let text = "time,metric,value\n1795287704,used,1\n1795287704,free,2\n";
    check(text, &["used @0=1", "free @0=2"]);
    check("time,name,a,b\n1795287704,x,1,2\n", &["a{name=x} @0=1", "b{name=x} @0=2"]);
    let text = "time,host,metric,value\n1795287704,x,used,1\n1795287704,x,free,2\n1795287704,x,free,3\n";
    check_with(&series(&["host"]), text, &["x:used @0=1", "x:free @0=5"]);
}

#[test]
fn an_export_of_victoria_metrics_needs_no_header() {
    check(
        "mem_free,web1:9100,5,1795287704000\nmem_free,web1:9100,4,1795287705000\n",
        &["mem_free{column_2=web1:9100} @0=5 @1=4"],
    );
}

#[test]
fn bookkeeping_of_producers_is_left_out() {
    check("itemid,clock,value,ns\n42,1795287704,7,123456789\n", &["value{itemid=42} @0=7"]);
    let flux = "#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,double,string,string\n\
                ,result,table,_start,_time,_value,_field,host\n\
                ,_result,0,2026-11-21T00:00:00Z,2026-11-21T19:01:44Z,5,used,web1\n";
    check(flux, &["web1:used @0=5"]);
}

#[test]
fn values_are_chosen_by_the_user() {
    let text = "time,a,b,c\n1795287704,1,2,3\n";
    check_with(&values(&["b"]), text, &["b @0=2"]);
    let both = Options { limit_column: Some("c".to_owned()), ..values(&["b"]) };
    check_with(&both, text, &["b @0=2", "c @0=3"]);
    check_error(&values(&["d"]), text, "there is no column `d` (columns: `time`, `a`, `b`, `c`)");
    check_error(&Options { limit_column: Some("d".to_owned()), ..options() }, text, "there is no column `d`");
}

#[test]
fn too_many_series_are_refused_and_noted() {
    let mut text = "time,user,a\n".to_owned();
    (0..200_005).for_each(|k| _ = writeln!(text, "1795287704,u{k},1"));
    let found = try_read(text.as_bytes(), &options()).unwrap();
    assert_eq!((found.columns.len(), found.rejected.count), (200_000, 5));
    assert!(found.notes.contains("--series"), "{}", found.notes);
    let mut text = "time,user,a,b\n".to_owned();
    (0..100_003).for_each(|k| _ = writeln!(text, "1795287704,u{k},1,2"));
    let found = try_read(text.as_bytes(), &options()).unwrap();
    assert_eq!((found.columns.len(), found.rejected.count), (200_000, 6));
}

#[test]
fn ten_thousand_columns_are_fine() {
    let names: Vec<String> = (0..10_000).map(|k| format!("a_column_with_quite_a_long_name_{k}")).collect();
    let row = vec!["1"; 10_000].join(",");
    let text = format!("time,{}\n1795287704,{row}\n1795287705,{row}\n", names.join(","));
    let found = try_read(text.as_bytes(), &options()).unwrap();
    assert_eq!((found.columns.len(), found.columns[9_999].v.len()), (10_000, 2));
}
