/** Our own drawings, as the inside of a 24×24 SVG with round strokes of 1.75. Only data. */
export const ICON_SHAPES = {
  model:
    '<path d="M12 3 4.5 7.2v9.6L12 21l7.5-4.2V7.2z"/><path d="m4.8 7.4 7.2 4.1 7.2-4.1M12 11.5V20.7"/>',
  dataset:
    '<ellipse cx="12" cy="6" rx="7.5" ry="3"/><path d="M4.5 6v6c0 1.7 3.4 3 7.5 3s7.5-1.3 7.5-3V6M4.5 12v6c0 1.7 3.4 3 7.5 3s7.5-1.3 7.5-3v-6"/>',
  search: '<circle cx="10.8" cy="10.8" r="6.3"/><path d="m15.6 15.6 5 5"/>',
  sun: '<circle cx="12" cy="12" r="4"/><path d="M12 2.8v2M12 19.2v2M2.8 12h2M19.2 12h2M5.5 5.5l1.4 1.4M17.1 17.1l1.4 1.4M18.5 5.5l-1.4 1.4M6.9 17.1l-1.4 1.4"/>',
  moon: '<path d="M19.8 14.4A8.2 8.2 0 0 1 9.6 4.2a8.2 8.2 0 1 0 10.2 10.2z"/>',
  plus: '<path d="M12 5v14M5 12h14"/>',
  user: '<circle cx="12" cy="8.2" r="3.9"/><path d="M4.6 20.2c.8-3.9 3.7-6 7.4-6s6.6 2.1 7.4 6"/>',
  users:
    '<circle cx="9.2" cy="8.5" r="3.4"/><path d="M2.8 19.5c.7-3.4 3.1-5.2 6.4-5.2s5.7 1.8 6.4 5.2M15.5 5.4a3.4 3.4 0 0 1 0 6.2M18 14.9c1.8.8 2.9 2.4 3.3 4.6"/>',
  download: '<path d="M12 3.8v11.2M7.4 10.6 12 15.2l4.6-4.6M4.5 19.8h15"/>',
  upload: '<path d="M12 15.5V4.5M7.4 8.9 12 4.3l4.6 4.6M4.5 19.8h15"/>',
  heart:
    '<path d="M12 20.2C6.5 16.4 3.5 13.1 3.5 9.3A4.6 4.6 0 0 1 12 6.9a4.6 4.6 0 0 1 8.5 2.4c0 3.8-3 7.1-8.5 10.9z"/>',
  clock: '<circle cx="12" cy="12" r="8.4"/><path d="M12 7.2V12l3.2 2.2"/>',
  lock: '<rect x="5" y="10.5" width="14" height="9.8" rx="2"/><path d="M8.2 10.5V7.8a3.8 3.8 0 0 1 7.6 0v2.7"/>',
  file: '<path d="M6 3.5h7.5L18.5 8.5v12H6z"/><path d="M13.3 3.7v5h5"/>',
  folder:
    '<path d="M3.5 6.5a1.5 1.5 0 0 1 1.5-1.5h4.3l2.2 2.5H19a1.5 1.5 0 0 1 1.5 1.5v8.5A1.5 1.5 0 0 1 19 19H5a1.5 1.5 0 0 1-1.5-1.5z"/>',
  branch:
    '<circle cx="7" cy="5.5" r="2.2"/><circle cx="7" cy="18.5" r="2.2"/><circle cx="17" cy="8" r="2.2"/><path d="M7 7.7v8.6M17 10.2c0 3.3-4.6 3.8-9 4.6"/>',
  tag: '<path d="M3.8 4.5v7.2l8.5 8.5 7.4-7.4-8.5-8.5z"/><circle cx="8" cy="8.5" r="1.2"/>',
  commit: '<circle cx="12" cy="12" r="3.6"/><path d="M2.8 12h5.6M15.6 12h5.6"/>',
  copy: '<rect x="8.5" y="8.5" width="11.5" height="11.5" rx="2"/><path d="M15.5 8.5V6a2 2 0 0 0-2-2H6a2 2 0 0 0-2 2v7.5a2 2 0 0 0 2 2h2.5"/>',
  check: '<path d="m4.8 12.6 4.7 4.7L19.2 7.3"/>',
  gear: '<path d="M12 2.8 20 7.4v9.2l-8 4.6-8-4.6V7.4z"/><circle cx="12" cy="12" r="3.2"/>',
  key: '<circle cx="8" cy="15.5" r="4"/><path d="m11 12.7 8.5-8.5M15.8 7.8l2.7 2.7"/>',
  trash: '<path d="M4.5 6.8h15M9.5 6.5V4.2h5v2.3M6.5 7l1 13h9l1-13M10.3 10.8v5.5M13.7 10.8v5.5"/>',
  down: '<path d="m6.5 9.5 5.5 5.5 5.5-5.5"/>',
  right: '<path d="M9.5 6.5 15 12l-5.5 5.5"/>',
  left: '<path d="M14.5 6.5 9 12l5.5 5.5"/>',
  close: '<path d="m6.5 6.5 11 11M17.5 6.5l-11 11"/>',
  link: '<path d="M10.3 13.7a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1.2 1.2M13.7 10.3a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1.2-1.2"/>',
  filter: '<path d="M4 6.5h16M7 12h10M10 17.5h4"/>',
  globe:
    '<circle cx="12" cy="12" r="8.4"/><path d="M3.8 12h16.4M12 3.6c-4.8 5-4.8 11.8 0 16.8M12 3.6c4.8 5 4.8 11.8 0 16.8"/>',
  scale: '<path d="M12 4v16M7.5 20h9M4.5 7h15M7 7l-3 6.5h6zM17 7l-3 6.5h6z"/>',
  book: '<path d="M12 6.3C10 4.7 7.3 4.2 3.8 4.5v13.8c3.5-.3 6.2.2 8.2 1.8 2-1.6 4.7-2.1 8.2-1.8V4.5c-3.5-.3-6.2.2-8.2 1.8zM12 6.3v13.5"/>',
  code: '<path d="m8 7.5-4.8 4.5L8 16.5M16 7.5l4.8 4.5-4.8 4.5M13.5 5l-3 14"/>',
  play: '<path d="M7.5 5v14l11.5-7z"/>',
  warn: '<path d="M12 4.2 2.9 19.8h18.2z"/><path d="M12 10v4.5M12 17v.2"/>',
  info: '<circle cx="12" cy="12" r="8.4"/><path d="M12 11.3v5M12 7.9v.2"/>',
  out: '<path d="M13.5 4.5H5.5v15h8M10.5 12h10M17 8.2l3.8 3.8-3.8 3.8"/>',
  params:
    '<path d="M4 7h9M17.5 7H20M4 12h3M11.5 12H20M4 17h8M16.5 17H20"/><circle cx="15.2" cy="7" r="2.1"/><circle cx="9.2" cy="12" r="2.1"/><circle cx="14.2" cy="17" r="2.1"/>',
  vector:
    '<path d="M4.5 19.5 9.5 14.5M9.5 14.5V8M9.5 14.5H17M9.5 5.5 7.4 8.8h4.2zM19.8 14.5l-3.3-2.1v4.2z"/>',
  similarity: '<circle cx="9" cy="12" r="5.6"/><circle cx="15" cy="12" r="5.6"/>',
  classify:
    '<path d="M4 6.5h7M4 12h4.5M4 17.5h7"/><path d="m14.5 6.6 1.7 1.7 3.3-3.6M14.5 17.6l1.7 1.7 3.3-3.6M13 12h7"/>',
  mask: '<path d="M4 8h3.5M4 16h3.5M20 16h-9M20 8h-3.5"/><rect x="9.5" y="5" width="5" height="6" rx="1.3" stroke-dasharray="2.2 1.8"/>',
  token: '<path d="M4 7.5h6v9H4zM12.5 7.5h7.5v9h-7.5"/><path d="M4 20h6M12.5 20H20"/>',
  chat: '<path d="M4 5h16v11h-8.5L7 20v-4H4z"/><path d="M8 9.2h8M8 12.2h5"/>',
  translate:
    '<path d="M3.8 6h9M8.3 4v2M11 6c-.8 3.8-3.3 6.5-6.5 8M6.2 9c1 2.1 2.8 3.7 5 4.7M12.2 20l4-9.5 4 9.5M13.6 17h5.2"/>',
  question:
    '<circle cx="12" cy="12" r="8.4"/><path d="M9.6 9.7a2.5 2.5 0 1 1 3.6 2.3c-.8.4-1.2 1-1.2 1.9M12 16.6v.2"/>',
  image:
    '<rect x="3.8" y="4.8" width="16.4" height="14.4" rx="2"/><circle cx="8.8" cy="9.7" r="1.6"/><path d="m4.3 17.3 5-4.5 3.3 2.9 3.1-3.2 4.2 4"/>',
  audio: '<path d="M4 10.5v3M8 7.5v9M12 4.5v15M16 8v8M20 10.5v3"/>',
  video: '<rect x="3.5" y="6" width="12" height="12" rx="2"/><path d="m15.5 11 5-3v8l-5-3z"/>',
  table:
    '<rect x="3.8" y="5" width="16.4" height="14" rx="2"/><path d="M3.8 9.7h16.4M3.8 14.3h16.4M10 9.7V19"/>',
  modalities:
    '<rect x="3.8" y="3.8" width="7" height="7" rx="1.5"/><circle cx="16.7" cy="7.3" r="3.5"/><path d="m7.3 13.5 3.7 6.7H3.6zM13.8 14h6.4M13.8 17h6.4M13.8 20h4"/>',
  game: '<rect x="3" y="8" width="18" height="9.5" rx="4.5"/><path d="M8.2 10.8v4M6.2 12.8h4M15.3 11.8v.1M17.6 13.9v.1"/>',
  spark:
    '<path d="M12 3.5c.7 4.8 3 7.5 8.5 8.5-5.5 1-7.8 3.7-8.5 8.5-.7-4.8-3-7.5-8.5-8.5 5.5-1 7.8-3.7 8.5-8.5z"/>',
  archive: '<path d="M4 4.5h16v4H4zM5.2 8.5v11h13.6v-11M9.8 12.2h4.4"/>',
  eye: '<path d="M2.8 12C5 7.8 8.2 5.7 12 5.7s7 2.1 9.2 6.3c-2.2 4.2-5.4 6.3-9.2 6.3S5 16.2 2.8 12z"/><circle cx="12" cy="12" r="2.8"/>',
} as const;

export type IconName = keyof typeof ICON_SHAPES;
