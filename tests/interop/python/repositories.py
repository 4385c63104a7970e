"""The life of a repository: create, read, commit, branch, tag, list, move, delete."""

import datetime
import hashlib

from huggingface_hub import CommitOperationAdd, CommitOperationCopy, CommitOperationDelete
from huggingface_hub.errors import RepositoryNotFoundError

from harness import ENDPOINT, USER, api, folder, new_repo, raises

CARD = """---
license: apache-2.0
language:
- en
- de
library_name: transformers
pipeline_tag: fill-mask
tags:
- {tag}
datasets:
- wikipedia
---
# A model
"""


def test_whoami():
    me = api().whoami()
    assert me["name"] == USER and me["type"] == "user", me
    assert me["auth"]["accessToken"]["role"] == "write", me


def test_create_again_gives_the_url_when_asked():
    repo_id = new_repo()
    url = api().create_repo(repo_id, exist_ok=True)
    assert url.repo_id == repo_id and url.endpoint == ENDPOINT, url
    assert str(url) == f"{ENDPOINT}/{repo_id}", url


def test_new_repository_is_empty_and_known():
    repo_id = new_repo()
    info = api().model_info(repo_id)
    assert info.id == repo_id and info.author == USER and info.private is False, info
    assert [sibling.rfilename for sibling in info.siblings] == [".gitattributes"], info.siblings
    age = datetime.datetime.now(datetime.timezone.utc) - info.created_at
    assert abs(age.total_seconds()) < 60, info.created_at
    assert api().repo_exists(repo_id) and not api().repo_exists(f"{repo_id}-not")


def test_commit_adds_copies_and_deletes():
    repo_id = new_repo()
    weights = bytes(range(256)) * 5000
    first = api().create_commit(
        repo_id,
        operations=[
            CommitOperationAdd("a.txt", b"alpha"),
            CommitOperationAdd("old/b.txt", b"beta"),
            CommitOperationAdd("old/c.txt", b"gamma"),
            CommitOperationAdd("w.bin", weights),
        ],
        commit_message="First",
        commit_description="With a\n\nlonger text",
    )
    second = api().create_commit(
        repo_id,
        operations=[
            CommitOperationAdd("a.txt", b"alpha 2"),
            CommitOperationCopy("a.txt", "copies/a.txt", src_revision=first.oid),
            CommitOperationCopy("w.bin", "copies/w.bin"),
            CommitOperationDelete("old/b.txt"),
        ],
        commit_message="Second",
        parent_commit=first.oid,
    )
    assert second.commit_url == f"{ENDPOINT}/{repo_id}/commit/{second.oid}", second
    expected = {".gitattributes", "a.txt", "copies/a.txt", "copies/w.bin", "old/c.txt", "w.bin"}
    assert set(api().list_repo_files(repo_id)) == expected
    read = lambda path: open(api().hf_hub_download(repo_id, path), "rb").read()
    assert read("a.txt") == b"alpha 2" and read("copies/a.txt") == b"alpha"
    assert read("copies/w.bin") == weights
    api().delete_folder("old", repo_id)
    api().delete_file("w.bin", repo_id)
    assert set(api().list_repo_files(repo_id)) == {".gitattributes", "a.txt", "copies/a.txt", "copies/w.bin"}


def test_commit_history():
    repo_id = new_repo()
    for index in range(3):
        api().upload_file(
            repo_id=repo_id,
            path_or_fileobj=str(index).encode(),
            path_in_repo="n.txt",
            commit_message=f"Count {index}",
            commit_description=f"Body {index}",
        )
    commits = api().list_repo_commits(repo_id)
    assert [commit.title for commit in commits] == ["Count 2", "Count 1", "Count 0", "initial commit"], commits
    assert commits[0].message == "Body 2" and commits[0].authors == [USER], commits[0]
    assert commits[0].commit_id == api().model_info(repo_id).sha


