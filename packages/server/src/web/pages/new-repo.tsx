import type { JSX } from "hono/jsx/jsx-runtime";
import { HubError } from "../../http/hub-error.ts";
import { LICENSES } from "../../services/license-ids.ts";
import { Alert, Field, FormToken } from "../components/form.tsx";
import { Icon } from "../components/icon.tsx";
import { repoPath } from "../repo-url.ts";
import { type Page, respond } from "../respond.tsx";
import { type Form, fieldOf, readForm, requireAccount } from "../session.ts";
import type { Shell, WebContext, WebRequest } from "../web-context.ts";

interface Values {
  readonly type: "model" | "dataset";
  readonly name: string;
  readonly license: string;
  readonly private: boolean;
  readonly problem: string | undefined;
}

export async function newRepoPage(web: WebContext, c: WebRequest): Promise<Response> {
  requireAccount(c);
  const type = c.req.query("type") === "dataset" ? "dataset" : "model";
  return respond(web, c, page({ type, name: "", license: "", private: false, problem: undefined }));
}

export async function createRepoAction(web: WebContext, c: WebRequest): Promise<Response> {
  const values = valuesOf(await readForm(web.hub, c));
  const account = requireAccount(c);
  try {
    const repo = await web.hub.services.repositories.create(c.var.viewer, {
      type: values.type,
      owner: account.name,
      name: values.name,
      private: values.private,
      ...(values.license === "" ? {} : { license: values.license }),
    });
    return c.redirect(repoPath(repo), 303);
  } catch (error) {
    if (!(error instanceof HubError) || error.status >= 500) throw error;
    const status = error.status === 409 ? 409 : 400;
    return respond(web, c, { ...page({ ...values, problem: error.message }), status });
  }
}

function valuesOf(form: Form): Values {
  const license = fieldOf(form, "license");
  return {
    type: fieldOf(form, "type") === "dataset" ? "dataset" : "model",
    name: fieldOf(form, "name").trim(),
    license: Object.hasOwn(LICENSES, license) ? license : "",
    private: fieldOf(form, "visibility") === "private",
    problem: undefined,
  };
}

function page(values: Values): Page {
  return {
    title: "New repository",
    data: { error: values.problem, licenses: Object.keys(LICENSES) },
    body: (shell) => <NewRepo values={values} shell={shell} />,
  };
}

function NewRepo({
  values,
  shell,
}: {
  readonly values: Values;
  readonly shell: Shell;
}): JSX.Element {
  return (
    <section class="narrow wide">
      <h1>New repository</h1>
      <p class="lead small">
        A repository holds the files of one model or dataset, with their history.
      </p>
      {values.problem ? <Alert tone="error">{values.problem}</Alert> : null}
      <form class="panel" method="post" action="/new">
        <FormToken shell={shell} />
        <fieldset class="choices two">
          <legend>Kind</legend>
          <Choice
            name="type"
            value="model"
            checked={values.type === "model"}
            title="Model"
            icon="model"
          >
            Weights, configuration, tokenizer
          </Choice>
          <Choice
            name="type"
            value="dataset"
            checked={values.type === "dataset"}
            title="Dataset"
            icon="dataset"
          >
            Rows, images, sound, text
          </Choice>
        </fieldset>
        <Field id="name" label="Name" hint="Letters, digits, “-”, “_” and “.”; up to 96.">
          <span class="input-prefix">
            <span aria-hidden="true">{shell.viewer?.name}/</span>
            <input
              id="name"
              name="name"
              value={values.name}
              required
              maxlength={96}
              pattern="[A-Za-z0-9._\-]+"
              placeholder="my-first-model"
              autocomplete="off"
              spellcheck={false}
              aria-describedby="name-hint"
            />
          </span>
        </Field>
        <Field id="license" label="Licence" hint="Written into the card. You can change it there.">
          <span class="select">
            <select id="license" name="license" aria-describedby="license-hint">
              <option value="">Decide later</option>
              {Object.entries(LICENSES).map(([id, label]) => (
                <option value={id} selected={id === values.license}>
                  {label}
                </option>
              ))}
            </select>
          </span>
        </Field>
        <fieldset class="choices two">
          <legend>Who can see it</legend>
          <Choice
            name="visibility"
            value="public"
            checked={!values.private}
            title="Public"
            icon="globe"
          >
            Everyone who reaches this server
          </Choice>
          <Choice
            name="visibility"
            value="private"
            checked={values.private}
            title="Private"
            icon="lock"
          >
            Only you and administrators
          </Choice>
        </fieldset>
        <button type="submit" class="button">
          <Icon name="plus" /> Create repository
        </button>
      </form>
    </section>
  );
}

function Choice(choice: {
  readonly name: string;
  readonly value: string;
  readonly checked: boolean;
  readonly title: string;
  readonly icon: "model" | "dataset" | "globe" | "lock";
  readonly children?: string;
}): JSX.Element {
  return (
    <label class="choice">
      <input type="radio" name={choice.name} value={choice.value} checked={choice.checked} />
      <Icon name={choice.icon} />
      <span>
        <strong>{choice.title}</strong>
        <small>{choice.children}</small>
      </span>
    </label>
  );
}
