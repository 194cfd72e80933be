//! What may happen next.

use e2e::chance::Chance;

use crate::stripe::{BackStatus, Trouble};

/// As the number of an order: the newest.
pub(crate) const NEWEST: u8 = u8::MAX;

/// One thing that happens. Numbers choose among what there is, counted round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    Place {
        draft: u8,
    },
    /// The shopper asks for a payment; the same key again is the same request again.
    Pay {
        order: u8,
        key: u8,
        run: Run,
    },
    Card {
        order: u8,
        intent: u8,
    },
    Declined {
        order: u8,
        intent: u8,
    },
    /// An intent that the shop never asked for is paid, at the order's total or a cent less.
    Stray {
        order: u8,
        short_by: i64,
    },
    /// Somebody cancels an intent in Stripe's dashboard.
    CloseIntent {
        order: u8,
        intent: u8,
    },
    /// Somebody gives money back in Stripe's dashboard: so many percent of it.
    RefundByHand {
        order: u8,
        intent: u8,
        percent: i64,
    },
    EndSlowRefunds {
        order: u8,
        intent: u8,
        status: BackStatus,
    },
    /// The bank sends back a refund that had gone through.
    RefundReturns {
        order: u8,
        intent: u8,
    },
    /// What happens to the next call of Stripe.
    Trouble(Trouble),
    /// A message arrives; if `again`, it is delivered once more later.
    Deliver {
        which: u8,
        again: bool,
        run: Run,
    },
    /// The newest message arrives.
    DeliverLast {
        run: Run,
    },
    /// A message does not arrive for a while; one of Stripe's never.
    Lose {
        which: u8,
    },
    /// Lost messages come back.
    Find,
    Cancel {
        order: u8,
        run: Run,
    },
    /// The sweep over orders that are due.
    Sweep {
        run: Run,
    },
    Reconcile {
        run: Run,
    },
    /// Work that was interrupted goes on.
    GoOn {
        which: u8,
        run: Run,
    },
    Wait {
        seconds: i64,
    },
}

/// How far a piece of work gets, in calls to a table or to Stripe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Run {
    ToTheEnd,
    /// Others work in between; it goes on later.
    Pauses {
        after: u8,
    },
    /// The function dies. What brought the work comes again.
    Dies {
        after: u8,
    },
}

impl Command {
    /// What `seed` makes happen.
    pub(crate) fn of(seed: u64) -> Self {
        let mut chance = Chance::of(seed);
        let (order, intent, which) = (small(&mut chance, 3), small(&mut chance, 4), small(&mut chance, 255));
        let run = run(&mut chance);
        match chance.below(100) {
            0..9 => Self::Place { draft: small(&mut chance, 10) },
            9..24 => Self::Pay { order, key: small(&mut chance, 3), run },
            24..34 => Self::Card { order, intent },
            34..39 => Self::Declined { order, intent },
            39..42 => Self::Stray { order, short_by: i64::from(chance.below(3) == 0) },
            42..45 => Self::CloseIntent { order, intent },
            45..49 => Self::RefundByHand { order, intent, percent: if chance.below(2) == 0 { 40 } else { 100 } },
            49..52 => {
                let status = if chance.below(2) == 0 { BackStatus::Succeeded } else { BackStatus::Failed };
                Self::EndSlowRefunds { order, intent, status }
            }
            52..54 => Self::RefundReturns { order, intent },
            54..60 => Self::Trouble(*chance.one_of(&TROUBLES).expect("there is trouble")),
            60..77 => Self::Deliver { which, again: chance.below(3) == 0, run },
            77..80 => Self::DeliverLast { run },
            80..83 => Self::Lose { which },
            83..84 => Self::Find,
            84..88 => Self::Cancel { order, run },
            88..90 => Self::Sweep { run },
            90..93 => Self::Reconcile { run },
            93..97 => Self::GoOn { which, run },
            _ => Self::Wait { seconds: *chance.one_of(&[40, 600, 1900]).expect("there is time") },
        }
    }

    /// The same without interruption or repetition, for a failure that does not need them.
    pub(crate) fn simpler(self) -> Self {
        let run = Run::ToTheEnd;
        match self {
            Self::Pay { order, key, .. } => Self::Pay { order, key, run },
            Self::Deliver { which, .. } => Self::Deliver { which, again: false, run },
            Self::DeliverLast { .. } => Self::DeliverLast { run },
            Self::Cancel { order, .. } => Self::Cancel { order, run },
            Self::Sweep { .. } => Self::Sweep { run },
            Self::Reconcile { .. } => Self::Reconcile { run },
            Self::GoOn { which, .. } => Self::GoOn { which, run },
            other => other,
        }
    }
}

const TROUBLES: [Trouble; 6] = [
    Trouble::Unavailable,
    Trouble::Spoilt,
    Trouble::LostAnswer,
    Trouble::TooSmall,
    Trouble::SlowRefund,
    Trouble::RefundFails,
];

fn small(chance: &mut Chance, limit: u8) -> u8 {
    u8::try_from(chance.below(limit.into())).expect("it is below")
}

fn run(chance: &mut Chance) -> Run {
    match chance.below(9) {
        0..6 => Run::ToTheEnd,
        6..8 => Run::Pauses { after: small(chance, 8) },
        _ => Run::Dies { after: small(chance, 8) },
    }
}
