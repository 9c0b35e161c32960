//! Why an instruction means nothing.

use thiserror::Error;

/// Why a well-framed instruction has no meaning. It costs that instruction only; the ones after it
/// are not affected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum InstructionError {
    /// An argument is not there.
    #[error("argument {index} is missing")]
    MissingArgument {
        /// Which one, counted from 0 without the opcode.
        index: usize,
    },
    /// An argument is not a number.
    #[error("argument {index} is not a number")]
    NotANumber {
        /// Which one, counted from 0 without the opcode.
        index: usize,
    },
    /// An argument is none of the numbers that mean something.
    #[error("argument {index} is no value of its kind")]
    OutOfRange {
        /// Which one, counted from 0 without the opcode.
        index: usize,
    },
}
