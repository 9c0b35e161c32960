//! What a key event means, by the server's own map: XKB's, or the core protocol's for servers from
//! before XKB.

use anyhow::{Context, Result};
use x11rb::connection::{Connection as _, RequestConnection as _};
use x11rb::protocol::xkb::{self, ConnectionExt as _, GetMapReply, GetMapRequest, ID, MapPart};
use x11rb::protocol::xproto::{ConnectionExt as _, GetKeyboardMappingReply};
use x11rb::rust_connection::RustConnection;

const SHIFT: u16 = 1;
const LOCK: u16 = 2;

/// The server's map from key codes to symbols, as it was when it was read.
pub(super) enum Keymap {
    Xkb(Box<GetMapReply>),
    Core {
        first: u8,
        map: GetKeyboardMappingReply,
    },
}

/// Tells the server that this client understands XKB, if it does itself. Needed once before anything
/// else of it.
pub(super) fn enable(connection: &RustConnection) -> Result<()> {
    if has_xkb(connection)? {
        connection.xkb_use_extension(1, 0)?.reply()?;
    }
    Ok(())
}

fn has_xkb(connection: &RustConnection) -> Result<bool> {
    let information = connection.extension_information(xkb::X11_EXTENSION_NAME)?;
    Ok(information.is_some())
}

impl Keymap {
    pub(super) fn read(connection: &RustConnection) -> Result<Self> {
        if has_xkb(connection)? {
            let request = GetMapRequest {
                device_spec: u16::from(ID::USE_CORE_KBD),
                full: MapPart::KEY_TYPES | MapPart::KEY_SYMS,
                ..GetMapRequest::default()
            };
            let reply = connection.send_trait_request_with_reply(request)?.reply()?;
            return Ok(Self::Xkb(Box::new(reply)));
        }
        let first = connection.setup().min_keycode;
        let count = connection.setup().max_keycode - first + 1;
        let map = connection.get_keyboard_mapping(first, count)?.reply()?;
        Ok(Self::Core { first, map })
    }

    /// The symbol of a key under an event's modifiers and group.
    pub(super) fn keysym(&self, code: u8, state: u16) -> Result<u32> {
        match self {
            Self::Xkb(reply) => xkb_keysym(reply, code, state),
            Self::Core { first, map } => core_keysym(*first, map, code, state),
        }
    }
}

fn xkb_keysym(reply: &GetMapReply, code: u8, state: u16) -> Result<u32> {
    let map = &reply.map;
    let types = map
        .types_rtrn
        .as_ref()
        .context("key types were asked for")?;
    let keys = map
        .syms_rtrn
        .as_ref()
        .context("key symbols were asked for")?;
    let index = code
        .checked_sub(reply.first_key_sym)
        .context("a key of the map")?;
    let key = keys.get(usize::from(index)).context("a key of the map")?;
    let groups = usize::from(key.group_info & 0x0f);
    if groups == 0 {
        return Ok(0);
    }
    let group = usize::from(state >> 13 & 3) % groups;
    let kind = types
        .get(usize::from(key.kt_index[group]))
        .context("a type of the map")?;
    let modifiers = state & u16::from(kind.mods_mask) & 0xff;
    let entry = kind
        .map
        .iter()
        .find(|e| e.active && u16::from(e.mods_mask) == modifiers);
    let level = entry.map_or(0, |entry| usize::from(entry.level));
    Ok(key
        .syms
        .get(group * usize::from(key.width) + level)
        .copied()
        .unwrap_or(0))
}

/// The core protocol's rule for the first group: a key with one symbol that is a letter has its
/// capital under Shift and under Lock.
fn core_keysym(first: u8, map: &GetKeyboardMappingReply, code: u8, state: u16) -> Result<u32> {
    let index = usize::from(code.checked_sub(first).context("a key of the map")?);
    let width = usize::from(map.keysyms_per_keycode);
    let key = map
        .keysyms
        .get(index * width..)
        .context("a key of the map")?;
    let symbol = |at: usize| key.get(at).filter(|_| at < width).copied().unwrap_or(0);
    let (plain, shifted) = (symbol(0), symbol(1));
    let capital = char::from_u32(plain)
        .filter(char::is_ascii_lowercase)
        .map(|letter| u32::from(letter.to_ascii_uppercase()));
    let is_capital = state & SHIFT != 0 || (state & LOCK != 0 && capital.is_some());
    Ok(match (is_capital, shifted) {
        (false, _) => plain,
        (true, 0) => capital.unwrap_or(plain),
        (true, shifted) => shifted,
    })
}

/// The character that a symbol types, if it types one.
pub(crate) fn character(keysym: u32) -> Option<char> {
    match keysym {
        0x20..=0x7e | 0xa0..=0xff => char::from_u32(keysym),
        0xff0d => Some('\n'),
        0xff09 => Some('\t'),
        // The euro has a symbol of its own, older than the ones by code point.
        0x20ac => Some('€'),
        0x0100_0100..=0x0110_ffff => char::from_u32(keysym - 0x0100_0000),
        _ => None,
    }
}
