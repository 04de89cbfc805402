"""What people outside the house see: public forms, and the page on which they say how they want to be contacted."""
