import type { DType } from "@bearhug/core";
import { UnsupportedOperationError, WeightsMismatchError } from "../errors.ts";
import type { Parameter, StoredTensor, Weights } from "../graph/parameter.ts";
import type { Module } from "../modules/module.ts";
import type { Checkpoint } from "./checkpoint.ts";

/**
 * How a model's parameters are called in its checkpoints: from a module's path here to its name
 * there, one line a module. `*` stands for the number of a layer on both sides. Where checkpoints
 * differ, the names are tried in turn.
 */
export type WeightNames = Readonly<Record<string, string | readonly string[]>>;

export interface BindOptions {
  /** What checkpoints of the bare encoder leave out at the start of a name, e.g. `"bert."`. */
  readonly prefix?: string | undefined;
}

export interface BoundWeights {
  readonly weights: Weights;
  /** Tensors of the checkpoint that the model has no use for, such as the head of another task. */
  readonly unused: readonly string[];
}

/** Dtypes that weights are computed from. */
const FLOATS: ReadonlySet<DType> = new Set(["float64", "float32", "float16", "bfloat16"]);

/**
 * Finds each parameter of a model in a checkpoint.
 *
 * @throws {WeightsMismatchError} naming every parameter that is missing or has another shape, and
 * every tensor that belongs to a layer which the model does not have.
 */
export function bindWeights(
  module: Module,
  checkpoint: Checkpoint,
  { names, prefix = "" }: BindOptions & { readonly names: WeightNames },
): BoundWeights {
  const rules = Object.entries(names).map(([path, there]) => new NameRule(path, there, prefix));
  const weights = new Map<Parameter, StoredTensor>();
  const seen = new Set<Parameter>();
  const used = new Set<string>();
  const missing: string[] = [];
  const misshapen: string[] = [];
  for (const [path, parameter] of module.namedParameters()) {
    if (seen.has(parameter)) continue;
    seen.add(parameter);
    const candidates = ruleFor(path, rules).namesOf(path);
    const name = candidates.find((candidate) => checkpoint.has(candidate)) ?? "";
    const stored = checkpoint.get(name);
    if (!stored) {
      missing.push(candidates[0] ?? path);
      continue;
    }
    used.add(name);
    weights.set(parameter, checkDtype(name, stored));
    if (stored.shape.join() !== parameter.shape.join()) {
      misshapen.push(
        `"${name}" is [${stored.shape.join(", ")}], not [${parameter.shape.join(", ")}]`,
      );
    }
  }
  const unused = [...checkpoint.keys()].filter((name) => !used.has(name));
  const unexpected = unused.filter((name) => rules.some((rule) => rule.isOtherLayer(name)));
  throwUnlessEmpty({ missing, misshapen, unexpected });
  return { weights, unused };
}

/** One line of {@link WeightNames}. */
class NameRule {
  readonly #path: RegExp;
  readonly #names: readonly string[];
  readonly #layerNames: readonly RegExp[];

  constructor(path: string, there: string | readonly string[], prefix: string) {
    const given = typeof there === "string" ? [there] : there;
    this.#path = pattern(path);
    this.#names = given.flatMap((name) =>
      prefix !== "" && name.startsWith(prefix) ? [name, name.slice(prefix.length)] : [name],
    );
    this.#layerNames = this.#names.filter((name) => name.includes("*")).map(pattern);
  }

  matches(path: string): boolean {
    return this.#path.test(path);
  }

  /** What a parameter may be called, the likeliest first. */
  namesOf(path: string): readonly string[] {
    const { layer = "", rest = "" } = this.#path.exec(path)?.groups ?? {};
    return this.#names
      .map((name) => name.replace("*", layer) + rest)
      .flatMap((name) => [name, beforeTorch1(name)])
      .filter((name) => name !== "");
  }

  isOtherLayer(name: string): boolean {
    return this.#layerNames.some((layerName) => layerName.test(name));
  }
}

/** A module's own name or that of a parameter in it; `*` is a number. */
function pattern(name: string): RegExp {
  const escaped = name.replace(/\./g, "\\.").replace("*", "(?<layer>\\d+)");
  return new RegExp(`^${escaped}(?<rest>\\.\\w+)?$`);
}

/** What the first BERT checkpoints call the two parameters of a normalization. */
function beforeTorch1(name: string): string {
  if (name.endsWith("LayerNorm.weight")) return name.replace(/weight$/, "gamma");
  return name.endsWith("LayerNorm.bias") ? name.replace(/bias$/, "beta") : "";
}

function ruleFor(path: string, rules: readonly NameRule[]): NameRule {
  const rule = rules.find((candidate) => candidate.matches(path));
  if (!rule) throw new TypeError(`No line of the weight names covers the parameter "${path}"`);
  return rule;
}

function checkDtype(name: string, stored: StoredTensor): StoredTensor {
  if (FLOATS.has(stored.dtype)) return stored;
  throw new UnsupportedOperationError(
    `Cannot use the weight "${name}": its dtype is ${stored.dtype}`,
    "Use a checkpoint that is not quantized",
  );
}

interface Differences {
  readonly missing: readonly string[];
  readonly misshapen: readonly string[];
  readonly unexpected: readonly string[];
}

function throwUnlessEmpty({ missing, misshapen, unexpected }: Differences): void {
  const parts = [
    missing.length > 0 ? `it lacks ${list(missing.map((name) => `"${name}"`))}` : "",
    misshapen.length > 0 ? list(misshapen) : "",
    unexpected.length > 0
      ? `it has ${list(unexpected.map((name) => `"${name}"`))} of layers that the model does not have`
      : "",
  ].filter((part) => part !== "");
  if (parts.length === 0) return;
  throw new WeightsMismatchError(`The checkpoint does not fit the model: ${parts.join("; ")}`, {
    missing,
    misshapen,
    unexpected,
  });
}

const LISTED = 5;

function list(items: readonly string[]): string {
  const more = items.length - LISTED;
  return items.slice(0, LISTED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
