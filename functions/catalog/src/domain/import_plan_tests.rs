use kernel::Currency;

use super::*;
use crate::domain::sheet_rows::{self, Place};
use crate::domain::{StoredOffer, sheet_rows::groups};
use crate::fixtures;

const SHARED: &str = "slug,title,category,sku,price,stock";

/// What becomes of a file's first product.
fn plan_of(file: &str, stored: Option<&Stored>, taken: &[&str]) -> Plan {
    let (rows, _) = sheet_rows::rows(file.as_bytes(), Place::START, true);
    let header = Header::read(rows[0].cells.as_ref().unwrap().iter().map(String::as_str)).unwrap();
    let begin = rows[1].place;
    let bytes = &file.as_bytes()[usize::try_from(begin.byte).unwrap()..];
    let group = groups(bytes, begin, true, &header).remove(0);
    let categories = BTreeMap::from([("tea".parse().unwrap(), fixtures::category_id())]);
    let taken = taken.iter().map(|sku| sku.parse().unwrap()).collect();
    let importing = Importing {
        id: ImportId::new(Ulid(1000)),
        header: &header,
        repeated: &BTreeSet::from([99]),
        categories: &categories,
        currency: Currency::EUR,
        moment: fixtures::moment(),
    };
    importing.plan(&group, stored, &taken)
}

/// Lines, columns and codes of what is refused.
fn faults(plan: &Plan) -> Vec<(u32, String, String)> {
    let of_row = |row: &RefusedRow| {
        let line = row.line;
        let fault = move |fault: &CellFault| (line, fault.column.clone().unwrap_or_default(), fault.code.clone());
        row.faults.iter().map(fault).collect::<Vec<_>>()
    };
    plan.refused.iter().flat_map(of_row).collect()
}

fn results(plan: &Plan) -> Vec<(u32, RowResult)> {
    plan.rows.iter().map(|row| (row.line, row.result)).collect()
}

#[test]
fn rows_of_an_unknown_slug_make_a_product() {
    let file = "slug,title,category,status,tags,attributes,option1_name,option1_value,sku,price,compare_at_price,weight_grams,stock\n\
        assam,Assam,tea,active,black|loose,origin=India,Size,100 g,A-1,19.99,25,120,7\n\
        assam,,,,,,,200 g,A-2,35,,,\n";
    let plan = plan_of(file, None, &[]);
    assert_eq!((results(&plan), &plan.refused), (vec![(2, RowResult::Created), (3, RowResult::Created)], &vec![]));
    let edit = plan.edit.unwrap();
    assert_eq!((edit.product.title.as_str(), edit.product.category_id), ("Assam", fixtures::category_id()));
    assert_eq!(edit.product.options[0].values.len(), 2, "values come with the rows");
    let prices: Vec<i64> = edit.variants.iter().map(|offer| offer.price.amount).collect();
    assert_eq!((prices, edit.variants[0].weight_grams, edit.variants[1].weight_grams), (vec![1999, 3500], 120, 0));
    assert_eq!(edit.variants[0].imported.as_deref(), Some(format!("{}#2:created", ImportId::new(Ulid(1000))).as_str()));
    assert_eq!(plan.rows[0].count, Some(Count { on_hand: 0, counted: 7 }));
    assert_eq!(plan.rows[1].count, None);
}

#[test]
fn a_file_that_says_what_is_there_changes_nothing() {
    let file = format!("{SHARED}\ndarjeeling,Darjeeling,tea,TEA-100,19.99,0\n");
    let plan = plan_of(&file, Some(&fixtures::stored_tea()), &[]);
    assert_eq!((results(&plan), plan.edit, plan.rows[0].count), (vec![(2, RowResult::Unchanged)], None, None));
}

