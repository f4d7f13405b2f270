import { describe, expect, it } from 'vitest'
import { parseAwsList } from '../../lib/providers/lists/aws-list.ts'
import { refreshProvider, refreshProviders } from '../../lib/providers/refresh-providers.ts'
import { handMadeFolder, readDocuments } from './provider-documents.ts'
import { rememberProvider } from './provider-memory.ts'

const { aws } = readDocuments(handMadeFolder)
const newer = (text: string): string => text.replace('1700000000', '1700009999')
const day = 86_400_000

const stored = async () => {
  const setting = rememberProvider('AWS')
  setting.memory.published = parseAwsList(aws)
  await refreshProvider(setting.dependencies, 'AWS')
  return setting
}

describe('refreshProvider', () => {
  it('stores a first list with its names, its counts and its difference', async () => {
    const { memory } = await stored()
    expect(memory.state).toMatchObject({
      revision: 2,
      checkedAt: '2026-01-01T00:00:00.000Z',
      lastError: null,
      list: {
        version: '1700000000',
        ipv4Prefixes: 4,
        ipv6Prefixes: 2,
        ipv4Addresses: 132_609,
        narrowings: 13,
      },
      lastChange: { fromVersion: null, added: { ipv4Addresses: 132_609 }, removed: { blockCount: 0 } },
    })
    expect([...memory.names.keys()]).toContain('eu-west-1:EC2')
    expect(memory.updates[0]?.changed).toHaveLength(13)
  })

  it('makes no write when the content is the same, though its version moved on', async () => {
    const { memory, dependencies } = await stored()
    memory.time += 3_600_000
    memory.published = parseAwsList(newer(aws))
    expect(await refreshProvider(dependencies, 'AWS')).toMatchObject({
      outcome: 'unchanged',
      version: '1700009999',
    })
    expect([memory.updates.length, memory.stateWrites]).toEqual([1, 0])
  })

  it('notes once a day that the list is still current', async () => {
    const { memory, dependencies } = await stored()
    memory.published = parseAwsList(newer(aws))
    memory.time += day
    await refreshProvider(dependencies, 'AWS')
    await refreshProvider(dependencies, 'AWS')
    expect([memory.updates.length, memory.stateWrites]).toEqual([1, 1])
    expect(memory.state).toMatchObject({
      checkedAt: '2026-01-02T00:00:00.000Z',
      list: { version: '1700009999', serials: [1_700_009_999] },
    })
  })

  it('writes only the narrowings that differ', async () => {
    const { memory, dependencies } = await stored()
    memory.published = parseAwsList(newer(aws).replaceAll('15.230.15.29/32', '15.230.15.30/32'))
    expect(await refreshProvider(dependencies, 'AWS')).toMatchObject({
      outcome: 'updated',
      change: {
        fromVersion: '1700000000',
        toVersion: '1700009999',
        added: { blocks: ['15.230.15.30/32'] },
        removed: { blocks: ['15.230.15.29/32'] },
      },
    })
    const update = memory.updates.at(-1)
    const names = ['AMAZON', 'EC2', 'eu-west-1', 'eu-west-1:AMAZON', 'eu-west-1:EC2']
    expect(update?.changed.map(({ name }) => name).sort()).toEqual(names)
    expect(update?.removedNames).toEqual([])
  })

  it('drops the narrowings that are gone', async () => {
    const { memory, dependencies } = await stored()
    memory.published = parseAwsList(newer(aws).replaceAll('"GLOBAL"', '"WORLD"'))
    expect(await refreshProvider(dependencies, 'AWS')).toMatchObject({ outcome: 'updated' })
    const update = memory.updates.at(-1)
    expect(update?.changed.map(({ name }) => name).sort()).toEqual(['WORLD', 'WORLD:CLOUDFRONT'])
    expect(update?.removedNames.toSorted()).toEqual(['GLOBAL', 'GLOBAL:CLOUDFRONT'])
  })

  it('keeps the last good version and notes why a download was refused', async () => {
    const { memory, dependencies } = await stored()
    const good = memory.whole
    for (const text of [
      '',
      '<html>404</html>',
      aws.slice(0, -20),
      newer(aws).replaceAll('13.32.0.0/15', '13.32.0.0/30').replaceAll('3.5.140.0/22', '3.5.140.0/30'),
    ]) {
      memory.published = parseAwsList(text)
      expect(await refreshProvider(dependencies, 'AWS')).toMatchObject({ outcome: 'refused' })
      expect(memory.whole).toBe(good)
      expect(memory.state).toMatchObject({
        list: { version: '1700000000' },
        lastError: { at: '2026-01-01T00:00:00.000Z' },
      })
    }
    expect(memory.state?.lastError?.reason).toBe('shrunk')
    expect(memory.updates).toHaveLength(1)
  })

  it('does not go back to an older document', async () => {
    const { memory, dependencies } = await stored()
    memory.published = parseAwsList(aws.replace('1700000000', '1600000000'))
    expect(await refreshProvider(dependencies, 'AWS')).toMatchObject({ outcome: 'older', reason: 'older' })
  })

  it('clears the error with the next good download, also an unchanged one', async () => {
    const { memory, dependencies } = await stored()
    memory.published = { ok: false, reason: 'status', detail: 'status 503' }
    await refreshProvider(dependencies, 'AWS')
    expect(memory.state?.lastError).toMatchObject({ reason: 'status' })
    memory.published = parseAwsList(aws)
    await refreshProvider(dependencies, 'AWS')
    expect(memory.state?.lastError).toBeNull()
  })

  it('notes a failure before there was any list', async () => {
    const { memory, dependencies } = rememberProvider('AWS')
    await refreshProvider(dependencies, 'AWS')
    expect(memory.state).toMatchObject({
      revision: 1,
      list: null,
      checkedAt: null,
      lastError: { reason: 'no_source' },
    })
    memory.published = parseAwsList(aws)
    expect(await refreshProvider(dependencies, 'AWS')).toMatchObject({ outcome: 'updated' })
  })

  it('stores again what was damaged or not finished', async () => {
    const { memory, dependencies } = await stored()
    memory.whole = new Uint8Array(10)
    expect(await refreshProvider(dependencies, 'AWS')).toMatchObject({ outcome: 'updated' })
    const list = memory.state?.list
    if (memory.state === undefined || list === undefined || list === null) throw new Error('nothing stored')
    memory.state = { ...memory.state, list: { ...list, fingerprint: '' } }
    expect(await refreshProvider(dependencies, 'AWS')).toMatchObject({ outcome: 'updated' })
  })

  it('steps back when another refresh was faster', async () => {
    const { memory, dependencies } = rememberProvider('AWS')
    memory.published = parseAwsList(aws)
    const lost = { ...dependencies, saveUpdate: () => Promise.resolve(false) }
    expect(await refreshProvider(lost, 'AWS')).toEqual({ outcome: 'superseded', provider: 'AWS' })
  })
})

describe('refreshProviders', () => {
  it('goes on after a provider that failed in an unforeseen way, and reports each', async () => {
    const { memory, dependencies } = rememberProvider('AWS')
    memory.published = parseAwsList(aws)
    const faulty = {
      ...dependencies,
      readPublished: (provider: string) =>
        provider === 'GOOGLE'
          ? Promise.reject(new Error('out of sockets'))
          : dependencies.readPublished('AWS'),
    }
    const outcomes = await refreshProviders(faulty, ['GOOGLE', 'AWS'])
    expect(outcomes).toMatchObject([
      { outcome: 'refused', provider: 'GOOGLE', reason: 'refresh_failed', detail: 'out of sockets' },
      { outcome: 'updated', provider: 'AWS' },
    ])
    expect(memory.reported).toEqual(outcomes)
    const long = { ...faulty, readPublished: () => Promise.reject(new Error('x'.repeat(201))) }
    expect(await refreshProviders(long, ['GOOGLE'])).toMatchObject([{ detail: 'x'.repeat(200) }])
  })
})
