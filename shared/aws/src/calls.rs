//! Which calls a piece of work makes to AWS, counted where they leave the process: none can be forgotten. Those to DynamoDB are metered
//! by whoever makes them, and S3 and SES, whose requests do not name their operation, are not told.

use std::cell::RefCell;
use std::collections::BTreeMap;

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;

tokio::task_local! {
    static MADE: RefCell<BTreeMap<String, u32>>;
}

/// Runs `work` and tells the calls that it made, with each try of one, by name: `cognito-idp:SignUp sqs:SendMessage*2`.
pub async fn noted<F: Future>(work: F) -> (F::Output, String) {
    // In a box, for the types of futures in futures grow deeper than the compiler follows.
    let work = Box::pin(work);
    let noting = async {
        let output = work.await;
        (output, MADE.with(|made| told(&made.borrow())))
    };
    MADE.scope(RefCell::default(), noting).await
}

fn told(made: &BTreeMap<String, u32>) -> String {
    let each = made.iter().map(|(call, times)| if *times > 1 { format!("{call}*{times}") } else { call.clone() });
    each.collect::<Vec<_>>().join(" ")
}

/// `connector`, with its requests noted.
pub(crate) fn note(connector: SharedHttpConnector) -> SharedHttpConnector {
    SharedHttpConnector::new(Noting(connector))
}

#[derive(Debug)]
struct Noting(SharedHttpConnector);

impl HttpConnector for Noting {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if let Some(call) = name(&request) {
            // Work that nobody asks about is not noted.
            let _ = MADE.try_with(|made| *made.borrow_mut().entry(call).or_default() += 1);
        }
        self.0.call(request)
    }
}

/// `AmazonSQS.SendMessage` → `sqs:SendMessage`.
fn name(request: &HttpRequest) -> Option<String> {
    let (service, operation) = request.headers().get("x-amz-target")?.split_once('.')?;
    let service = match service {
        "AWSCognitoIdentityProviderService" => "cognito-idp",
        "AmazonSQS" => "sqs",
        dynamodb if dynamodb.starts_with("DynamoDB") => return None,
        other => other,
    };
    Some(format!("{service}:{operation}"))
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
    use aws_smithy_types::body::SdkBody;

    use super::*;

    #[derive(Debug)]
    struct Anything;

    impl HttpConnector for Anything {
        fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
            let status = 200.try_into().unwrap();
            HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::empty())))
        }
    }

    async fn ask(connector: &SharedHttpConnector, target: Option<&str>) {
        let request = http::Request::post("http://127.0.0.1:4566/");
        let request = target.into_iter().fold(request, |request, target| request.header("x-amz-target", target));
        connector.call(request.body(SdkBody::empty()).unwrap().try_into().unwrap()).await.unwrap();
    }

    #[tokio::test]
    async fn calls_are_told_by_name_and_number_but_for_those_to_dynamodb() {
        let connector = note(SharedHttpConnector::new(Anything));
        let work = async {
            for target in [
                "AmazonSQS.SendMessage",
                "DynamoDB_20120810.GetItem",
                "AWSCognitoIdentityProviderService.SignUp",
                "AmazonSQS.SendMessage",
                "AWSEvents.PutEvents",
            ] {
                ask(&connector, Some(target)).await;
            }
            ask(&connector, None).await;
            "done"
        };
        let (output, calls) = noted(work).await;
        assert_eq!((output, calls.as_str()), ("done", "AWSEvents:PutEvents cognito-idp:SignUp sqs:SendMessage*2"));
    }

    #[tokio::test]
    async fn work_side_by_side_is_told_apart_and_what_nobody_asks_about_is_done_all_the_same() {
        let connector = note(SharedHttpConnector::new(Anything));
        let one = noted(ask(&connector, Some("AmazonSQS.SendMessage")));
        let other = noted(ask(&connector, Some("AmazonSSM.GetParameter")));
        let (one, other) = tokio::join!(one, other);
        assert_eq!((one.1.as_str(), other.1.as_str()), ("sqs:SendMessage", "AmazonSSM:GetParameter"));
        ask(&connector, Some("AmazonSQS.SendMessage")).await;
        assert_eq!(noted(async {}).await.1, "");
    }
}
