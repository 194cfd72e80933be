//! One file for each channel.

pub mod send_email;
