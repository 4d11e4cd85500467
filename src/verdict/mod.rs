//! FACTS → VERDICT: who ended it, by what, how sure.
