//! What a client shows, in two opinions: `guac-canvas`, which draws as the stock client does, and a
//! small canvas of the tests' own that is strict about what it is sent.

use guac_protocol::instruction::BlobData;
use guac_protocol::{CompositeMode, LayerIndex, ServerInstruction};
use std::collections::BTreeMap;

#[derive(Default, Clone, PartialEq, Debug)]
pub(crate) struct Layer {
    pub(crate) width: i32,
    pub(crate) height: i32,
    /// `0xAARRGGBB`
    pub(crate) pixels: Vec<u32>,
}

#[derive(Default)]
pub(crate) struct Canvas {
    pub(crate) layers: BTreeMap<i32, Layer>,
    /// Hotspot and picture.
    pub(crate) cursor: Option<(i32, i32, Layer)>,
    pub(crate) mouse: Option<(i32, i32, i32)>,
    pub(crate) synced: i64,
    pub(crate) instructions: usize,
    /// The other opinion.
    stock: guac_canvas::Canvas,
    /// How many images of each format there were.
    pub(crate) images: BTreeMap<Format, usize>,
    path: Option<(i32, [i32; 4])>,
    image: Option<Image>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Format {
    Png,
    Jpeg,
    WebP,
}

struct Image {
    format: Format,
    stream: i32,
    layer: i32,
    at: (i32, i32),
    bytes: Vec<u8>,
}

impl Canvas {
    pub(crate) fn desktop(&self) -> &Layer {
        &self.layers[&0]
    }

    /// Both opinions agree on the desktop and the cursor.
    pub(crate) fn assert_agreement(&self) {
        assert!(self.stock.desktop().to_pixels() == self.desktop().pixels);
        let stock = self.stock.cursor().unwrap();
        let (x, y, own) = self.cursor.as_ref().unwrap();
        assert_eq!((stock.hotspot_x, stock.hotspot_y), (*x, *y));
        assert_eq!(stock.picture.to_pixels(), own.pixels);
    }

    pub(crate) fn apply(&mut self, instruction: &ServerInstruction<'_>) {
        let mut wire = Vec::new();
        instruction.write_to(&mut wire).unwrap();
        assert!(wire.len() <= 8192, "{}", wire.len());
        self.stock.apply(instruction).unwrap();
        self.instructions += 1;
        if self.path.is_some() {
            assert!(matches!(instruction, ServerInstruction::CFill { .. }));
        }
        if self.image.is_some() {
            use ServerInstruction::{Blob, End};
            assert!(matches!(instruction, Blob { .. } | End { .. }));
        }
        match *instruction {
            ServerInstruction::Size {
                layer,
                width,
                height,
            } => self.resize(layer, width, height),
            ServerInstruction::Rect {
                layer,
                x,
                y,
                width,
                height,
            } => {
                self.path = Some((layer.0, [x, y, width, height]));
            }
            ServerInstruction::CFill {
                mode,
                layer,
                red,
                green,
                blue,
                alpha,
            } => {
                let (path, area) = self.path.take().unwrap();
                assert_eq!((path, alpha), (layer.0, 255));
                let colour = match mode {
                    CompositeMode::Over => u32::from_be_bytes([255, red, green, blue]),
                    CompositeMode::ROut => 0,
                    other => panic!("{other:?}"),
                };
                self.layer(layer).paint(area, |_, _| Some(colour));
            }
            ServerInstruction::Img {
                stream,
                mode,
                layer,
                mimetype,
                x,
                y,
            } => {
                assert_eq!(mode, CompositeMode::Over);
                let format = match mimetype {
                    "image/png" => Format::Png,
                    "image/jpeg" => Format::Jpeg,
                    "image/webp" => Format::WebP,
                    other => panic!("{other}"),
                };
                assert!(stream.0 % 2 == 1 && (0..64).contains(&stream.0));
                self.image = Some(Image {
                    format,
                    stream: stream.0,
                    layer: layer.0,
                    at: (x, y),
                    bytes: Vec::new(),
                });
            }
            ServerInstruction::Blob {
                stream,
                data: BlobData::Raw(data),
            } => {
                let image = self.image.as_mut().unwrap();
                assert_eq!(image.stream, stream.0);
                assert!((1..=6048).contains(&data.len()));
                image.bytes.extend_from_slice(data);
            }
            ServerInstruction::End { stream } => {
                let image = self.image.take().unwrap();
                assert_eq!(image.stream, stream.0);
                self.draw(&image);
            }
            ServerInstruction::Copy {
                source,
                source_x,
                source_y,
                width,
                height,
                mode,
                destination,
                x,
                y,
            } => {
                assert_eq!(mode, CompositeMode::Over);
                let from = self.layer(source).clone();
                let pixel = |column, row| Some(from.at(source_x + column, source_y + row));
                self.layer(destination).paint([x, y, width, height], pixel);
            }
            ServerInstruction::Cursor {
                hotspot_x,
                hotspot_y,
                source,
                source_x,
                source_y,
                width,
                height,
            } => {
                let layer = self.layer(source).clone();
                assert_eq!((source_x, source_y), (0, 0));
                assert_eq!((width, height), (layer.width, layer.height));
                self.cursor = Some((hotspot_x, hotspot_y, layer));
            }
            ServerInstruction::Mouse { x, y, buttons, .. } => self.mouse = Some((x, y, buttons)),
            ServerInstruction::Sync { timestamp, .. } => {
                assert!(self.synced < timestamp.0);
                self.synced = timestamp.0;
            }
            ref other => panic!("{other:?}"),
        }
    }

