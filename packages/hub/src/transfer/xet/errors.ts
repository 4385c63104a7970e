import { LibraryError, type LibraryErrorOptions } from "@bearhug/core";

/** The Xet storage answered, but not with what was asked for: other bytes, or a recipe that does not add up. */
export class XetTransferError extends LibraryError {
  override readonly name = "XetTransferError";

  constructor(message: string, options: LibraryErrorOptions = {}) {
    super("XET_TRANSFER_FAILED", message, {
      hint: "Try again; if it goes on, switch Xet off with HF_HUB_DISABLE_XET=1",
      ...options,
    });
  }
}
