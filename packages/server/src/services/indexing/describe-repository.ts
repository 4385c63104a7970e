/** What the index keeps of a commit: all that lists, filters and pages show without Git. */
import type { SafetensorsInfoJson } from "@bearhug/hub/protocol";
import { asStrings } from "../cards.ts";
import { firstParagraph, parseCard } from "../front-matter.ts";
import type { ContentService, OpenRepo } from "../services.ts";
import { libraryName, pipelineTag, publicConfig, readModelFacts } from "./model-metadata.ts";
import { openFiles, type RepositoryFiles } from "./repository-files.ts";
import { safetensorsInfo } from "./safetensors-info.ts";
import { datasetTags, modelTags, spaceTags } from "./tags.ts";

type Data = Readonly<Record<string, unknown>>;

export interface Description {
  readonly cardData: Data | undefined;
  readonly tags: readonly string[];
  readonly pipelineTag: string | undefined;
  readonly libraryName: string | undefined;
  readonly license: string | undefined;
  readonly description: string | undefined;
  readonly config: Data | undefined;
  readonly safetensors: SafetensorsInfoJson | undefined;
  /** In bytes. */
  readonly usedStorage: number;
}

/** Derives the description of one commit from its card and files. */
export async function describeRepository(
  repo: OpenRepo,
  commit: string,
  content: ContentService,
): Promise<Description> {
  const files = await openFiles(repo, commit, content);
  const readme = (await files.text("README.md")) ?? "";
  const { data, body } = parseCard(readme);
  const card = data ?? {};
  const common = {
    cardData: data,
    license: asStrings(card["license"])[0],
    description: firstParagraph(body),
    usedStorage: files.files.reduce((sum, file) => sum + file.size, 0),
  };
  if (repo.summary.type === "model") {
    return { ...common, ...(await describeModel(card, body, files)) };
  }
  const isDataset = repo.summary.type === "dataset";
  return {
    ...common,
    tags: isDataset ? datasetTags(card, files, body) : spaceTags(card),
    pipelineTag: undefined,
    libraryName: undefined,
    config: undefined,
    safetensors: undefined,
  };
}

async function describeModel(
  card: Data,
  body: string,
  files: RepositoryFiles,
): Promise<Pick<Description, "tags" | "pipelineTag" | "libraryName" | "config" | "safetensors">> {
  const facts = await readModelFacts(card, files);
  const library = libraryName(facts);
  const task = pipelineTag(facts, library);
  return {
    tags: modelTags(facts, body, { library, task }),
    pipelineTag: task,
    libraryName: library,
    config: await publicConfig(facts),
    safetensors: await safetensorsInfo(files),
  };
}
