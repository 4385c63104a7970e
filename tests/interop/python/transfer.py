"""Bytes in, bytes out: uploads and downloads, over Xet (the client's default) and over LFS."""

import os
import random
import shutil

from huggingface_hub import CommitOperationAdd, HfApi, hf_hub_download, snapshot_download

from harness import CHECKPOINT, XET, api, digests, elsewhere, folder, new_repo, sha256, stored_bytes

UPLOAD = """
import sys
from harness import api
repo_id, path, name = sys.argv[1:]
print(api().upload_file(repo_id=repo_id, path_or_fileobj=path, path_in_repo=name).oid)
"""

DOWNLOAD = """
import sys
from harness import sha256
from huggingface_hub import hf_hub_download
print(sha256(hf_hub_download(sys.argv[1], sys.argv[2])))
"""


def test_checkpoint_goes_in_and_comes_out_the_same():
    repo_id = new_repo()
    commit = api().upload_folder(repo_id=repo_id, folder_path=CHECKPOINT, commit_message="Add MiniLM")
    assert commit.commit_message == "Add MiniLM", commit
    snapshot = snapshot_download(repo_id)
    assert digests(snapshot) == digests(CHECKPOINT)
    assert os.path.basename(snapshot) == api().model_info(repo_id).sha
    weights = api().get_paths_info(repo_id, "model.safetensors")[0]
    assert weights.size == 90868376, weights
    assert weights.lfs.sha256 == sha256(CHECKPOINT / "model.safetensors"), weights
    if XET:
        assert weights.xet_hash, "a file uploaded over Xet has a Xet hash"


def test_checkpoint_uploaded_one_way_downloads_the_other_way():
    repo_id = new_repo()
    expected = sha256(CHECKPOINT / "model.safetensors")
    elsewhere(UPLOAD, repo_id, CHECKPOINT / "model.safetensors", "model.safetensors")
    other_way = {"HF_HUB_DISABLE_XET": "1"} if XET else {"HF_HUB_DISABLE_XET": "0"}
    assert elsewhere(DOWNLOAD, repo_id, "model.safetensors", **other_way) == expected


def test_second_upload_of_the_same_folder_makes_no_commit():
    files = folder({"config.json": "{}", "weights.bin": random.Random(5).randbytes(300_000)})
    repo_id = new_repo()
    first = api().upload_folder(repo_id=repo_id, folder_path=files)
    again = api().upload_folder(repo_id=repo_id, folder_path=files)
    assert again.oid == first.oid, (first, again)
    assert len(api().list_repo_commits(repo_id)) == 2


def test_one_changed_tensor_stores_far_less_than_the_file_over_xet():
    repo_id = new_repo()
    changed = folder({}) / "model.safetensors"
    shutil.copyfile(CHECKPOINT / "model.safetensors", changed)
    elsewhere(UPLOAD, repo_id, changed, "model.safetensors")
    replace_tensor(changed, "encoder.layer.3.attention.self.query.weight")
    before = stored_bytes()
    elsewhere(UPLOAD, repo_id, changed, "model.safetensors")
    grown = stored_bytes() - before
    print(f"file {changed.stat().st_size} bytes, tensor 589824 bytes, stored {grown} bytes more")
    assert grown < 0.05 * changed.stat().st_size, f"{grown} bytes more are stored"
    assert elsewhere(DOWNLOAD, repo_id, "model.safetensors") == sha256(changed)


def replace_tensor(path, name):
    """Overwrites one tensor of a safetensors file with noise."""
    import json

    with open(path, "r+b") as file:
        header_size = int.from_bytes(file.read(8), "little")
        start, end = json.loads(file.read(header_size))[name]["data_offsets"]
        file.seek(8 + header_size + start)
        file.write(random.Random(name).randbytes(end - start))


def test_files_of_every_size_and_name():
    noise = random.Random(1)
    files = {
        "empty.txt": "",
        "empty.bin": b"",
        "one.bin": b"\x00",
        "small.bin": noise.randbytes(8191),
        "chunk.bin": noise.randbytes(131072),
        "zeros.bin": bytes(3_000_000),
        "large.bin": noise.randbytes(12_345_678),
        "large.txt": "a line of text that repeats\n" * 200_000,
        "a/b/c/d/e/deep.json": "{}",
        "name with spaces.txt": "spaces",
        "percent%20and+plus&amp.txt": "percent",
        "ünïcödé/文件.txt": "unicode",
        "hash#and?question.txt": "reserved",
        ".hidden": "dot",
    }
    root = folder(files)
    repo_id = new_repo()
    api().upload_folder(repo_id=repo_id, folder_path=root)
    assert set(api().list_repo_files(repo_id)) == {*files, ".gitattributes"}
    expected = digests(root)
    actual = digests(snapshot_download(repo_id, ignore_patterns=".gitattributes"))
    assert actual == expected, {path for path in files if actual.get(path) != expected.get(path)}


