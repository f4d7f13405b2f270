import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { contrast, shadesOf } from '../../lib/brand/shades.ts'
import { donePage } from '../../lib/passwords/reset-page.ts'
import { sampleBrand } from '../http/sample-brand.ts'

/** Contrast as WCAG 2.2 has it, on channels from 0 to 1. */
type Channels = readonly [number, number, number]
const channels = (colour: string): Channels => {
  const [, red = '', green = '', blue = ''] = /^#(..?)(..?)(..?)$/.exec(colour) ?? []
  const share = (digits: string) => Number.parseInt(digits.length === 1 ? digits + digits : digits, 16) / 255
  return [share(red), share(green), share(blue)]
}
const linear = (value: number) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
const light = ([red, green, blue]: Channels) =>
  0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
const ratio = (one: Channels, other: Channels): number => {
  const [a, b] = [light(one) + 0.05, light(other) + 0.05]
  return Math.max(a, b) / Math.min(a, b)
}
/** CSS `filter: brightness()`. */
const brightened = ([red, green, blue]: Channels, by: number): Channels => [
  Math.min(1, red * by),
  Math.min(1, green * by),
  Math.min(1, blue * by),
]

/** The surfaces of the console and of the pages of mailed links, from their style sheets. */
const tokens = readFileSync('console/styles/tokens.css', 'utf8')
const page = donePage(sampleBrand, { isFirst: false, isNoticed: true }).html
const ofConsole = ['page', 'surface', 'raised', 'hover'].map((name) => {
  const [, bright = '', dim = ''] =
    new RegExp(`--${name}: light-dark\\((#\\w+), (#\\w+)\\)`).exec(tokens) ?? []
  return { light: bright, dark: dim }
})
const ofPages = ['paper', 'card'].map((name) => {
  const [bright = '', dim = ''] = [...page.matchAll(new RegExp(`--${name}:(#\\w+)`, 'g'))].map(
    ([, found]) => found,
  )
  return { light: bright, dark: dim }
})
const surfaces = [...ofConsole, ...ofPages]

const levels = [0x00, 0x20, 0x40, 0x60, 0x80, 0xa0, 0xc0, 0xe0, 0xff]
const hex = (value: number) => value.toString(16).padStart(2, '0')
const colours = levels.flatMap((red) =>
  levels.flatMap((green) => levels.map((blue) => `#${hex(red)}${hex(green)}${hex(blue)}`)),
)

describe('the shades of a colour', () => {
  it('can be read on every surface in both looks, and so can the text on them, whatever the colour (WCAG AA)', () => {
    expect(surfaces.flatMap((each) => [each.light, each.dark]).filter((text) => text === '')).toEqual([])
    const bad: string[] = []
    for (const colour of colours) {
      const shades = shadesOf(colour)
      for (const look of ['light', 'dark'] as const) {
        const { accent, on } = shades?.[look] ?? { accent: '', on: '' }
        expect(accent).toMatch(/^#[0-9a-f]{6}$/)
        const seen = [
          ...surfaces.map((surface) => ratio(channels(accent), channels(surface[look]))),
          // A button under the pointer: console/styles/parts.css and lib/http/pages/page-style.ts.
          ...[1, 0.92].map((by) => ratio(brightened(channels(accent), by), brightened(channels(on), by))),
        ]
        if (Math.min(...seen) < 4.5) bad.push(`${colour} ${look} ${accent} ${Math.min(...seen)}`)
      }
    }
    expect(bad).toEqual([])
  })

  it('are the colour itself where it can be read, and change no more than they must', () => {
    expect(shadesOf('#0b6e4f')?.light.accent).toBe('#0b6e4f')
    expect(shadesOf('#ffd60a')?.dark.accent).toBe('#ffd60a')
    for (const colour of ['#ffd60a', '#00ffff', '#ff8800'])
      expect(ratio(channels(shadesOf(colour)?.light.accent ?? ''), channels('#eef0f4'))).toBeLessThan(4.6)
  })

  it('are known to a text that is no colour as none, so that nothing but a colour gets into a style', () => {
    for (const text of [
      null,
      '',
      'red',
      '#12345',
      '#1234567',
      '#12345g',
      '#fff;}*{display:none',
      ' #123456',
      '#123456\n',
    ])
      expect(shadesOf(text)).toBeNull()
    expect(shadesOf('#0B6E4F')?.light.accent.toLowerCase()).toBe('#0b6e4f')
  })
})

describe('contrast', () => {
  it('is what WCAG says of known pairs', () => {
    expect(contrast('#000000', '#ffffff')).toBe(21)
    expect(contrast('#ffffff', '#767676')).toBeCloseTo(4.54, 2)
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2)
    expect(contrast('#0000ff', '#0000ff')).toBe(1)
  })
})
