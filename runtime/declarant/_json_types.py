"""What generated encoders ask of the containers they are given."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    class JsonSequence(Sequence[object]):
        """What a list or tuple is to a type checker; only `isinstance` sees this."""

else:
    JsonSequence = (list, tuple)
