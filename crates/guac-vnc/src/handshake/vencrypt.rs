//! VeNCrypt 0.2: a list of sub-types, most of which start TLS before anything else is said.

use super::choice;
use super::method::{Context, Method, Progress};
use super::{plain::Plain, vnc_auth::VncAuth};
use crate::{Error, HandshakeError, SecurityType, input::Input, transport::tls::Tls};

/// The version spoken; servers of a later one speak it too.
const VERSION: [u8; 2] = [0, 2];

/// The negotiation of a sub-type, and the sub-type.
#[derive(Debug)]
pub(super) struct VeNCrypt {
    state: State,
    security: SecurityType,
    /// Whether the server offered another type that could be used.
    others: bool,
}

#[derive(Debug)]
enum State {
    Version,
    VersionAccepted,
    SubTypes,
    SubTypeAccepted,
    Within(Box<dyn Method>),
    Done,
}

impl VeNCrypt {
    /// Starts with the sub-type that is hoped for. `others` tells whether the server offered
    /// another type that could be used.
    pub(super) const fn new(hoped: SecurityType, others: bool) -> Self {
        Self {
            state: State::Version,
            security: hoped,
            others,
        }
    }

    fn sub_types(
        &mut self,
        input: &mut Input<'_>,
        context: &mut Context<'_>,
    ) -> Result<Option<State>, Error> {
        let numbers = input.whole(|input| {
            let count = input.u8()?;
            (0..count)
                .map(|_| input.u32())
                .collect::<Option<Vec<u32>>>()
        });
        let Some(numbers) = numbers else {
            return Ok(None);
        };
        let (security, number) = choice::choose_sub_type(&numbers, context.config, self.others)?;
        self.security = security;
        context.outbox.send(&number.to_be_bytes());
        Ok(Some(match security {
            SecurityType::Plain => State::Within(Box::new(Plain)),
            _ => State::SubTypeAccepted,
        }))
    }

    /// Starts TLS, for what is then said within it.
    fn secure(&mut self, context: &Context<'_>) -> Result<Progress, Error> {
        let channel = Tls::start(&context.config.security)?;
        self.state = match self.security {
            SecurityType::X509Plain => State::Within(Box::new(Plain)),
            SecurityType::X509Vnc => State::Within(Box::new(VncAuth::default())),
            _ => State::Done,
        };
        Ok(Progress::Switch(Some(Box::new(channel))))
    }
}

impl Method for VeNCrypt {
    fn security(&self) -> SecurityType {
        self.security
    }

    fn step(
        &mut self,
        input: &mut Input<'_>,
        context: &mut Context<'_>,
    ) -> Result<Progress, Error> {
        let next = match &mut self.state {
            State::Version => match input.array() {
                Some(version) => Some(check_version(version, context)?),
                None => None,
            },
            State::VersionAccepted => match input.u8() {
                Some(0) => Some(State::SubTypes),
                Some(_) => return Err(HandshakeError::VeNCryptRefused.into()),
                None => None,
            },
            State::SubTypes => self.sub_types(input, context)?,
            State::SubTypeAccepted => match input.u8() {
                Some(1) => return self.secure(context),
                Some(_) => return Err(HandshakeError::SubTypeRefused.into()),
                None => None,
            },
            State::Within(method) => return method.step(input, context),
            State::Done => return Ok(Progress::Done),
        };
        let Some(next) = next else {
            return Ok(Progress::Wait);
        };
        self.state = next;
        Ok(Progress::Again)
    }
}

fn check_version(version: [u8; 2], context: &mut Context<'_>) -> Result<State, HandshakeError> {
    // Version 0.1 has other numbers for its sub-types.
    if version < VERSION {
        let [major, minor] = version;
        return Err(HandshakeError::UnsupportedVeNCrypt { major, minor });
    }
    context.outbox.send(&VERSION);
    Ok(State::VersionAccepted)
}
