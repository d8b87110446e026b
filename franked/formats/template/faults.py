"""What can be wrong with a template, or with what it is given."""


class RenderError(Exception):
    """A variable is missing or of a shape the template can't use. `str()` names it, never its value."""


class TemplateFault(Exception):
    """The files are no template: which file, which line where it is known, and a sentence for who wrote it."""

    def __init__(self, file: str, line: int | None, sentence: str) -> None:
        super().__init__(f"{file}, line {line}: {sentence}" if line else f"{file}: {sentence}")
        self.file, self.line, self.sentence = file, line, sentence


class WrongShape(Exception):
    """What a filter was given is not what it writes. `wanted` goes on from "'at' is": it holds no value."""

    def __init__(self, filter_name: str, wanted: str) -> None:
        super().__init__(wanted)
        self.filter_name, self.wanted = filter_name, wanted
