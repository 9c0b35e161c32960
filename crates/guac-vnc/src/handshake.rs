//! From the first byte to a running session (RFC 6143, "Handshaking Messages" and
//! "Initialization Messages").

mod ard;
mod banner;
mod choice;
mod method;
mod ms_logon;
mod plain;
mod ra2;
mod vencrypt;
mod vnc_auth;

use crate::{
    ClientConfig, Error, Event, HandshakeError, Limits, SecurityType, Version,
    collect::Collect,
    input::Input,
    limits::{MAX_CLAIMED_NAME, MAX_REASON_BYTES},
    outbox::Outbox,
    transport::Channel,
};
use method::{Context, Method, Progress};

/// The handshake as a state machine.
#[derive(Debug)]
pub(crate) struct Handshake {
    state: State,
    version: Version,
    security: SecurityType,
    question: Question,
}

/// What the server has to send next.
#[derive(Debug)]
enum State {
    Banner,
    /// RFB 3.7 and later: a list of security types.
    SecurityTypes,
    /// RFB 3.3: one security type.
    SecurityDecision,
    /// Whatever belongs to the type chosen.
    Security(Box<dyn Method>),
    Verdict,
    ReasonLength(Error),
    Reason(Error, Collect),
    ServerInit,
    Name(u16, u16, Collect),
}

/// Whether the caller was asked for credentials, which happens once at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    Unasked,
    Asked,
    Answered,
}

/// What became of one step.
#[derive(Debug)]
pub(crate) enum Step {
    /// There is more to do at once.
    Again,
    /// The server has to send more, or the caller credentials.
    Wait,
    /// What follows goes through this channel, or through none.
    Switch(Option<Box<dyn Channel>>),
    /// A session runs.
    Ready(Ready),
}

/// The outcome of a handshake.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) version: Version,
    pub(crate) security: SecurityType,
    pub(crate) width: u16,
    pub(crate) height: u16,
    pub(crate) name: String,
}

impl Handshake {
    pub(crate) const fn new() -> Self {
        Self {
            state: State::Banner,
            version: Version::Rfb38,
            security: SecurityType::None,
            question: Question::Unasked,
        }
    }

    /// Does what the bytes at hand allow, up to the next state.
    pub(crate) fn step(
        &mut self,
        input: &mut Input<'_>,
        config: &ClientConfig,
        outbox: &mut Outbox,
    ) -> Result<Step, Error> {
        let next = match &mut self.state {
            State::Banner => self.banner(input, outbox)?,
            State::SecurityTypes => self.security_types(input, config, outbox)?,
            State::SecurityDecision => self.security_decision(input, config, outbox)?,
            State::Security(_) => return self.security(input, config, outbox),
            State::Verdict => self.verdict(input, config, outbox)?,
            State::ReasonLength(error) => input
                .u32()
                .map(|length| State::Reason(*error, Collect::new(length.into(), MAX_REASON_BYTES))),
            State::Reason(error, text) => {
                text.feed(input);
                if text.is_full() {
                    return Err(classify(*error, &text.line()));
                }
                None
            }
            State::ServerInit => server_init(input, &config.limits)?,
            State::Name(width, height, name) => {
                if !name.feed(input) {
                    return Ok(Step::Wait);
                }
                return Ok(Step::Ready(Ready {
                    version: self.version,
                    security: self.security,
                    width: *width,
                    height: *height,
                    name: name.line(),
                }));
            }
        };
        let Some(next) = next else {
            return Ok(Step::Wait);
        };
        self.state = next;
        Ok(Step::Again)
    }

    /// Whether the caller's credentials are waited for. If so, the handshake can go on: what is
    /// still unknown counts as empty.
    pub(crate) fn answer(&mut self) -> bool {
        let was_asked = self.question == Question::Asked;
        if was_asked {
            self.question = Question::Answered;
        }
        was_asked
    }

    /// Whether the next step may make or use large keys.
    pub(crate) fn makes_keys(&self) -> bool {
        match &self.state {
            State::Security(method) => method.security().makes_keys(),
            _ => false,
        }
    }

    /// What it means that the server closes the connection now.
    pub(crate) fn end_of_stream(&self) -> Error {
        match &self.state {
            State::ReasonLength(error) => *error,
            State::Reason(error, text) => classify(*error, &text.line()),
            _ => Error::Closed,
        }
    }

    /// The server's words on why it failed, as far as they have come.
    pub(crate) fn reason(&self) -> Option<String> {
        match &self.state {
            State::Reason(_, text) => Some(text.line()),
            _ => None,
        }
    }

    fn banner(
        &mut self,
        input: &mut Input<'_>,
        outbox: &mut Outbox,
    ) -> Result<Option<State>, Error> {
        banner::check_start(input.rest())?;
        let Some(bytes) = input.array() else {
            return Ok(None);
        };
        self.version = banner::parse(&bytes)?;
        outbox.send(banner::answer(self.version));
        Ok(Some(match self.version {
            Version::Rfb33 => State::SecurityDecision,
            Version::Rfb37 | Version::Rfb38 => State::SecurityTypes,
        }))
    }

