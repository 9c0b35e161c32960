//! Who, what and when: an instruction at the head of a recording that players do not know and skip.
//!
//! Its opcode is `guacd-rs`, its first argument the version of this format, then keys and values take
//! turns. All of it is printable ASCII; other characters of values are percent-encoded UTF-8.

use guac_protocol::Timestamp;
use guac_protocol::wire::{Audience, InstructionWriter, RawInstruction, WriteError};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// The opcode, which no Guacamole client and no stock tool knows.
const OPCODE: &str = "guacd-rs";
const VERSION: &str = "1";
/// Printable ASCII stays as it is, but for the sign of the encoding itself.
const ENCODED: &AsciiSet = &CONTROLS.add(b'%').add(b' ');
/// What stands for the policy's digest where there is no document.
const BUILT_IN: &str = "built-in";

/// What the head of a recording says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// The connection's id: `$` and a UUID.
    pub session: String,
    /// The owner's name as the web application gives it, if it gives one.
    pub user: Option<String>,
    /// The time of day when the recording began.
    pub started: jiff::Timestamp,
    /// The same moment on the clock of the recording's `sync`, `key` and `mouse`.
    pub at: Timestamp,
    /// The daemon's version.
    pub daemon: String,
    /// SHA-256 of the policy document in hexadecimal; `None` for the policy that is built in.
    pub policy: Option<String>,
}

impl Metadata {
    /// Appends the instruction.
    ///
    /// # Errors
    /// When a value is too long for an instruction. Then nothing was appended.
    pub fn write_to(&self, out: &mut Vec<u8>) -> Result<(), WriteError> {
        let started = format!("{:.3}", self.started);
        let policy = self.policy.as_deref().unwrap_or(BUILT_IN);
        let writer = InstructionWriter::new(out, Audience::Client)
            .opcode(OPCODE)
            .texts(&[VERSION, "session", &encoded(&self.session)]);
        let writer = match &self.user {
            Some(user) => writer.texts(&["user", &encoded(user)]),
            None => writer,
        };
        writer
            .texts(&["started", &started, "at"])
            .integer(self.at.0)
            .texts(&["daemon", &encoded(&self.daemon)])
            .texts(&["policy", &encoded(policy)])
            .finish()
    }

    /// Reads the instruction; `None` if it is another one, of a later version, or lacks something.
    #[must_use]
    pub fn parse(instruction: &RawInstruction<'_>) -> Option<Self> {
        let mut arguments = instruction.args();
        if instruction.opcode() != OPCODE || arguments.next() != Some(VERSION) {
            return None;
        }
        let (mut session, mut user, mut started, mut at, mut daemon, mut policy) =
            (None, None, None, None, None, None);
        while let (Some(key), Some(value)) = (arguments.next(), arguments.next()) {
            let value = percent_decode_str(value).decode_utf8_lossy().into_owned();
            match key {
                "session" => session = Some(value),
                "user" => user = Some(value),
                "started" => started = value.parse().ok(),
                "at" => at = value.parse().ok().map(Timestamp),
                "daemon" => daemon = Some(value),
                "policy" => policy = Some(value),
                // A later daemon may say more.
                _ => {}
            }
        }
        Some(Self {
            session: session?,
            user,
            started: started?,
            at: at?,
            daemon: daemon?,
            policy: Some(policy?).filter(|policy| policy != BUILT_IN),
        })
    }

    /// The time of day at a time of the recording; `None` where no calendar reaches.
    #[must_use]
    pub fn wall(&self, timestamp: Timestamp) -> Option<jiff::Timestamp> {
        let passed = timestamp.0.checked_sub(self.at.0)?;
        self.started
            .checked_add(jiff::SignedDuration::from_millis(passed))
            .ok()
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use guac_protocol::wire::Instructions;
    use proptest::prelude::*;

    use super::*;

    fn sample() -> Metadata {
        Metadata {
            session: "$5a09a6c4".into(),
            user: Some("Zoë 100%".into()),
            started: "2026-11-28T04:50:12.123Z".parse().unwrap(),
            at: Timestamp(5_000),
            daemon: "0.1.0".into(),
            policy: None,
        }
    }

    fn read(bytes: &[u8]) -> Option<Metadata> {
        let instruction = Instructions::new(bytes).next().unwrap().unwrap();
        Metadata::parse(&instruction)
    }

    #[test]
    fn it_is_one_ascii_instruction() {
        let mut bytes = Vec::new();
        sample().write_to(&mut bytes).unwrap();
        assert_eq!(
            std::str::from_utf8(&bytes).unwrap(),
            "8.guacd-rs,1.1,7.session,9.$5a09a6c4,4.user,17.Zo%C3%AB%20100%25,\
             7.started,24.2026-11-28T04:50:12.123Z,2.at,4.5000,6.daemon,5.0.1.0,\
             6.policy,8.built-in;"
        );
        assert_eq!(read(&bytes), Some(sample()));
    }

    #[test]
    fn the_clock_of_the_recording_tells_the_time_of_day() {
        let told = sample().wall(Timestamp(6_500)).unwrap();
        assert_eq!(told.to_string(), "2026-11-28T04:50:13.623Z");
        assert_eq!(sample().wall(Timestamp(i64::MAX)), None);
    }

    #[test]
    fn what_is_something_else_or_lacks_something_is_nothing() {
        for text in [
            "4.sync,1.0;",
            "8.guacd-rs;",
            "8.guacd-rs,1.2,7.session,1.x;",
            "8.guacd-rs,1.1,7.session,1.x;",
            "8.guacd-rs,1.1,7.session;",
        ] {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_name_survives(session in ".{0,64}", user in proptest::option::of(".{0,255}")) {
            let metadata = Metadata { session, user, ..sample() };
            let mut bytes = Vec::new();
            metadata.write_to(&mut bytes).unwrap();
            prop_assert!(bytes.iter().all(|byte| (b' '..=b'~').contains(byte)));
            prop_assert_eq!(read(&bytes), Some(metadata));
        }
    }
}
