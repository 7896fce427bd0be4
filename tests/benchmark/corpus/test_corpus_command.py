from __future__ import annotations

import json

from benchmark.corpus import cached_corpora
from benchmark.corpus.__main__ import main


def test_it_prints_the_facts(capsys):
    assert main(["generated"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["kind"] == "generated"
    assert len(facts["digest"]) == 64


def test_it_names_a_damaged_file_of_the_cache(capsys, cache):
    main(["generated"])
    (directory,) = cached_corpora(cache)
    damaged = directory / "train_ids.npy"
    content = bytearray(damaged.read_bytes())
    content[-1] ^= 1
    damaged.write_bytes(content)
    assert main(["generated"]) == 1
    assert f"{damaged} does not have the hash" in capsys.readouterr().err


def test_a_wrong_path_is_one_line(capsys):
    assert main(["/nowhere"]) == 2
    assert capsys.readouterr().err.startswith("--data: there is no file or folder '/nowhere'")
