//! A provider's call limit, kept exactly.
//!
//! A limit `N/T` means that in any window of length T, its ends included, at most N calls are made, and that the whole
//! allowance may be spent at once: a log of the last N moments, not a leaky average.
//! The log is a value that takes the time as an argument; [`Limiter`] puts a lock and a timer around it.
//! Left out: sharing one limit between processes.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::ports::Runtime;

/// At most `calls` in any window of length `per`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    calls: u32,
    per: Duration,
}

/// What the log says to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Go now; the call is in the log.
    Granted,
    /// There may be room at `until`; ask again then, showing the ticket.
    Wait {
        /// Keeps the place in the queue.
        ticket: Ticket,
        /// The earliest moment at which there can be room for this ticket.
        until: Instant,
    },
    /// There is no room before the deadline.
    TooLate {
        /// The earliest moment at which there can be room.
        at: Instant,
    },
}

/// A place in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket(u64);

/// The last N calls and who waits for room.
#[derive(Debug)]
pub struct SlidingLog {
    limit: Limit,
    /// Moments of the calls that still count, in order; never more than `limit.calls`.
    calls: VecDeque<Instant>,
    queue: VecDeque<Ticket>,
    next_ticket: u64,
    /// The provider asked for silence until then.
    paused_until: Option<Instant>,
}

/// A limit that tasks can wait for.
#[derive(Debug)]
pub struct Limiter {
    log: Mutex<SlidingLog>,
}

// === impl Limit ===

impl Limit {
    /// At most `calls` (at least one) in any window of length `per`.
    pub fn new(calls: u32, per: Duration) -> Self {
        Self { calls: calls.max(1), per }
    }

    /// The length of its window.
    pub fn per(self) -> Duration {
        self.per
    }
}

// === impl SlidingLog ===

impl SlidingLog {
    /// A limit of which nothing is spent.
    pub fn new(limit: Limit) -> Self {
        Self { limit, calls: VecDeque::new(), queue: VecDeque::new(), next_ticket: 0, paused_until: None }
    }

    /// Asks for a call at `now`. Whoever asks would wait until `deadline`.
    pub fn request(&mut self, now: Instant, deadline: Instant) -> Decision {
        let at = self.opens_for(self.queue.len(), now);
        if at <= now {
            self.calls.push_back(now);
            return Decision::Granted;
        }
        if at > deadline {
            return Decision::TooLate { at };
        }
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        self.queue.push_back(ticket);
        Decision::Wait { ticket, until: at }
    }

    /// Asks again with a ticket.
    ///
    /// A ticket that was granted, refused or given up is spent.
    pub fn ask_again(&mut self, ticket: Ticket, now: Instant, deadline: Instant) -> Decision {
        let Some(place) = self.queue.iter().position(|other| *other == ticket) else {
            return self.request(now, deadline);
        };
        let at = self.opens_for(place, now);
        if at <= now {
            self.queue.remove(place);
            self.calls.push_back(now);
            Decision::Granted
        } else if at > deadline {
            self.queue.remove(place);
            Decision::TooLate { at }
        } else {
            Decision::Wait { ticket, until: at }
        }
    }

    /// Gives up a place in the queue.
    pub fn give_up(&mut self, ticket: Ticket) {
        self.queue.retain(|other| *other != ticket);
    }

    /// Nobody goes before `moment`: the provider asked for that.
    pub fn pause_until(&mut self, moment: Instant) {
        self.paused_until = self.paused_until.max(Some(moment));
    }

    /// Calls left at `now`.
    pub fn room(&mut self, now: Instant) -> u32 {
        self.forget(now);
        self.limit.calls - u32::try_from(self.calls.len()).expect("the log holds at most `calls`, a u32")
    }

    /// When there is room for whoever has `place` others before them: `now` or earlier means at once.
    fn opens_for(&mut self, place: usize, now: Instant) -> Instant {
        self.forget(now);
        // The n-th next call needs the call N before it to be out of the window. Beyond the calls already made, that
        // one is itself a future call, a whole window later.
        let window = self.limit.per + Duration::from_nanos(1);
        let allowed = usize::try_from(self.limit.calls).expect("a u32 fits a usize");
        let mut windows = 0u32;
        let mut place = place;
        while place >= allowed {
            place -= allowed;
            windows = windows.saturating_add(1);
        }
        let open = match (self.calls.len() + place).checked_sub(allowed) {
            Some(before) => self.calls[before] + window,
            None => now,
        };
        let open = self.paused_until.map_or(open, |paused| open.max(paused));
        open + window.saturating_mul(windows)
    }

    fn forget(&mut self, now: Instant) {
        let per = self.limit.per;
        while self.calls.front().is_some_and(|call| *call + per < now) {
            self.calls.pop_front();
        }
        if self.paused_until.is_some_and(|until| until <= now) {
            self.paused_until = None;
        }
    }
}

// === impl Limiter ===

impl Limiter {
    /// A limit of which nothing is spent.
    pub fn new(limit: Limit) -> Self {
        Self { log: Mutex::new(SlidingLog::new(limit)) }
    }

