import { createHash } from 'node:crypto'
import type { OpenApiDocument } from '../openapi/document.ts'
import { authentication, errorSection, schemaSection } from './appendix.ts'
import type { Markup } from './markup.ts'
import { breakable, html, nothing, paragraphs, prose } from './markup.ts'
import type { Listed } from './operation.ts'
import { methodBadge, operationArticle } from './operation.ts'
import { referenceStyle } from './style.ts'

/** The page needs only its own style: no script, image, font, form or framing. */
export const referencePolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(referenceStyle).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The API reference, one page that works without scripts. Everything on it is in the OpenAPI document. */
export const referencePage = (document: OpenApiDocument): string => {
  const { info, tags } = document
  const listed: Listed[] = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method, path, operation })),
  )
  const groups = tags.map((tag) => ({
    ...tag,
    anchor: `tag-${tag.name.replaceAll(' ', '-')}`,
    listed: listed.filter(({ operation }) => operation.tags.includes(tag.name)),
  }))
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${info.title} API reference</title>
<style>${{ markup: referenceStyle }}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top"><a class="brand" href="#main">${info.title}</a> <span>API reference</span> <a class="raw" href="/openapi.json">openapi.json</a></header>
<nav aria-label="Contents"><details><summary>Contents</summary>${contents(groups)}</details></nav>
<main id="main">
<section class="intro" aria-labelledby="title">
<h1 id="title">${info.title} API reference</h1>
<p class="lead">${info.summary}.</p>
${paragraphs(info.description)}
<p>This deployment is at <code>${document.servers[0]?.url ?? ''}</code>. The same as OpenAPI 3.1: <a href="/openapi.json">openapi.json</a>.</p>
</section>
${authentication(document)}
${groups.map((group) => tagSection(group, document))}
${errorSection(document)}
${schemaSection(document)}
</main>
<footer><p>${info.title} · ${info.license.name}</p></footer>
</body>
</html>
`
  return page.markup
}

type Group = {
  readonly name: string
  readonly description: string
  readonly anchor: string
  readonly listed: readonly Listed[]
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const contents = (groups: readonly Group[]): Markup => html`<ul>
<li><a href="#authentication">Authentication</a></li>
${groups.map(
  ({ name, anchor, listed }) => html`<li><a href="#${anchor}">${capitalised(name)}</a>
<ul>${listed.map(
    ({ method, path, operation }) =>
      html`<li><a href="#${operation.operationId}" title="${operation.summary}">${methodBadge(method)} <span>${breakable(path)}</span></a></li>`,
  )}</ul></li>`,
)}
<li><a href="#errors">Errors</a></li>
<li><a href="#schemas">Shapes</a></li>
</ul>`

const tagSection = (group: Group, document: OpenApiDocument): Markup =>
  html`<section id="${group.anchor}" aria-labelledby="${group.anchor}-title">
<h2 id="${group.anchor}-title">${capitalised(group.name)}</h2>
${group.description === '' ? nothing : html`<p class="lead">${prose(group.description)}</p>`}
${group.listed.map((listed) => operationArticle(listed, document))}
</section>`
