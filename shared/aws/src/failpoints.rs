//! Tells a test which calls this function makes, and aborts it before or after one of them when the test asks. Only in debug builds.
//!
//! With `SOUK_FAILPOINTS=<folder>`, each call is written as a line `<function>\t<site>` of `<folder>/calls`. The file
//! `<folder>/armed/<function>@<site>@before` (or `@after`, with `:` for `/`) has the process abort there; it removes the file first,
//! so that of several processes one dies, and writes the point as a line of `<folder>/fired`.

#[cfg(not(debug_assertions))]
compile_error!("a release build must not be able to abort on demand");

mod site;

use std::fmt;
use std::fs::{File, remove_file};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;

use crate::env;

/// `connector`, watched if a test asked for it.
pub(crate) fn watch(connector: SharedHttpConnector) -> SharedHttpConnector {
    match (env::required("SOUK_FAILPOINTS"), env::required("AWS_LAMBDA_FUNCTION_NAME")) {
        (Ok(folder), Ok(function)) => {
            let points = Arc::new(Failpoints { folder: folder.into(), function });
            SharedHttpConnector::new(Watched { connector, points })
        }
        _ => connector,
    }
}

#[derive(Debug)]
struct Watched {
    connector: SharedHttpConnector,
    points: Arc<Failpoints>,
}

impl HttpConnector for Watched {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let points = self.points.clone();
        let site = site::of(&request, &points.function);
        points.note("calls", &format!("{}\t{site}", points.function));
        points.reach(&site, Moment::Before);
        let answer = self.connector.call(request);
        HttpConnectorFuture::new(async move {
            let answer = answer.await;
            if answer.is_ok() {
                points.reach(&site, Moment::After);
            }
            answer
        })
    }
}

#[derive(Debug, Clone, Copy)]
enum Moment {
    /// Nothing has been sent.
    Before,
    /// The other side has done it and said so; the function has not heard yet.
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

#[derive(Debug)]
struct Failpoints {
    folder: PathBuf,
    function: String,
}

impl Failpoints {
    /// Adds a line to a file. What cannot be told is missed by the test that waits for it.
    fn note(&self, file: &str, line: &str) {
        let file = File::options().append(true).create(true).open(self.folder.join(file));
        let _ = file.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
    }

    fn reach(&self, site: &str, moment: Moment) {
        if self.fires(site, moment) {
            std::process::abort();
        }
    }

    /// Whether this process is the one to die here.
    fn fires(&self, site: &str, moment: Moment) -> bool {
        let point = format!("{}@{site}@{moment}", self.function);
        let fires = remove_file(self.folder.join("armed").join(point.replace('/', ":"))).is_ok();
        if fires {
            self.note("fired", &point);
        }
        fires
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_point_fires_once_at_its_site_and_moment() {
        let folder = std::env::temp_dir().join(format!("souk-failpoints-{}", std::process::id()));
        fs::create_dir_all(folder.join("armed")).unwrap();
        let points = Failpoints { folder, function: "pay".into() };
        fs::write(points.folder.join("armed/pay@POST :v1:refunds@after"), "").unwrap();
        let fired = [
            ("POST /v1/refunds", Moment::Before),
            ("POST /v1/refund", Moment::After),
            ("POST /v1/refunds", Moment::After),
            ("POST /v1/refunds", Moment::After),
        ]
        .map(|(site, moment)| points.fires(site, moment));
        assert_eq!(fired, [false, false, true, false]);
        assert_eq!(fs::read_to_string(points.folder.join("fired")).unwrap(), "pay@POST /v1/refunds@after\n");
        fs::remove_dir_all(points.folder).unwrap();
    }
}
