"""Where packages lie: the prefixes of AMENT_PREFIX_PATH, as `source install/setup.bash` sets it."""

import os
from pathlib import Path

from launch.substitution import Substitution, perform
from launch.suggestion import suggestion

INDEX = Path("share", "ament_index", "resource_index", "packages")


class PackageNotFoundError(KeyError):
    """A package that no prefix knows."""

    def __str__(self):
        return self.args[0]


def prefix_of(package: str, path: str) -> Path:
    """Return the first prefix in which a package is installed."""
    prefixes = [Path(prefix) for prefix in path.split(os.pathsep) if prefix]
    for prefix in prefixes:
        if (prefix / INDEX / package).is_file():
            return prefix
    known = {entry.name for prefix in prefixes if (prefix / INDEX).is_dir() for entry in (prefix / INDEX).iterdir()}
    raise PackageNotFoundError(f"no package '{package}' in {path!r}{suggestion(package, known)}")


class FindPackagePrefix(Substitution):
    def __init__(self, package):
        self.package = package

    def perform(self, context):
        return str(prefix_of(perform(context, self.package), context.environment.get("AMENT_PREFIX_PATH", "")))


FindPackage = FindPackagePrefix


class FindPackageShare(FindPackagePrefix):
    def perform(self, context):
        return os.path.join(super().perform(context), "share", perform(context, self.package))


class ExecutableInPackage(FindPackagePrefix):
    def __init__(self, executable, package, *, exec_paths=None):
        super().__init__(package)
        self.executable, self.exec_paths = executable, exec_paths

    def perform(self, context):
        package, name = perform(context, self.package), perform(context, self.executable)
        folder = Path(super().perform(context), "lib", package)
        if not os.access(folder / name, os.X_OK):
            there = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
            raise FileNotFoundError(f"no executable '{name}' in {folder}{suggestion(name, there)}")
        return str(folder / name)
