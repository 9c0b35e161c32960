//! A finished frame: what a viewer is to do, in order, with the bytes of its images.

use crate::area::Area;
use crate::painting::Image;
use guac_encode::Format;
use guac_protocol::instruction::BlobData;
use guac_protocol::limits::BLOB_MAX_BYTES;
use guac_protocol::{CompositeMode, LayerIndex, ServerInstruction, StreamIndex, Timestamp};
use std::ops::Range;

/// The buffer that holds the cursor's image, as in stock guacd.
pub(crate) const CURSOR_LAYER: LayerIndex = LayerIndex(-2);
/// One image stream is ended before the next begins, so that one index does for all. It is odd,
/// for a stream to everybody, and below the 64 that guacenc knows.
const IMAGE_STREAM: StreamIndex = StreamIndex(1);
/// About the length of the instructions of one operation, without the bytes of an image.
const OPERATION_BYTES: usize = 64;

/// Something that a viewer is to do. Each becomes one or more adjacent instructions.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Op {
    Size {
        layer: LayerIndex,
        width: u16,
        height: u16,
    },
    /// Moves pixels of the desktop; the places may overlap.
    Copy {
        source: Area,
        x: u16,
        y: u16,
    },
    /// Paints an area of the desktop in one colour.
    Fill {
        area: Area,
        colour: u32,
    },
    /// Makes a layer of this size transparent.
    Erase {
        layer: LayerIndex,
        width: u16,
        height: u16,
    },
    /// Draws an encoded image.
    Image {
        layer: LayerIndex,
        x: u16,
        y: u16,
        format: Format,
        /// Which of the frame's batches has its bytes, and where.
        data: (usize, Range<usize>),
    },
    /// Takes the cursor's layer for the cursor.
    Cursor {
        hotspot_x: u16,
        hotspot_y: u16,
        width: u16,
        height: u16,
    },
    Mouse {
        x: u16,
        y: u16,
        buttons: u8,
        timestamp: Timestamp,
    },
    Sync {
        timestamp: Timestamp,
        updates: u32,
    },
}

/// Images that one thread has made.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// Their bytes, one after another.
    pub(crate) bytes: Vec<u8>,
    /// Those of the picture's pieces.
    pub(crate) images: Vec<Image>,
}

impl Batch {
    /// Forgets the images and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.images.clear();
    }
}

/// A frame, encoded once for all the viewers that it is for.
#[derive(Debug, Default)]
pub struct Frame {
    pub(crate) ops: Vec<Op>,
    /// One for each thread that made images of it.
    pub(crate) batches: Vec<Batch>,
}

impl Frame {
    /// The instructions in order; each is at most 8192 characters long. A picture frame ends with
    /// its `sync`; a frame that only shows another user's pointer is one `mouse`.
    pub fn instructions(&self) -> impl Iterator<Item = ServerInstruction<'_>> {
        self.ops
            .iter()
            .flat_map(|op| (0..).map_while(|step| op.instruction(step, &self.batches)))
    }

    /// The time in its `sync`, which a viewer answers with; `None` if it is not a picture frame
    /// and is not answered.
    #[must_use]
    pub fn timestamp(&self) -> Option<Timestamp> {
        match self.ops.last() {
            Some(Op::Sync { timestamp, .. }) => Some(*timestamp),
            _ => None,
        }
    }

    /// About how many bytes the frame is on the wire.
    #[must_use]
    pub fn wire_bytes(&self) -> usize {
        let images: usize = self.batches.iter().map(|batch| batch.bytes.len()).sum();
        let blobs = images / BLOB_MAX_BYTES;
        images / 3 * 4 + (self.ops.len() + blobs) * OPERATION_BYTES
    }

    /// The bytes of images that it has memory for.
    pub(crate) fn capacity(&self) -> usize {
        let batches = self.batches.iter();
        batches.map(|batch| batch.bytes.capacity()).sum()
    }
}

