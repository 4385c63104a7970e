import type { JSX } from "hono/jsx/jsx-runtime";
import { forbidden, HubError } from "../../http/hub-error.ts";
import { Alert, Field, FormToken } from "../components/form.tsx";
import { RepoFrame } from "../components/repo-frame.tsx";
import { type LoadedRepo, loadRepo } from "../loaded-repo.ts";
import { type RepoAddress, repoPath, viewPath } from "../repo-url.ts";
import { respond } from "../respond.tsx";
import { type Form, fieldOf, readForm, requireAccount } from "../session.ts";
import type { Shell, WebContext, WebRequest } from "../web-context.ts";

interface Outcome {
  readonly problem?: string;
  readonly isSaved?: boolean;
}

export async function repoSettingsPage(
  web: WebContext,
  c: WebRequest,
  address: RepoAddress,
): Promise<Response> {
  return showSettings(web, c, {
    address,
    outcome: { isSaved: c.req.query("saved") !== undefined },
  });
}

/** Visibility, a new name, or the end: one form each, told apart by `action`. */
export async function repoSettingsAction(
  web: WebContext,
  c: WebRequest,
  address: RepoAddress,
): Promise<Response> {
  await openForAdmin(web, c, address);
  const form = await readForm(web.hub, c);
  try {
    return c.redirect(await applySettings(web, c, { address, form }), 303);
  } catch (error) {
    if (!(error instanceof HubError) || error.status >= 500 || error.status === 404) throw error;
    return showSettings(web, c, { address, outcome: { problem: error.message } });
  }
}

async function applySettings(
  web: WebContext,
  c: WebRequest,
  change: { readonly address: RepoAddress; readonly form: Form },
): Promise<string> {
  const { repositories } = web.hub.services;
  const { address, form } = change;
  const action = fieldOf(form, "action");
  if (action === "rename") {
    const owner = address.id.split("/")[0] ?? "";
    const moved = await repositories.move(
      c.var.viewer,
      address,
      `${owner}/${fieldOf(form, "name").trim()}`,
    );
    return `${viewPath(moved, "settings")}?saved`;
  }
  if (action === "delete") {
    if (fieldOf(form, "confirmation").trim() !== address.id) {
      throw new HubError(400, "BadRequest", {
        message: `Type “${address.id}” to delete this repository`,
      });
    }
    await repositories.delete(c.var.viewer, address);
    return `/${address.type}s`;
  }
  await repositories.update(c.var.viewer, address, {
    private: fieldOf(form, "visibility") === "private",
  });
  return `${viewPath(address, "settings")}?saved`;
}

async function openForAdmin(
  web: WebContext,
  c: WebRequest,
  address: RepoAddress,
): Promise<LoadedRepo> {
  const repo = await loadRepo(web, c, { address });
  if (c.var.viewer === undefined) requireAccount(c);
  if (!repo.canAdmin) throw forbidden(`change the settings of ${address.id}`);
  return repo;
}

async function showSettings(
  web: WebContext,
  c: WebRequest,
  shown: { readonly address: RepoAddress; readonly outcome: Outcome },
): Promise<Response> {
  const { address, outcome } = shown;
  const repo = await openForAdmin(web, c, address);
  return respond(web, c, {
    title: `Settings · ${repo.summary.id}`,
    data: {
      id: repo.summary.id,
      private: repo.summary.private,
      gated: repo.summary.gated,
      error: outcome.problem,
    },
    status: outcome.problem === undefined ? 200 : 400,
    body: (shell) => (
      <RepoFrame repo={repo} tab="settings">
        <div class="repo-settings">
          {outcome.problem ? <Alert tone="error">{outcome.problem}</Alert> : null}
          {outcome.isSaved ? <Alert tone="success">Saved.</Alert> : null}
          <VisibilityForm repo={repo} shell={shell} />
          <RenameForm repo={repo} shell={shell} />
          <DeleteForm repo={repo} shell={shell} />
        </div>
      </RepoFrame>
    ),
  });
}

interface FormProps {
  readonly repo: LoadedRepo;
  readonly shell: Shell;
}

function VisibilityForm({ repo, shell }: FormProps): JSX.Element {
  const { summary } = repo;
  return (
    <form class="panel" method="post" action={viewPath(summary, "settings")}>
      <FormToken shell={shell} />
      <input type="hidden" name="action" value="visibility" />
      <h2>Visibility</h2>
      <fieldset class="choices two">
        <legend class="visually-hidden">Who can see it</legend>
        <label class="choice">
          <input type="radio" name="visibility" value="public" checked={!summary.private} />
          <span>
            <strong>Public</strong>
            <small>Everyone who reaches this server</small>
          </span>
        </label>
        <label class="choice">
          <input type="radio" name="visibility" value="private" checked={summary.private} />
          <span>
            <strong>Private</strong>
            <small>Only you and administrators</small>
          </span>
        </label>
      </fieldset>
      <button type="submit" class="button">
        Save
      </button>
    </form>
  );
}

function RenameForm({ repo, shell }: FormProps): JSX.Element {
  const { summary } = repo;
  return (
    <form class="panel" method="post" action={viewPath(summary, "settings")}>
      <FormToken shell={shell} />
      <input type="hidden" name="action" value="rename" />
      <h2>Rename</h2>
      <Field id="new-name" label="New name" hint="The old address leads to the new one.">
        <span class="input-prefix">
          <span aria-hidden="true">{summary.owner}/</span>
          <input
            id="new-name"
            name="name"
            value={summary.name}
            required
            maxlength={96}
            autocomplete="off"
            spellcheck={false}
            aria-describedby="new-name-hint"
          />
        </span>
      </Field>
      <button type="submit" class="button quiet">
        Rename
      </button>
    </form>
  );
}

function DeleteForm({ repo, shell }: FormProps): JSX.Element {
  const { summary } = repo;
  return (
    <form class="panel danger-zone" method="post" action={viewPath(summary, "settings")}>
      <FormToken shell={shell} />
      <input type="hidden" name="action" value="delete" />
      <h2>Delete this {summary.type}</h2>
      <p>
        Its files, branches and history are gone for good. There is no way back, except from a copy
        such as a <a href={repoPath(summary)}>clone</a>.
      </p>
      <Field id="confirmation" label={`Type ${summary.id} to confirm`}>
        <input
          id="confirmation"
          name="confirmation"
          required
          pattern={summary.id.replace(/[.\-/]/g, "\\$&")}
          autocomplete="off"
          spellcheck={false}
        />
      </Field>
      <button type="submit" class="button danger">
        Delete {summary.type}
      </button>
    </form>
  );
}
