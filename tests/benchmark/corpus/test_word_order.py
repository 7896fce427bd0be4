"""Words in random order: the same order for every architecture, seed and machine."""

import numpy as np

from benchmark.corpus.word_order import random_order, shuffle_ids, shuffle_texts


def test_the_order_is_the_same_everywhere() -> None:
    assert random_order(0, 6).tolist() == [5, 3, 4, 0, 1, 2]
    assert random_order(1, 6).tolist() == [2, 0, 3, 5, 4, 1]


def test_fewer_of_the_last_words_keep_their_order_among_themselves() -> None:
    for review in range(20):
        whole = random_order(review, 30) - 18
        assert whole[whole >= 0].tolist() == random_order(review, 12).tolist()


def test_padding_and_start_id_stay_in_place() -> None:
    encoded = np.array([[0, 0, 1, 7, 2, 9], [4, 5, 6, 7, 8, 9], [0, 0, 0, 0, 0, 1]], np.int32)
    shuffled = shuffle_ids(encoded)
    np.testing.assert_array_equal(shuffled[0, :3], [0, 0, 1])
    np.testing.assert_array_equal(shuffled[1], encoded[1, random_order(1, 6)])
    np.testing.assert_array_equal(np.sort(shuffled), np.sort(encoded))
    np.testing.assert_array_equal(shuffled[2], encoded[2])


def test_a_network_and_a_baseline_get_the_same_order() -> None:
    ids = shuffle_ids(np.array([[0, 1, 4, 5, 6, 7, 8]], np.int32))
    assert shuffle_texts(["4 5 6 7 8", ""]) == [" ".join(map(str, ids[0, 2:])), ""]
