"""What any business system needs; knows no business word."""
