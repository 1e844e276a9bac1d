"""Reading an ERP's views into the intermediate database, and telling what is wrong with them."""
