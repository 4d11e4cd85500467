//! What a sender's packets have in common, to set an RST against it.

use super::reset::IpIdFit;

/// How far a counter may advance between two captured packets: one captured TSO packet stands for
/// many on the wire, and packets may be missing.
const COUNTER_STEP: u16 = 256;

/// Packets needed before a policy is recognised.
const POLICY_EVIDENCE: u32 = 3;

/// The times to live of a sender's packets.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ttls {
    counts: [(u8, u32); 4],
}

impl Ttls {
    #[inline(always)]
    pub(crate) fn note(&mut self, ttl: u8) {
        for (known, count) in &mut self.counts {
            if *count == 0 || *known == ttl {
                *known = ttl;
                *count = count.saturating_add(1);
                return;
            }
        }
    }

    pub(crate) fn usual(&self) -> Option<u8> {
        let most = self.counts.iter().max_by_key(|(_, count)| *count)?;
        (most.1 > 0).then_some(most.0)
    }

    pub(crate) fn has(&self, ttl: u8) -> bool {
        self.counts.iter().any(|&(known, count)| count > 0 && known == ttl)
    }
}

/// How a sender chooses IPv4 identifications.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct IpIds {
    last: Option<u16>,
    zero: u32,
    counted: u32,
    jumped: u32,
}

impl IpIds {
    #[inline(always)]
    pub(crate) fn note(&mut self, id: Option<u16>) {
        match (id, self.last) {
            (None, _) => return,
            (Some(0), _) => {
                self.zero = self.zero.saturating_add(1);
                return;
            }
            (Some(id), Some(last)) if follows(last, id) => self.counted = self.counted.saturating_add(1),
            (Some(_), Some(_)) => self.jumped = self.jumped.saturating_add(1),
            (Some(_), None) => {}
        }
        self.last = id;
    }

    /// How an RST's identification relates to those noted.
    pub(crate) fn fit(&self, id: Option<u16>) -> IpIdFit {
        let (Some(id), Some(last)) = (id, self.last) else {
            return if id == Some(0) { IpIdFit::Zero } else { IpIdFit::Unknown };
        };
        let counts = self.counted >= POLICY_EVIDENCE && self.counted > 4 * self.jumped;
        match () {
            () if id == 0 => IpIdFit::Zero,
            () if !counts => IpIdFit::Unknown,
            () if follows(last, id) => IpIdFit::Continues,
            () => IpIdFit::Breaks,
        }
    }
}

const fn follows(last: u16, id: u16) -> bool {
    let step = id.wrapping_sub(last);
    step > 0 && step <= COUNTER_STEP
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_ttl_is_the_most_frequent() {
        let mut ttls = Ttls::default();
        assert_eq!(ttls.usual(), None);
        for ttl in [64, 63, 63, 120, 1, 2, 3] {
            ttls.note(ttl);
        }
        assert_eq!(ttls.usual(), Some(63));
        assert!(ttls.has(120) && !ttls.has(200));
    }

    #[test]
    fn a_counter_is_recognised_and_a_break_in_it() {
        let mut ids = IpIds::default();
        for id in [65533, 65534, 65535, 0, 1, 5] {
            ids.note(Some(id));
        }
        assert_eq!(ids.fit(Some(6)), IpIdFit::Continues);
        assert_eq!(ids.fit(Some(40_000)), IpIdFit::Breaks);
        assert_eq!(ids.fit(Some(0)), IpIdFit::Zero);
        assert_eq!(ids.fit(None), IpIdFit::Unknown);
    }

    #[test]
    fn random_identifications_prove_nothing() {
        let mut ids = IpIds::default();
        for id in [40_000, 9, 30_000, 77, 12_345] {
            ids.note(Some(id));
        }
        assert_eq!(ids.fit(Some(4)), IpIdFit::Unknown);
    }
}
