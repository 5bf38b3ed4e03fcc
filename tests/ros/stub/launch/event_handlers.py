"""What is done when something happens; a function that decides only then is not followed."""


class _Handler:
    def __init__(self, event, response, handle_once=False):
        self.event, self.handle_once = event, handle_once
        self.entities = [] if callable(response) else response if isinstance(response, list) else [response]


class OnProcessStart(_Handler):
    def __init__(self, *, target_action=None, on_start, handle_once=False):
        super().__init__("process start", on_start, handle_once)
        self.target_action = target_action


class OnProcessExit(_Handler):
    def __init__(self, *, target_action=None, on_exit, handle_once=False):
        super().__init__("process exit", on_exit, handle_once)
        self.target_action = target_action


class OnShutdown(_Handler):
    def __init__(self, *, on_shutdown, handle_once=False):
        super().__init__("shutdown", on_shutdown, handle_once)
