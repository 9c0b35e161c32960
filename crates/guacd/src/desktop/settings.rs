//! What a connection asks for, read from the values of its `connect`.

use std::path::PathBuf;

use guac_policy::{Policy, Restrictions};
use guac_recorder::RecordingOptions;
use guac_vnc::{ClientConfig, ClipboardMode, ColorDepth, Credentials, Encoding};
use secrecy::SecretString;

use super::arguments::Values;
use super::sink::CursorRendering;

/// Where the desktop is and how it is shown. The first user's values decide for everyone.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Where the VNC server is.
    pub(crate) address: Address,
    /// Whether the desktop follows the size of the owner's browser.
    pub(crate) resize: bool,
    /// Who draws the pointer.
    pub(crate) cursor: CursorRendering,
    /// How the VNC client is set up.
    pub(crate) vnc: ClientConfig,
    /// Where the session is recorded, if it is to be.
    pub(crate) recording: Option<RecordingOptions>,
}

/// Where a VNC server is, and how often it is tried.
#[derive(Debug)]
pub(crate) struct Address {
    /// Host name or address.
    pub(crate) hostname: String,
    /// TCP port.
    pub(crate) port: u16,
    /// Extra attempts to connect, one second apart.
    pub(crate) autoretry: u32,
}

/// Extra attempts that a connection may ask for; more would hold a dead session open for hours.
const AUTORETRY_MAX: u32 = 3600;

impl Settings {
    /// Reads the owner's values, for what the policy leaves of them.
    pub(crate) fn parse(values: &Values<'_>, policy: &Policy) -> Self {
        warn_about_what_is_not_there(values);
        let cursor = cursor_rendering(values);
        Self {
            address: Address {
                hostname: values.text("hostname").unwrap_or_default().to_owned(),
                port: values.integer("port", 0, 0..=u16::MAX),
                autoretry: values.integer("autoretry", 0, 0..=AUTORETRY_MAX),
            },
            resize: !values.boolean("disable-display-resize", false),
            cursor,
            vnc: vnc_config(values, cursor, clipboard_mode(values, policy)),
            recording: recording_options(values),
        }
    }

    /// The name of the door that the connection asks for and this daemon does not have. Going on
    /// without it would connect somewhere else than was asked for.
    pub(crate) fn closed_door(values: &Values<'_>, policy: &Policy) -> Option<&'static str> {
        let clipboard_crosses = policy.clipboard_copy().max_bytes().is_some()
            || policy.clipboard_paste().max_bytes().is_some();
        if values.boolean("reverse-connect", false) {
            Some("reverse-connect")
        } else if values.text("dest-host").is_some() {
            Some("dest-host")
        } else if clipboard_crosses && values.boolean("recording-include-clipboard", false) {
            // What was asked to be recorded does not happen unrecorded.
            Some("recording-include-clipboard")
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
        "recording-include-clipboard",
    ];
    let asked = switches
        .into_iter()
        .filter(|name| values.boolean(name, false));
    let encoding = values
        .text("clipboard-encoding")
        .filter(|name| *name != "ISO8859-1")
        .map(|_| "clipboard-encoding");
    for name in asked.chain(encoding) {
        tracing::warn!("Parameter \"{name}\" has no effect: this daemon does not offer it.");
    }
}

fn cursor_rendering(values: &Values<'_>) -> CursorRendering {
    let remote = values.text("cursor") == Some("remote");
    let place = if remote { "remote" } else { "local" };
    tracing::info!("Cursor rendering: {place}");
    if values.boolean("read-only", false) {
        CursorRendering::Hidden
    } else if remote {
        CursorRendering::Remote
    } else {
        CursorRendering::Local
    }
}

/// What is received of the desktop's clipboard: nothing where nobody may have it.
fn clipboard_mode(values: &Values<'_>, policy: &Policy) -> ClipboardMode {
    let forbidden = restrictions(values);
    match policy.clipboard_copy().max_bytes() {
        // One byte more than may pass: the gate refuses what is longer, and nothing is cut.
        Some(max_bytes) if !forbidden.disable_copy && !forbidden.read_only => {
            ClipboardMode::Receive {
                max_bytes: max_bytes.saturating_add(1),
            }
        }
        _ => ClipboardMode::Discard,
    }
}

fn vnc_config(
    values: &Values<'_>,
    cursor: CursorRendering,
    clipboard: ClipboardMode,
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
        // None named: the connection chooses once it knows where the server is.
        encodings: Encoding::parse_list(values.text("encodings").unwrap_or_default()),
        color_depth: ColorDepth::from_parameter(values.integer("color-depth", 0, 0..=32)),
        swap_red_blue: values.boolean("swap-red-blue", false),
        compress_level: level("compress-level"),
        quality_level: level("quality-level"),
        local_cursor: cursor == CursorRendering::Local,
        clipboard,
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
