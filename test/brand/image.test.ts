import { describe, expect, it, vi } from 'vitest'
import type { ReadImage } from '../../lib/brand/image.ts'
import { maximumImageBytes, readImage } from '../../lib/brand/image.ts'
import { images } from './sample-images.ts'

const bytesOf = (name: keyof typeof images): Buffer => Buffer.from(images[name], 'base64')
const why = (read: ReadImage): string => (read.ok ? 'accepted' : read.message)
const notImage = 'must be a PNG, JPEG or WebP image'
const notWhole = 'must be a whole image with nothing after its end'

/** The image with other bytes from a place on. */
const changed = (name: keyof typeof images, at: number, bytes: readonly number[]): Buffer => {
  const copy = bytesOf(name)
  copy.set(bytes, at)
  return copy
}

describe('the image of a logo', () => {
  it.each([
    ['png', 'image/png'],
    ['jpeg', 'image/jpeg'],
    ['webp', 'image/webp'],
    ['webpLossless', 'image/webp'],
    ['webpExtended', 'image/webp'],
  ] as const)('is known by its own bytes, with its size: %s', (name, mediaType) => {
    expect(readImage(bytesOf(name))).toEqual({ ok: true, image: { mediaType, width: 24, height: 16 } })
  })

  it.each([
    [
      'an SVG, which can hold scripts',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'),
    ],
    ['HTML', Buffer.from('<!doctype html><script>alert(1)</script>')],
    ['a GIF', Buffer.from('GIF89a\x18\x00\x10\x00')],
    ['nothing', Buffer.alloc(0)],
    ['another RIFF file', Buffer.from('RIFF\x04\x00\x00\x00WAVE')],
    ['what has a part of the signature of a PNG', changed('png', 4, [0])],
    ['what has a part of the signature of a JPEG', changed('jpeg', 2, [0])],
    ['what has a part of the signature of a WebP', changed('webp', 3, [0x58])],
  ])('is not %s', (_name, bytes) => {
    expect(why(readImage(bytes))).toBe(notImage)
  })

  it.each(Object.keys(images) as (keyof typeof images)[])(
    'is whole, wherever it is cut, and has nothing behind it: %s',
    (name) => {
      const bytes = bytesOf(name)
      for (let length = 0; length < bytes.length; length += 1)
        expect([notImage, notWhole], `${length} bytes`).toContain(why(readImage(bytes.subarray(0, length))))
      const followed = Buffer.concat([bytes, Buffer.from('<script>alert(1)</script>')])
      expect(why(readImage(followed))).toBe(notWhole)
    },
  )

  it('does not move', () => {
    const png = bytesOf('png')
    const acTL = Buffer.from('\0\0\0\x08acTL\0\0\0\x02\0\0\0\0\0\0\0\0', 'latin1')
    const animatedPng = Buffer.concat([png.subarray(0, 33), acTL, png.subarray(33)])
    expect(why(readImage(animatedPng))).toBe('must not be animated')
    expect(why(readImage(changed('webpExtended', 20, [0x12])))).toBe('must not be animated')
  })

  it('is no file whose parts are in another order, or that shows nothing', () => {
    expect(why(readImage(changed('png', 12, [0x69])))).toBe(notWhole)
    const jpeg = bytesOf('jpeg')
    // Behind the first segment is something other than a marker.
    expect(why(readImage(changed('jpeg', 4 + jpeg.readUInt16BE(4), [0])))).toBe(notWhole)
    const withoutScan = Buffer.concat([
      jpeg.subarray(0, jpeg.indexOf(Buffer.from('ffda', 'hex'))),
      Buffer.from('ffd9', 'hex'),
    ])
    expect(why(readImage(withoutScan))).toBe(notWhole)
  })

  it('has at most 32 KB, however large the rest', () => {
    // A chunk of text, which readers of PNG skip.
    const withText = (length: number) => {
      const png = bytesOf('png')
      const chunk = Buffer.alloc(12 + length)
      chunk.writeUInt32BE(length)
      chunk.write('tEXt', 4)
      return Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)])
    }
    const room = maximumImageBytes - bytesOf('png').length - 12
    expect(maximumImageBytes).toBe(32_768)
    expect(why(readImage(withText(room)))).toBe('accepted')
    expect(why(readImage(withText(room + 1)))).toBe('must be at most 32 KB')
  })

  it.each([
    [16, 1024, 'accepted'],
    [1024, 16, 'accepted'],
    [15, 16, 'must have sides of 16 to 1024 pixels, and has 15 × 16'],
    [16, 15, 'must have sides of 16 to 1024 pixels, and has 16 × 15'],
    [1025, 16, 'must have sides of 16 to 1024 pixels, and has 1025 × 16'],
    [16, 65_535, 'must have sides of 16 to 1024 pixels, and has 16 × 65535'],
  ])('is large enough to be seen and small enough to be shown: %d × %d', (width, height, expected) => {
    const two = (value: number) => [value >> 8, value & 255]
    const png = changed('png', 16, [0, 0, ...two(width), 0, 0, ...two(height)])
    expect(why(readImage(png))).toBe(expected)
    const jpeg = bytesOf('jpeg')
    jpeg.set([...two(height), ...two(width)], jpeg.indexOf(Buffer.from('ffc0', 'hex')) + 5)
    expect(why(readImage(jpeg))).toBe(expected)
    const less = (value: number) => [(value - 1) & 255, (value - 1) >> 8, 0]
    expect(why(readImage(changed('webpExtended', 24, [...less(width), ...less(height)])))).toBe(expected)
  })

  it('has nothing between its end and the end of another one', () => {
    const jpeg = bytesOf('jpeg')
    const hidden = Buffer.from('<script>alert(1)</script>\xff\xd9', 'latin1')
    expect(why(readImage(Buffer.concat([jpeg, hidden])))).toBe(notWhole)
    // Its compressed data may have stuffed zeros and restarts.
    const inside = Buffer.concat([jpeg.subarray(0, -2), Buffer.from('ff00ffd0ffffd1ffd7ffd9', 'hex')])
    expect(why(readImage(inside))).toBe('accepted')
    for (const name of ['webp', 'webpLossless', 'webpExtended'] as const) {
      const hiding = Buffer.concat([bytesOf(name), Buffer.from('VP8 \x02\0\0\0ab', 'latin1')])
      hiding.writeUInt32LE(hiding.length - 8, 4)
      expect(why(readImage(hiding)), name).toBe(notWhole)
      const behind = Buffer.concat([bytesOf(name), Buffer.from('XMP \x02\0\0\0ab', 'latin1')])
      expect(why(readImage(behind)), `${name}, behind its length`).toBe(notWhole)
      const cut = bytesOf(name).subarray(0, -2)
      cut.writeUInt32LE(cut.length - 8, 4)
      expect(why(readImage(cut)), `${name}, cut`).toBe(notWhole)
    }
  })

  it('has one size: no reader finds another frame than the one that was measured', () => {
    const jpeg = bytesOf('jpeg')
    const at = jpeg.indexOf(Buffer.from('ffc0', 'hex'))
    const frame = jpeg.subarray(at, at + 2 + jpeg.readUInt16BE(at + 2))
    const large = Buffer.from(frame)
    large.writeUInt16BE(65_500, 5)
    const lies = {
      // A reader that knows TEM or RST to have no length finds the frame behind it.
      'behind TEM': [Buffer.from('ff01', 'hex'), Buffer.from([0, 2 + large.length]), large, frame],
      'behind RST': [Buffer.from('ffd3', 'hex'), Buffer.from([0, 2 + large.length]), large, frame],
      second: [frame, large],
      'second, of the last kind': [frame, Buffer.from([0xff, 0xcf]), large.subarray(2)],
      ...Object.fromEntries(
        [0x00, 0xd0, 0xd7, 0xd8].map((marker) => [
          `behind ${marker}`,
          [Buffer.from([0xff, marker]), Buffer.from([0, 2 + large.length]), large, frame],
        ]),
      ),
    }
    for (const [name, parts] of Object.entries(lies)) {
      const lying = Buffer.concat([jpeg.subarray(0, at), ...parts, jpeg.subarray(at + frame.length)])
      expect(why(readImage(lying)), name).toBe(notWhole)
    }
    // Their markers are among those of frames, and they are none: tables, an extension, the conditions of arithmetic coding.
    for (const marker of [0xc4, 0xc8, 0xcc]) {
      const other = [Buffer.from([0xff, marker]), large.subarray(2)]
      const harmless = Buffer.concat([
        jpeg.subarray(0, at + frame.length),
        ...other,
        jpeg.subarray(at + frame.length),
      ])
      expect(why(readImage(harmless)), String(marker)).toBe('accepted')
    }
  })

  it('has the size of its frame, in which the two highest bits of each side ask for a scale', () => {
    const webp = bytesOf('webp')
    webp.writeUInt16LE(webp.readUInt16LE(26) | 0x4000, 26)
    webp.writeUInt16LE(webp.readUInt16LE(28) | 0x8000, 28)
    expect(readImage(webp)).toMatchObject({ ok: true, image: { width: 24, height: 16 } })
  })

  it('does not move, whatever its header says', () => {
    const still = bytesOf('webpExtended')
    for (const chunks of ['ANMF\x02\0\0\0ab', 'ANIM\x02\0\0\0ab', 'XMP \x01\0\0\0a\0ANMF\x02\0\0\0ab']) {
      const moving = Buffer.concat([still, Buffer.from(chunks, 'latin1')])
      moving.writeUInt32LE(moving.length - 8, 4)
      expect(why(readImage(moving)), chunks).toBe('must not be animated')
    }
  })

  it('is one where a JPEG has bytes that fill the space before a marker', () => {
    const jpeg = bytesOf('jpeg')
    expect(why(readImage(Buffer.concat([jpeg.subarray(0, 2), Buffer.from([0xff]), jpeg.subarray(2)])))).toBe(
      'accepted',
    )
  })

  it('is read in a time that grows with its length, whatever its compressed data are', () => {
    const jpeg = bytesOf('jpeg')
    const filled = Buffer.concat([
      jpeg.subarray(0, -2),
      Buffer.alloc(2000, 0xff),
      Buffer.from('00ffd9', 'hex'),
    ])
    const reads = vi.spyOn(DataView.prototype, 'getUint8')
    expect(why(readImage(filled))).toBe('accepted')
    expect(reads.mock.calls.length).toBeLessThan(3 * filled.length)
    reads.mockRestore()
  })
})
