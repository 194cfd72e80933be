//! The table that catalogues are written to and read from: comma-separated, a row for each variant, the rows of a product together.
//!
//! The first row names the columns. What variants share stands in the product's first row; in its other rows it may be left out. Lists in
//! a cell are separated by `|`; a backslash goes before a `|`, `=` or backslash that is meant as it stands.

use kernel::{Currency, Invalid, MAX_AMOUNT, Money};

/// Options that a product may have.
pub const OPTIONS: usize = 5;

/// What the cells of a column are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Column {
    Slug,
    Title,
    Description,
    Category,
    Status,
    Tags,
    TaxClass,
    Attributes,
    /// The name of an option, counted from 0, and all its values.
    OptionName(usize),
    /// A variant's value.
    OptionValue(usize),
    Sku,
    VariantTitle,
    Price,
    CompareAtPrice,
    WeightGrams,
    Stock,
}

impl Column {
    /// All columns in the order in which a catalogue is written, with their names.
    pub const ALL: [(Self, &'static str); 24] = [
        (Self::Slug, "slug"),
        (Self::Title, "title"),
        (Self::Description, "description"),
        (Self::Category, "category"),
        (Self::Status, "status"),
        (Self::Tags, "tags"),
        (Self::TaxClass, "tax_class"),
        (Self::Attributes, "attributes"),
        (Self::OptionName(0), "option1_name"),
        (Self::OptionValue(0), "option1_value"),
        (Self::OptionName(1), "option2_name"),
        (Self::OptionValue(1), "option2_value"),
        (Self::OptionName(2), "option3_name"),
        (Self::OptionValue(2), "option3_value"),
        (Self::OptionName(3), "option4_name"),
        (Self::OptionValue(3), "option4_value"),
        (Self::OptionName(4), "option5_name"),
        (Self::OptionValue(4), "option5_value"),
        (Self::Sku, "sku"),
        (Self::VariantTitle, "variant_title"),
        (Self::Price, "price"),
        (Self::CompareAtPrice, "compare_at_price"),
        (Self::WeightGrams, "weight_grams"),
        (Self::Stock, "stock"),
    ];

    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(column, _)| *column == self).map_or("", |(_, name)| name)
    }

    /// Whether all variants of a product have the same there.
    #[must_use]
    pub fn is_shared(self) -> bool {
        use Column::{Attributes, Category, Description, OptionName, Slug, Status, Tags, TaxClass, Title};
        matches!(self, Slug | Title | Description | Category | Status | Tags | TaxClass | Attributes | OptionName(_))
    }

    /// Whether two cells say the same: of words that are chosen, capitals do not matter.
    pub(crate) fn is_same(self, one: &str, other: &str) -> bool {
        match self {
            Column::Status | Column::TaxClass => one.eq_ignore_ascii_case(other),
            _ => one == other,
        }
    }
}

/// The columns that a file has, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header(Vec<Column>);

impl Header {
    /// Reads a file's first row.
    ///
    /// # Errors
    /// What is wrong with it: every file names its products and variants, and no column that is unknown or there twice.
    pub fn read<'a>(cells: impl IntoIterator<Item = &'a str>) -> Result<Self, Invalid> {
        let mut columns = Vec::new();
        for cell in cells {
            let name = cell.trim_start_matches('\u{feff}').trim();
            let Some((column, _)) = Column::ALL.iter().find(|(_, known)| known.eq_ignore_ascii_case(name)) else {
                return Err(unknown_column(name));
            };
            if columns.contains(column) {
                return Err(Invalid::new("repeated_column", format!("The column '{name}' is there twice.")));
            }
            columns.push(*column);
        }
        for needed in [Column::Slug, Column::Sku] {
            if !columns.contains(&needed) {
                return Err(Invalid::new("missing_column", format!("The column '{}' is missing.", needed.name())));
            }
        }
        Ok(Self(columns))
    }

    /// All columns.
    #[must_use]
    pub fn whole() -> Self {
        Self(Column::ALL.iter().map(|(column, _)| *column).collect())
    }

    pub fn columns(&self) -> impl Iterator<Item = Column> {
        self.0.iter().copied()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[must_use]
    pub fn has(&self, column: Column) -> bool {
        self.0.contains(&column)
    }

    /// The cell of `column` in a row; none when the file has no such column.
    #[must_use]
    pub fn cell<'a, T>(&self, row: &'a [T], column: Column) -> Option<&'a T> {
        row.get(self.0.iter().position(|known| *known == column)?)
    }
}

