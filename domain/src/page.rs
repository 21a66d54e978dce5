//! Pages of lists: how much was asked for, and what came.

/// Entries on one page, unless asked otherwise.
pub const DEFAULT_LIMIT: u32 = 10;
/// The most entries on one page; more is cut to this without an error, for existing programs ask for 1,000.
pub const MOST_LIMIT: u32 = 100;
/// The deepest entry that can be paged to; beyond it, narrow the search.
pub const MOST_OFFSET: u32 = 10_000;
/// Where counting stops: "1,000 or more".
pub const MOST_TOTAL: u32 = 1_000;

/// Which page of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    limit: u32,
    offset: u32,
}

impl PageRequest {
    /// Page `page` (from 1) of `limit` entries; both are brought into bounds.
    pub fn new(page: i64, limit: i64) -> Self {
        let limit = u32::try_from(limit.clamp(0, i64::from(MOST_LIMIT))).unwrap_or(DEFAULT_LIMIT);
        let page = u32::try_from(page.clamp(1, i64::from(MOST_OFFSET))).unwrap_or(1);
        Self {
            limit,
            offset: (page - 1).saturating_mul(limit).min(MOST_OFFSET),
        }
    }

    /// The first `limit` entries, for lists that are not paged; `limit` is not cut.
    pub fn first(limit: u32) -> Self {
        Self { limit, offset: 0 }
    }

    /// How many entries.
    pub fn limit(self) -> i64 {
        i64::from(self.limit)
    }

    /// How many entries come before.
    pub fn offset(self) -> i64 {
        i64::from(self.offset)
    }
}

impl Default for PageRequest {
    fn default() -> Self {
        Self {
            limit: DEFAULT_LIMIT,
            offset: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_stay_in_bounds() {
        assert_eq!(PageRequest::new(1, 10), PageRequest { limit: 10, offset: 0 });
        assert_eq!(PageRequest::new(3, 20), PageRequest { limit: 20, offset: 40 });
        assert_eq!(PageRequest::new(-5, 1000), PageRequest { limit: 100, offset: 0 });
        assert_eq!(
            PageRequest::new(i64::MAX, i64::MAX),
            PageRequest {
                limit: 100,
                offset: MOST_OFFSET
            }
        );
        assert_eq!(PageRequest::new(0, -1), PageRequest { limit: 0, offset: 0 });
    }
}
