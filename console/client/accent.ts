import { shadesOf } from '../../lib/brand/shades.ts'

/** The custom properties of a colour's shades, for the style of an element; empty for Postern's own. */
export const accentOf = (colour: string | null): Readonly<Record<string, string>> => {
  const shades = shadesOf(colour)
  if (shades === null) return {}
  const { light, dark } = shades
  return {
    '--accent': `light-dark(${light.accent}, ${dark.accent})`,
    '--on-accent': `light-dark(${light.on}, ${dark.on})`,
  }
}

/**
 * Shows the accent of an organization on the whole page. The properties are set by script: the policy of the page allows no style
 * attribute in HTML.
 */
export const showAccent = (colour: string | null): void => {
  const { style } = document.documentElement
  const accent = accentOf(colour)
  for (const name of ['--accent', '--on-accent']) style.setProperty(name, accent[name] ?? null)
}
