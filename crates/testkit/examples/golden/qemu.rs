//! A virtual machine that draws by itself, looked at through its monitor.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use testkit::Picture;
use testkit::process::{Process, find_program, free_port};
use testkit::wait::{PATIENCE, until};

use super::client::Client;

/// What the machine boots: it writes a text, fills the screen with stripes once a key is pressed,
/// and scrolls them at another key.
#[rustfmt::skip]
const PROGRAM: &[u8] = &[
    0xfc,             // cld
    0x31, 0xc0,       // xor ax, ax
    0x8e, 0xd8,       // mov ds, ax
    0xb8, 0x03, 0x00, // mov ax, 3          text, which clears the screen
    0xcd, 0x10,       // int 10h
    0xbe, 0x4a, 0x7c, // mov si, text
    0xac,             // next: lodsb
    0x84, 0xc0,       // test al, al
    0x74, 0x09,       // jz draw
    0xb4, 0x0e,       // mov ah, 0eh        a letter
    0xbb, 0x07, 0x00, // mov bx, 7
    0xcd, 0x10,       // int 10h
    0xeb, 0xf2,       // jmp next
    0x30, 0xe4,       // draw: xor ah, ah   wait for a key
    0xcd, 0x16,       // int 16h
    0xb8, 0x13, 0x00, // mov ax, 13h        320x200 of 256 colours
    0xcd, 0x10,       // int 10h
    0xb8, 0x00, 0xa0, // mov ax, 0a000h
    0x8e, 0xc0,       // mov es, ax
    0x31, 0xff,       // xor di, di
    0x89, 0xf8,       // stripe: mov ax, di
    0xc1, 0xe8, 0x04, // shr ax, 4          sixteen pixels of a colour
    0xaa,             // stosb
    0x81, 0xff, 0x00, 0x50, // cmp di, 20480     as high as 64 rows
    0x72, 0xf4,       // jb stripe
    0x30, 0xe4,       // xor ah, ah         wait for a key
    0xcd, 0x16,       // int 16h
    0x06,             // push es
    0x1f,             // pop ds
    0xbe, 0x00, 0x0a, // mov si, 2560       eight rows up, which the screen has twice
    0x31, 0xff,       // xor di, di
    0xb9, 0x00, 0xf0, // mov cx, 61440
    0xf3, 0xa4,       // rep movsb
    0xf4,             // hang: hlt
    0xeb, 0xfd,       // jmp hang
];

const TEXT: &[u8] = b"The quick brown fox jumps over the lazy dog.\r\n0123456789\0";

/// The machine. It ends with this handle.
pub(crate) struct Qemu {
    port: u16,
    monitor: UnixStream,
    directory: TempDir,
    _process: Process,
}

impl Qemu {
    pub(crate) fn start() -> Result<Self> {
        let directory = TempDir::new()?;
        let (disk, socket) = (
            directory.path().join("disk"),
            directory.path().join("monitor"),
        );
        let mut sector = [PROGRAM, TEXT].concat();
        ensure!(PROGRAM.len() == 0x4a, "the text follows at its address");
        sector.resize(510, 0);
        sector.extend([0x55, 0xaa]);
        sector.resize(1 << 20, 0);
        std::fs::write(&disk, sector)?;
        let port = free_port()?;
        let display = port.checked_sub(5900).context("displays start at 5900")?;
        let mut command = Command::new(find_program(&["qemu-system-x86_64"])?);
        command.args(["-nodefaults", "-m", "16", "-accel", "tcg", "-vga", "std"]);
        command.args(["-vnc", &format!("127.0.0.1:{display},lossy=on")]);
        command.args([
            "-drive",
            &format!("file={},format=raw,if=ide", disk.display()),
        ]);
        command.args([
            "-monitor",
            &format!("unix:{},server=on,wait=off", socket.display()),
        ]);
        let process = Process::start(&mut command)?;
        let monitor = until("the monitor", PATIENCE, || {
            Ok(UnixStream::connect(&socket).ok())
        })?;
        monitor.set_read_timeout(Some(PATIENCE))?;
        let mut qemu = Self {
            port,
            monitor,
            directory,
            _process: process,
        };
        qemu.answer()?;
        // The machine's own start takes as long as it takes, and is not part of the stream.
        until("the text", PATIENCE, || {
            let picture = qemu.grab()?;
            let lit = picture.pixels.iter().filter(|pixel| **pixel != 0).count();
            Ok((picture.width == 720 && 1000 < lit && lit < 4000).then_some(()))
        })?;
        Ok(qemu)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn perform(&mut self, client: &mut Client) -> Result<Picture> {
        client.await_truth("the text", || self.grab(), |_| true)?;
        self.command("sendkey spc")?;
        until("the stripes", PATIENCE, || {
            let picture = self.grab()?;

            Ok((picture.width != 720
                && picture.pixels[120 * picture.width..]
                    .iter()
                    .any(|p| *p != 0))
            .then_some(()))
        })?;
        let before = client.await_truth("the stripes", || self.grab(), |_| true)?;
        self.command("sendkey spc")?;
        until("the scroll", PATIENCE, || {
            let (picture, from) = (self.grab()?, 16 * before.width);
            Ok((picture.pixels[..from] == before.pixels[from..2 * from]).then_some(()))
        })?;
        client.await_truth("the scroll", || self.grab(), |_| true)
    }

    /// What is on the screen, as the machine's monitor has it.
    fn grab(&mut self) -> Result<Picture> {
        let path = self.directory.path().join("screen");
        self.command(&format!("screendump {}", path.display()))?;
        Picture::from_ppm(&std::fs::read(path)?)
    }

    fn command(&mut self, command: &str) -> Result<()> {
        self.monitor.write_all(format!("{command}\n").as_bytes())?;
        self.answer()
    }

    /// Reads up to the monitor's next prompt.
    fn answer(&mut self) -> Result<()> {
        let (mut answer, mut chunk) = (Vec::new(), [0; 4096]);
        while !answer.ends_with(b"(qemu) ") {
            let count = self.monitor.read(&mut chunk)?;
            ensure!(0 < count, "the machine has ended");
            answer.extend_from_slice(&chunk[..count]);
        }
        Ok(())
    }
}
