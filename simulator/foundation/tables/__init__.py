"""Tables that scenarios name, as columns of text: CSV, Parquet and workbook files, and frames passed from Python."""
