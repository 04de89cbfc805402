"""Pure analyses of contact, replenishment and response, the calendar, and the filling of a day."""
