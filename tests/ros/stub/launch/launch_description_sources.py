"""Where a launch description comes from: a Python file."""

from pathlib import Path

from launch.substitution import SubstitutionFailure, perform


def load(path: Path):
    """Run a launch file and return its description."""
    if not path.is_file():
        raise FileNotFoundError(f"no launch file {path}")
    names = {"__name__": path.name.removesuffix(".py").replace(".", "_"), "__file__": str(path)}
    exec(compile(path.read_text(), str(path), "exec"), names)
    if "generate_launch_description" not in names:
        raise SubstitutionFailure(f"{path} has no function generate_launch_description")
    return names["generate_launch_description"]()


class PythonLaunchDescriptionSource:
    def __init__(self, launch_file_path):
        self.launch_file_path, self.file = launch_file_path, None

    def get_launch_description(self, context):
        self.file = Path(perform(context, self.launch_file_path)).resolve()
        return load(self.file)
