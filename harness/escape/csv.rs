//! For CSV as in RFC 4180, which spreadsheets read, too.

/// A text as a field. One that a spreadsheet would compute begins with an apostrophe, which shows that it is
/// text (OWASP, "CSV Injection"); a number stays one. Line ends and tabs stay.
pub fn field(text: &str) -> String {
    let mut field = super::spelt_out(text, &['\n', '\t']);
    if field.starts_with(['=', '+', '-', '@', '\t', '\n', '＝', '＋', '－', '＠'])
        && field.parse::<f64>().is_err()
    {
        field.insert(0, '\'');
    }
    match field.contains([',', '"', '\n']) {
        true => format!("\"{}\"", field.replace('"', "\"\"")),
        false => field,
    }
}
