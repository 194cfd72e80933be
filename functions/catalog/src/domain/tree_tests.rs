use kernel::{Slug, Ulid};
use proptest::prelude::*;

use super::*;
use crate::domain::{Closing, Title};

fn id(number: u128) -> CategoryId {
    CategoryId::new(Ulid(number))
}

fn category(number: u128, parent: Option<u128>, position: u16) -> Category {
    Category {
        id: id(number),
        slug: Slug::parse(&format!("c-{number}")).unwrap(),
        title: Title::parse("Tea").unwrap(),
        parent_id: parent.map(id),
        position,
        status: CategoryStatus::Active,
        closing: None,
        version: 1,
    }
}

fn with_status(number: u128, parent: Option<u128>, status: CategoryStatus) -> Category {
    Category { status, ..category(number, parent, 0) }
}

/// Each below the one before.
fn chain(levels: u128) -> Tree {
    Tree::new((1..=levels).map(|level| category(level, (level > 1).then(|| level - 1), 0)))
}

fn numbers(ids: impl IntoIterator<Item = CategoryId>) -> Vec<u128> {
    ids.into_iter().map(|id| id.ulid().0).collect()
}

#[test]
fn a_path_leads_from_a_category_to_the_top() {
    let tree = chain(3);
    assert_eq!(tree.path(id(3)), Ok(vec![id(3), id(2), id(1)]));
    assert_eq!(tree.path(id(9)), Err(NoPlace::Unknown));
}

#[test]
fn a_fifth_level_fits_and_a_sixth_does_not() {
    let tree = chain(5);
    assert_eq!(tree.place_new(None), Ok(()));
    assert_eq!(tree.place_new(Some(id(4))), Ok(()));
    assert_eq!(tree.place_new(Some(id(5))), Err(NoPlace::TooDeep));
}

#[test]
fn a_category_moves_with_all_that_is_below_it() {
    let tree = Tree::new([
        category(1, None, 0),
        category(2, Some(1), 0),
        category(3, Some(2), 0),
        category(11, None, 0),
        category(12, Some(11), 0),
        category(13, Some(12), 0),
    ]);
    assert_eq!(tree.place(id(11), Some(id(2))), Ok(()), "two levels and three");
    assert_eq!(tree.place(id(11), Some(id(3))), Err(NoPlace::TooDeep), "three levels and three");
    assert_eq!(tree.place(id(12), Some(id(3))), Ok(()));
    assert_eq!(tree.place(id(12), None), Ok(()));
}

#[test]
fn a_category_is_not_put_below_itself_nor_below_what_is_not_there() {
    let tree = chain(3);
    assert_eq!(tree.place(id(1), Some(id(1))), Err(NoPlace::Cycle));
    assert_eq!(tree.place(id(1), Some(id(3))), Err(NoPlace::Cycle));
    assert_eq!(tree.place(id(1), Some(id(9))), Err(NoPlace::Unknown));
    assert_eq!(tree.place_new(Some(id(9))), Err(NoPlace::Unknown));
}

#[test]
fn nothing_is_put_into_what_is_being_deleted() {
    let closing = Category { closing: Some(Closing { move_to: Some(id(1)) }), ..category(2, None, 0) };
    let tree = Tree::new([category(1, None, 0), closing, category(3, None, 0)]);
    assert_eq!(tree.place_new(Some(id(2))), Err(NoPlace::Closing));
    assert_eq!(tree.place(id(3), Some(id(2))), Err(NoPlace::Closing));
    assert!(tree.is_awaiting_products(id(1)) && !tree.is_awaiting_products(id(3)));
}

#[test]
fn a_shop_has_a_thousand_categories_and_no_more() {
    let tree = |count: u128| Tree::new((1..=count).map(|number| category(number, None, 0)));
    assert_eq!(tree(999).place_new(None), Ok(()));
    assert_eq!(tree(1000).place_new(None), Err(NoPlace::Full));
    assert_eq!(tree(1000).place(id(1), Some(id(2))), Ok(()), "those that are there may move");
}

