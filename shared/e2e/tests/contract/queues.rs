//! What the emulator does not look at, but AWS does.

use e2e::SERVICES;
use e2e::templates;
use serde_json::Value;

/// The longest a function may run ([`FunctionTimeout`]'s maximum), in seconds.
const MAX_TIMEOUT: i64 = 30;
/// As many metrics as an alarm may reckon with.
const MAX_METRICS: usize = 10;

#[test]
fn each_consumer_answers_per_message_and_is_bounded() {
    for service in SERVICES {
        for (name, (_, properties)) in templates::service(service).functions() {
            for event in properties["Events"].as_object().into_iter().flatten().map(|(_, event)| event) {
                if event["Type"] == "SQS" {
                    let properties = &event["Properties"];
                    assert_eq!(properties["FunctionResponseTypes"][0], "ReportBatchItemFailures", "{name}");
                    assert!(properties["ScalingConfig"]["MaximumConcurrency"].is_i64(), "{name}");
                }
            }
        }
    }
}

/// Fourteen days, the most there is. A code that nobody got is of no use the next day, and its message holds an address.
fn kept_seconds(dead_letters: &str) -> u32 {
    if dead_letters == "SendCodesDeadLetters" { 86_400 } else { 1_209_600 }
}

#[test]
fn each_queue_that_is_consumed_has_dead_letters_and_time_enough() {
    for service in SERVICES {
        let template = templates::service(service);
        let queues = template.resources("AWS::SQS::Queue");
        for (id, queue) in &queues {
            if id.ends_with("DeadLetters") {
                assert_eq!(queue["MessageRetentionPeriod"], kept_seconds(id), "{service}: {id}");
                continue;
            }
            assert_eq!(queue["RedrivePolicy"]["maxReceiveCount"], 5, "{service}: {id}");
            assert!(queue["VisibilityTimeout"].as_i64().unwrap_or_default() >= 6 * MAX_TIMEOUT, "{service}: {id}");
            assert_eq!(queue["SqsManagedSseEnabled"], true, "{service}: {id}");
        }
    }
}

#[test]
fn each_service_tells_where_its_dead_letters_are() {
    for service in SERVICES {
        let template = templates::service(service);
        let told = Value::from_iter(template.resources("AWS::SSM::Parameter").into_values()).to_string();
        for id in template.resources("AWS::SQS::Queue").keys().filter(|id| id.ends_with("DeadLetters")) {
            assert!(told.contains(&format!("${{{id}}}")), "{service}: health does not look at {id}");
        }
    }
}

#[test]
fn all_dead_letters_raise_an_alarm_that_aws_takes() {
    for service in SERVICES {
        let template = templates::service(service);
        let alarms = template.resources("AWS::CloudWatch::Alarm");
        for (id, alarm) in &alarms {
            let metrics = alarm["Metrics"].as_array().into_iter().flatten();
            let looked_at = metrics.filter(|metric| metric.get("MetricStat").is_some()).count();
            assert!(looked_at <= MAX_METRICS, "{service}: {id} looks at {looked_at} metrics");
        }
        let watched = Value::from_iter(alarms.into_values()).to_string();
        for id in template.resources("AWS::SQS::Queue").keys().filter(|id| id.ends_with("DeadLetters")) {
            assert!(watched.contains(&format!("[\"{id}\",\"QueueName\"]")), "{service}: no alarm looks at {id}");
        }
    }
}

#[test]
fn each_rule_may_send_to_its_queue_and_to_its_dead_letters() {
    for service in SERVICES {
        let template = templates::service(service);
        let policies = Value::from_iter(template.resources("AWS::SQS::QueuePolicy").into_values());
        for (id, rule) in template.resources("AWS::Events::Rule") {
            for target in rule["Targets"].as_array().unwrap() {
                assert!(!target["DeadLetterConfig"].is_null(), "{id} loses what it cannot deliver");
                for queue in [&target["Arn"], &target["DeadLetterConfig"]["Arn"]] {
                    assert!(
                        policies.to_string().contains(&queue.to_string()),
                        "{service}: {id} may not send to {queue}"
                    );
                }
            }
            assert!(policies.to_string().contains(&format!("[\"{id}\",\"Arn\"]")), "{service}: no policy names {id}");
        }
    }
}
