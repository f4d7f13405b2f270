import type { Markup } from './markup.ts'
import { html } from './markup.ts'

/** The built files that a page needs, as paths on the server. */
export type PageAssets = {
  readonly script: string
  readonly style: string
  /** What the search looks through. The script fetches it when somebody searches. */
  readonly searchIndex: string
}

/** Stands for the address of the deployment, which the build does not know. */
export const originInPage = 'https://postern.invalid'

/** Files of this origin only. The script sends requests to the API, and makes no markup from text. */
export const referencePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

type Page = {
  readonly title: string
  readonly subtitle: string
  readonly assets: PageAssets
  /** In the header, beside the search. */
  readonly controls: Markup
  readonly contents: Markup
  readonly main: Markup
  readonly footer: string
}

/**
 * What the reference and the guides have in common. Without the script the page is complete, except for search, copying and trying
 * calls: the script shows these.
 */
export const framed = ({ title, subtitle, assets, controls, contents, main, footer }: Page): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="stylesheet" href="${assets.style}">
<script type="module" src="${assets.script}"></script>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
<p><a class="brand" href="/docs">Postern</a> <span>${subtitle}</span></p>
<search hidden>
<label class="unseen" for="search">Search endpoints, fields, errors and guides</label>
<input id="search" type="search" placeholder="Search" autocomplete="off" spellcheck="false" aria-keyshortcuts="/" data-index="${assets.searchIndex}">
<div id="found" hidden><p role="status"></p><ul></ul></div>
</search>
${controls}
<a class="raw" href="/openapi.json">openapi.json</a>
</header>
<nav aria-label="Contents"><details><summary>Contents</summary>${contents}</details></nav>
<main id="main">${main}</main>
<footer><p>${footer}</p></footer>
</body>
</html>
`.markup
