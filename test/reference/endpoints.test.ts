import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { functionSpecs } from '../../infra/aws/functions.ts'
import type { Endpoint } from '../../lib/contract/endpoint.ts'
import { httpFunctionNames } from '../../lib/contract/endpoint.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'

const files = readdirSync('lib', { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('-endpoints.ts'),
)

describe('the list of all endpoints', () => {
  it.each(files)('has those of lib/%s', async (file) => {
    const module: Record<string, unknown> = await import(/* @vite-ignore */ `../../lib/${file}`)
    const lists = Object.entries(module).filter(([name]) => name.endsWith('Endpoints'))
    expect(lists.length).toBeGreaterThan(0)
    for (const endpoint of lists.flatMap(([, list]) => list as readonly Endpoint[]))
      expect(endpoints).toContain(endpoint)
  })

  it('has each route and each name once', () => {
    expect(new Set(endpoints.map(({ method, path }) => `${method} ${path}`)).size).toBe(endpoints.length)
    expect(new Set(endpoints.map(({ operationId }) => operationId)).size).toBe(endpoints.length)
  })
})

describe('an id in a path', () => {
  const ids = ['usr_', 'org_', 'key_', 'api_', 'vnd_', 'gwb_', ''].map((prefix) => `${prefix}0123456789`)
  const named = endpoints.flatMap(({ operationId, request }) =>
    Object.entries(request.params?.shape ?? {})
      .filter(([name]) => /^(user|organization|key|vendor|binding)Id$/.test(name))
      .map(([name, schema]) => [name, operationId, schema] as const),
  )

  it.each(named)('is a %s, and no other one, for %s', (_name, _operationId, schema) => {
    expect(ids.filter((id) => z.safeParse(schema, id).success)).toHaveLength(1)
  })
})

it('gives every function an entry of its name, and every HTTP function an endpoint', () => {
  for (const [name, { entry }] of Object.entries(functionSpecs)) {
    expect(entry).toBe(`functions/${name}.ts`)
    expect(existsSync(entry), entry).toBe(true)
  }
  const serving = new Set(endpoints.map((endpoint) => endpoint.function))
  expect(httpFunctionNames.filter((name) => !serving.has(name))).toEqual([])
})
