//! Contracts between the parts of the shop, held without running it: templates against code, code against documentation.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod architecture;
mod documents;
mod events;
mod permissions;
mod personal;
mod queues;
mod stacks;

/// The file of what answers a route, and the file's text.
fn handler(route: &api::Route) -> (String, String) {
    let (service, name) = route.function.split_once('-').unwrap();
    let file = format!("functions/{service}/src/handlers/{}.rs", name.replace('-', "_"));
    let path = e2e::repository().join(&file);
    let source = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{file}: {error}"));
    (file, source)
}
