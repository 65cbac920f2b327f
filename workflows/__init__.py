"""The rooms: families, cases, consent, who may do what, and what happened.

Knows SQLAlchemy and ``engine``. Does not know HTTP, nor SpiffWorkflow. Each room is a package that knows only
earlier rooms (``setup.cfg`` holds the order); ``db``, ``errors``, ``actor``, ``access``, ``logbook``, ``jobs`` and
``idempotency`` stand beside them and know no room. No room commits: a door opens the transaction and closes it.
"""
