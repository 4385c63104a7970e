"""Errors as the Python client raises them: exact classes and statuses."""

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, hf_hub_download, snapshot_download
from huggingface_hub.errors import (
    BadRequestError,
    HfHubHTTPError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from harness import OTHER_TOKEN, READ_TOKEN, USER, api, new_repo, raises, status

MISSING = f"{USER}/there-is-no-such-repository"


def test_repository_not_found():
    for token, expected in ((api().token, 404), (False, 401)):
        client = api(token)
        for action in (
            lambda: client.model_info(MISSING),
            lambda: client.dataset_info(MISSING),
            lambda: client.list_repo_files(MISSING),
            lambda: client.list_repo_refs(MISSING),
            lambda: client.list_repo_commits(MISSING),
            lambda: client.get_paths_info(MISSING, "a"),
            lambda: client.hf_hub_download(MISSING, "config.json"),
            lambda: client.snapshot_download(MISSING),
        ):
            assert status(raises(RepositoryNotFoundError, action)) == expected
    raises(RepositoryNotFoundError, lambda: api().delete_repo(MISSING))
    raises(RepositoryNotFoundError, lambda: api().upload_file(
        repo_id=MISSING, path_or_fileobj=b"x", path_in_repo="x.txt"))


def test_revision_not_found():
    repo_id = new_repo()
    for revision in ("nope", "refs/pr/7", "f" * 40, "../main", "-x"):
        for action in (
            lambda: api().model_info(repo_id, revision=revision),
            lambda: api().list_repo_files(repo_id, revision=revision),
            lambda: hf_hub_download(repo_id, "a.txt", revision=revision),
            lambda: snapshot_download(repo_id, revision=revision),
        ):
            assert status(raises(RevisionNotFoundError, action)) == 404, revision
    raises(RevisionNotFoundError, lambda: api().upload_file(
        repo_id=repo_id, path_or_fileobj=b"x", path_in_repo="x.txt", revision="nope"))
    raises(RevisionNotFoundError, lambda: api().create_branch(repo_id, branch="b", revision="nope"))


def test_entry_not_found():
    repo_id = new_repo()
    raises(RemoteEntryNotFoundError, lambda: hf_hub_download(repo_id, "nope.txt"))
    raises(RemoteEntryNotFoundError, lambda: hf_hub_download(repo_id, "no/such/folder/x.txt"))
    raises(RemoteEntryNotFoundError, lambda: list(api().list_repo_tree(repo_id, "no/such/folder")))
    raises(RemoteEntryNotFoundError, lambda: api().delete_file("nope.txt", repo_id))
    assert api().get_paths_info(repo_id, "nope.txt") == []


def test_conflicts():
    repo_id = new_repo()
    assert status(raises(HfHubHTTPError, lambda: api().create_repo(repo_id))) == 409
    assert status(raises(HfHubHTTPError, lambda: api().create_repo(repo_id.upper().replace(USER.upper(), USER)))) == 409
    api().create_branch(repo_id, branch="dev")
    assert status(raises(HfHubHTTPError, lambda: api().create_branch(repo_id, branch="dev"))) == 409
    api().create_tag(repo_id, tag="v1")
    assert status(raises(HfHubHTTPError, lambda: api().create_tag(repo_id, tag="v1"))) == 409
    try:
        api().delete_branch(repo_id, branch="main")
    except HfHubHTTPError as error:
        assert status(error) in (400, 403), error
    else:
        raise AssertionError("the default branch was deleted")


def test_stale_parent_commit():
    repo_id = new_repo()
    first = api().upload_file(repo_id=repo_id, path_or_fileobj=b"1", path_in_repo="a.txt")
    api().upload_file(repo_id=repo_id, path_or_fileobj=b"2", path_in_repo="a.txt")
    stale = lambda: api().create_commit(
        repo_id, operations=[CommitOperationAdd("a.txt", b"3")], commit_message="x", parent_commit=first.oid)
    error = raises(HfHubHTTPError, stale)
    assert status(error) == 412 and "The branch was updated since you opened this page" in str(error), error
    assert open(hf_hub_download(repo_id, "a.txt")).read() == "2"


def test_wrong_token():
    error = raises(HfHubHTTPError, lambda: api("hf_" + "x" * 34).whoami())
    assert status(error) == 401
    error = raises(HfHubHTTPError, lambda: api("hf_" + "x" * 34).create_repo(f"{USER}/never"))
    assert status(error) == 401


def test_read_token_cannot_write():
    repo_id = new_repo()
    reader = api(READ_TOKEN)
    assert reader.model_info(repo_id).id == repo_id
    upload = lambda: reader.upload_file(repo_id=repo_id, path_or_fileobj=b"x", path_in_repo="x.txt")
    assert status(raises(HfHubHTTPError, upload)) == 403
    large = lambda: reader.upload_file(repo_id=repo_id, path_or_fileobj=bytes(50_000), path_in_repo="x.bin")
    assert status(raises(HfHubHTTPError, large)) == 403
    assert status(raises(HfHubHTTPError, lambda: reader.create_branch(repo_id, branch="b"))) == 403
    assert status(raises(HfHubHTTPError, lambda: reader.delete_repo(repo_id))) == 403
    assert status(raises(HfHubHTTPError, lambda: reader.create_repo(f"{USER}/never"))) == 403
    assert api().list_repo_files(repo_id) == [".gitattributes"]


def test_others_cannot_write():
    repo_id = new_repo()
    other = api(OTHER_TOKEN)
    upload = lambda: other.upload_file(repo_id=repo_id, path_or_fileobj=b"x", path_in_repo="x.txt")
    assert status(raises(HfHubHTTPError, upload)) == 403
    assert status(raises(HfHubHTTPError, lambda: other.delete_repo(repo_id))) == 403
    assert status(raises(HfHubHTTPError, lambda: other.create_repo(f"{USER}/theirs"))) == 403


def test_private_repository_is_unknown_to_strangers():
    repo_id = new_repo(private=True)
    api().upload_file(repo_id=repo_id, path_or_fileobj=b"secret", path_in_repo="s.txt")
    api().upload_file(repo_id=repo_id, path_or_fileobj=bytes(60_000), path_in_repo="s.bin")
    for token, expected in ((False, 401), (OTHER_TOKEN, 404)):
        client = api(token)
        for action in (
            lambda: client.model_info(repo_id),
            lambda: client.list_repo_files(repo_id),
            lambda: client.hf_hub_download(repo_id, "s.txt"),
            lambda: client.hf_hub_download(repo_id, "s.bin"),
            lambda: client.list_repo_refs(repo_id),
        ):
            assert status(raises(RepositoryNotFoundError, action)) == expected
        assert repo_id not in [model.id for model in client.list_models(author=USER)]
        assert not client.repo_exists(repo_id)
    assert repo_id in [model.id for model in api().list_models(author=USER)]
    assert open(api(READ_TOKEN).hf_hub_download(repo_id, "s.txt")).read() == "secret"


def test_invalid_card_is_refused():
    repo_id = new_repo()
    for card in ("---\nlicense: [unclosed\n---\n", "---\ntags: 7\n---\n", "---\nlicense: no-such-license\n---\n"):
        operations = [CommitOperationAdd("README.md", card.encode())]
        commit = lambda: api().create_commit(repo_id, operations=operations, commit_message="x")
        try:
            commit()
        except (BadRequestError, ValueError) as error:
            print(type(error).__name__, str(error)[:120])
        else:
            raise AssertionError(f"accepted {card!r}")
    assert api().list_repo_files(repo_id) == [".gitattributes"]


def test_bad_paths_are_refused():
    repo_id = new_repo()
    for path in ("../up.txt", "a/../../b.txt", ".git/config", "a/.git/x", "back\\slash", "nul\x00", "a//b", "x/."):
        try:
            operation = CommitOperationAdd(path, b"x")
            api().create_commit(repo_id, operations=[operation], commit_message="x")
        except (HfHubHTTPError, ValueError) as error:
            print(path.encode(), type(error).__name__, str(error)[:100])
        else:
            raise AssertionError(f"accepted {path!r}: {api().list_repo_files(repo_id)}")
    raises(RemoteEntryNotFoundError, lambda: api().create_commit(
        repo_id, operations=[CommitOperationDelete("nope.txt")], commit_message="x"))
    assert api().list_repo_files(repo_id) == [".gitattributes"]


def test_bad_names_are_refused():
    for name in ("models", "api"):
        error = raises(HfHubHTTPError, lambda: api().create_repo(f"{name}/x"))
        assert status(error) in (400, 403), error
