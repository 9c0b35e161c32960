//! Paints the pieces of a plan: on one thread, or on some at once.

use crate::frame::Batch;
use crate::picture::Picture;
use crate::plan::{Paint, Piece};
use crate::pool::EncodePool;
use crate::stamp::{Press, Stamp};
use guac_encode::{Encoder, Format, Quality};
use std::any::Any;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is painted, and how.
#[derive(Debug)]
pub(crate) struct Original {
    pub(crate) picture: Picture,
    /// What lies over the picture.
    pub(crate) stamp: Option<Arc<Stamp>>,
    pub(crate) pieces: Vec<Piece>,
    /// Of what may be about right.
    pub(crate) quality: Quality,
    /// Whether exact photographs may be WebP.
    pub(crate) webp: bool,
}

/// The image of a piece.
#[derive(Debug, Clone)]
pub(crate) struct Image {
    /// The piece's number in the plan.
    pub(crate) piece: usize,
    pub(crate) format: Format,
    /// Its bytes in the batch.
    pub(crate) bytes: Range<usize>,
}

/// Makes images, in memory that one thread keeps.
#[derive(Debug, Default)]
pub(crate) struct Painter {
    pub(crate) encoder: Encoder,
    press: Press,
}

impl Painter {
    /// Makes the images of all pieces, in their order.
    pub(crate) fn paint(&mut self, original: &Original, batch: &mut Batch) {
        for number in 0..original.pieces.len() {
            self.piece(original, number, batch);
        }
    }

    /// Appends the image of the piece of that number, if it is one.
    fn piece(&mut self, original: &Original, number: usize, batch: &mut Batch) {
        let (picture, stamp) = (&original.picture, original.stamp.as_deref());
        let piece = original.pieces.get(number).filter(|piece| piece.is_image());
        let Some(piece) = piece else { return };
        let Some(view) = self.press.view(picture, stamp, piece.area) else {
            return;
        };
        let start = batch.bytes.len();
        let out = &mut batch.bytes;
        self.encoder.allow_webp(original.webp);
        let format = match piece.paint {
            Paint::Lossy => self.encoder.lossy(&view, original.quality, out),
            Paint::Exact | Paint::Fill(_) => self.encoder.opaque(&view, out),
        };
        batch.images.push(Image {
            piece: number,
            format,
            bytes: start..batch.bytes.len(),
        });
    }

    /// The same on more threads: on this one, and on up to so many of the pool's as are free now. Which of
    /// them makes an image makes no difference to it. `batches` are filled anew, one for each thread.
    ///
    /// A panic of another thread goes on in this one.
    pub(crate) fn paint_with(
        &mut self,
        (pool, helpers): (&EncodePool, usize),
        original: Original,
        batches: &mut Vec<Batch>,
    ) -> Original {
        let (job, ended) = Job::new(original, std::mem::take(batches));
        pool.offer(&job, helpers);
        job.work(self);
        let (original, filled) = job.end(&ended);
        *batches = filled;
        original
    }
}

/// Pieces that some threads paint at once, each taking the next one that nobody has.
#[derive(Debug)]
pub(crate) struct Job {
    original: Original,
    /// The number of the next piece.
    next: AtomicUsize,
    batches: Mutex<Batches>,
    /// Where the job goes when the last one leaves it, if that is a helper.
    over: SyncSender<Self>,
}

#[derive(Debug)]
struct Batches {
    empty: Vec<Batch>,
    filled: Vec<Batch>,
    /// What a helper failed with.
    panic: Option<Box<dyn Any + Send>>,
}

impl Job {
    /// A job, and what comes back from helpers. `batches` are memory for images.
    pub(crate) fn new(original: Original, batches: Vec<Batch>) -> (Arc<Self>, Receiver<Self>) {
        let (over, ended) = sync_channel(1);
        let batches = Batches {
            filled: Vec::with_capacity(batches.len()),
            empty: batches,
            panic: None,
        };
        let job = Self {
            original,
            next: AtomicUsize::new(0),
            batches: Mutex::new(batches),
            over,
        };
        (Arc::new(job), ended)
    }

    /// Paints until there is nothing left that nobody has.
    fn work(&self, painter: &mut Painter) {
        let mut batch = self.batches().empty.pop().unwrap_or_default();
        batch.clear();
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if self.original.pieces.len() <= number {
                break;
            }
            painter.piece(&self.original, number, &mut batch);
        }
        self.batches().filled.push(batch);
    }

    /// Works, as one that helps, and leaves the job.
    pub(crate) fn help(self: Arc<Self>, painter: &mut Painter) {
        let worked = catch_unwind(AssertUnwindSafe(|| self.work(painter)));
        if let Err(panic) = worked {
            // Whatever state it was left in is not for another session.
            *painter = Painter::default();
            self.batches().panic = Some(panic);
        }
        if let Some(job) = Arc::into_inner(self) {
            let over = job.over.clone();
            // Nobody waits if the session itself has failed.
            let _ = over.send(job);
        }
    }

    /// Waits for the helpers that have begun: who has not by now never will.
    fn end(self: Arc<Self>, ended: &Receiver<Self>) -> (Original, Vec<Batch>) {
        let job = match Arc::into_inner(self) {
            Some(job) => Ok(job),
            None => ended.recv(),
        };
        let job = job.unwrap_or_else(|error| resume_unwind(Box::new(error)));
        let batches = job.batches.into_inner();
        let mut batches = batches.unwrap_or_else(PoisonError::into_inner);
        if let Some(panic) = batches.panic {
            resume_unwind(panic);
        }
        // Memory that nobody took stays for the next frame.
        batches.empty.iter_mut().for_each(Batch::clear);
        batches.filled.append(&mut batches.empty);
        (job.original, batches.filled)
    }

    /// Keeps helpers from beginning for as long as it is held.
    #[cfg(test)]
    pub(crate) fn hold(&self) -> impl Drop + '_ {
        self.batches()
    }

    fn batches(&self) -> MutexGuard<'_, Batches> {
        // Each change of it is one call, so a poisoned lock is as good as any.
        self.batches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
