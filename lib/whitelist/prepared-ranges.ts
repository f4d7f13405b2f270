import { type CompiledWhitelist, compileWhitelist, noProviderRanges, type WhitelistRanges } from './match.ts'
import type { PrepareRanges } from './provider-ranges.ts'

/** Loads the ranges for the provider words of one whitelist. Reads nothing if it has none. */
export const rangesFor = (
  prepareRanges: PrepareRanges,
  { providers }: CompiledWhitelist,
): Promise<WhitelistRanges> =>
  providers.length === 0 ? Promise.resolve(noProviderRanges) : prepareRanges(providers)

export const rangesForTexts = (
  prepareRanges: PrepareRanges,
  texts: readonly string[],
): Promise<WhitelistRanges> => rangesFor(prepareRanges, compileWhitelist(texts))

/** For systems without provider lists: provider words match nothing. */
export const prepareNoRanges: PrepareRanges = () => Promise.resolve(noProviderRanges)
