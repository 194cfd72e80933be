use api::{Access, Route};
use e2e::templates::{self, Template};
use e2e::{SERVICES, routes};
use serde_json::Value;

use crate::handler;

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

/// The endpoints of staff, each with its service, handler file and that file's text.
fn staff_endpoints() -> Vec<(Route, String, String)> {
    let of_staff = |route: &Route| matches!(route.access, Access::Staff(_));
    let with_handler = |route: Route| {
        let (file, source) = handler(&route);
        (route, file, source)
    };
    routes().into_iter().filter(of_staff).map(with_handler).collect()
}

#[test]
fn each_staff_mutation_records_who_did_it() {
    for (_, file, source) in staff_endpoints().iter().filter(|(route, ..)| route.method != "get") {
        assert!(source.contains("AuditEntry"), "{file} writes no audit entry");
    }
}

#[test]
fn each_staff_endpoint_asks_the_users_table_who_may() {
    for (route, file, source) in staff_endpoints() {
        assert!(source.contains("staff.admit(&request, "), "{file} lets in whoever has a token");
        let service = route.function.split('-').next().unwrap();
        let (id, properties) = templates::service(service).functions()[route.function].clone();
        let variables = &properties["Environment"]["Variables"];
        for setting in ["USERS_TABLE", "STAFF_NEEDS_TOTP"] {
            assert!(!variables[setting].is_null(), "{id} is not told {setting}");
        }
        let expected = "{{resolve:ssm:/souk/${Environment}/auth/staff-needs-totp}}";
        assert_eq!(variables["STAFF_NEEDS_TOTP"]["Fn::Sub"], expected, "{id}");
    }
}

#[test]
fn each_staff_function_may_read_one_row_of_the_users_and_no_more() {
    for (route, ..) in staff_endpoints() {
        let service = route.function.split('-').next().unwrap();
        let template = templates::service(service);
        let role = template.functions()[route.function].0.replace("Function", "Role");
        let users = if service == "users" { "\"Table\"" } else { "table/souk-${Environment}-users\"" };
        let grants: Vec<Vec<String>> = template
            .statements()
            .into_iter()
            .filter(|(of, statement)| *of == role && statement["Resource"].to_string().contains(users))
            .map(|(_, statement)| texts(&statement["Action"]))
            .collect();
        assert!(grants.iter().flatten().any(|action| action == "dynamodb:GetItem"), "{role} may not read who is staff");
        assert!(service == "users" || grants == [["dynamodb:GetItem"]], "{role} may {grants:?} on the users");
    }
}
