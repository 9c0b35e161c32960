//! A piece of work whose instructions are counted.

/// One thing to measure.
pub struct Case {
    /// How the baseline names it.
    pub name: &'static str,
    /// What one iteration does.
    pub work: &'static str,
    /// Iterations that take long enough to drown what happens once.
    pub iterations: u64,
    /// Makes what is needed, and gives what does one iteration.
    pub(crate) prepare: fn() -> Box<dyn FnMut()>,
}

impl Case {
    /// All of them.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        crate::wire::CASES
            .iter()
            .chain(&crate::decoding::cases::CASES)
            .chain(&crate::gate::CASES)
            .chain(&crate::keeping::CASES)
            .chain(&crate::picture::CASES)
    }

    /// Does its work so many times.
    pub fn run(&self, iterations: u64) {
        let mut work = (self.prepare)();
        for _ in 0..iterations {
            work();
        }
    }
}
