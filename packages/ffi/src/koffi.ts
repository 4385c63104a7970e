/** The one place that loads koffi. Rules that keep the process alive are kept here, so callers need not know them. */
import { FfiUnavailableError } from "./errors.ts";

type Koffi = typeof import("koffi");

/**
 * Native code may use more stack than koffi's defaults of 2 MiB (calls) and 128 KiB (async calls):
 * an overflow is silent and crashes the process later, in unrelated code.
 */
const STACK_BYTES = 8 << 20;

let loading: Promise<Koffi> | undefined;

/**
 * @throws {FfiUnavailableError} when this environment refuses native calls.
 */
export function loadKoffi(): Promise<Koffi> {
  loading ??= import("koffi").then(configure, (cause) => {
    throw new FfiUnavailableError(cause);
  });
  return loading;
}

function configure(module: Koffi): Koffi {
  const { sync_stack_size: sync = 0, async_stack_size: async = 0 } = module.config();
  if (sync < STACK_BYTES || async < STACK_BYTES) {
    try {
      module.config({ sync_stack_size: STACK_BYTES, async_stack_size: STACK_BYTES });
    } catch (cause) {
      // koffi takes settings only before its first call: somebody else in this process called first.
      throw new FfiUnavailableError(cause);
    }
  }
  return module;
}
