//! For CSV as in RFC 4180, which spreadsheets read, too.

/// Returns a text as what a field holds; the writer quotes it. One that a spreadsheet would compute begins with an
/// apostrophe, which shows that it is text (OWASP, "CSV Injection"); a number stays one. Line ends and tabs stay.
pub fn field(text: &str) -> String {
    let mut field = super::spelt_out(text, &['\n', '\t']);
    if field.starts_with(['=', '+', '-', '@', '\t', '\n', '＝', '＋', '－', '＠'])
        && field.parse::<f64>().is_err()
    {
        field.insert(0, '\'');
    }
    field
}
