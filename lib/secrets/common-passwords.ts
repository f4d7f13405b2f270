import { dictionary } from '@zxcvbn-ts/language-common'

/**
 * 49,000 passwords by frequency, in lower case; 17,950 of them have 8 characters or more (ASVS 5.0 6.2.4 asks for 3000 that fit the
 * policy). The list leaves out repetitions and runs, which `isRepetition` and `isRun` find.
 */
const listed: ReadonlySet<string> = new Set(dictionary['passwords-common'])

/** Short words are part of too many good passwords. */
const shortestWord = 4
/** `Summer2026!!` is a listed word and this many characters more. */
const longestDecoration = 6
/** `abcabcabc`: whatever is said over and over, when it is this short. */
const longestSyllable = 4

/** Is it one that guessing tools try first, as it stands or in one of the spellings that they try with it (NIST SP 800-63B-4 3.1.1.2)? */
export const isCommonPassword = (password: string): boolean => {
  const folded = password.toLowerCase()
  return isListed(folded) || isRun(folded) || isRepetition(folded)
}

/**
 * A text in lower case as it is, without signs, without what is no letter at its ends, with letters for the digits and signs that look
 * like them, and backwards.
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

/** `abcdefgh`, `87654321`, `1234567890`: each character follows the one before it, or precedes it. */
const isRun = (folded: string): boolean => {
  const codes = [...folded].map((character) => character.codePointAt(0) ?? 0)
  const steps = codes.slice(1).map((code, index) => code - (codes[index] ?? 0))
  // From 9 to 0 it is nine down, or up.
  return steps.every((step) => step === 1 || step === -9) || steps.every((step) => step === -1 || step === 9)
}
