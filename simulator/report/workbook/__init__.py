"""Results as workbooks for spreadsheets: one sheet a table, native numbers and dates."""
