"""HfFileSystem: the Hub as fsspec sees it."""

import random

from huggingface_hub import HfFileSystem

from harness import ENDPOINT, api, new_repo, raises, folder, TOKEN


def system():
    return HfFileSystem(endpoint=ENDPOINT, token=TOKEN, skip_instance_cache=True)


def test_read():
    repo_id = new_repo()
    content = random.Random(9).randbytes(11_000_000)
    api().upload_folder(
        repo_id=repo_id,
        folder_path=folder({"a.txt": "alpha\nbeta\n", "sub/b.txt": "b", "w.bin": content}),
    )
    fs = system()
    assert sorted(fs.ls(repo_id, detail=False)) == [
        f"{repo_id}/{name}" for name in (".gitattributes", "a.txt", "sub", "w.bin")
    ]
    assert fs.read_text(f"{repo_id}/a.txt") == "alpha\nbeta\n"
    assert fs.glob(f"{repo_id}/**/*.txt") == [f"{repo_id}/a.txt", f"{repo_id}/sub/b.txt"]
    assert fs.isdir(f"{repo_id}/sub") and fs.isfile(f"{repo_id}/a.txt")
    assert fs.exists(f"{repo_id}/a.txt") and not fs.exists(f"{repo_id}/z.txt")
    assert fs.info(f"{repo_id}/w.bin")["size"] == len(content)
    assert fs.cat_file(f"{repo_id}/w.bin", start=1_000_000, end=1_000_100) == content[1_000_000:1_000_100]
    assert fs.cat_file(f"{repo_id}/w.bin", start=-10) == content[-10:]
    with fs.open(f"{repo_id}/w.bin", "rb", block_size=1 << 20) as file:
        for offset in (10_999_990, 0, 5_242_880, 131_071):
            file.seek(offset)
            assert file.read(5000) == content[offset : offset + 5000], offset
    with fs.open(f"{repo_id}/w.bin", "rb", block_size=0) as stream:
        assert stream.read() == content
    raises(FileNotFoundError, lambda: fs.ls(f"{repo_id}/no/such"))


def test_write_copy_and_remove():
    repo_id = new_repo()
    fs = system()
    fs.pipe_file(f"{repo_id}/one.txt", b"one")
    with fs.open(f"{repo_id}/two.txt", "w") as file:
        file.write("two")
    fs.cp_file(f"{repo_id}/one.txt", f"{repo_id}/three.txt")
    fs.mv(f"{repo_id}/two.txt", f"{repo_id}/moved.txt")
    fs.rm(f"{repo_id}/one.txt")
    assert set(api().list_repo_files(repo_id)) == {".gitattributes", "moved.txt", "three.txt"}
    assert fs.read_text(f"{repo_id}/three.txt") == "one" and fs.read_text(f"{repo_id}/moved.txt") == "two"


def test_read_at_a_revision():
    repo_id = new_repo()
    first = api().upload_file(repo_id=repo_id, path_or_fileobj=b"1", path_in_repo="a.txt")
    api().upload_file(repo_id=repo_id, path_or_fileobj=b"2", path_in_repo="a.txt")
    api().create_branch(repo_id, branch="feature/x", revision=first.oid)
    fs = system()
    assert fs.read_text(f"{repo_id}@{first.oid}/a.txt") == "1"
    assert fs.read_text(f"{repo_id}/a.txt", revision="feature/x") == "1"
    assert fs.read_text(f"hf://{repo_id}@feature%2Fx/a.txt") == "1"
    assert fs.read_text(f"{repo_id}/a.txt") == "2"
