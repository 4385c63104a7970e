/** Which tokenizer class of the reference belongs to a model type. Data only; source: transformers 5.23, tokenization_auto.py. */

const TYPES_OF_CLASS: Readonly<Record<string, string>> = {
  AlbertTokenizer: "albert yoso",
  BarthezTokenizer: "barthez",
  BertTokenizer:
    "align bark bert blip bros chinese_clip convbert distilbert dpr electra ernie flava git " +
    "grounding-dino layoutlm lxmert megatron-bert mm-grounding-dino mobilebert nezha " +
    "nomic_bert qdqbert realm retribert squeezebert tvp vilt visual_bert",
  BigBirdTokenizer: "big_bird",
  BlenderbotTokenizer: "blenderbot",
  CLIPTokenizer:
    "aimv2 clip clipseg groupvit omdet-turbo oneformer owlv2 owlvit sam3 sam3_video xclip",
  CamembertTokenizer: "camembert",
  CodeLlamaTokenizer: "code_llama",
  CohereTokenizer: "aya_vision cohere cohere2",
  DebertaTokenizer: "deberta",
  DebertaV2Tokenizer: "deberta-v2",
  FunnelTokenizer: "funnel",
  GPT2Tokenizer:
    "blip-2 codegen dbrx emu3 gpt2 gpt_neo gptj hyperclovax_vision_v2 instructblip " +
    "instructblipvideo jais2 opt phi starcoder2",
  GPTNeoXTokenizer: "falcon_mamba gpt_neox mamba mamba2 mpt olmo olmoe rwkv xlstm",
  GemmaTokenizer:
    "diffusion_gemma gemma gemma2 gemma3 gemma3_text gemma3n gemma3n_text recurrent_gemma " +
    "shieldgemma2 t5gemma zaya",
  HerbertTokenizer: "herbert",
  LlamaTokenizer: "idefics idefics2",
  MBart50Tokenizer: "mbart50",
  MBartTokenizer: "mbart",
  MPNetTokenizer: "mpnet",
  NllbTokenizer: "nllb nllb-moe",
  OpenAIGPTTokenizer: "openai-gpt",
  PegasusTokenizer: "pegasus",
  Qwen2Tokenizer:
    "audioflamingo3 colqwen2 cosmos3_omni dots3_note fun_asr_nano hunyuan_vl internvl " +
    "lighton_ocr moss_transcribe_diarize ovis2 qianfan_ocr qwen2 qwen2_5_omni qwen2_5_vl " +
    "qwen2_audio qwen2_moe qwen2_vl qwen3 qwen3_asr qwen3_moe qwen3_next qwen3_omni_moe " +
    "qwen3_vl qwen3_vl_moe vibevoice",
  Qwen3_5Tokenizer: "qwen3_5 qwen3_5_moe qwen3_5_moe_text qwen3_5_text qwen4_exp",
  ReformerTokenizer: "reformer",
  RemBertTokenizer: "rembert",
  RobertaTokenizer:
    "bart bridgetower clap data2vec-text florence2 ibert led lilt longformer mega mra mvp " +
    "roberta roberta-prelayernorm",
  Siglip2Tokenizer: "siglip2",
  T5Tokenizer: "mt5 musicgen musicgen_melody switch_transformers t5",
  TokenizersBackend:
    "EvollaModel arctic aria beam bigbird_pegasus camembertv2-base canary chatlm cohere_asr " +
    "ernie4_5 ernie4_5_moe flex_olmo fuyu glm glm4 glm4_moe glm4_moe_lite glm4v glm4v_moe " +
    "glm_image glmasr got_ocr2 gpt_bigcode gradium_phonon_tts granite granitemoe " +
    "granitemoehybrid granitemoeshared h2ovl_chat hyperclovax hyperclovax_vlm internlm2 " +
    "internlm3 iquestcoder jamba kimi_k25 kimi_linear kosmos-2 llava llava_next mimo_v2_flash " +
    "minicpm3 minicpm_ocr minicpmv minicpmv4_6 minicpmv4_7 minimax_m2 ministral ministral3 " +
    "mistral mistral3 mistral_large4 mixtral modernbert modernbert-decoder molmo molmo2 " +
    "nemo_speechlm nemotron nvfp4 nystromformer olmo2 olmo3 olmo_hybrid opencua openvla " +
    "paddleocr_vl pegasus_x persimmon phi3 phi3_v phimoe pix2struct pixtral pocket_tts " +
    "smolvlm stablelm step3_vl umt5 vipllava voxtral voxtral_realtime xlm-roberta-xl",
  WhisperTokenizer: "whisper",
  XGLMTokenizer: "xglm",
  XLMRobertaTokenizer: "gte jina_embeddings_v3 metaclip_2 trocr xlm-roberta xmod",
  XLNetTokenizer: "xlnet",
};

/** The class of a model type; `"TokenizersBackend"` is one that takes tokenizer.json as it is. */
export const CLASS_OF_MODEL_TYPE: ReadonlyMap<string, string> = new Map(
  Object.entries(TYPES_OF_CLASS).flatMap(([name, types]) =>
    types.split(" ").map((type) => [type, name] as const),
  ),
);

/** Model types whose repositories name a wrong class. */
export const TYPES_WITH_WRONG_CLASS: ReadonlySet<string> = new Set(
  (
    "arctic camembertv2-base chatlm cohere_asr ernie4_5 ernie4_5_moe fuyu h2ovl_chat " +
    "hyperclovax hyperclovax_vision_v2 hyperclovax_vlm internlm2 internlm3 iquestcoder " +
    "jamba llava llava_next minicpm3 minicpmv minimax_m2 modernbert modernbert-decoder " +
    "molmo molmo2 nemotron nvfp4 opencua openvla paddleocr_vl phi3 phi3_v phimoe qwen2 " +
    "qwen3_5 qwen3_5_moe qwen3_5_moe_text qwen4_exp siglip2 smolvlm step3_vl vipllava"
  ).split(" "),
);
