import os
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

from app.asking import EncoderError, EncoderProcess, encoder_of, end_all
from app.pasted import light_curve_of
from astra.data.light_curves import LightCurves
from astra.encoders import build, embed, load, save
from astra.runs.messages import (
    MessageError,
    light_curves_from_json,
    light_curves_to_json,
    read_message,
    to_bytes,
)


@pytest.fixture(scope="module")
def light_curves():
    """Twelve light curves of 20 to 130 nights in two bands, some nights flagged."""
    rng = np.random.default_rng(8)
    parts, ids = [], [f"a:{i}" for i in range(12)]
    for i, object_id in enumerate(ids):
        nights = 20 + 10 * i
        mjd = np.sort(rng.uniform(58_000, 59_000, nights))
        parts.append(
            pd.DataFrame(
                {
                    "object_id": object_id,
                    "mjd": mjd,
                    "band": rng.choice(["ztf_g", "ztf_r"], nights),
                    "flux_ujy": 100 + 30 * np.sin(mjd / (0.3 + i)) + rng.normal(0, 2, nights),
                    "flux_err_ujy": rng.uniform(1, 3, nights),
                    "flagged": rng.random(nights) < 0.1,
                }
            )
        )
    objects = pd.DataFrame({"object_id": ids})
    return LightCurves.from_tables(objects, pd.concat(parts, ignore_index=True))


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    """A folder with an encoder, as a run has one."""
    import torch

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("run")
    save(build("astra_clr"), folder, {"trained": "not at all"})
    yield folder
    end_all()


def test_the_process_gives_what_the_encoder_gives(run_folder, light_curves):
    there = embed(load(run_folder), light_curves, device="cpu")
    encoder = encoder_of(run_folder)
    assert not encoder.is_warm
    for row in range(len(light_curves)):
        np.testing.assert_allclose(encoder.embed(light_curves[row]), there[row], atol=1e-5)
    assert encoder.is_warm
    assert encoder_of(run_folder) is encoder


def test_a_pasted_light_curve_gets_the_embedding_of_the_same_one_imported(run_folder, light_curves):
    one = light_curves[7]
    lines = ["mjd,band,flux_ujy,flux_err_ujy,flagged"]
    for i in range(len(one)):
        band = one.bands[one.band[i]].name
        values = float(one.mjd[i]), band, float(one.flux[i]), float(one.flux_error[i])
        lines.append(",".join(map(str, (*values, bool(one.flagged[i])))))
    pasted = light_curve_of("\n".join(lines))
    assert not pasted.remark
    there = embed(load(run_folder), light_curves.take(np.array([7])), device="cpu")[0]
    np.testing.assert_allclose(
        encoder_of(run_folder).embed(pasted.light_curve), there, rtol=0, atol=1e-5
    )


def test_it_is_started_again_when_it_was_killed(run_folder, light_curves):
    encoder = encoder_of(run_folder)
    before = encoder.embed(light_curves[0])
    os.kill(encoder._process.pid, signal.SIGKILL)
    encoder._process.wait()
    np.testing.assert_array_equal(encoder.embed(light_curves[0]), before)


def test_without_weights_it_says_so(tmp_path, light_curves):
    with pytest.raises(EncoderError, match="no weights here"):
        EncoderProcess(tmp_path).embed(light_curves[0])


def test_it_ends_with_whoever_started_it(run_folder):
    """Its input ends when the other process is gone, however that ended."""
    script = (
        "import sys, time\nfrom pathlib import Path\nfrom app.asking import EncoderProcess\n"
        "encoder = EncoderProcess(Path(sys.argv[1]))\nencoder._start()\n"
        "sys.stdout.write(f'{encoder._process.pid}\\n')\nsys.stdout.flush()\ntime.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(run_folder)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    for _ in range(100):
        if not _runs(child):
            return
        time.sleep(0.1)
    pytest.fail("the encoder outlived its parent by ten seconds")


def _runs(pid):
    import psutil

    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_messages_carry_light_curves_exactly(light_curves):
    sent = to_bytes({"light_curves": light_curves_to_json(list(light_curves))})
    stream = iter([sent[:3], sent[3:500], sent[500:]])
    held = bytearray()

    def read(length):
        if not held:
            held.extend(next(stream, b""))
        part = bytes(held[:length])
        del held[: len(part)]
        return part

    message = read_message(read)
    got = light_curves_from_json(message["light_curves"])
    for before, after in zip(light_curves, got, strict=True):
        for name in ("mjd", "flux", "flux_error", "flagged"):
            np.testing.assert_array_equal(getattr(before, name), getattr(after, name))
        assert [before.bands[c] for c in before.band] == [after.bands[c] for c in after.band]
    assert read_message(read) is None


@pytest.mark.parametrize(
    "sent", [b"\x00", b"\xff\xff\xff\xff", b"\x00\x00\x00\x05[1]", b"\0\0\0\x02[]"]
)
def test_what_is_no_message_is_refused(sent):
    held = bytearray(sent)

    def read(length):
        part = bytes(held[:length])
        del held[: len(part)]
        return part

    with pytest.raises(MessageError):
        read_message(read)
