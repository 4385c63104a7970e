import { isObject, type JsonObject } from "@bearhug/core";
import { type Context, Hono } from "hono";
import { readJson } from "../http/body.ts";
import type { HubContext, HubEnv } from "../http/context.ts";
import { HubError } from "../http/hub-error.ts";
import type { RepoSummary } from "../services/services.ts";
import { openAiRoutes } from "./openai-routes.ts";
import { headOf, MAX_REQUEST_BYTES } from "./request-limits.ts";

/** Inference for widgets and clients: `/models/{id}`, `/models/{id}/pipeline/{task}`, and OpenAI's form of it. */
export function inferenceRoutes(context: HubContext): Hono<HubEnv> {
  const routes = new Hono<HubEnv>();
  routes.post("/models/:owner/:name", (c) => runTask(context, c, undefined));
  routes.post("/models/:owner/:name/pipeline/:task", (c) =>
    runTask(context, c, c.req.param("task")),
  );
  routes.route("/", openAiRoutes(context));
  return routes;
}

async function runTask(
  context: HubContext,
  c: Context<HubEnv>,
  task: string | undefined,
): Promise<Response> {
  const body = await readJson(c, MAX_REQUEST_BYTES);
  if (!isObject(body)) {
    throw new HubError(400, "BadRequest", {
      message: "The body must be an object { inputs, parameters }",
      body: { error_type: "validation" },
    });
  }
  const { inputs, parameters } = parseBody(body);
  const { repositories, inference } = context.services;
  const viewer = c.get("viewer");
  const id = `${c.req.param("owner")}/${c.req.param("name")}`;
  const repo = await repositories.openForContent(viewer, { type: "model", id });
  const answer = await inference.run({
    viewer,
    repo,
    commit: headOf(repo.summary),
    task: task ?? taskOf(repo.summary, inputs),
    inputs,
    parameters,
    signal: c.req.raw.signal,
  });
  return c.json(answer as object);
}

/** Some clients put the parameters of feature-extraction beside `inputs`. */
function parseBody(body: JsonObject): {
  readonly inputs: unknown;
  readonly parameters: JsonObject;
} {
  const { inputs, parameters, options: _ignored, ...beside } = body;
  if (parameters !== undefined && parameters !== null && !isObject(parameters)) {
    throw new HubError(400, "BadRequest", {
      message: "parameters must be an object",
      body: { error_type: "validation" },
    });
  }
  return { inputs, parameters: { ...beside, ...(isObject(parameters) && parameters) } };
}

/**
 * The repository's own task. Models of sentence vectors do two: what `inputs` looks like tells which is meant.
 */
function taskOf(summary: RepoSummary, inputs: unknown): string {
  const task = summary.pipelineTag;
  if (task === undefined) {
    throw new HubError(400, "BadRequest", {
      message: `"${summary.id}" names no task. Set pipeline_tag in its card, or use /models/${summary.id}/pipeline/TASK`,
      body: { error_type: "validation" },
    });
  }
  if (task !== "sentence-similarity" && task !== "feature-extraction") return task;
  return isObject(inputs) ? "sentence-similarity" : "feature-extraction";
}
