import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { routeKeysOf } from '../../../lib/contract/endpoint.ts'
import { endpoints } from '../../../lib/reference/endpoints.ts'
import {
  functionsByName,
  onlyResource,
  referredId,
  resourcesOf,
  synthesise,
  written,
} from './synthesised-template.ts'

const template = synthesise({ demo: true })
const functions = functionsByName(template)
const functionNames = new Map([...functions].map(([name, { id }]) => [id, name]))

const integrations = new Map(
  resourcesOf(template, 'AWS::ApiGatewayV2::Integration').map(([id, { Properties }]) => [
    `integrations/<${id}>`,
    functionNames.get(referredId(Properties['IntegrationUri'])),
  ]),
)
const routes = resourcesOf(template, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => ({
  key: z.string().parse(Properties['RouteKey']),
  functionName: integrations.get(written(Properties['Target'])),
  authorization: Properties['AuthorizationType'],
}))
const isDemo = ({ key }: { key: string }) => key.includes(' /demo/')

describe('routes', () => {
  it('leads each endpoint of the contract to its function, and nothing else anywhere', () => {
    const expected = endpoints.flatMap((endpoint) =>
      routeKeysOf(endpoint).map((key) => `${key} -> ${endpoint.function}`),
    )
    const actual = routes
      .filter((route) => !isDemo(route))
      .map((route) => `${route.key} -> ${route.functionName}`)
    expect(actual.toSorted()).toEqual([...expected, '$default -> meta'].toSorted())
  })

  it('answers HEAD wherever GET needs no credential (RFC 9110 section 9.1)', () => {
    const keys = new Set(routes.map(({ key }) => key))
    const open = endpoints.filter(({ method, access }) => method === 'GET' && access === 'public')
    expect(open.length).toBeGreaterThan(5)
    for (const { path } of open) expect(keys).toContain(`HEAD ${path}`)
  })

  it('leads whatever is about protected APIs to one function, which serves nothing else', () => {
    const isOfApis = ({ key }: { key: string }) => / \/v1\/(?:apis|sections)(?:\/|$)/.test(key)
    const ofApis = routes.filter(isOfApis)
    expect(ofApis.length).toBeGreaterThan(15)
    expect(new Set(ofApis.map(({ functionName }) => functionName))).toEqual(new Set(['apis']))
    expect(routes.filter((route) => route.functionName === 'apis' && !isOfApis(route))).toEqual([])
  })

  it('leaves authentication to the functions of the contract and puts the demo behind the authorizer', () => {
    const kinds = routes.map((route) => `${isDemo(route) ? 'demo' : 'own'} ${route.authorization}`)
    expect(new Set(kinds)).toEqual(new Set(['own NONE', 'demo CUSTOM']))
  })

  it('has no demo unless asked', () => {
    const plain = synthesise({})
    const keys = resourcesOf(plain, 'AWS::ApiGatewayV2::Route').map(
      ([, { Properties }]) => Properties['RouteKey'],
    )
    expect(keys.filter((key) => String(key).includes('demo'))).toEqual([])
    expect(functionsByName(plain).has('demo-api')).toBe(false)
  })

  it('hands every function events of payload format 2.0', () => {
    const formats = resourcesOf(template, 'AWS::ApiGatewayV2::Integration').map(
      ([, { Properties }]) => `${Properties['IntegrationType']} ${Properties['PayloadFormatVersion']}`,
    )
    expect(new Set(formats)).toEqual(new Set(['AWS_PROXY 2.0']))
  })

  it('lets API Gateway call each function from every route, $default included', () => {
    const api = 'arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<Api'
    const allowed = new Map(
      resourcesOf(template, 'AWS::Lambda::Permission').map(([, { Properties }]) => [
        functionNames.get(referredId(Properties['FunctionName'])),
        written(Properties['SourceArn']),
      ]),
    )
    for (const name of new Set(routes.map(({ functionName }) => functionName))) {
      const source = allowed.get(name) ?? ''
      expect(source.startsWith(api), name).toBe(true)
      // The ARN of $default is `api/stage/$default`: two slashes after the API's id and no third.
      expect(source.endsWith('>/*/*'), name).toBe(true)
    }
  })
})

describe('the stage', () => {
  const stage = onlyResource(template, 'AWS::ApiGatewayV2::Stage').Properties

  it('is the only one, has no prefix, and is throttled', () => {
    expect(stage).toMatchObject({ StageName: '$default', AutoDeploy: true })
    const limits = z.object({ ThrottlingRateLimit: z.number(), ThrottlingBurstLimit: z.number() })
    expect(limits.parse(stage['DefaultRouteSettings'])).toEqual({
      ThrottlingRateLimit: 100,
      ThrottlingBurstLimit: 200,
    })
  })

  it('logs no query string, path, header or body: a mailed link carries its token in the query', () => {
    const { Format } = z.object({ Format: z.string() }).parse(stage['AccessLogSettings'])
    const fields = Object.values(z.record(z.string(), z.string()).parse(JSON.parse(Format)))
    const revealing = /path|query|header|body|rawPath|url|overrid|authorizer\.(?!status$)/i
    expect(fields.filter((field) => revealing.test(field))).toEqual([])
    expect(fields).toContain('$context.requestId')
    expect(fields).toContain('$context.routeKey')
  })
})
