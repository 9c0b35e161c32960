//! A server that keeps to the protocol up to one point. That a real one is understood is shown
//! where the crate is tested against servers that know nothing of it.

use rand_core::{Rng, SeedableRng};
use rustls::pki_types::UnixTime;

use super::*;
use crate::{
    Client, ClientConfig, Credentials, Entropy, Event, HandshakeError, PixelSink, Rect, Surface,
    Trust,
};

const TYPES: [SecurityType; 4] = [
    SecurityType::Ra2,
    SecurityType::Ra2ne,
    SecurityType::Ra2With256,
    SecurityType::Ra2neWith256,
];

struct Nowhere;

impl PixelSink for Nowhere {
    fn resize(&mut self, _: u16, _: u16) {}

    fn surface(&mut self) -> Surface<'_> {
        unreachable!("nothing is drawn before a session")
    }

    fn damage(&mut self, _: Rect) {}
}

/// Both sides of a handshake.
struct Talk {
    client: Client,
    strength: Strength,
    own: OwnKey,
    random: ChaCha20Rng,
    sealer: Option<Sealer>,
    opener: Option<Opener>,
    /// What the server has to see in the client's confirmation, and to answer.
    confirmations: [Vec<u8>; 2],
}

fn config() -> ClientConfig {
    let mut config = ClientConfig {
        credentials: Credentials {
            username: Some("ada".into()),
            password: Some("secret".into()),
        },
        ..ClientConfig::default()
    };
    // This one finds the primes for a key soon.
    config.security.entropy = Some(Entropy::new([205; 32]));
    config
}

fn pinned(fingerprints: Vec<[u8; 32]>) -> ClientConfig {
    let mut config = config();
    config.security.trust = Some(Trust {
        authorities: Vec::new(),
        fingerprints,
        server_name: None,
        now: UnixTime::since_unix_epoch(std::time::Duration::ZERO),
    });
    config
}

impl Talk {
    /// A client that has chosen the type.
    fn new(security: SecurityType, config: ClientConfig) -> Self {
        let mut talk = Self {
            client: Client::new(config),
            strength: Ra2::new(security).strength,
            own: OwnKey::published(),
            random: ChaCha20Rng::from_seed([2; 32]),
            sealer: None,
            opener: None,
            confirmations: [Vec::new(), Vec::new()],
        };
        talk.say(b"RFB 003.008\n").unwrap();
        talk.say(&[1, security.number()]).unwrap();
        assert_eq!(talk.hear().last(), Some(&security.number()));
        talk
    }

    /// A client that waits for the server's confirmation.
    fn keyed(security: SecurityType, config: ClientConfig) -> Self {
        let mut talk = Self::new(security, config);
        talk.exchange(talk.strength.random_bytes()).unwrap();
        let [expected, _] = talk.confirmations.clone();
        assert_eq!(talk.hear_sealed(), expected);
        talk
    }

    /// A client that waits for the kind of credentials.
    fn confirmed(security: SecurityType, config: ClientConfig) -> Self {
        let mut talk = Self::keyed(security, config);
        let [_, confirmation] = talk.confirmations.clone();
        talk.say_sealed(&confirmation).unwrap();
        talk
    }

    /// Exchanges keys, and numbers of which the server's has so many bytes.
    fn exchange(&mut self, bytes: usize) -> Result<(), Error> {
        let own = self.own.encoded().to_vec();
        self.say(&own)?;
        let heard = self.hear();
        let mut heard = Input::new(&heard);
        let client = ServerKey::read(&mut heard).unwrap().unwrap();
        let client_number = self
            .own
            .read_number(self.strength.random_bytes(), &mut heard, &mut self.random)
            .unwrap()
            .unwrap();
        assert!(heard.is_empty());
        let mut number = vec![0; bytes];
        self.random.fill_bytes(&mut number);
        self.sealer = Some(Sealer::new(
            self.strength.session_key(&client_number, &number),
        ));
        self.opener = Some(Opener::new(
            self.strength.session_key(&number, &client_number),
        ));
        self.confirmations = [
            self.strength.confirmation(client.encoded(), &own),
            self.strength.confirmation(&own, client.encoded()),
        ];
        let message = client.encrypt(&number, &mut self.random).unwrap();
        self.say(&message)
    }

    fn say(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.client.feed(bytes, &mut Nowhere)
    }

