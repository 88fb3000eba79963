"""A VOTable is read from its own bytes alone: it can have nothing else opened or expanded."""

import urllib.request
from pathlib import Path

import pytest

from astra.data.errors import RejectedFileError
from astra.readers import read

FIELDS = "".join(
    f'<FIELD name="{name}" datatype="double"/>' for name in ("mjd", "mag", "magerr", "ra")
)
TABLE = (
    '<?xml version="1.0"?><VOTABLE version="1.4"><RESOURCE><TABLE>'
    '<FIELD name="band" datatype="char" arraysize="5"/>{fields}<DATA>{data}</DATA>'
    "</TABLE></RESOURCE></VOTABLE>"
)
STREAMS = {
    "a file": '<BINARY2><STREAM href="{url}"/></BINARY2>',
    "a file of FITS": "<FITS extnum='1'><STREAM href='{url}'/></FITS>",
    "after quoted marks": '<BINARY><STREAM rights=">" actuate="\'"\n href = "{url}"/></BINARY>',
    "with a prefix": '<BINARY2><ü:STREAM xmlns:ü="x" href="{url}"/></BINARY2>',
    "after a comment": '<BINARY2><!--<STREAM a="--><STREAM type="locator" href="{url}"/></BINARY2>',
}


@pytest.mark.parametrize("data", STREAMS.values(), ids=STREAMS)
def test_what_lies_elsewhere_is_not_fetched(
    data: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(urllib.request, "urlopen", opened.append)
    elsewhere = tmp_path / "secret.bin"
    elsewhere.write_bytes(bytes(1000))
    path = tmp_path / "table.xml"
    path.write_text(TABLE.format(fields=FIELDS, data=data.format(url=elsewhere.as_uri())))
    with pytest.raises(RejectedFileError, match=r"table\.xml: .*another file .STREAM href"):
        read(path)
    assert not opened


def test_two_bytes_a_letter_hide_nothing(tmp_path: Path) -> None:
    """What is forbidden is looked for in bytes: letters of two bytes would not be seen."""
    text = TABLE.format(fields=FIELDS, data=STREAMS["a file"].format(url="file:///secret"))
    path = tmp_path / "table.xml"
    hidden = "<!--".encode("utf-16-le") + b"VOTABLE " + "-->".encode("utf-16-le")
    head, _, rest = text.partition("<VOTABLE")
    path.write_bytes(head.encode("utf-16-le") + hidden + f"<VOTABLE{rest}".encode("utf-16-le"))
    with pytest.raises(RejectedFileError, match=r"table\.xml: .*UTF-8"):
        read(path)
