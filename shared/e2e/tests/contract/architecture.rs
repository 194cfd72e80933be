use std::path::{Path, PathBuf};

use e2e::{SERVICES, repository};

/// Who may call whom, through `interface` and nothing else.
const MAY_CALL: [(&str, &[&str]); 7] = [
    ("users", &[]),
    ("catalog", &["users"]),
    ("cart", &["catalog"]),
    ("orders", &["catalog", "cart", "users"]),
    ("payments", &["orders"]),
    ("notifications", &[]),
    ("platform", &[]),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

#[test]
fn a_service_uses_only_the_interfaces_that_it_may() {
    for (service, allowed) in MAY_CALL {
        for file in sources(&repository().join(format!("functions/{service}/src"))) {
            let text = std::fs::read_to_string(&file).unwrap();
            for other in SERVICES.iter().filter(|other| **other != service) {
                for used in text.split(&format!("{other}::")).skip(1).zip(text.split(&format!("{other}::"))) {
                    let (after, before) = used;
                    if before.ends_with(|character: char| {
                        character.is_alphanumeric() || character == '_' || character == ':'
                    }) {
                        continue;
                    }
                    let file = file.display();
                    assert!(allowed.contains(other), "{file} uses {other}");
                    assert!(after.starts_with("interface"), "{file} uses {other}::{}", after.lines().next().unwrap());
                }
            }
        }
    }
}

#[test]
fn the_domain_does_no_input_or_output() {
    for service in SERVICES {
        let folder = repository().join(format!("functions/{service}/src/domain"));
        if !folder.exists() {
            continue;
        }
        for file in sources(&folder) {
            let text = std::fs::read_to_string(&file).unwrap();
            for forbidden in ["aws_sdk", "tokio::", "dynamo::Table", "async fn", "kernel::fresh", "aws::fetch"] {
                assert!(!text.contains(forbidden), "{} uses {forbidden}", file.display());
            }
        }
    }
}

#[test]
fn money_is_never_a_float() {
    let folders = [
        "shared/kernel",
        "shared/pricing",
        "functions/cart",
        "functions/orders",
        "functions/payments",
        "functions/catalog",
    ];
    for folder in folders {
        for file in sources(&repository().join(folder).join("src")) {
            let text = std::fs::read_to_string(&file).unwrap();
            for float in ["f32", "f64"] {
                assert!(!text.contains(float), "{} uses {float}", file.display());
            }
        }
    }
}
