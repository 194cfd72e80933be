//! The folder in which functions write what they call, and look for where to abort.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::PathBuf;

use e2e::operator::named;
use e2e::shop::setting;

use super::tables::{Site, Table, rows};

#[derive(Debug, Clone, Copy)]
pub(super) enum Moment {
    Before,
    After,
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Before => "before",
            Self::After => "after",
        })
    }
}

/// Each call of the table, before and after it.
#[derive(Debug)]
pub(super) struct Points {
    folder: PathBuf,
    table: Table,
    /// Calls and crashes written down before this test are others'.
    skip: [usize; 2],
}

const FILES: [&str; 2] = ["calls", "fired"];

impl Points {
    pub(super) fn of(table: Table) -> Self {
        let folder = PathBuf::from(setting("SOUK_FAILPOINTS"));
        fs::create_dir_all(folder.join("armed")).unwrap();
        Self { folder, table, skip: [0, 0] }
    }

    pub(super) fn begin(&mut self) {
        self.disarm();
        self.skip = FILES.map(|file| self.lines(file).len());
    }

    pub(super) fn arm(&self, moment: Moment) {
        for Site { function, call } in &self.table.always {
            let point = format!("{}@{call}@{moment}", named(function)).replace('/', ":");
            fs::write(self.folder.join("armed").join(point), "").unwrap();
        }
    }

    fn disarm(&self) {
        for file in fs::read_dir(self.folder.join("armed")).unwrap() {
            // A function may have been quicker.
            let _ = fs::remove_file(file.unwrap().path());
        }
    }

    /// Points that nobody has come by.
    pub(super) fn armed(&self) -> Vec<String> {
        let files = fs::read_dir(self.folder.join("armed")).unwrap();
        let mut names: Vec<_> = files.map(|file| file.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// Crashes so far, oldest first.
    pub(super) fn fired(&self) -> Vec<String> {
        self.lines("fired").split_off(self.skip[1])
    }

    /// One before and one after each call.
    pub(super) fn count(&self) -> usize {
        2 * self.table.always.len()
    }

    fn seen(&self) -> BTreeSet<Site> {
        let site = |line: String| {
            let (function, call) = line.split_once('\t')?;
            let function = function.strip_prefix(&named(""))?.to_owned();
            Some(Site { function, call: call.to_owned() })
        };
        self.lines("calls").into_iter().skip(self.skip[0]).filter_map(site).collect()
    }

    fn lines(&self, file: &str) -> Vec<String> {
        fs::read_to_string(self.folder.join(file)).unwrap_or_default().lines().map(str::to_owned).collect()
    }

    /// Holds, once the rounds are over, that the table has what was called and nothing else, and that a function died at each of its points.
    pub(super) fn hold(&self) {
        let seen = self.seen();
        let Table { always, sometimes } = &self.table;
        let new = rows(seen.difference(always).filter(|site| !sometimes.contains(site)));
        let gone = rows(always.difference(&seen));
        assert!(new.is_empty(), "calls without a row in shared/e2e/crash-table.txt:\n{new}");
        assert!(gone.is_empty(), "rows of shared/e2e/crash-table.txt that nobody calls:\n{gone}");
        assert_eq!(self.armed(), [""; 0], "points that nobody came by in all rounds");
        assert_eq!(self.fired().len(), self.count());
    }
}

impl Drop for Points {
    /// The tests that come next are not to die.
    fn drop(&mut self) {
        self.disarm();
    }
}
