import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import { Icon } from "./icon.tsx";

/** The two settings pages of an account, side by side with their menu. */
export function SettingsFrame(frame: {
  readonly tab: "account" | "tokens";
  readonly title: string;
  readonly children?: Child;
}): JSX.Element {
  return (
    <div class="settings-layout">
      <nav class="side-nav" aria-label="Settings">
        <a href="/settings/account" aria-current={frame.tab === "account" ? "page" : undefined}>
          <Icon name="user" /> Account
        </a>
        <a href="/settings/tokens" aria-current={frame.tab === "tokens" ? "page" : undefined}>
          <Icon name="key" /> Access tokens
        </a>
      </nav>
      <div class="settings-main">
        <h1>{frame.title}</h1>
        {frame.children}
      </div>
    </div>
  );
}
