import MarkdownIt from "markdown-it";
import { visibleText } from "./visible_text.ts";

/** A heading of the page, for its list of contents. */
export interface Heading {
  level: number;
  text: string;
  id: string;
}

const ours = new MarkdownIt({ html: false }).disable(["image"]);
ours.validateLink = (url) => /^(https?:\/\/|mailto:|#)/i.test(url);
ours.renderer.rules["link_open"] = (tokens, index, options, _env, self) => {
  tokens[index]?.attrSet("rel", "noopener noreferrer");
  return self.renderToken(tokens, index, options);
};

const theirs = new MarkdownIt({ html: false })
  .disable(["image", "link", "autolink", "reference"]);

/** The HTML of a notebook's own Markdown; its headings are added to `headings`. */
export function renderMarkdown(source: string, headings: Heading[]): string {
  const env = {};
  const tokens = ours.parse(visibleText(source, { keep: "lines" }), env);
  tokens.forEach((token, i) => {
    if (token.type !== "heading_open") return;
    const inline = tokens[i + 1]?.children ?? [];
    const text = inline.map((child) => child.content).join("");
    const id = `section-${headings.length + 1}`;
    token.attrSet("id", id);
    headings.push({ level: Number(token.tag.slice(1)), text, id });
  });
  return ours.renderer.render(tokens, ours.options, env);
}

/** The HTML of Markdown that a cell put out: it may hold text of a session, so it links nowhere. */
export function renderUntrustedMarkdown(source: string): string {
  return theirs.render(visibleText(source, { maxLength: 10_000, keep: "lines" }));
}
