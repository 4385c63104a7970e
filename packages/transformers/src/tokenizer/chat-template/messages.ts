import { isObject, type JsonObject } from "@bearhug/core";
import { ChatMessagesError } from "./errors.ts";

/** Part of a message's content; templates read `text`, and that other media are there. */
export interface ChatContentPart {
  readonly type: string;
  readonly text?: string | undefined;
  readonly [field: string]: unknown;
}

/** One message of a chat. Fields are data: they have the spelling that templates read. */
export interface ChatMessage {
  /** `"system"`, `"user"`, `"assistant"`, `"tool"`, or what else the template knows. */
  readonly role: string;
  readonly content?: string | readonly ChatContentPart[] | null | undefined;
  /** Calls of tools that an assistant asks for. */
  readonly tool_calls?: readonly unknown[] | null | undefined;
  /** An assistant's thoughts, where the template shows them. */
  readonly reasoning_content?: string | null | undefined;
  readonly [field: string]: unknown;
}

type Message = Record<string, unknown>;

/** Names that thoughts have had; the first is the one that templates read. */
const REASONING = ["reasoning_content", "thinking", "reasoning"] as const;

/**
 * Messages as templates get them: without empty fields, thoughts under each name that templates look for.
 *
 * @throws {ChatMessagesError} for what is no list of messages.
 */
export function prepareMessages(messages: readonly ChatMessage[]): Message[] {
  if (!Array.isArray(messages) || messages.length === 0) {
    throw new ChatMessagesError("Cannot apply a chat template to a chat without messages");
  }
  return messages.map((message, i) => {
    if (!isObject(message)) {
      throw new ChatMessagesError(
        `messages[${i}] must be an object, got ${JSON.stringify(message)}`,
      );
    }
    const fields: JsonObject = message;
    const filled = Object.entries(fields).filter(
      ([, value]) => value !== null && value !== undefined,
    );
    return withReasoning(Object.fromEntries(filled));
  });
}

function withReasoning(message: Message): Message {
  const name = REASONING.find((field) => message[field] !== undefined);
  if (name === undefined) return message;
  const reasoning = message[name];
  return { thinking: reasoning, ...message, reasoning_content: reasoning };
}

/** What marks the place where the last message goes on. */
const MARK = "CONTINUE_FINAL_MESSAGE_TAG ";

/** The last message with a mark at its end, and how to cut the rendered text there. */
export interface Continuation {
  readonly messages: readonly Message[];
  cut(rendered: string): string;
}

/**
 * @param field the one of the last message that is to go on.
 * @throws {ChatMessagesError} when there is nothing to go on from.
 */
export function continueLast(
  messages: readonly Message[],
  field: string,
  template: string,
): Continuation {
  const last = messages.at(-1) ?? {};
  const value = last[field];
  if (value === undefined) {
    throw new ChatMessagesError(
      `Cannot continue the last message: it has no "${field}"`,
      "End the chat with the message that is to go on",
    );
  }
  const isReasoning = REASONING.some((name) => name === field);
  const fields = isReasoning ? REASONING.filter((name) => last[name] === value) : [field];
  if (!fields.some((name) => template.includes(name))) {
    throw new ChatMessagesError(
      `Cannot continue the last message: the chat template does not read "${field}"`,
      "Name another field, or continue the content",
    );
  }
  const { marked, text } = markText(value);
  const changed = { ...last, ...Object.fromEntries(fields.map((name) => [name, marked])) };
  return {
    messages: [...messages.slice(0, -1), changed],
    cut: (rendered) => cutAtMark(rendered, text),
  };
}

function markText(value: unknown): { readonly marked: unknown; readonly text: string } {
  if (typeof value === "string") return { marked: value + MARK, text: value };
  const parts = Array.isArray(value) ? value : [];
  const at = parts.findLastIndex((part) => isObject(part) && typeof part["text"] === "string");
  if (at < 0) {
    throw new ChatMessagesError(
      "Cannot continue the last message: it has no text",
      "End the chat with a message that has text",
    );
  }
  const part = parts[at];
  const text = String(part.text);
  return { marked: parts.with(at, { ...part, text: text + MARK }), text };
}

function cutAtMark(rendered: string, text: string): string {
  const at = rendered.lastIndexOf(MARK.trim());
  if (at < 0 || !rendered.includes(text.trim())) {
    throw new ChatMessagesError(
      "Cannot continue the last message: the chat template does not write it as it is",
      "This template changes messages; end the prompt yourself",
    );
  }
  const before = rendered.slice(0, at);
  // The template trims messages, the mark's space with them: so does the cut.
  return rendered.startsWith(MARK, at) ? before : before.trimEnd();
}
