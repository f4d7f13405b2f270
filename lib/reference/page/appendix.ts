import type { ErrorExplanation, JsonSchema, OpenApiDocument, SecurityScheme } from '../openapi/document.ts'
import { fieldsOf, fieldTable, withNested } from './fields.ts'
import type { Markup } from './markup.ts'
import { code, html, nothing, paragraphs, prose } from './markup.ts'

const schemeTitles: Readonly<Record<string, string>> = {
  bearer: 'Bearer',
  basic: 'Basic',
  token: 'Bare token',
  oauth2: 'OAuth 2 client credentials',
  console: 'Session of the console',
}

export const authentication = (document: OpenApiDocument): Markup => {
  const schemes: [string, SecurityScheme][] = Object.entries(document.components.securitySchemes)
  return html`<section id="authentication" aria-labelledby="authentication-title">
<h2 id="authentication-title">Authentication</h2>
<p>A request proves who it comes from in its <code>Authorization</code> header, in any of these forms:</p>
<dl class="pairs">${schemes.map(
    ([name, { description }]) =>
      html`<div><dt>${schemeTitles[name] ?? name}</dt><dd>${prose(description)}</dd></div>`,
  )}</dl>
<p>The examples read the credential from the environment: <code>export POSTERN_TOKEN=…</code>; those of OAuth read <code>POSTERN_KEY_ID</code> and <code>POSTERN_KEY_SECRET</code>. The TypeScript runs in Node, the Python with its standard library.</p>
</section>`
}

export const errorSection = (document: OpenApiDocument): Markup => {
  const example = document.components.examples['invalid_request']?.value
  return html`<section id="errors" aria-labelledby="errors-title">
<h2 id="errors-title">Errors</h2>
<p>A refusal is <code>application/problem+json</code> (RFC 9457). Programs look at <code>code</code>: the list below is closed, and a code never changes its meaning or its status.</p>
${code('Example of a refusal', JSON.stringify(example, null, 2))}
<dl class="errors">${document['x-postern-errors'].map(explanation)}</dl>
</section>`
}

const explanation = (error: ErrorExplanation): Markup =>
  html`<div id="error-${error.code}"><dt><span class="status bad">${error.status}</span> <a href="#error-${error.code}"><code>${error.code}</code></a></dt>
<dd><p><strong>${error.title}.</strong> ${prose(error.meaning)}</p><p>${prose(error.remedy)}</p></dd></div>`

export const schemaSection = (document: OpenApiDocument): Markup =>
  html`<section id="schemas" aria-labelledby="schemas-title">
<h2 id="schemas-title">Shapes</h2>
${Object.entries(document.components.schemas).map(([name, schema]) => shape(name, schema))}
</section>`

const shape = (name: string, schema: JsonSchema): Markup =>
  html`<article class="shape" id="schema-${name}">
<h3><a href="#schema-${name}">${name}</a></h3>
${schema.description === undefined ? nothing : paragraphs(schema.description)}
${fieldTable('Fields', withNested(fieldsOf(schema)), schema.additionalProperties === false ? 'in' : 'out')}
</article>`
