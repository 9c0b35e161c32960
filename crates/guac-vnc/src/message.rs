//! Messages to the server, byte for byte (RFC 6143, "Client-to-Server Messages").

use crate::{
    ClientConfig, Rect,
    encoding::{self, Loss},
    pixel,
};

/// One screen of an extended desktop size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Screen {
    pub(crate) id: u32,
    pub(crate) flags: u32,
}

pub(crate) fn set_pixel_format(config: &ClientConfig) -> [u8; 20] {
    let mut message = [0; 20];
    if let Some(format) = message.last_chunk_mut() {
        *format = pixel::description(config.color_depth, config.byte_order);
    }
    message
}

pub(crate) fn set_encodings(config: &ClientConfig, loss: Loss) -> Vec<u8> {
    let numbers = encoding::offered(config, loss);
    let count = u16::try_from(numbers.len()).unwrap_or(u16::MAX);
    let mut message = vec![2, 0];
    message.extend(count.to_be_bytes());
    message.extend(
        numbers
            .iter()
            .take(count.into())
            .flat_map(|number| number.to_be_bytes()),
    );
    message
}

pub(crate) fn update_request(incremental: bool, area: Rect) -> [u8; 10] {
    let [x0, x1] = area.x.to_be_bytes();
    let [y0, y1] = area.y.to_be_bytes();
    let [w0, w1] = area.width.to_be_bytes();
    let [h0, h1] = area.height.to_be_bytes();
    [3, u8::from(incremental), x0, x1, y0, y1, w0, w1, h0, h1]
}

/// Turns continuous updates of an area on or off.
pub(crate) fn continuous_updates(on: bool, area: Rect) -> [u8; 10] {
    let [_, _, area @ ..] = update_request(on, area);
    let [x0, x1, y0, y1, w0, w1, h0, h1] = area;
    [150, u8::from(on), x0, x1, y0, y1, w0, w1, h0, h1]
}

pub(crate) fn key_event(keysym: u32, pressed: bool) -> [u8; 8] {
    let [a, b, c, d] = keysym.to_be_bytes();
    [4, u8::from(pressed), 0, 0, a, b, c, d]
}

/// A key by its place as well, for servers with QEMU's extension.
pub(crate) fn qemu_key_event(keysym: u32, scancode: u32, pressed: bool) -> [u8; 12] {
    let [a, b, c, d] = keysym.to_be_bytes();
    let [e, f, g, h] = scancode.to_be_bytes();
    [255, 0, 0, u8::from(pressed), a, b, c, d, e, f, g, h]
}

/// The pointer with its first seven buttons.
pub(crate) fn pointer_event(x: u16, y: u16, buttons: u8) -> [u8; 6] {
    let [x0, x1] = x.to_be_bytes();
    let [y0, y1] = y.to_be_bytes();
    [5, buttons & 0x7f, x0, x1, y0, y1]
}

/// The pointer with seven buttons and then more, for servers that take so many.
pub(crate) fn extended_pointer_event(x: u16, y: u16, buttons: u8, more: u8) -> [u8; 7] {
    let [kind, buttons, x0, x1, y0, y1] = pointer_event(x, y, buttons);
    [kind, buttons | 0x80, x0, x1, y0, y1, more]
}

/// A text for the server's clipboard, encoded, with lines ended by a line feed alone.
pub(crate) fn cut_text(text: &[u8]) -> Vec<u8> {
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    [&[6, 0, 0, 0][..], &length.to_be_bytes(), text].concat()
}

/// A message of the extended clipboard, whose length is negative.
pub(crate) fn extended_clipboard(flags: u32, data: &[u8]) -> Vec<u8> {
    let length = i32::try_from(data.len() + 4).unwrap_or(i32::MAX);
    let head = [(-length).to_be_bytes(), flags.to_be_bytes()];
    [&[6, 0, 0, 0], head.as_flattened(), data].concat()
}

/// UltraVNC's SetServerInput: whether those who sit before the desktop are kept from it.
pub(crate) const fn set_server_input(disabled: bool) -> [u8; 4] {
    [9, disabled as u8, 0, 0]
}

/// What is to become of the server's machine (community specification, "xvp Client Message").
pub(crate) const fn xvp(version: u8, code: u8) -> [u8; 4] {
    [250, 0, version, code]
}

