//! A form that lets a browser upload one object (Signature Version 4, `POST` policy); the AWS SDK for Rust has none.

use std::collections::BTreeMap;
use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kernel::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

#[derive(Clone)]
pub(super) struct Credentials {
    pub(super) access_key_id: String,
    pub(super) secret_access_key: String,
    pub(super) session_token: Option<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

/// Where and with which fields the file is posted (`multipart/form-data`; the file is the last field, `file`).
#[derive(Debug, Serialize, JsonSchema)]
pub struct UploadForm {
    url: String,
    fields: BTreeMap<&'static str, String>,
    expires_at: Timestamp,
}

pub(super) struct PresignedPost<'a> {
    pub(super) bucket: &'a str,
    pub(super) region: &'a str,
    pub(super) key: &'a str,
    pub(super) content_type: &'a str,
    pub(super) max_bytes: u32,
    pub(super) now: Timestamp,
    pub(super) expires_at: Timestamp,
}

impl PresignedPost<'_> {
    pub(super) fn sign(&self, url: &str, credentials: &Credentials) -> UploadForm {
        let date = self.now.utc_date().replace('-', "");
        let mut fields = BTreeMap::from([
            ("key", self.key.to_owned()),
            ("Content-Type", self.content_type.to_owned()),
            ("x-amz-algorithm", "AWS4-HMAC-SHA256".to_owned()),
            ("x-amz-credential", format!("{}/{date}/{}/s3/aws4_request", credentials.access_key_id, self.region)),
            ("x-amz-date", amz_date(self.now)),
        ]);
        if let Some(token) = &credentials.session_token {
            fields.insert("x-amz-security-token", token.clone());
        }
        let policy = STANDARD.encode(self.policy(&fields).to_string());
        let key = signing_key(&credentials.secret_access_key, &date, self.region, "s3");
        fields.insert("x-amz-signature", hex(mac(&key, &policy).as_ref()));
        fields.insert("policy", policy);
        UploadForm { url: url.to_owned(), fields, expires_at: self.expires_at }
    }

    /// Every field of the form, as it must be, and the size.
    fn policy(&self, fields: &BTreeMap<&'static str, String>) -> Value {
        let exactly = fields.iter().map(|(name, value)| json!({ *name: value }));
        let others = [json!({ "bucket": self.bucket }), json!(["content-length-range", 1, self.max_bytes])];
        json!({ "expiration": self.expires_at, "conditions": exactly.chain(others).collect::<Vec<_>>() })
    }
}

/// `20261123T050725Z`.
fn amz_date(at: Timestamp) -> String {
    let text = at.to_string();
    let seconds = text.split('.').next().unwrap_or_default();
    format!("{}Z", seconds.replace(['-', ':'], ""))
}

fn signing_key(secret: &str, date: &str, region: &str, service: &str) -> hmac::Tag {
    let first = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, format!("AWS4{secret}").as_bytes()), date.as_bytes());
    [region, service, "aws4_request"].into_iter().fold(first, |key, part| mac(&key, part))
}

fn mac(key: &hmac::Tag, text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_ref()), text.as_bytes())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    fn form(session_token: Option<&str>) -> UploadForm {
        let now = testkit::now();
        let post = PresignedPost {
            bucket: "media",
            region: "eu-central-1",
            key: "products/prod_1/img_1.png",
            content_type: "image/png",
            max_bytes: 1000,
            now,
            expires_at: now.plus_seconds(900),
        };
        let credentials = Credentials {
            access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret_access_key: SECRET.to_owned(),
            session_token: session_token.map(str::to_owned),
        };
        post.sign("https://media.example/", &credentials)
    }

    fn policy(form: &UploadForm) -> Value {
        serde_json::from_slice(&STANDARD.decode(&form.fields["policy"]).unwrap()).unwrap()
    }

    #[test]
    fn the_signing_key_is_the_one_of_the_aws_documentation() {
        let key = signing_key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20120215", "us-east-1", "iam");
        assert_eq!(hex(key.as_ref()), "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d");
    }

    #[test]
    fn the_signature_is_that_of_the_encoded_policy() {
        let form = form(None);
        let key = signing_key(SECRET, "20261123", "eu-central-1", "s3");
        assert_eq!(form.fields["x-amz-signature"], hex(mac(&key, &form.fields["policy"]).as_ref()));
        assert_eq!(form.fields["x-amz-date"], "20261123T050000Z");
        assert_eq!(form.fields["x-amz-credential"], "AKIAIOSFODNN7EXAMPLE/20261123/eu-central-1/s3/aws4_request");
    }

    #[test]
    fn the_policy_binds_every_field_and_the_size() {
        let form = form(Some("session"));
        let policy = policy(&form);
        let conditions = policy["conditions"].as_array().unwrap();
        for (name, value) in form.fields.iter().filter(|(name, _)| !matches!(**name, "policy" | "x-amz-signature")) {
            assert!(conditions.contains(&json!({ *name: value })), "{name}");
        }
        assert!(conditions.contains(&json!({ "bucket": "media" })));
        assert!(conditions.contains(&json!(["content-length-range", 1, 1000])));
        assert_eq!(policy["expiration"], "2026-11-23T05:15:00.000Z");
        assert_eq!(form.fields["x-amz-security-token"], "session");
    }

    #[test]
    fn long_lived_credentials_have_no_session_token() {
        assert!(!form(None).fields.contains_key("x-amz-security-token"));
    }

    #[test]
    fn credentials_do_not_show_the_secret() {
        let credentials = Credentials {
            access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret_access_key: SECRET.to_owned(),
            session_token: Some("session".to_owned()),
        };
        let text = format!("{credentials:?}");
        assert!(!text.contains(SECRET) && !text.contains("session"));
    }
}
