import { describe, expect, it } from 'vitest'
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

  it('is one where a JPEG has bytes that fill the space before a marker', () => {
    const jpeg = bytesOf('jpeg')
    expect(why(readImage(Buffer.concat([jpeg.subarray(0, 2), Buffer.from([0xff]), jpeg.subarray(2)])))).toBe(
      'accepted',
    )
  })
})