/// The whole framebuffer as one screen.
pub(crate) fn set_desktop_size(width: u16, height: u16, screen: Screen) -> Vec<u8> {
    let mut message = vec![251, 0];
    message.extend(width.to_be_bytes());
    message.extend(height.to_be_bytes());
    message.extend([1, 0]);
    message.extend(screen.id.to_be_bytes());
    message.extend([0; 4]);
    message.extend(width.to_be_bytes());
    message.extend(height.to_be_bytes());
    message.extend(screen.flags.to_be_bytes());
    message
}

pub(crate) fn fence(flags: u32, payload: &[u8]) -> Vec<u8> {
    let mut message = vec![248, 0, 0, 0];
    message.extend(flags.to_be_bytes());
    message.push(u8::try_from(payload.len()).unwrap_or(u8::MAX));
    message.extend(payload);
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ByteOrder, ColorDepth, Encoding};

    #[test]
    fn messages_have_the_layout_of_the_specification() {
        assert_eq!(key_event(0x0100_20ac, true), [4, 1, 0, 0, 1, 0, 0x20, 0xac]);
        assert_eq!(pointer_event(0x102, 0x304, 0x85), [5, 5, 1, 2, 3, 4]);
        assert_eq!(
            extended_pointer_event(0x102, 0x304, 5, 3),
            [5, 0x85, 1, 2, 3, 4, 3]
        );
        assert_eq!(
            qemu_key_event(0xff53, 0xcd, true),
            [255, 0, 0, 1, 0, 0, 0xff, 0x53, 0, 0, 0, 0xcd]
        );
        let area = Rect::new(1, 2, 0x300, 0x400);
        assert_eq!(update_request(true, area), [3, 1, 0, 1, 0, 2, 3, 0, 4, 0]);
        assert_eq!(cut_text(b"az"), [6, 0, 0, 0, 0, 0, 0, 2, b'a', b'z']);
        assert_eq!(
            extended_clipboard(0x0800_0001, &[7]),
            [6, 0, 0, 0, 0xff, 0xff, 0xff, 0xfb, 8, 0, 0, 1, 7]
        );
        assert_eq!(
            fence(0x8000_0001, b"ab"),
            [248, 0, 0, 0, 0x80, 0, 0, 1, 2, b'a', b'b']
        );
        let screen = Screen {
            id: 0x0a0b_0c0d,
            flags: 7,
        };
        let resize = [
            251, 0, 4, 0, 3, 0, 1, 0, 0x0a, 0x0b, 0x0c, 0x0d, 0, 0, 0, 0, 4, 0, 3, 0, 0, 0, 0, 7,
        ];
        assert_eq!(set_desktop_size(1024, 768, screen), resize);
    }

    #[test]
    fn the_pixel_format_is_true_colour_with_red_on_top() {
        let message = set_pixel_format(&ClientConfig::default());
        let expected = [
            0, 0, 0, 0, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0,
        ];
        assert_eq!(message, expected);
        let described = |color_depth, byte_order| {
            let message = set_pixel_format(&ClientConfig {
                color_depth,
                byte_order,
                ..ClientConfig::default()
            });
            message[4..17].to_vec()
        };
        use ByteOrder::{Big, Little};
        let rows: [(ColorDepth, ByteOrder, [u8; 13]); 5] = [
            (
                ColorDepth::Bits32,
                Big,
                [32, 24, 1, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0],
            ),
            (
                ColorDepth::Bits16,
                Big,
                [16, 16, 1, 1, 0, 31, 0, 63, 0, 31, 11, 5, 0],
            ),
            (
                ColorDepth::Bits15,
                Little,
                [16, 15, 0, 1, 0, 31, 0, 31, 0, 31, 10, 5, 0],
            ),
            (
                ColorDepth::Bits8,
                Little,
                [8, 8, 0, 1, 0, 7, 0, 7, 0, 3, 0, 3, 6],
            ),
            (
                ColorDepth::Indexed8,
                Little,
                [8, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            ),
        ];
        for (depth, order, expected) in rows {
            assert_eq!(described(depth, order), expected, "{depth:?}");
        }
    }

    #[test]
    fn encodings_are_counted() {
        let config = ClientConfig {
            encodings: vec![Encoding::Zrle, Encoding::Raw],
            ..ClientConfig::default()
        };
        let message = set_encodings(&config, Loss::AsConfigured);
        assert_eq!(
            message[..12],
            [2, 0, 0, message[3], 0, 0, 0, 16, 0, 0, 0, 0]
        );
        assert_eq!(message.len(), 4 + 4 * usize::from(message[3]));
    }
}
