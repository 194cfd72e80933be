use std::time::Duration;

/// Tries of a write that met a conflict or throttling.
const TRIES: u32 = 5;
/// First pause; it doubles, with jitter, so that all pauses together stay within two seconds.
const FIRST_PAUSE: Duration = Duration::from_millis(40);

/// What one try came to.
pub(crate) enum Try<T, E> {
    Done(Result<T, E>),
    /// Nothing happened and the same call may succeed in a moment.
    Again(E),
}

/// Runs `attempt` until it is done, at most [`TRIES`] times.
///
/// `attempt` gives futures that borrow nothing from it: with an `AsyncFnMut`, the compiler cannot see that a handler's future is `Send`.
pub(crate) async fn with_retries<T, E, F>(mut attempt: impl FnMut() -> F) -> Result<T, E>
where
    F: Future<Output = Try<T, E>>,
{
    let mut pause = FIRST_PAUSE;
    for _ in 1..TRIES {
        match attempt().await {
            Try::Done(result) => return result,
            Try::Again(_) => tokio::time::sleep(jittered(pause)).await,
        }
        pause *= 2;
    }
    match attempt().await {
        Try::Done(result) => result,
        Try::Again(error) => Err(error),
    }
}

/// Between half of `pause` and all of it, so that those who collided do not meet again.
fn jittered(pause: Duration) -> Duration {
    use std::hash::{BuildHasher as _, RandomState};
    let random = u32::try_from(RandomState::new().hash_one(0) % 1000).unwrap_or_default();
    pause / 2 + pause / 2 * random / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_conflict_that_passes_is_not_seen_by_the_caller() {
        let mut tries = 0;
        let result: Result<u32, &str> = with_retries(|| {
            tries += 1;
            std::future::ready(if tries < 4 { Try::Again("conflict") } else { Try::Done(Ok(tries)) })
        })
        .await;
        assert_eq!(result, Ok(4));
    }

    #[tokio::test]
    async fn a_conflict_that_stays_ends_after_five_tries() {
        let mut tries = 0;
        let result: Result<(), &str> = with_retries(|| {
            tries += 1;
            std::future::ready(Try::Again("conflict"))
        })
        .await;
        assert_eq!((result, tries), (Err("conflict"), TRIES));
    }

    #[test]
    fn the_pauses_together_stay_within_two_seconds() {
        let longest: Duration = (0..TRIES - 1).map(|doublings| FIRST_PAUSE * 2_u32.pow(doublings)).sum();
        assert!(longest < Duration::from_secs(2));
    }
}
