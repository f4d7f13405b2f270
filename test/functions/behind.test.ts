import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { openBehind } from '../../functions/wiring/behind.ts'
import { extensionsApi } from './extensions-api.ts'

const servers: Awaited<ReturnType<typeof extensionsApi>>[] = []
let api: Awaited<ReturnType<typeof extensionsApi>>
let work: ReturnType<typeof openBehind>

const lines: Record<string, unknown>[] = []
beforeEach(async () => {
  lines.length = 0
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
    lines.push(JSON.parse(String(line)))
    return true
  })
  api = await extensionsApi()
  servers.push(api)
  work = openBehind(api.host)
  await work.register()
  await until(api.mayFreeze)
  api.told.length = 0
})
afterAll(() => {
  for (const server of servers) server.close()
})

const until = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 60_000 })
const soon = () => new Promise((resolve) => setTimeout(resolve, 20))

describe('work behind the response', () => {
  it('begins after the answer and keeps the environment awake until it has ended', async () => {
    const { told } = api
    const write = Promise.withResolvers<void>()
    api.invoke('1')
    const handler = async () => {
      work.behind(async () => {
        told.push('work begins')
        await write.promise
        told.push('work ends')
      })
      return 'answer'
    }
    told.push(await handler())
    work.answered('1')
    await soon()
    expect(told).toEqual(['answer', 'work begins'])
    expect(api.mayFreeze()).toBe(false)
    write.resolve()
    await until(api.mayFreeze)
    expect(told).toEqual(['answer', 'work begins', 'work ends', 'next'])
  })

  it('is waited for from the end of the handler on, whichever the extension hears of first', async () => {
    api.invoke('1')
    await soon()
    expect(api.mayFreeze()).toBe(false)
    work.answered('1')
    await until(api.mayFreeze)
    work.answered('2')
    api.invoke('2')
    await until(() => api.told.length === 2)
    expect(api.mayFreeze()).toBe(true)
  })

  it('is waited for until the answer of its own invocation', async () => {
    api.invoke('1')
    await soon()
    work.answered('another')
    await soon()
    expect(api.mayFreeze()).toBe(false)
    work.answered('1')
    await vi.waitUntil(api.mayFreeze)
  })

  it('asks again with a pause while the API breaks off', async () => {
    const before = performance.now()
    api.breakOffAlways()
    await vi.waitUntil(() => api.told.length === 3, { interval: 5, timeout: 60_000 })
    expect(performance.now() - before).toBeGreaterThan(250)
  })

  it('may start more work, fail, and hang until shortly before the end of the function', async () => {
    work.behind(() => Promise.reject(new Error('throttled')))
    work.behind(async () => {
      // By then, the extension waits for this one.
      await soon()
      work.behind(async () => {
        await soon()
        api.told.push('more')
      })
    })
    api.invoke('1')
    work.answered('1')
    await until(api.mayFreeze)
    expect(api.told).toEqual(['more', 'next'])
    work.behind(() => new Promise(() => undefined))
    // A busy machine may be late, and is so not every time.
    const waits: number[] = []
    do {
      const begun = performance.now()
      api.invoke('2', 1050)
      work.answered('2')
      await until(api.mayFreeze)
      waits.push(performance.now() - begun)
    } while (Math.min(...waits) > 900 && waits.length < 20)
    expect(Math.min(...waits)).toBeLessThan(900)
  })

  it('is waited for also after a connection of the extension broke off', async () => {
    api.breakOff()
    await until(api.mayFreeze)
    api.invoke('1')
    await soon()
    expect(api.mayFreeze()).toBe(false)
    work.answered('1')
    await until(api.mayFreeze)
  })

  it('runs without the API too: none is there, or it refuses', async () => {
    api.refuse()
    for (const host of ['', api.host]) {
      const alone = openBehind(host)
      await alone.register()
      let done = false
      alone.behind(async () => {
        await soon()
        done = true
      })
      alone.behind(() => Promise.reject(new Error('throttled')))
      alone.answered('1')
      expect(await alone.settled()).toBeUndefined()
      expect(done).toBe(true)
    }
    expect(api.told).toEqual([])
    expect(lines).toMatchObject(
      ['throttled', 'the Extensions API answered 404 to register', 'throttled'].map((cause) => ({
        event: 'work_behind_failed',
        error: `Error: ${cause}`,
      })),
    )
  })

  it('does not keep a function from its start if the API gives no answer', async () => {
    api.keepSilent()
    expect(await openBehind(api.host).register()).toBeUndefined()
  }, 2000)
})
