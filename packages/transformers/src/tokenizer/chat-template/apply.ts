import type { Encoding } from "@bearhug/tokenizers";
import type { TokenizeOptions } from "../encode-options.ts";
import type { TokenizerConfig } from "../tokenizer-config.ts";
import type { ChatTemplate } from "./chat-template.ts";
import { ChatMessagesError, ChatTemplateMissingError } from "./errors.ts";
import { type ChatMessage, continueLast, prepareMessages } from "./messages.ts";
import type { Rendered, TextSpan } from "./renderer.ts";

export interface ChatTemplateOptions {
  /** Tools that the model may call, each as a JSON schema. */
  readonly tools?: readonly object[] | undefined;
  /** Texts to answer from, each with a title and a text. */
  readonly documents?: readonly object[] | undefined;
  /** Ends the prompt with the beginning of an assistant's message. Default false. */
  readonly addGenerationPrompt?: boolean | undefined;
  /**
   * Leaves the last message open, so that the model goes on with it; a name goes on with that field. Default false.
   */
  readonly continueFinalMessage?: boolean | string | undefined;
  /** Which of the tokenizer's templates. Default: `"tool_use"` when tools are given and it has one, else `"default"`. */
  readonly templateName?: string | undefined;
  /** A template to take instead of the tokenizer's own. */
  readonly chatTemplate?: string | undefined;
  /** Further variables of the template, such as `enable_thinking`. */
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
  /** The time that templates with a date show. Default: the present one. */
  readonly now?: Date | undefined;
}

export interface ChatOptions
  extends ChatTemplateOptions,
    Pick<TokenizeOptions, "truncation" | "maxLength" | "splitSpecialTokens"> {}

/** A chat as a model reads it. */
export interface AppliedChat {
  readonly text: string;
  readonly encoding: Encoding;
  readonly ids: Int32Array;
  /** 1 for tokens that the assistant wrote, as far as the template marks them with `{% generation %}`, else 0. */
  readonly assistantTokensMask: Int32Array;
}

/** What of a tokenizer a chat needs. */
export interface ChatTokenizer {
  readonly config: TokenizerConfig;
  readonly specialTokensMap: Readonly<Record<string, string>>;
  chatTemplate(source: string): ChatTemplate;
  encode(text: string, options: TokenizeOptions): Encoding;
}

export function renderChatTemplate(
  tokenizer: ChatTokenizer,
  messages: readonly ChatMessage[],
  options: ChatTemplateOptions,
): string {
  return render(tokenizer, messages, options).text;
}

export function applyChatTemplate(
  tokenizer: ChatTokenizer,
  messages: readonly ChatMessage[],
  options: ChatOptions,
): AppliedChat {
  const { text, generated } = render(tokenizer, messages, options);
  const { truncation = false, maxLength, splitSpecialTokens } = options;
  const encoding = tokenizer.encode(text, {
    addSpecialTokens: false,
    truncation,
    maxLength,
    splitSpecialTokens,
  });
  return {
    text,
    encoding,
    ids: encoding.ids,
    get assistantTokensMask() {
      return maskOf(encoding, generated);
    },
  };
}

function render(
  tokenizer: ChatTokenizer,
  messages: readonly ChatMessage[],
  options: ChatTemplateOptions,
): Rendered {
  const { continueFinalMessage = false, addGenerationPrompt = false } = options;
  const { tools = null, documents = null, variables, now } = options;
  const source = chooseTemplate(tokenizer.config.chatTemplates, options);
  const prepared = prepareMessages(messages);
  if (continueFinalMessage !== false && addGenerationPrompt) {
    throw new ChatMessagesError(
      "Cannot continue the last message and begin another one",
      "Pass either continueFinalMessage or addGenerationPrompt",
    );
  }
  const field = continueFinalMessage === true ? "content" : continueFinalMessage;
  const continuation = field === false ? undefined : continueLast(prepared, field, source);
  const names = {
    ...tokenizer.specialTokensMap,
    ...variables,
    messages: continuation?.messages ?? prepared,
    tools,
    documents,
    add_generation_prompt: addGenerationPrompt,
  };
  const template = tokenizer.chatTemplate(source);
  const rendered = template.render(names, now ? { now: () => now } : {});
  return continuation ? { text: continuation.cut(rendered.text), generated: [] } : rendered;
}

/** @throws {ChatTemplateMissingError} when there is no such template. */
function chooseTemplate(
  templates: Readonly<Record<string, string>>,
  { chatTemplate, templateName, tools }: ChatTemplateOptions,
): string {
  if (chatTemplate !== undefined) return chatTemplate;
  const own = (name: string) => (Object.hasOwn(templates, name) ? templates[name] : undefined);
  const usual = (tools ? own("tool_use") : undefined) ?? own("default");
  const found = templateName === undefined ? usual : own(templateName);
  if (found !== undefined) return found;
  throw new ChatTemplateMissingError(templateName, Object.keys(templates));
}

function maskOf(encoding: Encoding, generated: readonly TextSpan[]): Int32Array {
  const mask = new Int32Array(encoding.length);
  for (const [start, end] of generated) {
    if (end <= start) continue;
    const first = encoding.charToToken(start);
    if (first === undefined) break; // the rest was cut off
    const last = encoding.charToToken(end - 1) ?? encoding.length - 1;
    mask.fill(1, first, last + 1);
  }
  return mask;
}
