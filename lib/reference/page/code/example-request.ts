import type { OpenApiDocument, Operation, Parameter } from '../../openapi/document.ts'
import { parametersBehind, responseBehind } from '../../openapi/document.ts'

/** The example of an operation, as each language writes it. */
export type ExampleRequest = {
  /** Upper case. */
  readonly method: string
  readonly url: string
  /** The scheme of the reader's credential, which the code reads from the environment. */
  readonly credential: 'bearer' | 'basic' | 'none'
  /** Without Authorization. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body:
    | { readonly kind: 'none' }
    | { readonly kind: 'json'; readonly value: unknown }
    | { readonly kind: 'form'; readonly fields: readonly (readonly [name: string, value: string])[] }
  /** Whether the answer to a good request is JSON. */
  readonly answersJson: boolean
}

const exampleOf = ({ name, example }: Parameter): string => String(example ?? name)

const filled = (path: string, parameters: readonly Parameter[]): string =>
  parameters
    .filter((parameter) => parameter.in === 'path')
    .reduce((text, parameter) => text.replace(`{${parameter.name}}`, exampleOf(parameter)), path)

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const bodyOf = ({ requestBody }: Operation): ExampleRequest['body'] => {
  const [entry] = Object.entries(requestBody?.content ?? {})
  if (entry === undefined) return { kind: 'none' }
  const [mediaType, { example = {} }] = entry
  if (mediaType !== 'application/x-www-form-urlencoded') return { kind: 'json', value: example }
  const fields = isRecord(example) ? Object.entries(example) : []
  return { kind: 'form', fields: fields.map(([name, value]) => [name, String(value)]) }
}

const credentialOf = ({ security }: Operation): ExampleRequest['credential'] =>
  (['bearer', 'basic'] as const).find((scheme) => security.some((way) => scheme in way)) ?? 'none'

const answersJson = ({ responses }: Operation, document: OpenApiDocument): boolean =>
  Object.entries(responses)
    .filter(([status]) => status.startsWith('2'))
    .some(([, response]) => 'application/json' in (responseBehind(document, response)?.content ?? {}))

export const exampleRequest = (
  document: OpenApiDocument,
  method: string,
  path: string,
  operation: Operation,
): ExampleRequest => {
  const parameters = parametersBehind(document, operation)
  const required = (place: Parameter['in']) =>
    parameters
      .filter((parameter) => parameter.in === place && parameter.required)
      .map((parameter) => [parameter.name, exampleOf(parameter)] as const)
  const query = new URLSearchParams(Object.fromEntries(required('query'))).toString()
  const body = bodyOf(operation)
  return {
    method: method.toUpperCase(),
    url: `${document.servers[0]?.url ?? ''}${filled(path, parameters)}${query === '' ? '' : `?${query}`}`,
    credential: credentialOf(operation),
    headers: [
      // Endpoints that can answer 406 need it; most programs send */*.
      ...('406' in operation.responses ? [['Accept', 'application/json'] as const] : []),
      // Another key for each call: a key belongs to one request.
      ...required('header').map(([name, value]) =>
        name === 'Idempotency-Key'
          ? ([name, `${operation.operationId}-1`] as const)
          : ([name, value] as const),
      ),
      ...(body.kind === 'json' ? [['Content-Type', 'application/json'] as const] : []),
    ],
    body,
    answersJson: answersJson(operation, document),
  }
}
