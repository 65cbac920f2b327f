"""A copy of everything in one file, made while people work, and put back in an empty house. Knows tables by name, no room's rules.

What is in it is readable by who reads it, so it is closed with a key of its own, that is neither in the database nor in the copy.
"""

from workflows.backups.archive import (
    BackupBroken,
    BackupOpen,
    BackupUnwritable,
    NoBackupKey,
    WrongBackupKey,
)
from workflows.backups.copying import SUFFIX, Backup, back_up, forget_older
from workflows.backups.putting_back import (
    BackupFromLater,
    NotEmpty,
    OtherDatabase,
    Restored,
    check,
    restore,
)

__all__ = [
    "SUFFIX",
    "Backup",
    "BackupBroken",
    "BackupFromLater",
    "BackupOpen",
    "BackupUnwritable",
    "NoBackupKey",
    "NotEmpty",
    "OtherDatabase",
    "Restored",
    "WrongBackupKey",
    "back_up",
    "check",
    "forget_older",
    "restore",
]
