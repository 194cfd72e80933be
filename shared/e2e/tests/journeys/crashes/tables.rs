//! The crash table: `[function]`, then its calls, each with the reason in indented lines below it.

use std::collections::BTreeSet;

use e2e::repository;

/// A call of a function, as `aws::failpoints` names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Site {
    pub(super) function: String,
    pub(super) call: String,
}

pub(super) fn read() -> BTreeSet<Site> {
    parse(&std::fs::read_to_string(repository().join("shared/e2e/crash-table.txt")).unwrap())
}

fn parse(text: &str) -> BTreeSet<Site> {
    let (mut sites, mut function, mut unexplained) = (BTreeSet::new(), "", None);
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        if line.starts_with(' ') {
            unexplained = None;
            continue;
        }
        assert_eq!(unexplained, None, "a row without a reason");
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            function = name;
            continue;
        }
        unexplained = Some(line);
        let site = Site { function: function.to_owned(), call: line.to_owned() };
        assert!(sites.insert(site), "{function} has two rows '{line}'");
    }
    assert_eq!(unexplained, None, "a row without a reason");
    sites
}

/// Rows as they would stand in the table.
pub(super) fn rows<'a>(sites: impl IntoIterator<Item = &'a Site>) -> String {
    let mut text = String::new();
    let mut function = "";
    for site in sites {
        if function != site.function {
            function = &site.function;
            text.push_str(&format!("\n[{function}]\n"));
        }
        text.push_str(&format!("{}\n", site.call));
    }
    text
}
