import type { JSX } from "hono/jsx/jsx-runtime";
import { HubError } from "../../http/hub-error.ts";
import { createRateLimiter, type RateLimiter } from "../../http/rate-limit.ts";
import { Alert, Field, FormToken } from "../components/form.tsx";
import { PeekingBear } from "../components/icon.tsx";
import { type Page, respond } from "../respond.tsx";
import { fieldOf, readForm, safeNext, sessionOf, setSession } from "../session.ts";
import type { Shell, WebContext, WebRequest } from "../web-context.ts";

const ATTEMPTS = { limit: 10, windowMs: 5 * 60_000 };

/** Guessing one account's password is slowed down, whoever guesses. */
export function signInLimiter(now: () => Date): RateLimiter {
  return createRateLimiter({ ...ATTEMPTS, now });
}

export async function signInPage(web: WebContext, c: WebRequest): Promise<Response> {
  const next = safeNext(c.req.query("next"));
  if (c.var.viewer !== undefined) return c.redirect(next, 303);
  return respond(web, c, signIn({ next, name: "", problem: undefined }));
}

export async function signInAction(
  web: WebContext,
  c: WebRequest,
  limiter: RateLimiter,
): Promise<Response> {
  const form = await readForm(web.hub, c);
  const name = fieldOf(form, "name").trim();
  const next = safeNext(fieldOf(form, "next"));
  const limit = takeAttempt(limiter, name.toLowerCase());
  if (limit !== undefined) {
    c.header("Retry-After", limit.headers["Retry-After"] ?? "60");
    return respond(web, c, { ...signIn({ next, name, problem: limit.message }), status: 429 });
  }
  const found = await web.hub.services.accounts.signIn(name, fieldOf(form, "password"));
  if (found === undefined) {
    const problem = "This name and password do not belong together.";
    return respond(web, c, { ...signIn({ next, name, problem }), status: 401 });
  }
  limiter.clear(name.toLowerCase());
  setSession(c, found.session);
  return c.redirect(next, 303);
}

export async function signOutAction(web: WebContext, c: WebRequest): Promise<Response> {
  await readForm(web.hub, c);
  const session = sessionOf(c);
  if (session !== undefined) await web.hub.services.accounts.signOut(session);
  setSession(c, undefined);
  return c.redirect("/", 303);
}

/** A bookmark of the sign-out address must not sign out by itself. */
export async function signOutPage(web: WebContext, c: WebRequest): Promise<Response> {
  return respond(web, c, {
    title: "Sign out",
    data: { signedIn: c.var.viewer !== undefined },
    body: (shell) => (
      <section class="narrow">
        <div class="panel">
          <h1>Sign out?</h1>
          <form method="post" action="/logout">
            <FormToken shell={shell} />
            <button type="submit" class="button">
              Sign out
            </button>
          </form>
        </div>
      </section>
    ),
  });
}

function takeAttempt(limiter: RateLimiter, key: string): HubError | undefined {
  try {
    limiter.take(key);
    return undefined;
  } catch (error) {
    if (error instanceof HubError) return error;
    throw error;
  }
}

interface SignInForm {
  readonly next: string;
  readonly name: string;
  readonly problem: string | undefined;
}

function signIn(form: SignInForm): Page {
  return {
    title: "Sign in",
    data: { error: form.problem, next: form.next },
    body: (shell) => <SignIn form={form} shell={shell} />,
  };
}

function SignIn({
  form,
  shell,
}: {
  readonly form: SignInForm;
  readonly shell: Shell;
}): JSX.Element {
  return (
    <section class="narrow sign-in">
      <PeekingBear />
      <div class="panel">
        <h1>Welcome back</h1>
        {form.problem ? <Alert tone="error">{form.problem}</Alert> : null}
        <form method="post" action="/login">
          <FormToken shell={shell} />
          <input type="hidden" name="next" value={form.next} />
          <Field id="name" label="User name">
            <input
              id="name"
              name="name"
              value={form.name}
              required
              autocomplete="username"
              autofocus
            />
          </Field>
          <Field id="password" label="Password">
            <input
              id="password"
              name="password"
              type="password"
              required
              autocomplete="current-password"
            />
          </Field>
          <button type="submit" class="button wide">
            Sign in
          </button>
        </form>
        <p class="hint">
          Accounts are made by the administrator of this server:{" "}
          <code>bearhug admin user create NAME</code>
        </p>
      </div>
    </section>
  );
}