    fn layer(&mut self, layer: LayerIndex) -> &mut Layer {
        self.layers.get_mut(&layer.0).expect("a size came first")
    }

    fn resize(&mut self, layer: LayerIndex, width: i32, height: i32) {
        let old = self.layers.remove(&layer.0).unwrap_or_default();
        let mut new = Layer {
            width,
            height,
            pixels: vec![0; (width * height) as usize],
        };
        let common = [0, 0, width.min(old.width), height.min(old.height)];
        new.paint(common, |x, y| Some(old.at(x, y)));
        self.layers.insert(layer.0, new);
    }

    fn draw(&mut self, image: &Image) {
        *self.images.entry(image.format).or_default() += 1;
        let (width, height, samples, bytes) = match image.format {
            Format::Png => decode_png(&image.bytes),
            Format::Jpeg => decode_jpeg(&image.bytes),
            Format::WebP => decode_webp(&image.bytes),
        };
        let (x, y) = image.at;
        let layer = self.layer(LayerIndex(image.layer));
        layer.paint([x, y, width, height], |column, row| {
            let pixel = &bytes[(row * width + column) as usize * samples..][..samples];
            let alpha = if samples == 4 { pixel[3] } else { 255 };
            let colour = u32::from_be_bytes([alpha, pixel[0], pixel[1], pixel[2]]);
            // Partly transparent pixels are only ever drawn on an empty layer here.
            (alpha != 0).then_some(colour)
        });
    }
}

/// Width, height, bytes for each pixel, and the bytes.
type Decoded = (i32, i32, usize, Vec<u8>);

fn decode_png(file: &[u8]) -> Decoded {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    let samples = info.color_type.samples();
    (info.width as i32, info.height as i32, samples, bytes)
}

fn decode_webp(file: &[u8]) -> Decoded {
    let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(file)).unwrap();
    assert!(!decoder.is_lossy() && !decoder.has_alpha());
    let (width, height) = decoder.dimensions();
    let mut bytes = vec![0; decoder.output_buffer_size().unwrap()];
    decoder.read_image(&mut bytes).unwrap();
    (width as i32, height as i32, 3, bytes)
}

fn decode_jpeg(file: &[u8]) -> Decoded {
    let mut decoder = jpeg_decoder::Decoder::new(file);
    let bytes = decoder.decode().unwrap();
    let info = decoder.info().unwrap();
    assert_eq!(info.pixel_format, jpeg_decoder::PixelFormat::RGB24);
    (info.width.into(), info.height.into(), 3, bytes)
}

impl Layer {
    fn at(&self, x: i32, y: i32) -> u32 {
        assert!((0..self.width).contains(&x) && (0..self.height).contains(&y));
        self.pixels[(y * self.width + x) as usize]
    }

    fn paint(&mut self, [x, y, width, height]: [i32; 4], pixel: impl Fn(i32, i32) -> Option<u32>) {
        assert!(0 <= x && 0 <= y && x + width <= self.width && y + height <= self.height);
        for row in 0..height {
            for column in 0..width {
                if let Some(colour) = pixel(column, row) {
                    self.pixels[((y + row) * self.width + x + column) as usize] = colour;
                }
            }
        }
    }
}