impl Op {
    /// Its instruction number `step`; `None` after its last.
    fn instruction<'a>(&self, step: usize, batches: &'a [Batch]) -> Option<ServerInstruction<'a>> {
        match (self, step) {
            (Self::Fill { area, colour }, 0..2) => {
                let [_, red, green, blue] = colour.to_be_bytes();
                let paint = (CompositeMode::Over, [red, green, blue]);
                Some(fill(step, LayerIndex::DESKTOP, *area, paint))
            }
            (
                Self::Erase {
                    layer,
                    width,
                    height,
                },
                0..2,
            ) => {
                let area = Area {
                    left: 0,
                    top: 0,
                    right: *width,
                    bottom: *height,
                };
                Some(fill(step, *layer, area, (CompositeMode::ROut, [0; 3])))
            }
            (Self::Image { data, .. }, 1..) => {
                let (batch, bytes) = data.clone();
                let image = batches.get(batch)?.bytes.get(bytes).unwrap_or_default();
                let stream = IMAGE_STREAM;
                match image.chunks(BLOB_MAX_BYTES).nth(step - 1) {
                    Some(part) => Some(ServerInstruction::Blob {
                        stream,
                        data: BlobData::Raw(part),
                    }),
                    None => (step - 1 == image.len().div_ceil(BLOB_MAX_BYTES))
                        .then_some(ServerInstruction::End { stream }),
                }
            }
            (_, 0) => self.first_instruction(),
            _ => None,
        }
    }

    /// The first instruction of operations that are not `rect` and `cfill`.
    fn first_instruction(&self) -> Option<ServerInstruction<'static>> {
        let number = <i32 as From<u16>>::from;
        Some(match *self {
            Self::Fill { .. } | Self::Erase { .. } => return None,
            Self::Size {
                layer,
                width,
                height,
            } => ServerInstruction::Size {
                layer,
                width: number(width),
                height: number(height),
            },
            Self::Copy { source, x, y } => ServerInstruction::Copy {
                source: LayerIndex::DESKTOP,
                source_x: number(source.left),
                source_y: number(source.top),
                width: number(source.width()),
                height: number(source.height()),
                mode: CompositeMode::Over,
                destination: LayerIndex::DESKTOP,
                x: number(x),
                y: number(y),
            },
            Self::Image {
                layer,
                x,
                y,
                format,
                data: _,
            } => ServerInstruction::Img {
                stream: IMAGE_STREAM,
                mode: CompositeMode::Over,
                layer,
                mimetype: format.mimetype(),
                x: number(x),
                y: number(y),
            },
            Self::Cursor {
                hotspot_x,
                hotspot_y,
                width,
                height,
            } => ServerInstruction::Cursor {
                hotspot_x: number(hotspot_x),
                hotspot_y: number(hotspot_y),
                source: CURSOR_LAYER,
                source_x: 0,
                source_y: 0,
                width: number(width),
                height: number(height),
            },
            Self::Mouse {
                x,
                y,
                buttons,
                timestamp,
            } => ServerInstruction::Mouse {
                x: number(x),
                y: number(y),
                buttons: i32::from(buttons),
                timestamp,
            },
            Self::Sync { timestamp, updates } => ServerInstruction::Sync {
                timestamp,
                frames: updates,
            },
        })
    }
}

/// `rect`, then `cfill`: they stay adjacent, since a path is shared by all that draws on a layer.
fn fill(
    step: usize,
    layer: LayerIndex,
    area: Area,
    (mode, [red, green, blue]): (CompositeMode, [u8; 3]),
) -> ServerInstruction<'static> {
    if step == 0 {
        ServerInstruction::Rect {
            layer,
            x: i32::from(area.left),
            y: i32::from(area.top),
            width: i32::from(area.width()),
            height: i32::from(area.height()),
        }
    } else {
        ServerInstruction::CFill {
            mode,
            layer,
            red,
            green,
            blue,
            alpha: 255,
        }
    }
}
