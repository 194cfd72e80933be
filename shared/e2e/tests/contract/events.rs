use std::collections::BTreeSet;

use e2e::templates;
use e2e::{SERVICES, repository};
use serde_json::Value;

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

#[test]
fn each_rule_matches_events_that_somebody_tells() {
    for service in SERVICES {
        for (id, rule) in templates::service(service).resources("AWS::Events::Rule") {
            let pattern = &rule["EventPattern"];
            let (sources, types) = (strings(&pattern["source"]), strings(&pattern["detail-type"]));
            assert!(!sources.is_empty() && !types.is_empty(), "{service}: {id} matches anything");
            for detail_type in types {
                let told = events::ALL.iter().find(|(_, known)| *known == detail_type);
                let (source, _) =
                    told.unwrap_or_else(|| panic!("{service}: {id} waits for {detail_type}, which nobody tells"));
                assert!(
                    sources.contains(source),
                    "{service}: {id} waits for {detail_type} of {sources:?}, not {source}"
                );
            }
        }
    }
}

#[test]
fn each_event_has_a_golden_file_and_each_golden_file_an_event() {
    let folder = repository().join("shared/events/golden");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap().trim_end_matches(".json").to_owned())
        .collect();
    let events: BTreeSet<String> = events::ALL.iter().map(|(_, detail_type)| (*detail_type).to_owned()).collect();
    assert_eq!(files, events);
}
