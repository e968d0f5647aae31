import json

from hypothesis import given
from hypothesis import strategies as st

from pipeline.payload.strings import Value, read_strings

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30).filter(lambda text: '":' not in text)
TREES = st.recursive(
    TEXTS | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


def named(value, name=""):
    """The strings in a value of JSON, with the name of the nearest object's member around them."""
    if isinstance(value, str):
        yield Value(name, value)
    elif isinstance(value, list):
        for item in value:
            yield from named(item, name)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from named(item, json.dumps(key)[1:-1])


@given(st.lists(TREES, max_size=4) | st.dictionaries(TEXTS, TREES, max_size=4))
def test_every_string_of_json_is_read_in_its_order_with_its_name(tree):
    """What stands in a list has the list's name, at any depth; escapes are undone in values."""
    assert list(read_strings([json.dumps(tree)])) == list(named(tree))


@given(st.lists(st.text(max_size=200), max_size=4))
def test_no_script_is_too_odd(scripts):
    """Whatever stands there, strings come out or none do."""
    for script in scripts:
        for framed in (script, f"[{script}", f'x={{"a":{script}', f"self.__next_f.push([1,{json.dumps(script)}])"):
            assert all(isinstance(value.text, str) for value in read_strings([framed]))


def test_javascript_is_read_as_json_is():
    """Names without quotes, escapes that JSON does not know, and data handed to a function: Nuxt writes all of it."""
    script = r'window.__NUXT__=(function(a){return {data:[{title:a,body:"\x3Cp>It\'s a mill.\u003C\u002Fp>"}]}}("x"));'
    assert Value("body", "<p>It's a mill.</p>") in read_strings([script])


def test_what_a_string_quotes_is_read():
    """JSON.parse of a string, as Redux's pages have it."""
    inner = json.dumps({"post": {"text": 'He said: "no".'}})
    script = f"window.__INITIAL_STATE__ = JSON.parse({json.dumps(inner)});"
    assert list(read_strings([script])) == [Value("text", 'He said: "no".')]


def test_a_stream_in_pieces_is_put_together():
    """React's server components come in pieces, cut anywhere; a text of so many bytes stands there without quotes."""
    text = "<p>Die Mühle mahlt.</p>"
    stream = f'2:{{"title":"Mühle"}}\n3:T{len(text.encode()):x},{text}4:{{"by":"M. Miller"}}\n'
    pieces = [f"self.__next_f.push({json.dumps([1, stream[at : at + 7]])})" for at in range(0, len(stream), 7)]
    assert list(read_strings(pieces)) == [Value("title", "Mühle"), Value("", text), Value("by", "M. Miller")]


def test_a_length_that_lies_cuts_what_is_there():
    """A text of four billion bytes ends where the stream ends."""
    script = f"self.__next_f.push({json.dumps([1, '1:Tffffffff,All that there is.'])})"
    assert list(read_strings([script])) == [Value("", "All that there is.")]


def test_scripts_that_hold_no_data_are_left_alone():
    """Code has strings too, and they are no text of the page's."""
    assert not list(read_strings(["function say() { alert('a'); return \"It is a mill.\"; }", 'import "mill";']))


def test_of_many_scripts_three_million_characters_are_read():
    """A script that is beyond that is passed over, and a shorter one after it is not."""
    texts = [2_000_000, 1_500_000, 900_000, 900_000]
    scripts = [json.dumps({"a": "x" * size}) for size in texts]
    assert [len(value.text) for value in read_strings(scripts)] == [2_000_000, 900_000]
