"""What the Python suites share: who they are, a fresh repository, and how one test is run.

    python harness.py MODULE TEST

runs one function in a process of its own. The environment carries HF_ENDPOINT, HF_HOME (fresh), and the
INTEROP_* variables that the suite's starter sets. Exit code 0 is a pass.
"""

import hashlib
import importlib
import os
import pathlib
import subprocess
import sys
import tempfile
import traceback
import uuid

ENDPOINT = os.environ["HF_ENDPOINT"]
USER = os.environ["INTEROP_USER"]
TOKEN = os.environ["INTEROP_TOKEN"]
READ_TOKEN = os.environ["INTEROP_READ_TOKEN"]
OTHER_TOKEN = os.environ["INTEROP_OTHER_TOKEN"]
DATA = pathlib.Path(os.environ["INTEROP_DATA"])
CHECKPOINT = pathlib.Path(os.environ["INTEROP_CHECKPOINT"])
XET = not os.environ.get("HF_HUB_DISABLE_XET")


def api(token=TOKEN):
    from huggingface_hub import HfApi

    return HfApi(endpoint=ENDPOINT, token=token)


def new_repo(repo_type="model", **options):
    """Creates a repository that no other test uses; gives its id."""
    repo_id = f"{USER}/py-{uuid.uuid4().hex[:12]}"
    api().create_repo(repo_id, repo_type=repo_type, **options)
    return repo_id


def folder(files):
    """A temporary folder with these files: path to text or bytes."""
    root = pathlib.Path(tempfile.mkdtemp(dir=os.environ["HF_HOME"]))
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def digests(root):
    """Path to sha256, of every file under a folder, without what a client keeps for itself."""
    root = pathlib.Path(root)
    return {
        path.relative_to(root).as_posix(): sha256(path)
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".cache" not in path.relative_to(root).parts
    }


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def stored_bytes():
    """Bytes in the server's data folder, without the database's journals."""
    return sum(
        path.stat().st_size
        for path in DATA.rglob("*")
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    )


def raises(kind, action, **attributes):
    """Runs `action`; it must raise exactly `kind` (a subclass is not enough), with these attributes."""
    try:
        result = action()
    except Exception as error:
        assert type(error).__name__ == kind.__name__, f"expected {kind.__name__}, got {error!r}"
        for name, expected in attributes.items():
            actual = getattr(error, name)
            assert actual == expected, f"{name} of {error!r} is {actual!r}, expected {expected!r}"
        return error
    raise AssertionError(f"expected {kind.__name__}, got {result!r}")


def status(error):
    return error.response.status_code


def elsewhere(code, *arguments, **environment):
    """Runs code in a new process with an empty HF_HOME: nothing that this one cached helps it."""
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments)],
            env={**os.environ, "HF_HOME": home, **environment},
            cwd=pathlib.Path(__file__).parent,
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


if __name__ == "__main__":
    module, test = sys.argv[1:]
    sys.path.insert(0, str(pathlib.Path(__file__).parent))
    try:
        getattr(importlib.import_module(module), test)()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    # A client's background threads must not keep a finished test waiting.
    sys.stdout.flush()
    os._exit(0)
