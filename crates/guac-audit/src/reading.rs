//! One pass over a recording, as every command makes it.

use std::fmt;
use std::io::{self, Read};
use std::ops::ControlFlow;

use guac_protocol::wire::RawInstruction;
use guac_protocol::{ParseError, ServerInstruction};
use guac_recorder::seal::{Cut, Damage, UnsealError};
use guac_recorder::{ReadError, Reader};

use crate::source::{Recording, SealCut};
use crate::{Outcome, complain};

/// An instruction of a recording.
#[derive(Debug)]
pub(crate) struct Step<'a> {
    /// Bytes from the start of the recording to the end of this instruction.
    pub(crate) end: u64,
    /// As it was framed.
    pub(crate) raw: RawInstruction<'a>,
    /// What it says; `None` for one that is framed well and makes no sense.
    pub(crate) instruction: Option<ServerInstruction<'a>>,
}

/// How a recording ends.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// After a whole instruction.
    #[default]
    Clean,
    /// In the middle of an instruction.
    Cut {
        /// Bytes of it that are there.
        bytes: usize,
    },
    /// Something that is not an instruction follows.
    Damaged {
        /// Where, in bytes from the start.
        offset: u64,
        /// What is wrong with it.
        error: ParseError,
    },
    /// Within a segment of a sealed recording.
    SealCut(Cut),
    /// Something that was not sealed there follows.
    SealDamaged {
        /// The segment, from 1.
        segment: u64,
        /// Where, in bytes from the start of the sealed file.
        offset: u64,
        /// What is wrong with it.
        damage: Damage,
    },
}

impl End {
    /// The end that a failure to read means, if it is one of the recording and not of the disk.
    fn of(error: &io::Error) -> Option<Self> {
        let inner = error.get_ref()?;
        if let Some(SealCut(cut)) = inner.downcast_ref() {
            return Some(Self::SealCut(*cut));
        }
        match inner.downcast_ref()? {
            UnsealError::Damaged {
                segment,
                offset,
                damage,
            } => Some(Self::SealDamaged {
                segment: *segment,
                offset: *offset,
                damage: *damage,
            }),
            _ => None,
        }
    }

    /// How well a recording that ends so was read.
    pub(crate) fn outcome(self) -> Outcome {
        match self {
            Self::Clean => Outcome::Whole,
            Self::Cut { .. }
            | Self::Damaged { .. }
            | Self::SealCut(_)
            | Self::SealDamaged { .. } => Outcome::Damaged,
        }
    }

    /// The same. Where it does not end cleanly, the user is told.
    pub(crate) fn tell(self, file: &Recording) -> Outcome {
        let outcome = self.outcome();
        if outcome != Outcome::Whole {
            complain(&format!("{file:?} ends {self}"));
        }
        outcome
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clean => f.write_str("cleanly"),
            Self::Cut { bytes } => write!(f, "in a cut instruction, {bytes} bytes of it"),
            Self::Damaged { offset, error } => write!(f, "damaged at byte {offset}: {error}"),
            Self::SealCut(cut) => write!(f, "early: {cut}"),
            Self::SealDamaged {
                segment,
                offset,
                damage,
            } => write!(
                f,
                "damaged in segment {segment}, at byte {offset} of the sealed file: {damage}"
            ),
        }
    }
}

/// Shows `visit` every instruction until it breaks, and says how the recording ends: cleanly if
/// `visit` broke.
///
/// # Errors
/// Those of reading the file; what is wrong with its content is in the [`End`].
pub(crate) fn read(
    source: impl Read,
    mut visit: impl FnMut(Step<'_>) -> ControlFlow<()>,
) -> io::Result<End> {
    let mut reader = Reader::new(source);
    loop {
        match reader.next() {
            Ok(Some(entry)) => {
                let length = entry.instruction.text().len();
                let step = Step {
                    end: entry.offset + u64::try_from(length).unwrap_or(u64::MAX),
                    raw: entry.instruction,
                    instruction: ServerInstruction::parse(&entry.instruction).ok(),
                };
                if visit(step).is_break() {
                    return Ok(End::Clean);
                }
            }
            Ok(None) => break,
            Err(ReadError::Io(error)) => return End::of(&error).ok_or(error),
            Err(ReadError::Malformed { offset, error }) => {
                return Ok(End::Damaged { offset, error });
            }
            Err(error) => return Err(io::Error::other(error)),
        }
    }
    Ok(match reader.cut() {
        0 => End::Clean,
        bytes => End::Cut { bytes },
    })
}
