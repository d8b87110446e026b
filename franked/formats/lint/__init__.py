"""What a reviewer would ask about a product's mails, before a reader does."""

from franked.formats.lint.finding import Finding
from franked.formats.lint.lint import lint

__all__ = ["Finding", "lint"]
