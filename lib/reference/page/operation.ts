import type {
  Content,
  JsonSchema,
  OpenApiDocument,
  Operation,
  Parameter,
  Response,
} from '../openapi/document.ts'
import { parametersBehind, responseBehind } from '../openapi/document.ts'
import { exampleRequest } from './code/example-request.ts'
import { languages } from './code/languages.ts'
import { fieldsOf, fieldTable, resolved, withNested } from './fields.ts'
import type { Markup } from './markup.ts'
import { breakable, code, html, nothing, paragraphs, prose } from './markup.ts'

export type Listed = { readonly method: string; readonly path: string; readonly operation: Operation }

export const methodBadge = (method: string): Markup =>
  html`<span class="method ${method}">${method.toUpperCase()}</span>`

export const operationArticle = (listed: Listed, document: OpenApiDocument): Markup => {
  const { method, path, operation } = listed
  const { operationId } = operation
  return html`<article id="${operationId}"${canBeTried(operation) ? html` data-try` : ''}>
<header>
<h3><a href="#${operationId}">${operation.summary}</a></h3>
<p class="route">${methodBadge(method)} <code>${breakable(path)}</code></p>
</header>
<div class="text">
${paragraphs(operation.description)}
${parameterTables(parametersBehind(document, operation))}
${requestBody(operation, document.components.schemas)}
${responseList(operation, document)}
</div>
${examples(listed, document)}
</article>`
}

/** A call that only pages of the console make: it needs their origin, and most need their cookie. */
const isOfConsole = ({ tags }: Operation): boolean => tags.includes('console')

/** Pages are opened instead. */
const canBeTried = (operation: Operation): boolean => {
  const { responses } = operation
  const isPage = Object.entries(responses).some(
    ([status, response]) =>
      /^[23]/.test(status) &&
      'content' in response &&
      Object.keys(response.content ?? {}).some((type) => !/json|xml/.test(type)),
  )
  return !isPage && !('302' in responses) && !isOfConsole(operation)
}

const places = [
  ['path', 'In the path'],
  ['query', 'In the query'],
  ['header', 'Headers'],
] as const

const parameterTables = (parameters: readonly Parameter[]): Markup =>
  html`${places.map(([place, caption]) => {
    const here = parameters
      .filter((parameter) => parameter.in === place)
      .map(({ name, schema, required, description }) => ({
        name,
        schema,
        required,
        ...(description === undefined ? {} : { note: description }),
      }))
    return fieldTable(caption, here, 'in')
  })}`

const requestBody = (operation: Operation, components: Readonly<Record<string, JsonSchema>>): Markup => {
  const [entry] = Object.entries(operation.requestBody?.content ?? {})
  if (entry === undefined) return nothing
  const [mediaType, { schema }] = entry
  const caption = mediaType === 'application/json' ? 'Body (JSON)' : 'Body (form)'
  return fieldTable(caption, withNested(fieldsOf(resolved(schema, components))), 'in')
}

const isSuccess = (status: string): boolean => status.startsWith('2')

const answersOf = (operation: Operation, document: OpenApiDocument): [string, Response][] =>
  Object.entries(operation.responses).flatMap(([status, given]) => {
    const response = responseBehind(document, given)
    return response === undefined ? [] : [[status, response]]
  })

const responseList = (operation: Operation, document: OpenApiDocument): Markup => {
  const entries = answersOf(operation, document)
  const { schemas } = document.components
  // API Gateway's own errors are the same everywhere; the introduction explains them.
  const refusals = entries.filter(([status, response]) => !isSuccess(status) && codesOf(response).length > 0)
  return html`<h4>Answers</h4>
${entries.filter(([status]) => isSuccess(status)).map(([status, response]) => success(status, response, schemas))}
<ul class="refusals">${refusals.map(([status, response]) => refusal(status, response))}</ul>`
}

const success = (
  status: string,
  response: Response,
  components: Readonly<Record<string, JsonSchema>>,
): Markup => {
  const headers = Object.keys(response.headers ?? {}).filter((name) => name !== 'Cache-Control')
  const schema = response.content?.['application/json']?.schema
  const fields = schema === undefined ? [] : withNested(fieldsOf(resolved(schema, components)))
  return html`<p class="success"><span class="status good">${status}</span> ${prose(response.description)}${
    headers.length === 0 ? nothing : html` <span class="quiet">Headers: ${headers.join(', ')}.</span>`
  }</p>
${fieldTable('Fields of the answer', fields, 'out')}`
}

/** OAuth's codes, which have no entry in the errors section, and Postern's. */
const codesOf = (response: Response): Markup[] => [
  ...(response['x-oauth-errors'] ?? []).map(
    (name) => html`<a href="#schema-OAuthError"><code>${name}</code></a> `,
  ),
  ...(response['x-postern-codes'] ?? []).map(
    (name) => html`<a href="#error-${name}"><code>${name}</code></a> `,
  ),
]

const refusal = (status: string, response: Response): Markup =>
  html`<li><span class="status bad">${status}</span> <span>${codesOf(response)}</span></li>`

const examples = ({ method, path, operation }: Listed, document: OpenApiDocument): Markup => {
  // The answer to a dry run has no example.
  const [answer] = answersOf(operation, document).flatMap(([status, { content }]) => {
    const text = isSuccess(status) ? exampleText(content) : undefined
    return text === undefined ? [] : [{ status, text }]
  })
  const request = exampleRequest(document, method, path, operation)
  return html`<div class="examples">
<h4>Request</h4>
${
  isOfConsole(operation)
    ? html`<p class="quiet">Only pages of the console make it.</p>`
    : languages.map(
        ({ name, title, write }) =>
          html`<div class="code-${name}">${code(`${title}: ${operation.summary}`, write(request))}</div>`,
      )
}
${
  answer === undefined
    ? nothing
    : html`<h4>Answer <span class="status good">${answer.status}</span></h4>
${code(`Example answer: ${operation.summary}`, answer.text)}`
}
</div>`
}

const exampleText = (content: Readonly<Record<string, Content>> | undefined): string | undefined => {
  const example = content?.['application/json']?.example
  return example === undefined ? undefined : JSON.stringify(example, null, 2)
}
