import { dictionary } from '@zxcvbn-ts/language-common'

/**
 * The 49,000 most frequent passwords in lower case; 17,950 of them have 8 characters or more (ASVS 5.0 6.2.4 requires 3000 that
 * match the policy). The list has no repetitions and no runs: `isRepetition` and `isRun` find those.
 */
const listed: ReadonlySet<string> = new Set(dictionary['passwords-common'])

/** Shorter words occur in too many good passwords. */
const shortestWord = 4
/** Characters around a listed word, as in `Summer2026!!`. */
const longestDecoration = 6
/** Longest unit of a repetition such as `abcabcabc`. */
const longestSyllable = 4

/** True for the passwords that guessing tools try first and for their common variations (NIST SP 800-63B-4 3.1.1.2). */
export const isCommonPassword = (password: string): boolean => {
  const folded = password.toLowerCase()
  return isListed(folded) || isRun(folded) || isRepetition(folded)
}

/**
 * Variations of a lower-case text: unchanged, without punctuation, without non-letters at both ends, with look-alike digits and signs
 * replaced by letters, and reversed.
 */
export const spellingsOf = (folded: string): string[] => {
  const bare = folded.replace(/[^\p{L}\p{N}]+/gu, '')
  const texts = [folded, bare, withLetters(folded)]
  const cores = texts.map((text) => text.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, ''))
  return [...texts, ...cores, ...cores.map(withLetters), [...folded].toReversed().join('')]
}

const lookAlikes: Readonly<Record<string, string>> = {
  '@': 'a',
  '4': 'a',
  '3': 'e',
  '1': 'i',
  '!': 'i',
  '0': 'o',
  '5': 's',
  $: 's',
  '7': 't',
}
const withLetters = (text: string): string => text.replace(/[@431!05$7]/g, (sign) => lookAlikes[sign] ?? sign)

const isListed = (folded: string): boolean =>
  listed.has(folded) ||
  spellingsOf(folded).some(
    (spelling) =>
      spelling.length >= Math.max(shortestWord, folded.length - longestDecoration) && listed.has(spelling),
  )

const isRepetition = (folded: string): boolean => {
  const unit = folded.slice(0, `${folded}${folded}`.indexOf(folded, 1))
  return unit.length < folded.length && (unit.length <= longestSyllable || isListed(unit))
}

/** `abcdefgh`, `87654321`, `1234567890`: consecutive characters, ascending or descending. */
const isRun = (folded: string): boolean => {
  const codes = [...folded].map((character) => character.codePointAt(0) ?? 0)
  const steps = codes.slice(1).map((code, index) => code - (codes[index] ?? 0))
  // A step of 9 is the wrap from 9 to 0 or from 0 to 9.
  return steps.every((step) => step === 1 || step === -9) || steps.every((step) => step === -1 || step === 9)
}