fn unknown_column(name: &str) -> Invalid {
    let shown: String = name.chars().filter(|char| !char.is_control()).take(40).collect();
    let detail = if name.contains([';', '\t']) {
        format!("There is no column '{shown}': commas separate cells, not semicolons or tabs.")
    } else {
        format!("There is no column '{shown}'.")
    };
    Invalid::new("unknown_column", detail)
}

/// Several texts in one cell.
#[must_use]
pub fn list<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> String {
    texts.into_iter().map(|text| escaped(text.as_ref())).collect::<Vec<_>>().join("|")
}

/// A name and what belongs to it, in one cell.
#[must_use]
pub fn pair(name: &str, rest: &str) -> String {
    format!("{}={rest}", escaped(name))
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        if matches!(char, '|' | '=' | '\\') {
            escaped.push('\\');
        }
        escaped.push(char);
    }
    escaped
}

/// The texts of a [`list`]; none in an empty cell.
#[must_use]
pub fn unlist(cell: &str) -> Vec<String> {
    parts(cell, '|').into_iter().map(unescaped).collect()
}

/// The name and the rest of a [`pair`]; the rest is still to be read.
#[must_use]
pub fn unpair(cell: &str) -> (String, Option<&str>) {
    match cut(cell, '=') {
        Some((name, rest)) => (unescaped(name), Some(rest)),
        None => (unescaped(cell), None),
    }
}

/// A cell's parts between separators that are not escaped, as they stand.
#[must_use]
pub fn parts(cell: &str, separator: char) -> Vec<&str> {
    if cell.trim().is_empty() {
        return Vec::new();
    }
    let (mut parts, mut rest) = (Vec::new(), cell);
    while let Some((part, others)) = cut(rest, separator) {
        parts.push(part);
        rest = others;
    }
    parts.push(rest);
    parts
}

/// What stands before and behind the first separator that is not escaped.
fn cut(text: &str, separator: char) -> Option<(&str, &str)> {
    let mut is_escaped = false;
    for (at, char) in text.char_indices() {
        if char == separator && !is_escaped {
            return Some((&text[..at], &text[at + char.len_utf8()..]));
        }
        is_escaped = char == '\\' && !is_escaped;
    }
    None
}

/// The text without its escapes.
#[must_use]
pub fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        plain.push(if char == '\\' { chars.next().unwrap_or('\\') } else { char });
    }
    plain
}

/// Reads an amount in major units: `19.99`, with no more decimals than the currency has.
///
/// # Errors
/// `invalid_price`, and `required` for an empty cell.
pub fn price(cell: &str, currency: Currency) -> Result<Money, Invalid> {
    let text = cell.trim();
    if text.is_empty() {
        return Err(Invalid::new("required", "A price is needed."));
    }
    let digits = currency.exponent() as usize;
    let (major, minor) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let minor = if digits == 0 && minor == "0" { "" } else { minor };
    let fits = is_number(major) && (minor.is_empty() || is_number(minor)) && minor.len() <= digits;
    let amount = fits.then(|| format!("{major}{minor:0<digits$}").parse::<i64>().ok()).flatten();
    match amount.filter(|amount| *amount <= MAX_AMOUNT) {
        Some(amount) => Ok(Money::new(amount, currency)),
        None => {
            let [example, most] = [1999, MAX_AMOUNT].map(|amount| Money::new(amount, currency).decimal());
            let detail = format!("A price in {} is written as {example}, from 0 to {most}.", currency.code());
            Err(Invalid::new("invalid_price", detail))
        }
    }
}

#[cfg(test)]
#[path = "sheet_tests.rs"]
mod tests;
