import type { Migration } from "../database.ts";
import { core } from "./0001-core.ts";
import { xet } from "./0002-xet.ts";

/** Every step of the schema's history, in order. */
export const migrations: readonly Migration[] = [core, xet];
