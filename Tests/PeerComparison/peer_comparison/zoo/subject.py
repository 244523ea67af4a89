"""What an exported model is: a network, its inputs, and the sizes that its dynamic dimensions are drawn with."""

from collections.abc import Callable
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Input:
    """One graph input. A dimension that is text is dynamic, and bears that name.

    kind: "normal" and "uniform" (0...1) are floats; "ids" are integers below `limit`; "ones" and "mask" are integers,
    a mask being 1 but for the last third of the last row.
    """

    name: str
    shape: tuple[int | str, ...]
    kind: str = "normal"
    limit: int = 2

    @property
    def dynamic_axes(self):
        return {axis: size for axis, size in enumerate(self.shape) if isinstance(size, str)}


@dataclass(frozen=True)
class Subject:
    """`traced` are the sizes of the dynamic dimensions at export; `draws` those that results are compared with."""

    build: Callable
    inputs: tuple[Input, ...]
    outputs: tuple[str, ...]
    traced: dict[str, int]
    draws: tuple[dict[str, int], ...]

    def drawing(self):
        """What `draws.feeds` needs, as plain data to be stored beside the export."""
        return {"inputs": [asdict(i) for i in self.inputs], "draws": list(self.draws)}
