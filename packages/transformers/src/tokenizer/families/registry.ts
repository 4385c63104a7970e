import * as byteLevel from "./byte-level.ts";
import type { Family } from "./family.ts";
import { CLASS_OF_MODEL_TYPE, TYPES_WITH_WRONG_CLASS } from "./model-types.ts";
import * as bpe from "./sentencepiece-bpe.ts";
import * as unigram from "./sentencepiece-unigram.ts";
import * as wordPiece from "./word-piece.ts";

/** A class that takes tokenizer.json as it is. */
export const PLAIN_FAMILY: Family = { specialTokens: {} };

/** By class name, without the ending "Fast". */
const FAMILIES: Readonly<Record<string, Family>> = {
  AlbertTokenizer: unigram.albert,
  BarthezTokenizer: unigram.barthez,
  BartTokenizer: byteLevel.roberta,
  BertTokenizer: wordPiece.bert,
  BigBirdTokenizer: unigram.bigBird,
  BlenderbotTokenizer: byteLevel.blenderbot,
  CLIPTokenizer: byteLevel.clip,
  CamembertTokenizer: unigram.camembert,
  CodeGenTokenizer: byteLevel.codegen,
  CodeLlamaTokenizer: bpe.codeLlama,
  CohereTokenizer: byteLevel.cohere,
  ConvBertTokenizer: wordPiece.bert,
  DPRContextEncoderTokenizer: wordPiece.bert,
  DPRQuestionEncoderTokenizer: wordPiece.bert,
  DebertaTokenizer: byteLevel.deberta,
  DebertaV2Tokenizer: unigram.debertaV2,
  DistilBertTokenizer: { ...wordPiece.bert, modelInputNames: ["input_ids", "attention_mask"] },
  ElectraTokenizer: wordPiece.bert,
  FunnelTokenizer: wordPiece.funnel,
  GPT2Tokenizer: byteLevel.gpt2,
  GPTNeoXTokenizer: byteLevel.gptNeoX,
  GemmaTokenizer: bpe.gemma,
  HerbertTokenizer: bpe.herbert,
  LEDTokenizer: byteLevel.roberta,
  LayoutLMTokenizer: wordPiece.bert,
  LlamaTokenizer: bpe.llama,
  LongformerTokenizer: byteLevel.roberta,
  LxmertTokenizer: wordPiece.bert,
  MBart50Tokenizer: unigram.mbart50,
  MBartTokenizer: unigram.mbart,
  MPNetTokenizer: wordPiece.mpnet,
  MobileBertTokenizer: wordPiece.bert,
  MvpTokenizer: byteLevel.roberta,
  NllbTokenizer: bpe.nllb,
  OpenAIGPTTokenizer: bpe.openAiGpt,
  PegasusTokenizer: unigram.pegasus,
  Qwen2Tokenizer: byteLevel.qwen2,
  Qwen3_5Tokenizer: byteLevel.qwen35,
  ReformerTokenizer: bpe.reformer,
  RemBertTokenizer: unigram.rembert,
  RobertaTokenizer: byteLevel.roberta,
  Siglip2Tokenizer: bpe.siglip2,
  SqueezeBertTokenizer: wordPiece.bert,
  T5Tokenizer: unigram.t5,
  WhisperTokenizer: byteLevel.whisper,
  XGLMTokenizer: unigram.xglm,
  XLMRobertaTokenizer: unigram.xlmRoberta,
  XLNetTokenizer: unigram.xlnet,
};

const PLAIN_CLASS = "TokenizersBackend";

/** What a model's files say about the class of its tokenizer. */
export interface ClassHints {
  /** `tokenizer_class` of tokenizer_config.json, or else of config.json. */
  readonly named: string | undefined;
  /** `model_type` of config.json. */
  readonly modelType: string | undefined;
  /** Whether tokenizer.json works on bytes. */
  readonly isByteLevel: boolean;
}

/** The name of the class that the reference would take. */
export function chooseClass({ named, modelType = "", isByteLevel }: ClassHints): string {
  const registered = CLASS_OF_MODEL_TYPE.get(modelType);
  const wanted = named?.replace(/Fast$/u, "");
  const isWrong = TYPES_WITH_WRONG_CLASS.has(modelType);
  // Llama's class would set the parts of Llama 2, which work on characters.
  if (wanted === "LlamaTokenizer" && isByteLevel && !isWrong) return PLAIN_CLASS;
  if (wanted === undefined) return registered ?? PLAIN_CLASS;
  if (registered === undefined || registered === wanted) return wanted;
  if (registered === PLAIN_CLASS) return PLAIN_CLASS;
  return isWrong ? registered : wanted;
}

export function familyOf(className: string): Family {
  return FAMILIES[className] ?? PLAIN_FAMILY;
}
