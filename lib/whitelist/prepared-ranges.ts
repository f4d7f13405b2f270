import { type CompiledWhitelist, compileWhitelist, noProviderRanges, type WhitelistRanges } from './match.ts'
import type { PrepareRanges } from './provider-ranges.ts'

/** What the provider words of one whitelist need, at hand. A whitelist without any asks for nothing. */
export const rangesFor = (
  prepareRanges: PrepareRanges,
  { providers }: CompiledWhitelist,
): Promise<WhitelistRanges> =>
  providers.length === 0 ? Promise.resolve(noProviderRanges) : prepareRanges(providers)

export const rangesForTexts = (
  prepareRanges: PrepareRanges,
  texts: readonly string[],
): Promise<WhitelistRanges> => rangesFor(prepareRanges, compileWhitelist(texts))

/** For where no list was ever published: every provider word denies. */
export const prepareNoRanges: PrepareRanges = () => Promise.resolve(noProviderRanges)
