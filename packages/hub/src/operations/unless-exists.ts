import { ConflictError } from "../errors.ts";

/** With `existOk`, a conflict means that what was wanted is there already. */
export async function unlessExists(existOk: boolean, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(existOk && error instanceof ConflictError)) throw error;
  }
}
