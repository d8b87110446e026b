"""A newsletter to many, whose Franked is killed on the way."""
