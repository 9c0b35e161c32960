//! What the security types have in common: each is a state machine that takes the server's bytes
//! and answers, until the server has nothing left to say but its verdict.

use std::fmt;

use chacha20::ChaCha20Rng;
use secrecy::ExposeSecret;

use super::{ard::Ard, ms_logon::MsLogonII, ra2::Ra2, vencrypt::VeNCrypt, vnc_auth::VncAuth};
use crate::{
    ClientConfig, Credentials, CryptoError, Entropy, Error, SecurityType, input::Input,
    outbox::Outbox, transport::Channel,
};

/// One way of convincing a server.
pub(crate) trait Method: fmt::Debug + Send {
    /// The type that this method turns out to be.
    fn security(&self) -> SecurityType;

    /// Does what the bytes at hand allow, up to the next state.
    fn step(&mut self, input: &mut Input<'_>, context: &mut Context<'_>)
    -> Result<Progress, Error>;
}

/// What became of one step.
#[derive(Debug)]
pub(crate) enum Progress {
    /// There is more to do at once.
    Again,
    /// The server has to send more.
    Wait,
    /// Nothing goes on without credentials that the configuration does not have. After the caller
    /// was asked, the method is stepped again, and [`Context`] has all of them.
    Ask(Wanted),
    /// From here on everything goes through this channel, or through none. The method is stepped
    /// again once the channel is established.
    Switch(Option<Box<dyn Channel>>),
    /// The server's verdict comes next.
    Done,
}

/// Credentials that a type uses, or that are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Wanted {
    pub(crate) username: bool,
    pub(crate) password: bool,
}

impl Wanted {
    pub(crate) const NOTHING: Self = Self {
        username: false,
        password: false,
    };
    pub(crate) const PASSWORD: Self = Self {
        username: false,
        password: true,
    };
    pub(crate) const BOTH: Self = Self {
        username: true,
        password: true,
    };

    /// What of this is not known.
    pub(crate) const fn missing(self, known: &Credentials) -> Self {
        Self {
            username: self.username && known.username.is_none(),
            password: self.password && known.password.is_none(),
        }
    }

    pub(crate) fn is_nothing(self) -> bool {
        self == Self::NOTHING
    }
}

/// What a step needs beside the bytes.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    /// Whether the caller was asked for credentials. What it did not give is empty then.
    pub(crate) asked: bool,
    pub(crate) config: &'a ClientConfig,
    pub(crate) outbox: &'a mut Outbox,
}

impl<'a> Context<'a> {
    /// The password, or what to ask for.
    pub(crate) fn password(&self) -> Result<&'a str, Progress> {
        let known = &self.config.credentials;
        let missing = Wanted::PASSWORD.missing(known);
        self.complete(missing)?;
        Ok(expose(known.password.as_ref()))
    }

    /// The user name and the password, or what to ask for.
    pub(crate) fn login(&self) -> Result<(&'a str, &'a str), Progress> {
        let known = &self.config.credentials;
        let missing = Wanted::BOTH.missing(known);
        self.complete(missing)?;
        Ok((
            expose(known.username.as_ref()),
            expose(known.password.as_ref()),
        ))
    }

    /// Random numbers that nothing else gets.
    pub(crate) fn random(&self) -> Result<ChaCha20Rng, CryptoError> {
        let entropy = self.config.security.entropy.as_ref();
        entropy.map(Entropy::stream).ok_or(CryptoError::NoEntropy)
    }

    fn complete(&self, missing: Wanted) -> Result<(), Progress> {
        if missing.is_nothing() || self.asked {
            Ok(())
        } else {
            Err(Progress::Ask(missing))
        }
    }
}

fn expose(secret: Option<&secrecy::SecretString>) -> &str {
    secret.map_or("", |secret| secret.expose_secret())
}

/// The method for a type, if there is anything to do for it before the verdict. `others` tells
/// whether the server offered a type beside VeNCrypt that could be used.
pub(super) fn start(security: SecurityType, others: bool) -> Option<Box<dyn Method>> {
    match security {
        SecurityType::VncAuth => Some(Box::new(VncAuth::default())),
        SecurityType::Plain
        | SecurityType::X509None
        | SecurityType::X509Vnc
        | SecurityType::X509Plain => Some(Box::new(VeNCrypt::new(security, others))),
        SecurityType::Ra2
        | SecurityType::Ra2ne
        | SecurityType::Ra2With256
        | SecurityType::Ra2neWith256 => Some(Box::new(Ra2::new(security))),
        SecurityType::Ard => Some(Box::new(Ard::default())),
        SecurityType::MsLogonII => Some(Box::new(MsLogonII::default())),
        SecurityType::None => None,
    }
}

/// What a type cannot do without. RA2's servers say later whether they want a user name too.
pub(super) const fn wanted(security: SecurityType) -> Wanted {
    match security {
        SecurityType::None | SecurityType::X509None => Wanted::NOTHING,
        SecurityType::VncAuth
        | SecurityType::X509Vnc
        | SecurityType::Ra2
        | SecurityType::Ra2ne
        | SecurityType::Ra2With256
        | SecurityType::Ra2neWith256 => Wanted::PASSWORD,
        SecurityType::Ard
        | SecurityType::MsLogonII
        | SecurityType::Plain
        | SecurityType::X509Plain => Wanted::BOTH,
    }
}
