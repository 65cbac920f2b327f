"""The numbers of the method and of the house, with the region's and a municipality's own values. Knows no cases."""

from workflows.settings.model import Setting

__all__ = ["Setting"]
