//! What each kind of row declares to be to the people it is about, read from the sources: an `Entity` cannot leave it out, and nobody
//! has to keep a list.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::repository;

/// What becomes of a row when the person it is about leaves ([`dynamo`'s `Personal`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Personal {
    None,
    Erase,
    Anonymise,
    Keep,
}

/// One `impl Entity`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// The service that writes such rows; none for those of the shared crates, which are in any table.
    pub service: Option<String>,
    /// The Rust type.
    pub entity: String,
    /// The rows' `type`.
    pub name: String,
    pub personal: Personal,
    /// Why a row is kept as it is.
    pub reason: Option<String>,
}

/// Everything that is declared, in the order of the files.
#[must_use]
pub fn all() -> Vec<Declaration> {
    let mut found = Vec::new();
    for folder in ["functions", "shared"] {
        for file in sources(&repository().join(folder)) {
            let path = file.strip_prefix(repository()).unwrap();
            let mut parts = path.components().map(|part| part.as_os_str().to_str().unwrap());
            let service = (parts.next() == Some("functions")).then(|| parts.next().unwrap().to_owned());
            let text = std::fs::read_to_string(&file).unwrap();
            // Tests of the store may make up rows of their own.
            let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
            found.extend(code.split("impl Entity for ").skip(1).map(|rest| read(service.clone(), rest)));
        }
    }
    borrow_names(&mut found);
    found
}

/// What rows of this `type` are declared to be.
#[must_use]
pub fn by_name() -> BTreeMap<String, Personal> {
    all().into_iter().map(|declared| (declared.name, declared.personal)).collect()
}

fn read(service: Option<String>, rest: &str) -> Declaration {
    let (entity, body) = rest.split_once(" {").unwrap_or_else(|| panic!("{rest}"));
    let body = body.split_once("\n}").unwrap_or_else(|| panic!("{entity} has no end")).0;
    let value = |constant: &str| {
        let (_, after) =
            body.split_once(&format!("const {constant}:")).unwrap_or_else(|| panic!("{entity}: {constant}"));
        let (_, value) = after.split_once('=').unwrap();
        value.split_once(";\n").map_or(value.trim_end_matches(';'), |(value, _)| value).trim().to_owned()
    };
    let personal = value("PERSONAL");
    let reason = personal.split_once("Keep(").map(|(_, reason)| reason.trim_matches([' ', '\n', '"', ')']).to_owned());
    Declaration {
        service,
        entity: entity.to_owned(),
        name: value("TYPE").trim_matches('"').to_owned(),
        personal: kind(&personal),
        reason,
    }
}

/// `Personal::Erase`, or another type's declaration, which is looked up later.
fn kind(value: &str) -> Personal {
    match value.trim_start_matches("Personal::").split('(').next().unwrap().trim() {
        "Erase" => Personal::Erase,
        "Anonymise" => Personal::Anonymise,
        "Keep" => Personal::Keep,
        _ => Personal::None,
    }
}

/// A type that reads another's rows names it: `const TYPE: &'static str = Profile::TYPE`.
fn borrow_names(found: &mut [Declaration]) {
    let known: Vec<Declaration> = found.to_vec();
    for declared in found {
        if let Some(lender) = declared.name.strip_suffix("::TYPE").and_then(|path| path.rsplit("::").next()) {
            let lender = known.iter().find(|other| other.entity == lender && !other.name.ends_with("::TYPE"));
            let lender = lender.unwrap_or_else(|| panic!("{} borrows from nobody", declared.entity));
            (declared.name, declared.personal) = (lender.name.clone(), lender.personal);
            declared.reason.clone_from(&lender.reason);
        }
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("e2e") && !path.ends_with("target") {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}
