//! Makes frames: plans, encodes, and puts the operations in order.

use crate::area::Area;
use crate::cursor::CursorImage;
use crate::desktop::CopyHint;
use crate::frame::{CURSOR_LAYER, Frame, Op};
use crate::limits::SPARE_BYTES;
use crate::picture::Picture;
use crate::plan::{Paint, Planner};
use crate::region::Region;
use crate::stamp::{Press, Stamp};
use crate::viewer::ViewerCaps;
use guac_encode::{Encoder, Format, Quality, View};
use guac_protocol::{LayerIndex, Timestamp};

/// What a frame shows.
#[derive(Debug)]
pub(crate) struct Content<'a> {
    /// Whether the desktop's size goes first, which a viewer without any picture needs.
    pub(crate) with_size: bool,
    /// Moves, which come before all that is drawn.
    pub(crate) copies: &'a [CopyHint],
    pub(crate) picture: &'a Picture,
    /// What lies over the picture.
    pub(crate) stamp: Option<&'a Stamp>,
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
    encoder: Encoder,
    press: Press,
    spare: Frame,
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
    /// Takes back the memory of a frame that is no longer needed.
    pub(crate) fn recycle(&mut self, frame: Frame) {
        let kept = self.spare.images.capacity()..=SPARE_BYTES;
        if kept.contains(&frame.images.capacity()) {
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
    pub(crate) fn compose(&mut self, content: &Content<'_>, loss: Option<Loss<'_>>) -> Frame {
        let mut frame = self.empty_frame();
        self.encoder.allow_webp(content.webp);
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
        self.draw_picture(content, loss, &mut frame);
        if let Some(cursor) = content.cursor {
            self.draw_cursor(cursor, &mut frame);
        }
        frame.ops.push(Op::Sync {
            timestamp: content.timestamp,
            updates: content.updates,
        });
        frame
    }

    /// The frame that shows another user's pointer.
    pub(crate) fn pointer(mouse: Op) -> Frame {
        Frame {
            ops: vec![mouse],
            images: Vec::new(),
        }
    }

    fn draw_picture(&mut self, content: &Content<'_>, loss: Option<Loss<'_>>, frame: &mut Frame) {
        self.drawn.clear();
        let (quality, may_lose) = loss.unwrap_or((Quality::new(100), &|_, _| false));
        let (picture, stamp) = (content.picture, content.stamp);
        let plan = self.planner.plan(picture, stamp, content.region, may_lose);
        for piece in plan {
            let area = piece.area;
            if let Paint::Fill(colour) = piece.paint {
                frame.ops.push(Op::Fill { area, colour });
                self.drawn.push(Drawn {
                    area,
                    bytes: 0,
                    format: None,
                });
            } else if let Some(view) = self.press.view(picture, stamp, area) {
                let start = frame.images.len();
                let format = match piece.paint {
                    Paint::Lossy => self.encoder.lossy(&view, quality, &mut frame.images),
                    Paint::Exact | Paint::Fill(_) => self.encoder.opaque(&view, &mut frame.images),
                };
                frame.ops.push(Op::Image {
                    layer: LayerIndex::DESKTOP,
                    x: area.left,
                    y: area.top,
                    format,
                    data: start..frame.images.len(),
                });
                self.drawn.push(Drawn {
                    area,
                    bytes: frame.images.len() - start,
                    format: Some(format),
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
        let start = frame.images.len();
        let format = self.encoder.with_alpha(&view, &mut frame.images);
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
                data: start..frame.images.len(),
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
        frame.images.clear();
        frame
    }
}
