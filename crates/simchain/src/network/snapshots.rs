//! The bucket: one snapshot every so many blocks, published late, kept for a while.

use super::{Network, scaled};
use crate::profile::Snapshots;
use api::Height;
use simcore::{SimTime, stable_hash};

impl Network {
    /// The highest snapshot in the bucket at or below a target, or the newest without one.
    pub(crate) fn snapshot(&self, bucket: &Snapshots, target: Option<Height>, now: SimTime) -> Option<Height> {
        let may_be_published = self.height(now - bucket.published_after.min());
        let surely_gone = self.height(now - bucket.published_after.max() - bucket.kept);
        let newest = target.unwrap_or(Height(u64::MAX)).min(may_be_published);
        let there = |height: &Height| {
            let published = |made| made + scaled(stable_hash(&(self.luck, *height)), bucket.published_after);
            let is_kept = |published| published <= now && now < published + bucket.kept;
            !bucket.odd(*height).is_some_and(|odd| odd.missing) && self.time_of(*height).map(published).is_some_and(is_kept)
        };
        let downwards = (1..=newest.0 / bucket.interval).rev().map(|number| Height(number * bucket.interval));
        downwards.take_while(|height| *height > surely_gone && *height >= bucket.oldest).find(there)
    }
}

#[cfg(test)]
mod tests {
    use crate::network::Network;
    use crate::profile::ChainProfile;
    use api::Height;
    use simcore::{Luck, Seed, SimTime};
    use std::time::Duration;

    #[test]
    fn a_snapshot_is_in_the_bucket_from_its_late_publication_for_a_week() {
        let profile = ChainProfile::default();
        let network = Network::new(&profile, &Luck::new(Seed(3)));
        let (bucket, height) = (&profile.snapshots, Height(198_742_000));
        let made = network.time_of(height).expect("made");
        let held = |after: u64| network.snapshot(bucket, Some(height), made + Duration::from_secs(after)) == Some(height);
        assert_eq!([held(599), held(7201), held(600 + 7 * 86_400 - 1), held(7200 + 7 * 86_400)], [false, true, true, false]);
    }

    #[test]
    fn a_missing_snapshot_is_passed_over_for_the_one_below() {
        let mut profile = ChainProfile::default();
        profile.snapshots.odd.push(crate::profile::OddSnapshot { height: Height(198_700_000), missing: true, ..Default::default() });
        let network = Network::new(&profile, &Luck::new(Seed(3)));
        let pick = network.snapshot(&profile.snapshots, Some(Height(198_700_999)), SimTime::ZERO);
        assert_eq!(pick, Some(Height(198_698_000)));
    }

    #[test]
    fn the_highest_snapshot_at_or_below_the_target_is_taken() {
        let profile = ChainProfile::default();
        let network = Network::new(&profile, &Luck::new(Seed(3)));
        let pick = |target| network.snapshot(&profile.snapshots, target, SimTime::ZERO);
        assert_eq!(pick(Some(Height(198_700_999))), Some(Height(198_700_000)));
        assert_eq!(pick(Some(Height(198_700_000))), Some(Height(198_700_000)));
        assert_eq!(pick(Some(Height(1999))), None);
        let newest = pick(None).expect("a snapshot");
        assert!(newest < Height(198_740_000) && newest >= Height(198_720_000), "{newest}");
    }
}
