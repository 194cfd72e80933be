use e2e::templates::{self, Template};
use e2e::{SERVICES, routes};
use serde_json::Value;

/// Where AWS itself knows no resource to name.
const WITHOUT_RESOURCE: [&str; 2] = ["sns:Publish", "xray:PutTraceSegments"];

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

fn templates() -> Vec<Template> {
    SERVICES.iter().map(|name| templates::service(name)).chain([templates::root()]).collect()
}

#[test]
fn no_role_may_do_everything_or_touch_everything() {
    for template in templates() {
        for (role, statement) in template.statements() {
            let actions = texts(&statement["Action"]);
            assert!(!actions.is_empty(), "{role} has a statement without actions");
            for action in &actions {
                assert!(!action.contains('*'), "{role} may {action}");
            }
            let excused = actions.iter().all(|action| WITHOUT_RESOURCE.contains(&action.as_str()));
            let everything = texts(&statement["Resource"]).iter().any(|resource| resource == "*");
            assert!(excused || !everything, "{role} may {actions:?} on everything");
        }
    }
}

#[test]
fn no_function_may_scan_a_table_or_invoke_another_function() {
    for template in templates() {
        for (role, statement) in template.statements() {
            for action in texts(&statement["Action"]) {
                assert!(
                    !["dynamodb:Scan", "lambda:InvokeFunction", "dynamodb:PartiQLSelect"].contains(&action.as_str()),
                    "{role} may {action}"
                );
            }
        }
    }
}

#[test]
fn each_function_has_a_role_of_its_own() {
    for template in templates() {
        let functions = template.functions();
        let roles: std::collections::BTreeSet<String> =
            functions.values().map(|(_, properties)| properties["Role"].to_string()).collect();
        assert_eq!(roles.len(), functions.len(), "{}", template.name);
        for (id, properties) in functions.values() {
            let expected = id.replace("Function", "Role");
            assert_eq!(properties["Role"]["Fn::GetAtt"][0], expected, "{id}");
        }
    }
}

#[test]
fn only_relays_and_sweeps_may_put_events_on_the_bus() {
    for template in templates() {
        for (role, statement) in template.statements() {
            if texts(&statement["Action"]).iter().any(|action| action == "events:PutEvents") {
                assert!(["RelayRole", "SweepRole"].contains(&role.as_str()), "{}: {role}", template.name);
            }
        }
    }
}

#[test]
fn each_staff_mutation_records_who_did_it() {
    for route in routes() {
        let api::Access::Staff(_) = route.access else { continue };
        if route.method == "get" {
            continue;
        }
        let (service, name) = route.function.split_once('-').unwrap();
        let file = format!("functions/{service}/src/handlers/{}.rs", name.replace('-', "_"));
        let source =
            std::fs::read_to_string(e2e::repository().join(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(source.contains("AuditEntry"), "{file} writes no audit entry");
    }
}
