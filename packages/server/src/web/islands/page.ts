/** On every page. Everything here is an addition: without it the same things work by links and forms. */

for (const element of all<HTMLElement>("[data-without-script]")) element.hidden = true;
for (const element of all<HTMLElement>("[data-with-script]")) element.hidden = false;
startThemeSwitch();
startCopyButtons();
startMenus();
startForms();
startHotkey();

/** Switches at once; the cookie makes the next page come in the same theme. */
function startThemeSwitch(): void {
  const form = document.querySelector<HTMLFormElement>("[data-theme-switch]");
  form?.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!(button instanceof HTMLButtonElement)) return;
    event.preventDefault();
    document.documentElement.dataset["theme"] = button.value;
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not everywhere yet
    document.cookie = `bearhug_theme=${button.value};path=/;max-age=31536000;samesite=lax`;
    form.querySelector<HTMLElement>(`button:not([value="${button.value}"])`)?.focus();
  });
}

/** The clipboard needs a secure address; on others the text is selected instead. */
function startCopyButtons(): void {
  for (const button of all<HTMLButtonElement>("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const source = document.getElementById(button.dataset["copy"] ?? "");
      if (source !== null) void copy(source, button);
    });
  }
}

async function copy(source: HTMLElement, button: HTMLButtonElement): Promise<void> {
  const text = (source.textContent ?? "").replace(/\n$/, "");
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    getSelection()?.selectAllChildren(source);
    if (!document.execCommand("copy")) return;
    getSelection()?.removeAllRanges();
  }
  button.classList.add("done");
  setTimeout(() => button.classList.remove("done"), 1600);
}

/** A menu closes when something else is used, and on Escape. */
function startMenus(): void {
  const menus = all<HTMLDetailsElement>("details[data-menu]");
  document.addEventListener("click", (event) => {
    for (const menu of menus) {
      if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    const open = menus.find((menu) => menu.open);
    if (event.key !== "Escape" || open === undefined) return;
    open.open = false;
    open.querySelector("summary")?.focus();
  });
}

function startForms(): void {
  for (const form of all<HTMLFormElement>("form[data-autosubmit]")) {
    form.addEventListener("change", (event) => {
      if (event.target instanceof HTMLSelectElement) form.requestSubmit();
    });
  }
  for (const form of all<HTMLFormElement>("form[data-confirm]")) {
    form.addEventListener("submit", (event) => {
      if (!confirm(form.dataset["confirm"])) event.preventDefault();
    });
  }
}

/** `/` leads to the search field. */
function startHotkey(): void {
  const field = document.querySelector<HTMLInputElement>("[data-hotkey]");
  document.addEventListener("keydown", (event) => {
    const isTyping =
      event.target instanceof HTMLElement && event.target.matches("input, textarea, select");
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.key !== field?.dataset["hotkey"] || isTyping || !isPlain) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
}

function all<T extends Element>(selector: string): readonly T[] {
  return [...document.querySelectorAll<T>(selector)];
}
