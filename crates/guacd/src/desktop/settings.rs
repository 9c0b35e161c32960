//! What a connection asks for, read from the values of its `connect`.

use std::path::PathBuf;

use guac_policy::Restrictions;
use guac_recorder::RecordingOptions;
use guac_vnc::{ClientConfig, ClipboardMode, ColorDepth, Credentials, Encoding};
use secrecy::SecretString;

use super::arguments::Values;

/// Where the desktop is and how it is shown. The first user's values decide for everyone.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Host name or address of the VNC server.
    pub(crate) hostname: String,
    /// Its TCP port.
    pub(crate) port: u16,
    /// Extra attempts to connect, one second apart.
    pub(crate) autoretry: u32,
    /// Whether the desktop follows the size of the owner's browser.
    pub(crate) resize: bool,
    /// How the VNC client is set up.
    pub(crate) vnc: ClientConfig,
    /// Where the session is recorded, if it is to be.
    pub(crate) recording: Option<RecordingOptions>,
}

/// Extra attempts that a connection may ask for; more would hold a dead session open for hours.
const AUTORETRY_MAX: u32 = 3600;

impl Settings {
    /// Reads the owner's values. `receive_clipboard` is the most bytes of the desktop's clipboard
    /// that the policy lets through, or `None` if it is to be dropped where it is decoded.
    pub(crate) fn parse(values: &Values<'_>, receive_clipboard: Option<usize>) -> Self {
        let read_only = values.boolean("read-only", false);
        warn_about_what_is_not_there(values);
        Self {
            hostname: values.text("hostname").unwrap_or_default().to_owned(),
            port: values.integer("port", 0, 0..=u16::MAX),
            autoretry: values.integer("autoretry", 0, 0..=AUTORETRY_MAX),
            resize: !values.boolean("disable-display-resize", false),
            vnc: vnc_config(values, read_only, receive_clipboard),
            recording: recording_options(values),
        }
    }

    /// The name of the door that the connection asks for and this daemon does not have. Going on
    /// without it would connect somewhere else than was asked for.
    pub(crate) fn closed_door(values: &Values<'_>) -> Option<&'static str> {
        if values.boolean("reverse-connect", false) {
            Some("reverse-connect")
        } else if values.text("dest-host").is_some() {
            Some("dest-host")
        } else {
            None
        }
    }
}

/// What one viewer's own values forbid. A sharing profile fills these for a joiner.
pub(crate) fn restrictions(values: &Values<'_>) -> Restrictions {
    Restrictions {
        read_only: values.boolean("read-only", false),
        disable_copy: values.boolean("disable-copy", false),
        disable_paste: values.boolean("disable-paste", false),
    }
}

fn warn_about_what_is_not_there(values: &Values<'_>) {
    let switches = [
        "enable-audio",
        "enable-sftp",
        "wol-send-packet",
        "disable-server-input",
    ];
    for name in switches {
        if values.boolean(name, false) {
            tracing::warn!("Parameter \"{name}\" has no effect: this daemon does not offer it.");
        }
    }
}

fn vnc_config(
    values: &Values<'_>,
    read_only: bool,
    receive_clipboard: Option<usize>,
) -> ClientConfig {
    let defaults = ClientConfig::default();
    let secret = |name| {
        values
            .text(name)
            .map(|text| SecretString::from(text.to_owned()))
    };
    let level = |name| {
        let level = values.integer(name, -1_i8, 0..=9);
        u8::try_from(level).ok()
    };
    ClientConfig {
        credentials: Credentials {
            username: secret("username"),
            password: secret("password"),
        },
        encodings: match values.text("encodings") {
            Some(names) => Encoding::parse_list(names),
            None => defaults.encodings.clone(),
        },
        color_depth: ColorDepth::from_parameter(values.integer("color-depth", 0, 0..=32)),
        swap_red_blue: values.boolean("swap-red-blue", false),
        compress_level: level("compress-level"),
        quality_level: level("quality-level"),
        local_cursor: !read_only && values.text("cursor") != Some("remote"),
        clipboard: match receive_clipboard {
            Some(max_bytes) if !values.boolean("disable-copy", false) => {
                ClipboardMode::Receive { max_bytes }
            }
            _ => ClipboardMode::Discard,
        },
        ..defaults
    }
}

fn recording_options(values: &Values<'_>) -> Option<RecordingOptions> {
    let path = values.text("recording-path")?;
    Some(RecordingOptions {
        directory: PathBuf::from(path),
        name: values
            .text("recording-name")
            .unwrap_or("recording")
            .to_owned(),
        create_directory: values.boolean("create-recording-path", false),
        write_existing: values.boolean("recording-write-existing", false),
        exclude_output: values.boolean("recording-exclude-output", false),
        exclude_mouse: values.boolean("recording-exclude-mouse", false),
        include_keys: values.boolean("recording-include-keys", false),
    })
}
