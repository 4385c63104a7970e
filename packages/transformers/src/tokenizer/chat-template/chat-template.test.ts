import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { specialTokensMap } from "../special-tokens.ts";
import { mergeConfigFiles, parseTokenizerConfig } from "../tokenizer-config.ts";
import { type ChatTemplateOptions, type ChatTokenizer, renderChatTemplate } from "./apply.ts";
import { ChatTemplate } from "./chat-template.ts";
import { ChatMessagesError, ChatTemplateError, ChatTemplateMissingError } from "./errors.ts";
import type { ChatMessage } from "./messages.ts";

const ROOT = new URL("../../../../../", import.meta.url);

async function fixture(name: string) {
  return JSON.parse(await readFile(new URL(`fixtures/transformers/${name}.json`, ROOT), "utf8"));
}

interface Chat {
  readonly name: string;
  readonly messages: readonly ChatMessage[];
  readonly options?: Readonly<Record<string, unknown>>;
}

interface Result {
  readonly chat: string;
  readonly prompt: boolean;
  readonly text?: string;
  readonly error?: string;
}

const golden = await fixture("chat-templates");
const now = new Date(golden.now);
const chats = new Map<string, Chat>(golden.chats.map((chat: Chat) => [chat.name, chat]));

function withTemplates(
  templates: Readonly<Record<string, string>>,
  tokens: Readonly<Record<string, string>> = { bos_token: "<s>", eos_token: "</s>" },
): ChatTokenizer {
  const compiled = new Map<string, ChatTemplate>();
  return {
    config: { chatTemplates: templates } as ChatTokenizer["config"], // nothing else is read
    specialTokensMap: tokens,
    chatTemplate: (source) => {
      const template = compiled.get(source) ?? new ChatTemplate(source);
      compiled.set(source, template);
      return template;
    },
    encode: () => {
      throw new Error("only texts are made here");
    },
  };
}

function optionsOf({ options = {} }: Chat, prompt: boolean): ChatTemplateOptions {
  const { tools, documents, continue_final_message, variables } = options as {
    tools?: object[];
    documents?: object[];
    continue_final_message?: boolean | string;
    variables?: Record<string, unknown>;
  };
  return {
    tools,
    documents,
    variables,
    now,
    addGenerationPrompt: prompt,
    continueFinalMessage: continue_final_message,
  };
}

/** The text, or that there is none. */
function outcome(run: () => string): { readonly text?: string; readonly error?: boolean } {
  try {
    return { text: run() };
  } catch (error) {
    if (error instanceof ChatTemplateError || error instanceof ChatMessagesError) {
      return { error: true };
    }
    throw error;
  }
}

describe("ChatTemplate.render() agrees with the reference", () => {
  test.each(golden.expressions as { template: string; text: string }[])(
    "$template",
    ({ template, text }) => {
      const variables = { ...golden.variables, tools: null, documents: null };
      const rendered = new ChatTemplate(template).render(
        { ...variables, add_generation_prompt: false },
        { now: () => now },
      );
      expect(rendered.text).toBe(text);
    },
  );

  test.each(golden.templates as { name: string; template: string; results: Result[] }[])(
    "template $name with every chat",
    ({ template, results }) => {
      const tokenizer = withTemplates({ default: template });
      for (const { chat: name, prompt, text, error } of results) {
        const chat = chats.get(name) as Chat;
        const found = outcome(() =>
          renderChatTemplate(tokenizer, chat.messages, optionsOf(chat, prompt)),
        );
        const wanted = error === undefined ? { text } : { error: true };
        expect({ name, prompt, ...found }).toEqual({ name, prompt, ...wanted });
      }
    },
  );

  test("{% generation %} tells what the assistant wrote", () => {
    const template = (golden.templates as { name: string; template: string }[]).find(
      ({ name }) => name === "generation",
    );
    const [first, second] = golden.generated;
    const say = (role: string, content: string) => ({ role, content });
    const messages = [
      say("user", "a"),
      say("assistant", " bé😀 "),
      say("user", "c"),
      say("assistant", "d"),
    ];
    const one = new ChatTemplate(template?.template ?? "").render({ messages });
    expect(one.text).toBe(first.text);
    const points = (unit: number) => [...one.text.slice(0, unit)].length;
    expect(one.generated.map((span) => span.map(points))).toEqual(first.spans);
    const two = new ChatTemplate(
      "{% for m in messages %}{% generation -%}\n {{ m.content }} {%- endgeneration %}\n|{% endfor %}",
    ).render({ messages: [say("user", "a"), say("user", "b")] });
    expect({ text: two.text, spans: two.generated }).toEqual(second);
  });
});

