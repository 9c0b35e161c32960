//! Open streams and the images that arrive in them.

use std::collections::BTreeMap;

use guac_protocol::{BlobData, CompositeMode, LayerIndex, StreamIndex};

use crate::error::CanvasError;
use crate::image::Format;
use crate::limits::Limits;

/// Most raw bytes that one `blob` can carry.
const BLOB_MAX: usize = 6_144;

/// An image on its way.
#[derive(Debug)]
pub(crate) struct ImageStream {
    pub(crate) mode: CompositeMode,
    pub(crate) layer: LayerIndex,
    pub(crate) format: Format,
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) data: Vec<u8>,
}

/// Streams by index. Those that carry no image are known, so that their data is no error, but
/// nothing of them is kept.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    open: BTreeMap<i32, Option<ImageStream>>,
    bytes: usize,
}

impl Streams {
    /// Opens a stream; one that is open by that index is given up, as in the stock client.
    pub(crate) fn open(
        &mut self,
        index: StreamIndex,
        stream: Option<ImageStream>,
        limits: &Limits,
    ) -> Result<(), CanvasError> {
        self.close(index);
        if limits.streams <= self.open.len() {
            return Err(CanvasError::TooManyStreams);
        }
        self.open.insert(index.0, stream);
        Ok(())
    }

    pub(crate) fn append(
        &mut self,
        index: StreamIndex,
        data: &BlobData<'_>,
        limits: &Limits,
    ) -> Result<(), CanvasError> {
        let stream = self.open.get_mut(&index.0);
        let Some(stream) = stream.ok_or(CanvasError::StreamNotOpen { stream: index.0 })? else {
            return Ok(());
        };
        if limits.stream_bytes.saturating_sub(self.bytes) < BLOB_MAX {
            return Err(CanvasError::TooMuchData);
        }
        let before = stream.data.len();
        data.decode(&mut stream.data)
            .map_err(|_| CanvasError::NotBase64)?;
        self.bytes += stream.data.len() - before;
        Ok(())
    }

    /// Closes a stream and gives the image that arrived in it, if it was to carry one.
    pub(crate) fn end(&mut self, index: StreamIndex) -> Result<Option<ImageStream>, CanvasError> {
        self.close(index)
            .ok_or(CanvasError::StreamNotOpen { stream: index.0 })
    }

    fn close(&mut self, index: StreamIndex) -> Option<Option<ImageStream>> {
        let stream = self.open.remove(&index.0)?;
        self.bytes -= stream.as_ref().map_or(0, |stream| stream.data.len());
        Some(stream)
    }
}
