//! What single texts, and the items of lists, have to be.

mod keeping;

use std::path::Path;

use super::finding::{Fault, quoted};
use super::kind::did_you_mean;
use super::spelling::nearest;
use crate::doors::{Door, SocketPath, VncSecurity};
use crate::policy::{PARAMETERS, RecordingRule, TIGHTENING, Target};

pub(super) use keeping::{BESIDE, RECIPIENTS_MAX, evidence, recipient, store};

/// Longest user name, pattern or forced value, in bytes.
const TEXT_MAX: usize = 16_384;

/// A target by TCP, or the socket of one.
pub(super) fn target(text: &str) -> Result<(), Fault> {
    if text.starts_with(SocketPath::PREFIX) {
        return match text.parse::<Door>() {
            Ok(_) => Ok(()),
            Err(error) => Err(Fault::new(
                format!("{} is no socket", quoted(text)),
                error.to_string(),
            )),
        };
    }
    match text.parse::<Target>() {
        Ok(_) => Ok(()),
        Err(error) => Err(Fault::new(
            format!("{} is no target", quoted(text)),
            error.to_string(),
        )),
    }
}

pub(super) fn door(text: &str) -> Result<(), Fault> {
    match text.parse::<Door>() {
        Ok(Door::UnixSocket(_)) => Err(Fault::new(
            "a socket stands in targets.allow",
            "move it there",
        )),
        Ok(Door::ReverseConnect | Door::Repeater | Door::WakeOnLan) => Ok(()),
        Err(_) => {
            let doors = ["reverse-connect", "repeater", "wake-on-lan"];
            let hint = nearest(text, doors).map_or_else(
                || "the doors are \"reverse-connect\", \"repeater\" and \"wake-on-lan\"".to_owned(),
                did_you_mean,
            );
            Err(Fault::new(format!("{} is no door", quoted(text)), hint))
        }
    }
}

pub(super) fn mime_type(text: &str) -> Result<(), Fault> {
    let is_plain =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '+' | '-' | '.');
    match text.strip_prefix("text/") {
        Some(kind) if !kind.is_empty() && kind.len() < 128 && kind.chars().all(is_plain) => Ok(()),
        Some(_) => Err(Fault::new(
            format!("{} is no text type", quoted(text)),
            "write it in small letters and without parameters, such as \"text/plain\"",
        )),
        None => Err(Fault::new(
            format!("{} cannot be pasted", quoted(text)),
            "VNC carries text only, so each type begins with \"text/\"",
        )),
    }
}

pub(super) fn user_name(text: &str) -> Result<(), Fault> {
    plain_text(text, "a user name")
}

/// A directory for recordings, or `*`.
pub(super) fn directory(text: &str) -> Result<(), Fault> {
    if text == "*" || is_absolute(text) {
        Ok(())
    } else {
        Err(Fault::new(
            format!("{} is no absolute path", quoted(text)),
            "it begins with \"/\" and has no part \".\" or \"..\"; \"*\" alone means anywhere",
        ))
    }
}

/// Whether a text is an absolute path without parts that mean others.
fn is_absolute(text: &str) -> bool {
    let anywhere = RecordingRule {
        paths: Some(vec!["/".into()]),
        ..RecordingRule::default()
    };
    let is_plain = text.len() <= TEXT_MAX && !text.contains('\0');
    is_plain && anywhere.takes_path(Path::new(text))
}

pub(super) fn file_name(text: &str) -> Result<(), Fault> {
    plain_text(text, "a name")?;
    if text.contains('/') {
        Err(Fault::new(
            format!("{} is no name: it has a \"/\"", quoted(text)),
            "directories stand in recording.paths",
        ))
    } else {
        Ok(())
    }
}

fn plain_text(text: &str, what: &str) -> Result<(), Fault> {
    if text.is_empty() || TEXT_MAX < text.len() || text.contains(char::is_control) {
        Err(Fault::new(
            format!("{} cannot be {what}", quoted(text)),
            "it has at least one character, and no control characters",
        ))
    } else {
        Ok(())
    }
}

pub(super) fn parameter(name: &str) -> Result<(), Fault> {
    if PARAMETERS.contains(&name) {
        return Ok(());
    }
    let hint = nearest(name, PARAMETERS).map_or_else(
        || "see the list of parameters in the compatibility page of the manual".to_owned(),
        did_you_mean,
    );
    Err(Fault::new(
        format!("there is no parameter {}", quoted(name)),
        hint,
    ))
}

pub(super) fn refusable(name: &str) -> Result<(), Fault> {
    parameter(name)?;
    if TIGHTENING.contains(&name) {
        return Err(Fault::new(
            format!("{} cannot be refused", quoted(name)),
            "it only takes something away from what the policy permits",
        ));
    }
    Ok(())
}

/// A parameter that takes away is not given back by forcing it.
pub(super) fn forced(name: &str, value: &str) -> Result<(), Fault> {
    parameter(name)?;
    if TEXT_MAX < value.len() {
        return Err(Fault::new(
            format!("the value of {} is too long", quoted(name)),
            format!("at most {TEXT_MAX} bytes"),
        ));
    }
    if !TIGHTENING.contains(&name) {
        return Ok(());
    }
    let takes_away = match name {
        "vnc-minimum-security" => value.parse::<VncSecurity>().is_ok(),
        "clipboard-buffer-size" => value.parse::<u64>().is_ok(),
        "recording-path" | "recording-name" | "vnc-fingerprint" | "vnc-server-name" => {
            !value.is_empty()
        }
        _ => value == "true",
    };
    if takes_away {
        return Ok(());
    }
    let hint = match name {
        "vnc-minimum-security" => "one of \"none\", \"password\", \"encrypted\" and \"verified\"",
        "clipboard-buffer-size" => "a number of bytes",
        "recording-path" | "recording-name" | "vnc-fingerprint" | "vnc-server-name" => {
            "give it a value, or leave it to connections"
        }
        _ => "only \"true\" can be forced",
    };
    Err(Fault::new(
        format!("{} only takes away, and this would undo it", quoted(name)),
        hint,
    ))
}
