//! Files that staff upload: pictures, and tables of products.

use serde_json::{Value, json};

use crate::products::by_admin;
use crate::shop::{Answer, agent, eventually_by_queue, get, post, read};
use crate::unique;

/// The smallest picture there is: one pixel.
pub const PIXEL: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82";

/// Posts `file` with the fields of a form, as a browser does.
#[must_use]
pub fn post_file(form: &Value, file: &[u8]) -> Answer {
    let boundary = format!("souk-{}", unique());
    let mut body = Vec::new();
    for (name, value) in form["fields"].as_object().unwrap() {
        let value = value.as_str().unwrap();
        let part = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend(part.into_bytes());
    }
    let part = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\n\r\n");
    body.extend(part.into_bytes());
    body.extend(file);
    body.extend(format!("\r\n--{boundary}--\r\n").into_bytes());
    let call = agent().post(form["url"].as_str().unwrap());
    read(call.header("Content-Type", format!("multipart/form-data; boundary={boundary}")).send(&body[..]).unwrap())
}

/// What is answered to staff who want to upload a picture of that kind.
#[must_use]
pub fn add_picture(product: &str, kind: &str, bytes: usize) -> Value {
    let body = json!({ "content_type": kind, "content_length": bytes, "alt": "A lamp on a table" });
    by_admin(post(&format!("/admin/products/{product}/images"))).json(&body).send().expect(201)
}

/// The product as shoppers see it once it has so many pictures.
#[track_caller]
pub fn with_pictures(product: &str, count: usize) -> Value {
    eventually_by_queue(&format!("{count} pictures of {product}"), || {
        let product = get(&format!("/products/{product}")).send().expect(200);
        (product["images"].as_array().unwrap().len() == count).then_some(product)
    })
}

/// A new import whose file was uploaded; its id.
#[must_use]
pub fn upload_rows(file: &str) -> String {
    let import = by_admin(post("/admin/imports")).send().expect(201);
    let answer = post_file(&import["upload"], file.as_bytes());
    assert_eq!(answer.status, 204, "{}", answer.text);
    import["id"].as_str().unwrap().to_owned()
}

/// How far the import is, with its first refused rows.
#[must_use]
pub fn import(id: &str) -> Answer {
    by_admin(get(&format!("/admin/imports/{id}?limit=100"))).send()
}

/// The report of an import that is over.
#[track_caller]
pub fn imported(id: &str) -> Value {
    eventually_by_queue(&format!("import {id} to end"), || {
        let report = import(id).expect(200);
        ["done", "failed"].iter().any(|status| report["status"] == *status).then_some(report)
    })
}

/// How many rows of a report were created, updated, unchanged and refused.
#[must_use]
pub fn counts(report: &Value) -> [i64; 4] {
    ["created", "updated", "unchanged", "refused"].map(|count| report[count].as_i64().unwrap())
}
