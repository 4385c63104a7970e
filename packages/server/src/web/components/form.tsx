import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Shell } from "../web-context.ts";

/** Proves that one of our own pages sent the form. */
export function FormToken({ shell }: { readonly shell: Pick<Shell, "formToken"> }): JSX.Element {
  return <input type="hidden" name="form_token" value={shell.formToken} />;
}

/** A labelled control with an optional explanation below it. */
export function Field(field: {
  readonly id: string;
  readonly label: string;
  readonly hint?: Child;
  readonly children?: Child;
}): JSX.Element {
  return (
    <div class="field">
      <label for={field.id}>{field.label}</label>
      {field.children}
      {field.hint ? (
        <p class="hint" id={`${field.id}-hint`}>
          {field.hint}
        </p>
      ) : null}
    </div>
  );
}

/** What went wrong with a form, or that it went well; read out when it appears. */
export function Alert({
  tone,
  children,
}: {
  readonly tone: "error" | "success" | "info";
  readonly children?: Child;
}): JSX.Element {
  return (
    <div class={`alert ${tone}`} role={tone === "error" ? "alert" : "status"}>
      {children}
    </div>
  );
}
