import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const consoleFolder = join(import.meta.dirname, '../../console')

/** Selectors of the rules that make something translucent, without comments. */
const translucent = (css: string): string[] =>
  [...css.replaceAll(/\/\*[\s\S]*?\*\//g, '').matchAll(/([^{}]+)\{([^{}]*)\}/g)]
    .filter(([, , declarations = '']) =>
      /(?<![-\w])opacity:\s*(?:0?\.\d+|0|\d?\d%)\s*(?:;|$)/.test(declarations),
    )
    .map(([, selector = '']) => selector.trim())

/** WCAG 1.4.3 asks for no contrast of controls that are disabled, and a text that is hidden is not read. */
const mayBeTranslucent = [
  '.button:disabled',
  '.button[aria-disabled="true"]',
  // The end of the animation of the bars that stand for a table until it is loaded. They hold no text.
  'to',
  // The button that appears beside a sample of code while the pointer or the focus is on it.
  '.copy',
]

it('never dims a text that can be read: contrast must not depend on what is loading', () => {
  const sheets = readdirSync(consoleFolder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.css'),
  )
  const found = sheets.flatMap((file) => translucent(readFileSync(join(consoleFolder, file), 'utf8')))
  expect([...new Set(found)].sort()).toEqual([...mayBeTranslucent].sort())
})
