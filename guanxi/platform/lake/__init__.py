"""Datasets, the Parquet lake and the engines that read it."""
