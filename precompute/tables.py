"""Tables of a recipe that become the settings of something else."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from astra.data.errors import AstraError


def settings_from(kind: type, table: Mapping[str, Any], where: str, **fixed: Any) -> Any:
    """Make settings of a type, a frozen dataclass, from a table.

    Parameters
    ----------
    kind : type
    table : mapping
    where : str
        What the table is called, for messages: ``encoder.fit``.
    **fixed
        Fields that stand elsewhere, and may not be in the table.

    Raises
    ------
    AstraError
        The table names a field that does not exist or stands elsewhere, or gives one a value it
        does not take.
    """
    free = [field.name for field in dataclasses.fields(kind) if field.name not in fixed]
    for name in table:
        if name not in free:
            raise AstraError(f"{where} has no setting {name!r}; there are: {', '.join(free)}")
    try:
        return TypeAdapter(kind).validate_python({**table, **fixed})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join([where, *(str(part) for part in first["loc"])])
        raise AstraError(f"{place} = {first['input']!r}: {first['msg']}") from None
