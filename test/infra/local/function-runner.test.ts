import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import type { FunctionError } from '../../../infra/local/function-message.ts'
import { createPlaces } from '../../../infra/local/function-places.ts'
import { createRunner, type FunctionRunner } from '../../../infra/local/function-runner.ts'

const cache = mkdtempSync(join(tmpdir(), 'postern-compile-'))
const workerUrl = new URL('../../../infra/local/function-worker.ts', import.meta.url)
const runners: FunctionRunner[] = []
afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.stop()))
})
afterAll(() => rmSync(cache, { recursive: true, force: true }))

function runnerOf(
  fixture: string,
  { timeoutSeconds = 10, memoryMegabytes = 256, environment = {}, places = createPlaces(100) } = {},
) {
  const errors: FunctionError[] = []
  const runner = createRunner({
    places,
    workerUrl,
    start: {
      entryUrl: new URL(`./fixtures/${fixture}.ts`, import.meta.url).href,
      exportName: 'handler',
      functionName: fixture,
      functionArn: `arn:${fixture}`,
      memoryMegabytes,
      compileCacheFolder: cache,
    },
    environment,
    timeoutSeconds,
    onOutput: () => {},
    onError: (error) => errors.push(error),
  })
  runners.push(runner)
  return { runner, errors }
}

describe('createRunner', () => {
  it('gives a function its event, its context and nothing of our environment', async () => {
    const { runner } = runnerOf('echo', { environment: { TABLE_NAME: 'table' } })
    expect(await runner.invoke({ a: [1, 'ü'] })).toMatchObject({
      type: 'result',
      payload: {
        event: { a: [1, 'ü'] },
        environment: { TABLE_NAME: 'table' },
        context: { functionName: 'echo', memoryLimitInMB: '256', invokedFunctionArn: 'arn:echo' },
      },
    })
    const { payload } = Object(await runner.invoke({}))
    expect(Object.keys(payload.environment)).toEqual(['TABLE_NAME'])
  })

  it('keeps a function loaded between requests', async () => {
    const { runner } = runnerOf('fragile')
    const payloads = [await runner.invoke({}), await runner.invoke({})]
    expect(payloads).toEqual([
      { type: 'result', payload: { calls: 1 } },
      { type: 'result', payload: { calls: 2 } },
    ])
  })

  it('keeps serving the same instance after a throw', async () => {
    const { runner, errors } = runnerOf('fragile')
    expect(await runner.invoke({ way: 'throw' })).toMatchObject({
      type: 'error',
      error: { errorType: 'TypeError', errorMessage: 'thrown on purpose' },
    })
    expect(await runner.invoke({})).toEqual({ type: 'result', payload: { calls: 2 } })
    expect(errors.length).toBe(1)
  })

  it.each([
    ['exit', /code 3/],
    ['crash', /outside of the handler/],
    ['eat-memory', /memory/i],
  ])('starts anew after a function died (%s), and serves the next request', async (way, message) => {
    const { runner, errors } = runnerOf('fragile', { memoryMegabytes: 64 })
    const { type, error } = Object(await runner.invoke({ way }))
    expect(type).toBe('error')
    expect(error.errorMessage).toMatch(message)
    expect(await runner.invoke({})).toEqual({ type: 'result', payload: { calls: 1 } })
    expect(errors.length).toBe(1)
  })

  it.each(['hang', 'spin'])(
    'ends a function that takes over its time (%s), and serves the next',
    async (way) => {
      const { runner } = runnerOf('fragile', { timeoutSeconds: 0.2 })
      const { error } = Object(await runner.invoke({ way }))
      expect(error).toMatchObject({ errorMessage: 'Task timed out after 0.20 seconds' })
      expect(await runner.invoke({})).toEqual({ type: 'result', payload: { calls: 1 } })
    },
  )

  it('fails each request of a module that does not load', async () => {
    const { runner } = runnerOf('unloadable')
    const results = await Promise.all([runner.invoke({}), runner.invoke({}), runner.invoke({})])
    for (const result of results) {
      expect(result).toMatchObject({ type: 'error', error: { errorMessage: 'this module does not load' } })
    }
  })

  it('lets one request at a time into an instance, and answers each of many', async () => {
    const { runner } = runnerOf('slow')
    const results = await Promise.all(Array.from({ length: 20 }, () => runner.invoke({})))
    expect(results).toEqual(results.map(() => ({ type: 'result', payload: { together: 1 } })))
  })

  it('keeps no more instances than there are places, of all functions together, and answers everybody', async () => {
    const places = createPlaces(2)
    const slow = runnerOf('slow', { places })
    const fragile = runnerOf('fragile', { places })
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? slow : fragile).runner.invoke({})),
    )
    expect(results.map(({ type }) => type)).toEqual(Array(12).fill('result'))
    // Both places go to `slow`, so what `fragile` kept is gone, as on Lambda.
    await Promise.all([slow.runner.invoke({}), slow.runner.invoke({})])
    expect(await fragile.runner.invoke({})).toEqual({ type: 'result', payload: { calls: 1 } })
    expect([slow.errors, fragile.errors]).toEqual([[], []])
  })

  it('lets no function wait for a place until another has answered all that came to it', async () => {
    const places = createPlaces(1)
    const slow = runnerOf('slow', { places })
    const echo = runnerOf('echo', { places })
    let answered = 0
    const many = Array.from({ length: 50 }, async () => {
      await slow.runner.invoke({})
      answered += 1
    })
    expect(await echo.runner.invoke({})).toMatchObject({ type: 'result' })
    expect(answered).toBeLessThan(50)
    await Promise.all(many)
    expect(slow.errors).toEqual([])
  })

  it('refuses what is over the 6 MB of Lambda, in and out', async () => {
    const { runner } = runnerOf('fragile')
    expect(await runner.invoke({ body: 'x'.repeat(7 * 1024 * 1024) })).toEqual({ type: 'too-large' })
    expect(await runner.invoke({ way: 'large' })).toMatchObject({
      type: 'error',
      error: { errorType: 'Function.ResponseSizeTooLarge' },
    })
  })
})
