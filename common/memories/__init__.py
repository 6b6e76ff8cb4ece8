"""Facts about the user: told or learned, edited, found."""
