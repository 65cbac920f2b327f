"""How large anything may be that comes from outside: the one place where these numbers stand.

They are far above what the method needs and far below what would keep a worker busy: the parser of SpiffWorkflow ends in
a RecursionError near 488 tasks in a line, and takes quadratic time for tasks side by side.
"""

from typing import Final

# One file
FILE_BYTES: Final = 2_000_000
XML_DEPTH: Final = 64
XML_ELEMENTS: Final = 20_000
XML_ATTRIBUTES: Final = 40
TEXT_LENGTH: Final = 20_000
LABEL_LENGTH: Final = 200
ID_LENGTH: Final = 100

# One bundle
FILES: Final = 120
BUNDLE_BYTES: Final = 10_000_000

# One diagram
NODES: Final = 200
FLOWS: Final = 400
SUBPROCESS_DEPTH: Final = 4
CALL_DEPTH: Final = 6
INSTANCES: Final = 200
"""Of one activity: rounds of a loop or instances side by side."""
TIMER_REPEATS: Final = 100

# One decision table
RULES: Final = 500
COLUMNS: Final = 40

# One form
FIELDS: Final = 300
OPTIONS: Final = 300
FORM_DEPTH: Final = 6
ROWS: Final = 100
"""Of one list in a form."""
LARGEST_NUMBER: Final = 10**12

# One expression
EXPRESSION_LENGTH: Final = 2_000
EXPRESSION_SECONDS: Final = 0.25
"""Of CPU, for one evaluation."""
EXPRESSION_MEMORY: Final = 64 * 1024 * 1024
EXPRESSION_STACK: Final = 256 * 1024
"""Bytes; threads of a web server may have a stack of one megabyte."""
