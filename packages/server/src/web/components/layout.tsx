import { raw } from "hono/html";
import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { PageScript } from "../built-assets.ts";
import type { Shell } from "../web-context.ts";
import { FormToken } from "./form.tsx";
import { Bear, Icon } from "./icon.tsx";

interface LayoutProps {
  readonly shell: Shell;
  readonly title: string;
  readonly description?: string | undefined;
  readonly scripts: readonly PageScript[];
  readonly children?: Child;
}

/** The whole document around a page. */
export function Layout({ shell, title, description, scripts, children }: LayoutProps): JSX.Element {
  const style = shell.assets.url("style.css");
  return (
    <html lang="en" data-theme={shell.theme === "auto" ? undefined : shell.theme}>
      <head>
        <meta charset="utf-8" />
        <title>{title === "" ? "Bearhug" : `${title} · Bearhug`}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        {description ? <meta name="description" content={description} /> : null}
        {style ? <link rel="stylesheet" href={style} /> : null}
        <link rel="icon" href={shell.assets.url("favicon.svg") ?? "data:,"} />
        {(["page.js", ...scripts] as const).map((name) => (
          <Script src={shell.assets.url(name)} />
        ))}
      </head>
      <body>
        {raw("<!--sprite-->")}
        <a class="skip" href="#main">
          Skip to content
        </a>
        {style ? null : (
          <p class="notice">Styles and scripts are not built: run “npm run build”.</p>
        )}
        <Header shell={shell} />
        <main id="main" tabindex={-1}>
          {children}
        </main>
        <Footer />
      </body>
    </html>
  );
}

function Script({ src }: { readonly src: string | undefined }): JSX.Element | null {
  return src === undefined ? null : <script type="module" src={src} />;
}

function Header({ shell }: { readonly shell: Shell }): JSX.Element {
  const here = shell.here.split(/[/?]/)[1];
  const search = new URL(shell.here, "http://hub.invalid").searchParams.get("search") ?? "";
  const section = here === "datasets" ? "datasets" : "models";
  return (
    <header class="top">
      <div class="top-inner">
        <a class="brand" href="/" aria-label="Bearhug, home">
          <Bear />
          <span>Bearhug</span>
        </a>
        <search class="top-search">
          <form action={`/${section}`}>
            <Icon name="search" />
            <input
              type="search"
              name="search"
              value={search}
              placeholder={`Search ${section}`}
              aria-label={`Search ${section}`}
              data-hotkey="/"
            />
          </form>
        </search>
        <nav class="top-nav" aria-label="Main">
          <TopLink href="/models" icon="model" label="Models" active={here === "models"} />
          <TopLink href="/datasets" icon="dataset" label="Datasets" active={here === "datasets"} />
        </nav>
        <div class="top-end">
          <ThemeSwitch shell={shell} />
          <AccountMenu shell={shell} />
        </div>
      </div>
    </header>
  );
}

function TopLink(link: {
  readonly href: string;
  readonly icon: "model" | "dataset";
  readonly label: string;
  readonly active: boolean;
}): JSX.Element {
  return (
    <a href={link.href} aria-current={link.active ? "page" : undefined}>
      <Icon name={link.icon} />
      <span>{link.label}</span>
    </a>
  );
}

function ThemeSwitch({ shell }: { readonly shell: Shell }): JSX.Element {
  return (
    <form class="theme" method="post" action="/-/theme" data-theme-switch>
      <FormToken shell={shell} />
      <input type="hidden" name="next" value={shell.here} />
      <button
        type="submit"
        class="icon-button to-dark"
        name="theme"
        value="dark"
        title="Dark theme"
      >
        <Icon name="moon" label="Switch to the dark theme" />
      </button>
      <button
        type="submit"
        class="icon-button to-light"
        name="theme"
        value="light"
        title="Light theme"
      >
        <Icon name="sun" label="Switch to the light theme" />
      </button>
    </form>
  );
}

function AccountMenu({ shell }: { readonly shell: Shell }): JSX.Element {
  const { viewer } = shell;
  if (viewer === undefined) {
    const next =
      shell.here === "/" || shell.here.startsWith("/login")
        ? ""
        : `?next=${encodeURIComponent(shell.here)}`;
    return (
      <a class="button" href={`/login${next}`}>
        Sign in
      </a>
    );
  }
  return (
    <>
      <a class="button quiet new-repo" href="/new" title="New repository">
        <Icon name="plus" />
        <span>New</span>
      </a>
      <details class="menu account" data-menu>
        <summary aria-label={`Account menu of ${viewer.name}`}>
          <Avatar name={viewer.name} />
          <Icon name="down" />
        </summary>
        <div class="menu-list">
          <p class="menu-title">
            Signed in as <strong>{viewer.name}</strong>
          </p>
          <a href={`/${viewer.name}`}>
            <Icon name="user" /> Your repositories
          </a>
          <a href="/settings/tokens">
            <Icon name="key" /> Access tokens
          </a>
          <a href="/settings/account">
            <Icon name="gear" /> Account
          </a>
          <form method="post" action="/logout">
            <FormToken shell={shell} />
            <button type="submit">
              <Icon name="out" /> Sign out
            </button>
          </form>
        </div>
      </details>
    </>
  );
}

/** A letter on one of six warm grounds, the same for the same name everywhere. */
export function Avatar({
  name,
  large,
}: {
  readonly name: string;
  readonly large?: boolean;
}): JSX.Element {
  const tone = [...name].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % 6;
  return (
    <span class={`avatar tone-${tone}${large ? " large" : ""}`} aria-hidden="true">
      {name.slice(0, 1).toUpperCase()}
    </span>
  );
}

function Footer(): JSX.Element {
  return (
    <footer class="bottom">
      <div class="bottom-inner">
        <span class="brand small">
          <Bear /> Bearhug
        </span>
        <p>A home for models and datasets, on your own machine.</p>
        <nav aria-label="More">
          <a href="/models">Models</a>
          <a href="/datasets">Datasets</a>
          <a href="/settings/tokens">Access tokens</a>
        </nav>
      </div>
    </footer>
  );
}
