//! The crash table: `[function]`, then its calls, each with the reason in indented lines below it. A call in parentheses is not made every
//! time, because it hangs on how quick others are: its row explains it, and nobody is made to die there.

use std::collections::BTreeSet;

use e2e::repository;

/// A call of a function, as `aws::failpoints` names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Site {
    pub(super) function: String,
    pub(super) call: String,
}

/// The calls that functions may make.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    pub(super) always: BTreeSet<Site>,
    pub(super) sometimes: BTreeSet<Site>,
}

pub(super) fn read() -> Table {
    parse(&std::fs::read_to_string(repository().join("shared/e2e/crash-table.txt")).unwrap())
}

fn parse(text: &str) -> Table {
    let (mut table, mut function, mut unexplained) = (Table::default(), "", None);
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
        let in_parentheses = line.strip_prefix('(').and_then(|line| line.strip_suffix(')'));
        let sites = if in_parentheses.is_some() { &mut table.sometimes } else { &mut table.always };
        let site = Site { function: function.to_owned(), call: in_parentheses.unwrap_or(line).to_owned() };
        assert!(sites.insert(site), "{function} has two rows '{line}'");
    }
    assert_eq!(unexplained, None, "a row without a reason");
    table
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
