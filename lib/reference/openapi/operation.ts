import * as z from 'zod'
import { AccountGroupQuery, takesAccountGroup } from '../../contract/account-group-query.ts'
import { DryRunQuery, DryRunReport, dryRunAnswer } from '../../contract/dry-run.ts'
import type { Endpoint } from '../../contract/endpoint.ts'
import { exampleCredential } from '../../credentials/credential-shape.ts'
import { exampleLogoHash } from '../../organizations/logo-endpoints.ts'
import { exampleUser } from '../../users/user-shape.ts'
import type { Body, Content, JsonSchema, Operation, Parameter, Reference, Response } from './document.ts'
import { responseBehind } from './document.ts'
import { headersOfSuccess } from './headers.ts'
import type { ProblemTable } from './problem.ts'
import { pascalCase, refusalsOf } from './refusals.ts'
import type { Components } from './schema.ts'
import { permissionOf, permissionText, securityOf } from './security.ts'

export const operationOf = (
  endpoint: Endpoint,
  components: Components,
  problems: ProblemTable,
): Operation => {
  const parameters = [
    ...parametersOf(endpoint.request.params, 'path', components),
    ...parametersOf(endpoint.request.query, 'query', components),
    ...(endpoint.dryRun === true ? parametersOf(DryRunQuery, 'query', components) : []),
    ...(takesAccountGroup(endpoint) ? parametersOf(AccountGroupQuery, 'query', components) : []),
    ...parametersOf(endpoint.request.headers, 'header', components),
  ]
  const body = bodyOf(endpoint, components)
  const status = String(endpoint.response.status)
  const refusals = refusalsOf(endpoint, components, problems)
  const answer = successOf(endpoint, components)
  // The success status may also be the status of refusals.
  const beside = responseBehind({ components }, refusals[status])?.content
  const content = beside === undefined ? answer.content : { ...beside, ...answer.content }
  return {
    operationId: endpoint.operationId,
    tags: [endpoint.tag],
    summary: endpoint.summary,
    description: [endpoint.description, permissionText(endpoint)].filter(Boolean).join('\n\n'),
    security: securityOf(endpoint),
    ...(parameters.length === 0 ? {} : { parameters: parameters.map(components.shareParameter) }),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: {
      ...refusals,
      ...dryRunOf(endpoint, components),
      [status]: { ...answer, ...(content === undefined ? {} : { content }) },
    },
    'x-postern-permission': permissionOf(endpoint),
  }
}

/** Example values of parameters: the ids of the example answers. */
const exampleIds: Readonly<Record<string, string | number>> = {
  userId: exampleUser.userId,
  keyId: exampleCredential.keyId,
  uid: 4_826_137_205_118_431,
  aid: 1000,
  roleId: 1001,
  name: 'orders',
  vendorId: 'vnd_4k2m9x7q1w8e',
  factorId: 'fac_a1b2c3d4e5f6',
  api: 'shop',
  bindingId: 'gwb_4k2m9x7q1w8e',
  organizationId: 'org_z9y8x7w6v5',
  hash: exampleLogoHash,
  provider: 'AWS',
  guide: 'access',
  requestId: 'JKJaXmPLvHcESHA=',
}

/** Descriptions of parameters that several endpoints share, and the display spelling of headers. */
const parameterNotes: Readonly<Record<string, { readonly spelling?: string; readonly description: string }>> =
  {
    userId: { description: 'Of the user in question.' },
    keyId: { description: 'Of the key or token in question.' },
    uid: { description: 'The number of the user in question.' },
    roleId: { description: 'The number of the role in question.' },
    name: { description: 'Of the section in question.' },
    vendorId: { description: 'Of the integration vendor in question.' },
    'if-match': {
      spelling: 'If-Match',
      description:
        'The ETag that the change was made from; when it is not the current one the answer is 412.',
    },
    'idempotency-key': {
      spelling: 'Idempotency-Key',
      description: 'Makes it safe to repeat a request whose answer was lost.',
    },
    'accept-encoding': {
      spelling: 'Accept-Encoding',
      description: 'Lets the file come compressed, by Brotli or gzip.',
    },
    token: { description: 'From the mail.' },
  }

const parametersOf = (
  schema: z.ZodObject | undefined,
  place: Parameter['in'],
  components: Components,
): Parameter[] => {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = components.convert(schema, 'input')
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = typeof property === 'boolean' ? {} : property
    const example = exampleIds[name]
    const note = parameterNotes[name]
    const about = description ?? note?.description
    return {
      name: note?.spelling ?? name,
      in: place,
      ...(about === undefined ? {} : { description: about }),
      required: place === 'path' || required.includes(name),
      schema: rest,
      ...(example === undefined ? {} : { example }),
    }
  })
}

const bodyOf = (endpoint: Endpoint, components: Components): Body | undefined => {
  const { body, mediaType, example } = endpoint.request
  if (body === undefined || mediaType === undefined) return undefined
  const name = `${pascalCase(endpoint.operationId)}Request`
  const schema = components.convertNamed(name, body, 'input')
  const required = endpoint.request.bodyIsOptional !== true
  return { required, content: { [mediaType]: content(schema, example) } }
}

const content = (schema: JsonSchema, example: unknown): Content => ({
  schema,
  ...(example === undefined ? {} : { example }),
})

/** The 200 answer of a dry run, if the ordinary one differs. */
const dryRunOf = (endpoint: Endpoint, components: Components): Record<string, Response | Reference> => {
  if (endpoint.dryRun !== true || endpoint.response.status === 200) return {}
  const { ETag: _, Location: __, ...headers } = headersOfSuccess(endpoint)
  const schema = components.convertNamed('DryRunAnswer', dryRunAnswer(noAnswer), 'output')
  const description =
    'With `dryRun=true`: what would change, beside what the ordinary answer has, but for a credential'
  const content = { 'application/json': { schema } }
  return { '200': components.share('DryRun', { description, headers, content }) }
}

const noAnswer = { response: { status: 204, description: '' } }

/** With `dryRun=true` an answer of status 200 has one more field. */
const answerOf = ({ dryRun, response: { status, schema } }: Endpoint): z.ZodType | undefined =>
  dryRun === true && status === 200 && schema instanceof z.ZodObject
    ? z.object({ ...schema.shape, dryRun: DryRunReport.optional() })
    : schema

const text = { type: 'string' } as const

const successOf = (endpoint: Endpoint, components: Components): Response => {
  const { description, mediaType, alternative, example } = endpoint.response
  const schema = answerOf(endpoint)
  const headers = headersOfSuccess(endpoint)
  if (mediaType === undefined) return { description, headers }
  // Each line is a JSON text, the body is not. OpenAPI 3.1 can't describe this.
  const isText = schema === undefined || mediaType === 'application/x-ndjson'
  const name = `${pascalCase(endpoint.operationId)}Response`
  const shown = isText ? { schema: text } : content(components.convertNamed(name, schema, 'output'), example)
  // Elements named like the fields, one per list item: OpenAPI's default for XML.
  const other = alternative === undefined ? {} : { [alternative]: { schema: shown.schema } }
  return { description, headers, content: { [mediaType]: shown, ...other } }
}
