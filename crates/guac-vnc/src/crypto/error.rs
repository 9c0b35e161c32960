//! What can be wrong with a server's cryptography.

use thiserror::Error;

use crate::limits::{
    MAX_EXCHANGE_BYTES, MAX_RSA_BITS, MIN_EXCHANGE_BYTES, MIN_EXCHANGE_MODULUS, MIN_RSA_BITS,
};

/// What can be wrong with a server's cryptography: keys, exchanges and encrypted messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CryptoError {
    /// The server's RSA key is too short to be safe, or longer than any server's.
    #[error("RSA key of {bits} bits, where {MIN_RSA_BITS} to {MAX_RSA_BITS} are accepted")]
    RsaKeyLength {
        /// The length that the server announced.
        bits: u32,
    },
    /// The server's RSA key is none: its modulus is even or not as long as announced, or its
    /// exponent cannot be one.
    #[error("the server's RSA key cannot be used")]
    RsaKey,
    /// The server's RSA key is none of those by which the server is known.
    #[error("the server's RSA key has none of the fingerprints that are configured")]
    UnknownKey,
    /// The caller gave no randomness.
    #[error("no randomness was given")]
    NoEntropy,
    /// No key could be made for this side.
    #[error("no RSA key could be generated")]
    KeyGeneration,
    /// The server's random number has another length than this side's key.
    #[error("encrypted random number of {bytes} bytes")]
    RandomLength {
        /// The length that the server announced.
        bytes: u16,
    },
    /// The server's random number cannot be decrypted.
    #[error("the server's random number cannot be decrypted")]
    Random,
    /// An encrypted message was made by somebody else, damaged, left out or sent twice.
    #[error("an encrypted message is not authentic")]
    Forged,
    /// As much was encrypted as one key is good for.
    #[error("a session's key was used for too much")]
    KeyExhausted,
    /// The server saw other keys than this side: somebody stands in between.
    #[error("the server confirms other keys than were exchanged")]
    Confirmation,
    /// The server asks for credentials of a kind that nobody knows.
    #[error("unknown kind of credentials {0}")]
    UnknownCredentials(u8),
    /// The modulus of a Diffie-Hellman exchange is too short to be safe, or too long.
    #[error(
        "Diffie-Hellman modulus of {bytes} bytes, where {MIN_EXCHANGE_BYTES} to \
         {MAX_EXCHANGE_BYTES} are accepted"
    )]
    ModulusLength {
        /// The length that the server announced.
        bytes: u16,
    },
    /// The modulus of a Diffie-Hellman exchange cannot be a prime, or is too small.
    #[error("Diffie-Hellman modulus that is even or less than {MIN_EXCHANGE_MODULUS}")]
    Modulus,
    /// The generator of a Diffie-Hellman exchange would make the secret known to all.
    #[error("degenerate Diffie-Hellman generator")]
    Generator,
    /// The server's value of a Diffie-Hellman exchange would make the secret known to all.
    #[error("degenerate Diffie-Hellman value")]
    PublicValue,
    /// The user name or the password does not fit into the message that is to carry it.
    #[error("a user name or password is longer than {limit} bytes or has a zero byte in it")]
    Credentials {
        /// How many bytes there is room for.
        limit: u8,
    },
}

impl CryptoError {
    /// Whether both sides keep to the protocol, and only the settings do not fit.
    pub(crate) const fn is_a_matter_of_settings(&self) -> bool {
        matches!(self, Self::UnknownKey | Self::Credentials { .. })
    }
}
