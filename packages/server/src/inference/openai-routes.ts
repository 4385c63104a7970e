import { isObject } from "@bearhug/core";
import { type Context, Hono } from "hono";
import { readJson } from "../http/body.ts";
import type { HubContext, HubEnv } from "../http/context.ts";
import { HubError, type HubErrorCode } from "../http/hub-error.ts";
import type { RepoSummary, Viewer } from "../services/services.ts";
import { headOf, MAX_REQUEST_BYTES } from "./request-limits.ts";
import { TASKS } from "./task-request.ts";

/** `POST /v1/embeddings` and `GET /v1/models`, as OpenAI's clients use them. */
export function openAiRoutes(context: HubContext): Hono<HubEnv> {
  const routes = new Hono<HubEnv>();
  routes.post("/v1/embeddings", (c) => withOpenAiErrors(() => createEmbeddings(context, c)));
  routes.get("/v1/models", (c) => withOpenAiErrors(() => listModels(context, c)));
  return routes;
}

async function createEmbeddings(context: HubContext, c: Context<HubEnv>): Promise<Response> {
  const body = await readJson(c, MAX_REQUEST_BYTES);
  if (!isObject(body)) throw invalid("The body must be an object");
  const { model, input, encoding_format: format = "float", dimensions } = body;
  if (typeof model !== "string") throw invalid("model must be a string");
  if (format !== "float" && format !== "base64") {
    throw invalid('encoding_format must be "float" or "base64"');
  }
  const viewer = c.get("viewer");
  const { repositories, inference } = context.services;
  const repo = await repositories.openForContent(viewer, { type: "model", id: model });
  const result = await inference.run({
    viewer,
    repo,
    commit: headOf(repo.summary),
    task: "embeddings",
    inputs: input,
    signal: c.req.raw.signal,
  });
  // What the task "embeddings" answers.
  const { embeddings, promptTokens } = result as {
    readonly embeddings: readonly (readonly number[])[];
    readonly promptTokens: number;
  };
  checkDimensions(dimensions, embeddings[0]?.length);
  return c.json({
    object: "list",
    data: embeddings.map((embedding, index) => ({
      object: "embedding",
      index,
      embedding: format === "base64" ? toBase64(embedding) : embedding,
    })),
    model,
    usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
  });
}

function checkDimensions(wanted: unknown, given: number | undefined): void {
  if (wanted === undefined || wanted === null || given === undefined || wanted === given) return;
  throw invalid(`dimensions must be ${given}, which is what the model gives`);
}

/** Little-endian float32, as the original answers. */
function toBase64(embedding: readonly number[]): string {
  const bytes = Buffer.alloc(embedding.length * 4);
  embedding.forEach((value, i) => {
    bytes.writeFloatLE(value, i * 4);
  });
  return bytes.toString("base64");
}

async function listModels(context: HubContext, c: Context<HubEnv>): Promise<Response> {
  const viewer = c.get("viewer");
  const found = await Promise.all(TASKS.map((task) => modelsOf(context, viewer, task)));
  return c.json({
    object: "list",
    data: found.flat().map(({ id, owner, createdAt }) => ({
      id,
      object: "model",
      created: Math.floor(createdAt.getTime() / 1000),
      owned_by: owner,
    })),
  });
}

const MAX_LISTED = 1000;

async function modelsOf(
  { services }: HubContext,
  viewer: Viewer,
  pipelineTag: string,
): Promise<readonly RepoSummary[]> {
  const page = await services.search.list(viewer, {
    type: "model",
    pipelineTag,
    limit: MAX_LISTED,
  });
  return page.repos;
}

function invalid(message: string): HubError {
  return new HubError(400, "BadRequest", { message });
}

/** These clients read `error.message`. */
async function withOpenAiErrors(run: () => Promise<Response>): Promise<Response> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    const { status, code, message, headers } = error;
    const type = status >= 500 ? "server_error" : "invalid_request_error";
    // A HubError was made with such a code; its base class keeps it as a string.
    throw new HubError(status, code as HubErrorCode, {
      message,
      headers,
      cause: error,
      body: { error: { message, type, code } },
    });
  }
}
