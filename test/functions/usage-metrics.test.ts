import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import * as z from 'zod'
import { createIntegrationVendor } from '../../lib/policy/manage-integration-vendors.ts'
import { compileCache } from '../compile-cache.ts'
import { origin } from '../organizations/organization.ts'
import type { AccessScene } from '../policy/access-scene.ts'
import { accessScene } from '../policy/access-scene.ts'
import { handlerEnvironment } from './handler-environment.ts'

let scene: AccessScene
let vendorId: string
let tokens: { vendor: string; plain: string }

beforeAll(async () => {
  scene = await accessScene()
  const vendor = await createIntegrationVendor(scene.dependencies, await scene.admin(), 'Acme', origin)
  vendorId = vendor.vendorId
  const permissions = { orders: 'read' } as const
  tokens = {
    vendor: (await scene.make({ username: 'by-vendor', integrationVendor: vendorId, permissions })).token,
    plain: (await scene.make({ username: 'own', permissions })).token,
  }
})

const authorizer = new URL('../../functions/authorizer.ts', import.meta.url).href

type Call = { readonly token: string; readonly path: string }

/** The authorizer in a process of its own, with nothing but the environment of the stack: its answers, and all that it printed. */
const run = async (calls: readonly Call[], before = '') => {
  const script = `${before}
    const { handler } = await import(process.argv[2])
    for (const { token, path } of JSON.parse(process.argv[1])) {
      const answer = await handler({
        version: '2.0',
        rawPath: path,
        routeKey: '$default',
        headers: { authorization: token },
        requestContext: {
          requestId: 'r',
          apiId: 'unregistered',
          stage: '$default',
          http: { method: 'GET', sourceIp: '192.0.2.1' },
        },
      })
      console.error(answer.isAuthorized)
    }
    process.exit()`
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', script, JSON.stringify(calls), authorizer],
    {
      env: handlerEnvironment({
        ...compileCache,
        TABLE_NAME: scene.table.tableName,
        AUTHORIZER_CACHE_SECONDS: '5',
        LOG_LEVEL: 'INFO',
        AWS_ENDPOINT_URL_DYNAMODB: inject('dynamoDbEndpoint'),
      }),
    },
  )
  const lines = stdout
    .trim()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line))
  return { answers: stderr.trim().split('\n'), lines, metrics: lines.filter((line) => '_aws' in line) }
}

/** What CloudWatch demands of a line before it makes a metric of it (Embedded Metric Format, schema of `_aws`). */
const Directive = z.strictObject({
  Timestamp: z.int().positive(),
  CloudWatchMetrics: z.tuple([
    z.strictObject({
      Namespace: z.literal('Postern'),
      Dimensions: z.tuple([z.tuple([z.literal('organization'), z.literal('integrationVendor')])]),
      Metrics: z.tuple([z.strictObject({ Name: z.string(), Unit: z.literal('Count') })]),
    }),
  ]),
})

describe('the usage of an integration vendor', () => {
  it('is a line of the embedded metric format for each decided request of its users, and of nobody else', async () => {
    const { answers, lines, metrics } = await run([
      { token: tokens.vendor, path: '/orders' },
      { token: tokens.plain, path: '/orders' },
      { token: tokens.vendor, path: '/elsewhere' },
      { token: 'pst_unknown', path: '/orders' },
    ])
    expect(answers).toEqual(['true', 'true', 'false', 'false'])
    expect(lines.filter(({ event }) => event === 'decision')).toHaveLength(4)
    const whose = { organization: scene.organizationId, integrationVendor: vendorId }
    const [allowed, denied] = metrics
    expect(metrics).toEqual([
      { _aws: expect.anything(), ...whose, AllowedRequests: 1 },
      { _aws: expect.anything(), ...whose, DeniedRequests: 1 },
    ])
    for (const [line, name] of [
      [allowed, 'AllowedRequests'],
      [denied, 'DeniedRequests'],
    ] as const)
      expect(Directive.parse(line?.['_aws']).CloudWatchMetrics[0].Metrics[0].Name).toBe(name)
  })

  it('changes no decision when it cannot be counted, and says so', async () => {
    const broken = `const { stringify } = JSON
      JSON.stringify = (value, ...rest) => {
        if (value?._aws !== undefined) throw new Error('no room')
        return stringify(value, ...rest)
      }`
    const { answers, lines, metrics } = await run(
      [
        { token: tokens.vendor, path: '/orders' },
        { token: tokens.vendor, path: '/elsewhere' },
      ],
      broken,
    )
    expect(answers).toEqual(['true', 'false'])
    expect(metrics).toEqual([])
    expect(lines.filter(({ event }) => event === 'usage_not_counted')).toHaveLength(2)
  })
})
