//! What a store is opened with.

/// How much is kept, where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The process that writes, for those who are refused.
    pub owner: u32,
    /// Bytes of disk that the store may use. The newest segment and what is being written are never dropped for it.
    pub size_limit: u64,
    /// Samples of each series that are held in memory: 16 bytes each.
    pub hot_samples: usize,
    /// Milliseconds of data in one write-ahead file, and so in one segment.
    pub segment_ms: i64,
    /// Milliseconds of one block of the tier.
    pub block_ms: i64,
    /// Bytes at which a write-ahead file is full, however little time it has.
    pub wal_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            owner: 0,
            size_limit: 1 << 30,
            // Forecasts take 300 points.
            hot_samples: 300,
            segment_ms: 2 * 3_600_000,
            // The window of the longest horizon (30 days) is 3 days: 300 points of it are 864 s apart.
            block_ms: 600_000,
            wal_bytes: 32 << 20,
        }
    }
}
