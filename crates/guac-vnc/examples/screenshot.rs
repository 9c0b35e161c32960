//! Saves what a VNC server shows as a PNG.
//!
//! `screenshot HOST:PORT FILE.png [ENCODINGS]`, with encodings such as "tight zrle".
//!
//! `VNC_USERNAME` and `VNC_PASSWORD` are tried. A server with TLS is known by the authorities in
//! the file `VNC_CA` (PEM), or by its certificate's SHA-256 in `VNC_FINGERPRINT`.
#![allow(clippy::print_stdout, reason = "this is a program")]

use std::io::{BufWriter, Read, Write};
use std::{env, error::Error, fs::File, net::TcpStream};

use guac_vnc::pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject};
use guac_vnc::{Client, ClientConfig, Encoding, Event, PixelSink, Rect, Surface, Trust};

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
        Surface {
            pixels: &mut self.pixels,
            stride: self.width.into(),
            width: self.width.into(),
            height: self.height.into(),
        }
    }

    fn damage(&mut self, _: Rect) {
        self.painted = true;
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let (Some(server), Some(file)) = (args.next(), args.next()) else {
        return Err("usage: screenshot HOST:PORT FILE.png [ENCODINGS]".into());
    };
    let mut config = ClientConfig::default();
    let known = |name: &str| env::var(name).ok();
    config.credentials.username = known("VNC_USERNAME").map(Into::into);
    config.credentials.password = known("VNC_PASSWORD").map(Into::into);
    let mut trust = Trust::new(UnixTime::now());
    if let Some(file) = known("VNC_CA") {
        trust.authorities = CertificateDer::pem_file_iter(file)?.collect::<Result<_, _>>()?;
        let (host, _) = server.rsplit_once(':').ok_or("no port")?;
        trust.server_name = Some(ServerName::try_from(host)?.to_owned());
    }
    let pin = known("VNC_FINGERPRINT").and_then(|text| Trust::parse_fingerprint(&text));
    trust.fingerprints.extend(pin);
    config.security.trust = Some(trust);
    let encodings = args.next().map(|list| Encoding::parse_list(&list));
    config.encodings = encodings.unwrap_or(config.encodings);
    save(&first_picture(&server, Client::new(config))?, &file)
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
        stream.write_all(&client.take_output().unwrap_or_default())?;
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