#[test]
fn what_the_file_has_no_column_for_stays() {
    let plan = plan_of("slug,sku,price\ndarjeeling,TEA-100,5\n", Some(&fixtures::stored_tea()), &[]);
    let edit = plan.edit.unwrap();
    let before = fixtures::stored_tea();
    assert_eq!((edit.variants[0].price.amount, edit.variants[0].weight_grams), (500, 120));
    assert_eq!((&edit.product.title, &edit.product.tags), (&before.product.title, &before.product.tags));
}

#[test]
fn an_empty_cell_empties_what_may_be_empty() {
    let file = "slug,sku,tags,description,compare_at_price,status\ndarjeeling,TEA-100,,,,\n";
    let edit = plan_of(file, Some(&fixtures::stored_tea()), &[]).edit.unwrap();
    assert!(edit.product.tags.is_empty() && edit.product.description.as_str().is_empty());
    assert_eq!(edit.product.status, fixtures::stored_tea().product.status, "a status is never nothing");
}

#[test]
fn a_stock_is_counted_and_a_variant_that_is_not_in_the_file_stays() {
    let stored = fixtures::stored(fixtures::new_product(fixtures::tea_in_sizes(2)));
    let plan = plan_of("slug,sku,stock\ndarjeeling,TEA-20,4\n", Some(&stored), &[]);
    assert_eq!((results(&plan), plan.edit), (vec![(2, RowResult::Updated)], None));
    assert_eq!(plan.rows[0].count, Some(Count { on_hand: 0, counted: 4 }));
    let file = "slug,sku,option1_value,price\ndarjeeling,TEA-30,10 g,1\ndarjeeling,TEA-20,20 g,7\n";
    let plan = plan_of(file, Some(&stored), &[]);
    assert_eq!(faults(&plan), [(2, "option1_value".to_owned(), "duplicate".to_owned())]);
    let skus: Vec<String> = plan.edit.unwrap().product.skus.iter().map(ToString::to_string).collect();
    assert_eq!(skus, ["TEA-10", "TEA-20"]);
}

#[test]
fn a_row_that_was_done_before_counts_as_it_did() {
    let id = ImportId::new(Ulid(1000));
    let marked = |mark: String| {
        let mut stored = fixtures::stored_tea();
        stored.offers[0].offer.imported = Some(mark);
        results(&plan_of(&format!("{SHARED}\ndarjeeling,Darjeeling,tea,TEA-100,19.99,0\n"), Some(&stored), &[]))
    };
    assert_eq!(marked(Import::mark(id, 2, RowResult::Created)), [(2, RowResult::Created)]);
    assert_eq!(marked(Import::mark(id, 3, RowResult::Created)), [(2, RowResult::Unchanged)]);
    assert_eq!(marked(Import::mark(ImportId::new(Ulid(1)), 2, RowResult::Updated)), [(2, RowResult::Unchanged)]);
}

#[test]
fn what_only_the_product_has_anew_is_the_first_rows_doing() {
    let stored = fixtures::stored(fixtures::new_product(fixtures::tea_in_sizes(2)));
    let file = "slug,sku,description\ndarjeeling,TEA-20,Second flush.\ndarjeeling,TEA-10,\n";
    let plan = plan_of(file, Some(&stored), &[]);
    assert_eq!(results(&plan), [(2, RowResult::Updated), (3, RowResult::Unchanged)]);
    let edit = plan.edit.unwrap();
    assert_eq!((edit.offers.len(), edit.offers[0].sku().as_str()), (1, "TEA-20"), "it has the mark");
}

