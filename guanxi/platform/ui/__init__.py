"""What every page is made of: the base page, components, formats, charts, navigation, catalogues."""
