import { raw } from "hono/html";
import type { JSX } from "hono/jsx/jsx-runtime";
import { ICON_SHAPES, type IconName } from "./icon-shapes.ts";

/** A drawing from the page's own sprite; decorative unless it has a label. */
export function Icon({
  name,
  label,
  class: className,
}: {
  readonly name: IconName;
  readonly label?: string;
  readonly class?: string;
}): JSX.Element {
  const role = label === undefined ? { "aria-hidden": "true" as const } : { role: "img" as const };
  return (
    <svg class={className ? `icon ${className}` : "icon"} {...role} aria-label={label}>
      <use href={`#i-${name}`} />
    </svg>
  );
}

/** The symbols that a page uses, each once: an inline sprite costs no request and never flashes. */
export function spriteFor(html: string): string {
  const used = new Set([...html.matchAll(/href="#i-([a-z]+)"/g)].map((match) => match[1]));
  const symbols = Object.entries(ICON_SHAPES)
    .filter(([name]) => used.has(name))
    .map(([name, shape]) => `<symbol id="i-${name}" viewBox="0 0 24 24">${shape}</symbol>`);
  return `<svg class="sprite" aria-hidden="true">${symbols.join("")}</svg>`;
}

/** The Bearhug bear: content, eyes closed. */
export function Bear({ class: className }: { readonly class?: string }): JSX.Element {
  return (
    <svg class={className ?? "bear"} viewBox="0 0 32 32" aria-hidden="true">
      {raw(BEAR)}
    </svg>
  );
}

/** The bear looks over the upper edge of what follows, paws on it. */
export function PeekingBear({ class: className }: { readonly class?: string }): JSX.Element {
  return (
    <svg class={className ?? "peeking-bear"} viewBox="0 0 120 64" aria-hidden="true">
      {raw(PEEKING_BEAR)}
    </svg>
  );
}

const BEAR =
  '<circle class="fur" cx="7.6" cy="8.6" r="4.9"/><circle class="fur" cx="24.4" cy="8.6" r="4.9"/>' +
  '<circle class="muzzle" cx="7.6" cy="8.6" r="2.3"/><circle class="muzzle" cx="24.4" cy="8.6" r="2.3"/>' +
  '<ellipse class="fur" cx="16" cy="17.7" rx="12.4" ry="11.3"/>' +
  '<ellipse class="muzzle" cx="16" cy="21.6" rx="6" ry="4.7"/>' +
  '<ellipse class="nose" cx="16" cy="19.6" rx="2.1" ry="1.5"/>' +
  '<path class="line" d="M16 21v1.3c-.5 1.2-2.1 1.3-2.8.4M16 22.3c.5 1.2 2.1 1.3 2.8.4M8.6 16.1c.7 1 2.4 1 3.1 0M20.3 16.1c.7 1 2.4 1 3.1 0"/>';

const PEEKING_BEAR =
  '<circle class="fur" cx="33" cy="20" r="13"/><circle class="fur" cx="87" cy="20" r="13"/>' +
  '<circle class="muzzle" cx="33" cy="20" r="6"/><circle class="muzzle" cx="87" cy="20" r="6"/>' +
  '<path class="fur" d="M20 64c-3-31 13-55 40-55s43 24 40 55z"/>' +
  '<ellipse class="muzzle" cx="60" cy="50" rx="17" ry="13"/>' +
  '<ellipse class="nose" cx="60" cy="44" rx="6" ry="4.2"/>' +
  '<path class="line" d="M60 48v4c-1.5 3-6 3.4-8 1M60 52c1.5 3 6 3.4 8 1"/>' +
  '<circle class="nose" cx="43" cy="36" r="2.8"/><circle class="nose" cx="77" cy="36" r="2.8"/>' +
  '<path class="fur paw" d="M3 64c0-8 5-13 11-13s11 5 11 13zM95 64c0-8 5-13 11-13s11 5 11 13z"/>' +
  '<path class="line" d="M10 64v-5M17.5 64v-5M102.5 64v-5M110 64v-5"/>';
