use proptest::prelude::*;

use super::*;

#[test]
fn a_file_names_products_and_variants_and_each_column_once() {
    for (names, expected) in [
        ("slug,sku", Ok(2)),
        ("sku,price,slug", Ok(3)),
        (" slug , sku ", Ok(2)),
        ("slug,price", Err("missing_column")),
        ("sku,price", Err("missing_column")),
        ("slug;sku;price", Err("unknown_column")),
        ("slug,sku,colour", Err("unknown_column")),
        ("Slug,SKU,Compare_At_Price", Ok(3)),
        ("slug,sku,", Err("unknown_column")),
        ("slug,sku,slug", Err("repeated_column")),
        ("slug,sku,Slug", Err("repeated_column")),
        ("", Err("unknown_column")),
    ] {
        let read = Header::read(names.split(',')).map(|header| header.len()).map_err(|invalid| invalid.code());
        assert_eq!(read, expected, "{names}");
    }
}

#[test]
fn who_separates_cells_by_something_else_is_told_so() {
    for name in ["slug;sku;price", "slug\tsku"] {
        assert!(Header::read([name]).unwrap_err().detail().ends_with("commas separate cells, not semicolons or tabs."));
    }
    assert_eq!(Header::read(["colour"]).unwrap_err().detail(), "There is no column 'colour'.");
}

#[test]
fn every_column_has_a_name_of_its_own() {
    let names: std::collections::HashSet<&str> = Column::ALL.iter().map(|(_, name)| *name).collect();
    assert_eq!(names.len(), Column::ALL.len());
    assert!(Column::ALL.iter().all(|(column, name)| column.name() == *name));
    let whole = Header::whole();
    assert_eq!(Header::read(Column::ALL.iter().map(|(_, name)| *name)), Ok(whole.clone()));
    assert!(whole.columns().all(|column| whole.has(column)) && !whole.is_empty());
}

#[test]
fn a_cell_is_found_by_its_column() {
    let header = Header::read(["sku", "slug"]).unwrap();
    let row = ["TEA-1", "tea"];
    assert_eq!(header.cell(&row, Column::Slug), Some(&"tea"));
    assert_eq!((header.cell(&row, Column::Stock), header.cell(&row[..1], Column::Slug)), (None, None));
}

#[test]
fn a_price_has_the_decimals_of_its_currency() {
    let (eur, jpy, kwd) = (Currency::EUR, Currency::JPY, Currency::KWD);
    for (cell, currency, expected) in [
        ("19.99", eur, Ok(1999)),
        (" 19.9 ", eur, Ok(1990)),
        ("19", eur, Ok(1900)),
        ("0", eur, Ok(0)),
        ("0.05", eur, Ok(5)),
        ("1999", jpy, Ok(1999)),
        ("1.999", kwd, Ok(1999)),
        ("999999999.99", eur, Ok(99_999_999_999)),
        ("1000000000.00", eur, Err("invalid_price")),
        ("99999999999999999999", eur, Err("invalid_price")),
        ("", eur, Err("required")),
        ("19,99", eur, Err("invalid_price")),
        ("19.999", eur, Err("invalid_price")),
        ("19.5", jpy, Err("invalid_price")),
        ("-1", eur, Err("invalid_price")),
        ("+1", eur, Err("invalid_price")),
        (".5", eur, Err("invalid_price")),
        ("1e3", eur, Err("invalid_price")),
        ("1.000.000", eur, Err("invalid_price")),
        ("€ 5", eur, Err("invalid_price")),
    ] {
        let read = price(cell, currency).map(|money| money.amount).map_err(|invalid| invalid.code());
        assert_eq!(read, expected, "'{cell}' {}", currency.code());
    }
}

#[test]
fn a_name_with_values_is_told_from_a_name_alone() {
    assert_eq!(unpair("Size=S|M"), ("Size".to_owned(), Some("S|M")));
    assert_eq!(unpair(r"a\=b"), ("a=b".to_owned(), None));
    assert_eq!(unpair("Size="), ("Size".to_owned(), Some("")));
    assert_eq!(
        (unlist(""), unlist("  "), unlist("a||b")),
        (vec![], vec![], vec!["a".to_owned(), String::new(), "b".to_owned()])
    );
}

proptest! {
    #[test]
    fn a_list_is_read_as_it_was_written(texts in prop::collection::vec(r"[a-z|=\\ ]{1,6}[a-z]", 0..6)) {
        prop_assert_eq!(unlist(&list(&texts)), texts);
    }

    #[test]
    fn a_pair_is_read_as_it_was_written(name in r"[a-z|=\\]{1,6}", values in prop::collection::vec(r"[a-z|=\\]{1,6}", 1..4)) {
        let cell = pair(&name, &list(&values));
        let (read, rest) = unpair(&cell);
        prop_assert_eq!((read, unlist(rest.unwrap())), (name, values));
    }

    #[test]
    fn a_price_is_read_as_it_is_written(amount in 0..=MAX_AMOUNT) {
        for currency in [Currency::EUR, Currency::JPY, Currency::KWD] {
            let money = Money::new(amount, currency);
            prop_assert_eq!(price(&money.decimal(), currency), Ok(money));
        }
    }
}