def test_branches_and_tags():
    repo_id = new_repo()
    first = api().upload_file(repo_id=repo_id, path_or_fileobj=b"1", path_in_repo="a.txt")
    api().create_branch(repo_id, branch="dev")
    api().create_branch(repo_id, branch="feature/old", revision=first.oid)
    api().create_tag(repo_id, tag="v1.0", tag_message="First", revision=first.oid)
    on_dev = api().upload_file(repo_id=repo_id, path_or_fileobj=b"2", path_in_repo="a.txt", revision="dev")
    refs = api().list_repo_refs(repo_id)
    branches = {ref.name: ref.target_commit for ref in refs.branches}
    assert branches == {"main": first.oid, "dev": on_dev.oid, "feature/old": first.oid}, refs
    assert [(ref.name, ref.ref, ref.target_commit) for ref in refs.tags] == [
        ("v1.0", "refs/tags/v1.0", first.oid)
    ], refs
    assert api().model_info(repo_id, revision="feature/old").sha == first.oid
    assert api().model_info(repo_id, revision=first.oid[:10]).sha == first.oid
    api().create_branch(repo_id, branch="dev", exist_ok=True)
    api().delete_branch(repo_id, branch="dev")
    api().delete_tag(repo_id, tag="v1.0")
    refs = api().list_repo_refs(repo_id)
    assert sorted(ref.name for ref in refs.branches) == ["feature/old", "main"] and refs.tags == [], refs


def test_tree():
    repo_id = new_repo()
    files = {"README.md": "# Hi", "a/one.txt": "1", "a/b/two.txt": "22", "w.safetensors": bytes(2000)}
    commit = api().upload_folder(repo_id=repo_id, folder_path=folder(files))
    top = {entry.path: type(entry).__name__ for entry in api().list_repo_tree(repo_id)}
    assert top == {
        ".gitattributes": "RepoFile", "README.md": "RepoFile", "a": "RepoFolder", "w.safetensors": "RepoFile",
    }, top
    every = {entry.path for entry in api().list_repo_tree(repo_id, recursive=True)}
    assert every == {".gitattributes", "README.md", "a", "a/b", "a/b/two.txt", "a/one.txt", "w.safetensors"}, every
    inside = [entry.path for entry in api().list_repo_tree(repo_id, "a/b", recursive=True, expand=True)]
    assert inside == ["a/b/two.txt"], inside
    [two] = api().get_paths_info(repo_id, ["a/b/two.txt", "missing.txt"], expand=True)
    assert two.size == 2 and two.last_commit.oid == commit.oid, two
    assert two.blob_id == git_blob_id(b"22"), two
    [weights] = api().get_paths_info(repo_id, "w.safetensors")
    assert weights.lfs.size == 2000 and weights.size == 2000, weights


