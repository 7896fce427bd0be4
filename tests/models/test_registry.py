"""Looking up architectures: ours, files from anywhere, modules and installed packages."""

import importlib
import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import models
from models import registry
from models.registry import ArchitectureError, absolute_spec, expand, lookup, ours

Write = Callable[[str, str], Path]


@pytest.fixture(autouse=True)
def registered_anew() -> Iterator[None]:
    """Forget what a test registers as ours."""
    yield
    registry.ours.cache_clear()


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


@pytest.fixture
def write_ours(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a file as if it were in ``models/``."""
    monkeypatch.setattr(models, "__path__", [*models.__path__, str(tmp_path)])
    registry.ours.cache_clear()
    return write


TWO_FORMS = """
    def my_net(vocabulary_size, max_length):
        return ("a network", vocabulary_size, max_length)

    def my_baseline():
        return "a baseline"
"""


def error_of(name: str) -> str:
    with pytest.raises(ArchitectureError) as caught:
        lookup(name)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_settings_of_a_registration_are_those_of_the_architecture(write_ours: Write) -> None:
    write_ours(
        "mine.py",
        """
        from models.registry import register_architecture, register_baseline

        @register_architecture("net", title="Net", epochs=5, batch_size=8, learning_rate=0.01)
        def build(vocabulary_size, max_length, *, units=3, kernel_sizes=(3, 5), activation=print): ...

        @register_baseline(words=50, deterministic=False)
        def line(C=0.5): ...
        """,
    )
    net, line = lookup("net"), lookup("line")
    assert (net.title, net.kind, net.group, net.spec) == ("Net", "network", "own", None)
    assert (net.epochs, net.batch_size, net.learning_rate) == (5, 8, 0.01)
    assert net.hyperparameters == {"units": 3, "kernel_sizes": [3, 5]}
    assert not net.deterministic
    assert (line.title, line.kind, line.words, line.deterministic) == ("line", "baseline", 50, False)
    assert line.hyperparameters == {"C": 0.5}
    assert list(ours())[-2:] == ["net", "line"]


BROKEN = {
    "syntax": ("def broken(:", ": SyntaxError: invalid syntax (broken.py, line 2)"),
    "error of two lines": ("raise ValueError('one\\ntwo')", ", line 2: ValueError: one two"),
    "name of a group": ("@register_architecture('networks')", ", line 2: the name 'networks' is that of a group"),
    "arguments": ("@register_baseline('a')", ", line 2: 'a' is no function of"),
    "setting": ("@register_architecture('a', epochs=0)", "epochs=0; it has to be above 0"),
    "keyword of training": (
        "@register_architecture()\ndef a(v, m, epochs=3): ...",
        "keyword 'epochs', which training sets",
    ),
    "group": ("@register_architecture('a', group='tutorials')", "did you mean 'tutorial'"),
}


@pytest.mark.parametrize(("line", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_file_of_ours_that_cannot_be_used_is_named_in_one_line(write_ours: Write, line: str, reason: str) -> None:
    write_ours("broken.py", f"from models.registry import *\n{line}\ndef net(v, m): ...\n")
    message = error_of("lstm")
    assert message.startswith("models/broken.py cannot be imported")
    assert reason in message


def test_a_registration_counts_once_whatever_names_the_file_gives_it(write_ours: Write) -> None:
    write_ours(
        "mine.py",
        """
        from models.registry import register_baseline
        from models.tutorial import cnn_lstm  # is registered there

        for C in (1, 2):
            @register_baseline(f"mine_{C}")
            def mine(C=C): ...
        """,
    )
    assert [each.name for each in ours().values() if each.group == "own"] == ["mine_1", "mine_2"]


def test_a_name_in_two_files_of_ours_names_both(write_ours: Write) -> None:
    write_ours("mine.py", "from models.registry import *\n@register_architecture()\ndef lstm(v, m): ...\n")
    assert error_of("lstm") == "the name 'lstm' is in models/tutorial.py and in models/mine.py"


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
        ("nets.py:my_nett", TWO_FORMS, "nets.py: there is no function 'my_nett', did you mean 'my_net'?; possible:"),
        ("nets.py:f", "def f(a): ...", "'f' is no function of (vocabulary_size, max_length), like a network"),
        ("nets.py:my_net", "my_net = 3", "'my_net' is no function of"),
        ("nets.py:f", "import no_such_package", "nets.py cannot be imported, line 1: ModuleNotFoundError"),
        ("nets.py:f", "raise SystemExit", "nets.py cannot be imported, line 1: SystemExit"),
        (":my_net", "", "ValueError"),
        ("nets.py:", "", "there is no function ''"),
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


def test_a_shipped_module_is_its_own_source_and_one_dropped_in_has_all_files_of_models(write_ours: Write) -> None:
    write_ours("of_mine/layers.py", "UNITS = 1")
    write_ours("data.json", "1")
    write_ours("mine.py", "from models.registry import *\n@register_architecture()\ndef mine(v, m): ...\n")
    assert lookup("cnn_lstm").sources.keys() == {"models/tutorial.py"}
    before = lookup("mine").sources
    assert before.keys() > {"models/mine.py", "models/of_mine/layers.py", "models/data.json", "models/tutorial.py"}
    write_ours("of_mine/layers.py", "UNITS = 2")
    registry.ours.cache_clear()
    after = lookup("mine").sources
    assert [file for file in after if after[file] != before[file]] == ["models/of_mine/layers.py"]


def test_a_shipped_module_imports_nothing_of_ours_but_what_is_in_each_fingerprint() -> None:
    for module in registry.SHIPPED:
        code = (Path(registry.__file__).parent / f"{module}.py").read_text()
        assert set(re.findall(r"from models\.(\w+)", code)) <= {"registry", "baselines"}


def test_groups_become_their_names_in_order() -> None:
    tutorial = ["lstm", "lstm_dropout", "cnn_lstm", "cnn_lstm_tensorboard"]
    assert expand(["tutorial"]) == tutorial
    assert expand(["majority_class", "nets:mine", "tutorial"]) == ["majority_class", "nets:mine", *tutorial]
    everything = expand(["all"])
    assert everything == [*tutorial, *expand(["baselines", "classics", "networks"])]


SETTABLE = """
    from models.registry import register_architecture

    @register_architecture(title="Net", published_as="tutorial_lstm", control_of="lstm", group="networks")
    def net(vocabulary_size, max_length, *, units=3, dropout=0.5, sizes=(3, 5), masked=True, cell="gru", bias=None):
        return units, dropout, sizes, masked, cell, bias
"""


def test_other_settings_are_an_architecture_of_their_own_that_is_no_control_and_has_no_published_figure(
    write_ours: Write,
) -> None:
    write_ours("mine.py", SETTABLE)
    net = lookup("net[epochs=8,cell=lstm,units=50,sizes=2+3,masked=false,learning_rate=1e-2]")
    assert net.name == "net[units=50,sizes=2+3,masked=false,cell=lstm,epochs=8,learning_rate=0.01]"
    assert net.title == "Net, units 50, sizes 2+3, masked false, cell lstm, epochs 8, learning_rate 0.01"
    assert net.build(5000, 500) == (50, 0.5, [2, 3], False, "lstm", None)
    assert (net.epochs, net.batch_size, net.learning_rate) == (8, 64, 0.01)
    assert net.hyperparameters == {
        "units": 50, "dropout": 0.5, "sizes": [2, 3], "masked": False, "cell": "lstm", "bias": None
    }  # fmt: skip
    assert (net.group, net.control_of, net.published_as) == ("networks", None, None)
    assert not lookup("bag_of_words_svm[C=2]").yardstick
    assert lookup(net.name).name == net.name


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
        ("unit=3", "there is no setting 'unit' of net, did you mean 'units'?; possible: units, dropout"),
        ("units=x", "units=x is not possible; give a whole number, like 3"),
        ("units=0.5", "give a whole number, like 3"),
        ("dropout=nan", "give a number, like 0.5"),
        ("sizes=3+x", "give whole numbers joined by +, like 3+5"),
        ("masked=maybe", "give true or false, like true"),
        ("bias=1", "bias can only be set where it is registered: its default is None"),
        ("epochs=0", "epochs=0; it has to be above 0"),
        ("learning_rate=-0.1", "learning_rate=-0.1; it has to be above 0"),
        ("50", "'net[50]' is not possible; write net[SETTING=VALUE,SETTING=VALUE]"),
        ("", "write net[SETTING=VALUE,SETTING=VALUE]"),
        ("cell=a/b", "write net[SETTING=VALUE,SETTING=VALUE]"),
    ],
)
def test_a_setting_that_is_not_possible_is_refused_with_what_is(write_ours: Write, settings: str, reason: str) -> None:
    write_ours("mine.py", SETTABLE)
    assert reason in error_of(f"net[{settings}]")


def test_a_baseline_has_no_epochs() -> None:
    assert "possible: features, most_frequent_left_out, C" in error_of("bag_of_words_svm[epochs=3]")


def test_several_values_are_a_grid() -> None:
    assert expand(["lstm[lstm_units=50,100,epochs=1,2]", "nets:mine[units=8,16]"]) == [
        "lstm[lstm_units=50,epochs=1]",
        "lstm[lstm_units=50,epochs=2]",
        "lstm[lstm_units=100,epochs=1]",
        "lstm[lstm_units=100,epochs=2]",
        "nets:mine[units=8]",
        "nets:mine[units=16]",
    ]
    assert expand(["tutorial[epochs=1]"]) == [f"{name}[epochs=1]" for name in expand(["tutorial"])]
    with pytest.raises(ArchitectureError, match="no setting 'lstm_units' of majority_class"):
        expand(["baselines[lstm_units=50]"])
    with pytest.raises(ArchitectureError, match="lstm_units=x is not possible"):
        expand(["lstm[lstm_units=50,x]"])
