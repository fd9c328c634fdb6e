"""`--device` and `--ep`: the processor that a model is for, and the library that runs it there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from modelkit.packed import Precision

#: Execution provider to the devices that it drives, the usual one first.
_DEVICES = {
    "CPUExecutionProvider": ("cpu",),
    "DmlExecutionProvider": ("gpu", "npu"),
    "QNNExecutionProvider": ("npu", "gpu"),
    "OpenVINOExecutionProvider": ("cpu", "gpu", "npu"),
    "VitisAIExecutionProvider": ("npu",),
}
_ALIASES = {
    "cpu": "CPUExecutionProvider",
    "dml": "DmlExecutionProvider",
    "qnn": "QNNExecutionProvider",
    "ov": "OpenVINOExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "vitis": "VitisAIExecutionProvider",
    "vitisai": "VitisAIExecutionProvider",
}
#: The provider and the precision that go with a device.
_USUAL: dict[str, tuple[str, Precision]] = {
    "cpu": ("CPUExecutionProvider", "float32"),
    "gpu": ("DmlExecutionProvider", "float16"),
    "npu": ("QNNExecutionProvider", "float16"),
}


@dataclass(frozen=True)
class Target:
    """What a model is made for.

    Attributes:
        device: "cpu", "gpu" or "npu".
        ep: The execution provider, by its registered name.
    """

    device: str
    ep: str

    @property
    def precision(self) -> Precision:
        """The precision of weights that suits the device."""
        return _USUAL[self.device][1]


def choose(device: str, ep: str | None) -> Target:
    """Return the target that `--device` and `--ep` name; "auto" and None leave the choice open.

    Raises:
        click.UsageError: The one does not go with the other.
    """
    provider = None if ep is None else _ALIASES.get(ep.lower(), ep)
    if provider is None:
        chosen = "cpu" if device == "auto" else device
        return Target(chosen, _USUAL[chosen][0])
    drives = _DEVICES[provider]
    if device not in ("auto", *drives):
        raise click.UsageError(f"{provider} drives {', '.join(drives)}; --device is {device}.")
    return Target(drives[0] if device == "auto" else device, provider)


def target_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add both options to a command."""
    device = click.option(
        "--device",
        type=click.Choice(["auto", *_USUAL], case_sensitive=False),
        default="auto",
        show_default=True,
        help="The kind of processor.",
    )
    ep = click.option(
        "--ep",
        "--execution-provider",
        type=click.Choice([*_DEVICES, *_ALIASES], case_sensitive=False),
        metavar="NAME",
        help=f"The execution provider: {', '.join(_DEVICES)}, or one of {', '.join(_ALIASES)}.",
    )
    return device(ep(function))
