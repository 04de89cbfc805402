"""Plain Python words shared by every part: no Django, no database, no clock."""
