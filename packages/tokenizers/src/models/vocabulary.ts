import { parseInteger, parseObject } from "@bearhug/core";

/** Token strings ⇄ ids. */
export class Vocabulary {
  readonly ids: ReadonlyMap<string, number>;
  readonly #tokens: (string | undefined)[] = [];

  constructor(ids: ReadonlyMap<string, number>) {
    this.ids = ids;
    for (const [token, id] of ids) this.#tokens[id] = token;
  }

  get size(): number {
    return this.ids.size;
  }

  id(token: string): number | undefined {
    return this.ids.get(token);
  }

  token(id: number): string | undefined {
    return this.#tokens[id];
  }
}

/** Highest id that fits the 32-bit arrays ids are kept in, with room for added tokens. */
const MAX_ID = 0x7000_0000;

export function parseVocabulary(value: unknown, path: string): Vocabulary {
  const ids = new Map<string, number>();
  for (const [token, id] of Object.entries(parseObject(value, path))) {
    ids.set(token, parseInteger(id, `${path}[${JSON.stringify(token)}]`, { min: 0, max: MAX_ID }));
  }
  return new Vocabulary(ids);
}
