"""The work that the example does: models read, packed, quantized and analyzed."""

from __future__ import annotations

import json
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelkit import packed
from modelkit.analysis import analyze
from modelkit.cli import SAMPLE
from modelkit.files import load
from modelkit.model import Layer, Model, ModelError
from modelkit.quantization import QuantizationError, loss, quantize, quantize_all
from modelkit.target import Target, choose

TINY = load(SAMPLE)


@pytest.mark.parametrize("level", [0, 6, 9])
@pytest.mark.parametrize(("precision", "digits"), [("float32", 7), ("float16", 3)])
def test_a_packed_model_is_the_same_model(tmp_path, precision, digits, level):
    """But for the digits that the precision has no room for."""
    place = tmp_path / "tiny.mkit"
    place.write_bytes(packed.pack(TINY, precision, level=level))

    read = load(place)

    assert (read.name, read.source) == (TINY.name, TINY.source)
    for before, after in zip(TINY.layers, read.layers, strict=True):
        assert after.weights == pytest.approx(before.weights, rel=10**-digits)
        assert (before.name, before.operator, before.shape) == (
            *(after.name, after.operator, after.shape),
        )


def test_compression_and_precision_save_room():
    """Each level and each precision is smaller than the one before."""
    by_level = [len(packed.pack(TINY, "float32", level=level)) for level in (0, 1)]
    by_precision = [len(packed.pack(TINY, precision)) for precision in packed.PRECISIONS]

    assert by_level[0] > by_level[1]
    assert by_precision == sorted(by_precision, reverse=True)
    assert len(set(by_precision)) == 3


@pytest.mark.parametrize("per_channel", [False, True])
def test_a_quantized_model_is_what_its_report_says(tmp_path, per_channel):
    """Read back, its weights differ by the reported loss."""
    scaled = quantize_all(TINY, SAMPLE, per_channel=per_channel)
    place = tmp_path / "tiny.mkit"
    place.write_bytes(packed.pack(TINY, "int8", scaled=scaled))

    for before, after, made in zip(TINY.layers, load(place).layers, scaled, strict=True):
        pairs = zip(before.weights, after.weights, strict=True)
        largest = max((abs(a - b) for a, b in pairs), default=0.0)
        assert largest == pytest.approx(loss(before, made).largest)
        assert len(made.scales) == (
            0 if not before.weights else before.shape[0] if per_channel else 1
        )


weights = st.floats(-1e6, 1e6, allow_subnormal=False)


@given(st.lists(st.lists(weights, min_size=4, max_size=4), min_size=1, max_size=6), st.booleans())
def test_a_weight_is_off_by_half_a_step_at_most(rows, per_channel):
    """Whatever the weights are; and no value leaves the range."""
    layer = Layer("fc", "Gemm", (len(rows), 4), tuple(weight for row in rows for weight in row))

    made = quantize(layer, per_channel=per_channel)

    assert all(-127 <= value <= 127 for value in made.values)
    assert loss(layer, made).largest <= max(made.scales) * 0.500001


def test_a_scale_for_each_channel_costs_less():
    """Where channels differ in size."""
    layer = Layer("fc", "Gemm", (2, 2), (100.0, 73.0, 0.011, 0.007))

    one, each = (loss(layer, quantize(layer, per_channel=many)) for many in (False, True))

    assert each.root_mean_square < one.root_mean_square


@pytest.mark.parametrize("weight", ["NaN", "Infinity"])
def test_the_defect_that_the_example_keeps(tmp_path, weight):
    """A weight that is no finite number is let in, and found where nobody expects it."""
    place = tmp_path / "net.json"
    place.write_text(SAMPLE.read_text("utf-8").replace("-0.1024", weight), "utf-8")

    with pytest.raises(QuantizationError) as caught:
        quantize_all(load(place), place, per_channel=False)

    assert isinstance(caught.value.__cause__, ValueError)
    assert str(place) in str(caught.value)


def test_an_analysis_counts():
    """Operators, weights and bytes."""
    found = analyze(TINY)

    assert found["operators"] == {"Conv": 2, "Relu": 2, "GlobalAveragePool": 1, "Gemm": 1}
    assert (found["layers"], found["weights"]) == (6, 72 + 144 + 160)
    assert {name: size["weights"] for name, size in found["sizes"].items()} == {
        "float32": 4 * 376,
        "float16": 2 * 376,
        "int8": 376,
    }


def changed(**parts):
    document = json.loads(SAMPLE.read_text("utf-8"))
    document["layers"][0].update(parts)
    return json.dumps(document).encode()


WHOLE = packed.pack(TINY, "float32")


def resealed(body: bytes) -> bytes:
    """A packed model whose checksum is right, whatever is in it."""
    return struct.pack("<4sBBI", b"MKIT", 0, 6, zlib.crc32(body)) + body


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "neither JSON nor a packed model"),
        (b"\xff\xfe", "neither JSON nor a packed model"),
        (b"[]", "a part of it is missing"),
        (b"3", "a part of it is missing"),
        (b"{}", "a part of it is missing"),
        (b'{"format": "onnx"}', 'its "format" is not'),
        (b'{"format": "modelkit-model/1"}', "a part of it is missing"),
        (changed(weights=[1.0]), "conv1 has 1 weights; of its shape it has 72"),
        (changed(weights=["1"] * 72), "a weight of conv1 is no number"),
        (changed(weights=[True] * 72), "a weight of conv1 is no number"),
        (changed(weights=None), "a part of it is missing"),
        (changed(shape=[-8, -9]), "the shape of conv1"),
        (changed(shape=[8.0, 9]), "the shape of conv1"),
        (b"MKIT", "ends too early"),
        (WHOLE[:-1], "checksum"),
        (WHOLE[:-9] + b"x" + WHOLE[-8:], "checksum"),
        (resealed(b"no compressed content"), "ends too early"),
        (resealed(zlib.compress(b"[]\n")), "ends too early"),
        (resealed(zlib.compress(b'{"layers": [{"shape": [4]}]}\n')), "ends too early"),
        (resealed(zlib.compress(b'{"layers": [{"shape": ["x"]}]}\n')), "ends too early"),
    ],
    ids=range(20),
)
def test_a_damaged_model_is_told(tmp_path, content, words):
    """Whatever is the matter with it."""
    place = tmp_path / "net"
    place.write_bytes(content)

    with pytest.raises(ModelError, match=words):
        load(place)


def test_a_weight_that_float16_cannot_hold_is_told():
    """With what helps."""
    model = Model("big", "", (Layer("fc", "Gemm", (1, 1), (1e30,)),))

    with pytest.raises(ModelError, match="does not fit float16; build it as float32"):
        packed.pack(model, "float16")


@pytest.mark.parametrize(
    ("device", "ep", "target"),
    [
        ("auto", None, Target("cpu", "CPUExecutionProvider")),
        ("npu", None, Target("npu", "QNNExecutionProvider")),
        ("auto", "qnn", Target("npu", "QNNExecutionProvider")),
        ("gpu", "openvino", Target("gpu", "OpenVINOExecutionProvider")),
        ("auto", "VitisAIExecutionProvider", Target("npu", "VitisAIExecutionProvider")),
    ],
)
def test_a_target_is_chosen(device, ep, target):
    """What is left open follows from the other option."""
    assert choose(device, ep) == target
