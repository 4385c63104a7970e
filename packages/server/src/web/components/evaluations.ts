import { isObject } from "@bearhug/core";

export interface Evaluation {
  readonly metric: string;
  readonly dataset: string;
  readonly value: string;
}

/** The results that a card's `model-index` states; what is malformed is left out. */
export function evaluationsOf(
  cardData: Readonly<Record<string, unknown>> | undefined,
): readonly Evaluation[] {
  return listOf(cardData?.["model-index"])
    .flatMap((model) => listOf(model["results"]))
    .flatMap((result) => {
      const dataset = isObject(result["dataset"]) ? result["dataset"] : {};
      const name = textOf(dataset["name"]) ?? textOf(dataset["type"]) ?? "";
      return listOf(result["metrics"]).flatMap((metric) => evaluation(metric, name));
    });
}

function evaluation(metric: Readonly<Record<string, unknown>>, dataset: string): Evaluation[] {
  const name = textOf(metric["name"]) ?? textOf(metric["type"]);
  const { value } = metric;
  if (name === undefined || (typeof value !== "number" && typeof value !== "string")) return [];
  const shown = typeof value === "number" ? String(Number(value.toPrecision(5))) : value;
  return [{ metric: name, dataset, value: shown.slice(0, 40) }];
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
