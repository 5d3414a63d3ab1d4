"""The YAML file as a tree of nodes with lines, paths and inheritance."""
