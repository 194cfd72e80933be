//! Short scenes that chance alone would seldom play: what they are about happens somewhere within a history, and chance does the rest.

use e2e::chance::Chance;

use crate::command::{Command, NEWEST, Run};
use crate::stripe::{BackStatus, Trouble};

const END: Run = Run::ToTheEnd;
const ORDER: u8 = NEWEST;

/// What `seed` makes happen: one thing as a rule, now and then a scene.
pub(crate) fn of(seed: u64) -> Vec<Command> {
    let mut chance = Chance::part(seed, 1);
    let intent = u8::try_from(chance.below(2)).expect("it is below");
    match chance.below(60) {
        0 => early(&mut chance),
        1 => money_back(&mut chance),
        2..4 => two_intents(&mut chance),
        4 => vec![Command::RefundReturns { order: ORDER, intent }, Command::DeliverLast { run: END }],
        5 => overtaken(&mut chance),
        6 => given_up(&mut chance),
        _ => vec![Command::of(seed)],
    }
}

fn pay(key: u8, run: Run) -> Command {
    Command::Pay { order: ORDER, key, run }
}

fn card(intent: u8) -> Command {
    Command::Card { order: ORDER, intent }
}

/// Something happens to the intent before the shop has heard of it.
fn early(chance: &mut Chance) -> Vec<Command> {
    let declined = Command::Declined { order: ORDER, intent: 0 };
    let told = Command::DeliverLast { run: END };
    let refund = Command::RefundByHand { order: ORDER, intent: 0, percent: percent(chance) };
    let mut scene = vec![Command::Place { draft: 0 }, pay(0, Run::Pauses { after: 4 })];
    scene.extend(match chance.below(7) {
        0 => vec![declined, told],
        1 => vec![card(0), told],
        2 => vec![Command::CloseIntent { order: ORDER, intent: 0 }, told],
        3 => vec![card(0), refund, told],
        4 => vec![declined, told, card(0), refund, told],
        5 => vec![pay(1, END)],
        _ => vec![Command::Cancel { order: ORDER, run: END }, told, told, told],
    });
    // The newest work.
    scene.push(Command::GoOn { which: NEWEST, run: END });
    scene.extend((chance.below(2) == 0).then(|| pay(1, END)));
    scene
}

/// A decline, or the end of the intent after one, that the shop hears of last.
fn overtaken(chance: &mut Chance) -> Vec<Command> {
    let told = Command::DeliverLast { run: END };
    let mut scene = vec![Command::Place { draft: 0 }, pay(0, END), Command::Declined { order: ORDER, intent: 0 }];
    scene.extend(match chance.below(3) {
        0 => vec![told, Command::CloseIntent { order: ORDER, intent: 0 }],
        _ => vec![card(0), Command::RefundByHand { order: ORDER, intent: 0, percent: percent(chance) }],
    });
    scene.extend([told; 6]);
    scene
}

/// Nobody hears that the intent is open, the order is cancelled, and then the intent is paid.
fn given_up(chance: &mut Chance) -> Vec<Command> {
    let told = Command::DeliverLast { run: END };
    let mut scene = vec![Command::Place { draft: 0 }, Command::Trouble(Trouble::LostAnswer), pay(0, END)];
    scene.extend([Command::Cancel { order: ORDER, run: END }, told, told, told, card(0)]);
    let refund = Command::RefundByHand { order: ORDER, intent: 0, percent: percent(chance) };
    scene.extend((chance.below(2) == 0).then_some(refund));
    scene.extend([told, told]);
    scene
}

/// Money of a cancelled order goes back, with some trouble.
fn money_back(chance: &mut Chance) -> Vec<Command> {
    let told = Command::DeliverLast { run: END };
    let troubles = [Trouble::SlowRefund, Trouble::RefundFails, Trouble::Spoilt, Trouble::LostAnswer];
    let trouble = Command::Trouble(*chance.one_of(&troubles).expect("there is trouble"));
    let status = if chance.below(2) == 0 { BackStatus::Succeeded } else { BackStatus::Failed };
    let by_hand = Command::RefundByHand { order: ORDER, intent: 0, percent: percent(chance) };
    let mut scene = vec![Command::Place { draft: 0 }, pay(0, END), card(0)];
    scene.extend((chance.below(3) == 0).then_some(by_hand));
    scene.extend([told, Command::Cancel { order: ORDER, run: END }, trouble, told, told]);
    scene.extend((chance.below(3) == 0).then_some(by_hand));
    scene.push(told);
    scene.extend((chance.below(2) == 0).then_some(Command::Reconcile { run: END }));
    scene.push(Command::EndSlowRefunds { order: ORDER, intent: 0, status });
    scene.extend((chance.below(2) == 0).then_some(Command::Reconcile { run: END }));
    scene.extend([told, told]);
    scene
}

/// Two payments of one order, and money by one that the shopper no longer pays by.
fn two_intents(chance: &mut Chance) -> Vec<Command> {
    let told = Command::DeliverLast { run: END };
    let mut scene =
        vec![Command::Place { draft: 0 }, pay(0, END), Command::CloseIntent { order: ORDER, intent: 0 }, told];
    scene.extend((chance.below(2) == 0).then_some(Command::Trouble(Trouble::Unavailable)));
    scene.extend([pay(1, END), Command::Stray { order: ORDER, short_by: 0 }]);
    let after = u8::try_from(3 + chance.below(6)).expect("it is below");
    scene.push(Command::DeliverLast { run: if chance.below(3) == 0 { END } else { Run::Dies { after } } });
    scene.extend((chance.below(2) == 0).then_some(card(1)));
    scene.extend([Command::DeliverLast { run: END }, Command::Reconcile { run: END }]);
    scene
}

/// A part, or all.
fn percent(chance: &mut Chance) -> i64 {
    if chance.below(2) == 0 { PART } else { 100 }
}

const PART: i64 = 40;
