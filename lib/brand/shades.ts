/** A colour, `#rrggbb`. */
type Colour = string

/** What text, links and buttons have in one look. */
type Accent = {
  /** Of links, icons and the background of buttons. */
  readonly accent: Colour
  /** Of text on it. */
  readonly on: Colour
}

export type Shades = { readonly light: Accent; readonly dark: Accent }

/** WCAG 2.2, 1.4.3 (AA), for text of any size. */
export const sufficientContrast = 4.5

/**
 * The surface on which a shade is hardest to read: the darkest of the light look and the lightest of the dark one, of all pages of
 * Postern. A shade that can be read there can be read on the others, and a text on it too.
 */
export const hardestSurface = { light: '#eef0f4', dark: '#252a33' } as const
const paper = '#ffffff'
const ink = '#0d1017'

export const colourPattern = /^#[0-9a-f]{6}$/i

/**
 * The shades of an organization's colour that everybody can read: the colour itself where that is possible, otherwise mixed with as
 * much black or white as it takes. Black and white alone have enough contrast, so each colour has its shades.
 *
 * @returns null for no colour, and for a text that is none
 */
export const shadesOf = (colour: string | null): Shades | null => {
  if (colour === null || !colourPattern.test(colour)) return null
  return {
    light: { accent: readable(colour, '#000000', hardestSurface.light), on: paper },
    dark: { accent: readable(colour, '#ffffff', hardestSurface.dark), on: ink },
  }
}

/** A channel has 256 values, so more steps give no other colour. */
const steps = 256

const readable = (colour: Colour, end: Colour, surface: Colour): Colour => {
  for (let step = 0; step < steps; step += 1) {
    const mixed = mix(colour, end, step / steps)
    if (contrast(mixed, surface) >= sufficientContrast) return mixed
  }
  return end
}

const mix = (from: Colour, to: Colour, share: number): Colour => {
  const ends = channelsOf(to)
  const channels = channelsOf(from).map((value, index) =>
    Math.round(value + ((ends[index] ?? 0) - value) * share),
  )
  return `#${channels.map((value) => value.toString(16).padStart(2, '0')).join('')}`
}

/** The contrast ratio of two colours, from 1 to 21 (WCAG 2.2, definition of contrast ratio). */
export const contrast = (one: Colour, other: Colour): number => {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
  return (lighter + 0.05) / (darker + 0.05)
}

const luminance = (colour: Colour): number => {
  const [red = 0, green = 0, blue = 0] = channelsOf(colour).map((value) => {
    const share = value / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

const channelsOf = (colour: Colour): readonly number[] =>
  [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
