import * as z from 'zod'
import type { Endpoint } from '../../contract/endpoint.ts'
import { errorCodesOf } from '../../contract/error-codes.ts'
import type { OAuthErrorCode } from '../../contract/error-styles.ts'
import { errorShapes, oauthErrorOf, oauthErrorTexts, oauthStatusOf } from '../../contract/error-styles.ts'
import type { DomainErrorCode } from '../../effects/domain-error.ts'
import type { Content, Example, Reference, Response } from './document.ts'
import { headersOfRefusal } from './headers.ts'
import type { ProblemTable } from './problem.ts'
import { problemMediaType } from './problem.ts'
import type { Components } from './schema.ts'

/** API Gateway's own errors: before it invokes a function, or if none responds. */
const GatewayMessage = z
  .object({ message: z.string() })
  .meta({ id: 'GatewayMessage', description: 'A refusal of API Gateway itself.' })

const ofGateway: Readonly<Record<number, string>> = {
  400: 'API Gateway cannot read the request',
  413: 'the body is beyond what API Gateway takes',
  429: 'the limit of the whole deployment is reached',
  431: 'all headers together have more than 10,240 bytes',
  500: 'the function did not answer as it should',
  503: 'the function did not answer in time',
}

/** The refusals of an endpoint by status, as references to shared responses. */
export const refusalsOf = (
  endpoint: Endpoint,
  components: Components,
  problems: ProblemTable,
): Record<string, Reference> => {
  const codes = errorCodesOf(endpoint)
  const { oauthErrors = [] } = endpoint
  const statuses = new Set([
    ...codes.map((code) => problems[code].status),
    ...oauthErrors.map(oauthStatusOf),
    ...Object.keys(ofGateway).map(Number),
  ])
  const entry = (status: number): [string, Reference] => {
    const ofStatus = codes.filter((code) => problems[code].status === status)
    const words = oauthErrors.filter((error) => oauthStatusOf(error) === status)
    return [String(status), refusal(endpoint, status, { codes: ofStatus, words }, components, problems)]
  }
  return Object.fromEntries([...statuses].toSorted((a, b) => a - b).map(entry))
}

type Told = { readonly codes: readonly DomainErrorCode[]; readonly words: readonly OAuthErrorCode[] }

const refusal = (
  endpoint: Endpoint,
  status: number,
  told: Told,
  components: Components,
  problems: ProblemTable,
): Reference => {
  const own = ownRefusal(endpoint, status, told, components, problems)
  const gateway = ofGateway[status]
  const headers = headersOfRefusal(status)
  return components.share(own?.name ?? `Gateway${status}`, {
    ...own?.marks,
    description: [own?.description, gateway && `API Gateway by itself: ${gateway}`]
      .filter(Boolean)
      .join('; '),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    content:
      gateway === undefined ? (own?.content ?? {}) : withGatewayMessage(own?.content ?? {}, components),
  })
}

const withGatewayMessage = (content: Contents, components: Components): Contents => {
  const schema = components.convert(GatewayMessage, 'output')
  const own = content['application/json']
  const both: Content = own === undefined ? { schema } : { ...own, schema: { anyOf: [own.schema, schema] } }
  return { ...content, 'application/json': both }
}

type Contents = Readonly<Record<string, Content>>
type Own = Pick<Response, 'description'> & {
  /** Component name. */
  readonly name: string
  readonly content: Contents
  readonly marks: Pick<Response, 'x-postern-codes' | 'x-oauth-errors'>
}

/** The endpoint's own refusal with this status, in the endpoint's error format. */
const ownRefusal = (
  endpoint: Endpoint,
  status: number,
  { codes, words }: Told,
  components: Components,
  problems: ProblemTable,
): Own | undefined => {
  if (codes.length === 0 && words.length === 0) return undefined
  const { errorStyle, request, response } = endpoint
  if (errorStyle === 'oauth') return oauthRefusal(status, [...words, ...codes.map(oauthErrorOf)], components)
  const named = {
    name: codes.map(pascalCase).join('Or'),
    description: codes.map((code) => `${problems[code].title} (\`${code}\`)`).join('; '),
    marks: { 'x-postern-codes': codes },
  }
  if (errorStyle !== undefined) {
    const { shape, example } = errorShapes[errorStyle]
    const schema = components.convert(shape, 'output')
    const examples = examplesOf(codes, (code) => ({ value: example(problems[code].title) }))
    const { alternative } = response
    return {
      ...named,
      name: `${pascalCase(errorStyle)}${alternative === undefined ? '' : 'Xml'}${named.name}`,
      content: {
        'application/json': { schema, examples },
        ...(alternative === undefined ? {} : { [alternative]: { schema } }),
      },
    }
  }
  const examples = examplesOf(codes, (code) => ({ $ref: `#/components/examples/${code}` }))
  const problem = { [problemMediaType]: { schema: { $ref: '#/components/schemas/Problem' }, examples } }
  // A refused browser form gets a page; a form that can't be parsed gets a problem.
  const isForm = response.mediaType === 'text/html' && request.body !== undefined
  if (!isForm) return { ...named, content: problem }
  return {
    ...named,
    name: `Page${named.name}`,
    content: { 'text/html': { schema: { type: 'string' } }, ...problem },
  }
}

const examplesOf = <Code extends string>(codes: readonly Code[], of: (code: Code) => Example | Reference) =>
  Object.fromEntries(codes.map((code) => [code, of(code)]))

const oauthRefusal = (status: number, told: readonly OAuthErrorCode[], components: Components): Own => {
  const errors = [...new Set(told)]
  const { shape } = errorShapes.oauth
  const text = (error: OAuthErrorCode) => oauthErrorTexts[error]
  const examples = examplesOf(errors, (error) => ({ value: { error, error_description: text(error) } }))
  const isUsual = errors.every((error) => oauthStatusOf(error) === status)
  return {
    name: `OAuth${errors.map(pascalCase).join('Or')}${isUsual && status < 402 ? '' : status}`,
    description: errors.map((error) => `${text(error)} (\`${error}\`)`).join('; '),
    marks: { 'x-oauth-errors': errors },
    content: { 'application/json': { schema: components.convert(shape, 'output'), examples } },
  }
}

/** `not_found` → `NotFound`, `createUser` → `CreateUser` */
export const pascalCase = (text: string): string =>
  text.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())
