//! The report as an Excel file: sums, CORs, change events. Amounts are numbers; totals are formulas.

use domain::procore::{
    Amount,
    currency::CurrencyTrouble,
    footing,
    reconciliation::{Counts, ReconciliationReport, ReportCor, ReportEvent, ReportSection},
};
use jiff::Timestamp;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Formula, Workbook, Worksheet, XlsxError};

use crate::{Error, reconciliation::ReconciliationSignature};

/// The file's bytes. `at` is the time of the figures and the only time in the file.
pub(crate) fn written(
    report: &ReconciliationReport,
    at: Timestamp,
    signature: Option<&ReconciliationSignature>,
) -> Result<Vec<u8>, Error> {
    book(report, at, signature).map_err(|error| match error {
        XlsxError::RowColumnLimitError => Error::Conflict(
            "An Excel sheet has too few rows for these CORs. Download one project at a time.".to_owned(),
        ),
        other => Error::internal(other),
    })
}

/// A moment in a file, which doesn't know the reader's time zone.
fn utc(at: Timestamp) -> String {
    at.strftime("%b %-d, %Y, %H:%M UTC").to_string()
}

struct Formats {
    head: Format,
    head_number: Format,
    title: Format,
    money: Format,
    words: Format,
    total: Format,
    total_money: Format,
}

fn book(
    report: &ReconciliationReport,
    at: Timestamp,
    signature: Option<&ReconciliationSignature>,
) -> Result<Vec<u8>, XlsxError> {
    const MONEY: &str = "#,##0.00;[Red](#,##0.00);0.00";
    let head = Format::new().set_bold().set_background_color(0x00EE_F2F6);
    let formats = Formats {
        head_number: head.clone().set_align(FormatAlign::Right),
        head,
        title: Format::new().set_bold().set_font_size(14),
        money: Format::new().set_num_format(MONEY),
        words: Format::new().set_align(FormatAlign::Right),
        total: Format::new().set_bold(),
        total_money: Format::new().set_bold().set_num_format(MONEY),
    };
    let mut workbook = Workbook::new();
    let made = ExcelDateTime::from_timestamp(at.as_second())?;
    let named = format!("Reconciliation with Procore: {}", report.of);
    workbook.set_properties(&DocProperties::new().set_title(&named).set_creation_datetime(&made));
    summary(workbook.add_worksheet(), report, &named, at, signature, &formats)?;
    cors(workbook.add_worksheet(), report, &formats)?;
    events(workbook.add_worksheet(), report, &formats)?;
    workbook.save_to_buffer()
}

fn summary(
    sheet: &mut Worksheet,
    report: &ReconciliationReport,
    named: &str,
    at: Timestamp,
    signature: Option<&ReconciliationSignature>,
    formats: &Formats,
) -> Result<(), XlsxError> {
    sheet.set_name("Summary")?.set_print_fit_to_pages(1, 0);
    sheet.set_column_width(0, 44)?.set_column_width(1, 10)?;
    for column in 2..5 {
        sheet.set_column_width(column, 20)?;
    }
    sheet.write_string_with_format(0, 0, named, &formats.title)?;
    let of = match signature {
        Some(signature) => format!("Signed off by {}, {}", signature.signed_by, utc(signature.signed_at)),
        None => format!("As of {}", utc(at)),
    };
    sheet.write_string(1, 0, of)?;
    if let Some(signature) = signature {
        sheet.write_string(2, 0, format!("SHA-256 {}", signature.sha256))?;
    }
    let mut row = 4;
    for section in &report.sections {
        row = section_sums(sheet, section, row, formats)? + 2;
    }
    Ok(())
}

fn section_sums(sheet: &mut Worksheet, section: &ReportSection, top: u32, formats: &Formats) -> Result<u32, XlsxError> {
    let read = section.read_at.map_or_else(|| "never read".to_owned(), |at| format!("read {}", utc(at)));
    let name = format!("{}, {}, {}, {read}", section.name, section.side.name(), section.currency.code());
    sheet.write_string_with_format(top, 0, name, &formats.total)?;
    sheet.write_string_with_format(top + 1, 0, "Where the money stands", &formats.head)?;
    for (column, label) in (1..).zip(["Count", "In the COR Log", "In Procore", "Gap"]) {
        sheet.write_string_with_format(top + 1, column, label, &formats.head_number)?;
    }
    let mut row = top + 2;
    for category in section.categories() {
        let sum = section.sum(category);
        sheet.write_string(row, 0, category.name())?;
        sheet.write(row, 1, u32::try_from(sum.count).unwrap_or(u32::MAX))?;
        for (column, amount) in (2..).zip([sum.ours.into(), sum.there, sum.gap]) {
            money(sheet, row, column, amount, formats)?;
        }
        row += 1;
    }
    let left = section.rounding();
    if !left.is_zero() {
        sheet.write_string(row, 0, format!("{} ({})", footing::ROUNDING, footing::WHY))?;
        money(sheet, row, 3, left.into(), formats)?;
        money(sheet, row, 4, (-left).into(), formats)?;
        row += 1;
    }
    sheet.write_string_with_format(row, 0, "COR Log and Change Events", &formats.total)?;
    for (column, amount) in (2..).zip([section.log_total().into(), section.events_total(), section.gap()]) {
        total(sheet, (top + 2, row), column, amount, formats)?;
    }
    if let (1.., apart) = section.draft_or_void() {
        row += 1;
        sheet.write_string(row, 0, "Draft or Void, excluded from gaps")?;
        money(sheet, row, 2, apart.into(), formats)?;
    }
    if let Some(trouble) = section.trouble() {
        row += 1;
        sheet.write_string(row, 0, trouble.with_remedy())?;
    }
    Ok(row)
}

