import type { JSX } from "hono/jsx/jsx-runtime";
import { HubError } from "../../http/hub-error.ts";
import type { Account, RepoPage } from "../../services/services.ts";
import { Icon } from "../components/icon.tsx";
import { Avatar } from "../components/layout.tsx";
import { RepoList } from "../components/repo-list.tsx";
import { formatDate } from "../format.ts";
import { respond } from "../respond.tsx";
import { summaryData } from "../summary-data.ts";
import type { Shell, WebContext, WebRequest } from "../web-context.ts";

const SHOWN = 12;

export async function profilePage(
  web: WebContext,
  c: WebRequest,
  owner: string,
): Promise<Response> {
  const { accounts, search } = web.hub.services;
  const account = await accounts.find(owner);
  if (account === undefined) {
    throw new HubError(404, "NotFound", {
      message: "There is nobody and nothing of this name here.",
    });
  }
  if (account.name !== owner) return c.redirect(`/${account.name}`);
  const [models, datasets] = await Promise.all([
    search.list(c.var.viewer, { type: "model", author: account.name, limit: SHOWN }),
    search.list(c.var.viewer, { type: "dataset", author: account.name, limit: SHOWN }),
  ]);
  return respond(web, c, {
    title: account.fullName,
    data: {
      user: account.name,
      fullname: account.fullName,
      numModels: models.total,
      numDatasets: datasets.total,
      models: models.repos.map(summaryData),
      datasets: datasets.repos.map(summaryData),
    },
    body: (shell) => (
      <Profile account={account} models={models} datasets={datasets} shell={shell} />
    ),
  });
}

interface ProfileProps {
  readonly account: Account;
  readonly models: RepoPage;
  readonly datasets: RepoPage;
  readonly shell: Shell;
}

function Profile({ account, models, datasets, shell }: ProfileProps): JSX.Element {
  const isSelf = shell.viewer?.id === account.id;
  return (
    <div class="profile">
      <header class="profile-head">
        <Avatar name={account.name} large />
        <div>
          <h1>{account.fullName}</h1>
          <p class="muted">
            {account.name} · here since {formatDate(account.createdAt).slice(0, 11)}
          </p>
        </div>
        {isSelf ? (
          <a class="button" href="/new">
            <Icon name="plus" /> New repository
          </a>
        ) : null}
      </header>
      <Shelf type="model" page={models} {...{ account, shell }} />
      <Shelf type="dataset" page={datasets} {...{ account, shell }} />
    </div>
  );
}

function Shelf(shelf: {
  readonly type: "model" | "dataset";
  readonly page: RepoPage;
  readonly account: Account;
  readonly shell: Shell;
}): JSX.Element {
  const { type, page, account, shell } = shelf;
  const title = type === "model" ? "Models" : "Datasets";
  return (
    <section>
      <div class="section-head">
        <h2>
          <Icon name={type} /> {title} <span class="count">{page.total}</span>
        </h2>
        {page.total > SHOWN ? (
          <a href={`/${type}s?author=${encodeURIComponent(account.name)}`}>
            See all <Icon name="right" />
          </a>
        ) : null}
      </div>
      {page.repos.length > 0 ? (
        <RepoList repos={page.repos} now={shell.now} label={title} />
      ) : (
        <p class="empty small">No {type}s to see.</p>
      )}
    </section>
  );
}
