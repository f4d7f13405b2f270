import { hash } from 'node:crypto'
import type { Intervals } from './intervals.ts'

/**
 * The stored form of the ranges behind one provider entry. Little-endian as the processors of Lambda, so that the arrays can be laid
 * right over the bytes that DynamoDB returns:
 *
 *   0  'PRNG'            16  publication, seconds since 1970, 0 = unknown
 *   4  u16 form = 1      20  u32 IPv4 prefixes as published
 *   6  u16 header bytes  24  u32 IPv6 prefixes as published
 *   8  u32 IPv4 count    28  SHA-256 over subject and arrays (32 bytes)
 *  12  u32 IPv6 count    60  u8 subject bytes, u8 version bytes, both texts, zeros up to a multiple of 4
 *
 * then the arrays: IPv4 firsts, IPv4 lasts (4 bytes each), IPv6 firsts, IPv6 lasts (16 bytes each, most significant word
 * first). docs/decisions/0005-provider-ranges.md says why.
 */
export type RangeItem = {
  /** The canonical entry, `AWS:eu-west-1`: bytes stored under another name are noticed. */
  readonly subject: string
  readonly version: string
  readonly publishedAtSeconds: number | undefined
  readonly ipv4Prefixes: number
  readonly ipv6Prefixes: number
  readonly intervals: Intervals
}

const magic = [0x50, 0x52, 0x4e, 0x47]
const form = 1
const hashAt = 28
const textsAt = 60
const hashBytes = 32

const bytesOf = (words: Uint32Array): Uint8Array =>
  new Uint8Array(words.buffer, words.byteOffset, words.byteLength)

const digest = (subject: string, payload: Uint8Array): Uint8Array =>
  hash('sha256', Buffer.concat([Buffer.from(`${subject}\n`), payload]), 'buffer')

export const encodeRangeItem = (item: RangeItem): Uint8Array => {
  const subject = Buffer.from(item.subject, 'latin1')
  const version = Buffer.from(item.version, 'latin1')
  if (subject.length > 255 || version.length > 255) throw new Error('subject or version is too long')
  const headerBytes = Math.ceil((textsAt + 2 + subject.length + version.length) / 4) * 4
  const { ipv4First, ipv4Last, ipv6First, ipv6Last } = item.intervals
  const payload = Buffer.concat([ipv4First, ipv4Last, ipv6First, ipv6Last].map(bytesOf))
  const bytes = new Uint8Array(headerBytes + payload.length)
  const view = new DataView(bytes.buffer)
  bytes.set(magic, 0)
  view.setUint16(4, form, true)
  view.setUint16(6, headerBytes, true)
  view.setUint32(8, ipv4First.length, true)
  view.setUint32(12, ipv6First.length / 4, true)
  view.setUint32(16, item.publishedAtSeconds ?? 0, true)
  view.setUint32(20, item.ipv4Prefixes, true)
  view.setUint32(24, item.ipv6Prefixes, true)
  bytes.set(digest(item.subject, payload), hashAt)
  bytes.set([subject.length, version.length], textsAt)
  bytes.set(subject, textsAt + 2)
  bytes.set(version, textsAt + 2 + subject.length)
  bytes.set(payload, headerBytes)
  return bytes
}

const ascend = (first: Uint32Array, last: Uint32Array, wordsPerAddress: number): boolean => {
  const before = (a: Uint32Array, i: number, b: Uint32Array, j: number): number => {
    for (let word = 0; word < wordsPerAddress; word += 1) {
      const difference = (a[i * wordsPerAddress + word] ?? 0) - (b[j * wordsPerAddress + word] ?? 0)
      if (difference !== 0) return difference
    }
    return 0
  }
  const count = first.length / wordsPerAddress
  for (let index = 0; index < count; index += 1) {
    if (before(first, index, last, index) > 0) return false
    if (index > 0 && before(last, index - 1, first, index) >= 0) return false
  }
  return true
}

/** The fingerprint of what an item holds: the same addresses under the same name, whatever the version is called. */
export const fingerprintOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.subarray(hashAt, hashAt + hashBytes)).toString('hex')

/**
 * Lays the arrays over the bytes, and copies only where they do not start on a multiple of 4. Undefined for bytes that are
 * not a whole, undamaged item of this form: such an item denies.
 */
export const decodeRangeItem = (stored: Uint8Array): RangeItem | undefined => {
  if (stored.length < textsAt + 2 || !magic.every((byte, index) => stored[index] === byte)) return undefined
  // Not slice(): a Buffer's is no copy.
  const bytes = stored.byteOffset % 4 === 0 ? stored : new Uint8Array(stored)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headerBytes = view.getUint16(6, true)
  const ipv4Count = view.getUint32(8, true)
  const ipv6Count = view.getUint32(12, true)
  const subjectBytes = view.getUint8(textsAt)
  const versionBytes = view.getUint8(textsAt + 1)
  const isWhole =
    view.getUint16(4, true) === form && bytes.length === headerBytes + 8 * ipv4Count + 32 * ipv6Count
  if (!isWhole) return undefined

  const text = (from: number, length: number): string =>
    Buffer.from(bytes.subarray(from, from + length)).toString('latin1')
  const subject = text(textsAt + 2, subjectBytes)
  const payload = bytes.subarray(headerBytes)
  const isUndamaged = Buffer.from(digest(subject, payload)).equals(bytes.subarray(hashAt, hashAt + hashBytes))
  if (!isUndamaged) return undefined

  const words = new Uint32Array(payload.buffer, payload.byteOffset, payload.byteLength / 4)
  const ipv6At = 2 * ipv4Count
  const intervals: Intervals = {
    ipv4First: words.subarray(0, ipv4Count),
    ipv4Last: words.subarray(ipv4Count, ipv6At),
    ipv6First: words.subarray(ipv6At, ipv6At + 4 * ipv6Count),
    ipv6Last: words.subarray(ipv6At + 4 * ipv6Count),
  }
  const isSorted =
    ascend(intervals.ipv4First, intervals.ipv4Last, 1) && ascend(intervals.ipv6First, intervals.ipv6Last, 4)
  if (!isSorted) return undefined
  const publishedAtSeconds = view.getUint32(16, true)
  return {
    subject,
    version: text(textsAt + 2 + subjectBytes, versionBytes),
    publishedAtSeconds: publishedAtSeconds === 0 ? undefined : publishedAtSeconds,
    ipv4Prefixes: view.getUint32(20, true),
    ipv6Prefixes: view.getUint32(24, true),
    intervals,
  }
}
