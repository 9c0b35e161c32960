//! Base64 as `blob` carries it: the standard alphabet, padded, in one line.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::PAD;
use thiserror::Error;

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
type Codec = base64::engine::Simd;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
static CODEC: LazyLock<Codec> = LazyLock::new(|| Codec::standard(PAD));

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
type Codec = base64::engine::GeneralPurpose;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
static CODEC: LazyLock<Codec> = LazyLock::new(|| Codec::new(&base64::alphabet::STANDARD, PAD));

/// The text is not padded standard base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[error("the data is not base64")]
pub struct Base64Error;

/// Appends what `text` stands for to `out`, at most three bytes for every four characters.
///
/// Stock guacd decodes anything to something; here text that no stock client sends is refused.
///
/// # Errors
///
/// When `text` is not padded standard base64. Then `out` is as it was.
pub fn decode_base64(text: &str, out: &mut Vec<u8>) -> Result<(), Base64Error> {
    let start = out.len();
    CODEC.decode_vec(text, out).map_err(|_| {
        out.truncate(start);
        Base64Error
    })
}

/// How many characters encode this many bytes.
pub(super) const fn encoded_length(bytes: usize) -> usize {
    bytes.div_ceil(3).saturating_mul(4)
}

/// Appends the encoding of `data` to `out`.
pub(super) fn encode(data: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start.saturating_add(encoded_length(data.len())), 0);
    let written = match out.get_mut(start..) {
        Some(space) => CODEC.encode_slice(data, space).unwrap_or(0),
        None => 0,
    };
    out.truncate(start.saturating_add(written));
}
