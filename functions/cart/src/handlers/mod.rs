//! One file for each endpoint; [`change`] is what those that change a line have in common, [`view`] what all of them answer.

pub mod add_line;
pub mod change;
pub mod create_cart;
pub mod get_cart;
pub mod remove_line;
pub mod set_line;
pub mod view;
mod visitor;
