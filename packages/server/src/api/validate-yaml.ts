import { optional, parseObject, parseOneOf, parseString } from "@bearhug/core";
import { REPO_TYPES, type ValidateYamlJson } from "@bearhug/hub/protocol";
import { Hono } from "hono";
import { readJson } from "../http/body.ts";
import type { HubEnv } from "../http/context.ts";
import { parsing } from "../http/errors.ts";
import { json } from "../http/streaming.ts";
import { validateCard } from "../services/cards.ts";

/** Most bytes of a card that somebody unknown has checked: checking takes seconds a megabyte. */
const MAX_STRANGERS_BYTES = 64 * 1024;
const MAX_BYTES = 4 * 1024 * 1024;

/** `POST /api/validate-yaml`: open to everybody, always JSON. */
export function validateYamlRoutes(): Hono<HubEnv> {
  const routes = new Hono<HubEnv>();
  routes.post("/api/validate-yaml", async (c) => {
    const isKnown = c.get("viewer") !== undefined;
    const body = await readJson(c, isKnown ? MAX_BYTES : MAX_STRANGERS_BYTES);
    const { content, repoType } = parsing(() => {
      const value = parseObject(body, "body");
      return {
        content: parseString(value["content"], "content"),
        repoType: optional(value["repoType"], "repoType", (item, path) =>
          parseOneOf(item, path, REPO_TYPES),
        ),
      };
    });
    const report: ValidateYamlJson = validateCard(content, repoType ?? "model");
    if (report.errors.length === 0) return json(report);
    return json(
      { error: report.errors.map((item) => item.message).join("\n"), ...report },
      { status: 400 },
    );
  });
  return routes;
}