/// Spoils one cell after the other of a good row.
#[test]
fn a_cell_that_cannot_be_read_is_refused_with_line_and_column() {
    let header = "slug,title,category,status,tags,tax_class,attributes,option1_name,option1_value,sku,variant_title,price,compare_at_price,weight_grams,stock";
    let good =
        ["assam", "Assam", "tea", "active", "a|b", "reduced", "k=v", "Size", "S", "A-1", "", "10", "12", "5", "3"];
    let whole = |cells: &[&str]| plan_of(&format!("{header}\n{}\n", cells.join(",")), None, &[]);
    assert!(whole(&good).refused.is_empty());
    let long = "x".repeat(201);
    for (column, cell, code) in [
        ("slug", "Not A Slug", "invalid_slug"),
        ("slug", "", "invalid_slug"),
        ("title", "", "required"),
        ("title", &long, "too_long"),
        ("category", "coffee", "category_not_found"),
        ("category", "", "required"),
        ("status", "on sale", "invalid_value"),
        ("tags", "a||b", "required"),
        ("tags", "a|a", "duplicate"),
        ("tax_class", "none", "invalid_value"),
        ("attributes", "k", "required"),
        ("attributes", "k=v|k=w", "duplicate"),
        ("attributes", "=v", "required"),
        ("option1_name", "Size=M|L", "option_mismatch"),
        ("option1_name", "Size=S|S", "duplicate"),
        ("option1_name", "=S", "required"),
        ("option1_value", &long, "too_long"),
        ("sku", "no spaces", "invalid_sku"),
        ("sku", "", "invalid_sku"),
        ("variant_title", &long, "too_long"),
        ("price", "", "required"),
        ("price", "10 €", "invalid_price"),
        ("compare_at_price", "9", "compare_at_too_low"),
        ("compare_at_price", "1.234", "invalid_price"),
        ("weight_grams", "-1", "out_of_range"),
        ("weight_grams", "1000001", "out_of_range"),
        ("weight_grams", "1.5", "out_of_range"),
        ("stock", "-1", "out_of_range"),
        ("stock", "many", "out_of_range"),
        ("stock", "1000000001", "out_of_range"),
    ] {
        let at = header.split(',').position(|name| name == column).unwrap();
        let mut cells = good;
        cells[at] = cell;
        let plan = whole(&cells);
        let named = if code == "option_mismatch" { "option1_value" } else { column };
        assert_eq!(faults(&plan), [(2, named.to_owned(), code.to_owned())], "{column} = '{cell}'");
        assert_eq!((plan.edit, plan.rows), (None, vec![]), "{column} = '{cell}'");
    }
}

#[test]
fn an_option_that_no_variant_has_a_value_of_is_told_with_the_variants_that_lack_it() {
    let file = "slug,title,category,option1_name,option1_value,sku,price\nassam,Assam,tea,Size,,A-1,5\n";
    let found = [(2, "option1_name", "required"), (2, "option1_value", "option_mismatch")];
    let expected = found.map(|(line, column, code)| (line, column.to_owned(), code.to_owned()));
    assert_eq!(faults(&plan_of(file, None, &[])), expected);
}

#[test]
fn all_faults_of_a_row_are_told_at_once() {
    let plan = plan_of(&format!("{SHARED}\nassam,,coffee,a b,x,-\n"), None, &[]);
    let columns: Vec<String> = faults(&plan).into_iter().map(|(_, column, _)| column).collect();
    assert_eq!(columns, ["title", "category", "sku", "price", "stock"]);
}

#[test]
fn capitals_of_a_chosen_word_make_no_difference_within_a_product() {
    let file = "slug,title,category,status,tax_class,option1_name,option1_value,sku,price\n\
                assam,Assam,tea,Active,reduced,Size,100 g,A-1,5\nassam,,,active,Reduced,,250 g,A-2,9\n";
    let plan = plan_of(file, None, &[]);
    assert_eq!(faults(&plan), []);
    assert_eq!(results(&plan), [(2, RowResult::Created), (3, RowResult::Created)]);
}

