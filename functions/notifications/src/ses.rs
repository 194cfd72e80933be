//! Mail through Amazon SES (API v2).

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::Config;
use aws_sdk_sesv2::config::retry::RetryConfig;
use aws_sdk_sesv2::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kernel::Email;

use crate::domain::Mail;
use crate::handlers::send_email::{NotSent, SendMail};

/// Sends from one address.
#[derive(Debug, Clone)]
pub struct Ses {
    client: Client,
    from: String,
}

impl Ses {
    /// Sends as `shop_name` from the address that `MAIL_SENDER` names.
    ///
    /// # Errors
    /// When the setting is missing.
    pub async fn from_env(shop_name: &str) -> Result<Self, aws::env::SettingError> {
        let from = sender(shop_name, &aws::env::required("MAIL_SENDER")?);
        let (config, ()) = tokio::join!(aws::config(), aws::warm_up("email"));
        Ok(Self { client: Client::new(&config), from })
    }
}

impl SendMail for Ses {
    async fn send(&self, mail: &Mail, to: &Email) -> Result<String, NotSent> {
        let body = Body::builder().text(utf8(&mail.text)).html(utf8(&mail.html)).build();
        let message = Message::builder().subject(utf8(&mail.subject)).body(body).build();
        let call = self
            .client
            .send_email()
            .from_email_address(&self.from)
            .destination(Destination::builder().to_addresses(to.as_str()).build())
            .content(EmailContent::builder().simple(message).build())
            .customize()
            // After a lost answer the SDK would send the mail once more.
            .config_override(Config::builder().retry_config(RetryConfig::disabled()));
        let answer = call.send().await.map_err(|error| not_sent(&error))?;
        Ok(answer.message_id.unwrap_or_default())
    }
}

fn utf8(text: &str) -> Content {
    Content::builder().data(text).charset("UTF-8").build().expect("the data is set")
}

/// The address with the shop's name, as a mail header may hold it (RFC 5322; RFC 2047 beyond ASCII).
fn sender(name: &str, address: &str) -> String {
    if name.is_ascii() {
        format!("\"{}\" <{address}>", name.replace(['"', '\\'], ""))
    } else {
        format!("=?UTF-8?B?{}?= <{address}>", STANDARD.encode(name))
    }
}

/// What SES said, as far as it decides what comes next. Its sentences stay out: they may hold the address.
fn not_sent(error: &SdkError<SendEmailError>) -> NotSent {
    let reason = error.code().unwrap_or("no answer").to_owned();
    match error {
        SdkError::ConstructionFailure(_) => NotSent::Later { reason },
        SdkError::ServiceError(answer) => match answer.err() {
            SendEmailError::MessageRejected(_)
            | SendEmailError::BadRequestException(_)
            | SendEmailError::NotFoundException(_)
            | SendEmailError::MailFromDomainNotVerifiedException(_) => NotSent::Refused { reason },
            _ if answer.raw().status().is_server_error() => NotSent::Unknown { reason },
            _ => NotSent::Later { reason },
        },
        _ => NotSent::Unknown { reason },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shops_name_goes_before_its_address() {
        assert_eq!(sender("Souk", "shop@souk.example"), "\"Souk\" <shop@souk.example>");
        assert_eq!(sender("Tea \"& Co\" <x>", "a@b.example"), "\"Tea & Co <x>\" <a@b.example>");
        assert_eq!(sender("Süß", "a@b.example"), "=?UTF-8?B?U8O8w58=?= <a@b.example>");
    }
}
