import type { JSX } from "hono/jsx/jsx-runtime";
import type { Viewer } from "../../services/services.ts";
import { PeekingBear } from "../components/icon.tsx";
import type { Problem } from "../problem.ts";

export function ErrorPage(props: {
  readonly problem: Problem;
  readonly viewer: Viewer;
  readonly here: string;
}): JSX.Element {
  const { problem } = props;
  const mayHelpToSignIn = props.viewer === undefined && [401, 404].includes(problem.status);
  return (
    <section class="narrow error-page">
      <PeekingBear />
      <div class="panel">
        <p class="error-status">{problem.status}</p>
        <h1>{problem.title}</h1>
        <p>{problem.message}</p>
        {problem.hint ? <p class="muted">{problem.hint}</p> : null}
        <p class="actions">
          <a class="button" href="/">
            Go home
          </a>
          {mayHelpToSignIn ? (
            <a class="button quiet" href={`/login?next=${encodeURIComponent(props.here)}`}>
              Sign in
            </a>
          ) : (
            <a class="button quiet" href="/models">
              Browse models
            </a>
          )}
        </p>
      </div>
    </section>
  );
}
