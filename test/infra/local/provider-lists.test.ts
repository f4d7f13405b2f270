import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadProviderLists, providerSourcesOf } from '../../../infra/local/provider-lists.ts'
import { StartError } from '../../../infra/local/start-error.ts'

describe('POSTERN_PROVIDER_SOURCES', () => {
  it('is none when it is empty or absent', () => {
    expect([undefined, '', ' '].map(providerSourcesOf)).toEqual([undefined, undefined, undefined])
  })

  it('may be a folder by its path, a URL, or one URL for each document', () => {
    expect(providerSourcesOf(import.meta.dirname)).toBe(`${pathToFileURL(import.meta.dirname).href}/`)
    const url = 'http://127.0.0.1:4100/'
    const json = '{"AWS": ["https://mirror.example/ip-ranges.json"]}'
    expect([url, json].map(providerSourcesOf)).toEqual([url, json])
  })

  it('that names no folder stops the start with a sentence', () => {
    expect(() => providerSourcesOf('no/such/folder')).toThrow(StartError)
  })
})

describe('loading the lists after the start', () => {
  const runnerOf = (payload: unknown) => ({
    byName: () => ({
      invoke: () => Promise.resolve({ type: 'result' as const, payload }),
      warm: () => Promise.resolve(),
      stop: () => Promise.resolve(),
    }),
  })
  const payload = [
    { provider: 'AWS', outcome: 'updated', change: {} },
    { provider: 'GOOGLE', outcome: 'refused', reason: 'status', detail: 'status 503' },
  ]

  it('says in one line what became of each', async () => {
    const told: string[] = []
    await loadProviderLists(runnerOf(payload), new AbortController().signal, (line) => told.push(line))
    expect(told).toEqual(['Address lists of cloud providers: AWS updated, GOOGLE refused (status)'])
  })

  it('says nothing once Postern is being stopped', async () => {
    const told: string[] = []
    await loadProviderLists(runnerOf(payload), AbortSignal.abort(), (line) => told.push(line))
    expect(told).toEqual([])
  })
})
