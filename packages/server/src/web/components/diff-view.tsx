import type { JSX } from "hono/jsx/jsx-runtime";
import type { RepoName } from "../../services/services.ts";
import type { DiffFile } from "../diff.ts";
import { viewPath } from "../repo-url.ts";

const OPEN_LINES = 800;

export function DiffView(props: {
  readonly files: readonly DiffFile[];
  readonly repo: RepoName;
  readonly commit: string;
}): JSX.Element {
  return (
    <>
      {props.files.map((file) => (
        <DiffFileView file={file} repo={props.repo} commit={props.commit} />
      ))}
    </>
  );
}

function DiffFileView(props: {
  readonly file: DiffFile;
  readonly repo: RepoName;
  readonly commit: string;
}): JSX.Element {
  const { file, repo, commit } = props;
  return (
    <details class="file-box diff-file" open={file.lines.length <= OPEN_LINES}>
      <summary class="file-bar">
        <span class={`badge ${file.change}`}>{file.change}</span>
        <span class="diff-path">
          {file.oldPath ? <span class="muted">{file.oldPath} → </span> : null}
          {file.path}
        </span>
        <span class="file-facts">
          <span class="added">+{file.added}</span> <span class="removed">−{file.removed}</span>
        </span>
      </summary>
      {file.change === "deleted" ? null : (
        <p class="diff-link">
          <a href={viewPath(repo, "blob", { revision: commit, path: file.path })}>View file</a>
        </p>
      )}
      {file.lines.length > 0 ? (
        <DiffTable file={file} />
      ) : (
        <p class="empty small">{file.isBinary ? "Binary file." : "No change of content."}</p>
      )}
    </details>
  );
}

function DiffTable({ file }: { readonly file: DiffFile }): JSX.Element {
  return (
    <section class="table-scroll" tabindex={0} aria-label={`Changes of ${file.path}`}>
      <table class="diff">
        <tbody>
          {file.lines.map((line) => (
            <tr class={line.type}>
              <td class="n" data-n={line.before} />
              <td class="n" data-n={line.after} />
              <td class="text">
                <span class="visually-hidden">{LABELS[line.type]}</span>
                {line.text}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const LABELS: Readonly<Record<string, string>> = { added: "Added: ", removed: "Removed: " };
