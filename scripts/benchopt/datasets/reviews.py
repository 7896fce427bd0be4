"""The folder of arrays and texts that the plain script reads."""

from benchopt import BaseDataset


class Dataset(BaseDataset):
    name = "reviews"
    parameters = {"folder": [""]}  # noqa: RUF012 - as benchopt has it

    def get_data(self):
        return {"folder": self.folder}
