// Who moves the bytes, each by the program its users run. Every function takes a job and ends when the bytes are there;
// what has to exist before (a repository, a clone) is made in `prepare`, which is not timed.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../set-up.mjs";
import { BEARHUG } from "./servers.mjs";

const execute = promisify(execFile);
const python = join(ROOT, ".venv", "hub-2", "bin", "python");

export const OURS = "bearhug client, bearhug server";

/** A job: { hub, nginx, file, name, work } with `file` to send, `name` unique to it, `work` an empty folder. */
export const uploads = {
  [OURS]: {
    prepare: (job) => createRepo(job, "ours"),
    run: ({ hub, file, name }) => bearhug(hub, "upload", `ada/${name}-ours`, file),
  },
  "Python hf_xet, bearhug server": {
    prepare: (job) => createRepo(job, "python"),
    run: ({ hub, file, name, work }) =>
      execute(python, ["-c", UPLOAD, `ada/${name}-python`, file], {
        env: pythonEnvironment(hub, work),
      }),
  },
  "git-lfs, bearhug server": {
    prepare: async (job) => {
      await createRepo(job, "git");
      const { hub, name, work, file } = job;
      await git(work, "clone", "--quiet", remote(hub, `${name}-git`), "clone");
      await copyFile(file, join(work, "clone", "weights.safetensors"));
    },
    run: async ({ work }) => {
      const clone = join(work, "clone");
      await git(clone, "add", "weights.safetensors");
      await git(clone, "commit", "--quiet", "--message", "Add weights");
      await git(clone, "push", "--quiet");
    },
  },
  "curl PUT of an LFS object, bearhug server": {
    prepare: async (job) => {
      await createRepo(job, "lfs");
      job.href = await lfsUpload(job);
    },
    run: ({ file, href }) => curl("--upload-file", file, href),
  },
  "curl PUT, nginx WebDAV": {
    prepare: async () => {},
    run: ({ nginx, file, name }) => curl("--upload-file", file, `${nginx.url}/${name}`),
  },
};

export const downloads = {
  [OURS]: {
    prepare: async () => {},
    run: ({ hub, name, work, base }) =>
      bearhug({ ...hub, home: join(work, "home") }, "download", `ada/${name}-ours`, base),
  },
  "Python hf_xet, bearhug server": {
    prepare: async () => {},
    run: ({ hub, name, work, base }) =>
      execute(python, ["-c", DOWNLOAD, `ada/${name}-ours`, base], {
        env: pythonEnvironment(hub, work),
      }),
  },
  "git-lfs, bearhug server": {
    prepare: ({ hub, name, work }) =>
      git(work, "clone", "--quiet", remote(hub, `${name}-git`), "clone"),
    run: ({ work }) => git(join(work, "clone"), "lfs", "pull"),
  },
  "curl GET, bearhug server": {
    prepare: async () => {},
    run: ({ hub, name, work, base }) =>
      curl("--output", join(work, "got"), `${hub.url}/ada/${name}-ours/resolve/main/${base}`),
  },
  "curl GET, nginx": {
    prepare: async () => {},
    run: ({ nginx, name, work }) => curl("--output", join(work, "got"), `${nginx.url}/${name}`),
  },
};

const UPLOAD = `
import sys
from huggingface_hub import upload_file
upload_file(repo_id=sys.argv[1], path_or_fileobj=sys.argv[2], path_in_repo="weights.safetensors")
`;
const DOWNLOAD = `
import sys
from huggingface_hub import hf_hub_download
hf_hub_download(sys.argv[1], sys.argv[2])
`;

const bearhug = (hub, ...args) =>
  execute(process.execPath, [BEARHUG, ...args], {
    env: {
      ...process.env,
      HF_ENDPOINT: hub.url,
      HF_TOKEN: hub.token,
      HF_HOME: hub.home ?? join(hub.data, "..", "home"),
    },
  });

const pythonEnvironment = (hub, work) => ({
  ...process.env,
  HF_ENDPOINT: hub.url,
  HF_TOKEN: hub.token,
  HF_HOME: join(work, "home"),
  HF_HUB_DISABLE_PROGRESS_BARS: "1",
  HF_HUB_DISABLE_TELEMETRY: "1",
});

const curl = (...args) => execute("curl", ["--silent", "--show-error", "--fail", ...args]);

const remote = (hub, repo) => `${hub.url.replace("://", `://ada:${hub.token}@`)}/ada/${repo}`;

const IDENTITY = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];

const git = (cwd, ...args) =>
  execute("git", [...IDENTITY, ...args], {
    cwd,
    // A clone brings the pointers alone: `git lfs pull` is what is measured.
    env: { ...process.env, GIT_LFS_SKIP_SMUDGE: "1" },
  });

const createRepo = ({ hub, name }, suffix) =>
  post(hub, "/api/repos/create", { type: "model", name: `${name}-${suffix}` });

async function lfsUpload({ hub, name, file, size }) {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  const objects = [{ oid: hash.digest("hex"), size }];
  const reply = await post(hub, `/ada/${name}-lfs.git/info/lfs/objects/batch`, {
    operation: "upload",
    transfers: ["basic"],
    objects,
  });
  return reply.objects[0].actions.upload.href;
}

async function post(hub, path, body) {
  const reply = await fetch(`${hub.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${hub.token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!reply.ok) throw new Error(`${path} answered ${reply.status}: ${await reply.text()}`);
  return reply.json();
}

export async function emptyFolder(path) {
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  return path;
}
