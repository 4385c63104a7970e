import type { SafetensorsHeader } from "@bearhug/core";
import { raw } from "hono/html";
import type { JSX } from "hono/jsx/jsx-runtime";
import { contentUrl, type FileView } from "../file-view.ts";
import { formatBytes, formatCount } from "../format.ts";
import type { RepoView } from "../loaded-repo.ts";

const MAX_TENSOR_ROWS = 2000;

export function FileContent(props: {
  readonly view: RepoView;
  readonly file: FileView;
}): JSX.Element {
  const { view, file } = props;
  switch (file.type) {
    case "markdown":
      return (
        <article class="file-markdown">
          <div class="markdown">{raw(file.html)}</div>
          {file.isCut ? <CutNote /> : null}
        </article>
      );
    case "text":
      return <CodeLines lines={file.lines} />;
    case "image":
      return (
        <div class="media">
          <img src={contentUrl(view)} alt={view.path} />
        </div>
      );
    case "audio":
      return (
        <div class="media">
          {/* biome-ignore lint/a11y/useMediaCaption: files of strangers carry no captions */}
          <audio controls src={contentUrl(view)} />
        </div>
      );
    case "video":
      return (
        <div class="media">
          {/* biome-ignore lint/a11y/useMediaCaption: files of strangers carry no captions */}
          <video controls src={contentUrl(view)} />
        </div>
      );
    case "safetensors":
      return <TensorTable header={file.header} />;
    case "none":
      return <p class="empty">{file.reason}</p>;
  }
}

/** Below Markdown that was too long to render whole. */
export function CutNote(): JSX.Element {
  return (
    <p class="muted small">The text goes on, but it is too long to show here: see its source.</p>
  );
}

function CodeLines({ lines }: { readonly lines: readonly string[] }): JSX.Element {
  const html = lines
    .map((line, index) => {
      const number = index + 1;
      return `<a id="L${number}" href="#L${number}" data-n="${number}" aria-label="Line ${number}"></a><span>${line}</span>\n`;
    })
    .join("");
  return (
    <pre class="code-lines" tabindex={0}>
      <code id="code">{raw(html)}</code>
    </pre>
  );
}

function TensorTable({ header }: { readonly header: SafetensorsHeader }): JSX.Element {
  const { tensors, metadata } = header;
  const shown = tensors.slice(0, MAX_TENSOR_ROWS);
  const params = tensors.reduce((sum, tensor) => sum + countOf(tensor.shape), 0);
  const notes = Object.entries(metadata);
  return (
    <div class="tensors">
      <p class="tensors-summary">
        <strong>{tensors.length.toLocaleString("en")}</strong> tensors,{" "}
        <strong title={params.toLocaleString("en")}>{formatCount(params)}</strong> parameters
        {notes.map(([key, value]) => (
          <span class="chip plain">
            <span class="chip-kind">{key}</span> {value.slice(0, 80)}
          </span>
        ))}
      </p>
      <section class="table-scroll" tabindex={0} aria-label="Tensors">
        <table>
          <thead>
            <tr>
              <th scope="col">Tensor</th>
              <th scope="col">Shape</th>
              <th scope="col">Type</th>
              <th scope="col" class="number">
                Size
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((tensor) => (
              <tr>
                <td>
                  <code>{tensor.name}</code>
                </td>
                <td class="shape">[{tensor.shape.join(", ")}]</td>
                <td>
                  <span class="chip plain">{tensor.dtype}</span>
                </td>
                <td class="number">{formatBytes(tensor.sizeBytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {tensors.length > shown.length ? (
        <p class="muted small cut">The first {shown.length} tensors are shown.</p>
      ) : null}
    </div>
  );
}

function countOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
