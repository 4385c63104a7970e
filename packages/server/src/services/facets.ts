import type { RepoType } from "@bearhug/hub/protocol";
import {
  ALL_MODEL_LIBRARY_KEYS,
  MODEL_LIBRARIES_UI_ELEMENTS,
  PIPELINE_DATA,
} from "@huggingface/tasks";
import type { ExpressionBuilder, ExpressionWrapper, SqlBool } from "kysely";
import type { Database, Tables } from "../store/database.ts";
import { LICENSES } from "./license-ids.ts";
import type { Condition, Expression } from "./search-conditions.ts";
import type { Facet, Facets, Viewer } from "./services.ts";

export type FacetKind = keyof Facets;

const LIBRARIES: ReadonlySet<string> = new Set(ALL_MODEL_LIBRARY_KEYS);
/** Libraries that are told by files and are no loading library of their own. */
const FORMATS = new Set(["pytorch", "tf", "jax", "safetensors", "onnx", "gguf", "tensorboard"]);
/** Most values of one kind. */
const MAX_VALUES = 200;

const PREFIXES: readonly (readonly [prefix: string, kind: FacetKind])[] = [
  ["license:", "licenses"],
  ["dataset:", "datasets"],
  ["language:", "languages"],
  ["task_categories:", "tasks"],
  ["library:", "libraries"],
];

export interface FacetScope {
  readonly type: RepoType;
  readonly viewer: Viewer;
  /** What the repositories must fulfil; `undefined` for all that the viewer may see. */
  readonly matching: ((expression: Expression) => Condition) | undefined;
}

/** How often each tag occurs among the repositories in scope, by kind, most frequent first. */
export async function countFacets(database: Database, scope: FacetScope): Promise<Facets> {
  const counts = new Map<string, number>();
  for (const condition of conditionsOf(scope)) {
    const rows = await database
      .selectFrom("repository_tags")
      .select((select) => ["repository_tags.tag", select.fn.countAll<number>().as("count")])
      .where(condition)
      .groupBy("repository_tags.tag")
      .execute();
    for (const { tag, count } of rows) counts.set(tag, (counts.get(tag) ?? 0) + Number(count));
  }
  return byKind(counts);
}

type TagExpression = ExpressionBuilder<Tables, "repository_tags">;
type TagCondition = (e: TagExpression) => ExpressionWrapper<Tables, "repository_tags", SqlBool>;

/** Disjoint parts of the scope, each of which one index answers. */
function conditionsOf({ type, viewer, matching }: FacetScope): readonly TagCondition[] {
  const among =
    (condition: (expression: Expression) => Condition): TagCondition =>
    (e) =>
      e(
        "repository_tags.repository_id",
        "in",
        e.selectFrom("repositories").select("repositories.id").where(condition),
      );
  if (matching) return [among(matching)];
  const ofType =
    (isPrivate: number): TagCondition =>
    (e) =>
      e.and([e("repository_tags.type", "=", type), e("repository_tags.private", "=", isPrivate)]);
  const open = ofType(0);
  if (viewer?.isAdmin) return [open, ofType(1)];
  if (!viewer) return [open];
  const own = among((e) =>
    e.and([
      e("repositories.type", "=", type),
      e("repositories.private", "=", 1),
      e("repositories.owner", "=", viewer.name),
    ]),
  );
  return [open, own];
}

function byKind(counts: ReadonlyMap<string, number>): Facets {
  const rows = [...counts]
    .map(([tag, count]) => ({ tag, count }))
    .sort((a, b) => b.count - a.count || (a.tag < b.tag ? -1 : 1));
  const kinds: Record<FacetKind, Facet[]> = {
    tasks: [],
    libraries: [],
    datasets: [],
    languages: [],
    licenses: [],
    other: [],
  };
  for (const { tag, count } of rows) {
    const list = kinds[kindOfTag(tag)];
    if (list.length < MAX_VALUES) list.push({ id: tag, label: tagLabel(tag), count });
  }
  return kinds;
}

/** What a tag says: by its prefix, or by being a known task, library or language. */
export function kindOfTag(tag: string): FacetKind {
  const prefixed = PREFIXES.find(([prefix]) => tag.startsWith(prefix));
  if (prefixed) return prefixed[1];
  if (Object.hasOwn(PIPELINE_DATA, tag)) return "tasks";
  if (LIBRARIES.has(tag) || FORMATS.has(tag)) return "libraries";
  if (isLanguage(tag)) return "languages";
  return "other";
}

/** How a tag is shown. */
export function tagLabel(tag: string): string {
  const value = tag.slice(tag.indexOf(":") + 1);
  switch (kindOfTag(tag)) {
    case "tasks":
      return TASK_NAMES[value]?.name ?? value;
    case "libraries":
      return LIBRARY_NAMES[value]?.prettyLabel ?? value;
    case "licenses":
      return LICENSES[value] ?? value;
    case "languages":
      return languageName(value);
    default:
      return tag.startsWith("dataset:") ? value : tag;
  }
}

const TASK_NAMES: Readonly<Record<string, { readonly name: string } | undefined>> = PIPELINE_DATA;
const LIBRARY_NAMES: Readonly<Record<string, { readonly prettyLabel: string } | undefined>> =
  MODEL_LIBRARIES_UI_ELEMENTS;

const languageNames = new Intl.DisplayNames(["en"], { type: "language", fallback: "none" });

function languageName(code: string): string {
  return code === "multilingual" ? "Multilingual" : (nameOfLanguage(code) ?? code);
}

function nameOfLanguage(code: string): string | undefined {
  try {
    return languageNames.of(code.replace("_", "-"));
  } catch {
    return undefined;
  }
}

/** Two or three letters that name a language; other short tags ("moe") do not. */
function isLanguage(tag: string): boolean {
  if (tag === "multilingual") return true;
  return /^[a-z]{2,3}$/.test(tag) && nameOfLanguage(tag) !== undefined;
}
