import type { JSX } from "hono/jsx/jsx-runtime";
import type { RepoPage } from "../../services/services.ts";
import { Icon, PeekingBear } from "../components/icon.tsx";
import { RepoList } from "../components/repo-list.tsx";
import { Snippet } from "../components/snippet.tsx";
import { plural } from "../format.ts";
import { respond } from "../respond.tsx";
import { summaryData } from "../summary-data.ts";
import type { Shell, WebContext, WebRequest } from "../web-context.ts";

const SHOWN = 6;

export async function homePage(web: WebContext, c: WebRequest): Promise<Response> {
  const { search } = web.hub.services;
  const [models, datasets] = await Promise.all(
    (["model", "dataset"] as const).map((type) =>
      search.list(c.var.viewer, { type, sort: "lastModified", limit: SHOWN }),
    ),
  );
  const found = { models: models ?? NOTHING, datasets: datasets ?? NOTHING };
  return respond(web, c, {
    title: "",
    description: "A home for models and datasets, on your own machine.",
    data: {
      models: found.models.repos.map(summaryData),
      datasets: found.datasets.repos.map(summaryData),
      modelCount: found.models.total,
      datasetCount: found.datasets.total,
    },
    body: (shell) => <Home {...found} shell={shell} />,
  });
}

const NOTHING: RepoPage = { repos: [], total: 0, nextCursor: undefined };

interface HomeProps {
  readonly models: RepoPage;
  readonly datasets: RepoPage;
  readonly shell: Shell;
}

function Home({ models, datasets, shell }: HomeProps): JSX.Element {
  const isEmpty = models.total + datasets.total === 0;
  return (
    <>
      <section class="hero">
        <div class="hero-text">
          <h1>Your models and datasets, held close.</h1>
          <p class="lead">
            A home for machine learning that is yours. Push with Git, Python or TypeScript; read the
            cards, follow the history, try the models in the browser.
          </p>
          <p class="actions">
            <a class="button" href="/models">
              <Icon name="model" /> {models.total > 0 ? plural(models.total, "model") : "Models"}
            </a>
            <a class="button quiet" href="/datasets">
              <Icon name="dataset" />{" "}
              {datasets.total > 0 ? plural(datasets.total, "dataset") : "Datasets"}
            </a>
          </p>
        </div>
        <div class="hero-art">
          <PeekingBear />
          <Snippet
            id="point"
            title="Point your tools here"
            language="bash"
            code={`export HF_ENDPOINT=${shell.publicUrl}`}
            note="Python, transformers, datasets and the bearhug command all follow it."
          />
        </div>
      </section>
      {isEmpty ? (
        <FirstSteps shell={shell} />
      ) : (
        <Recent models={models} datasets={datasets} shell={shell} />
      )}
    </>
  );
}

function Recent({ models, datasets, shell }: HomeProps): JSX.Element {
  return (
    <div class="home-columns">
      <RecentSection title="Recent models" href="/models" page={models} now={shell.now} />
      <RecentSection title="Recent datasets" href="/datasets" page={datasets} now={shell.now} />
    </div>
  );
}

function RecentSection(section: {
  readonly title: string;
  readonly href: string;
  readonly page: RepoPage;
  readonly now: Date;
}): JSX.Element {
  return (
    <section class="home-section">
      <div class="section-head">
        <h2>{section.title}</h2>
        <a href={section.href}>
          See all <Icon name="right" />
        </a>
      </div>
      {section.page.repos.length > 0 ? (
        <RepoList repos={section.page.repos} now={section.now} label={section.title} />
      ) : (
        <p class="empty small">
          None yet. <a href="/new">Create the first one</a>.
        </p>
      )}
    </section>
  );
}

function FirstSteps({ shell }: { readonly shell: Shell }): JSX.Element {
  const { publicUrl, viewer } = shell;
  const owner = viewer?.name ?? "you";
  return (
    <section class="first-steps" aria-labelledby="first-steps">
      <h2 id="first-steps">Three steps to your first model</h2>
      <ol class="steps">
        <li>
          <h3>Get a token</h3>
          <p>
            {viewer === undefined ? (
              <a href="/login?next=%2Fsettings%2Ftokens">Sign in</a>
            ) : (
              "You are signed in"
            )}
            {viewer === undefined
              ? " with the account that the first start printed, then make"
              : "; make"}{" "}
            <a href="/settings/tokens">an access token</a> with the write role.
          </p>
          <Snippet
            id="step-login"
            language="bash"
            code={`export HF_ENDPOINT=${publicUrl}\nbearhug login`}
          />
        </li>
        <li>
          <h3>Upload a folder</h3>
          <p>From the command line, or drag it into the browser after creating a repository.</p>
          <Snippet
            id="step-upload"
            language="bash"
            code={`bearhug repo create ${owner}/my-model\nbearhug upload ${owner}/my-model ./my-model`}
          />
        </li>
        <li>
          <h3>Use it anywhere</h3>
          <p>Every Hugging Face client reads from here as it is.</p>
          <Snippet
            id="step-use"
            language="python"
            code={`from huggingface_hub import snapshot_download\n\nsnapshot_download("${owner}/my-model")`}
          />
        </li>
      </ol>
      <p class="actions">
        <a class="button" href="/new">
          <Icon name="plus" /> New repository
        </a>
      </p>
    </section>
  );
}
