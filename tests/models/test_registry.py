"""Looking up architectures: ours, files from anywhere, modules and installed packages."""

import hashlib
import importlib
import re
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from models import registry
from models.registry import ArchitectureError, absolute_spec, expand, lookup

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file of Python and return its path."""

    def write(name: str, source: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(source))
        importlib.invalidate_caches()
        return path

    return write


def error_of(name: str) -> str:
    with pytest.raises(ArchitectureError) as caught:
        lookup(name)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_settings_of_a_registration_are_those_of_the_architecture(write: Write) -> None:
    path = write(
        "mine.py",
        """
        from models.registry import register_architecture, register_baseline

        @register_architecture("net", title="Net", epochs=5, batch_size=8, learning_rate=0.01)
        def build(vocabulary_size, max_length, *, units=3, kernel_sizes=(3, 5), activation=print): ...

        @register_baseline(words=50, deterministic=False)
        def line(C=0.5): ...
        """,
    )
    net, line = lookup(f"{path}:build"), lookup(f"{path}:line")
    assert (net.name, net.title, net.kind, net.group) == ("net", "Net", "network", "own")
    assert (net.epochs, net.batch_size, net.learning_rate) == (5, 8, 0.01)
    assert net.hyperparameters == {"units": 3, "kernel_sizes": [3, 5]}
    assert not net.deterministic
    assert (line.title, line.kind, line.words, line.deterministic) == ("line", "baseline", 50, False)
    assert line.hyperparameters == {"C": 0.5}


@pytest.mark.parametrize(
    ("registration", "reason"),
    [
        ("@register_baseline('a')", "'a' is no function of"),
        ("@register_architecture('a', epochs=0)", "epochs=0; it has to be above 0"),
        ("@register_architecture()\ndef a(v, m, epochs=3): ...", "keyword 'epochs', which training sets"),
    ],
)
def test_an_impossible_registration_is_refused_in_one_line(write: Write, registration: str, reason: str) -> None:
    path = write("broken.py", f"from models.registry import *\n{registration}\ndef net(v, m): ...\n")
    assert reason in error_of(f"{path}:net")


@pytest.mark.parametrize("name", ["", "my/net", "a:b", "50%", "a.b", 'a"b', "a\nb", "my net", "-a", "x" * 101])
def test_a_name_that_the_model_registry_or_an_option_refuses_is_refused(name: str) -> None:
    registry.register_architecture("2-layers_café")(lambda vocabulary_size, max_length: None)
    with pytest.raises(ArchitectureError, match="is not possible"):
        registry.register_architecture(name)(lambda vocabulary_size, max_length: None)


def test_a_decorator_in_a_module_adds_name_and_settings(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("my_package/__init__.py", "")
    decorator = "from models.registry import register_architecture\n@register_architecture('wide', epochs=7)\n"
    write("my_package/nets.py", f"{decorator}def my_net(vocabulary_size, max_length): ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    net = lookup("my_package.nets:my_net")
    assert (net.name, net.title, net.epochs, net.spec) == ("wide", "wide", 7, "my_package.nets:my_net")


@pytest.mark.parametrize(
    ("spec", "source", "reason"),
    [
        ("nets.py:f", "def f(a): ...", "'f' is no function of (vocabulary_size, max_length), like a network"),
        ("nets.py:my_net", "my_net = 3", "'my_net' is no function of"),
    ],
)
def test_a_spec_that_cannot_be_used_is_refused_in_one_line(
    write: Write, monkeypatch: pytest.MonkeyPatch, spec: str, source: str, reason: str
) -> None:
    monkeypatch.chdir(write("nets.py", source).parent)
    assert reason in error_of(spec)


def test_a_spec_of_a_file_has_its_absolute_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for spec in ("nets.py:my_net", "./nets.py:my_net", "~/nets.py:my_net"):
        assert absolute_spec(spec) == f"{tmp_path}/nets.py:my_net"
    assert absolute_spec("my_package.nets:my_net") == "my_package.nets:my_net"


def test_one_of_ours_has_the_hash_of_its_module() -> None:
    code = Path(registry.__file__).with_name("tutorial.py").read_bytes()
    net = lookup("cnn_lstm")
    assert net.sources == {"models/tutorial.py": hashlib.sha256(code).hexdigest()}
    assert net.source.encode() == code


def test_a_module_of_ours_imports_nothing_of_ours_but_what_is_in_each_fingerprint() -> None:
    for module in registry.GROUPS:
        code = (Path(registry.__file__).parent / f"{module}.py").read_text()
        assert set(re.findall(r"from models\.(\w+)", code)) <= {"registry", "baselines", "semantic_vectors"}


def test_groups_become_their_names_in_order() -> None:
    tutorial = ["lstm", "lstm_dropout", "cnn_lstm", "cnn_lstm_tensorboard"]
    assert expand("tutorial") == tutorial
    assert expand("nets:mine") == ["nets:mine"]
    assert expand("all") == [*tutorial, *expand("baselines"), *expand("classics"), *expand("networks")]


SETTABLE = """
    from models.registry import register_architecture

    @register_architecture(title="Net", published_as="tutorial_lstm", control_of="lstm")
    def net(vocabulary_size, max_length, *, units=3, dropout=0.5, sizes=(3, 5), masked=True, cell="gru", bias=None):
        return units, dropout, sizes, masked, cell, bias
