"""Pure analyses of value: Ibis tables in, Ibis tables out."""
