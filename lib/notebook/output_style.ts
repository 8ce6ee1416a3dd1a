/**
 * How tables, charts and replays look in a notebook: JupyterLab and VS Code align all cells of a
 * table to the right and break words anywhere. Colours are left to the front end's theme. A rendered
 * page drops it, and has `page.css`.
 */
const OUTPUT_STYLE = `<style>
.shellscope-scroll{max-width:100%;overflow-x:auto;margin:.5em 0}
.shellscope-scroll .shellscope-table{border-collapse:collapse;margin:0}
.shellscope-scroll .shellscope-table caption{text-align:left;font-weight:600;padding:.3em 0}
.shellscope-scroll .shellscope-table tr :is(th,td){text-align:left;vertical-align:top;white-space:nowrap;max-width:none;padding:.3em .8em .3em .3em}
.shellscope-scroll .shellscope-table tr .shellscope-number{text-align:right;font-variant-numeric:tabular-nums}
.shellscope-scroll .shellscope-table tr .shellscope-wraps{white-space:normal;overflow-wrap:anywhere;min-width:6em;max-width:22em}
.shellscope-scroll .shellscope-table tr .shellscope-long{white-space:normal;overflow-wrap:anywhere;min-width:13em;max-width:40em}
.shellscope-figure,.shellscope-replay{margin:.5em 0;overflow-x:auto}
.shellscope-replay iframe{width:100%;max-width:60em;border:1px solid #8886}
.shellscope-text{white-space:pre-wrap}
</style>`;

/** Markup as a front end gets it: with its style, where it holds what needs one. */
export function styled(markup: string): string {
  return /class="shellscope-(scroll|figure|replay|text)"/.test(markup)
    ? OUTPUT_STYLE + markup
    : markup;
}