def git_blob_id(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def test_model_info_with_files_metadata():
    repo_id = new_repo()
    files = {"README.md": CARD.format(tag="x"), "config.json": '{"model_type": "bert", "architectures": ["BertForMaskedLM"]}',
             "model.safetensors": safetensors()}
    api().upload_folder(repo_id=repo_id, folder_path=folder(files))
    info = api().model_info(repo_id, files_metadata=True)
    sizes = {sibling.rfilename: sibling.size for sibling in info.siblings}
    assert sizes["config.json"] == len(files["config.json"]), sizes
    weights = next(sibling for sibling in info.siblings if sibling.rfilename == "model.safetensors")
    assert weights.lfs.size == len(files["model.safetensors"]), weights
    assert info.pipeline_tag == "fill-mask" and info.library_name == "transformers", info
    assert info.card_data.license == "apache-2.0" and info.card_data.language == ["en", "de"], info.card_data
    expected = {"transformers", "safetensors", "bert", "fill-mask", "x", "en", "de", "license:apache-2.0", "dataset:wikipedia"}
    assert expected <= set(info.tags), expected - set(info.tags)
    assert info.config["model_type"] == "bert", info.config
    assert info.safetensors.total == 6 and info.safetensors.parameters == {"F32": 6}, info.safetensors
    metadata = api().get_safetensors_metadata(repo_id)
    assert metadata.parameter_count == {"F32": 6}, metadata


def safetensors():
    header = b'{"t":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}'
    return len(header).to_bytes(8, "little") + header + bytes(24)


def test_list_models_searches_and_filters():
    repo_id = new_repo()
    marker = repo_id.split("py-")[1]
    files = {"README.md": CARD.format(tag=f"tag-{marker}"), "model.safetensors": safetensors()}
    api().upload_folder(repo_id=repo_id, folder_path=folder(files))
    other = new_repo()
    ids = lambda **query: [model.id for model in api().list_models(**query)]
    assert ids(search=marker) == [repo_id]
    assert ids(search=marker.upper()) == [repo_id], "search ignores case"
    assert ids(filter=f"tag-{marker}") == [repo_id]
    assert ids(filter=[f"tag-{marker}", "safetensors"]) == [repo_id]
    assert ids(filter=[f"tag-{marker}", "onnx"]) == []
    assert ids(search=marker, filter="license:apache-2.0") == [repo_id]
    assert ids(search=marker, filter="en") == [repo_id] and ids(search=marker, filter="fr") == []
    assert ids(search=marker, filter="dataset:wikipedia") == [repo_id]
    assert ids(search=marker, pipeline_tag="fill-mask") == [repo_id]
    assert ids(search=marker, pipeline_tag="text-generation") == []
    assert ids(search=marker, author="nobody-by-this-name") == []
    everything = ids(author=USER)
    assert {repo_id, other} <= set(everything) and len(everything) == len(set(everything))
    full = next(iter(api().list_models(search=marker, full=True)))
    assert full.sha == api().model_info(repo_id).sha and full.siblings, full
    assert [m.id for m in api().list_datasets(search=marker)] == []


def test_list_models_pages_and_sorts():
    ids = [new_repo() for _ in range(5)]
    api().upload_file(repo_id=ids[2], path_or_fileobj=b"x", path_in_repo="x.txt")
    listed = [model.id for model in api().list_models(author=USER, sort="created_at")]
    assert listed[:5] == ids[::-1], listed[:6]
    latest = [model.id for model in api().list_models(author=USER, sort="last_modified", limit=2)]
    assert latest == [ids[2], ids[4]], latest


def test_move_and_settings():
    repo_id = new_repo()
    api().upload_file(repo_id=repo_id, path_or_fileobj=b"here", path_in_repo="a.txt")
    moved = f"{repo_id}-moved"
    api().move_repo(repo_id, moved)
    assert api().model_info(moved).id == moved
    assert open(api().hf_hub_download(moved, "a.txt")).read() == "here"
    assert api().model_info(repo_id).id == moved, "the old name leads to the new one"
    api().update_repo_settings(moved, private=True)
    assert api().model_info(moved).private is True
    api().update_repo_settings(moved, private=False, gated="auto")
    info = api().model_info(moved)
    assert info.private is False and info.gated == "auto", info


def test_dataset_and_model_of_one_name_are_two_repositories():
    repo_id = new_repo()
    api().create_repo(repo_id, repo_type="dataset")
    api().upload_file(repo_id=repo_id, repo_type="dataset", path_or_fileobj=b"d", path_in_repo="d.txt")
    assert "d.txt" not in api().list_repo_files(repo_id)
    assert api().dataset_info(repo_id).id == repo_id
    api().delete_repo(repo_id, repo_type="dataset")
    assert api().repo_exists(repo_id) and not api().repo_exists(repo_id, repo_type="dataset")


def test_delete_repository():
    repo_id = new_repo()
    api().upload_file(repo_id=repo_id, path_or_fileobj=bytes(100_000), path_in_repo="w.bin")
    api().delete_repo(repo_id)
    raises(RepositoryNotFoundError, lambda: api().model_info(repo_id))
    assert repo_id not in [model.id for model in api().list_models(author=USER)]
    api().delete_repo(repo_id, missing_ok=True)
    api().create_repo(repo_id)
    assert api().list_repo_files(repo_id) == [".gitattributes"], "a new one of that name starts empty"


def test_what_exists():
    repo_id = new_repo()
    api().upload_file(repo_id=repo_id, path_or_fileobj=b"1", path_in_repo="a.txt")
    assert api().file_exists(repo_id, "a.txt") and not api().file_exists(repo_id, "b.txt")
    assert api().revision_exists(repo_id, "main") and not api().revision_exists(repo_id, "nope")
