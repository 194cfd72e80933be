use super::rest;

/// The names of all buckets.
#[must_use]
pub fn buckets() -> Vec<String> {
    elements(&rest("s3", "GET", "/", None).text, "Name")
}

/// The keys of all objects in a bucket that is not large.
#[must_use]
pub fn objects(bucket: &str) -> Vec<String> {
    elements(&rest("s3", "GET", &format!("/{bucket}?list-type=2"), None).text, "Key")
}

/// The texts of all elements of this name.
fn elements(xml: &str, name: &str) -> Vec<String> {
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    xml.split(&start).skip(1).filter_map(|part| Some(part.split_once(&end)?.0.to_owned())).collect()
}
