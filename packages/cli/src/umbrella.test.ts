import { expect, test } from "vitest";
import * as bearhug from "./umbrella.ts";

test("the umbrella has what programs use, and nothing that is missing", () => {
  const names = Object.keys(bearhug);
  for (const name of ["HubClient", "pipeline", "AutoModel", "AutoTokenizer", "Tokenizer"]) {
    expect(names).toContain(name);
  }
  for (const [name, value] of Object.entries(bearhug)) expect(value, name).toBeDefined();
});
