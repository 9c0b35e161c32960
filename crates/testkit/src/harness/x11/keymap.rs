//! What a key event means, by the server's own XKB map.

use anyhow::{Context, Result};
use x11rb::connection::RequestConnection as _;
use x11rb::protocol::xkb::{ConnectionExt as _, GetMapReply, GetMapRequest, ID, MapPart};
use x11rb::rust_connection::RustConnection;

/// The server's map from key codes to symbols, as it was when it was read.
pub(super) struct Keymap(GetMapReply);

/// Tells the server that this client understands XKB. Needed once before anything else of it.
pub(super) fn enable(connection: &RustConnection) -> Result<()> {
    connection.xkb_use_extension(1, 0)?.reply()?;
    Ok(())
}

impl Keymap {
    pub(super) fn read(connection: &RustConnection) -> Result<Self> {
        let request = GetMapRequest {
            device_spec: u16::from(ID::USE_CORE_KBD),
            full: MapPart::KEY_TYPES | MapPart::KEY_SYMS,
            ..GetMapRequest::default()
        };
        let reply = connection.send_trait_request_with_reply(request)?.reply()?;
        Ok(Self(reply))
    }

    /// The symbol of a key under an event's modifiers and group.
    pub(super) fn keysym(&self, code: u8, state: u16) -> Result<u32> {
        let map = &self.0.map;
        let types = map
            .types_rtrn
            .as_ref()
            .context("key types were asked for")?;
        let keys = map
            .syms_rtrn
            .as_ref()
            .context("key symbols were asked for")?;
        let index = code
            .checked_sub(self.0.first_key_sym)
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
}

/// The character that a symbol types, if it types one.
pub(super) fn character(keysym: u32) -> Option<char> {
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
