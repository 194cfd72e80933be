use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem, Update};

use crate::condition::Condition;
use crate::expression::{Path, Placeholders};
use crate::row::{Entity, Key, Row};
use crate::table::{Item, Table};

/// One write with the condition under which it may happen.
#[derive(Debug, Clone)]
pub struct Change {
    pub(crate) table: Table,
    pub(crate) condition: Condition,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Put(Item),
    Update { key: Key, steps: Vec<Step> },
    Delete(Key),
    Check(Key),
}

#[derive(Debug, Clone)]
pub(crate) enum Step {
    Set(Path, AttributeValue),
    SetOnce(Path, AttributeValue),
    Add(Path, AttributeValue),
    Remove(Path),
}

impl Change {
    /// Writes a row that must not be there yet.
    #[must_use]
    pub fn create<T: Entity>(table: &Table, row: &Row<T>) -> Self {
        Self::put(table, row, Condition::Absent)
    }

    /// Writes a whole row under `condition`.
    ///
    /// # Panics
    /// Never: rows are plain data.
    #[must_use]
    pub fn put<T: Entity>(table: &Table, row: &Row<T>, condition: Condition) -> Self {
        let item = serde_dynamo::to_item(row).expect("a row is plain data");
        Self { table: table.clone(), condition, kind: Kind::Put(item) }
    }

    /// Changes named attributes of an item that is there; the others stay as they are. Counts its `version` up.
    #[must_use]
    pub fn update(table: &Table, key: Key) -> Self {
        let version = Step::Add("version".into(), crate::value(1));
        Self { table: table.clone(), condition: Condition::Exists, kind: Kind::Update { key, steps: vec![version] } }
    }

    /// Changes named attributes of an item under `condition`, which must also hold where there is none yet: that one begins with these.
    #[must_use]
    pub fn upsert<T: Entity>(table: &Table, key: Key, condition: Condition) -> Self {
        let steps = vec![
            Step::Add("version".into(), crate::value(1)),
            Step::SetOnce("type".into(), crate::value(T::TYPE)),
            Step::SetOnce("schema".into(), crate::value(T::SCHEMA)),
        ];
        Self { table: table.clone(), condition, kind: Kind::Update { key, steps } }
    }

    /// Removes an item under `condition`.
    #[must_use]
    pub fn delete(table: &Table, key: Key, condition: Condition) -> Self {
        Self { table: table.clone(), condition, kind: Kind::Delete(key) }
    }

    /// Writes nothing; the transaction happens only if `condition` holds.
    #[must_use]
    pub fn check(table: &Table, key: Key, condition: Condition) -> Self {
        Self { table: table.clone(), condition, kind: Kind::Check(key) }
    }

    /// A further condition on an update.
    #[must_use]
    pub fn when(mut self, condition: Condition) -> Self {
        self.condition = self.condition.and(condition);
        self
    }

    #[must_use]
    pub fn set(self, path: impl Into<Path>, value: impl serde::Serialize) -> Self {
        self.step(Step::Set(path.into(), crate::value(value)))
    }

    /// Sets an attribute that keeps its first value.
    #[must_use]
    pub fn set_once(self, path: impl Into<Path>, value: impl serde::Serialize) -> Self {
        self.step(Step::SetOnce(path.into(), crate::value(value)))
    }

    /// Adds to a number (which may be negative); an absent number is zero.
    #[must_use]
    pub fn add(self, path: impl Into<Path>, amount: i64) -> Self {
        self.step(Step::Add(path.into(), crate::value(amount)))
    }

    #[must_use]
    pub fn remove(self, path: impl Into<Path>) -> Self {
        self.step(Step::Remove(path.into()))
    }

    fn step(mut self, step: Step) -> Self {
        let Kind::Update { steps, .. } = &mut self.kind else {
            unreachable!("set, add and remove belong to an update");
        };
        steps.push(step);
        self
    }

    /// The change as one action of a transaction.
    pub(crate) fn into_action(self) -> TransactWriteItem {
        let mut placeholders = Placeholders::default();
        let condition = self.condition.render(&mut placeholders);
        let table = self.table.name();
        let build = "all required parts are set";
        let action = TransactWriteItem::builder();
        match self.kind {
            Kind::Put(item) => action.put(
                Put::builder()
                    .table_name(table)
                    .set_item(Some(item))
                    .condition_expression(condition)
                    .set_expression_attribute_names(placeholders.names())
                    .set_expression_attribute_values(placeholders.values())
                    .build()
                    .expect(build),
            ),
            Kind::Update { key, steps } => {
                let update = render_steps(&steps, &mut placeholders);
                action.update(
                    Update::builder()
                        .table_name(table)
                        .set_key(Some(key_item(key)))
                        .update_expression(update)
                        .condition_expression(condition)
                        .set_expression_attribute_names(placeholders.names())
                        .set_expression_attribute_values(placeholders.values())
                        .build()
                        .expect(build),
                )
            }
            Kind::Delete(key) => action.delete(
                Delete::builder()
                    .table_name(table)
                    .set_key(Some(key_item(key)))
                    .condition_expression(condition)
                    .set_expression_attribute_names(placeholders.names())
                    .set_expression_attribute_values(placeholders.values())
                    .build()
                    .expect(build),
            ),
            Kind::Check(key) => action.condition_check(
                ConditionCheck::builder()
                    .table_name(table)
                    .set_key(Some(key_item(key)))
                    .condition_expression(condition)
                    .set_expression_attribute_names(placeholders.names())
                    .set_expression_attribute_values(placeholders.values())
                    .build()
                    .expect(build),
            ),
        }
        .build()
    }
}

pub(crate) fn key_item(key: Key) -> Item {
    Item::from([("pk".to_owned(), AttributeValue::S(key.pk)), ("sk".to_owned(), AttributeValue::S(key.sk))])
}

/// `SET … ADD … REMOVE …`, each clause once as DynamoDB wants it.
pub(crate) fn render_steps(steps: &[Step], placeholders: &mut Placeholders) -> String {
    let (mut set, mut add, mut remove) = (Vec::new(), Vec::new(), Vec::new());
    for step in steps {
        match step {
            Step::Set(path, value) => {
                set.push(format!("{} = {}", placeholders.path(path), placeholders.value(value.clone())));
            }
            Step::SetOnce(path, value) => {
                let path = placeholders.path(path);
                set.push(format!("{path} = if_not_exists({path}, {})", placeholders.value(value.clone())));
            }
            Step::Add(path, value) if is_nested(path) => {
                let path = placeholders.path(path);
                set.push(format!("{path} = {path} + {}", placeholders.value(value.clone())));
            }
            Step::Add(path, value) => {
                add.push(format!("{} {}", placeholders.path(path), placeholders.value(value.clone())));
            }
            Step::Remove(path) => remove.push(placeholders.path(path)),
        }
    }
    [("SET", set), ("ADD", add), ("REMOVE", remove)]
        .into_iter()
        .filter(|(_, clauses)| !clauses.is_empty())
        .map(|(keyword, clauses)| format!("{keyword} {}", clauses.join(", ")))
        .collect::<Vec<_>>()
        .join(" ")
}

/// `ADD` works on top-level attributes only.
fn is_nested(path: &Path) -> bool {
    path.len() > 1
}
