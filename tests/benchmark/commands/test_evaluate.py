"""Which labels of new reviews are understood."""

import pytest

from benchmark.commands.evaluate import check_labels
from benchmark.errors import UserError


@pytest.mark.parametrize(
    ("labels", "columns"),
    [
        (("negative", "positive"), None),
        (("0", "1"), None),
        (("stars < 4", "stars >= 4"), "label=stars>=4"),
    ],
)
def test_labels_whose_meaning_is_sure_are_taken(labels, columns):
    check_labels(labels, ("negative", "positive"), columns)


def test_other_labels_are_refused_with_those_that_are_possible():
    with pytest.raises(UserError) as refusal:
        check_labels(("good", "terrible"), ("negative", "positive"), "label=class")
    assert "the labels are 'good' and 'terrible', and those of the models 'negative' and 'positive'" in str(
        refusal.value
    )
    assert "--columns 'label=stars>=4'" in str(refusal.value)