    /// Waits for room for one call, at most until `deadline`; how long it waited, or when there will be room.
    ///
    /// `on_wait` is told the moment for which it waits. A wait that would pass the deadline is refused at once.
    ///
    /// Cancel-safe: dropping the future gives the place in the queue to the next.
    pub async fn acquire(
        &self,
        runtime: &dyn Runtime,
        deadline: Instant,
        on_wait: &(dyn Fn(Instant) + Send + Sync),
    ) -> Result<Duration, Instant> {
        let started = runtime.now();
        let mut place = Place { log: &self.log, ticket: None };
        loop {
            let now = runtime.now();
            let decision = {
                let mut log = self.log.lock().expect("no panic happens under this lock");
                match place.ticket {
                    None => log.request(now, deadline),
                    Some(ticket) => log.ask_again(ticket, now, deadline),
                }
            };
            match decision {
                Decision::Granted => {
                    place.ticket = None;
                    return Ok(now.saturating_duration_since(started));
                }
                Decision::TooLate { at } => {
                    place.ticket = None;
                    return Err(at);
                }
                Decision::Wait { ticket, until } => {
                    place.ticket = Some(ticket);
                    on_wait(until);
                    runtime.sleep_until(until).await;
                }
            }
        }
    }

    /// Nobody goes before `moment`.
    pub fn pause_until(&self, moment: Instant) {
        self.log.lock().expect("no panic happens under this lock").pause_until(moment);
    }

    /// Whether a call at `now` would have to wait.
    pub fn is_full(&self, now: Instant) -> bool {
        let mut log = self.log.lock().expect("no panic happens under this lock");
        let place = log.queue.len();
        log.opens_for(place, now) > now
    }

    /// Calls left at `now`.
    pub fn room(&self, now: Instant) -> u32 {
        self.log.lock().expect("no panic happens under this lock").room(now)
    }
}

/// A place in the queue that is given up when its owner goes away.
struct Place<'a> {
    log: &'a Mutex<SlidingLog>,
    ticket: Option<Ticket>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if let (Some(ticket), Ok(mut log)) = (self.ticket, self.log.lock()) {
            log.give_up(ticket);
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "any moment will do; nothing here waits")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn secs(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn the_whole_allowance_may_be_spent_at_once_and_then_none() {
        let start = Instant::now();
        let mut log = SlidingLog::new(Limit::new(3, secs(60)));
        for _ in 0..3 {
            assert_eq!(log.request(start, start), Decision::Granted);
        }
        assert_eq!(log.room(start), 0);
        let opens = start + secs(60) + Duration::from_nanos(1);
        assert_eq!(log.request(start + secs(10), start + secs(40)), Decision::TooLate { at: opens });
        assert!(matches!(log.request(start + secs(60), opens), Decision::Wait { until, .. } if until == opens));
    }

    #[test]
    fn those_who_wait_go_in_turn_and_newcomers_do_not_overtake_them() {
        let start = Instant::now();
        let patient = start + secs(1_000);
        let mut log = SlidingLog::new(Limit::new(1, secs(10)));
        assert_eq!(log.request(start, start), Decision::Granted);
        let Decision::Wait { ticket: first, until: first_at } = log.request(start, patient) else { panic!() };
        let Decision::Wait { ticket: second, until: second_at } = log.request(start, patient) else { panic!() };
        assert!(second_at > first_at + secs(10));
        assert_eq!(
            log.request(first_at, first_at),
            Decision::TooLate { at: second_at + secs(10) + Duration::from_nanos(1) }
        );
        assert_eq!(log.ask_again(first, first_at, patient), Decision::Granted);
        assert!(matches!(log.ask_again(second, first_at, patient), Decision::Wait { .. }));
        log.give_up(second);
        assert_eq!(log.request(first_at + secs(11), patient), Decision::Granted);
    }

    #[test]
    fn a_pause_that_the_provider_asked_for_holds_everybody() {
        let start = Instant::now();
        let mut log = SlidingLog::new(Limit::new(100, secs(60)));
        log.pause_until(start + secs(7));
        assert_eq!(log.request(start, start + secs(5)), Decision::TooLate { at: start + secs(7) });
        assert_eq!(log.request(start + secs(7), start + secs(7)), Decision::Granted);
    }

    proptest! {
        /// Requests arrive, wait, are late or give up in any order: no window ever holds more than N grants.
        #[test]
        fn no_window_holds_more_than_its_limit(
            calls in 1u32..6,
            per in 1u64..50,
            steps in prop::collection::vec((0u64..40, 0u64..120, 0u8..4), 1..200),
        ) {
            let start = Instant::now();
            let per = Duration::from_millis(per);
            let mut log = SlidingLog::new(Limit::new(calls, per));
            let mut now = start;
            let mut waiting: Vec<(Ticket, Instant)> = Vec::new();
            let mut granted: Vec<Instant> = Vec::new();
            for (advance, patience, action) in steps {
                now += Duration::from_millis(advance);
                let deadline = now + Duration::from_millis(patience);
                match (action, waiting.pop()) {
                    (0, Some((ticket, _))) => log.give_up(ticket),
                    (1, Some((ticket, deadline))) => match log.ask_again(ticket, now, deadline) {
                        Decision::Granted => granted.push(now),
                        Decision::Wait { ticket, until } => { prop_assert!(until > now); waiting.push((ticket, deadline)) }
                        Decision::TooLate { at } => prop_assert!(at > deadline),
                    },
                    (_, earlier) => {
                        waiting.extend(earlier);
                        match log.request(now, deadline) {
                            Decision::Granted => granted.push(now),
                            Decision::Wait { ticket, until } => { prop_assert!(until <= deadline); waiting.insert(0, (ticket, deadline)) }
                            Decision::TooLate { at } => prop_assert!(at > deadline),
                        }
                    }
                }
            }
            let most = usize::try_from(calls).unwrap();
            for window in granted.windows(most + 1) {
                prop_assert!(window[most] - window[0] > per);
            }
        }
    }
}
