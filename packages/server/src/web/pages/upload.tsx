import type { JSX } from "hono/jsx/jsx-runtime";
import { lfsMatcher } from "../../api/git-patterns.ts";
import { looksBinary } from "../../api/preupload.ts";
import { forbidden, HubError } from "../../http/hub-error.ts";
import type { CommitOperationFile } from "../../services/services.ts";
import { Alert, Field, FormToken } from "../components/form.tsx";
import { Icon } from "../components/icon.tsx";
import { RefMenu } from "../components/path-bar.tsx";
import { RepoFrame } from "../components/repo-frame.tsx";
import { DEFAULT_REVISION, type LoadedRepo, loadRepo, viewAt } from "../loaded-repo.ts";
import { type RepoAddress, viewPath } from "../repo-url.ts";
import { type Page, respond } from "../respond.tsx";
import { type Form, fieldOf, readForm, requireAccount } from "../session.ts";
import type { Shell, WebContext, WebRequest } from "../web-context.ts";

/** Without script a file travels in the form itself: for small ones. */
const MAX_FORM_FILE_BYTES = 10_000_000;
const MAX_FORM_BYTES = 50_000_000;
const MAX_ATTRIBUTES_BYTES = 1_000_000;
const SAMPLE_BYTES = 512;

interface Target {
  readonly repo: LoadedRepo;
  readonly revision: string;
  readonly folder: string;
}

export async function uploadPage(
  web: WebContext,
  c: WebRequest,
  address: RepoAddress,
): Promise<Response> {
  const target = await openTarget(web, c, address);
  return respond(web, c, page(target, undefined));
}

/** The form without script. */
export async function uploadAction(
  web: WebContext,
  c: WebRequest,
  address: RepoAddress,
): Promise<Response> {
  const target = await openTarget(web, c, address);
  const form = await readForm(web.hub, c, MAX_FORM_BYTES);
  try {
    await web.hub.services.repositories.commit(c.var.viewer, address, {
      revision: target.revision,
      title: fieldOf(form, "message").trim() || "Upload files",
      operations: await operationsOf(form, target),
    });
    return c.redirect(
      viewPath(address, "tree", { revision: target.revision, path: target.folder }),
      303,
    );
  } catch (error) {
    if (!(error instanceof HubError) || error.status >= 500) throw error;
    return respond(web, c, { ...page(target, error.message), status: 400 });
  }
}

async function openTarget(web: WebContext, c: WebRequest, address: RepoAddress): Promise<Target> {
  const repo = await loadRepo(web, c, { address });
  requireAccount(c);
  if (!repo.canWrite) throw forbidden(`upload to ${address.id}`);
  const view = await viewAt(repo, address.rest);
  const revision = view?.revision ?? DEFAULT_REVISION;
  const isBranch = repo.refs.some(({ ref }) => ref === `refs/heads/${revision}`);
  if (!isBranch && repo.refs.length > 0) {
    throw new HubError(400, "BadRequest", { message: `“${revision}” is not a branch` });
  }
  return { repo, revision, folder: view?.path ?? "" };
}

async function operationsOf(form: Form, target: Target): Promise<readonly CommitOperationFile[]> {
  const files = form.getAll("files").filter((file) => file instanceof File);
  const chosen = files.filter((file) => file.name !== "");
  if (chosen.length === 0) throw new HubError(400, "BadRequest", { message: "Choose a file" });
  const prefix = target.folder === "" ? "" : `${target.folder}/`;
  const belongsInLfs = lfsMatcher(await attributesOf(target));
  return Promise.all(
    chosen.map(async (file) => {
      const path = prefix + file.name;
      if (file.size > MAX_FORM_FILE_BYTES) throw needsScript(file.name, "is larger than 10 MB");
      const content = new Uint8Array(await file.arrayBuffer());
      const isLarge = belongsInLfs(path) || looksBinary(content.subarray(0, SAMPLE_BYTES));
      if (isLarge) throw needsScript(file.name, "belongs into large file storage");
      return { type: "put" as const, path, content };
    }),
  );
}

async function attributesOf({ repo, revision }: Target): Promise<string> {
  const commit = await repo.git.resolve(revision);
  if (commit === undefined) return "";
  const [entry] = await repo.git.entries(commit, [".gitattributes"]);
  if (entry?.type !== "file" || entry.lfs || entry.size > MAX_ATTRIBUTES_BYTES) return "";
  return new TextDecoder().decode(await repo.git.readBlob(entry.oid));
}

function needsScript(name: string, why: string): HubError {
  return new HubError(413, "PayloadTooLarge", {
    message: `“${name}” ${why}: upload it with JavaScript switched on, with Git or with the bearhug command`,
  });
}

function page(target: Target, problem: string | undefined): Page {
  const { repo, revision, folder } = target;
  return {
    title: `Upload · ${repo.summary.id}`,
    data: { id: repo.summary.id, revision, folder, error: problem },
    scripts: ["upload.js"],
    body: (shell) => (
      <RepoFrame repo={repo} tab="files" revision={revision}>
        <div class="file-toolbar">
          <RefMenu repo={repo} view="upload" revision={revision} path={folder} />
          <h2 class="toolbar-title">
            Upload files
            {folder === "" ? null : <span class="muted"> into {folder}/</span>}
          </h2>
        </div>
        {problem ? <Alert tone="error">{problem}</Alert> : null}
        <UploadForm target={target} shell={shell} />
      </RepoFrame>
    ),
  };
}

/** The script reads where to upload from the data attributes, and takes the form over. */
function UploadForm({
  target,
  shell,
}: {
  readonly target: Target;
  readonly shell: Shell;
}): JSX.Element {
  const { repo, revision, folder } = target;
  const { summary } = repo;
  return (
    <form
      class="upload"
      method="post"
      enctype="multipart/form-data"
      action={viewPath(summary, "upload", { revision, path: folder })}
      data-upload={JSON.stringify({
        type: summary.type,
        id: summary.id,
        revision,
        folder,
        done: viewPath(summary, "tree", { revision, path: folder }),
      })}
    >
      <FormToken shell={shell} />
      <div class="drop" data-drop>
        <Icon name="upload" class="drop-icon" />
        <p class="drop-title">
          <label for="files">Choose files</label>
          <span data-with-script hidden>
            {" "}
            or drop files and folders here
          </span>
        </p>
        <p class="hint" data-with-script hidden>
          Large files find their way into large file storage by themselves.
        </p>
        <input id="files" type="file" name="files" multiple required />
        <button type="button" class="button quiet small" data-folder hidden>
          <Icon name="folder" /> Choose a folder
        </button>
        <input type="file" data-folder-input hidden multiple tabindex={-1} />
      </div>
      <ul class="upload-list" data-list aria-label="Files to upload" />
      <Field id="message" label="Commit message">
        <input
          id="message"
          name="message"
          placeholder="Upload files"
          maxlength={200}
          autocomplete="off"
        />
      </Field>
      <div class="upload-actions">
        <button type="submit" class="button">
          <Icon name="commit" /> Commit to {revision}
        </button>
        <a class="button quiet" href={viewPath(summary, "tree", { revision, path: folder })}>
          Cancel
        </a>
        <p class="upload-status" role="status" aria-live="polite" data-status />
      </div>
      <noscript>
        <p class="hint">Without JavaScript, text files up to 10 MB can be uploaded here.</p>
      </noscript>
    </form>
  );
}