def test_upload_from_bytes_and_from_a_file_object():
    content = random.Random(2).randbytes(2_000_000)
    source = folder({"source.bin": content}) / "source.bin"
    repo_id = new_repo()
    api().upload_file(repo_id=repo_id, path_or_fileobj=content, path_in_repo="bytes.bin")
    with open(source, "rb") as file:
        api().upload_file(repo_id=repo_id, path_or_fileobj=file, path_in_repo="object.bin")
    assert sha256(hf_hub_download(repo_id, "bytes.bin")) == sha256(source)
    assert sha256(hf_hub_download(repo_id, "object.bin")) == sha256(source)


def test_upload_folder_filters_and_deletes():
    repo_id = new_repo()
    root = folder({"keep.txt": "1", "drop.log": "2", "sub/keep.txt": "3"})
    api().upload_folder(repo_id=repo_id, folder_path=root, ignore_patterns="*.log")
    assert set(api().list_repo_files(repo_id)) == {".gitattributes", "keep.txt", "sub/keep.txt"}
    api().upload_folder(repo_id=repo_id, folder_path=folder({"new.txt": "4"}), delete_patterns="sub/*")
    assert set(api().list_repo_files(repo_id)) == {".gitattributes", "keep.txt", "new.txt"}


def test_download_to_a_local_folder_and_again():
    repo_id = new_repo()
    root = folder({"a.txt": "one", "w.bin": random.Random(3).randbytes(500_000)})
    api().upload_folder(repo_id=repo_id, folder_path=root)
    local = folder({})
    snapshot_download(repo_id, local_dir=local, ignore_patterns=".gitattributes")
    assert digests(local) == digests(root)
    api().upload_file(repo_id=repo_id, path_or_fileobj=b"two", path_in_repo="a.txt")
    snapshot_download(repo_id, local_dir=local, ignore_patterns=".gitattributes")
    assert (local / "a.txt").read_text() == "two"


def test_cache_answers_when_the_network_is_off():
    repo_id = new_repo()
    api().upload_file(repo_id=repo_id, path_or_fileobj=b'{"a": 1}', path_in_repo="config.json")
    online = hf_hub_download(repo_id, "config.json")
    offline = """
import sys
from huggingface_hub import hf_hub_download
from huggingface_hub.errors import LocalEntryNotFoundError
print(hf_hub_download(sys.argv[1], "config.json", cache_dir=sys.argv[2]))
try:
    hf_hub_download(sys.argv[1], "other.json", cache_dir=sys.argv[2])
except LocalEntryNotFoundError:
    print("LocalEntryNotFoundError")
"""
    cache = os.path.join(os.environ["HF_HOME"], "hub")
    printed = elsewhere(offline, repo_id, cache, HF_HUB_OFFLINE="1")
    assert printed.splitlines() == [online, "LocalEntryNotFoundError"], printed


def test_download_of_an_old_revision():
    repo_id = new_repo()
    first = api().upload_file(repo_id=repo_id, path_or_fileobj=b"one", path_in_repo="a.txt")
    api().upload_file(repo_id=repo_id, path_or_fileobj=b"two", path_in_repo="a.txt")
    api().create_tag(repo_id, tag="v1", revision=first.oid)
    for revision in ("v1", first.oid, "refs/tags/v1"):
        assert open(hf_hub_download(repo_id, "a.txt", revision=revision)).read() == "one", revision
    assert open(hf_hub_download(repo_id, "a.txt")).read() == "two"


def test_dataset_repository():
    repo_id = new_repo("dataset")
    rows = "text,label\n" + "good,1\nbad,0\n" * 1000
    files = folder({"README.md": "---\nlicense: mit\n---\n# Rows\n", "data/train.csv": rows})
    HfApi().upload_folder(repo_id=repo_id, repo_type="dataset", folder_path=files, token=api().token)
    local = snapshot_download(repo_id, repo_type="dataset", ignore_patterns=".gitattributes")
    assert digests(local) == digests(files)


def test_many_files_in_one_commit():
    files = {f"part-{index // 50}/{index:04}.json": f'{{"index": {index}}}' for index in range(600)}
    repo_id = new_repo()
    operations = [CommitOperationAdd(path, content.encode()) for path, content in files.items()]
    api().create_commit(repo_id, operations=operations, commit_message="Many")
    assert len(api().list_repo_files(repo_id)) == 601
    local = snapshot_download(repo_id, allow_patterns="part-7/*")
    assert digests(local) == digests(folder({k: v for k, v in files.items() if "part-7/" in k}))
