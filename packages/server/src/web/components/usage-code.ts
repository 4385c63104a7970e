import type { RepoSummary } from "../../services/services.ts";
import { maskTokenOf } from "./widget-data.ts";

export interface Usage {
  readonly title: string;
  readonly language: "typescript" | "python" | "bash";
  readonly code: string;
}

interface Place {
  readonly publicUrl: string;
  /** Git address. */
  readonly remote: string;
}

/** Code that uses a repository from this server, ready to paste. */
export function usageOf(summary: RepoSummary, place: Place): readonly Usage[] {
  const { id } = summary;
  const isDataset = summary.type === "dataset";
  const flag = isDataset ? " --type dataset" : "";
  const pythonFlag = isDataset ? " --repo-type dataset" : "";
  const endpoint = `export HF_ENDPOINT=${place.publicUrl}`;
  return [
    { title: "TypeScript", language: "typescript", code: typescript(summary, place) },
    { title: "Python", language: "python", code: python(summary, place) },
    {
      title: "Command line",
      language: "bash",
      code: `${endpoint}\nbearhug download ${id}${flag}\n# or\nhf download ${id}${pythonFlag}`,
    },
    { title: "Git", language: "bash", code: `git lfs install\ngit clone ${place.remote}` },
  ];
}

/** A pipeline of each task, and one call of it. */
const CALLS: Readonly<
  Record<string, (maskToken: string) => { readonly name: string; readonly call: string }>
> = {
  "feature-extraction": () => ({ name: "embed", call: 'await embed("Hello, bear");' }),
  "sentence-similarity": () => ({
    name: "compare",
    call: 'await compare("A warm day", [\n  "It is sunny",\n  "It snows",\n]);',
  }),
  "text-classification": () => ({ name: "classify", call: 'await classify("I love this");' }),
  "fill-mask": (mask) => ({ name: "fill", call: `await fill("Bears like ${mask}.");` }),
};

function typescript(summary: RepoSummary, { publicUrl }: Place): string {
  const task = summary.pipelineTag ?? "";
  const isRunnable = summary.type === "model" && Object.hasOwn(CALLS, task);
  const use = isRunnable ? CALLS[task]?.(maskTokenOf(summary)) : undefined;
  if (use === undefined) return download(summary, publicUrl);
  return [
    `// HF_ENDPOINT=${publicUrl}`,
    'import { pipeline } from "bearhug";',
    "",
    `await using ${use.name} = await pipeline(`,
    `  "${task}",`,
    `  "${summary.id}",`,
    ");",
    use.call,
  ].join("\n");
}

function download(summary: RepoSummary, publicUrl: string): string {
  const isDataset = summary.type === "dataset";
  return [
    'import { HubClient } from "bearhug";',
    "",
    "const hub = new HubClient({",
    `  endpoint: "${publicUrl}",`,
    "});",
    "const folder = await hub.snapshot(",
    isDataset ? `  { type: "dataset", name: "${summary.id}" },` : `  "${summary.id}",`,
    ");",
  ].join("\n");
}

function python(summary: RepoSummary, { publicUrl }: Place): string {
  const head = `import os\nos.environ["HF_ENDPOINT"] = "${publicUrl}"\n\n`;
  if (summary.type === "dataset") {
    return `${head}from datasets import load_dataset\n\ndataset = load_dataset("${summary.id}")`;
  }
  if (summary.libraryName === "sentence-transformers") {
    return `${head}from sentence_transformers import SentenceTransformer\n\nmodel = SentenceTransformer("${summary.id}")\nmodel.encode(["Hello, bear"])`;
  }
  if (summary.libraryName === "transformers" && summary.pipelineTag !== undefined) {
    return `${head}from transformers import pipeline\n\npipe = pipeline("${summary.pipelineTag}", "${summary.id}")`;
  }
  return `${head}from huggingface_hub import snapshot_download\n\nfolder = snapshot_download("${summary.id}")`;
}
