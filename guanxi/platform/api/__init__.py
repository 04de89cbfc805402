"""The API: authentication, paging, error shape."""
