"""The machine: diagrams, decision tables, steps, routes, time. Does not know databases, people or families."""
