//! What a connection asks for, read from the values of its `connect`.

use guac_policy::limits::CLIPBOARD_MAX_BYTES;
use guac_policy::{ClosedDoor, Policy, Restrictions, Rule, Verdict};
use guac_recorder::RecordingOptions;
use guac_vnc::{ClientConfig, Clipboard, ColorDepth, Credentials, Encoding, TextEncoding};
use secrecy::SecretString;

use super::address::Address;
use super::arguments::Values;
use super::failure::Failure;
use super::options::VncOptions;
use super::recording::recording_options;
use super::security::security;
use super::sink::CursorRendering;
use crate::decisions::Witness;

/// The smallest limit of the clipboard that a connection can set, as in stock guacd.
const CLIPBOARD_BYTES_MIN: usize = 262_144;

/// Where the desktop is and how it is shown. The first user's values decide for everyone.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Where the VNC server is.
    pub(crate) address: Address,
    /// Whether the desktop follows the size of the owner's browser.
    pub(crate) resize: bool,
    /// Whether the server is asked to take no input from whoever sits before the desktop.
    pub(crate) disable_server_input: bool,
    /// Who draws the pointer.
    pub(crate) cursor: CursorRendering,
    /// Whether every image is to be exact, whatever moves.
    pub(crate) force_lossless: bool,
    /// How the VNC client is set up.
    pub(crate) vnc: ClientConfig,
    /// Where the session is recorded, if it is to be.
    pub(crate) recording: Option<RecordingOptions>,
}

impl Settings {
    /// Reads the owner's values, for what the policy leaves of them. `id` names the session.
    ///
    /// # Errors
    /// When the session would not be what was asked for, or demanded.
    pub(crate) fn parse(
        values: &Values<'_>,
        policy: &Policy,
        options: &VncOptions,
        id: &str,
        witness: &Witness,
    ) -> Result<Self, Failure> {
        let recording = recording_options(values, policy, &recording_name(id))?;
        let address = Address::parse(values, policy, options, witness)?;
        let security = security(values, policy, options, &address.target)?;
        note_what_is_not_there(values, policy, witness)?;
        let cursor = cursor_rendering(values);
        let clipboard = clipboard(values, policy);
        Ok(Self {
            address,
            resize: !values.boolean("disable-display-resize", false),
            disable_server_input: values.boolean("disable-server-input", false),
            cursor,
            force_lossless: values.boolean("force-lossless", false),
            vnc: ClientConfig {
                security,
                clipboard,
                ..vnc_config(values, options, cursor)
            },
            recording,
        })
    }
}

/// What one viewer's own values forbid. A sharing profile fills these for a joiner.
pub(crate) fn restrictions(values: &Values<'_>) -> Restrictions {
    Restrictions {
        read_only: values.boolean("read-only", false),
        disable_copy: values.boolean("disable-copy", false),
        disable_paste: values.boolean("disable-paste", false),
        clipboard_bytes: clipboard_bytes(values),
    }
}

/// The most bytes of a text, if the connection limits them. Without that parameter the policy's limit
/// holds alone.
fn clipboard_bytes(values: &Values<'_>) -> Option<usize> {
    values.text("clipboard-buffer-size")?;
    let asked: usize = values.integer("clipboard-buffer-size", 0, 0..=usize::MAX);
    Some(asked.clamp(CLIPBOARD_BYTES_MIN, CLIPBOARD_MAX_BYTES))
}

/// The name of a recording that the policy asks for and the connection does not name: the session's.
fn recording_name(id: &str) -> String {
    format!("session-{}", id.trim_start_matches('$'))
}

/// Sound and files would need connections of their own, which this daemon does not make.
fn note_what_is_not_there(
    values: &Values<'_>,
    policy: &Policy,
    witness: &Witness,
) -> Result<(), Failure> {
    let switches = ["enable-audio", "enable-sftp"];
    let switched_on = switches.map(|name| (name, values.boolean(name, false)));
    let addresses = ["audio-servername", "sftp-hostname"];
    let given = addresses.map(|name| (name, values.text(name).is_some()));
    for (name, _) in switched_on.into_iter().chain(given).filter(|(_, is)| *is) {
        if policy.closed_doors() == ClosedDoor::Refuse {
            return Err(Failure::ClosedDoor(name));
        }
        tracing::warn!("Parameter \"{name}\" has no effect: this daemon does not offer it.");
        witness.parameter(name, 0, Rule::ParameterNotOffered, Verdict::Ignored);
    }
    Ok(())
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

/// Which texts the VNC client lets cross: none in a direction in which nobody may have one.
fn clipboard(values: &Values<'_>, policy: &Policy) -> Clipboard {
    let forbidden = restrictions(values);
    let copy = policy.clipboard_copy().max_bytes();
    let paste = policy.clipboard_paste().max_bytes();
    let limit = forbidden.clipboard_bytes.unwrap_or(usize::MAX);
    Clipboard {
        // One byte more than may pass: the gate refuses what is longer, and nothing is cut.
        receive: copy
            .filter(|_| !forbidden.disable_copy && !forbidden.read_only)
            .map(|allowed| allowed.min(limit).saturating_add(1)),
        send: paste.is_some() && !forbidden.disable_paste && !forbidden.read_only,
        encoding: text_encoding(values),
    }
}

/// How texts are encoded for a VNC server that has no Unicode, by stock guacd's names.
fn text_encoding(values: &Values<'_>) -> TextEncoding {
    let (name, encoding) = match values.text("clipboard-encoding") {
        None | Some("ISO8859-1") => return TextEncoding::Latin1,
        Some("UTF-8") => ("UTF-8", TextEncoding::Utf8),
        Some("UTF-16") => ("UTF-16", TextEncoding::Utf16),
        Some("CP1252") => ("CP1252", TextEncoding::Cp1252),
        Some("MacRoman") => ("MacRoman", TextEncoding::MacRoman),
        Some(_) => {
            tracing::warn!(
                "Parameter \"clipboard-encoding\" names no known encoding. Using ISO8859-1."
            );
            return TextEncoding::Latin1;
        }
    };
    tracing::info!("Using non-standard VNC clipboard encoding: '{name}'.");
    encoding
}

fn vnc_config(values: &Values<'_>, options: &VncOptions, cursor: CursorRendering) -> ClientConfig {
    let defaults = ClientConfig::default();
    let mut limits = defaults.limits.clone();
    (limits.max_width, limits.max_height) = options.max_desktop;
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
        limits,
        ..defaults
    }
}

#[cfg(test)]
mod tests;
