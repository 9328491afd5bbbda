//! Work on all cores, taken in order: whatever the threads do, what is seen of them is the same.
//!
//! Pieces of the seed range are handed to the threads in order, and only so many that those which come back early, and wait for an earlier
//! one, take bounded memory.

use crate::Seeds;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::mpsc;

/// How many seeds are worked on in one go at most.
const PIECE: u64 = 32;
/// How many pieces a thread may be ahead of the one that is waited for.
const AHEAD: usize = 4;

/// Works on a range of seeds in `jobs` threads; `take` sees the results in the order of the seeds, until it breaks.
///
/// # Errors
/// If the threads cannot be started.
pub fn in_order<T: Send>(
    jobs: NonZeroUsize,
    seeds: Seeds,
    work: &(impl Fn(Seeds) -> T + Sync),
    mut take: impl FnMut(T) -> ControlFlow<()>,
) -> Result<(), String> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.get()).build().map_err(|error| error.to_string())?;
    let window = jobs.get().saturating_mul(AHEAD);
    let size = (seeds.count() / u64::try_from(window).unwrap_or(u64::MAX)).clamp(1, PIECE);
    let (sender, receiver) = mpsc::channel();
    pool.in_place_scope_fifo(|scope| {
        let mut pieces = seeds.pieces(size);
        let mut begun = 0_u64;
        let mut begin = |begun: &mut u64| {
            if let Some(piece) = pieces.next() {
                let (sender, number) = (sender.clone(), *begun);
                *begun += 1;
                // The receiver goes away only after a break: then nobody wants the result.
                scope.spawn_fifo(move |_| drop(sender.send((number, work(piece)))));
            }
        };
        (0..window).for_each(|_| begin(&mut begun));
        let mut early = BTreeMap::new();
        let mut next = 0;
        while next < begun {
            let Some(done) = early.remove(&next) else {
                let (number, done) = receiver.recv().expect("a piece that has begun sends its result");
                early.insert(number, done);
                continue;
            };
            next += 1;
            if take(done).is_break() {
                break;
            }
            begin(&mut begun);
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    fn jobs(n: usize) -> NonZeroUsize {
        NonZeroUsize::new(n).expect("not 0")
    }

    #[test]
    fn results_are_taken_in_the_order_of_seeds_whatever_thread_is_first() {
        for threads in [1, 2, 7] {
            let seeds = Seeds { from: 5, to: 1005 };
            let mut taken = Vec::new();
            // Early seeds take longest.
            let work = |piece: Seeds| (0..(1005 - piece.from) * 50).fold(piece, |piece, n| std::hint::black_box((piece, n)).0);
            in_order(jobs(threads), seeds, &work, |piece| {
                taken.extend(piece.from..piece.to);
                ControlFlow::Continue(())
            })
            .expect("threads");
            assert_eq!(taken, (5..1005).collect::<Vec<_>>());
        }
    }

    #[test]
    fn no_more_is_begun_than_may_be_ahead_of_what_was_taken() {
        let begun = AtomicU64::new(0);
        let work = |piece: Seeds| {
            begun.fetch_add(1, Ordering::SeqCst);
            piece
        };
        let mut taken = 0;
        in_order(jobs(2), Seeds { from: 0, to: 100_000 }, &work, |_| {
            taken += 1;
            assert!(begun.load(Ordering::SeqCst) <= taken + 2 * AHEAD as u64);
            if taken == 100 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .expect("threads");
        assert_eq!(taken, 100);
        assert!(begun.into_inner() <= 100 + 2 * AHEAD as u64, "a break ends the work");
    }
}
