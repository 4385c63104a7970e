import { parseInteger, parseObject } from "@bearhug/core";

/** Token strings ⇄ ids. */
export class Vocabulary {
  readonly ids: ReadonlyMap<string, number>;
  /** How many ids there are. */
  readonly size: number;
  readonly #tokens: Map<number, string>;

  /** @param tokens by id, where one token can have several ids; its own is then the one in `ids`. */
  constructor(ids: ReadonlyMap<string, number>, tokens?: readonly string[]) {
    this.ids = ids;
    this.size = tokens?.length ?? ids.size;
    this.#tokens = new Map<number, string>();
    for (const [token, id] of ids) this.#tokens.set(id, token);
    for (const [id, token] of (tokens ?? []).entries()) this.#tokens.set(id, token);
  }

  id(token: string): number | undefined {
    return this.ids.get(token);
  }

  token(id: number): string | undefined {
    return this.#tokens.get(id);
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
