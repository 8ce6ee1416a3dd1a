import assert from "node:assert/strict";
import { DOMParser } from "linkedom";

/** Markup that has run a script somewhere, or leads out of the page. Each names PWNED. */
export const HOSTILE_MARKUP = [
  `<script>document.title="PWNED"</script>`,
  `<img src=x onerror="document.title='PWNED'">`,
  `<svg/onload="document.title='PWNED'">`,
  `<svg><style><img src=x onerror="document.title='PWNED'"></style></svg>`,
  `<svg><script>document.title="PWNED"</script><animate onbegin="document.title='PWNED'" attributeName=x /></svg>`,
  `<svg><a xlink:href="javascript:document.title='PWNED'"><text>x</text></a></svg>`,
  `<svg><use href="data:image/svg+xml,<svg onload=document.title='PWNED'>"/></svg>`,
  `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=document.title='PWNED'&gt;">`,
  `<noscript><p title="</noscript><img src=x onerror=document.title='PWNED'>">`,
  `<title></title><img src=x onerror="document.title='PWNED'"><textarea></textarea><svg onload="document.title='PWNED'">`,
  `</section></main></body></html><script>document.title="PWNED"</script>`,
  `--><script>document.title="PWNED"</script><!--`,
  `]]><script>document.title="PWNED"</script>`,
  `<iframe srcdoc="<script>parent.document.title='PWNED'</script>"></iframe>`,
  `<object data="javascript:document.title='PWNED'"></object><embed src="javascript:document.title='PWNED'">`,
  `<meta http-equiv="refresh" content="0;url=javascript:document.title='PWNED'">`,
  `<base href="https://example.com/PWNED"><link rel=stylesheet href="https://example.com/PWNED.css">`,
  `<style>@import "https://example.com/PWNED.css"; * { background: url(https://example.com/PWNED) }</style>`,
  `<div style="background:url(https://example.com/PWNED);position:fixed;inset:0">x</div>`,
  `<form action="https://example.com/PWNED"><button formaction="javascript:document.title='PWNED'">x</button></form>`,
  `<details open ontoggle="document.title='PWNED'">x</details><body onload="document.title='PWNED'">`,
  `<a href="jav&#x09;ascript:document.title='PWNED'" target=_blank ping="https://example.com/PWNED">x</a>`,
  `<video><source onerror="document.title='PWNED'"></video><audio src=x onerror="document.title='PWNED'">`,
  `<template><script>document.title="PWNED"</script></template>`,
  `<p title="${"&quot;"} onmouseover=document.title='PWNED'">x</p>`,
];

/** Text that has misled a terminal or a reader, or is too long to look at. */
export const HOSTILE_TEXT = [
  `<script>document.title="PWNED"</script>`,
  `"><img src=x onerror="document.title='PWNED'">`,
  "\x1b]0;PWNED\x07\x1b[2J\x1b[31mred\x1b[0m \x9b31m",
  "\x1b]8;;https://example.com/PWNED\x1b\\click\x1b]8;;\x1b\\",
  "\u202egnp.exe\u2066 \u200b\u{e0041} \ufeff \u2028",
  "${document.title='PWNED'} {{7*7}} [x](javascript:alert(1)) ![x](https://example.com/PWNED.png)",
  "Mozilla/5.0 " + "A".repeat(100_000),
  "z" + "\u0300".repeat(10_000),
];

const SAFE_ADDRESS = /^(#|data:image\/(png|jpeg);base64,)/;

/** Fails where markup holds anything that acts, fetches or leads out of the page. */
export function assertInert(markup: string, from = markup): void {
  assert.doesNotMatch(
    markup,
    /<(script|style|iframe|object|embed|form|meta|base|link|template|animate|set|use|image)\b/i,
    from,
  );
  assert.doesNotMatch(markup, /[\p{Cc}\u202a-\u202e\u2066-\u2069\u200b](?<![\n\t])/u, from);
  const page = new DOMParser().parseFromString(
    `<!doctype html><body>${markup}</body>`,
    "text/html",
  );
  for (const element of page.querySelectorAll("*")) {
    for (const { name, value } of element.attributes as Iterable<{ name: string; value: string }>) {
      assert.doesNotMatch(name, /^on|^style$|^srcdoc$|^formaction$|^ping$|^target$|:/i, from);
      if (/^(href|src|action|data)$/i.test(name)) assert.match(value, SAFE_ADDRESS, from);
    }
  }
}
