//! Whole-system and component benchmarks.
