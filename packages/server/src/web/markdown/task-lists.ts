import type MarkdownIt from "markdown-it";

/** `- [ ] open` and `- [x] done` at the start of a list item become disabled checkboxes. */
export function taskLists(markdown: InstanceType<typeof MarkdownIt>): void {
  markdown.core.ruler.after("inline", "task-lists", (state) => {
    for (const [index, token] of state.tokens.entries()) {
      const isFirstInItem =
        token.type === "inline" &&
        state.tokens[index - 1]?.type === "paragraph_open" &&
        state.tokens[index - 2]?.type === "list_item_open";
      const match = isFirstInItem ? /^\[([ xX])\]\s/.exec(token.content) : null;
      const text = token.children?.[0];
      if (match === null || text === undefined) continue;
      text.content = text.content.slice(match[0].length);
      const box = new state.Token("html_inline", "", 0);
      box.content = `<input type="checkbox" disabled${match[1] === " " ? "" : " checked"}> `;
      token.children?.unshift(box);
      state.tokens[index - 2]?.attrJoin("class", "task-list-item");
    }
  });
}
