//! An independent client, the crate `vnc-rs`, as far as it goes: true colour of 24 bits in Raw,
//! CopyRect, Tight without JPEG, and ZRLE. (Its TRLE is none; it ends at fences, colour maps, empty
//! rectangles and palettes of one colour; and it gives JPEGs as they are.)

use std::time::Duration;

use guac_vnc::{ByteOrder, ColorDepth, Encoding};
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use vnc::{PixelFormat, Rect, VncConnector, VncEncoding, VncError, VncEvent};

use crate::{
    encoder::Wire,
    recorded,
    server::{BANNER, server_init},
    splits::{self, SIDE},
};

/// Long enough for anything that works.
const PATIENCE: Duration = Duration::from_secs(20);

/// What it shows.
#[derive(Default)]
struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<u32>,
}

impl Picture {
    fn resize(&mut self, width: u16, height: u16) {
        let size = (width.into(), height.into());
        if (self.width, self.height) != size {
            (self.width, self.height) = size;
            self.pixels = vec![0; size.0 * size.1];
        }
    }

    fn places(&self, rect: Rect) -> Vec<usize> {
        let (x, y) = (usize::from(rect.x), usize::from(rect.y));
        let rows = y..y + usize::from(rect.height);
        let width = self.width;
        rows.flat_map(|y| (x..x + usize::from(rect.width)).map(move |x| y * width + x))
            .collect()
    }

    fn draw(&mut self, rect: Rect, bytes: &[u8]) {
        let (pixels, _) = bytes.as_chunks::<4>();
        for (place, pixel) in self.places(rect).into_iter().zip(pixels) {
            self.pixels[place] = u32::from_le_bytes(*pixel) & 0xff_ffff;
        }
    }

    fn copy(&mut self, to: Rect, from: Rect) {
        let source = self.places(from).into_iter();
        let colors: Vec<u32> = source.map(|place| self.pixels[place]).collect();
        for (place, color) in self.places(to).into_iter().zip(colors) {
            self.pixels[place] = color;
        }
    }
}

/// Plays it a server's stream, from the banner to a bell, and gives what it shows then.
fn play(stream: Vec<u8>) -> Result<Picture, VncError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (client, server) = tokio::io::duplex(1 << 16);
        let (mut from_client, mut to_client) = tokio::io::split(server);
        tokio::spawn(async move { to_client.write_all(&stream).await });
        tokio::spawn(async move {
            let mut sink = vec![0; 4096];
            while let Ok(1..) = from_client.read(&mut sink).await {}
        });
        tokio::time::timeout(PATIENCE, watch(client)).await.unwrap()
    })
}

async fn watch(stream: tokio::io::DuplexStream) -> Result<Picture, VncError> {
    let client = VncConnector::new(stream)
        .set_auth_method(async { Ok(String::new()) })
        .add_encoding(VncEncoding::Tight)
        .add_encoding(VncEncoding::Zrle)
        .add_encoding(VncEncoding::CopyRect)
        .add_encoding(VncEncoding::Raw)
        .add_encoding(VncEncoding::CursorPseudo)
        .add_encoding(VncEncoding::DesktopSizePseudo)
        .add_encoding(VncEncoding::ExtendedDesktopSizePseudo)
        .add_encoding(VncEncoding::LastRectPseudo)
        .set_pixel_format(PixelFormat::bgra())
        .build()?
        .try_start()
        .await?
        .finish()?;
    let mut picture = Picture::default();
    loop {
        match client.recv_event().await? {
            VncEvent::Bell => break,
            VncEvent::SetResolution(screen) => picture.resize(screen.width, screen.height),
            VncEvent::RawImage(rect, bytes) => picture.draw(rect, &bytes),
            VncEvent::Copy(to, from) => picture.copy(to, from),
            VncEvent::DesktopUpdate(update) => {
                if let Some(layout) = update.layout {
                    picture.resize(layout.width, layout.height);
                }
            }
            VncEvent::SetCursor(..) => {}
            VncEvent::Error(error) => return Err(VncError::General(error)),
            other => panic!("{other:?}"),
        }
    }
    client.close().await?;
    Ok(picture)
}

#[test]
fn recorded_streams_show_the_same_in_vnc_rs() {
    let able = |name: &str| {
        let encoding = ["-raw-", "-zrle-", "-tight-"]
            .iter()
            .any(|part| name.contains(part));
        encoding && name.ends_with("-24") && !name.contains("jpeg")
    };
    let mut played = 0;
    for recorded in recorded::all()
        .iter()
        .filter(|recorded| able(&recorded.name))
    {
        let ours = recorded.replay(usize::MAX).picture;
        let theirs = play([&recorded.bytes[..], &[2]].concat());
        let theirs = theirs.unwrap_or_else(|error| panic!("{}: {error}", recorded.name));
        assert_eq!(
            (ours.width.into(), ours.height.into()),
            (theirs.width, theirs.height)
        );
        assert!(ours.pixels == theirs.pixels, "{}", recorded.name);
        played += 1;
    }
    assert!(9 <= played, "{played} were played");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn painted_streams_show_the_same_in_vnc_rs(
        strokes in splits::strokes_of(&[
            Encoding::Raw,
            Encoding::CopyRect,
            Encoding::Tight,
            Encoding::Zrle,
        ]),
    ) {
        let mut strokes = strokes;
        for stroke in &mut strokes {
            // Of the two ways to send one colour with Tight, it has the fill.
            stroke.variant &= !u8::from(stroke.variant & 3 == 1);
        }
        let wire = Wire { depth: ColorDepth::Bits24, order: ByteOrder::Little };
        let (stream, _) = splits::paint(&strokes, wire);
        let mut viewer = splits::viewer(wire);
        viewer.feed(&stream);
        let opening = [BANNER, &[1, 1, 0, 0, 0, 0], &server_init(SIDE, SIDE, b"")].concat();
        let theirs = play([opening, stream].concat());
        prop_assert!(theirs.is_ok(), "{:?}", theirs.err());
        prop_assert!(viewer.picture.pixels == theirs.unwrap().pixels);
    }
}
