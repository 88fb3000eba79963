import subprocess
import sys
import time

from astra.cli.precompute import run_precompute

FORWARD = (
    "import sys; from astra.cli import precompute as p; sys.exit(p.run_precompute(sys.argv[1:]))"
)


def test_the_exit_status_is_passed_on(tmp_path, capfd):
    assert run_precompute(["--help"]) == 0
    said = capfd.readouterr().out
    assert "Usage: astra precompute " in said and "--recipe" in said
    assert run_precompute(["nowhere", "--home", str(tmp_path)]) == 1
    assert "nowhere" in capfd.readouterr().err


def test_sigterm_is_passed_on_and_waited_for(monkeypatch):
    slow = (
        "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(130));"
        "print('up', flush=True); time.sleep(60)"
    )
    code = FORWARD.replace(
        "sys.exit(p.run",
        f"p.subprocess.Popen = lambda command, start=p.subprocess.Popen: "
        f"start([sys.executable, '-c', {slow!r}]); sys.exit(p.run",
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "up\n"
    time.sleep(0.1)
    process.terminate()
    assert process.wait(timeout=20) == 130
