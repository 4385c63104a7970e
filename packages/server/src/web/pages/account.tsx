import type { JSX } from "hono/jsx/jsx-runtime";
import { HubError } from "../../http/hub-error.ts";
import type { RateLimiter } from "../../http/rate-limit.ts";
import type { Account } from "../../services/services.ts";
import { Alert, Field, FormToken } from "../components/form.tsx";
import { Avatar } from "../components/layout.tsx";
import { SettingsFrame } from "../components/settings-frame.tsx";
import { respond } from "../respond.tsx";
import { type Form, fieldOf, readForm, requireSession, setSession } from "../session.ts";
import type { Shell, WebContext, WebRequest } from "../web-context.ts";

interface Outcome {
  readonly problem?: string | undefined;
  readonly isChanged?: boolean;
}

export async function accountPage(web: WebContext, c: WebRequest): Promise<Response> {
  return showAccount(web, c, { isChanged: c.req.query("changed") !== undefined });
}

/** Changing the password ends every session; this browser gets a new one. */
export async function changePasswordAction(
  web: WebContext,
  c: WebRequest,
  limiter: RateLimiter,
): Promise<Response> {
  const form = await readForm(web.hub, c);
  const { accounts } = web.hub.services;
  const account = requireSession(c);
  // Whoever found an open browser must not find out the password with it.
  limiter.take(account.id);
  const problem = await changePassword(web, account, form);
  if (problem !== undefined) return showAccount(web, c, { problem });
  limiter.clear(account.id);
  const renewed = await accounts.signIn(account.name, fieldOf(form, "password"));
  setSession(c, renewed?.session);
  return c.redirect("/settings/account?changed", 303);
}

async function changePassword(
  web: WebContext,
  account: Account,
  form: Form,
): Promise<string | undefined> {
  const { accounts } = web.hub.services;
  const password = fieldOf(form, "password");
  if (password !== fieldOf(form, "repeated")) return "The two new passwords differ.";
  const known = await accounts.signIn(account.name, fieldOf(form, "current"));
  if (known === undefined) return "The current password is wrong.";
  try {
    await accounts.setPassword(account.name, password);
    return undefined;
  } catch (error) {
    await accounts.signOut(known.session);
    if (error instanceof HubError && error.status === 400) return error.message;
    throw error;
  }
}

async function showAccount(web: WebContext, c: WebRequest, outcome: Outcome): Promise<Response> {
  const account = requireSession(c);
  return respond(web, c, {
    title: "Account",
    data: {
      name: account.name,
      fullName: account.fullName,
      email: account.email,
      isAdmin: account.isAdmin,
      error: outcome.problem,
    },
    status: outcome.problem === undefined ? 200 : 400,
    body: (shell) => (
      <SettingsFrame tab="account" title="Account">
        <WhoAmI account={account} />
        {outcome.isChanged ? (
          <Alert tone="success">Your password is changed. Other browsers are signed out.</Alert>
        ) : null}
        {outcome.problem ? <Alert tone="error">{outcome.problem}</Alert> : null}
        <PasswordForm account={account} shell={shell} />
      </SettingsFrame>
    ),
  });
}

function WhoAmI({ account }: { readonly account: Account }): JSX.Element {
  return (
    <div class="who">
      <Avatar name={account.name} large />
      <div>
        <strong>{account.fullName}</strong>
        <p class="muted">
          {account.name}
          {account.email ? ` · ${account.email}` : ""}
          {account.isAdmin ? " · administrator" : ""}
        </p>
      </div>
    </div>
  );
}

function PasswordForm(props: { readonly account: Account; readonly shell: Shell }): JSX.Element {
  return (
    <form class="panel" method="post" action="/settings/account">
      <FormToken shell={props.shell} />
      <input type="hidden" name="username" value={props.account.name} autocomplete="username" />
      <h2>Change password</h2>
      <Field id="current" label="Current password">
        <input
          id="current"
          name="current"
          type="password"
          required
          autocomplete="current-password"
        />
      </Field>
      <Field id="password" label="New password" hint="At least 8 characters.">
        <input
          id="password"
          name="password"
          type="password"
          required
          minlength={8}
          autocomplete="new-password"
          aria-describedby="password-hint"
        />
      </Field>
      <Field id="repeated" label="New password again">
        <input
          id="repeated"
          name="repeated"
          type="password"
          required
          minlength={8}
          autocomplete="new-password"
        />
      </Field>
      <button type="submit" class="button">
        Change password
      </button>
    </form>
  );
}