"""


def test_other_settings_are_an_architecture_of_their_own_that_is_no_control_and_has_no_published_figure(
    write: Write,
) -> None:
    path = write("mine.py", SETTABLE)
    net = lookup(f"{path}:net[epochs=8,cell=lstm,units=50,sizes=2+3,masked=false,learning_rate=1e-2]")
    settings = "[units=50,sizes=2+3,masked=false,cell=lstm,epochs=8,learning_rate=0.01]"
    assert (net.name, net.spec) == (f"net{settings}", f"{path}:net{settings}")
    assert net.title == "Net, units 50, sizes 2+3, masked false, cell lstm, epochs 8, learning_rate 0.01"
    assert net.build(5000, 500) == (50, 0.5, [2, 3], False, "lstm", None)
    assert (net.epochs, net.batch_size, net.learning_rate) == (8, 64, 0.01)
    assert net.hyperparameters == {
        "units": 50, "dropout": 0.5, "sizes": [2, 3], "masked": False, "cell": "lstm", "bias": None
    }  # fmt: skip
    assert (net.control_of, net.published_as) == (None, None)
    assert not lookup("bag_of_words_svm[C=2]").yardstick
    assert lookup(net.spec).name == net.name


def test_settings_that_are_as_registered_are_left_out() -> None:
    assert lookup("lstm[lstm_units=100,epochs=3]") is lookup("lstm")
    assert lookup("bag_of_words_svm[C=1,features=20]").name == "bag_of_words_svm[features=20]"


def test_settings_of_a_function_in_a_file_are_in_its_spec(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("nets.py", "def my_net(vocabulary_size, max_length, units=3):\n    return units")
    monkeypatch.chdir(path.parent)
    net = lookup("nets.py:my_net[units=8,batch_size=64]")
    assert (net.name, net.spec, net.build(5000, 500)) == ("my_net[units=8]", f"{path}:my_net[units=8]", 8)
    assert absolute_spec("nets.py:my_net[units=8]") == net.spec


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ("units=x", "units=x is not possible; as registered it is 3. Input should be a valid integer"),
        ("units=0.5", "Input should be a valid integer"),
        ("dropout=nan", "Input should be a finite number"),
        ("sizes=3+x", "as registered it is 3+5. Input should be a valid integer"),
        ("masked=maybe", "as registered it is true. Input should be a valid boolean"),
        ("bias=1", "as registered it is null. Input should be None"),
        ("epochs=0", "epochs=0; it has to be above 0"),
        ("learning_rate=-0.1", "learning_rate=-0.1; it has to be above 0"),
        ("50", "net[50]' is not possible; write"),
        ("", ":net[SETTING=VALUE,SETTING=VALUE]"),
        ("cell=a/b", ":net[SETTING=VALUE,SETTING=VALUE]"),
    ],
)
def test_a_setting_that_is_not_possible_is_refused_with_what_is(write: Write, settings: str, reason: str) -> None:
    path = write("mine.py", SETTABLE)
    assert reason in error_of(f"{path}:net[{settings}]")


def test_several_values_are_a_grid() -> None:
    assert expand("lstm[lstm_units=50,100,epochs=1,2]") == [
        "lstm[lstm_units=50,epochs=1]",
        "lstm[lstm_units=50,epochs=2]",
        "lstm[lstm_units=100,epochs=1]",
        "lstm[lstm_units=100,epochs=2]",
    ]
    assert expand("nets:mine[units=8,16]") == ["nets:mine[units=8]", "nets:mine[units=16]"]
    assert expand("tutorial[epochs=1]") == [f"{name}[epochs=1]" for name in expand("tutorial")]
    with pytest.raises(ArchitectureError, match="no setting 'lstm_units' of majority_class"):
        expand("baselines[lstm_units=50]")
    with pytest.raises(ArchitectureError, match="lstm_units=x is not possible"):
        expand("lstm[lstm_units=50,x]")
