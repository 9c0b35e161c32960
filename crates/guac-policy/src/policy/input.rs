//! How much a viewer may type.

/// Limits against data that a program types: a keyboard that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyBudget {
    /// Keys pressed per second in the long run.
    pub per_second: Option<Rate>,
    /// Keys pressed per minute in the long run.
    pub per_minute: Option<Rate>,
    /// What becomes of keys beyond that.
    pub excess: Excess,
}

/// So many in the long run, and so many at once after a rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// So many per second, or per minute: at least 1.
    pub sustained: u32,
    /// So many at once: at least 1.
    pub burst: u32,
}

/// What becomes of keys beyond a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Excess {
    /// They come later, as the budget allows.
    Delay,
    /// They are dropped.
    #[default]
    Refuse,
    /// The viewer who typed them is ended.
    End,
}

impl Excess {
    /// The word's name in a policy.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delay => "delay",
            Self::Refuse => "refuse",
            Self::End => "end",
        }
    }
}
