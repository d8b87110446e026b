"""franked.toml and the environment: every setting, its default, its meaning."""

from franked.settings.describe import Shown, describe
from franked.settings.faults import SettingsFault
from franked.settings.read import located, read
from franked.settings.whole import Settings

__all__ = ["Settings", "SettingsFault", "Shown", "describe", "located", "read"]
