use std::collections::BTreeSet;

use e2e::templates::{self, Template};
use e2e::{SERVICES, repository, routes};

/// Resources a stack may have, release aliases included.
const MAX_RESOURCES: usize = 350;

/// The bins that the service's manifest declares.
fn bins(service: &str) -> BTreeSet<String> {
    let manifest = std::fs::read_to_string(repository().join(format!("functions/{service}/Cargo.toml"))).unwrap();
    let names = manifest.split("[[bin]]").skip(1).map(|section| {
        let line = section.lines().find(|line| line.starts_with("name")).expect("a bin has a name");
        line.split('"').nth(1).expect("a name is quoted").to_owned()
    });
    names.collect()
}

fn pascal(kebab: &str) -> String {
    kebab.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

fn services() -> Vec<Template> {
    SERVICES.iter().map(|name| templates::service(name)).collect()
}

#[test]
fn each_bin_is_one_function_under_one_name() {
    for template in services() {
        let service = &template.name;
        let functions = template.functions();
        assert_eq!(functions.keys().cloned().collect::<BTreeSet<_>>(), bins(service), "{service}");
        for (name, (id, properties)) in &functions {
            let short =
                name.strip_prefix(&format!("{service}-")).unwrap_or_else(|| panic!("{name} is not of {service}"));
            assert_eq!(*id, format!("{}Function", pascal(short)), "{name}");
            assert_eq!(properties["CodeUri"], format!("../../target/lambda/{name}/"), "{name}");
            let source = format!("functions/{service}/src/bin/{}.rs", short.replace('-', "_"));
            assert!(repository().join(&source).exists(), "{source} is missing");
        }
    }
}

#[test]
fn each_route_has_its_function_and_the_gateway_may_invoke_it() {
    let services = services();
    for route in routes() {
        let service = route.function.split('-').next().unwrap();
        let template = services.iter().find(|template| template.name == service).unwrap();
        let functions = template.functions();
        let (id, _) = functions.get(route.function).unwrap_or_else(|| panic!("{} has no function", route.path));
        let permissions = template.resources("AWS::Lambda::Permission");
        let permission = permissions.values().find(|permission| permission["FunctionName"]["Ref"] == *id);
        let source =
            permission.unwrap_or_else(|| panic!("nobody may invoke {id}"))["SourceArn"]["Fn::Sub"].as_str().unwrap();
        let path: String = route
            .path
            .split('/')
            .map(|part| if part.starts_with('{') { "*" } else { part })
            .collect::<Vec<_>>()
            .join("/");
        let expected = format!("/v1/{}{path}", route.method.to_uppercase());
        assert!(source.ends_with(&expected), "{id}: {source} is not {expected}");
    }
}

#[test]
fn each_function_is_reached_by_a_route_a_queue_a_stream_or_a_schedule() {
    let routes = routes();
    for template in services() {
        for (name, (id, properties)) in template.functions() {
            let events = properties["Events"].as_object().map_or(0, serde_json::Map::len);
            let routed = routes.iter().any(|route| route.function == name);
            assert!(
                routed != (events > 0),
                "{id} has {events} event sources and {}",
                if routed { "a route" } else { "no route" }
            );
        }
    }
}

#[test]
fn a_stack_stays_far_below_the_limit_of_resources() {
    for template in services().into_iter().chain([templates::root()]) {
        let functions = template.functions().len();
        let resources = template.document["Resources"].as_object().unwrap().len();
        // Each function becomes a version and an alias more; each event source a mapping.
        let deployed = resources + functions * 3;
        assert!(deployed <= MAX_RESOURCES, "{} has {deployed}", template.name);
    }
}

#[test]
fn data_outlives_its_stack_outside_branch_stacks() {
    for template in services().into_iter().chain([templates::root()]) {
        for (id, resource) in template.document["Resources"].as_object().unwrap() {
            if ["AWS::DynamoDB::Table", "AWS::Cognito::UserPool"].contains(&resource["Type"].as_str().unwrap()) {
                assert!(resource["DeletionPolicy"].to_string().contains("Retain"), "{}: {id}", template.name);
            }
        }
        for (id, table) in template.resources("AWS::DynamoDB::Table") {
            assert_eq!(table["BillingMode"], "PAY_PER_REQUEST", "{id}");
            assert_eq!(table["TimeToLiveSpecification"]["AttributeName"], "ttl", "{id}");
            assert!(!table["PointInTimeRecoverySpecification"].is_null(), "{id}");
        }
    }
}

#[test]
fn the_secret_of_the_app_client_goes_to_those_who_ask_as_it_and_to_nobody_else() {
    let mut asking = 0;
    for template in services() {
        for (name, (_, properties)) in template.functions() {
            let short = name.strip_prefix(&format!("{}-", template.name)).unwrap().replace('-', "_");
            let source = repository().join(format!("functions/{}/src/bin/{short}.rs", template.name));
            let source = std::fs::read_to_string(source).unwrap();
            let asks = ["App::from_env", "SignedIn::from_env"].iter().any(|made| source.contains(made));
            let is_told = !properties["Environment"]["Variables"]["USER_POOL_CLIENT_SECRET"].is_null();
            assert_eq!(is_told, asks, "{name}");
            asking += u32::from(asks);
        }
    }
    assert!(asking > 0);
    let root = templates::root();
    let clients = root.resources("AWS::Cognito::UserPoolClient");
    assert!(clients.values().all(|client| client["GenerateSecret"] == true), "{clients:?}");
}

#[test]
fn the_shops_own_counter_refuses_before_cognito_locks_an_account_and_so_tells_that_it_exists() {
    let tries = &templates::service("users").document["Parameters"]["TriesPerAccount"];
    assert!(tries["Default"].as_u64().is_some_and(|tries| (1..=5).contains(&tries)), "{tries}");
}

#[test]
fn no_function_is_told_an_endpoint_or_a_secret() {
    for template in services() {
        for (name, (_, properties)) in template.functions() {
            let Some(variables) = properties["Environment"]["Variables"].as_object() else { continue };
            for variable in variables.keys() {
                assert!(!variable.starts_with("AWS_"), "{name} sets {variable}");
                let looks_secret = ["SECRET_KEY", "PASSWORD", "API_KEY"].iter().any(|word| variable.contains(word));
                assert!(!looks_secret, "{name} sets {variable}");
            }
        }
    }
}
