export const imageTypes = ['image/png', 'image/jpeg', 'image/webp'] as const
type ImageType = (typeof imageTypes)[number]

export const maximumImageBytes = 32 * 1024
/** Pixels, of each side. Larger ones would take much memory to show, and no logo needs them. */
const sides = { minimum: 16, maximum: 1024 } as const

type Image = { readonly mediaType: ImageType; readonly width: number; readonly height: number }
export type ReadImage =
  | { readonly ok: true; readonly image: Image }
  | { readonly ok: false; readonly message: string }

/**
 * What an image is by its own bytes; a name or a declared type is not considered. SVG is refused: it is a document that can hold scripts
 * and links. So are animations, which nobody can stop (WCAG 2.2.2), and bytes after the end of the image, which could be a file of another
 * type.
 */
export const readImage = (bytes: Uint8Array): ReadImage => {
  if (bytes.length > maximumImageBytes) return refused(`must be at most ${maximumImageBytes / 1024} KB`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const read = readers.find(({ begins }) => begins(bytes))
  if (read === undefined) return refused('must be a PNG, JPEG or WebP image')
  // A read behind the last byte throws: the image is cut off.
  const size = attempt(() => read.sizeIn(view))
  if (typeof size === 'string') return refused(size)
  const isSmall = Math.min(size.width, size.height) < sides.minimum
  if (isSmall || Math.max(size.width, size.height) > sides.maximum)
    return refused(
      `must have sides of ${sides.minimum} to ${sides.maximum} pixels, and has ${size.width} × ${size.height}`,
    )
  return { ok: true, image: { mediaType: read.mediaType, ...size } }
}

const refused = (message: string): ReadImage => ({ ok: false, message })

type Size = { readonly width: number; readonly height: number }
/** The size, or what is wrong. */
type SizeIn = (view: DataView) => Size | string

const notWhole = 'must be a whole image with nothing after its end'
const animated = 'must not be animated'

const attempt = (read: () => Size | string): Size | string => {
  try {
    return read()
  } catch (error) {
    if (error instanceof RangeError) return notWhole
    throw error
  }
}

const textAt = (view: DataView, at: number, length = 4): string =>
  String.fromCharCode(...Array.from({ length }, (_, index) => view.getUint8(at + index)))

/** https://www.w3.org/TR/png-3/#5DataRep: chunks of length, type, content and checksum. */
const sizeOfPng: SizeIn = (view) => {
  const size = { width: view.getUint32(16), height: view.getUint32(20) }
  if (textAt(view, 12) !== 'IHDR') return notWhole
  let at = 8
  for (let type = ''; type !== 'IEND'; ) {
    type = textAt(view, at + 4)
    if (type === 'acTL') return animated
    at += 12 + view.getUint32(at)
  }
  return at === view.byteLength ? size : notWhole
}

/**
 * ITU-T T.81, annex B: segments of marker, length and content; compressed data follows a scan. A second frame, or a marker without a
 * length where readers disagree on what follows it, could hide a size. So it is read to its end.
 */
const sizeOfJpeg: SizeIn = (view) => {
  let size: Size | undefined
  let hasScan = false
  for (let at = 2; ; ) {
    if (view.getUint8(at) !== 0xff) return notWhole
    const marker = view.getUint8(at + 1)
    if (marker === 0xff) {
      at += 1
      continue
    }
    if (marker === 0xd9) return size !== undefined && hasScan && at + 2 === view.byteLength ? size : notWhole
    const hasNoLength = marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8)
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (hasNoLength || (isFrame && size !== undefined)) return notWhole
    if (isFrame) size = { width: view.getUint16(at + 7), height: view.getUint16(at + 5) }
    at += 2 + view.getUint16(at + 2)
    if (marker === 0xda) {
      hasScan = true
      at = endOfScan(view, at)
    }
  }
}

/** Where the next marker begins. Within compressed data are stuffed zeros and restart markers, each perhaps behind bytes that fill. */
const endOfScan = (view: DataView, from: number): number => {
  for (let at = from; ; at += 1) {
    if (view.getUint8(at) !== 0xff) continue
    let code = at + 1
    while (view.getUint8(code) === 0xff) code += 1
    const marker = view.getUint8(code)
    if (marker !== 0 && !(marker >= 0xd0 && marker <= 0xd7)) return at
    at = code
  }
}

const animationFlag = 0x02

const isBitmap = (type: string): boolean => type === 'VP8 ' || type === 'VP8L'

/** The types of all chunks; a RangeError if one of them is cut off. */
const chunksOfWebp = (view: DataView): string[] => {
  const types: string[] = []
  for (let at = 12; at < view.byteLength; ) {
    types.push(textAt(view, at))
    const length = view.getUint32(at + 4, true)
    at += 8 + length + (length % 2)
    // The last byte of the chunk is there.
    view.getUint8(at - 1)
  }
  return types
}

/** https://developers.google.com/speed/webp/docs/riff_container, RFC 9649. */
const sizeOfWebp: SizeIn = (view) => {
  if (view.getUint32(4, true) + 8 !== view.byteLength) return notWhole
  const chunks = chunksOfWebp(view)
  if (chunks.some((type) => type === 'ANIM' || type === 'ANMF')) return animated
  const [first, ...others] = chunks
  if (first === 'VP8X' ? chunks.filter(isBitmap).length !== 1 : others.length > 0) return notWhole
  switch (first) {
    case 'VP8 ':
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
    case 'VP8L': {
      const bits = view.getUint32(21, true)
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
    }
    case 'VP8X':
      if ((view.getUint8(20) & animationFlag) !== 0) return animated
      return {
        width: (view.getUint32(24, true) & 0xffffff) + 1,
        height: (view.getUint32(26, true) >>> 8) + 1,
      }
    default:
      return notWhole
  }
}

const beginsWith =
  (signature: string, at = 0) =>
  (bytes: Uint8Array): boolean =>
    Buffer.from(bytes.subarray(at, at + signature.length)).toString('latin1') === signature

const readers: readonly {
  readonly mediaType: ImageType
  readonly begins: (bytes: Uint8Array) => boolean
  readonly sizeIn: SizeIn
}[] = [
  { mediaType: 'image/png', begins: beginsWith('\x89PNG\r\n\x1a\n'), sizeIn: sizeOfPng },
  { mediaType: 'image/jpeg', begins: beginsWith('\xff\xd8\xff'), sizeIn: sizeOfJpeg },
  {
    mediaType: 'image/webp',
    begins: (bytes) => beginsWith('RIFF')(bytes) && beginsWith('WEBP', 8)(bytes),
    sizeIn: sizeOfWebp,
  },
]