    fn seal(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut message = Vec::new();
        let sealer = self.sealer.as_mut().unwrap();
        sealer.seal(bytes, &mut message).unwrap();
        message
    }

    fn say_sealed(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let message = self.seal(bytes);
        self.say(&message)
    }

    fn hear(&mut self) -> Vec<u8> {
        self.client.take_output().unwrap_or_default()
    }

    fn hear_sealed(&mut self) -> Vec<u8> {
        let heard = self.hear();
        let mut plain = Vec::new();
        let opener = self.opener.as_mut().unwrap();
        let mut wire = Input::new(&heard);
        assert!(opener.open(&mut wire, &mut plain).unwrap() && wire.is_empty());
        plain
    }

    fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.client.poll_event()).collect()
    }
}

fn crypto(error: CryptoError) -> Result<(), Error> {
    Err(Error::Crypto(error))
}

#[test]
fn a_caller_is_told_before_a_key_is_made() {
    for security in TYPES {
        let talk = Talk::new(security, config());
        assert!(talk.client.makes_keys());
    }
    let mut client = Client::new(config());
    assert!(!client.makes_keys());
    client.feed(b"RFB 003.008\n\x01\x02", &mut Nowhere).unwrap();
    assert!(!client.makes_keys(), "VncAuth makes none");
}

#[test]
fn credentials_are_sent_as_they_are_asked_for() {
    let rows: [(u8, &[u8]); 2] = [(1, b"\x03ada\x06secret"), (2, b"\0\x06secret")];
    for security in TYPES {
        for (kind, expected) in rows {
            let mut talk = Talk::confirmed(security, config());
            talk.say_sealed(&[kind]).unwrap();
            assert_eq!(talk.hear_sealed(), expected);
            assert_eq!(talk.events(), []);
            // The verdict is good, and the client says that it shares the desktop.
            if security.is_encrypted() {
                talk.say_sealed(&[0; 4]).unwrap();
                assert_eq!(talk.hear_sealed(), [1]);
            } else {
                talk.say(&[0; 4]).unwrap();
                assert_eq!(talk.hear(), [1]);
            }
        }
    }
}

/// A server that reads messages one by one must not find two things in one of them.
#[test]
fn each_answer_is_a_message_of_its_own() {
    let mut talk = Talk::new(SecurityType::Ra2, config());
    talk.exchange(talk.strength.random_bytes()).unwrap();
    let [_, confirmation] = talk.confirmations.clone();
    let both = [talk.seal(&confirmation), talk.seal(&[2])].concat();
    talk.say(&both).unwrap();
    let heard = talk.hear();
    assert_eq!(heard[..2], 20_u16.to_be_bytes());
    assert_eq!(heard[38..40], 8_u16.to_be_bytes());
}

#[test]
fn credentials_that_are_missing_are_asked_for() {
    for (kind, username) in [(1, true), (2, false)] {
        let mut config = config();
        config.credentials = Credentials::default();
        let mut talk = Talk::confirmed(SecurityType::Ra2ne, config);
        talk.say_sealed(&[kind]).unwrap();
        let password = true;
        assert_eq!(
            talk.events(),
            [Event::CredentialsRequired { username, password }]
        );
        assert_eq!(talk.hear(), []);
        let supplied = talk
            .client
            .supply_credentials(Some("eve".into()), Some("other".into()));
        assert_eq!(supplied, Ok(()));
        let expected: &[u8] = if username {
            b"\x03eve\x05other"
        } else {
            b"\0\x05other"
        };
        assert_eq!(talk.hear_sealed(), expected);
        talk.say(&[0; 4]).unwrap();
        assert_eq!(talk.hear(), [1]);
    }
}

#[test]
fn credentials_that_do_not_fit_are_not_sent() {
    let mut config = config();
    config.credentials.username = Some("x".repeat(256).into());
    let mut talk = Talk::confirmed(SecurityType::Ra2, config);
    let error = CryptoError::Credentials { limit: 255 };
    assert_eq!(talk.say_sealed(&[1]), crypto(error));
    assert_eq!(Error::from(error).fault(), crate::Fault::Operator);
    assert_eq!(talk.hear(), []);
}

