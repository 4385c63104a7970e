import type { JsonObject } from "@bearhug/core";
import type { Direction } from "@bearhug/tokenizers";
import type { PretrainedOptions } from "../pretrained-options.ts";
import { type SpecialTokenInput, tokenToJson } from "./special-tokens.ts";

/** Settings that win over what a tokenizer's files say. */
export interface TokenizerSettings {
  readonly bosToken?: SpecialTokenInput | undefined;
  readonly eosToken?: SpecialTokenInput | undefined;
  readonly unkToken?: SpecialTokenInput | undefined;
  readonly sepToken?: SpecialTokenInput | undefined;
  readonly padToken?: SpecialTokenInput | undefined;
  readonly clsToken?: SpecialTokenInput | undefined;
  readonly maskToken?: SpecialTokenInput | undefined;
  /** Special tokens without a name. */
  readonly extraSpecialTokens?: readonly SpecialTokenInput[] | undefined;
  /** Puts the begin token before each text; either of these two replaces the template of tokenizer.json. */
  readonly addBosToken?: boolean | undefined;
  /** Puts the end token behind each text. */
  readonly addEosToken?: boolean | undefined;
  /** Whether a text is treated as if a space stood before it; for classes that have the choice. */
  readonly addPrefixSpace?: boolean | undefined;
  /** For BERT's and ALBERT's kind. */
  readonly doLowerCase?: boolean | undefined;
  /** Cuts the text of special tokens like any other text. */
  readonly splitSpecialTokens?: boolean | undefined;
  readonly cleanUpTokenizationSpaces?: boolean | undefined;
  /** Most tokens that the model takes. */
  readonly modelMaxLength?: number | undefined;
  readonly paddingSide?: Direction | undefined;
  readonly truncationSide?: Direction | undefined;
  /** In the reference's spelling: `input_ids`, `attention_mask`, `token_type_ids`. */
  readonly modelInputNames?: readonly string[] | undefined;
  /** A template for chats, or several by name. */
  readonly chatTemplate?: string | Readonly<Record<string, string>> | undefined;
  /** The language of the text, for translation models such as NLLB and mBART. */
  readonly srcLang?: string | undefined;
}

export interface TokenizerOptions extends PretrainedOptions, TokenizerSettings {
  /** The reference's class whose rules count. Default: what the files say. */
  readonly tokenizerClass?: string | undefined;
  /** A GGUF file that holds the tokenizer. */
  readonly ggufFile?: string | undefined;
}

/** The settings in the spelling of tokenizer_config.json. */
export function settingsToFields(settings: TokenizerSettings): JsonObject {
  const token = (value: SpecialTokenInput | undefined) =>
    typeof value === "object" ? tokenToJson(value) : value;
  const fields = {
    bos_token: token(settings.bosToken),
    eos_token: token(settings.eosToken),
    unk_token: token(settings.unkToken),
    sep_token: token(settings.sepToken),
    pad_token: token(settings.padToken),
    cls_token: token(settings.clsToken),
    mask_token: token(settings.maskToken),
    extra_special_tokens: settings.extraSpecialTokens?.map(token),
    add_bos_token: settings.addBosToken,
    add_eos_token: settings.addEosToken,
    add_prefix_space: settings.addPrefixSpace,
    do_lower_case: settings.doLowerCase,
    split_special_tokens: settings.splitSpecialTokens,
    clean_up_tokenization_spaces: settings.cleanUpTokenizationSpaces,
    model_max_length: settings.modelMaxLength,
    padding_side: settings.paddingSide,
    truncation_side: settings.truncationSide,
    model_input_names: settings.modelInputNames,
    chat_template: settings.chatTemplate,
    src_lang: settings.srcLang,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
