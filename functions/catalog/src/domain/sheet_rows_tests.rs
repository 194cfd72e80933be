use proptest::prelude::*;

use super::*;

fn header() -> Header {
    Header::read(["slug", "sku"]).unwrap()
}

/// Slug, SKU and line of each row; those of a product together.
fn read(bytes: &str) -> Vec<Vec<(String, String, u32)>> {
    let groups = groups(bytes.as_bytes(), Place::START, true, &header());
    let row = |row: SheetRow| {
        let cells = row.cells.unwrap();
        (cells[0].clone(), cells.get(1).cloned().unwrap_or_default(), row.place.line)
    };
    groups.into_iter().map(|group| group.rows.into_iter().map(row).collect()).collect()
}

fn lines(bytes: &str) -> Vec<u32> {
    rows(bytes.as_bytes(), Place::START, true).0.iter().map(|row| row.place.line).collect()
}

#[test]
fn a_row_is_known_by_the_line_that_it_begins_on() {
    assert_eq!(lines("a,1\nb,2\nc,3"), [1, 2, 3]);
    assert_eq!(lines("a,1\r\nb,2\r\n\r\n\r\nc,3\r\n"), [1, 2, 5]);
    assert_eq!(lines("a,\"1\n2\n3\"\nb,2\n"), [1, 4]);
    assert_eq!(lines("\n\na,1\n"), [3]);
    assert_eq!(lines("a,1\rb,2\r\rc,\"3\r4\"\rd,5"), [1, 2, 4, 6]);
    assert!(lines("").is_empty() && lines("\r\n").is_empty());
}

#[test]
fn a_quote_that_never_closes_is_found_in_the_last_row() {
    let unclosed = |file: &str| {
        let from = Place { byte: 100, line: 1 };
        unclosed(file.as_bytes(), from, &rows(file.as_bytes(), from, true).0)
    };
    assert_eq!(unclosed("a,1\nb,\"2\nc,3\nd,4\n"), Some(2));
    assert_eq!((unclosed("a,\"1\"\"\n"), unclosed("\"")), (Some(1), Some(1)));
    for closed in ["", "\n", "a,1", "a,\"1\"", "a,\"1\"\"\"\r\n", "a,\"1\n2\"\n\n", "a,1\r", "a\",5\" wide\n"] {
        assert_eq!(unclosed(closed), None, "{closed:?}");
    }
}

#[test]
fn neighbouring_rows_of_one_slug_are_one_product() {
    let row = |slug: &str, sku: &str, line| (slug.to_owned(), sku.to_owned(), line);
    let tea = vec![row("tea", "1", 1), row("tea", "2", 2)];
    assert_eq!(read("tea,1\ntea,2\ncup,3\ntea,4\n"), [tea, vec![row("cup", "3", 3)], vec![row("tea", "4", 4)]]);
}

#[test]
fn a_row_with_another_number_of_cells_is_of_no_product() {
    assert_eq!(read("tea,1\ntea\ntea,2\n").len(), 3);
    assert_eq!(read("tea\ntea\n").len(), 2);
}

#[test]
fn bytes_that_are_no_text_spoil_their_row_only() {
    let (rows, _) = rows(b"tea,1\ncaf\xe9,2\ncup,3\n", Place::START, true);
    assert_eq!(rows.iter().map(|row| row.cells.is_some()).collect::<Vec<_>>(), [true, false, true]);
}

#[test]
fn a_product_goes_on_with_at_most_a_hundred_rows() {
    let file: String = (0..101).map(|number| format!("tea,{number}\n")).collect();
    assert_eq!(read(&file).iter().map(Vec::len).collect::<Vec<_>>(), [100, 1]);
    assert_eq!(survey(&file).unwrap(), (101, BTreeSet::from([101])));
}

fn survey(file: &str) -> Result<(u32, BTreeSet<u32>), &'static str> {
    let mut survey = Survey::new(header());
    let (rows, after) = rows(file.as_bytes(), Place::START, true);
    survey.add(&rows, after).map_err(|invalid| invalid.code())?;
    Ok(survey.finish())
}

#[test]
fn what_was_there_before_is_repeated() {
    let file = "tea,1\ntea,2\ncup,3\ntea,4\ntea,5\ncup2,2\nbowl,\njar,\n";
    assert_eq!(survey(file), Ok((8, BTreeSet::from([4, 5, 6]))));
}

#[test]
fn a_file_that_is_too_long_or_not_sorted_at_all_is_refused_whole() {
    let rows = |count: u32, row: fn(u32) -> String| (0..count).map(row).collect::<String>();
    assert!(survey(&rows(MAX_ROWS, |number| format!("tea-{number},{number}\n"))).is_ok());
    assert_eq!(survey(&rows(MAX_ROWS + 1, |number| format!("tea-{number},{number}\n"))), Err("too_many_rows"));
    assert!(survey(&rows(2002, |number| format!("tea-{},{number}\n", number % 1002))).is_ok());
    assert_eq!(survey(&rows(2003, |number| format!("tea-{},{number}\n", number % 1002))), Err("too_many_repeats"));
    let long = "x".repeat(1024 * 1024);
    assert_eq!(survey(&format!("tea,\"{long}\"\n")), Err("product_too_long"));
    assert!(survey(&format!("tea,{}\n", &long[..1_048_000])).is_ok());
}

#[test]
fn of_too_many_rows_no_more_are_held_than_show_that() {
    for is_end in [false, true] {
        let (rows, rest) = rows("a,b\n".repeat(200_000).as_bytes(), Place::START, is_end);
        assert_eq!((rows.len(), rest), (50_001, Place { byte: 200_004, line: 50_002 }));
    }
}

/// Rows of any kind, ends of lines of both.
fn file() -> impl Strategy<Value = String> {
    let cell = prop_oneof!["[a-c]", r#""[a-c,\n\r]{0,4}""#, r#""[a-c]""""#, Just(String::new())];
    let row = (prop::collection::vec(cell, 1..4), prop_oneof!["\n", "\r\n", "\n\n"]);
    prop::collection::vec(row, 0..12)
        .prop_map(|rows| rows.into_iter().map(|(cells, end)| cells.join(",") + &end).collect())
}

proptest! {
    #[test]
    fn a_file_in_pieces_is_the_file(file in file(), size in 1_usize..40) {
        let bytes = file.as_bytes();
        let whole = groups(bytes, Place::START, true, &header());
        let (mut place, mut found) = (Place::START, Vec::new());
        let mut size = size;
        loop {
            let begin = usize::try_from(place.byte).unwrap();
            let end = bytes.len().min(begin + size);
            let is_end = end == bytes.len();
            let piece = groups(&bytes[begin..end], place, is_end, &header());
            match piece.last() {
                Some(last) => place = last.after,
                None if is_end => break,
                None => size *= 2,
            }
            found.extend(piece);
            if is_end {
                break;
            }
        }
        prop_assert_eq!(found, whole);
    }
}
