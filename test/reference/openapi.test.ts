import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { takesAccountGroup } from '../../lib/contract/account-group-query.ts'
import { errorCodesOf } from '../../lib/contract/error-codes.ts'
import { oauthErrorOf, oauthStatusOf } from '../../lib/contract/error-styles.ts'
import { problemBody, problems } from '../../lib/contract/problem.ts'
import { ProblemShape } from '../../lib/contract/problem-shape.ts'
import { DomainError, domainErrorCodes } from '../../lib/effects/domain-error.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'
import type { Content, Operation, Parameter, Response } from '../../lib/reference/openapi/document.ts'
import { parametersBehind, responseBehind } from '../../lib/reference/openapi/document.ts'
import { buildOpenApi, documentedPath } from '../../lib/reference/openapi/openapi.ts'
import { activeSession } from '../../lib/sessions/oauth/introspection-response.ts'
import { Introspection, TokenRequest } from '../../lib/sessions/oauth/oauth-shapes.ts'
import { actorEpoch, goodClaims } from '../sessions/crafted-token.ts'
import { document, validatorOf } from './conformance.ts'

const origin = 'https://api.example.com'
const json: unknown = JSON.parse(JSON.stringify(document))

const operations = endpoints.map((endpoint) => {
  const operation = document.paths[documentedPath(endpoint)]?.[endpoint.method.toLowerCase()]
  if (operation === undefined) throw new Error(`${endpoint.operationId} is missing`)
  return { endpoint, operation }
})

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const everyValue = function* (value: unknown): Generator<Record<string, unknown>> {
  if (!isRecord(value)) return
  yield value
  for (const child of Object.values(value)) yield* everyValue(child)
}

const pointedAt = (reference: string): unknown =>
  reference
    .slice(2)
    .split('/')
    .reduce<unknown>((value, name) => (isRecord(value) ? value[name] : undefined), json)

const answersOf = (operation: Operation): [string, Response][] =>
  Object.entries(operation.responses).map(([status, given]) => {
    const response = responseBehind(document, given)
    if (response === undefined) throw new Error(`${operation.operationId} ${status} points nowhere`)
    return [status, response]
  })

const contentsOf = (operation: Operation): [string, Content][] =>
  [operation.requestBody, ...answersOf(operation).map(([, answer]) => answer)].flatMap((part) =>
    Object.entries(part?.content ?? {}),
  )

const examplesOf = (content: Content): unknown[] => [
  ...(content.example === undefined ? [] : [content.example]),
  ...Object.values(content.examples ?? {}).map((example) =>
    '$ref' in example
      ? isRecord(pointedAt(example.$ref)) && pointedAt(`${example.$ref}/value`)
      : example.value,
  ),
]

