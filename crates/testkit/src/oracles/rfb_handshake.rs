//! The VNC client's handshake against any server, with everything that it can be given.

use std::time::Duration;

use guac_vnc::pki_types::{ServerName, UnixTime};
use guac_vnc::{
    Client, ClientConfig, Entropy, Error, Event, PixelSink, Rect, SecurityLevel, SecurityType,
    Surface, Trust,
};

use super::pieces::Pieces;

/// What a client may hold before a session runs.
const HELD_BYTES_MAX: usize = 512 << 10;

/// What a client may say before a session runs, keys of RSA and TLS included.
const OUTPUT_MAX: usize = 16 << 10;

/// Some authority's certificate, made with `openssl req -x509`.
const AUTHORITY: &[u8] = include_bytes!("authority.der");

/// A seed that finds the primes of an RSA key soon. What RA2's servers said in the corpus was said to
/// a client with this one: to another, all of it is forged.
const SEED: [u8; 32] = [205; 32];

/// Where an input starts: at the banner, or where a type was chosen already.
const STARTS: [&[u8]; 16] = [
    b"",
    b"RFB 003.003\n",
    b"RFB 003.007\n",
    b"RFB 003.008\n",
    // None and VncAuth.
    b"RFB 003.008\n\x01\x01",
    b"RFB 003.008\n\x01\x02",
    // VeNCrypt, its list of sub-types, and TLS.
    b"RFB 003.008\n\x01\x13",
    b"RFB 003.008\n\x01\x13\0\x02\0",
    b"RFB 003.008\n\x01\x13\0\x02\0\x01\0\0\x01\0",
    b"RFB 003.008\n\x01\x13\0\x02\0\x01\0\0\x01\x05\x01",
    // RA2 in its four forms, ARD and MS-Logon II.
    b"RFB 003.008\n\x01\x05",
    b"RFB 003.008\n\x01\x06",
    b"RFB 003.008\n\x01\x81",
    b"RFB 003.008\n\x01\x82",
    b"RFB 003.008\n\x01\x1e",
    b"RFB 003.008\n\x01\x71",
];

/// Whatever a server sends, the client neither panics nor holds or says much, never settles for
/// less than it demands, and comes to the same verdict whether the bytes come at once or in
/// pieces.
///
/// The first byte tells what the client knows: bits 0 and 1, a user name and a password; bit 2, a
/// fingerprint; bit 3, an authority; bit 4, randomness; bits 5 and 6, the minimum; bit 7, that
/// VeNCrypt is avoided. The second tells where the stream starts.
pub fn rfb_handshake(bytes: &[u8]) {
    let [how, start, stream @ ..] = bytes else {
        return;
    };
    let opening = STARTS[usize::from(*start) % STARTS.len()];
    let mut whole = Viewer::new(*how);
    whole.feed(&[opening, stream].concat());
    let mut split = Viewer::new(*how);
    split.feed(opening);
    for piece in Pieces::new(stream) {
        split.feed(piece);
    }
    for viewer in [&mut whole, &mut split] {
        viewer.answer_and_end();
    }
    assert_eq!(whole.connected, split.connected);
    assert_eq!(whole.asked, split.asked);
    // What a session makes of its bytes is another oracle's matter.
    if whole.connected.is_none() {
        assert_eq!(whole.error, split.error, "the verdict depends on the split");
        assert_eq!(whole.output.len(), split.output.len());
        // TLS takes its randomness from elsewhere.
        let has_trust = how & 12 != 0;
        assert!(
            has_trust || whole.output == split.output,
            "the answers depend on the split"
        );
    }
}

struct Viewer {
    client: Client,
    minimum: SecurityLevel,
    connected: Option<SecurityType>,
    asked: Option<(bool, bool)>,
    output: Vec<u8>,
    error: Option<Error>,
}

impl Viewer {
    fn new(how: u8) -> Self {
        let has = |bit: u8| how & 1 << bit != 0;
        let mut config = ClientConfig::default();
        (config.limits.max_width, config.limits.max_height) = (100, 100);
        config.credentials.username = has(0).then(|| "alice".into());
        config.credentials.password = has(1).then(|| "secret".into());
        let mut trust = Trust::new(UnixTime::since_unix_epoch(Duration::from_secs(1 << 30)));
        if has(2) {
            trust.fingerprints.push([7; 32]);
        }
        if has(3) {
            trust.server_name = ServerName::try_from("desktop.example").ok();
            trust.authorities.push(AUTHORITY.to_vec().into());
        }
        config.security.trust = (has(2) || has(3)).then_some(trust);
        config.security.entropy = has(4).then(|| Entropy::new(SEED));
        config.security.minimum = match how >> 5 & 3 {
            0 => SecurityLevel::None,
            1 => SecurityLevel::Password,
            2 => SecurityLevel::Encrypted,
            _ => SecurityLevel::Verified,
        };
        config.security.avoid_vencrypt = has(7);
        Self {
            minimum: config.security.minimum,
            client: Client::new(config),
            connected: None,
            asked: None,
            output: Vec::new(),
            error: None,
        }
    }

    fn feed(&mut self, bytes: &[u8]) {
        let result = self.client.feed(bytes, &mut Nothing);
        if let Some(error) = self.error {
            assert_eq!(result, Err(error), "a client that failed went on");
        }
        self.error = result.err();
        self.collect();
    }

    fn collect(&mut self) {
        assert!(self.client.held_bytes() <= HELD_BYTES_MAX);
        while let Some(event) = self.client.poll_event() {
            match event {
                Event::Connected { security, .. } => self.connect(security),
                Event::CredentialsRequired { username, password } => {
                    assert!(self.asked.is_none() && self.connected.is_none());
                    assert!(username || password);
                    self.asked = Some((username, password));
                }
                _ => assert!(self.connected.is_some(), "{event:?} before the session"),
            }
        }
        if self.connected.is_none() {
            self.output
                .extend(self.client.take_output().unwrap_or_default());
            assert!(self.output.len() <= OUTPUT_MAX);
        }
    }

    fn connect(&mut self, security: SecurityType) {
        assert!(self.connected.is_none(), "connected twice");
        assert!(self.minimum == SecurityLevel::None || security != SecurityType::None);
        assert!(self.minimum <= SecurityLevel::Password || security.is_encrypted());
        self.connected = Some(security);
    }

    /// Gives what was asked for, and leaves.
    fn answer_and_end(&mut self) {
        let supplied = self
            .client
            .supply_credentials(Some("alice".into()), Some("secret".into()));
        self.error = self.error.or(supplied.err());
        self.collect();
        let end = self.client.end_of_stream();
        assert!(self.error.is_none_or(|error| error == end));
        self.error = Some(end);
    }
}

/// Nobody looks.
struct Nothing;

impl PixelSink for Nothing {
    fn resize(&mut self, _: u16, _: u16) {}

    fn surface(&mut self) -> Surface<'_> {
        Surface {
            pixels: &mut [],
            stride: 0,
            width: 0,
            height: 0,
        }
    }

    fn damage(&mut self, _: Rect) {}
}
