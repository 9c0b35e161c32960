//! RSA-AES, TigerVNC's and RealVNC's "RA2": each side makes a random number and encrypts it with
//! the other's RSA key; both numbers together are the keys for everything that follows
//! (community specification, "RSA-AES Security Type").
//!
//! What follows is encrypted wholly with RA2, and up to the credentials with RA2ne. Who the server
//! is can be told by its key: if [`Trust::fingerprints`](crate::Trust::fingerprints) has any, the
//! server's has to be one of them, with RA2ne too. Whoever stands in between has another key,
//! and is found out when both sides confirm the keys they saw.

use std::fmt;

use chacha20::ChaCha20Rng;
use rand_core::Rng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::method::{Context, Method, Progress};
use crate::{
    Error, SecurityType,
    crypto::{
        CryptoError, Opener, OwnKey, SealedChannel, Sealer, ServerKey, Strength, push_counted,
    },
    input::Input,
};

/// Asks for a user name and a password.
const USERNAME_AND_PASSWORD: u8 = 1;
/// Asks for a password.
const PASSWORD: u8 = 2;

/// One of the four types of the family.
#[derive(Debug)]
pub(super) struct Ra2 {
    security: SecurityType,
    strength: Strength,
    state: State,
}

/// What comes next.
enum State {
    /// The server's public key.
    Key,
    /// The server's random number, encrypted with this side's key.
    Number(Box<Numbers>),
    /// The server's confirmation of both keys, which has to be this.
    Confirmation(Vec<u8>),
    /// The kind of credentials that the server wants.
    Kind,
    /// Credentials of that kind.
    Credentials(u8),
    /// The verdict.
    Done,
}

/// What both sides' keys are made of, as far as it is known.
struct Numbers {
    server: ServerKey,
    own: OwnKey,
    own_number: Zeroizing<Vec<u8>>,
    random: ChaCha20Rng,
}

impl Ra2 {
    pub(super) const fn new(security: SecurityType) -> Self {
        let strength = match security {
            SecurityType::Ra2With256 | SecurityType::Ra2neWith256 => Strength::Bits256,
            _ => Strength::Bits128,
        };
        Self {
            security,
            strength,
            state: State::Key,
        }
    }

    /// After the credentials: the verdict, encrypted or not.
    fn end(&mut self) -> Progress {
        self.state = State::Done;
        if self.security.is_encrypted() {
            Progress::Again
        } else {
            Progress::Switch(None)
        }
    }
}

impl Method for Ra2 {
    fn security(&self) -> SecurityType {
        self.security
    }

    fn step(
        &mut self,
        input: &mut Input<'_>,
        context: &mut Context<'_>,
    ) -> Result<Progress, Error> {
        let strength = self.strength;
        let next = match &mut self.state {
            State::Key => key(strength, input, context)?,
            State::Number(numbers) => {
                let Some((next, channel)) = number(strength, numbers, input, context)? else {
                    return Ok(Progress::Wait);
                };
                self.state = next;
                return Ok(Progress::Switch(Some(Box::new(channel))));
            }
            State::Confirmation(expected) => confirmation(expected, input)?,
            State::Kind => kind(input)?,
            State::Credentials(kind) => {
                return Ok(match credentials(*kind, context)? {
                    Some(question) => question,
                    None => self.end(),
                });
            }
            State::Done => return Ok(Progress::Done),
        };
        let Some(next) = next else {
            return Ok(Progress::Wait);
        };
        self.state = next;
        Ok(Progress::Again)
    }
}

/// Takes the server's key, and answers with this side's and with its random number.
fn key(
    strength: Strength,
    input: &mut Input<'_>,
    context: &mut Context<'_>,
) -> Result<Option<State>, Error> {
    let Some(server) = ServerKey::read(input)? else {
        return Ok(None);
    };
    let security = &context.config.security;
    let known = security.trust.as_ref();
    let known = known.map_or(&[][..], |trust| &trust.fingerprints);
    let fingerprint = server.fingerprint();
    let is_known = known.is_empty() || known.contains(&fingerprint);
    if !is_known || !security.admits(&fingerprint) {
        return Err(CryptoError::UnknownKey.into());
    }
    let mut random = context.random()?;
    let own = OwnKey::generate(&mut random)?;
    let mut own_number = Zeroizing::new(vec![0; strength.random_bytes()]);
    random.fill_bytes(&mut own_number);
    let encrypted = server.encrypt(&own_number, &mut random)?;
    context.outbox.send(own.encoded());
    context.outbox.send(&encrypted);
    Ok(Some(State::Number(Box::new(Numbers {
        server,
        own,
        own_number,
        random,
    }))))
}

/// Takes the server's random number, and confirms both keys: from here on everything is encrypted.
fn number(
    strength: Strength,
    numbers: &mut Numbers,
    input: &mut Input<'_>,
    context: &mut Context<'_>,
) -> Result<Option<(State, SealedChannel)>, CryptoError> {
    let Numbers {
        server,
        own,
        own_number,
        random,
    } = numbers;
    let Some(server_number) = own.read_number(strength.random_bytes(), input, random)? else {
        return Ok(None);
    };
    let mut sealer = Sealer::new(strength.session_key(&server_number, own_number));
    let opener = Opener::new(strength.session_key(own_number, &server_number));
    let (own, server) = (own.encoded(), server.encoded());
    let mut message = Vec::new();
    sealer.seal(&strength.confirmation(own, server), &mut message)?;
    context.outbox.send(&message);
    let expected = strength.confirmation(server, own);
    Ok(Some((
        State::Confirmation(expected),
        SealedChannel::new(sealer, opener),
    )))
}

/// Takes the server's confirmation. Whoever stands between both sides cannot give the right one.
fn confirmation(expected: &[u8], input: &mut Input<'_>) -> Result<Option<State>, CryptoError> {
    let Some(confirmation) = input.take(expected.len()) else {
        return Ok(None);
    };
    if bool::from(confirmation.ct_eq(expected)) {
        Ok(Some(State::Kind))
    } else {
        Err(CryptoError::Confirmation)
    }
}

fn kind(input: &mut Input<'_>) -> Result<Option<State>, CryptoError> {
    match input.u8() {
        None => Ok(None),
        Some(kind @ (USERNAME_AND_PASSWORD | PASSWORD)) => Ok(Some(State::Credentials(kind))),
        Some(kind) => Err(CryptoError::UnknownCredentials(kind)),
    }
}

/// Sends the credentials, or says what is missing.
fn credentials(kind: u8, context: &mut Context<'_>) -> Result<Option<Progress>, Error> {
    let login = match kind {
        USERNAME_AND_PASSWORD => context.login(),
        _ => context.password().map(|password| ("", password)),
    };
    let (username, password) = match login {
        Ok(login) => login,
        Err(question) => return Ok(Some(question)),
    };
    let mut message = Zeroizing::new(Vec::with_capacity(2 + username.len() + password.len()));
    push_counted(username, &mut message)?;
    push_counted(password, &mut message)?;
    context.outbox.send(&message);
    Ok(None)
}

/// Random numbers are never printed.
impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key => "Key",
            Self::Number(_) => "Number",
            Self::Confirmation(_) => "Confirmation",
            Self::Kind => "Kind",
            Self::Credentials(_) => "Credentials",
            Self::Done => "Done",
        })
    }
}

#[cfg(test)]
mod tests;
