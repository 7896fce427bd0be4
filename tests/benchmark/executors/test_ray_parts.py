import asyncio
import socket
import sys

import numpy as np
import pytest

from benchmark.config import TrialConfig
from benchmark.errors import UserError
from benchmark.events import EpochFinished, StepsDone
from benchmark.executors.ray_cluster import Share
from benchmark.executors.ray_executor import RayExecutor
from benchmark.executors.ray_worker import Mailbox
from benchmark.executors.trial_files import read_files, write_files
from tests.support.outcomes import write_outcome
from tests.support.records import make_predictions, make_result

TRIAL = TrialConfig(architecture="cnn_lstm", seed=7)


def make_result_of(trial: TrialConfig):
    return make_result(trial, make_predictions(trial.architecture, trial.seed, 0.9, 40), np.random.default_rng(0))


class TestShare:
    @pytest.mark.parametrize(
        ("share", "fits"),
        [
            (Share(1, 0.0), 8),
            (Share(3, 0.0), 2),
            (Share(9, 0.0), 0),
            (Share(1, 0.25), 4),
            (Share(1, 0.1), 8),
            (Share(1, 1.0), 1),
            (Share(1, 2.0), 0),
        ],
    )
    def test_a_node_runs_as_many_trials_as_have_room(self, share, fits):
        assert share.fits({"CPU": 8.0, "GPU": 1.0}) == fits

    def test_a_tenth_of_a_gpu_fits_ten_times(self):
        assert Share(1, 0.1).fits({"CPU": 16.0, "GPU": 1.0}) == 10

    def test_a_node_without_gpus_runs_none_that_needs_one(self):
        assert Share(1, 0.5).fits({"CPU": 8.0}) == 0


class TestRefusals:
    @pytest.mark.parametrize(
        ("settings", "words"),
        [
            ({"workers": 0}, "--workers: 0 is not possible"),
            ({"cpus_per_trial": 0}, "--cpus-per-trial: 0 is not possible"),
            ({"gpus_per_trial": -0.5}, "--gpus-per-trial: -0.5 is not possible"),
            ({"gpus_per_trial": 1.5}, "--gpus-per-trial: 1.5 is not possible"),
            ({"gpus_per_trial": float("nan")}, "--gpus-per-trial: nan is not possible"),
            ({"gpus_per_trial": 0.5, "device": "cpu"}, "--gpus-per-trial: 0.5 is not possible with --device cpu"),
            ({"gpus_per_trial": 0.0, "device": "gpu"}, "--gpus-per-trial: 0 is not possible with --device gpu"),
        ],
    )
    def test_an_impossible_share_is_refused_before_ray_is_started(self, settings, words):
        with pytest.raises(UserError, match=words):
            RayExecutor(**settings).start()

    def test_without_ray_the_command_that_installs_it_is_named(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "ray", None)
        with pytest.raises(UserError, match=r"pip install -r requirements-ray\.txt"):
            RayExecutor(workers=2).start()


class TestAddresses:
    @pytest.fixture(autouse=True)
    def _ray(self):
        pytest.importorskip("ray", reason="ray is not installed: pip install -r requirements-ray.txt")

    @pytest.mark.parametrize("address", ["10.0.0.1", "head:port", ":6379"])
    def test_an_address_is_auto_or_a_host_and_a_port(self, address):
        with pytest.raises(UserError, match="give auto, or host:port"):
            RayExecutor(ray_address=address).start()

    def test_a_port_that_nobody_listens_on_is_told_within_seconds(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"--ray-address: 127.0.0.1:{port} does not answer"):
            RayExecutor(ray_address=f"127.0.0.1:{port}").start()

    def test_ray_client_is_refused_with_what_to_do_instead(self):
        with pytest.raises(UserError, match="run this command on a node of the cluster"):
            RayExecutor(ray_address="ray://head:10001").start()


class TestMailbox:
    def test_events_come_out_in_the_order_in_which_they_came_in(self):
        epochs = [EpochFinished(TRIAL, epoch) for epoch in make_result_of(TRIAL).epochs]

        async def exchange():
            mailbox = Mailbox()
            for event in epochs:
                await mailbox.put(3, event)
            return await mailbox.take()

        assert asyncio.run(exchange()) == [(3, event) for event in epochs]

    def test_of_a_trials_steps_only_the_newest_is_kept(self):
        async def exchange():
            mailbox = Mailbox()
            for step in range(1000):
                await mailbox.put(1, StepsDone(TRIAL, 1, step, 1000))
                await mailbox.put(2, StepsDone(TRIAL, 1, step, 1000))
            return await mailbox.take()

        assert asyncio.run(exchange()) == [(ticket, StepsDone(TRIAL, 1, 999, 1000)) for ticket in (1, 2)]

    def test_who_takes_waits_for_the_first_event(self):
        async def exchange():
            mailbox = Mailbox()
            taking = asyncio.create_task(mailbox.take())
            await asyncio.sleep(0)
            assert not taking.done()
            await mailbox.put(1, StepsDone(TRIAL, 1, 1, 2))
            return await taking

        assert asyncio.run(exchange()) == [(1, StepsDone(TRIAL, 1, 1, 2))]


class TestTrialFiles:
    def test_what_is_sent_arrives_byte_for_byte(self, tmp_path):
        trial = TrialConfig(architecture="cnn_lstm_tensorboard", seed=7)
        sent = write_outcome(tmp_path / "there", trial)
        write_files(tmp_path / "here", read_files(sent.directory), sent.result)
        assert read_files(tmp_path / "here") == read_files(tmp_path / "there")
        assert "tensorboard/train/events" in read_files(tmp_path / "here")
        assert (tmp_path / "here" / "result.json").exists()

    @pytest.mark.parametrize("name", ["../outside", "/outside", "a/../../outside"])
    def test_a_file_that_leads_out_of_the_folder_is_refused_and_nothing_written(self, tmp_path, name):
        with pytest.raises(ValueError, match="leads out of its trial's folder"):
            write_files(tmp_path / "here", {"model.keras": b"", name: b""}, make_result_of(TRIAL))
        assert not list(tmp_path.iterdir())