const versionIn = (file: string): string | undefined =>
  /^(?:\s*"version": "|## \[)(\d+\.\d+\.\d+)/m.exec(readFileSync(file, 'utf8'))?.[1]

describe('the OpenAPI document', () => {
  it.each(['package.json', 'package-lock.json', 'CHANGELOG.md'])('has the version of %s', (file) => {
    expect(versionIn(file)).toBe(document.info.version)
    const { example } = endpoints.find(({ operationId }) => operationId === 'getOpenApi')?.response ?? {}
    expect(example).toMatchObject({ info: { version: document.info.version } })
  })

  it('describes every endpoint of the contract and nothing else', () => {
    const described = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(described.toSorted()).toEqual(
      endpoints.map((endpoint) => `${endpoint.method} ${documentedPath(endpoint)}`).toSorted(),
    )
  })

  it('is plain JSON: nothing in it is lost or changed on the way to the client', () => {
    expect(json).toEqual(document)
  })

  it('has only references that lead somewhere', () => {
    const references = [...everyValue(json)].flatMap((value) => value['$ref'] ?? [])
    expect(references.length).toBeGreaterThan(100)
    const dangling = references.filter((reference) => pointedAt(String(reference)) === undefined)
    expect(dangling).toEqual([])
  })

  it('gives every operation an id of its own, a tag that is explained, and a summary', () => {
    const ids = operations.map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    const explained = document.tags.filter(({ description }) => description !== '').map(({ name }) => name)
    for (const { operation } of operations) {
      expect(explained).toContain(operation.tags[0])
      expect(operation.summary).not.toBe('')
    }
  })

  it('declares exactly the parameters that stand in each path', () => {
    for (const { endpoint, operation } of operations) {
      const inTemplate = [...documentedPath(endpoint).matchAll(/\{(\w+)\}/g)].map((match) => match[1])
      const inPath = parametersBehind(document, operation).filter((parameter) => parameter.in === 'path')
      expect(inPath.map(({ name }) => name).toSorted()).toEqual(inTemplate.toSorted())
      expect(inPath.every(({ required }) => required)).toBe(true)
    }
  })

  it('names every query parameter and header that the contract reads', () => {
    for (const { endpoint, operation } of operations) {
      const named = (where: Parameter['in']) =>
        parametersBehind(document, operation)
          .filter((parameter) => parameter.in === where)
          .map(({ name }) => (where === 'header' ? name.toLowerCase() : name))
      expect(named('query')).toEqual([
        ...Object.keys(endpoint.request.query?.shape ?? {}),
        ...(endpoint.dryRun === true ? ['dryRun'] : []),
        ...(takesAccountGroup(endpoint) ? ['aid'] : []),
      ])
      expect(named('header')).toEqual(Object.keys(endpoint.request.headers?.shape ?? {}))
    }
    const named = operations
      .flatMap(({ operation }) => parametersBehind(document, operation))
      .map(({ name }) => name)
    expect(named).toContain('If-Match')
    expect(named).toContain('Idempotency-Key')
  })

  it('lists every error code of every endpoint under its own status', () => {
    for (const { endpoint, operation } of operations) {
      const answers = new Map(answersOf(operation))
      for (const code of errorCodesOf(endpoint)) {
        if (problems[code].status === endpoint.response.status) continue
        const response = answers.get(String(problems[code].status))
        const told = `${endpoint.operationId} ${code}`
        if (endpoint.errorStyle === 'oauth') {
          expect(response?.['x-oauth-errors'], told).toContain(oauthErrorOf(code))
          expect(response?.content?.['application/json']?.examples).toHaveProperty(oauthErrorOf(code))
          continue
        }
        const mediaType = endpoint.errorStyle === undefined ? 'application/problem+json' : 'application/json'
        expect(response?.['x-postern-codes'], told).toContain(code)
        expect(response?.content?.[mediaType]?.examples).toHaveProperty(code)
      }
      for (const error of endpoint.oauthErrors ?? [])
        expect(answers.get(String(oauthStatusOf(error)))?.['x-oauth-errors']).toContain(error)
    }
  })

  it('closes the lists of codes', () => {
    const body = (code: string) => ({ type: '/', title: 'x', status: 409, code, requestId: 'r' })
    const problem = validatorOf({ $ref: '#/components/schemas/Problem' })
    expect(problem.safeParse(body('version_conflict')).success).toBe(true)
    expect(problem.safeParse(body('no_such_code')).success).toBe(false)
    const oauth = validatorOf({ $ref: '#/components/schemas/OAuthError' })
    expect(oauth.safeParse({ error: 'invalid_target', error_description: 'x' }).success).toBe(true)
    expect(oauth.safeParse({ error: 'no_such_code', error_description: 'x' }).success).toBe(false)
  })

  it('tells what API Gateway answers by itself, everywhere', () => {
    for (const { endpoint, operation } of operations) {
      const answers = new Map(answersOf(operation))
      for (const status of ['400', '413', '429', '431', '500', '503']) {
        if (Number(status) === endpoint.response.status) continue
        const { schema } = answers.get(status)?.content?.['application/json'] ?? {}
        const accepted = validatorOf(schema ?? {}).safeParse({ message: 'Request Entity Too Large' })
        expect(accepted.success, `${endpoint.operationId} ${status}`).toBe(true)
      }
    }
  })

  it('says each thing once: refusals are shared, and the whole is small enough to be read by every client', () => {
    const refusals = operations.flatMap(({ endpoint, operation }) =>
      Object.entries(operation.responses).filter(([status]) => Number(status) !== endpoint.response.status),
    )
    expect(refusals.filter(([, response]) => !('$ref' in response))).toEqual([])
    expect(JSON.stringify(document.components.responses).length).toBeLessThan(65_000)
  })

  it('tells of each answer the headers that a client acts on', () => {
    const limits = ['Limit', 'Remaining', 'Reset'].map((name) => `X-Organization-Rate-Limit-${name}`)
    for (const { endpoint, operation } of operations) {
      for (const [status, { headers }] of answersOf(operation)) {
        const isAnswer = Number(status) === endpoint.response.status
        if (isAnswer) expect(headers).toHaveProperty('Cache-Control')
        if ((isAnswer && endpoint.access !== 'public') || status === '429')
          expect(Object.keys(headers ?? {})).toEqual(expect.arrayContaining(limits))
        if (status === '401') expect(headers).toHaveProperty('WWW-Authenticate')
        if (status === '429' || status === '503') expect(headers).toHaveProperty('Retry-After')
      }
    }
    const created = responseBehind(document, document.paths['/v1/users']?.['post']?.responses['201'])
    expect(Object.keys(created?.headers ?? {})).toEqual(['Cache-Control', 'ETag', 'Location', ...limits])
  })

  it('asks for a credential exactly where the contract does, and says which permission', () => {
    for (const { endpoint, operation } of operations) {
      const isOpen =
        operation.security.length === 0 || operation.security.some((way) => Object.keys(way).length === 0)
      expect(isOpen, endpoint.operationId).toBe(endpoint.access === 'public' && endpoint.cookie !== 'needs')
      const expected = endpoint.access === 'public' ? 'none' : endpoint.access
      expect(operation['x-postern-permission']).toEqual(expected)
      if (typeof endpoint.access === 'object')
        expect(operation.description).toContain(endpoint.access.section)
      for (const scheme of operation.security.flatMap(Object.keys)) {
        expect(document.components.securitySchemes).toHaveProperty(scheme)
      }
    }
  })

  it('names this deployment, and no other host', () => {
    expect(document.servers[0]?.url).toBe(origin)
    const { oauth2 } = document.components.securitySchemes
    expect(oauth2).toMatchObject({ flows: { clientCredentials: { tokenUrl: `${origin}/oauth/token` } } })
    const elsewhere = buildOpenApi({ endpoints, problems, origin: 'http://localhost:3000' })
    expect(elsewhere.servers[0]?.url).toBe('http://localhost:3000')
  })

  it('refuses two schemas that claim one name', () => {
    const [endpoint] = endpoints.filter(({ operationId }) => operationId === 'listRoles')
    if (endpoint === undefined) throw new Error('listRoles is missing')
    const schema = z.object({ other: z.string() }).meta({ id: 'User' })
    const clashing = { ...endpoint, response: { ...endpoint.response, schema } }
    expect(() => buildOpenApi({ endpoints: [...endpoints, clashing], problems, origin })).toThrow('User')
  })
})

describe('the calls of the rights model', () => {
  const organizationWide = { level: 'write', section: 'postern-apis' }
  it.each([
    ['GET /v1/apis', 'read'],
    ['POST /v1/apis', 'write'],
    ['GET /v1/apis/{api}', 'read'],
    ['PATCH /v1/apis/{api}', 'write'],
    ['DELETE /v1/apis/{api}', 'write'],
    ['POST /v1/apis/{api}/gateways', 'write'],
    ['DELETE /v1/apis/{api}/gateways/{bindingId}', 'write'],
    ['PUT /v1/apis/{api}/shares/{organizationId}', 'write'],
    ['DELETE /v1/apis/{api}/shares/{organizationId}', 'write'],
    ['PUT /v1/apis/{api}/owner', 'write'],
    ['GET /v1/apis/{api}/sections', 'read'],
    ['POST /v1/apis/{api}/sections', 'write'],
    ['GET /v1/apis/{api}/sections/{name}', 'read'],
    ['PUT /v1/apis/{api}/sections/{name}', 'write'],
    ['DELETE /v1/apis/{api}/sections/{name}', 'write'],
    ['POST /v1/apis/{api}/sections/import', 'write'],
    ['GET /v1/sections', 'read'],
  ])('%s needs %s on postern-apis, and writing it for the whole organization', (key, level) => {
    const found = operations.find(({ endpoint }) => `${endpoint.method} ${endpoint.path}` === key)
    expect(found?.operation.tags).toEqual(['apis'])
    expect(found?.operation['x-postern-permission']).toMatchObject({ section: 'postern-apis', level })
    if (level === 'write') expect(found?.operation['x-postern-permission']).toEqual(organizationWide)
  })

  it.each([
    'GET /v1/users/me/memberships',
    'POST /v1/users/me/memberships/{organizationId}/accept',
    'DELETE /v1/users/me/memberships/{organizationId}',
    'DELETE /v1/users/me/keys/{keyId}',
    'POST /v1/auth/logout',
  ])('%s needs no right: the caller acts on itself', (key) => {
    const found = operations.find(({ endpoint }) => `${endpoint.method} ${endpoint.path}` === key)
    expect(found?.operation['x-postern-permission']).toBe('self')
  })

  it('lets only a logout through while somebody acts as the caller', () => {
    const ending = endpoints.filter((endpoint) => 'endsSession' in endpoint && endpoint.endsSession)
    expect(ending.map(({ operationId }) => operationId)).toEqual(['logout'])
  })

  it('names the target of a token wherever one is made (RFC 8707)', () => {
    expect(Object.keys(TokenRequest.shape)).toEqual(
      expect.arrayContaining(['resource', 'audience', 'subject_token', 'actor_token', 'requested_subject']),
    )
    expect(document.components.schemas['Login']).toHaveProperty('properties.audience')
  })

  it('describes what introspection tells of a session, of who acts in it, too', () => {
    const claims = { ...goodClaims, aid: 1, act: { sub: 'usr_fedcba9876543210' as const, epoch: actorEpoch } }
    const told = activeSession(claims, 'partner-42')
    expect(Introspection.parse(told)).toEqual(told)
    expect(Object.keys(Introspection.shape)).toEqual(expect.arrayContaining(Object.keys(told)))
  })
})

describe('its schemas', () => {
  const keywords = new Set(
    `$ref type properties required additionalProperties propertyNames items anyOf allOf oneOf discriminator enum const pattern format
     minLength maxLength minimum maximum exclusiveMinimum minItems maxItems default description examples`.split(
      /\s+/,
    ),
  )
  const types = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']

  const checkSchema = (schema: unknown, path: string): void => {
    if (typeof schema === 'boolean' || !isRecord(schema)) return
    for (const keyword of Object.keys(schema)) expect(keywords, `${path}: ${keyword}`).toContain(keyword)
    const { type, pattern, properties, required, items, additionalProperties, propertyNames } = schema
    for (const one of type === undefined ? [] : [type].flat()) expect(types, path).toContain(one)
    // JSON Schema's patterns are ECMA-262 with the u flag.
    if (typeof pattern === 'string') expect(() => new RegExp(pattern, 'u'), path).not.toThrow()
    const names = Object.keys(isRecord(properties) ? properties : {})
    for (const name of Array.isArray(required) ? required : []) expect(names, path).toContain(name)
    for (const [name, property] of Object.entries(isRecord(properties) ? properties : {})) {
      checkSchema(property, `${path}.${name}`)
    }
    for (const child of [items, additionalProperties, propertyNames]) checkSchema(child, path)
    for (const list of [schema['anyOf'], schema['oneOf'], schema['allOf']]) {
      for (const child of Array.isArray(list) ? list : []) checkSchema(child, path)
    }
  }

  it('are JSON Schema 2020-12, with known keywords and patterns that compile', () => {
    for (const [name, schema] of Object.entries(document.components.schemas)) checkSchema(schema, name)
    for (const { operation } of operations) {
      for (const { name, schema } of parametersBehind(document, operation)) checkSchema(schema, name)
      for (const [mediaType, { schema }] of contentsOf(operation)) {
        checkSchema(schema, `${operation.operationId} ${mediaType}`)
      }
    }
  })

  it('close what comes in and leave open what goes out', () => {
    expect(document.components.schemas['NewUser']).toHaveProperty('additionalProperties', false)
    expect(document.components.schemas['User']).not.toHaveProperty('additionalProperties')
  })

  it('agree with every example in the document', () => {
    let seen = 0
    for (const { operation } of operations) {
      for (const [mediaType, content] of contentsOf(operation)) {
        const validator = validatorOf(content.schema)
        for (const example of examplesOf(content)) {
          const result = validator.safeParse(example)
          expect(result.error?.issues ?? [], `${operation.operationId} ${mediaType}`).toEqual([])
          seen += 1
        }
      }
    }
    expect(seen).toBeGreaterThan(endpoints.length)
  })
})

describe('the examples of the contract', () => {
  it.each(endpoints.map((endpoint) => [endpoint.operationId, endpoint] as const))(
    '%s shows a request and an answer that its own schemas accept',
    (_operationId, { request, response }) => {
      if (request.body !== undefined) {
        expect(request.body.safeParse(request.example).error?.issues ?? []).toEqual([])
      }
      if (response.schema !== undefined) {
        expect(response.schema.safeParse(response.example).error?.issues ?? []).toEqual([])
        // Shaping must not take anything away: an example that loses a field shows one that never leaves.
        expect(response.schema.parse(response.example)).toEqual(response.example)
      }
    },
  )
})

describe('the shape of a problem', () => {
  it.each(domainErrorCodes)('is what really leaves for %s', (code) => {
    const error = new DomainError(code, { detail: 'x', errors: [{ path: 'a.0', message: 'b' }] })
    const body = problemBody(error, 'request')
    expect(ProblemShape.parse(body)).toEqual(body)
    expect(Object.keys(ProblemShape.shape).toSorted()).toEqual(Object.keys(body).toSorted())
  })
})