describe("templates of real tokenizers render as the reference does", async () => {
  const { cases } = (await fixture("chat-templates-real")) as {
    cases: {
      tokenizer: string;
      template: string;
      chat: string;
      prompt: boolean;
      sha256: string | null;
    }[];
  };
  const names = [...new Set(cases.map(({ tokenizer }) => tokenizer))];
  for (const name of names) {
    const path = fileURLToPath(new URL(`.assets/${name}/tokenizer_config.json`, ROOT));
    test.skipIf(!existsSync(path))(`${name} (npm run assets)`, async () => {
      const merged = mergeConfigFiles({
        config: JSON.parse(await readFile(path, "utf8")),
        specialTokensMap: {},
        addedTokens: {},
        overrides: {},
        tokenizerTokens: [],
      });
      const config = parseTokenizerConfig(merged, {
        specialTokens: {},
        modelInputNames: [],
        paddingSide: "right",
        truncationSide: "right",
      });
      const tokenizer = withTemplates(config.chatTemplates, specialTokensMap(config.specialTokens));
      for (const { template, chat: of, prompt, sha256 } of cases.filter(
        ({ tokenizer }) => tokenizer === name,
      )) {
        const chat = chats.get(of) as Chat;
        const options = { ...optionsOf(chat, prompt), templateName: template };
        const found = outcome(() => renderChatTemplate(tokenizer, chat.messages, options));
        const digest =
          found.text === undefined ? null : createHash("sha256").update(found.text).digest("hex");
        expect({ template, of, prompt, digest }).toEqual({ template, of, prompt, digest: sha256 });
      }
    });
  }
});

describe("ChatTemplate names what is wrong", () => {
  test.each(golden.failures as { template: string; failure: string }[])(
    "$template",
    ({ template, failure }) => {
      const render = () => new ChatTemplate(template).render(golden.variables);
      expect(failureOf(render)).toMatchObject({ failure, code: "CHAT_TEMPLATE_FAILED" });
    },
  );

  test.each([
    ["a\n{% if true %}\n  {{ raise_exception('no') }}\n{% endif %}", 3],
    ["{# one\ntwo #}\n{% for x in [1] %}\n{% if x %}\n{{ y.z }}{% endif %}{% endfor %}", 5],
    ["{% if a %}{% elif b %}\n{% else %}\n{% set t = 1 + 'a' %}{% endif %}", 3],
    ["{% macro m() %}\n{{ 1 // 0 }}\n{% endmacro %}\n\n{{ m() }}", 2],
    ["{% if false %}x{% elif 1 + none %}\n{% endif %}", 1],
    ["a\n\nb {{ 'x", 3],
    ["a\n{% for x in %}{% endfor %}", 2],
    ["ok\n{{ 1 ? 2 }}", 2],
    ["one\n{% if true %}\nthree", 2],
    ["{{ {'a': '%}'} }}\n{{ 'x' | nothing }}", 2],
  ])("%j fails in line %i", (template, line) => {
    const error = failureOf(() => new ChatTemplate(template).render({}));
    expect(error.line).toBe(line);
    expect(error.message).toContain(`Cannot apply the chat template, line ${line}: `);
  });

  test("what the template says when it refuses is in the message", () => {
    const template = new ChatTemplate("{{ raise_exception('Only user and assistant roles') }}");
    expect(failureOf(() => template.render({})).message).toBe(
      "Cannot apply the chat template, line 1: Only user and assistant roles",
    );
  });

  test.each([["(1,)"], ["()"], ["1e3"], ["1 is divisibleby(2)"]])(
    "%s, which the parser does not know, is refused and not misread",
    (expression) => {
      const error = failureOf(() => new ChatTemplate(`{{ ${expression} }}`));
      expect(error).toMatchObject({ failure: "syntax", line: 1 });
    },
  );
});

