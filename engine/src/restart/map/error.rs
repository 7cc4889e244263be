//! What is wrong with a map file, and where.

/// One thing that is wrong with a map file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{file}:{line}: {problem}")]
pub struct MapError {
    /// The file, as it was named.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What was found, what was expected, and what was probably meant.
    pub problem: String,
}

/// What was found wrong so far: all of it is told at once.
#[derive(Debug)]
pub(super) struct Faults<'t> {
    file: &'t str,
    /// Where each line begins.
    lines: Vec<usize>,
    found: Vec<MapError>,
}

impl<'t> Faults<'t> {
    pub(super) fn new(file: &'t str, text: &str) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { file, lines, found: Vec::new() }
    }

    /// The line of a place in the text.
    pub(super) fn line(&self, at: usize) -> usize {
        self.lines.partition_point(|&begin| begin <= at)
    }

    /// Notes what is wrong at a place in the text.
    pub(super) fn add(&mut self, at: usize, problem: impl Into<String>) {
        self.add_line(self.line(at), problem);
    }

    /// Notes what is wrong in a line.
    pub(super) fn add_line(&mut self, line: usize, problem: impl Into<String>) {
        self.found.push(MapError { file: self.file.to_owned(), line, problem: problem.into() });
    }

    /// Whether nothing is wrong so far.
    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// All that is wrong, in the order of the file.
    pub(super) fn into_errors(mut self) -> Vec<MapError> {
        self.found.sort();
        self.found.dedup();
        self.found
    }
}
