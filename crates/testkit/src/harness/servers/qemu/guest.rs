//! What the machine runs instead of a system: 512 bytes that paint the screen, note every byte of
//! keyboard and mouse on the port that qemu writes to a file, and paint a line for each.

/// How the notes begin: the mouse has acknowledged that it is switched on.
pub(super) const READY: [u8; 2] = [FROM_MOUSE, 0xfa];

/// The first byte of a note. The second is what the keyboard or the mouse sent.
const FROM_KEYBOARD: u8 = 0x00;
const FROM_MOUSE: u8 = 0x20;

/// Bytes of what the mouse says at once.
const PACKET: usize = 3;

/// Where a BIOS puts the sector.
const ORIGIN: u16 = 0x7c00;

/// Until the first interrupt. `VECTOR` is where keyboard and mouse interrupt to.
#[rustfmt::skip]
const PROGRAM: &[u8] = &[
    0xfa,                               // cli
    0x31, 0xc0,                         // xor ax, ax
    0x8e, 0xd8,                         // mov ds, ax
    0x8e, 0xd0,                         // mov ss, ax
    0xbc, 0x00, 0x7c,                   // mov sp, 0x7c00
    // 320x200 in 256 colours; qemu doubles both sides.
    0xb8, 0x13, 0x00,                   // mov ax, 0x13
    0xcd, 0x10,                         // int 0x10
    0xb8, 0x00, 0xa0,                   // mov ax, 0xa000
    0x8e, 0xc0,                         // mov es, ax
    0x31, 0xff,                         // xor di, di
    0xfc,                               // cld
    // Each pixel's colour is its address, low byte against high byte.
    0x89, 0xf8,                         // paint: mov ax, di
    0x30, 0xe0,                         // xor al, ah
    0xaa,                               // stosb
    0x81, 0xff, 0x00, 0xfa,             // cmp di, 64000
    0x72, 0xf5,                         // jb paint
    0x31, 0xff,                         // xor di, di
    0xc7, 0x06, 0x24, 0x00, VECTOR[0], VECTOR[1],  // mov word [0x24], handler
    0xc7, 0x06, 0x26, 0x00, 0x00, 0x00, // mov word [0x26], 0
    0xc7, 0x06, 0xd0, 0x01, VECTOR[0], VECTOR[1],  // mov word [0x1d0], handler
    0xc7, 0x06, 0xd2, 0x01, 0x00, 0x00, // mov word [0x1d2], 0
    // Lets both interrupts through, and switches the mouse on.
    0xe4, 0xa1,                         // in al, 0xa1
    0x24, 0xef,                         // and al, 0xef
    0xe6, 0xa1,                         // out 0xa1, al
    0xe4, 0x21,                         // in al, 0x21
    0x24, 0xf9,                         // and al, 0xf9
    0xe6, 0x21,                         // out 0x21, al
    0xb0, 0x60, 0xe6, 0x64,             // mov al, 0x60; out 0x64, al: the controller's settings
    0xb0, 0x47, 0xe6, 0x60,             // mov al, 0x47; out 0x60, al
    0xb0, 0xa8, 0xe6, 0x64,             // mov al, 0xa8; out 0x64, al: the second port
    0xb0, 0xd4, 0xe6, 0x64,             // mov al, 0xd4; out 0x64, al: the next is for the mouse
    0xb0, 0xf4, 0xe6, 0x60,             // mov al, 0xf4; out 0x60, al: report
    0xfb,                               // idle: sti
    0xf4,                               // hlt
    0xeb, 0xfc,                         // jmp idle
];

/// What both interrupts call: one byte has come.
#[rustfmt::skip]
const HANDLER: &[u8] = &[
    0x50,                               // push ax
    0x51,                               // push cx
    0xe4, 0x64,                         // in al, 0x64
    0x88, 0xc4,                         // mov ah, al
    0xe4, 0x60,                         // in al, 0x60
    0x86, 0xc4,                         // xchg al, ah
    0x24, 0x20,                         // and al, 0x20: whether the mouse sent it
    0xe6, 0xe9,                         // out 0xe9, al
    0x88, 0xe0,                         // mov al, ah
    0xe6, 0xe9,                         // out 0xe9, al
    0xb9, 0x40, 0x01,                   // mov cx, 320
    0xf3, 0xaa,                         // rep stosb
    // After the last line comes the first.
    0x81, 0xff, 0x00, 0xfa,             // cmp di, 64000
    0x72, 0x02,                         // jb done
    0x31, 0xff,                         // xor di, di
    0xb0, 0x20,                         // done: mov al, 0x20
    0xe6, 0xa0,                         // out 0xa0, al
    0xe6, 0x20,                         // out 0x20, al
    0x59,                               // pop cx
    0x58,                               // pop ax
    0xcf,                               // iret
];

/// The handler follows the program, whose length this is.
const PROGRAM_LENGTH: u16 = 0x60;
const VECTOR: [u8; 2] = (ORIGIN + PROGRAM_LENGTH).to_le_bytes();

/// The disk's first and only sector.
pub(super) fn boot_sector() -> Vec<u8> {
    let mut sector = [PROGRAM, HANDLER].concat();
    sector.resize(510, 0);
    sector.extend([0x55, 0xaa]);
    sector
}

/// The keyboard's scan codes among the notes.
pub(super) fn keys(notes: &[u8]) -> Vec<u8> {
    from(notes, FROM_KEYBOARD)
}

/// The buttons that changed, by the mouse's packets among the notes.
pub(super) fn buttons(notes: &[u8]) -> Vec<(u8, bool)> {
    let mut changes = Vec::new();
    let mut held = 0;
    for packet in from(notes, FROM_MOUSE).chunks_exact(PACKET) {
        // The mouse has left, right and middle in this order.
        for (bit, button) in [(0, 1), (2, 2), (1, 3)] {
            let is_down = packet[0] >> bit & 1;
            if held >> bit & 1 != is_down {
                changes.push((button, is_down == 1));
            }
        }
        held = packet[0];
    }
    changes
}

fn from(notes: &[u8], whom: u8) -> Vec<u8> {
    let pairs = notes.chunks_exact(2).filter(|note| note[0] == whom);
    pairs.map(|note| note[1]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_handler_stands_where_the_vectors_point() {
        assert_eq!(PROGRAM.len(), usize::from(PROGRAM_LENGTH));
        let sector = boot_sector();
        assert_eq!(sector.len(), 512);
        assert_eq!(sector[PROGRAM.len()..][..HANDLER.len()], *HANDLER);
    }

    #[test]
    fn notes_are_told_apart() {
        let notes = [
            0x20, 0x09, 0x00, 0x1e, 0x20, 0, 0x20, 0, 0x20, 0x08, 0x20, 0, 0x20, 0,
        ];
        assert_eq!(keys(&notes), [0x1e]);
        assert_eq!(buttons(&notes), [(1, true), (1, false)]);
    }
}
