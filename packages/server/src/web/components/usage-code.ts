import type { RepoSummary } from "../../services/services.ts";

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

const CALLS: Readonly<Record<string, { readonly name: string; readonly call: string }>> = {
  "feature-extraction": { name: "embed", call: 'await embed("Hello, bear")' },
  "sentence-similarity": {
    name: "compare",
    call: 'await compare({\n  source: "A warm day",\n  sentences: ["It is sunny", "It snows"],\n})',
  },
  "text-classification": { name: "classify", call: 'await classify("I love this")' },
  "fill-mask": { name: "fill", call: 'await fill("Bears like [MASK].")' },
};

function typescript(summary: RepoSummary, { publicUrl }: Place): string {
  const task = summary.pipelineTag ?? "";
  const call = summary.type === "model" ? CALLS[task] : undefined;
  const endpoint = `// HF_ENDPOINT=${publicUrl}\n`;
  if (call === undefined) {
    const repo =
      summary.type === "dataset" ? `{ type: "dataset", name: "${summary.id}" }` : `"${summary.id}"`;
    return `import { HubClient } from "@bearhug/hub";\n\nconst hub = new HubClient({\n  endpoint: "${publicUrl}",\n});\nconst folder = await hub.snapshot(${repo});`;
  }
  return `${endpoint}import { pipeline } from "@bearhug/transformers";\n\nawait using ${call.name} = await pipeline(\n  "${task}",\n  "${summary.id}",\n);\n${call.call};`;
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
