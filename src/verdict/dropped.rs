//! A capture that lost packets: what rests on an absence is less sure.

use super::{Alternative, Confidence, Verdict};
use crate::facts::{Facts, Mechanism};

impl Verdict {
    /// Takes into account that the capture says it lost `packets`: a Close, an answer or an end that it
    /// does not hold may have been among them.
    pub fn weaken_by_lost(&mut self, facts: &Facts, packets: u64) {
        if packets == 0 || !rests_on_absence(facts) {
            return;
        }
        self.confidence = match self.confidence {
            Confidence::High => Confidence::Medium,
            Confidence::Medium | Confidence::Low => Confidence::Low,
        };
        let noun = if packets == 1 { "packet" } else { "packets" };
        self.alternatives.push(Alternative {
            reading: "what is missing was sent, and the capture lost it".to_owned(),
            speaks_for: true,
            fact: format!("the capturing host says that it lost {packets} {noun}"),
        });
    }
}

/// Whether an end looks as it does because something was not seen.
fn rests_on_absence(facts: &Facts) -> bool {
    let timeline = &facts.connection.timeline;
    match facts.mechanism {
        Mechanism::CloseUnanswered
        | Mechanism::FinWithoutClose
        | Mechanism::RstWithoutClose
        | Mechanism::Http2StreamReset
        | Mechanism::Silence
        | Mechanism::NotCaptured
        | Mechanism::StillOpen => true,
        Mechanism::RefusedUpgrade => timeline.response.is_none() && timeline.foreign_answer.is_none(),
        Mechanism::CloseHandshake | Mechanism::TlsAlert => false,
    }
}