#[test]
fn a_row_is_refused_by_itself_and_a_product_with_all_its_rows() {
    let file = format!("{SHARED}\nassam,Assam,tea,A-1,x,1\nassam,,,A-2,5,1\nassam,Other,,A-3,5,1\n");
    let plan = plan_of(&file, None, &[]);
    let found = [(2, "price", "invalid_price"), (4, "title", "differs")];
    assert_eq!(faults(&plan), found.map(|(line, column, code)| (line, column.to_owned(), code.to_owned())));
    assert_eq!(results(&plan), [(3, RowResult::Created)]);

    let plan = plan_of(&format!("{SHARED}\nassam,Assam,coffee,A-1,5,1\nassam,,,A-2,5,1\n"), None, &[]);
    let found = [(2, "category", "category_not_found"), (3, "", "product_refused")];
    assert_eq!(faults(&plan), found.map(|(line, column, code)| (line, column.to_owned(), code.to_owned())));
    assert_eq!((plan.edit, plan.rows), (None, vec![]));
}

#[test]
fn a_new_product_needs_a_title_a_category_and_prices() {
    let codes = |file: &str| faults(&plan_of(file, None, &[]));
    let needed = ["title", "category"].map(|column| (2, column.to_owned(), "required".to_owned()));
    assert_eq!(codes("slug,sku,price\nassam,A-1,5\n"), needed);
    assert_eq!(
        codes("slug,title,category,sku\nassam,Assam,tea,A-1\n"),
        [(2, "price".to_owned(), "required".to_owned())]
    );
}

#[test]
fn what_others_have_is_refused() {
    let plan = plan_of(&format!("{SHARED}\nassam,Assam,tea,A-1,5,1\nassam,,,A-2,5,1\n"), None, &["A-1"]);
    assert_eq!(faults(&plan), [(2, "sku".to_owned(), "sku_taken".to_owned())]);
    assert_eq!(results(&plan), [(3, RowResult::Created)]);
}

#[test]
fn what_was_taken_by_somebody_who_did_the_same_rows_is_the_product_s_own() {
    let file = format!("{SHARED}\ndarjeeling,Darjeeling,tea,TEA-100,19.99,0\n");
    let plan = plan_of(&file, Some(&fixtures::stored_tea()), &["TEA-100"]);
    assert_eq!((faults(&plan), results(&plan)), (vec![], vec![(2, RowResult::Unchanged)]));
}

#[test]
fn what_is_promised_cannot_be_counted_away() {
    let mut stored = fixtures::stored_tea();
    let StoredOffer { offer, .. } = &mut stored.offers[0];
    (offer.on_hand, offer.available, offer.reserved, offer.committed) = (10, 5, 3, 2);
    let counted = |units: u32| plan_of(&format!("slug,sku,stock\ndarjeeling,TEA-100,{units}\n"), Some(&stored), &[]);
    assert_eq!(faults(&counted(4)), [(2, "stock".to_owned(), "stock_negative".to_owned())]);
    assert_eq!(counted(5).rows[0].count, Some(Count { on_hand: 10, counted: 5 }));
}

#[test]
fn a_row_that_is_no_row_is_refused_whole() {
    for (row, code) in [("assam,Assam", "wrong_number_of_cells"), ("a,b,c,d,e,f,g", "wrong_number_of_cells")] {
        let plan = plan_of(&format!("{SHARED}\n{row}\n"), None, &[]);
        assert_eq!(faults(&plan), [(2, String::new(), code.to_owned())], "{row}");
    }
    let blank = "\n".repeat(97);
    let plan = plan_of(&format!("{SHARED}\n{blank}assam,Assam,tea,A-1,5,1\n"), None, &[]);
    assert_eq!(faults(&plan), [(99, String::new(), "repeated".to_owned())]);
}

#[test]
fn an_archived_product_stays_so_unless_the_file_says_otherwise() {
    let mut stored = fixtures::stored_tea();
    stored.product.status = crate::domain::Status::Archived;
    stored.offers[0].offer.for_sale = false;
    let edit = plan_of("slug,sku,price\ndarjeeling,TEA-100,5\n", Some(&stored), &[]).edit.unwrap();
    assert_eq!((edit.product.status, edit.variants[0].for_sale), (crate::domain::Status::Archived, false));
}
