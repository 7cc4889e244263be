//! One member of a total: a group of processes, a tag of the kernel, a directory.

/// What a member is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Processes of one unit and program, or whatever else a history tells apart.
    #[default]
    Group,
    /// One process.
    Process,
    /// What the kernel keeps for nobody's account: a cache, tables, shared memory.
    Tag,
}

impl Kind {
    /// The word in rows.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Process => "process",
            Self::Tag => "tag",
        }
    }
}

/// One member of a total.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Member {
    /// Program, tag or label.
    pub name: String,
    /// Unit or container, where it is known.
    pub unit: Option<String>,
    /// What it is.
    pub kind: Kind,
    /// What it uses, block by block.
    pub used: Vec<f64>,
    /// How many processes it has, block by block, where that is known.
    pub number: Option<Vec<f64>>,
}

impl Member {
    /// A group of the name that live collectors give: `unit/program`, or `program`.
    #[must_use]
    pub fn group(name: &str, used: Vec<f64>, number: Option<Vec<f64>>) -> Self {
        let (unit, program) = match name.rsplit_once('/') {
            Some((unit, program)) if !unit.is_empty() && !program.is_empty() => (Some(unit), program),
            _ => (None, name),
        };
        Self { name: program.to_owned(), unit: unit.map(str::to_owned), kind: Kind::Group, used, number }
    }

    /// A tag.
    #[must_use]
    pub fn tag(name: &str, used: Vec<f64>) -> Self {
        Self { name: name.to_owned(), kind: Kind::Tag, used, ..Self::default() }
    }
}
