import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { longestWord, queryWords, searchWords } from '../../lib/identity/search-words.ts'

const nobody = { username: '', email: null, firstName: '', lastName: '', name: '' }
const wordsOf = (fields: Partial<Record<keyof typeof nobody, string>>) =>
  searchWords({ ...nobody, ...fields })

describe('the search words of a user', () => {
  it.each([
    [{ username: 'Partner-42' }, ['partner42', '42']],
    [{ email: 'Dave.Ng@Example.com' }, ['davengexamplecom', 'ngexamplecom', 'examplecom', 'com']],
    [{ name: 'Zoë Müller-Lüdenscheidt' }, ['zoe', 'mullerludenscheidt', 'ludenscheidt']],
    [{ name: "Siobhán O'Neil" }, ['siobhan', 'oneil', 'neil']],
    [{ name: 'STRASSE Straße STRAẞE ﬁn Ⅻ' }, ['strasse', 'fin', 'xii']],
    [{ name: 'Isparta ısparta İSPARTA' }, ['isparta']],
    [{ name: 'Ὀδυσσεύς ΟΔΥΣΣΕΥΣ' }, ['οδυσσευσ']],
    [{ name: '山田 太郎 😀 --- \u200b' }, ['山田', '太郎']],
    [{ name: 'Иван ИВАН' }, ['иван']],
    [{ name: 'a\u0000b\u202e\ud800c' }, ['abc', 'bc', 'c']],
  ])('of %j are %j', (fields, words) => expect(wordsOf(fields)).toEqual(words))

  it('are at most six: what a login names first, then the names, then the rest', () => {
    const user = { username: 'ab-cd', email: 'ef@gh', firstName: 'One', lastName: 'Two', name: 'Three Four' }
    expect(wordsOf(user)).toEqual(['abcd', 'efgh', 'one', 'two', 'three', 'four'])
    expect(wordsOf({ ...user, name: 'One Two' })).toEqual(['abcd', 'efgh', 'one', 'two', 'cd', 'gh'])
  })

  it('and those of a query are cut at the same length, between characters', () => {
    const long = `${'𝒜'.repeat(longestWord)}b`
    const cut = 'a'.repeat(longestWord)
    expect([wordsOf({ name: long }), queryWords(long)]).toEqual([[cut], [cut]])
    const pairs = '𠀀'.repeat(longestWord + 1)
    expect(wordsOf({ name: pairs })).toEqual(['𠀀'.repeat(longestWord)])
  })

  it('begin with whatever somebody types of a name, character by character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.nat(), (name, at) => {
        const characters = [...name]
        const typed = characters.slice(0, 1 + (at % characters.length)).join('')
        const [query] = queryWords(typed)
        const found = wordsOf({ name })
        expect(
          query === undefined || found.length === 6 || found.some((word) => word.startsWith(query)),
        ).toBe(true)
      }),
    )
  })

  it('are the same again of what they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        const words = wordsOf({ name })
        expect(words.map((word) => wordsOf({ name: word })[0])).toEqual(words)
      }),
    )
  })

  it('are the same of every letter, small and capital', () => {
    const letters = Array.from({ length: 0x2_00_00 }, (_, point) => String.fromCodePoint(point))
    const differing = letters.filter((letter) => {
      const forms = [letter, letter.toLowerCase(), letter.toUpperCase()]
      return new Set(forms.map((form) => queryWords(form).join(' '))).size > 1
    })
    expect(differing).toEqual([])
  })

  it('are none of a query without a letter or a digit', () => {
    expect(queryWords(' -- @ 😀 \u0301')).toEqual([])
    expect(queryWords('  Ada  ada LOVE-lace ')).toEqual(['ada', 'lovelace'])
  })

  it('are parted at marks of punctuation, and not at the apostrophe that is a letter (UTS 39)', () => {
    expect(queryWords("sol'omia sol\u2019omia")).toEqual(['solomia'])
    expect(queryWords('Sol\u02bcomia')).toEqual(['sol\u02bcomia'])
  })
})
