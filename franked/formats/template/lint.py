"""What a reviewer would ask about a template."""

import re

from franked.formats.template.template import Template


def lint(template: Template) -> list[str]:
    """One sentence each; nothing here stops a mail."""
    found = []
    for file, source in sorted(template.files.items()):
        if re.search(r"<script\b", source, re.IGNORECASE):
            found.append(f"{file}: mail programs run no <script>")
        if re.search(r"<img\b[^>]*\bsrc\s*=\s*[\"']?http:", source, re.IGNORECASE):
            found.append(f"{file}: an image over plain http: is not shown, or warned about")
    for wording in template.wordings.values():
        letters = re.sub(r"\{\{.*?\}\}|\W|\d", "", wording.subject.source)
        if (len(letters) > 3 and letters.isupper()) or "!!" in wording.subject.source:
            found.append(f"{wording.subject.file}: the subject shouts")
    return found
