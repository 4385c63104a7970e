import { LibraryError } from "@bearhug/core";

/**
 * What went wrong: the template's text, a check of the template's own (`raise_exception`), what it did with its
 * data, or how much it wanted to do.
 */
export type ChatTemplateFailure = "syntax" | "raised" | "failed" | "limit";

const HINTS: Readonly<Record<ChatTemplateFailure, string>> = {
  syntax: "Correct the template; it is Jinja as transformers runs it",
  raised: "The template refuses these messages: change them as it says",
  failed: "Check that messages and variables have the fields that the template reads",
  limit: "Templates may not run on without end; check its loops and macros",
};

/** A chat template that cannot be read, or that fails on these messages. */
export class ChatTemplateError extends LibraryError {
  override readonly name = "ChatTemplateError";
  readonly failure: ChatTemplateFailure;
  /** Line of the template, from 1; `undefined` when nothing tells. */
  readonly line: number | undefined;

  constructor(
    failure: ChatTemplateFailure,
    reason: string,
    { line, cause }: { readonly line?: number | undefined; readonly cause?: unknown } = {},
  ) {
    const place = line === undefined ? "" : `, line ${line}`;
    super("CHAT_TEMPLATE_FAILED", `Cannot apply the chat template${place}: ${reason}`, {
      hint: HINTS[failure],
      cause,
    });
    this.failure = failure;
    this.line = line;
  }
}

/** A tokenizer without a chat template, or without one of this name. */
export class ChatTemplateMissingError extends LibraryError {
  override readonly name = "ChatTemplateMissingError";
  readonly templates: readonly string[];

  constructor(wanted: string | undefined, templates: readonly string[]) {
    const names = templates.map((name) => `"${name}"`).join(", ");
    const which =
      wanted === undefined ? "no default chat template" : `no chat template "${wanted}"`;
    super(
      "CHAT_TEMPLATE_MISSING",
      `Cannot apply a chat template: the tokenizer has ${templates.length > 0 ? which : "none"}`,
      {
        hint:
          templates.length > 0
            ? `Pass the templateName of one that it has: ${names}`
            : "Pass chatTemplate, or load a tokenizer of a model that chats",
      },
    );
    this.templates = templates;
  }
}

/** Messages that are not a chat, or whose last one cannot be continued. */
export class ChatMessagesError extends LibraryError {
  override readonly name = "ChatMessagesError";

  constructor(message: string, hint = "Pass a list of messages with a role and a content") {
    super("INVALID_CHAT_MESSAGES", message, { hint });
  }
}

/** A failure inside a template, before its line is known. */
export class TemplateFailure extends Error {
  readonly failure: ChatTemplateFailure;

  constructor(message: string, failure: ChatTemplateFailure = "failed") {
    super(message);
    this.failure = failure;
  }
}
