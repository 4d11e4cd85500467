//! TIMELINE → FACTS: what the packets show, without judgement.
