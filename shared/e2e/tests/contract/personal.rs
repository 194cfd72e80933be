//! What rows are to people, and who sees to it.

use std::collections::{BTreeMap, BTreeSet};

use e2e::declarations::{self, Declaration, Personal};
use e2e::{SERVICES, repository, templates};

/// Services with rows of their own that go, or change, with a person.
fn keepers() -> BTreeSet<String> {
    let goes = |declared: &Declaration| matches!(declared.personal, Personal::Erase | Personal::Anonymise);
    declarations::all().into_iter().filter(goes).filter_map(|declared| declared.service).collect()
}

/// Services that have the function `<service>-<name>`.
fn having(name: &str) -> BTreeSet<String> {
    let has = |service: &str| templates::service(service).functions().contains_key(&format!("{service}-{name}"));
    SERVICES.into_iter().filter(|service| has(service)).map(str::to_owned).collect()
}

#[test]
fn each_kind_of_row_is_declared_once_and_nothing_is_kept_without_a_reason() {
    let mut kinds: BTreeMap<(Option<String>, String), Personal> = BTreeMap::new();
    let all = declarations::all();
    assert!(all.len() > 20, "only {} declarations were found", all.len());
    for declared in all {
        let reasoned = declared.reason.as_ref().is_some_and(|reason| reason.len() > 20);
        assert_eq!(declared.personal == Personal::Keep, reasoned, "{declared:?}");
        let kind = (declared.service.clone(), declared.name.clone());
        let before = kinds.insert(kind, declared.personal);
        assert!(before.is_none_or(|before| before == declared.personal), "{declared:?} contradicts {before:?}");
    }
}

#[test]
fn a_kind_of_row_is_the_same_to_people_in_every_table() {
    let kinds = declarations::by_name();
    for declared in declarations::all() {
        assert_eq!(kinds[&declared.name], declared.personal, "{declared:?}");
    }
}

#[test]
fn whoever_keeps_personal_rows_hears_of_deletions() {
    assert_eq!(having("on-user-deleted"), keepers());
}

#[test]
fn whoever_keeps_personal_rows_has_a_part_in_exports() {
    let mut parts: BTreeSet<String> = users::domain::PARTS.into_iter().map(str::to_owned).collect();
    assert_eq!(having("on-user-export-requested"), parts);
    // The part of users itself is put in where the parts are joined.
    parts.insert("users".to_owned());
    assert_eq!(parts, keepers());
}

/// The rows that a README's tables of rows name by their `type`, with what they say becomes of them.
fn told(service: &str) -> Vec<(String, String)> {
    let readme = std::fs::read_to_string(repository().join(format!("functions/{service}/README.md"))).unwrap();
    let mut is_of_rows = false;
    let mut found = Vec::new();
    for line in readme.lines() {
        let cells: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
        is_of_rows = line.starts_with('|') && (is_of_rows || cells.last() == Some(&"personal"));
        let kind = cells[0].split_once("(`").and_then(|(_, rest)| Some(rest.split_once("`)")?.0));
        if let Some(kind) = kind.filter(|_| is_of_rows) {
            let word = cells[cells.len() - 1].split([',', ' ']).next().unwrap();
            found.push((kind.to_owned(), word.to_owned()));
        }
    }
    found
}

#[test]
fn the_readme_of_each_service_names_its_rows_and_says_the_same_of_them() {
    let kinds = declarations::by_name();
    for service in SERVICES {
        let told = told(service);
        for declared in declarations::all().iter().filter(|declared| declared.service.as_deref() == Some(service)) {
            let is_told = told.iter().any(|(kind, _)| *kind == declared.name);
            assert!(
                is_told,
                "functions/{service}/README.md does not name the rows (`{}`) of {}",
                declared.name, declared.entity
            );
        }
        for (kind, word) in told {
            let declared =
                kinds.get(&kind).unwrap_or_else(|| panic!("{service}/README.md: there are no rows '{kind}'"));
            assert_eq!(word, format!("{declared:?}").to_lowercase(), "{service}/README.md: {kind}");
        }
    }
}
