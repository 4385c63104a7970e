import type { RepoType } from "@bearhug/hub/protocol";

const LFS_PATTERNS = [
  "*.7z",
  "*.arrow",
  "*.bin",
  "*.bz2",
  "*.ckpt",
  "*.ftz",
  "*.gz",
  "*.h5",
  "*.joblib",
  "*.lfs.*",
  "*.mlmodel",
  "*.model",
  "*.msgpack",
  "*.npy",
  "*.npz",
  "*.onnx",
  "*.ot",
  "*.parquet",
  "*.pb",
  "*.pickle",
  "*.pkl",
  "*.pt",
  "*.pth",
  "*.rar",
  "*.safetensors",
  "saved_model/**/*",
  "*.tar.*",
  "*.tar",
  "*.tflite",
  "*.tgz",
  "*.wasm",
  "*.xz",
  "*.zip",
  "*.zst",
  "*tfevents*",
];

/** What datasets hold beside those: audio, images, video, and more archives. */
const DATASET_LFS_PATTERNS = [
  "*.lz4",
  "*.mds",
  "*.pcm",
  "*.sam",
  "*.raw",
  "*.aac",
  "*.flac",
  "*.mp3",
  "*.ogg",
  "*.wav",
  "*.bmp",
  "*.gif",
  "*.png",
  "*.tiff",
  "*.jpg",
  "*.jpeg",
  "*.webp",
  "*.mp4",
  "*.webm",
];

/** `.gitattributes` of a new repository: which files are too large or too binary for Git itself. */
export function defaultGitAttributes(type: RepoType): string {
  const patterns = type === "dataset" ? [...LFS_PATTERNS, ...DATASET_LFS_PATTERNS] : LFS_PATTERNS;
  return patterns.map((pattern) => `${pattern} filter=lfs diff=lfs merge=lfs -text\n`).join("");
}

/** README.md of a repository that is created with a licence. */
export function licenseCard(license: string): string {
  return `---\nlicense: ${license}\n---\n`;
}
