//! Saves what a VNC server shows as a PNG.
//!
//! `screenshot HOST:PORT FILE.png [ENCODINGS] [QUALITY] [DEPTH]`
//!
//! The password, if the server wants one, is taken from the environment variable `VNC_PASSWORD`.
//! `ENCODINGS` is a list such as "tight zrle", `QUALITY` a digit for JPEG (empty for none).
#![allow(clippy::print_stdout, reason = "this is a program")]

use std::error::Error;
use std::io::{BufWriter, Read, Write};
use std::{env, fs::File, net::TcpStream};

use guac_vnc::{Client, ClientConfig, ColorDepth, Encoding, Event, PixelSink, Rect, Surface};

#[derive(Default)]
struct Picture {
    pixels: Vec<u32>,
    width: u16,
    height: u16,
    painted: bool,
}

impl PixelSink for Picture {
    fn resize(&mut self, width: u16, height: u16) {
        (self.width, self.height) = (width, height);
        self.pixels = vec![0; usize::from(width) * usize::from(height)];
    }

    fn surface(&mut self) -> Surface<'_> {
        let (width, height) = (self.width.into(), self.height.into());
        Surface {
            pixels: &mut self.pixels,
            stride: width,
            width,
            height,
        }
    }

    fn damage(&mut self, _: Rect) {
        self.painted = true;
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let (Some(server), Some(file)) = (args.next(), args.next()) else {
        return Err("usage: screenshot HOST:PORT FILE.png [ENCODINGS] [QUALITY] [DEPTH]".into());
    };
    let mut config = ClientConfig::default();
    config.credentials.password = env::var("VNC_PASSWORD").ok().map(Into::into);
    if let Some(encodings) = args.next() {
        config.encodings = Encoding::parse_list(&encodings);
    }
    config.quality_level = args.next().and_then(|level| level.parse().ok());
    if let Some(depth) = args.next() {
        config.color_depth = ColorDepth::from_parameter(depth.parse()?);
    }

    let picture = first_picture(&server, Client::new(config))?;
    save(&picture, &file)
}

fn first_picture(server: &str, mut client: Client) -> Result<Picture, Box<dyn Error>> {
    let mut stream = TcpStream::connect(server)?;
    let mut picture = Picture::default();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = stream.read(&mut buffer)?;
        if count == 0 {
            return Err(client.end_of_stream().into());
        }
        client.feed(buffer.get(..count).unwrap_or_default(), &mut picture)?;
        while let Some(event) = client.poll_event() {
            println!("{event:?}");
            match event {
                // Servers like to tell about their cursor and screens before they paint.
                Event::FrameEnd if picture.painted => return Ok(picture),
                Event::CredentialsRequired { .. } => client.supply_credentials(None, None)?,
                _ => {}
            }
        }
        if let Some(output) = client.take_output() {
            stream.write_all(&output)?;
        }
    }
}

fn save(picture: &Picture, file: &str) -> Result<(), Box<dyn Error>> {
    let file = BufWriter::new(File::create(file)?);
    let mut encoder = png::Encoder::new(file, picture.width.into(), picture.height.into());
    encoder.set_color(png::ColorType::Rgb);
    let rgb: Vec<u8> = picture
        .pixels
        .iter()
        .flat_map(|pixel| pixel.to_be_bytes().into_iter().skip(1))
        .collect();
    Ok(encoder.write_header()?.write_image_data(&rgb)?)
}
