"""Options that many commands take."""

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[Path | None, typer.Option("--config", "-c", help="The settings file; else ./franked.toml.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on stdout, for programs.")]
Data = Annotated[Path | None, typer.Option(help="Where the record lies; else what the settings say.")]
Db = Annotated[str | None, typer.Option(help="The PostgreSQL that several processes share: postgresql://…")]
