//! What client libraries and common exporters call their resources, with the names that recorded histories have.

use super::mapping::{Bound, Mapping, Measure};
use super::selector::{Matcher, Selector};

/// Resource, metric of what is used, metric of the limit, labels of instances, unit, who enforces the limit.
type Row = (&'static str, Metric, Option<Metric>, &'static [&'static str], Measure, &'static str);
/// A metric, and what one label must be.
type Metric = (&'static str, Option<(&'static str, &'static str)>);

const HEAP: Option<(&str, &str)> = Some(("area", "heap"));

/// The client libraries' own process, Go, Node; Micrometer's and the Java client's names for the JVM; pools; servers.
const ROWS: &[Row] = &[
    (
        "process.fds",
        ("process_open_fds", None),
        Some(("process_max_fds", None)),
        &[],
        Measure::Count,
        "RLIMIT_NOFILE",
    ),
    (
        "process.fds",
        ("process_files_open_files", None),
        Some(("process_files_max_files", None)),
        &[],
        Measure::Count,
        "RLIMIT_NOFILE",
    ),
    ("process.memory", ("process_resident_memory_bytes", None), None, &[], Measure::Bytes, ""),
    (
        "process.virtual",
        ("process_virtual_memory_bytes", None),
        Some(("process_virtual_memory_max_bytes", None)),
        &[],
        Measure::Bytes,
        "RLIMIT_AS",
    ),
    ("go.heap", ("go_memstats_heap_inuse_bytes", None), None, &[], Measure::Bytes, ""),
    ("go.goroutines", ("go_goroutines", None), None, &[], Measure::Count, ""),
    ("node.heap", ("nodejs_heap_size_used_bytes", None), None, &[], Measure::Bytes, ""),
    ("node.external", ("nodejs_external_memory_bytes", None), None, &[], Measure::Bytes, ""),
    ("node.handles", ("nodejs_active_handles_total", None), None, &[], Measure::Count, ""),
    // The heap after a collection is what is held; before one it is a sawtooth.
    (
        "jvm.heap_after_gc",
        ("jvm_gc_live_data_size_bytes", None),
        Some(("jvm_gc_max_data_size_bytes", None)),
        &[],
        Measure::Bytes,
        "-Xmx",
    ),
    (
        "jvm.heap_after_gc",
        ("jvm_memory_pool_collection_used_bytes", None),
        Some(("jvm_memory_pool_collection_max_bytes", None)),
        &["pool"],
        Measure::Bytes,
        "-Xmx",
    ),
    (
        "jvm.memory",
        ("jvm_memory_used_bytes", HEAP),
        Some(("jvm_memory_max_bytes", HEAP)),
        &["area"],
        Measure::Bytes,
        "-Xmx",
    ),
    (
        "jvm.memory",
        ("jvm_memory_bytes_used", HEAP),
        Some(("jvm_memory_bytes_max", HEAP)),
        &["area"],
        Measure::Bytes,
        "-Xmx",
    ),
    (
        "jvm.metaspace",
        ("jvm_memory_used_bytes", Some(("id", "Metaspace"))),
        Some(("jvm_memory_max_bytes", Some(("id", "Metaspace")))),
        &["id"],
        Measure::Bytes,
        "-XX:MaxMetaspaceSize",
    ),
    (
        "jvm.metaspace",
        ("jvm_memory_pool_used_bytes", Some(("pool", "Metaspace"))),
        Some(("jvm_memory_pool_max_bytes", Some(("pool", "Metaspace")))),
        &["pool"],
        Measure::Bytes,
        "-XX:MaxMetaspaceSize",
    ),
    ("jvm.threads", ("jvm_threads_live_threads", None), None, &[], Measure::Count, ""),
    ("jvm.threads", ("jvm_threads_current", None), None, &[], Measure::Count, ""),
    (
        "pool.connections",
        ("hikaricp_connections_active", None),
        Some(("hikaricp_connections_max", None)),
        &["pool"],
        Measure::Count,
        "maximumPoolSize",
    ),
    (
        "pool.connections",
        ("go_sql_open_connections", None),
        Some(("go_sql_max_open_connections", None)),
        &["db_name"],
        Measure::Count,
        "SetMaxOpenConns",
    ),
    (
        "postgres.connections",
        ("pg_stat_activity_count", None),
        Some(("pg_settings_max_connections", None)),
        &["server"],
        Measure::Count,
        "max_connections",
    ),
    (
        "mysql.connections",
        ("mysql_global_status_threads_connected", None),
        Some(("mysql_global_variables_max_connections", None)),
        &[],
        Measure::Count,
        "max_connections",
    ),
    (
        "redis.memory",
        ("redis_memory_used_bytes", None),
        Some(("redis_memory_max_bytes", None)),
        &[],
        Measure::Bytes,
        "maxmemory",
    ),
    (
        "redis.clients",
        ("redis_connected_clients", None),
        Some(("redis_config_maxclients", None)),
        &[],
        Measure::Count,
        "maxclients",
    ),
];

/// Every row as a mapping.
pub(super) fn mappings() -> Vec<Mapping> {
    ROWS.iter().map(mapping).chain([transaction_age()]).collect()
}

/// The exporter's name says seconds, its help and its query transactions. `PostgreSQL` stops to take writes three
/// million before 2^31 (its manual, "Preventing Transaction ID Wraparound Failures").
fn transaction_age() -> Mapping {
    const STOP: f64 = 2_147_483_648.0 - 3_000_000.0;
    let row = ("postgres.transaction_age", ("pg_database_wraparound_age_datfrozenxid_seconds", None), None);
    let age =
        mapping(&(row.0, row.1, row.2, &["server", "datname"], Measure::Count, "transaction ID wraparound"));
    Mapping { limit: Some(Bound::Fixed(STOP)), ..age }
}

fn mapping(&(resource, used, limit, scope, unit, owner): &Row) -> Mapping {
    Mapping {
        resource: resource.to_owned(),
        used: selector(used),
        limit: limit.map(|limit| Bound::Metric(selector(limit))),
        scope: scope.iter().map(|&label| label.to_owned()).collect(),
        unit,
        free: false,
        owner: owner.to_owned(),
    }
}

fn selector((metric, label): Metric) -> Selector {
    let matcher = |(label, value): (&str, &str)| Matcher {
        label: label.to_owned(),
        value: value.to_owned(),
        equal: true,
    };
    Selector { metric: metric.to_owned(), matchers: label.map(matcher).into_iter().collect() }
}