/// An amount to the cent, as pages show it, or why there is none.
fn money(sheet: &mut Worksheet, row: u32, column: u16, amount: Amount, formats: &Formats) -> Result<(), XlsxError> {
    match amount.shown() {
        Amount::Exact(amount) => sheet.write_with_format(row, column, amount, &formats.money)?,
        words => sheet.write_string_with_format(row, column, words.to_string(), &formats.words)?,
    };
    Ok(())
}

/// The sum of the rows from `first` to above `row`, with its result for readers that don't calculate. There is no sum if an
/// amount can't be read: a formula would skip it.
fn total(
    sheet: &mut Worksheet,
    (first, row): (u32, u32),
    column: u16,
    amount: Amount,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let Some(sum) = amount.money() else {
        sheet.write_string_with_format(row, column, amount.to_string(), &formats.words)?;
        return Ok(());
    };
    let range = rust_xlsxwriter::utility::row_col_to_cell(first, column);
    let last = rust_xlsxwriter::utility::row_col_to_cell(row.saturating_sub(1), column);
    let formula = Formula::new(format!("=SUM({range}:{last})")).set_result(sum.to_decimal().to_string());
    sheet.write_formula_with_format(row, column, formula, &formats.total_money)?;
    Ok(())
}

/// What a cell holds.
enum Cell {
    Text(String),
    Count(usize),
    Amount(Amount),
}

/// A column: its heading, its width in characters, and its cell for each row.
type Column<T> = (&'static str, u32, fn(&ReportSection, &T) -> Cell);

/// A table of all rows, with headings that stay in sight and a filter.
fn listed<'a, T: 'a>(
    sheet: &mut Worksheet,
    columns: &[Column<T>],
    rows: impl Iterator<Item = (&'a ReportSection, &'a T)>,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let numbered = || (0..).zip(columns);
    for (column, (label, width, _)) in numbered() {
        sheet.write_string_with_format(0, column, *label, &formats.head)?;
        sheet.set_column_width(column, *width)?;
    }
    sheet.set_freeze_panes(1, 0)?.set_repeat_rows(0, 0)?;
    sheet.set_landscape().set_print_fit_to_pages(1, 0);
    let mut row = 0;
    for (section, of) in rows {
        row += 1;
        for (column, (_, _, cell)) in numbered() {
            match cell(section, of) {
                Cell::Text(text) if text.is_empty() => {}
                Cell::Text(text) => drop(sheet.write_string(row, column, text)?),
                Cell::Count(count) => drop(sheet.write(row, column, u32::try_from(count).unwrap_or(u32::MAX))?),
                Cell::Amount(amount) => money(sheet, row, column, amount, formats)?,
            }
        }
    }
    let last = numbered().last().map_or(0, |(column, _)| column);
    sheet.autofilter(0, 0, row, last)?;
    Ok(())
}

fn cors(sheet: &mut Worksheet, report: &ReconciliationReport, formats: &Formats) -> Result<(), XlsxError> {
    let columns: [Column<ReportCor>; 14] = [
        ("Project", 28, |of, _| text(&of.name)),
        ("Side", 10, |of, _| text(of.side.name())),
        ("Where the money stands", 20, |_, cor| text(cor.category.name())),
        ("COR", 10, |_, cor| text(&cor.number)),
        ("Company", 28, |_, cor| text(&cor.party)),
        ("Title", 52, |_, cor| text(&cor.title)),
        ("Status", 20, |_, cor| text(cor.status.name())),
        ("Procore", 22, |_, cor| text(cor.state.name())),
        ("Change Event", 14, |_, cor| text(&cor.event_number)),
        ("Currency", 9, |of, _| text(of.currency.code())),
        ("In the COR Log", 16, |_, cor| Cell::Amount(cor.ours.into())),
        ("In Procore", 16, |_, cor| Cell::Amount(cor.there)),
        ("Gap", 16, |_, cor| Cell::Amount(cor.gap())),
        ("Why not compared", 44, |_, cor| {
            Cell::Text(cor.trouble.as_ref().map(CurrencyTrouble::with_remedy).unwrap_or_default())
        }),
    ];
    let rows = report.sections.iter().flat_map(|section| section.cors.iter().map(move |cor| (section, cor)));
    listed(sheet.set_name("CORs")?, &columns, rows, formats)
}

fn events(sheet: &mut Worksheet, report: &ReconciliationReport, formats: &Formats) -> Result<(), XlsxError> {
    let columns: [Column<ReportEvent>; 11] = [
        ("Project", 28, |of, _| text(&of.name)),
        ("Side", 10, |of, _| text(of.side.name())),
        ("Change Event", 14, |_, event| text(&event.number)),
        ("Title", 52, |_, event| text(&event.title)),
        ("Status", 24, |_, event| text(&event.status)),
        ("Counted", 22, |_, event| text(counted(event.counts))),
        ("CORs linked", 12, |_, event| Cell::Count(event.cors)),
        ("Currency", 9, |of, event| text(event.trouble.as_ref().map_or(of.currency.code(), CurrencyTrouble::theirs))),
        ("Total", 16, |_, event| Cell::Amount(event.amount)),
        ("Of our CORs", 16, |_, event| Cell::Amount(event.ours)),
        ("Not here", 16, |_, event| Cell::Amount(event.rest())),
    ];
    let rows = report.sections.iter().flat_map(|section| section.events.iter().map(move |event| (section, event)));
    listed(sheet.set_name("Change Events")?, &columns, rows, formats)
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

const fn counted(counts: Counts) -> &'static str {
    match counts {
        Counts::Yes => "yes",
        Counts::Void => "no, void",
        Counts::Gone => "no, not listed",
        Counts::OtherCurrency => "no, another currency",
        Counts::UnknownCurrency => "no, unknown currency",
    }
}
