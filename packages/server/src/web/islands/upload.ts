/** Drag and drop: collects files and folders, uploads them through the JSON API, then commits. */
import { droppedFiles, type LocalFile, pickedFiles } from "./local-files.ts";
import { type UploadTarget, uploadFiles } from "./uploader.ts";

const form = document.querySelector<HTMLFormElement>("form[data-upload]");
if (form !== null) start(form);

interface Row {
  readonly file: LocalFile;
  readonly item: HTMLLIElement;
  readonly progress: HTMLProgressElement;
  readonly note: HTMLElement;
}

function start(element: HTMLFormElement): void {
  const drop = element.querySelector<HTMLElement>("[data-drop]");
  const input = element.querySelector<HTMLInputElement>("#files");
  const list = element.querySelector<HTMLElement>("[data-list]");
  const status = element.querySelector<HTMLElement>("[data-status]");
  const button = element.querySelector<HTMLButtonElement>("button[type=submit]");
  if (!drop || !input || !list || !status || !button) return;
  const rows = new Map<string, Row>();
  const add = (files: readonly LocalFile[]): void => {
    for (const file of files) addRow(rows, list, file);
    button.disabled = rows.size === 0;
    status.textContent = "";
  };
  element.classList.add("enhanced");
  button.disabled = true;
  input.required = false;
  input.addEventListener("change", () => {
    add(pickedFiles(input));
    input.value = "";
  });
  startFolderButton(element, add);
  startDrop(drop, add);
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    void submit({ element, rows, status, button });
  });
  add(pickedFiles(input));
}

function startFolderButton(
  element: HTMLFormElement,
  add: (files: readonly LocalFile[]) => void,
): void {
  const button = element.querySelector<HTMLButtonElement>("[data-folder]");
  const input = element.querySelector<HTMLInputElement>("[data-folder-input]");
  if (!button || !input) return;
  input.webkitdirectory = true;
  button.hidden = false;
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    add(pickedFiles(input));
    input.value = "";
  });
}

function startDrop(drop: HTMLElement, add: (files: readonly LocalFile[]) => void): void {
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer !== null) void droppedFiles(event.dataTransfer).then(add);
  });
}

function addRow(rows: Map<string, Row>, list: HTMLElement, file: LocalFile): void {
  rows.get(file.path)?.item.remove();
  const item = document.createElement("li");
  const path = document.createElement("span");
  path.className = "upload-path";
  path.textContent = file.path;
  const note = document.createElement("span");
  note.className = "muted";
  note.textContent = sizeText(file.file.size);
  const remove = document.createElement("button");
  remove.type = "button";
  remove.className = "icon-button";
  remove.textContent = "✕";
  remove.setAttribute("aria-label", `Leave out ${file.path}`);
  remove.addEventListener("click", () => {
    rows.delete(file.path);
    item.remove();
  });
  const progress = document.createElement("progress");
  progress.max = 1;
  progress.value = 0;
  progress.hidden = true;
  progress.setAttribute("aria-label", `Upload of ${file.path}`);
  item.append(path, note, remove, progress);
  list.append(item);
  rows.set(file.path, { file, item, progress, note });
}

interface Submission {
  readonly element: HTMLFormElement;
  readonly rows: ReadonlyMap<string, Row>;
  readonly status: HTMLElement;
  readonly button: HTMLButtonElement;
}

async function submit({ element, rows, status, button }: Submission): Promise<void> {
  // The server wrote this attribute from a value of the same type.
  const target = JSON.parse(element.dataset["upload"] ?? "") as UploadTarget & { done: string };
  const message = new FormData(element).get("message");
  button.disabled = true;
  status.classList.remove("error");
  const leave = (event: BeforeUnloadEvent): void => event.preventDefault();
  addEventListener("beforeunload", leave);
  try {
    for (const row of rows.values()) row.progress.hidden = false;
    await uploadFiles(target, {
      files: [...rows.values()].map((row) => row.file),
      title: String(message ?? "").trim(),
      onProgress: ({ path, fraction, note }) => showProgress(rows.get(path), fraction, note),
      onStatus: (text) => {
        status.textContent = text;
      },
    });
    removeEventListener("beforeunload", leave);
    location.assign(target.done);
  } catch (error) {
    removeEventListener("beforeunload", leave);
    status.classList.add("error");
    status.textContent = error instanceof Error ? error.message : String(error);
    button.disabled = false;
  }
}

function showProgress(row: Row | undefined, fraction: number, note: string): void {
  if (row === undefined) return;
  row.progress.value = fraction;
  row.note.textContent = note;
}

function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const power = Math.min(4, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(1)} ${["", "kB", "MB", "GB", "TB"][power]}`;
}
