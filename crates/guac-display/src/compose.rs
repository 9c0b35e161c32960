//! Makes frames: plans, encodes, and puts the operations in order.

use crate::area::Area;
use crate::cursor::CursorImage;
use crate::desktop::CopyHint;
use crate::frame::{Batch, CURSOR_LAYER, Frame, Op};
use crate::limits::{ENCODE_LOSSY_PIXELS, ENCODE_PIXELS, SPARE_BYTES};
use crate::painting::{Image, Original, Painter};
use crate::picture::Picture;
use crate::plan::{Paint, Piece, Planner};
use crate::pool::EncodePool;
use crate::region::Region;
use crate::stamp::Stamp;
use crate::viewer::ViewerCaps;
use guac_encode::{Format, Quality, View};
use guac_protocol::{LayerIndex, Timestamp};
use std::sync::Arc;

/// What a frame shows.
#[derive(Debug)]
pub(crate) struct Content<'a> {
    /// Whether the desktop's size goes first, which a viewer without any picture needs.
    pub(crate) with_size: bool,
    /// Moves, which come before all that is drawn.
    pub(crate) copies: &'a [CopyHint],
    /// Only read; it is with those who encode it for as long as that takes.
    pub(crate) picture: &'a mut Picture,
    /// What lies over the picture.
    pub(crate) stamp: Option<&'a Arc<Stamp>>,
    /// What of the picture is drawn.
    pub(crate) region: &'a Region,
    pub(crate) cursor: Option<&'a CursorImage>,
    pub(crate) timestamp: Timestamp,
    /// How many updates of the server it merges.
    pub(crate) updates: u32,
    /// Whether exact photographs may be WebP.
    pub(crate) webp: bool,
}

/// Makes frames in memory that it keeps.
#[derive(Debug, Default)]
pub(crate) struct Composer {
    planner: Planner,
    painter: Painter,
    /// Who may help the painter.
    pool: Option<EncodePool>,
    spare: Frame,
    /// For each piece of the plan its image and the batch that has it.
    made: Vec<Option<(usize, Image)>>,
    /// What the last frame drew.
    drawn: Vec<Drawn>,
}

/// A part of the picture as it was drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Drawn {
    pub(crate) area: Area,
    /// Bytes of its image.
    pub(crate) bytes: usize,
    /// The format of its image; `None` if it needed none.
    pub(crate) format: Option<Format>,
}

impl Drawn {
    /// Whether it is only about right.
    pub(crate) fn is_lossy(&self) -> bool {
        self.format.is_some_and(|format| !format.is_exact())
    }
}

/// Where a frame may be about right, and how nearly.
pub(crate) type Loss<'a> = (Quality, &'a dyn Fn(usize, Area) -> bool);

impl Composer {
    /// Has large frames encoded with the help of a pool's threads.
    pub(crate) fn encode_with(&mut self, pool: EncodePool) {
        self.pool = Some(pool);
    }

    /// How many threads may encode one frame at once.
    pub(crate) fn encoders(&self) -> usize {
        1 + self.pool.as_ref().map_or(0, EncodePool::most)
    }

    /// Takes back the memory of a frame that is no longer needed.
    pub(crate) fn recycle(&mut self, frame: Frame) {
        let kept = self.spare.capacity()..=SPARE_BYTES;
        if kept.contains(&frame.capacity()) {
            self.spare = frame;
        }
    }

    /// What a viewer must be able to show for the last frame.
    pub(crate) fn needs(&self) -> ViewerCaps {
        let used = |format| self.drawn.iter().any(|drawn| drawn.format == Some(format));
        ViewerCaps {
            jpeg: used(Format::Jpeg),
            webp: used(Format::WebP),
        }
    }

    /// What the last frame drew of the picture.
    pub(crate) fn drawn(&self) -> &[Drawn] {
        &self.drawn
    }

    /// The frame that shows `content`, ending with its `sync`; without `loss` it is exact.
    pub(crate) fn compose(&mut self, content: Content<'_>, loss: Option<Loss<'_>>) -> Frame {
        let mut frame = self.empty_frame();
        if content.with_size {
            let (width, height) = content.picture.size();
            frame.ops.push(Op::Size {
                layer: LayerIndex::DESKTOP,
                width,
                height,
            });
        }
        let copies = content.copies.iter().map(|copy| Op::Copy {
            source: copy.source,
            x: copy.x,
            y: copy.y,
        });
        frame.ops.extend(copies);
        let (cursor, timestamp, updates) = (content.cursor, content.timestamp, content.updates);
        self.draw_picture(content, loss, &mut frame);
        if let Some(cursor) = cursor {
            self.draw_cursor(cursor, &mut frame);
        }
        frame.ops.push(Op::Sync { timestamp, updates });
        frame
    }