    fn security_types(
        &mut self,
        input: &mut Input<'_>,
        config: &ClientConfig,
        outbox: &mut Outbox,
    ) -> Result<Option<State>, Error> {
        let types = input.whole(|input| {
            let count = input.u8()?;
            input.take(count.into())
        });
        let Some(types) = types else { return Ok(None) };
        if types.is_empty() {
            return Ok(Some(State::ReasonLength(Error::Refused)));
        }
        let types: Vec<u32> = types.iter().copied().map(u32::from).collect();
        let security = choice::choose(&types, config)?;
        outbox.send(&[security.number()]);
        let method = method::start(security, choice::without_vencrypt(&types, config));
        Ok(Some(self.begin(security, method, config, outbox)))
    }

    fn security_decision(
        &mut self,
        input: &mut Input<'_>,
        config: &ClientConfig,
        outbox: &mut Outbox,
    ) -> Result<Option<State>, Error> {
        let Some(decision) = input.u32() else {
            return Ok(None);
        };
        if decision == 0 {
            return Ok(Some(State::ReasonLength(Error::Refused)));
        }
        let security = choice::choose(&[decision], config)?;
        let method = method::start(security, false);
        Ok(Some(self.begin(security, method, config, outbox)))
    }

    /// The state after a type has been chosen.
    fn begin(
        &mut self,
        security: SecurityType,
        method: Option<Box<dyn Method>>,
        config: &ClientConfig,
        outbox: &mut Outbox,
    ) -> State {
        self.security = security;
        match method {
            Some(method) => State::Security(method),
            None if self.version == Version::Rfb38 => State::Verdict,
            // Before 3.8 nobody waits for a verdict where nobody is authenticated.
            None => client_init(config, outbox),
        }
    }

    /// One step of the type chosen.
    fn security(
        &mut self,
        input: &mut Input<'_>,
        config: &ClientConfig,
        outbox: &mut Outbox,
    ) -> Result<Step, Error> {
        let State::Security(method) = &mut self.state else {
            return Ok(Step::Again);
        };
        if self.question == Question::Asked {
            return if input.is_empty() {
                Ok(Step::Wait)
            } else {
                Err(HandshakeError::UnexpectedBytes.into())
            };
        }
        let mut context = Context {
            asked: self.question == Question::Answered,
            config,
            outbox,
        };
        match method.step(input, &mut context)? {
            Progress::Again => Ok(Step::Again),
            Progress::Wait => Ok(Step::Wait),
            Progress::Switch(channel) => Ok(Step::Switch(channel)),
            Progress::Ask(missing) => {
                outbox.event(Event::CredentialsRequired {
                    username: missing.username,
                    password: missing.password,
                });
                self.question = Question::Asked;
                Ok(Step::Again)
            }
            Progress::Done => {
                self.security = method.security();
                self.state = State::Verdict;
                Ok(Step::Again)
            }
        }
    }

    fn verdict(
        &mut self,
        input: &mut Input<'_>,
        config: &ClientConfig,
        outbox: &mut Outbox,
    ) -> Result<Option<State>, Error> {
        let Some(verdict) = input.u32() else {
            return Ok(None);
        };
        let error = match (verdict, self.security) {
            (0, _) => return Ok(Some(client_init(config, outbox))),
            (1, security) if security.authenticates_user() => Error::AuthenticationFailed,
            (1, _) => Error::Refused,
            (2, _) => Error::TooManyAttempts,
            _ => return Err(HandshakeError::UnknownSecurityResult(verdict).into()),
        };
        // Before 3.8, and with "too many attempts" (RFC 6143 has it no more), no reason follows.
        if self.version == Version::Rfb38 && verdict == 1 {
            Ok(Some(State::ReasonLength(error)))
        } else {
            Err(error)
        }
    }
}

fn client_init(config: &ClientConfig, outbox: &mut Outbox) -> State {
    outbox.send(&[u8::from(config.shared)]);
    State::ServerInit
}

fn server_init(input: &mut Input<'_>, limits: &Limits) -> Result<Option<State>, Error> {
    let fields = input.whole(|input| {
        let (width, height) = (input.u16()?, input.u16()?);
        // The server's own pixel format does not matter: another one is asked for at once.
        let _format: [u8; 16] = input.array()?;
        Some((width, height, input.u32()?))
    });
    let Some((width, height, name_length)) = fields else {
        return Ok(None);
    };
    if !limits.allow(width, height) {
        return Err(HandshakeError::BadFramebufferSize { width, height }.into());
    }
    if MAX_CLAIMED_NAME < name_length {
        return Err(HandshakeError::NameTooLong(name_length).into());
    }
    let name = Collect::new(name_length.into(), limits.max_name_bytes);
    Ok(Some(State::Name(width, height, name)))
}

/// TigerVNC ("Too many security failures") and libvncserver ("Too many authentication failures")
/// say only in words that they accept no more attempts for now. Too many connections are another
/// matter: a different server may have room.
fn classify(error: Error, reason: &str) -> Error {
    let reason = reason.to_ascii_lowercase();
    let about_attempts = ["security failures", "authentication"]
        .iter()
        .any(|words| reason.contains(words));
    if about_attempts && reason.contains("too many") {
        Error::TooManyAttempts
    } else {
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_too_many_attempts_are_a_matter_of_passwords() {
        for (reason, expected) in [
            ("Too many security failures", Error::TooManyAttempts),
            ("Too many authentication failures", Error::TooManyAttempts),
            ("Too many connections", Error::Refused),
            ("Authentication is off", Error::Refused),
        ] {
            assert_eq!(classify(Error::Refused, reason), expected, "{reason}");
        }
    }
}
