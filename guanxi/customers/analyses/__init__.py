"""Pure analyses of customers: by what two of them are recognised as one."""
