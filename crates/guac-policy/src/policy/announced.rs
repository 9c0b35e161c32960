//! The names of a VNC connection's parameters.

/// Every parameter of a VNC connection, in the order in which they are announced to web applications:
/// those of stock guacd, then this daemon's own.
pub const PARAMETERS: [&str; 57] = [
    "hostname",
    "port",
    "read-only",
    "disable-display-resize",
    "encodings",
    "username",
    "password",
    "swap-red-blue",
    "color-depth",
    "cursor",
    "autoretry",
    "clipboard-encoding",
    "dest-host",
    "dest-port",
    "enable-audio",
    "audio-servername",
    "reverse-connect",
    "listen-timeout",
    "enable-sftp",
    "sftp-hostname",
    "sftp-host-key",
    "sftp-port",
    "sftp-timeout",
    "sftp-username",
    "sftp-password",
    "sftp-private-key",
    "sftp-passphrase",
    "sftp-public-key",
    "sftp-directory",
    "sftp-root-directory",
    "sftp-server-alive-interval",
    "sftp-disable-download",
    "sftp-disable-upload",
    "recording-path",
    "recording-name",
    "recording-exclude-output",
    "recording-exclude-mouse",
    "recording-include-keys",
    "recording-include-clipboard",
    "create-recording-path",
    "recording-write-existing",
    "clipboard-buffer-size",
    "disable-copy",
    "disable-paste",
    "disable-server-input",
    "wol-send-packet",
    "wol-mac-addr",
    "wol-broadcast-addr",
    "wol-udp-port",
    "wol-wait-time",
    "force-lossless",
    "compress-level",
    "quality-level",
    "vnc-minimum-security",
    "vnc-ca-certificate",
    "vnc-fingerprint",
    "vnc-server-name",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::TIGHTENING;

    #[test]
    fn what_tightens_is_announced() {
        for name in TIGHTENING {
            assert!(PARAMETERS.contains(&name), "{name}");
        }
    }
}
