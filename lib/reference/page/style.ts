/** Inline style of the reference page; the content security policy allows its hash. */
export const referenceStyle = `
:root {
  color-scheme: light dark;
  --back: light-dark(#ffffff, #14171c);
  --raised: light-dark(#f6f7f9, #1b1f26);
  --text: light-dark(#1d2430, #e3e7ee);
  --quiet: light-dark(#566072, #a3adbd);
  --line: light-dark(#e0e4ea, #2d333d);
  --accent: light-dark(#1f5fb8, #86b7ff);
  --marked: light-dark(#fff6d6, #332c14);
  --code-back: light-dark(#f0f2f6, #232933);
  --panel: light-dark(#1c2230, #0d1014);
  --panel-text: #e6ebf5;
  --green: light-dark(#11693a, #7fd8a4);
  --blue: light-dark(#1f5fb8, #86b7ff);
  --amber: light-dark(#8a4b00, #f0bd70);
  --red: light-dark(#b3261e, #ff9d94);
  --mono: ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
* { box-sizing: border-box; }
html { scroll-padding-top: 4.25rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--back); color: var(--text); font: 1rem/1.6 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
a { color: var(--accent); text-underline-offset: 0.15em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
code { font-family: var(--mono); font-size: 0.875em; overflow-wrap: anywhere; }
:is(p, dd, li) > code { background: var(--code-back); border-radius: 4px; padding: 0.1em 0.3em; }
.skip { position: absolute; left: -99rem; z-index: 3; background: var(--back); padding: 0.75rem 1rem; }
.skip:focus { left: 0.5rem; top: 0.5rem; }

.top { position: sticky; top: 0; z-index: 2; display: flex; gap: 0.6rem; align-items: baseline; padding: 0.8rem 1.25rem; background: var(--back); border-bottom: 1px solid var(--line); color: var(--quiet); }
.brand { color: var(--text); font-weight: 700; text-decoration: none; letter-spacing: -0.01em; }
.raw { margin-left: auto; font-family: var(--mono); font-size: 0.8125rem; }

nav { padding: 0.75rem 1.25rem; border-bottom: 1px solid var(--line); background: var(--raised); font-size: 0.9375rem; }
nav summary { cursor: pointer; font-weight: 600; padding: 0.35rem 0; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav > details > ul { padding-top: 0.5rem; }
nav > details > ul > li { margin-bottom: 0.9rem; }
nav > details > ul > li > a { display: block; padding: 0.2rem 0.5rem; color: var(--text); font-weight: 600; text-decoration: none; }
nav li li a { display: grid; grid-template-columns: 3.4rem 1fr; gap: 0.4rem; align-items: baseline; padding: 0.22rem 0.5rem; border-radius: 6px; color: var(--quiet); font-family: var(--mono); font-size: 0.75rem; line-height: 1.45; text-decoration: none; }
nav a:hover { background: var(--code-back); color: var(--text); }

main { padding: 1.5rem 1.25rem 4rem; max-width: 46rem; margin: 0 auto; }
h1 { font-size: clamp(1.75rem, 1.3rem + 2vw, 2.4rem); line-height: 1.15; letter-spacing: -0.025em; margin: 0.5rem 0 0.5rem; }
h2 { font-size: 1.5rem; letter-spacing: -0.015em; line-height: 1.25; margin: 0 0 0.25rem; }
h3 { font-size: 1.1875rem; line-height: 1.35; margin: 0; }
h4 { font-size: 0.8125rem; text-transform: uppercase; letter-spacing: 0.06em; color: var(--quiet); margin: 1.5rem 0 0.5rem; }
h3 a { color: inherit; text-decoration: none; }
h3 a:hover { text-decoration: underline; }
p { margin: 0.5rem 0; max-width: 44rem; }
.lead { color: var(--quiet); font-size: 1.0625rem; }
.quiet { color: var(--quiet); font-size: 0.875rem; }
main > section + section { margin-top: 3.5rem; padding-top: 2.5rem; border-top: 2px solid var(--line); }
article { padding: 2rem 0; border-top: 1px solid var(--line); }
section > .lead + article, section > h2 + article { border-top: 0; }
article:target > header h3, .shape:target h3, .errors > :target { background: var(--marked); box-shadow: 0 0 0 0.4rem var(--marked); border-radius: 2px; }

.route { display: flex; gap: 0.6rem; align-items: baseline; margin-top: 0.4rem; }
.route code { background: none; padding: 0; font-size: 0.9375rem; }
.method { font: 700 0.75rem/1.4 var(--mono); letter-spacing: 0.02em; }
.method.get, .method.head { color: var(--blue); }
.method.post { color: var(--green); }
.method.put, .method.patch { color: var(--amber); }
.method.delete { color: var(--red); }
.status { font: 700 0.8125rem/1.4 var(--mono); }
.status.good { color: var(--green); }
.status.bad { color: var(--red); }

table { width: 100%; border-collapse: collapse; margin: 1.25rem 0 0; font-size: 0.9375rem; }
caption { caption-side: top; text-align: left; font-size: 0.8125rem; font-weight: 700; text-transform: uppercase; letter-spacing: 0.06em; color: var(--quiet); padding-bottom: 0.4rem; }
thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
tbody tr { border-top: 1px solid var(--line); }
tbody th, td { text-align: left; vertical-align: top; padding: 0.5rem 0.75rem 0.5rem 0; font-weight: 400; line-height: 1.5rem; }
tbody th { width: 30%; }
tbody th code { font-weight: 600; }
td:nth-child(2) { width: 20%; color: var(--quiet); }
td p { margin: 0; }
.limits { color: var(--quiet); font-size: 0.8125rem; }
.limits code { font-size: 0.9375em; }
.mark { display: block; color: var(--amber); font-size: 0.75rem; line-height: 1.3; }

.refusals { list-style: none; margin: 0.75rem 0 0; padding: 0; font-size: 0.875rem; }
.refusals li { display: grid; grid-template-columns: 2.5rem 1fr; align-items: baseline; padding: 0.15rem 0; }
.refusals li > span:last-child { display: flex; flex-wrap: wrap; gap: 0.3rem; }
.refusals a, .errors dt a { background: var(--code-back); border-radius: 5px; padding: 0.05rem 0.45rem; text-decoration: none; }
:is(.refusals, .errors dt) a:hover { text-decoration: underline; }

pre { position: relative; margin: 0; padding: 0.9rem 1rem; max-height: 30rem; overflow: auto; border-radius: 8px; background: var(--panel); color: var(--panel-text); font-size: 0.875rem; line-height: 1.55; border: 1px solid var(--line); }
pre code { overflow-wrap: normal; user-select: all; }

.pairs > div, .errors > div { padding: 0.75rem 0; border-top: 1px solid var(--line); }
.pairs dt { font-weight: 600; }
dl { margin: 1rem 0 0; }
dd { margin: 0; }
.errors dt a { font-weight: 600; }
.shape { padding: 1.5rem 0; }
footer { padding: 1.5rem 1.25rem; border-top: 1px solid var(--line); color: var(--quiet); font-size: 0.875rem; }

@media (max-width: 36rem) {
  table, caption, tbody, tr, tbody th, td { display: block; width: auto; }
  tbody tr { padding: 0.5rem 0; }
  tbody th, td { padding: 0; }
  tbody th { display: flex; gap: 0.6rem; align-items: baseline; }
  td:nth-child(2) { width: auto; font-size: 0.875rem; }
}
@media (min-width: 64rem) {
  body { display: grid; grid-template-columns: 19rem minmax(0, 1fr); grid-template-areas: "top top" "nav main" "nav foot"; }
  .top { grid-area: top; }
  nav { grid-area: nav; position: sticky; top: 3.2rem; align-self: start; max-height: calc(100vh - 3.2rem); overflow-y: auto; border-bottom: 0; border-right: 1px solid var(--line); padding: 1.25rem 0.75rem 2rem; }
  main { grid-area: main; padding: 2rem 3rem 4rem; max-width: 52rem; width: 100%; }
  footer { grid-area: foot; padding-inline: 3rem; }
  /* Wide enough to show the contents always; a browser that cannot do this keeps its button. */
  @supports selector(::details-content) {
    nav details::details-content { display: block; content-visibility: visible; height: auto; }
    nav summary { display: none; }
  }
  .errors > div, .pairs > div { display: grid; grid-template-columns: 17rem 1fr; gap: 1rem; }
  .errors dd p:first-child { margin-top: 0; }
}
@media (min-width: 88rem) {
  main { max-width: 92rem; }
  article:not(.shape) { display: grid; grid-template-columns: minmax(0, 7fr) minmax(0, 5fr); column-gap: 3rem; }
  article > header { grid-column: 1 / -1; }
  .examples { position: sticky; top: 4.5rem; align-self: start; }
  .examples h4:first-child { margin-top: 0.75rem; }
  main > .intro, .shape, .errors, #authentication, #errors > pre { max-width: 56rem; }
}
@media print {
  .top, nav, .skip { display: none; }
  pre { max-height: none; white-space: pre-wrap; }
}
`
