//! The endpoints, one file each.

pub mod health;
pub mod list_services;
pub mod openapi;
