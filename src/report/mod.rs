//! ANALYSIS → TEXT: one view, several dresses.