    /// The frame that shows another user's pointer.
    pub(crate) fn pointer(mouse: Op) -> Frame {
        Frame {
            ops: vec![mouse],
            batches: Vec::new(),
        }
    }

    fn draw_picture(&mut self, content: Content<'_>, loss: Option<Loss<'_>>, frame: &mut Frame) {
        let (quality, may_lose) = loss.unwrap_or((Quality::new(100), &|_, _| false));
        let stamp = content.stamp.map(Arc::as_ref);
        let plan = self
            .planner
            .plan(content.picture, stamp, content.region, may_lose);
        let original = Original {
            picture: std::mem::take(content.picture),
            stamp: content.stamp.cloned(),
            pieces: plan,
            quality,
            webp: content.webp,
        };
        let original = self.paint(original, &mut frame.batches);
        *content.picture = original.picture;
        self.put_in_order(&original.pieces, frame);
        self.planner.recycle(original.pieces);
    }

    /// Makes the images, on this thread or on more.
    fn paint(&mut self, original: Original, batches: &mut Vec<Batch>) -> Original {
        let helpers = helpers(&original.pieces);
        match &self.pool {
            Some(pool) if 0 < helpers && 0 < pool.most() => {
                self.painter.paint_with((pool, helpers), original, batches)
            }
            _ => {
                if let Some(batch) = batches.first_mut() {
                    self.painter.paint(&original, batch);
                }
                original
            }
        }
    }

    /// Adds the operations that draw a plan, in its order, whoever has made the images.
    fn put_in_order(&mut self, plan: &[Piece], frame: &mut Frame) {
        self.made.clear();
        self.made.resize(plan.len(), None);
        for (number, batch) in frame.batches.iter().enumerate() {
            for image in &batch.images {
                if let Some(made) = self.made.get_mut(image.piece) {
                    *made = Some((number, image.clone()));
                }
            }
        }
        self.drawn.clear();
        for (piece, made) in plan.iter().zip(self.made.drain(..)) {
            let area = piece.area;
            if let Paint::Fill(colour) = piece.paint {
                frame.ops.push(Op::Fill { area, colour });
                self.drawn.push(Drawn {
                    area,
                    bytes: 0,
                    format: None,
                });
            } else if let Some((batch, image)) = made {
                self.drawn.push(Drawn {
                    area,
                    bytes: image.bytes.len(),
                    format: Some(image.format),
                });
                frame.ops.push(Op::Image {
                    layer: LayerIndex::DESKTOP,
                    x: area.left,
                    y: area.top,
                    format: image.format,
                    data: (batch, image.bytes),
                });
            }
        }
    }

    fn draw_cursor(&mut self, cursor: &CursorImage, frame: &mut Frame) {
        let (width, height) = (cursor.width, cursor.height);
        let (columns, rows) = (usize::from(width), usize::from(height));
        let Some(view) = View::new(&cursor.pixels, columns, 0, 0, columns, rows) else {
            return;
        };
        let Some(batch) = frame.batches.first_mut() else {
            return;
        };
        let start = batch.bytes.len();
        let format = self.painter.encoder.with_alpha(&view, &mut batch.bytes);
        let end = batch.bytes.len();
        frame.ops.extend([
            Op::Size {
                layer: CURSOR_LAYER,
                width,
                height,
            },
            Op::Erase {
                layer: CURSOR_LAYER,
                width,
                height,
            },
            Op::Image {
                layer: CURSOR_LAYER,
                x: 0,
                y: 0,
                format,
                data: (0, start..end),
            },
            Op::Cursor {
                hotspot_x: cursor.hotspot_x,
                hotspot_y: cursor.hotspot_y,
                width,
                height,
            },
        ]);
    }

    fn empty_frame(&mut self) -> Frame {
        let mut frame = std::mem::take(&mut self.spare);
        frame.ops.clear();
        frame.batches.iter_mut().for_each(Batch::clear);
        if frame.batches.is_empty() {
            frame.batches.push(Batch::default());
        }
        frame
    }
}

/// How many threads may help with a plan, beside the one that has it.
fn helpers(plan: &[Piece]) -> usize {
    let (mut count, mut pixels) = (0, 0);
    for piece in plan.iter().filter(|piece| piece.is_image()) {
        count += 1;
        pixels += match piece.paint {
            Paint::Lossy => piece.area.pixels() / ENCODE_LOSSY_PIXELS,
            Paint::Exact | Paint::Fill(_) => piece.area.pixels(),
        };
    }
    let threads = usize::try_from(pixels / ENCODE_PIXELS).unwrap_or(count);
    threads.min(count).saturating_sub(1)
}
