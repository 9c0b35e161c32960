//! A user name and a password as they are (VeNCrypt, "Plain subtypes"): within TLS, or in clear.

use zeroize::Zeroizing;

use super::method::{Context, Method, Progress};
use crate::{
    Error, HandshakeError, SecurityType, input::Input, limits::MAX_PLAIN_CREDENTIAL_BYTES,
};

/// Says who the user is. The server says nothing before its verdict.
#[derive(Debug, Default)]
pub(super) struct Plain;

impl Method for Plain {
    fn security(&self) -> SecurityType {
        SecurityType::Plain
    }

    fn step(
        &mut self,
        _input: &mut Input<'_>,
        context: &mut Context<'_>,
    ) -> Result<Progress, Error> {
        Ok(match context.login() {
            Ok((username, password)) => {
                context.outbox.send(&message(username, password)?);
                Progress::Done
            }
            Err(question) => question,
        })
    }
}

fn message(username: &str, password: &str) -> Result<Zeroizing<Vec<u8>>, HandshakeError> {
    let mut message = Zeroizing::new(Vec::with_capacity(8 + username.len() + password.len()));
    for text in [username, password] {
        let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
        if MAX_PLAIN_CREDENTIAL_BYTES < length {
            return Err(HandshakeError::CredentialTooLong {
                limit: MAX_PLAIN_CREDENTIAL_BYTES,
            });
        }
        message.extend_from_slice(&u32::from(length).to_be_bytes());
    }
    message.extend_from_slice(username.as_bytes());
    message.extend_from_slice(password.as_bytes());
    Ok(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lengths_come_before_both_texts() {
        let expected = b"\0\0\0\x03\0\0\0\x06bobs\xc3\xa9same";
        assert_eq!(message("bob", "s\u{e9}sam").unwrap()[..], expected[..17]);
        assert_eq!(message("", "").unwrap()[..], [0; 8]);
    }

    #[test]
    fn what_no_server_reads_is_not_sent() {
        let (longest, long) = ("x".repeat(1024), "x".repeat(1025));
        let error = HandshakeError::CredentialTooLong { limit: 1024 };
        assert_eq!(message(&long, ""), Err(error));
        assert_eq!(message("", &"x".repeat(70_000)), Err(error));
        assert!(message(&longest, &longest).is_ok());
    }
}
