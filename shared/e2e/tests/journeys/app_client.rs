//! Cognito itself, asked by somebody who knows the app client's id and not its secret.

use api::Code;
use e2e::cognito::ask;
use e2e::people::{PASSWORD, Person, new_address, register, shopper, sign_in};
use e2e::shop::Answer;
use serde_json::{Value, json};

const OTHER_PASSWORD: &str = "Battery-staple-8-horse";

/// All that somebody without a token can ask about `email`.
fn questions(email: &str) -> [(&'static str, Value); 6] {
    let sign_in = json!({ "USERNAME": email, "PASSWORD": PASSWORD });
    [
        ("SignUp", json!({ "Username": email, "Password": OTHER_PASSWORD })),
        ("ConfirmSignUp", json!({ "Username": email, "ConfirmationCode": "123456" })),
        ("ResendConfirmationCode", json!({ "Username": email })),
        ("ForgotPassword", json!({ "Username": email })),
        (
            "ConfirmForgotPassword",
            json!({ "Username": email, "ConfirmationCode": "123456", "Password": OTHER_PASSWORD }),
        ),
        ("InitiateAuth", json!({ "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": sign_in })),
    ]
}

fn refused(answer: &Answer) -> String {
    assert_eq!((answer.status, &answer.json()["__type"]), (400, &json!("NotAuthorizedException")), "{}", answer.text);
    answer.text.clone()
}

#[test]
fn without_the_secret_of_the_app_client_cognito_answers_nothing_about_anybody() {
    let Person { email: known, refresh_token, .. } = shopper();
    let waiting = new_address();
    let _ = register(&waiting);
    let unknown = new_address();
    for (((operation, known), (_, waiting)), (_, unknown)) in
        questions(&known).into_iter().zip(questions(&waiting)).zip(questions(&unknown))
    {
        let told = [known, waiting, unknown].map(|question| refused(&ask(operation, question)));
        assert!(told.iter().all(|text| *text == told[0]), "{operation}: {told:?}");
    }
    refused(&ask("GetTokensFromRefreshToken", json!({ "RefreshToken": refresh_token })));
    refused(&ask(
        "InitiateAuth",
        json!({ "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": { "REFRESH_TOKEN": refresh_token } }),
    ));
    sign_in(&known, PASSWORD).expect(200);
    sign_in(&unknown, OTHER_PASSWORD).refused(Code::CredentialsInvalid);
}
