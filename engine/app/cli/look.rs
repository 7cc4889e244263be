//! How answers look.

use clap::{Args, ValueEnum};

/// How it looks on a terminal.
#[derive(Debug, Args)]
pub(crate) struct Look {
    /// Colour (`NO_COLOR` is heeded)
    #[arg(long, value_enum, default_value_t, help_heading = "How it looks")]
    pub(crate) color: Color,
    /// Plain ASCII
    #[arg(long, help_heading = "How it looks")]
    pub(crate) ascii: bool,
    /// Columns; those of the terminal if not given
    #[arg(long, value_name = "COLUMNS", help_heading = "How it looks")]
    pub(crate) width: Option<usize>,
}

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal.
    #[default]
    Auto,
    /// Yes.
    Always,
    /// No.
    Never,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Table,
    /// The rows as one array.
    Json,
    /// The rows, one a line.
    Jsonl,
    /// The rows for a spreadsheet.
    Csv,
    /// For a ticket.
    Markdown,
}
