import { expect, it } from 'vitest'
import { texts } from '../../console/texts/en.ts'
import { nameParts, withoutMarks } from '../../console/texts/isolated-names.ts'

const name = 'גשר (צפון)'
const takesList = ['texts.api.sharing.every', 'texts.roles.everySectionBut']
const takesTime = 'texts.changes.time'

const functionsIn = (
  part: unknown,
  path: string,
): [path: string, text: (...given: unknown[]) => string][] => {
  if (typeof part === 'function') return [[path, part as () => string]]
  if (typeof part !== 'object' || part === null) return []
  return Object.entries(part).flatMap(([key, each]) => functionsIn(each, `${path}.${key}`))
}

it('isolates each name in each text, so that its direction reorders nothing around it', () => {
  const named = functionsIn(texts, 'texts')
    .filter(([path]) => path !== takesTime)
    .map(([path, text]) => {
      const given = Array<unknown>(5).fill(takesList.includes(path) ? [name] : name)
      return { path, parts: nameParts(text(...given)) }
    })
  const outside = named.filter(({ parts }) => parts.some((part, at) => at % 2 === 0 && part.includes('ג')))
  expect(outside).toEqual([])
  expect(named.filter(({ parts }) => parts.includes(name)).length).toBeGreaterThan(100)
})

it('isolates each of a list of names, and the names of a sentence only once', () => {
  const listed = texts.roles.everySectionBut('shop', 'read', ['orders', name])
  expect(nameParts(listed).filter((_, at) => at % 2 === 1)).toEqual(['shop', 'read', 'orders', name])
  const sentence = texts.user.overview.editTitle(name)
  expect(texts.shell.tabTitle(sentence)).toBe(`${sentence} · Postern`)
  expect(withoutMarks(sentence)).toBe(`Edit ${name}`)
})