#[test]
fn a_key_that_is_known_is_needed_where_one_is_known() {
    let right = {
        let key = OwnKey::published();
        let key = ServerKey::read(&mut Input::new(key.encoded())).unwrap();
        key.unwrap().fingerprint()
    };
    for security in TYPES {
        let mut talk = Talk::new(security, pinned(vec![[0; 32], right]));
        assert_eq!(talk.exchange(talk.strength.random_bytes()), Ok(()));

        let mut talk = Talk::new(security, pinned(vec![[0; 32]]));
        let own = talk.own.encoded().to_vec();
        assert_eq!(talk.say(&own), crypto(CryptoError::UnknownKey));
        assert_eq!(talk.hear(), [], "the server learns nothing");
    }
    // A pin narrows what is known, be it nothing.
    for (known, pin, result) in [
        (vec![right], right, Ok(())),
        (vec![right], [0; 32], crypto(CryptoError::UnknownKey)),
        (vec![[0; 32]], right, crypto(CryptoError::UnknownKey)),
        (vec![], right, Ok(())),
        (vec![], [0; 32], crypto(CryptoError::UnknownKey)),
    ] {
        let mut config = pinned(known);
        config.security.pins = vec![[1; 32], pin];
        let mut talk = Talk::new(SecurityType::Ra2, config);
        let own = talk.own.encoded().to_vec();
        assert_eq!(talk.say(&own), result);
    }
}

#[test]
fn numbers_that_are_none_are_refused() {
    let wrong_length = CryptoError::RandomLength { bytes: 255 };
    let rows: [(&[u8], CryptoError); 2] = [
        (&[0, 255], wrong_length),
        (&[&[1, 0][..], &[0xff; 256]].concat(), CryptoError::Random),
    ];
    for (bytes, error) in rows {
        let mut talk = Talk::new(SecurityType::Ra2ne, config());
        let own = talk.own.encoded().to_vec();
        talk.say(&own).unwrap();
        talk.hear();
        assert_eq!(talk.say(bytes), crypto(error));
    }
    for (security, bytes) in [(SecurityType::Ra2, 32), (SecurityType::Ra2With256, 16)] {
        let mut talk = Talk::new(security, config());
        assert_eq!(talk.exchange(bytes), crypto(CryptoError::Random));
    }
}

#[test]
fn somebody_in_between_is_found_out() {
    for security in TYPES {
        // The right hash of the wrong keys, or one that was changed on the way.
        let mut talk = Talk::keyed(security, config());
        let [_, mut confirmation] = talk.confirmations.clone();
        confirmation[0] ^= 1;
        assert_eq!(
            talk.say_sealed(&confirmation),
            crypto(CryptoError::Confirmation)
        );

        let mut talk = Talk::keyed(security, config());
        let [_, confirmation] = talk.confirmations.clone();
        let mut message = talk.seal(&confirmation);
        message[5] ^= 1;
        assert_eq!(talk.say(&message), crypto(CryptoError::Forged));
        // The error stays.
        assert_eq!(talk.say(b""), crypto(CryptoError::Forged));
        assert_eq!(talk.hear(), []);
    }
}

#[test]
fn unknown_kinds_of_credentials_are_refused() {
    for kind in [0, 3, 255] {
        let mut talk = Talk::confirmed(SecurityType::Ra2, config());
        let error = CryptoError::UnknownCredentials(kind);
        assert_eq!(talk.say_sealed(&[kind]), crypto(error));
    }
}

#[test]
fn a_server_that_does_not_wait_is_refused() {
    let unexpected = Err(HandshakeError::UnexpectedBytes.into());
    // Encrypted bytes after the last that are encrypted.
    let mut talk = Talk::confirmed(SecurityType::Ra2ne, config());
    assert_eq!(talk.say_sealed(&[1, 0]), unexpected);
    // Anything while the user is asked.
    let mut config = config();
    config.credentials.password = None;
    let mut talk = Talk::confirmed(SecurityType::Ra2, config);
    talk.say_sealed(&[2]).unwrap();
    assert_eq!(talk.say_sealed(&[0; 4]), unexpected);
}

#[test]
fn numbers_and_keys_are_not_printed() {
    let mut talk = Talk::new(SecurityType::Ra2, config());
    let own = talk.own.encoded().to_vec();
    talk.say(&own).unwrap();
    let text = format!("{:?}", talk.client);
    assert!(text.contains("state: Number"), "{text}");
    assert!(!text.contains("secret"), "{text}");
}
