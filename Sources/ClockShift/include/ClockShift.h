// Nothing: it is loaded, and nobody calls it by name.
