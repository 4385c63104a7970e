import type { JSX } from "hono/jsx/jsx-runtime";
import type { AccessToken } from "../../services/services.ts";
import { Alert, Field, FormToken } from "../components/form.tsx";
import { Icon } from "../components/icon.tsx";
import { Ago } from "../components/repo-list.tsx";
import { SettingsFrame } from "../components/settings-frame.tsx";
import { Snippet } from "../components/snippet.tsx";
import { respond, wantsJson } from "../respond.tsx";
import { fieldOf, readForm, requireSession, setNewToken, takeNewToken } from "../session.ts";
import type { Shell, WebContext, WebRequest } from "../web-context.ts";

const MAX_NAME_LENGTH = 100;

export async function tokensPage(web: WebContext, c: WebRequest): Promise<Response> {
  requireSession(c);
  return showTokens(web, c, { created: takeNewToken(c) });
}

/** The new token is shown by the next page and nowhere else; loading that page again makes no second one. */
export async function createTokenAction(web: WebContext, c: WebRequest): Promise<Response> {
  const form = await readForm(web.hub, c);
  const account = requireSession(c);
  const displayName = fieldOf(form, "name").trim().slice(0, MAX_NAME_LENGTH);
  if (displayName === "") return showTokens(web, c, { problem: "Give the token a name." });
  const role = fieldOf(form, "role") === "write" ? "write" : "read";
  const { token } = await web.hub.services.accounts.createToken(account, { displayName, role });
  if (wantsJson(c)) return showTokens(web, c, { created: token });
  setNewToken(c, token);
  return c.redirect("/settings/tokens", 303);
}

export async function revokeTokenAction(web: WebContext, c: WebRequest): Promise<Response> {
  const form = await readForm(web.hub, c);
  await web.hub.services.accounts.revokeToken(requireSession(c), fieldOf(form, "id"));
  return c.redirect("/settings/tokens", 303);
}

interface Outcome {
  readonly created?: string | undefined;
  readonly problem?: string;
}

async function showTokens(web: WebContext, c: WebRequest, outcome: Outcome): Promise<Response> {
  const tokens = await web.hub.services.accounts.listTokens(requireSession(c));
  return respond(web, c, {
    title: "Access tokens",
    data: { tokens: tokens.map(tokenData), token: outcome.created, error: outcome.problem },
    status: outcome.problem === undefined ? 200 : 400,
    body: (shell) => (
      <SettingsFrame tab="tokens" title="Access tokens">
        <p class="lead small">
          Tokens let programs act for you: Python, TypeScript, Git. Give each program its own, so
          that you can take one back.
        </p>
        {outcome.problem ? <Alert tone="error">{outcome.problem}</Alert> : null}
        {outcome.created ? <NewToken token={outcome.created} shell={shell} /> : null}
        <TokenList tokens={tokens} isFresh={outcome.created !== undefined} shell={shell} />
        <CreateForm shell={shell} />
      </SettingsFrame>
    ),
  });
}

function tokenData(token: AccessToken): Readonly<Record<string, unknown>> {
  return {
    id: token.id,
    displayName: token.displayName,
    role: token.role,
    createdAt: token.createdAt.toISOString(),
    lastUsedAt: token.lastUsedAt?.toISOString(),
  };
}

function NewToken({
  token,
  shell,
}: {
  readonly token: string;
  readonly shell: Shell;
}): JSX.Element {
  return (
    <div class="alert success" role="status">
      <p>
        <strong>Your new token.</strong> Copy it now: it is not shown again.
      </p>
      <Snippet id="new-token" code={token} />
      <Snippet
        id="new-token-use"
        language="bash"
        code={`export HF_ENDPOINT=${shell.publicUrl}\nexport HF_TOKEN=${token}`}
      />
    </div>
  );
}

function TokenList(props: {
  readonly tokens: readonly AccessToken[];
  /** The first one was made just now. */
  readonly isFresh: boolean;
  readonly shell: Shell;
}): JSX.Element {
  const { tokens, shell } = props;
  if (tokens.length === 0) return <p class="empty small">You have no tokens yet.</p>;
  return (
    <ul class="token-list">
      {tokens.map((token, index) => (
        <li class={props.isFresh && index === 0 ? "fresh" : undefined}>
          <Icon name="key" />
          <div>
            <strong>{token.displayName}</strong>{" "}
            <span class={`badge ${token.role}`}>{token.role}</span>
            <p class="muted small">
              Made <Ago date={token.createdAt} now={shell.now} />,{" "}
              {token.lastUsedAt ? (
                <>
                  last used <Ago date={token.lastUsedAt} now={shell.now} />
                </>
              ) : (
                "never used"
              )}
            </p>
          </div>
          <form
            method="post"
            action="/settings/tokens/revoke"
            data-confirm={`Revoke “${token.displayName}”? Programs that use it stop working.`}
          >
            <FormToken shell={shell} />
            <input type="hidden" name="id" value={token.id} />
            <button
              type="submit"
              class="button quiet danger small"
              aria-label={`Revoke ${token.displayName}`}
            >
              Revoke
            </button>
          </form>
        </li>
      ))}
    </ul>
  );
}

function CreateForm({ shell }: { readonly shell: Shell }): JSX.Element {
  return (
    <form class="panel" method="post" action="/settings/tokens">
      <FormToken shell={shell} />
      <h2>New token</h2>
      <Field id="token-name" label="Name" hint="What it is for, such as “training laptop”.">
        <input
          id="token-name"
          name="name"
          required
          maxlength={MAX_NAME_LENGTH}
          autocomplete="off"
        />
      </Field>
      <fieldset class="choices">
        <legend>Role</legend>
        <label class="choice">
          <input type="radio" name="role" value="read" checked />
          <span>
            <strong>Read</strong>
            <small>Download what you can see, private repositories too.</small>
          </span>
        </label>
        <label class="choice">
          <input type="radio" name="role" value="write" />
          <span>
            <strong>Write</strong>
            <small>Also create, upload, change and delete.</small>
          </span>
        </label>
      </fieldset>
      <button type="submit" class="button">
        <Icon name="plus" /> Create token
      </button>
    </form>
  );
}
