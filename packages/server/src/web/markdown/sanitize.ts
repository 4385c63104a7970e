/**
 * The strict allow list for HTML that other people wrote. What is not named here does not reach a page.
 * A second wall stands behind it: pages forbid inline scripts and styles by their security policy.
 */
import sanitizeHtml from "sanitize-html";

/** Where relative addresses in a file lead: `/ada/bert` and `main`, from the folder the file lies in. */
export interface LinkTarget {
  /** The repository's page, no trailing slash. */
  readonly base: string;
  /** Encoded as one path segment. */
  readonly revision: string;
  /** Folder of the file, `""` for the root. */
  readonly folder: string;
}

const TAGS = [
  ..."h1 h2 h3 h4 h5 h6 p br hr blockquote pre code kbd samp var em strong b i u s del ins mark".split(
    " ",
  ),
  ..."small sub sup q abbr cite dfn time ul ol li dl dt dd table thead tbody tfoot tr th td".split(
    " ",
  ),
  ..."caption colgroup col a img picture source figure figcaption details summary div span".split(
    " ",
  ),
  ..."section center video audio input ruby rt rp bdi bdo wbr".split(" "),
];

const ID_PREFIX = "card-";

export function sanitizeCard(html: string, target: LinkTarget): string {
  return sanitizeHtml(html, {
    allowedTags: TAGS,
    allowedAttributes: {
      "*": ["id", "align", "dir", "lang", "title"],
      a: ["href", "rel"],
      abbr: ["title"],
      audio: ["src", "controls", "loop"],
      code: ["class"],
      col: ["span"],
      details: ["open"],
      img: ["src", "alt", "width", "height", "loading"],
      input: ["type", "checked", "disabled"],
      li: ["class", "value"],
      ol: ["start", "reversed"],
      source: ["src", "media", "type"],
      span: ["class"],
      td: ["colspan", "rowspan"],
      th: ["colspan", "rowspan", "scope"],
      time: ["datetime"],
      video: ["src", "poster", "controls", "loop", "muted", "playsinline", "width", "height"],
    },
    allowedClasses: { span: ["hljs-*"], code: ["language-*"], li: ["task-list-item"] },
    allowedSchemes: ["http", "https", "mailto"],
    allowedSchemesByTag: { img: ["http", "https"], source: ["http", "https"] },
    allowedSchemesAppliedToAttributes: ["href", "src", "poster"],
    allowProtocolRelative: false,
    disallowedTagsMode: "discard",
    nonTextTags: [
      "style",
      "script",
      "textarea",
      "option",
      "noscript",
      "template",
      "title",
      "iframe",
    ],
    nestingLimit: 100,
    exclusiveFilter: (frame) => frame.tag === "input" && frame.attribs["type"] !== "checkbox",
    transformTags: transforms(target),
  });
}

/** The one for `*` runs on every element, after the element's own. */
function transforms(target: LinkTarget): Record<string, sanitizeHtml.Transformer> {
  const media: sanitizeHtml.Transformer = (tagName, attribs) => ({
    tagName,
    attribs: pointTo(attribs, ["src", "poster"], (url) => resolveUrl(url, target, "resolve")),
  });
  return {
    "*": (tagName, attribs) => ({ tagName, attribs: prefixId(attribs) }),
    a: (tagName, attribs) => ({
      tagName,
      attribs: linkAttributes(pointTo(attribs, ["href"], (url) => resolveUrl(url, target, "blob"))),
    }),
    img: (tagName, attribs) => {
      const image = media(tagName, attribs);
      return { ...image, attribs: { ...image.attribs, loading: "lazy" } };
    },
    source: media,
    video: media,
    audio: media,
    input: (tagName, attribs) => ({
      tagName,
      attribs: {
        type: attribs["type"] ?? "",
        disabled: "",
        ...("checked" in attribs ? { checked: "" } : {}),
      },
    }),
  };
}

type Attributes = sanitizeHtml.Attributes;

function pointTo(
  attribs: Attributes,
  names: readonly string[],
  resolve: (url: string) => string,
): Attributes {
  const changed = names.flatMap((name) => {
    const url = attribs[name];
    return url === undefined ? [] : [[name, resolve(url)] as const];
  });
  return { ...attribs, ...Object.fromEntries(changed) };
}

function linkAttributes(attribs: Attributes): Attributes {
  const external = /^https?:/i.test(attribs["href"] ?? "");
  return external ? { ...attribs, rel: "nofollow noopener ugc" } : attribs;
}

/** Ids of cards live in their own space: they cannot take an id of the page. */
function prefixId(attribs: Attributes): Attributes {
  const { id, ...others } = attribs;
  return id === undefined || id === "" ? others : { ...others, id: ID_PREFIX + id };
}

/** Absolute addresses stay (the sanitizer judges their scheme); relative ones lead into the repository. */
function resolveUrl(url: string, target: LinkTarget, view: "blob" | "resolve"): string {
  const trimmed = url.trim();
  if (trimmed.startsWith("#")) return `#${ID_PREFIX}${trimmed.slice(1)}`;
  if (trimmed === "" || /^[a-z][a-z0-9+.-]*:/i.test(trimmed) || trimmed.startsWith("//"))
    return trimmed;
  if (trimmed.startsWith("/")) return trimmed;
  const root = `http://hub.invalid/`;
  const folder =
    target.folder === "" ? "" : `${target.folder.split("/").map(encodeURIComponent).join("/")}/`;
  if (!URL.canParse(trimmed, root + folder)) return trimmed;
  const resolved = new URL(trimmed, root + folder);
  if (resolved.origin !== new URL(root).origin) return trimmed;
  const isFolder = view === "blob" && resolved.pathname.endsWith("/");
  const kind = isFolder ? "tree" : view;
  return `${target.base}/${kind}/${target.revision}${resolved.pathname}${resolved.search}${resolved.hash}`;
}
