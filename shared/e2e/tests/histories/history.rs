//! One history: its commands one after another, then an end to everything, and the model at each step.

use std::collections::BTreeMap;

use kernel::OrderId;
use orders::domain::OrderStatus;

use crate::command::{Command, Run};
use crate::coverage::Coverage;
use crate::desk::Desk;
use crate::stripe::BackStatus;
use crate::work::Work;
use crate::{clock, goods, model};

/// Lives through `commands`; gives what was covered.
///
/// # Errors
/// What was wrong.
pub(crate) fn live(commands: &[Command]) -> Result<Coverage, String> {
    let mut desk = Desk::new();
    live_at(&mut desk, commands)?;
    Ok(desk.world.state().coverage.clone())
}

fn live_at(desk: &mut Desk, commands: &[Command]) -> Result<(), String> {
    clock::restart();
    let mut ended = BTreeMap::new();
    commands
        .iter()
        .try_for_each(|command| {
            desk.world.state().note(format_args!("{:>5} s  {command:?}", clock::second()));
            happen(desk, *command);
            model::always(&desk.world.state(), &mut ended)
        })
        .and_then(|()| end(desk, &mut ended, commands.len().is_multiple_of(2)))
}

/// What goes wrong, told with no command that it could go wrong without.
pub(crate) fn shortest(mut commands: Vec<Command>) -> String {
    let mut at = commands.len();
    while at > 0 {
        at -= 1;
        let mut fewer = commands.clone();
        let command = fewer.remove(at);
        let mut simpler = commands.clone();
        simpler[at] = command.simpler();
        if live(&fewer).is_err() {
            // What comes later may not be needed any more either.
            (at, commands) = (fewer.len(), fewer);
        } else if simpler != commands && live(&simpler).is_err() {
            commands = simpler;
        }
    }
    let mut desk = Desk::new();
    desk.world.state().diary = Some(Vec::new());
    let wrong = live_at(&mut desk, &commands).err().unwrap_or_default();
    let diary = desk.world.state().diary.take().unwrap_or_default();
    format!("{wrong}\n{}\n{wrong}", diary.join("\n"))
}

fn happen(desk: &mut Desk, command: Command) {
    let world = desk.world.clone();
    let order = |n| world.state().order(n).map(|order| order.id);
    let intent = |n, at| {
        let order = order(n)?;
        world.state().stripe.pick(order, at)
    };
    match command {
        Command::Place { draft } => {
            let drafts = goods::drafts();
            let (free, draft) = (drafts.len() - 1, usize::from(draft));
            world.state().place(&drafts[if draft == 9 { free } else { draft % free }]);
        }
        Command::Pay { order: n, key, run } => {
            if let Some(order) = order(n) {
                let work = Work::pay(&world, order, key);
                desk.run(work, run);
            }
        }
        Command::Card { order, intent: n } => {
            intent(order, n).into_iter().for_each(|at| world.state().card(at, None));
        }
        Command::Declined { order, intent: n } => {
            intent(order, n).into_iter().for_each(|at| world.state().card(at, Some("card_declined")));
        }
        Command::Stray { order, short_by } => {
            intent(order, 0).into_iter().for_each(|at| world.state().stray(at, short_by));
        }
        Command::CloseIntent { order, intent: n } => {
            intent(order, n).into_iter().for_each(|at| world.state().close_by_hand(at));
        }
        Command::RefundByHand { order, intent: n, percent } => {
            intent(order, n).into_iter().for_each(|at| world.state().give_back_by_hand(at, percent));
        }
        Command::EndSlowRefunds { order, intent: n, status } => {
            intent(order, n).into_iter().for_each(|at| world.state().end_slow_refunds(at, status));
        }
        Command::RefundReturns { order, intent: n } => {
            intent(order, n).into_iter().for_each(|at| world.state().send_refund_back(at));
        }
        Command::Trouble(trouble) => world.state().stripe.trouble = Some(trouble),
        Command::Deliver { which, again, run } => desk.deliver(which.into(), again, run),
        Command::DeliverLast { run } => desk.deliver(usize::MAX, false, run),
        Command::Lose { which } => world.state().lose(which.into()),
        Command::Find => world.state().find(),
        Command::Cancel { order: n, run } => {
            if let Some(order) = order(n) {
                let work = Work::cancel(&world, order);
                desk.run(work, run);
            }
        }
        Command::Sweep { run } => desk.run(Work::sweep(&world), run),
        Command::Reconcile { run } => desk.run(Work::reconcile(&world), run),
        Command::GoOn { which, run } => desk.go_on(which.into(), run),
        Command::Wait { seconds } => clock::pass(seconds),
    }
}

/// Lets everything that is under way arrive, and the time of every order pass.
fn end(desk: &mut Desk, ended: &mut BTreeMap<OrderId, OrderStatus>, reconciled: bool) -> Result<(), String> {
    let world = desk.world.clone();
    world.state().note("the end");
    world.state().stripe.trouble = None;
    world.state().find();
    desk.settle(ended)?;
    if reconciled {
        desk.run(Work::reconcile(&world), Run::ToTheEnd);
        desk.settle(ended)?;
    }
    clock::pass(goods::WINDOW.max_seconds + goods::WINDOW_SECONDS);
    desk.run(Work::sweep(&world), Run::ToTheEnd);
    desk.settle(ended)?;
    let intents = world.state().stripe.intents.len();
    (0..intents).for_each(|at| world.state().end_slow_refunds(at, BackStatus::Succeeded));
    desk.settle(ended)?;
    desk.run(Work::reconcile(&world), Run::ToTheEnd);
    desk.settle(ended)?;
    let state = world.state();
    let stuck = state.reports.iter().flat_map(|report| &report.stuck).map(|stuck| stuck.order_id).collect();
    model::at_rest(&state, &stuck)
}
