"""The published JSON Schema is the type's own."""

import json
import subprocess
import sys
from pathlib import Path

import msgspec

from pagemill import Extraction, Record
from pagemill.schema import record_schema, schema_text

PUBLISHED = Path(__file__).parents[2] / "docs" / "record.schema.json"


def test_the_published_schema_is_fresh():
    """docs/record.schema.json is what the type gives; `python -m pagemill.schema` prints it anew."""
    assert PUBLISHED.read_text(encoding="utf-8") == schema_text()


def test_the_module_prints_the_schema():
    """The command of the documentation prints the very file."""
    printed = subprocess.run([sys.executable, "-m", "pagemill.schema"], capture_output=True, check=True, text=True)
    assert json.loads(printed.stdout) == json.loads(schema_text())


def test_every_field_is_in_the_schema_with_its_meaning():
    """No field of the record goes without a description, and required are those without a default."""
    schema = record_schema()
    for kind, part in ((Record, schema), (Extraction, schema["$defs"]["Extraction"])):
        fields = msgspec.structs.fields(kind)
        assert set(part["properties"]) == {field.encode_name for field in fields}
        assert all(value["description"] for value in part["properties"].values())
        assert set(part["required"]) == {field.encode_name for field in fields if field.required}


def test_times_are_said_to_be_times():
    """Every field that ends in _at has the format date-time, and so has first_seen."""
    properties = record_schema()["properties"]
    times = {name for name, value in properties.items() if '"date-time"' in json.dumps(value)}
    assert times == {"first_seen", *(name for name in properties if name.endswith("_at"))}
