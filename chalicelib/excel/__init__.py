"""Excel workbooks of any size: rows are streamed into pieces of the file, the shell is openpyxl's."""
