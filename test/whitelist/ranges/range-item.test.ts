import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeRangeItem,
  encodeRangeItem,
  fingerprintOf,
  type RangeItem,
} from '../../../lib/whitelist/ranges/range-item.ts'
import { intervalsOf, manyBlocks, someBlocks } from './range-arbitraries.ts'

const itemOf = (blocks: Parameters<typeof intervalsOf>[0], subject = 'AWS:eu-west-1'): RangeItem => ({
  subject,
  version: '1700000000',
  publishedAtSeconds: 1_700_000_000,
  ipv4Prefixes: 12,
  ipv6Prefixes: 34,
  intervals: intervalsOf(blocks),
})

const sample = (): RangeItem => {
  const [blocks = []] = fc.sample(manyBlocks, { numRuns: 1, seed: 7 })
  return itemOf(blocks)
}

describe('a stored range item', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(someBlocks, (blocks) => {
        const item = itemOf(blocks)
        expect(decodeRangeItem(encodeRangeItem(item))).toEqual(item)
      }),
    )
  })

  it('is read from wherever its bytes lie in memory', () => {
    const item = sample()
    const bytes = encodeRangeItem(item)
    for (let offset = 0; offset < 8; offset += 1) {
      const around = new Uint8Array(bytes.length + 16).fill(0xaa)
      around.set(bytes, offset)
      expect(decodeRangeItem(around.subarray(offset, offset + bytes.length))).toEqual(item)
      expect(decodeRangeItem(Buffer.from(around.buffer, offset, bytes.length))).toEqual(item)
    }
  })

  it('is searched in place: the arrays lie over the stored bytes', () => {
    const encoded = encodeRangeItem(sample())
    const bytes = new Uint8Array(encoded.length + 8).subarray(4, encoded.length + 4)
    bytes.set(encoded)
    const { intervals } = decodeRangeItem(bytes) ?? {}
    expect(intervals?.ipv4First.buffer).toBe(bytes.buffer)
    expect(intervals?.ipv6Last.buffer).toBe(bytes.buffer)
  })

  it('is refused when any byte of subject or ranges was changed, and when it is cut or extended', () => {
    const bytes = encodeRangeItem(sample())
    const [versionAt, versionLength] = [62 + 'AWS:eu-west-1'.length, '1700000000'.length]
    for (let at = 0; at < bytes.length; at += 1) {
      // Version, date, prefix counts and padding say where the ranges come from, not which they are.
      const isLabel = (at >= 16 && at < 28) || (at >= versionAt && at < versionAt + versionLength + 3)
      if (isLabel) continue
      const damaged = bytes.slice()
      damaged[at] = (damaged[at] ?? 0) ^ 0x40
      const read = decodeRangeItem(damaged)
      const isVersionLength = at === 61
      if (!isVersionLength) expect(read, `byte ${at}`).toBeUndefined()
    }
    for (const length of [0, 1, 61, 62, 80, bytes.length - 4, bytes.length - 1]) {
      expect(decodeRangeItem(bytes.slice(0, length)), `${length} bytes`).toBeUndefined()
    }
    expect(decodeRangeItem(new Uint8Array([...bytes, 0, 0, 0, 0]))).toBeUndefined()
  })

  it('holds neighbours that differ in the last word only, without a date', () => {
    const intervals = {
      ...itemOf([]).intervals,
      ipv6First: Uint32Array.of(1, 2, 3, 0, 1, 2, 3, 7),
      ipv6Last: Uint32Array.of(1, 2, 3, 5, 1, 2, 3, 7),
    }
    const item = { ...itemOf([]), publishedAtSeconds: undefined, intervals }
    expect(decodeRangeItem(encodeRangeItem(item))).toEqual(item)
  })

  it('has room for 255 characters of subject and of version, and is not written with more', () => {
    const [most, tooMany] = ['x'.repeat(255), 'x'.repeat(256)]
    const item = { ...itemOf([]), subject: most, version: most }
    expect(decodeRangeItem(encodeRangeItem(item))).toEqual(item)
    expect(() => encodeRangeItem({ ...item, subject: tooMany })).toThrow('too long')
    expect(() => encodeRangeItem({ ...item, version: tooMany })).toThrow('too long')
  })

  it('is refused when its intervals do not ascend', () => {
    const item = itemOf([])
    const swapped = { ...item.intervals, ipv4First: Uint32Array.of(9, 1), ipv4Last: Uint32Array.of(10, 2) }
    const reversed = { ...item.intervals, ipv4First: Uint32Array.of(9), ipv4Last: Uint32Array.of(1) }
    const overlapping = { ...item.intervals, ipv4First: Uint32Array.of(1, 5), ipv4Last: Uint32Array.of(5, 9) }
    const ipv6 = {
      ...item.intervals,
      ipv6First: Uint32Array.of(1, 0, 0, 5, 1, 0, 0, 4),
      ipv6Last: Uint32Array.of(1, 0, 0, 5, 1, 0, 0, 4),
    }
    for (const intervals of [swapped, reversed, overlapping, ipv6]) {
      expect(decodeRangeItem(encodeRangeItem({ ...item, intervals }))).toBeUndefined()
    }
  })

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(decodeRangeItem(bytes)).toBeUndefined()
        const withMagic = Uint8Array.of(0x50, 0x52, 0x4e, 0x47, 1, 0, ...bytes)
        expect(decodeRangeItem(withMagic)).toBeUndefined()
      }),
      { numRuns: 2000 },
    )
  })

  it('has one fingerprint for the same ranges, whatever their version is called', () => {
    const item = sample()
    const other = { ...item, version: 'another', publishedAtSeconds: undefined }
    expect(fingerprintOf(encodeRangeItem(other))).toBe(fingerprintOf(encodeRangeItem(item)))
    expect(fingerprintOf(encodeRangeItem({ ...item, subject: 'AWS' }))).not.toBe(
      fingerprintOf(encodeRangeItem(item)),
    )
    expect(fingerprintOf(encodeRangeItem(itemOf([])))).not.toBe(fingerprintOf(encodeRangeItem(item)))
  })
})