describe("ChatTemplate stays within its bounds", () => {
  const nested = "{% for i in range(99999) %}".repeat(4) + "{% endfor %}".repeat(4);
  const doubled = `{% set x = ['aaaaaaaaaa'] %}${"{% set x = [x, x] %}".repeat(40)}`;
  test.each([
    ["loops inside loops", nested],
    ["a long range", "{{ range(1000000000) }}"],
    ["a macro that calls itself", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"],
    ["a text that doubles", `{% set x = 'aaaaaaaaaa' %}${"{% set x = x ~ x %}".repeat(60)}{{ x }}`],
    ["a text many times over", "{{ 'abc' * 1000000000 }}"],
    ["a list many times over", "{{ [1] * 1000000000 }}"],
    ["a list of itself, as text", `${doubled}{{ x }}`],
    ["a list of itself, as JSON", `${doubled}{{ x | tojson }}`],
    [
      "a list of itself, compared",
      `${doubled}{{ x == [x, x] }}{{ x == x[0] }}{% set y = [x[0], x[1]] %}{{ x == y }}`,
    ],
    ["replacements that multiply", "{% set x = 'aaaaaaaaaa' * 10000 %}{{ x.replace('a', x) }}"],
    ["a wide margin", "{{ 'a\nb' | indent(1000000000) }}{{ [1] | tojson(indent=1000000000) }}"],
    ["wide zeros", "{{ '1'.zfill(1000000000) }}"],
    ["a join that multiplies", "{% set x = 'a' * 100000 %}{{ range(90000) | join(x) }}"],
    [
      "long work on one text",
      "{% set x = 'a' * 1000000 %}{% for i in range(9999) %}{% if x.strip() == '' %}{% endif %}{% endfor %}",
    ],
    ["parentheses", `{{ ${"(".repeat(20_000)}1${")".repeat(20_000)} }}`],
    ["blocks inside blocks", `${"{% if true %}".repeat(20_000)}${"{% endif %}".repeat(20_000)}`],
    ["a template without end", `{{ 1 }}${"x".repeat(1 << 20)}`],
    ["white space without end", `${" ".repeat(5000)}{% generation %}`],
  ])("%s", (_, template) => {
    const started = process.cpuUsage();
    const error = failureOf(() => new ChatTemplate(template).render({}));
    const { user, system } = process.cpuUsage(started);
    expect(error.failure).toBe("limit");
    expect((user + system) / 1e6).toBeLessThan(8);
  });

  test("data that goes deep is refused", () => {
    let data: unknown = "x";
    for (let i = 0; i < 1000; i++) data = [data];
    const error = failureOf(() => new ChatTemplate("{{ data }}").render({ data }));
    expect(error.failure).toBe("limit");
  });

  test("data cannot reach what is not data", () => {
    const template = new ChatTemplate(
      "{{ x.constructor }}{{ x.__proto__ }}{{ ''.constructor }}{{ ''['constructor'] }}{{ [].map }}{{ f }}{{ d }}",
    );
    const { text } = template.render({ x: {}, f: () => 1, d: new Date(0) });
    expect(text).toBe("<function><Date>");
  });
});

describe("renderChatTemplate()", () => {
  const hello = [{ role: "user", content: "Hello" }];
  const named = withTemplates({ default: "D", tool_use: "T{{ tools | length }}", rag: "R" });

  test("takes the default, the one for tools, or the one that is named", () => {
    expect(renderChatTemplate(named, hello, {})).toBe("D");
    expect(renderChatTemplate(named, hello, { tools: [{}] })).toBe("T1");
    expect(renderChatTemplate(named, hello, { tools: [{}], templateName: "rag" })).toBe("R");
    expect(renderChatTemplate(named, hello, { chatTemplate: "{{ bos_token }}!" })).toBe("<s>!");
  });

  test("variables win over special tokens, not over messages", () => {
    const template = "{{ bos_token }}{{ messages[0].content }}{{ tools is none }}";
    const variables = { bos_token: "<b>", messages: [] };
    const options = { chatTemplate: template, variables };
    expect(renderChatTemplate(named, hello, options)).toBe("<b>HelloTrue");
  });

  test("names the templates that there are", () => {
    const missing = () => renderChatTemplate(named, hello, { templateName: "x" });
    expect(missing).toThrow(ChatTemplateMissingError);
    expect(missing).toThrow('the tokenizer has no chat template "x"');
    expect(() => renderChatTemplate(withTemplates({}), hello, {})).toThrow(
      "Cannot apply a chat template: the tokenizer has none",
    );
  });

  test.each([
    [[], {}, /without messages/],
    [["Hello"], {}, /messages\[0\] must be an object/],
    [hello, { addGenerationPrompt: true, continueFinalMessage: true }, /and begin another/],
    [hello, { continueFinalMessage: "reasoning" }, /it has no "reasoning"/],
    [
      [{ role: "user", content: [{ type: "image" }] }],
      { continueFinalMessage: true, chatTemplate: "content" },
      /no text/,
    ],
    [hello, { continueFinalMessage: true, chatTemplate: "content" }, /does not write it/],
    [hello, { continueFinalMessage: true, chatTemplate: "x" }, /does not read "content"/],
  ])("%j with %j is refused", (messages, options, reason) => {
    // What a caller without types might pass.
    const run = () => renderChatTemplate(named, messages as readonly ChatMessage[], options);
    expect(run).toThrow(ChatMessagesError);
    expect(run).toThrow(reason);
  });
});

function failureOf(run: () => unknown): ChatTemplateError {
  try {
    run();
  } catch (error) {
    if (error instanceof ChatTemplateError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
