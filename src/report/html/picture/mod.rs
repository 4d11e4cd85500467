//! The pictures, laid out: places and words, no markup. Everything here is a pure function of the view.

mod axis;
mod bands;
mod description;
mod ending;
mod enlarged;
mod labels;
mod marks;
mod overview;
mod silences;
mod strip;
#[cfg(test)]
mod tests;
mod words;

use std::fmt;

pub(super) use overview::Overview;
pub(super) use silences::Silences;
pub(super) use strip::Strip;
pub(super) use words::Words;

/// A place in a picture, written with one digit behind the point.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub(super) struct Px(pub(super) f64);

impl fmt::Display for Px {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = (self.0 * 10.0).round() + 0.0;
        if tenths % 10.0 == 0.0 {
            write!(f, "{:.0}", tenths / 10.0)
        } else {
            write!(f, "{:.1}", tenths / 10.0)
        }
    }
}
