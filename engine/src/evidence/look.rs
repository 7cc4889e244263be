//! A closer look at suspects, in words.

use hebe_collectors::live::suspect::{Directory, KernelTag, ProcessReport, SuspectReport, Walk};

use crate::report::units;

/// Kinds, targets, files, directories and tags that are named.
const NAMED: usize = 4;
/// Less than this is not worth a word.
const LEAST_BYTES: u64 = 1 << 20;

/// One sentence for everything that a look found.
#[must_use]
pub fn sentences(report: &SuspectReport, walk: Option<(&str, &Walk)>, tags: &[KernelTag]) -> Vec<String> {
    let mut words: Vec<String> = report.processes.iter().flat_map(process).collect();
    words.extend(walk.and_then(|(mount, walk)| directories(mount, walk)));
    words.extend(kernel(tags));
    if report.is_cut {
        words.push("the look was cut short, so that it costs little".to_owned());
    }
    words
}

fn process(report: &ProcessReport) -> Vec<String> {
    let pid = report.identity.pid;
    let mut words = Vec::new();
    if let Some(memory) = report.memory {
        let [own, mapped, swap] =
            [memory.proportional_anonymous, memory.proportional, memory.swap].map(bytes);
        words.push(format!(
            "process {pid} has {own} of its own in memory, {mapped} with its share of files, {swap} in swap"
        ));
    }
    if let Some((count, Some(limit))) = report.mappings
        && limit < 2 * count
    {
        words.push(format!("process {pid} has {count} mappings of {limit} (vm.max_map_count)"));
    }
    let Some(descriptors) = &report.descriptors else { return words };
    let kinds = descriptors.kinds.iter().take(NAMED).map(|(kind, count)| format!("{count} {}", kind.name()));
    let kinds: Vec<String> = kinds.collect();
    if !kinds.is_empty() {
        words.push(format!("process {pid} holds {}", kinds.join(", ")));
    }
    let targets =
        descriptors.targets.iter().take(NAMED).map(|(target, count)| format!("{target} {count} times"));
    let targets: Vec<String> = targets.collect();
    if !targets.is_empty() {
        words.push(format!("process {pid} has opened {}", targets.join(", ")));
    }
    let large = descriptors.deleted.iter().filter(|file| LEAST_BYTES <= file.bytes).take(NAMED);
    let deleted: Vec<String> = large.map(|file| format!("{} ({})", file.name, bytes(file.bytes))).collect();
    if !deleted.is_empty() {
        words.push(format!(
            "process {pid} keeps deleted files: {}; their room is free when it closes them",
            deleted.join(", ")
        ));
    }
    words
}

fn directories(mount: &str, walk: &Walk) -> Option<String> {
    let told = |(path, directory): &(&str, &Directory)| format!("{path} ({})", bytes(directory.fresh_bytes));
    let fresh: Vec<String> = walk.freshest().iter().take(NAMED).map(told).collect();
    if fresh.is_empty() {
        return None;
    }
    let cut = if walk.is_cut { ", as far as was looked" } else { "" };
    Some(format!("written under {mount} since the growth began: {}{cut}", fresh.join(", ")))
}

fn kernel(tags: &[KernelTag]) -> Option<String> {
    let told = |tag: &KernelTag| format!("{} ({})", tag.name, bytes(tag.bytes));
    let large: Vec<String> =
        tags.iter().filter(|tag| LEAST_BYTES <= tag.bytes).take(NAMED).map(told).collect();
    (!large.is_empty()).then(|| format!("in the kernel, memory is held by {}", large.join(", ")))
}

fn bytes(value: u64) -> String {
    units::bytes(value as f64)
}

#[cfg(test)]
mod tests {
    use hebe_collectors::live::Identity;
    use hebe_collectors::live::suspect::{DeletedFile, DescriptorKind, Descriptors, Rollup};

    use super::*;

    #[test]
    fn a_look_is_told() {
        let descriptors = Descriptors {
            kinds: vec![(DescriptorKind::Socket, 900), (DescriptorKind::File, 7)],
            targets: vec![("/var/log/x".to_owned(), 5)],
            deleted: vec![DeletedFile { name: "/tmp/a".to_owned(), bytes: 3 << 30 }],
        };
        let process = ProcessReport {
            identity: Identity { start_ticks: 1, pid: 7 },
            memory: Some(Rollup {
                proportional_anonymous: 2 << 30,
                proportional: 3 << 30,
                ..Rollup::default()
            }),
            mappings: Some((60_000, Some(65_530))),
            descriptors: Some(descriptors),
            is_cut: false,
        };
        let report = SuspectReport { processes: vec![process], failures: Vec::new(), is_cut: true };
        let mut walk = Walk::default();
        let fresh = Directory { bytes: 9 << 30, fresh_bytes: 5 << 30, entries: 4 };
        walk.directories.insert("log/app".to_owned(), fresh);
        let tag =
            KernelTag { source: "vmallocinfo", name: "load_module".to_owned(), bytes: 9 << 20, calls: 3 };
        let words = sentences(&report, Some(("/var", &walk)), &[tag]);
        let all = words.join("\n");
        for part in [
            "2 GiB of its own",
            "60000 mappings",
            "900 sockets, 7 files",
            "/var/log/x 5 times",
            "/tmp/a (3 GiB)",
            "log/app (5 GiB)",
            "load_module (9 MiB)",
            "cut short",
        ] {
            assert!(all.contains(part), "{part}: {all}");
        }
        assert!(sentences(&SuspectReport::default(), None, &[]).is_empty());
    }
}
