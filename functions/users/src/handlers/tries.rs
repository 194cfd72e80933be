//! What whoever signs in, enters a code or asks for a mail must pass first.

use api::{Code, Problem, Request};
use dynamo::StoreError;
use kernel::{Email, Timestamp};

use crate::domain::{Counter, Limits, TryKind, Window};

pub trait CountTry {
    /// Adds one to each counter if all are below their limits; otherwise to none. Whether it was added.
    async fn count_try(&self, counters: &[Counter]) -> Result<bool, StoreError>;
}

pub trait CountRegistration {
    /// [`CountTry::count_try`] of somebody who registers with `email`, which is remembered in the same transaction until the address is
    /// confirmed ([`crate::domain::Registrations`]).
    async fn count_registration(&self, email: &Email, counters: &[Counter], now: Timestamp)
    -> Result<bool, StoreError>;
}

/// Lets so many tries through and no more, before Cognito hears of them.
#[derive(Debug)]
pub struct Gate<S> {
    pub tries: S,
    pub limits: Limits,
    pub now: fn() -> Timestamp,
}

impl<S> Gate<S> {
    /// With the limits that `TRIES_PER_ACCOUNT` and `TRIES_PER_IP` name.
    ///
    /// # Errors
    /// When a setting is missing or is no number.
    pub fn from_env(tries: S) -> Result<Self, aws::env::SettingError> {
        let per_account = aws::env::parsed("TRIES_PER_ACCOUNT")?;
        let limits = Limits { per_account, per_ip: aws::env::parsed("TRIES_PER_IP")? };
        Ok(Self { tries, limits, now: kernel::fresh::now })
    }
}

impl<S: CountTry> Gate<S> {
    /// Counts a try about `email`, whoever has the address, and whether anybody has.
    ///
    /// # Errors
    /// 429 `too_many_attempts` until the next window.
    pub(crate) async fn admit(&self, kind: TryKind, email: &Email, request: &Request) -> Result<(), Problem> {
        let now = (self.now)();
        let counters = self.counters(kind, email, request, now);
        refuse_unless(self.tries.count_try(&counters).await?, now)
    }
}

impl<S: CountRegistration> Gate<S> {
    /// [`Gate::admit`] of somebody who registers.
    ///
    /// # Errors
    /// 429 `too_many_attempts` until the next window.
    pub(crate) async fn admit_registration(&self, email: &Email, request: &Request) -> Result<(), Problem> {
        let now = (self.now)();
        let counters = self.counters(TryKind::Register, email, request, now);
        refuse_unless(self.tries.count_registration(email, &counters, now).await?, now)
    }
}

impl<S> Gate<S> {
    fn counters(&self, kind: TryKind, email: &Email, request: &Request, now: Timestamp) -> Vec<Counter> {
        Counter::of(kind, email, request.source_ip().as_deref(), self.limits, now)
    }
}

fn refuse_unless(has_room: bool, now: Timestamp) -> Result<(), Problem> {
    if has_room {
        return Ok(());
    }
    Err(Problem::new(Code::TooManyAttempts).retry_after(Window::at(now).seconds_left(now)))
}

#[cfg(test)]
pub(crate) mod fakes {
    use std::sync::Mutex;

    use super::*;

    /// What was tried.
    #[derive(Debug, Default)]
    pub(crate) struct Tried(Mutex<Vec<TryKind>>);

    impl CountTry for Tried {
        async fn count_try(&self, counters: &[Counter]) -> Result<bool, StoreError> {
            let mut tried = self.0.lock().unwrap();
            let has_room = counters.iter().all(|counter| tried.len() < counter.limit as usize);
            if has_room {
                tried.push(counters[0].kind);
            }
            Ok(has_room)
        }
    }

    impl CountRegistration for Tried {
        async fn count_registration(&self, _: &Email, counters: &[Counter], _: Timestamp) -> Result<bool, StoreError> {
            self.count_try(counters).await
        }
    }

    impl Gate<Tried> {
        pub(crate) fn tried(&self) -> Vec<TryKind> {
            self.tries.0.lock().unwrap().clone()
        }
    }

    /// Lets so many through.
    pub(crate) fn gate(limit: u32) -> Gate<Tried> {
        let limits = Limits { per_account: limit, per_ip: limit };
        Gate { tries: Tried::default(), limits, now: testkit::now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_try_too_many_is_told_how_long_to_wait() {
        let gate = fakes::gate(2);
        let request = testkit::request::post("/sessions").build();
        let email = Email::parse("ada@example.com").unwrap();
        for _ in 0..2 {
            gate.admit(TryKind::SignIn, &email, &request).await.unwrap();
        }
        let problem = gate.admit(TryKind::SignIn, &email, &request).await.unwrap_err();
        assert_eq!(problem.code(), Code::TooManyAttempts);
        let wait = Window::at(testkit::now()).seconds_left(testkit::now()).to_string();
        assert_eq!(problem.final_answer(&request).header_value("Retry-After"), Some(wait.as_str()));
    }
}
