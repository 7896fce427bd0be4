from tests.tracking.conftest import TRIALS


def test_it(run_benchmark, store):
    import time

    t = time.time()
    run_id = run_benchmark(TRIALS)
    print("stored", time.time() - t)
    from tracking.reader import read_benchmark

    t = time.time()
    record = read_benchmark(store, run_id)
    print("read", time.time() - t)
    for trial in record.trials:
        print(trial.status, trial.model_uri, trial.failure)
    r = store.client.get_run(record.trials[0].run_id)
    print(r.data.metrics, r.data.params, r.data.tags, r.inputs, r.info)
    print([a.path for a in store.client.list_artifacts(r.info.run_id)])
    r = store.client.get_run(run_id)
    print(r.data.metrics, r.data.params, r.data.tags, r.info)
