//! Numbers as C's `%.16g` prints them, which is how stock guacd writes the few it has.

use std::fmt::{self, Write};

/// Significant digits.
const PRECISION: usize = 16;
/// Holds `-1.234567890123456e-308` and, without an exponent, sixteen digits after four zeros.
const CAPACITY: usize = 32;

/// A finite number in text.
pub(super) struct Float(Text);

impl Float {
    /// `None` for what is not finite.
    pub(super) fn new(value: f64) -> Option<Self> {
        let mut scientific = Text::default();
        if !value.is_finite() {
            return None;
        }
        write!(scientific, "{value:.15e}").ok()?;
        let (digits, exponent) = scientific.as_str().split_once('e')?;
        let power: i32 = exponent.parse().ok()?;

        let mut text = Text::default();
        match usize::try_from(power) {
            // All digits fit before or after the point.
            Ok(power) if power < PRECISION => {
                let decimals = PRECISION.saturating_sub(1).saturating_sub(power);
                write!(text, "{value:.decimals$}").ok()?;
                text.strip_zeros();
            }
            Err(_) if -4 <= power => {
                let decimals = PRECISION
                    .saturating_sub(1)
                    .checked_add_signed(isize::try_from(power).ok()?.checked_neg()?)?;
                write!(text, "{value:.decimals$}").ok()?;
                text.strip_zeros();
            }
            _ => {
                text.write_str(digits).ok()?;
                text.strip_zeros();
                let sign = if power < 0 { '-' } else { '+' };
                write!(text, "e{sign}{:02}", power.unsigned_abs()).ok()?;
            }
        }
        Some(Self(text))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_str().as_bytes()
    }
}

/// ASCII text on the stack.
#[derive(Default)]
struct Text {
    bytes: [u8; CAPACITY],
    length: usize,
}

impl Text {
    fn as_str(&self) -> &str {
        self.bytes
            .get(..self.length)
            .and_then(|bytes| str::from_utf8(bytes).ok())
            .unwrap_or_default()
    }

    /// Drops zeros at the end of the decimals, and the point when none are left.
    fn strip_zeros(&mut self) {
        let text = self.as_str();
        if text.contains('.') {
            self.length = text.trim_end_matches('0').trim_end_matches('.').len();
        }
    }
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length.checked_add(text.len()).ok_or(fmt::Error)?;
        let space = self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?;
        space.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_c_does() {
        // Right: the output of printf("%.16g").
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (-2.5, "-2.5"),
            (0.1, "0.1"),
            (1.0 / 3.0, "0.3333333333333333"),
            (100.0, "100"),
            (0.0001, "0.0001"),
            (0.000_123_456_789_012_345_67, "0.0001234567890123457"),
            (0.00001, "1e-05"),
            (1e15, "1000000000000000"),
            (1e16, "1e+16"),
            (123_456_789_012_345_680.0, "1.234567890123457e+17"),
            (f64::MAX, "1.797693134862316e+308"),
            (f64::MIN_POSITIVE, "2.225073858507201e-308"),
            (-1e23, "-9.999999999999999e+22"),
        ] {
            let text = Float::new(value).unwrap();
            assert_eq!(
                str::from_utf8(text.as_bytes()).unwrap(),
                expected,
                "{value:e}"
            );
        }
    }

    #[test]
    fn refuses_what_is_not_finite() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(Float::new(value).is_none());
        }
    }
}
