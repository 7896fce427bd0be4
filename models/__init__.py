"""What is trained: every module of this package is imported, so that a file dropped in registers its architectures."""

import importlib
import pkgutil

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
