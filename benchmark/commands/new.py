"""``new``: a file with an architecture that runs as it stands."""

from __future__ import annotations

import keyword
import shlex
from importlib.machinery import PathFinder
from pathlib import Path

from benchmark.errors import UserError
from benchmark.terminal import make_console, print_pairs
from models.registry import GROUPS, ours

NETWORK = '''\
"""An architecture of my own: a function that builds a Keras network.

The contract:
- The function takes vocabulary_size and max_length and returns a keras.Model that is not compiled.
- The input has the shape (batch, max_length): word ids, with 0 for padding at the front. 1 starts a review, 2 stands
  for a rare word, and the larger the id the rarer the word. All ids are smaller than vocabulary_size.
- The output is one number a review: the probability of label 1 ("positive"), from a sigmoid.
- The benchmark sets the random seed before it calls the function, then trains with Adam and binary cross-entropy.
- Use Keras's own layers only: a Lambda layer or a class of your own does not load without this file.

    {commands}
"""

import keras

from models.registry import register_architecture


# The decorator may be left out. Further parameters with defaults, like dropout: float = 0.5, are logged.
@register_architecture(title="{title}", epochs=3, batch_size=32, learning_rate=0.01)
def {name}(vocabulary_size: int, max_length: int) -> keras.Model:
    return keras.Sequential(
        [
            keras.layers.Input((max_length,), dtype="int32"),
            keras.layers.Embedding(vocabulary_size, 32, mask_zero=True),  # padding is masked
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
'''

BASELINE = '''\
"""A baseline of my own: a function that builds a scikit-learn pipeline.

The contract:
- The function takes nothing and returns an estimator that is not fitted yet.
- It is fitted on a list of texts (words in lower case, with single spaces between them) and labels 0 and 1.
- It needs predict_proba, or decision_function as a linear support vector machine has it.
- Use scikit-learn's own classes only: then the model is saved without pickle and loads without this file.
- Without randomness it has one trial, whatever the seeds. With randomness: deterministic=False in the decorator,
  random_state unset, and the benchmark sets NumPy's seed.

    {commands}
"""

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from models.registry import register_baseline


# The decorator may be left out. words=5000 would keep only the 5,000 most frequent words, as the networks see them.
@register_baseline(title="{title}")
def {name}() -> Pipeline:
    return make_pipeline(TfidfVectorizer(max_features=20_000), LogisticRegression(max_iter=1000))
'''


def new_command(*, name: str, baseline: bool) -> int:
    """Write ``NAME.py`` into the current folder, and print what to do next."""
    if not name.isidentifier() or not name.isascii() or keyword.iskeyword(name):
        raise UserError(f"NAME: {name!r} is no name of a Python function; use letters, digits and _, like my_net")
    if name in ours() or name in (*GROUPS, "all"):
        raise UserError(f"NAME: {name!r} is the name of an architecture or a group already; choose another")
    path = Path(f"{name}.py")
    if PathFinder.find_spec(name) and not path.exists():
        raise UserError(f"NAME: {path} would hide the Python module {name!r} from all programs here; choose another")
    spec, title = f"{path}:{name}", name.replace("_", " ").capitalize()
    use = f'python -m benchmark predict --model {name} "A wonderful film."'
    steps = [("check it", f"python -m benchmark check {spec}"), train_step(spec), ("use it", use)]
    commands = "\n    ".join(command for _, command in steps)
    text = (BASELINE if baseline else NETWORK).format(name=name, title=title, commands=commands)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UserError(f"NAME: {path} exists already and stays as it is; choose another name") from None
    print_pairs(make_console(), [("wrote", str(path)), *steps])
    return 0


def train_step(spec: str) -> tuple[str, str]:
    """Return what to do after `check`: a few minutes of training, beside the baselines."""
    architectures = shlex.quote(f"{spec},baselines")
    command = f"python -m benchmark run --architectures {architectures} --max-reviews 2000"
    return "train it", command
