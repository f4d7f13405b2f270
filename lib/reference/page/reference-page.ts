import type { OpenApiDocument } from '../openapi/document.ts'
import { authentication, errorSection, schemaSection } from './appendix.ts'
import { languages } from './code/languages.ts'
import type { PageAssets } from './frame.ts'
import { framed } from './frame.ts'
import type { GuideLink } from './guide.ts'
import { guideList } from './guide.ts'
import type { Markup } from './markup.ts'
import { breakable, html, nothing, paragraphs, prose } from './markup.ts'
import type { Listed } from './operation.ts'
import { methodBadge, operationArticle } from './operation.ts'

/** The API reference on one page. Everything on it is in the OpenAPI document. */
export const referencePage = (
  document: OpenApiDocument,
  guides: readonly GuideLink[],
  assets: PageAssets,
): string => {
  const { info, tags } = document
  const listed: Listed[] = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method, path, operation })),
  )
  const groups = tags.map((tag) => ({
    ...tag,
    anchor: `tag-${tag.name.replaceAll(' ', '-')}`,
    listed: listed.filter(({ operation }) => operation.tags.includes(tag.name)),
  }))
  return framed({
    title: `${info.title} API reference`,
    subtitle: 'API reference',
    assets,
    controls: languageChoice,
    contents: contents(groups, guides),
    main: html`<section class="intro" aria-labelledby="title">
<h1 id="title">${info.title} API reference</h1>
<p class="lead">${info.summary}.</p>
${paragraphs(info.description)}
<p>This deployment is at <code>${document.servers[0]?.url ?? ''}</code>. The same as OpenAPI 3.1: <a href="/openapi.json">openapi.json</a>.</p>
</section>
${authentication(document)}
${groups.map((group) => tagSection(group, document))}
${errorSection(document)}
${schemaSection(document)}`,
    footer: `${info.title} · ${info.license.name}`,
  })
}

const languageChoice = html`<fieldset class="languages"><legend>Code in</legend>${languages.map(
  ({ name, title }, index) =>
    html`<label><input type="radio" name="language" id="code-${name}"${index === 0 ? html` checked` : ''}>${title}</label>`,
)}</fieldset>`

type Group = {
  readonly name: string
  readonly description: string
  readonly anchor: string
  readonly listed: readonly Listed[]
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const contents = (groups: readonly Group[], guides: readonly GuideLink[]): Markup => html`<ul>
${guideList(guides)}
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