#[test]
fn a_category_shows_itself_to_no_more_than_those_above_it() {
    use CategoryStatus::{Active, Draft, Hidden};
    let tree = Tree::new([
        category(1, None, 0),
        with_status(2, Some(1), Hidden),
        category(3, Some(2), 0),
        with_status(4, Some(3), Draft),
        with_status(5, Some(4), Hidden),
    ]);
    let shown: Vec<_> = (1..=6).map(|number| tree.shown_to(id(number))).collect();
    assert_eq!(shown, [Some(Active), Some(Hidden), Some(Hidden), Some(Draft), Some(Draft), None]);
    assert_eq!(numbers(tree.shelves(id(5))), [3, 2, 1]);
    assert_eq!(numbers(tree.into_shown().into_iter().map(|category| category.id)), [1]);
}

#[test]
fn the_list_has_the_top_first_and_siblings_by_position() {
    let tree =
        Tree::new([category(1, None, 2), category(2, Some(1), 1), category(3, Some(1), 0), category(4, None, 1)]);
    assert_eq!(numbers(tree.into_sorted().into_iter().map(|category| category.id)), [4, 1, 3, 2]);
}

#[test]
fn a_sub_tree_is_a_category_with_all_below_it() {
    let tree =
        Tree::new([category(1, None, 0), category(2, Some(1), 0), category(3, Some(2), 0), category(4, None, 0)]);
    assert_eq!(numbers(tree.with_those_below(id(1))), [1, 2, 3]);
    assert_eq!(numbers(tree.with_those_below(id(3))), [3]);
}

/// What staff may ask for; numbers are of categories that are there, not there, or both.
#[derive(Debug, Clone)]
enum Step {
    Create { number: u128, parent: Option<u128> },
    Move { number: u128, parent: Option<u128> },
    Delete { number: u128 },
}

fn step() -> impl Strategy<Value = Step> {
    let number = 1..14_u128;
    let parent = prop::option::weighted(0.8, 1..14_u128);
    prop_oneof![
        1 => (number.clone(), parent.clone()).prop_map(|(number, parent)| Step::Create { number, parent }),
        3 => (number.clone(), parent).prop_map(|(number, parent)| Step::Move { number, parent }),
        1 => number.prop_map(|number| Step::Delete { number }),
    ]
}

/// Whether every category leads to the top within five steps.
fn is_sound(tree: &Tree) -> bool {
    tree.0.values().all(|category| {
        let mut next = Some(category);
        for _ in 0..MAX_DEPTH {
            let Some(parent) = next.and_then(|category| category.parent_id) else { return next.is_some() };
            next = tree.get(parent);
        }
        false
    })
}

/// The tree after `step`, whether or not that is a good idea; none if there is nothing to do it to.
fn done(tree: &Tree, step: &Step) -> Option<Tree> {
    let mut after = tree.clone();
    match step {
        Step::Create { number, parent } => {
            let before = after.0.insert(id(*number), category(*number, *parent, 0));
            before.is_none().then_some(after)
        }
        Step::Move { number, parent } => {
            after.0.get_mut(&id(*number))?.parent_id = parent.map(id);
            Some(after)
        }
        Step::Delete { number } => after.0.remove(&id(*number)).map(|_| after),
    }
}

fn is_allowed(tree: &Tree, step: &Step) -> bool {
    match step {
        Step::Create { parent, .. } => tree.place_new(parent.map(id)).is_ok(),
        Step::Move { number, parent } => tree.place(id(*number), parent.map(id)).is_ok(),
        Step::Delete { number } => !tree.has_children(id(*number)),
    }
}

proptest! {
    /// Without a cycle, an orphan or a sixth level; and nothing is refused that would leave it so.
    #[test]
    fn a_step_is_allowed_if_and_only_if_it_leaves_the_tree_sound(steps in prop::collection::vec(step(), 0..80)) {
        let mut tree = Tree::default();
        for step in steps {
            let Some(after) = done(&tree, &step) else { continue };
            prop_assert_eq!(is_allowed(&tree, &step), is_sound(&after), "{:?} of {:?}", step, tree);
            if is_sound(&after) {
                tree = after;
            }
        }
    }
}
