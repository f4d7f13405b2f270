import type { UserId } from '../secrets/key-id.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import type { Write } from '../table/transaction.ts'
import { parseEntry } from '../whitelist/entry.ts'
import { type Provider, providers } from '../whitelist/provider.ts'

const namesIn = (whitelist: readonly string[]): ReadonlyMap<Provider, readonly string[]> => {
  const byProvider = new Map<Provider, string[]>()
  for (const text of whitelist) {
    const parsed = parseEntry(text)
    if (!parsed.ok || parsed.entry.kind !== 'provider' || parsed.entry.narrowing === undefined) continue
    const { provider, narrowing } = parsed.entry
    byProvider.set(provider, [...(byProvider.get(provider) ?? []), narrowing])
  }
  return byProvider
}

/**
 * Which narrowings a user's whitelist names stands beside the provider's list as well: a refresh holds those to a stricter rule, and
 * asks in one query. One row for each user and provider, so that no two users ever write the same one.
 */
export const namingWrites = (
  userId: UserId,
  before: readonly string[],
  after: readonly string[],
): Write[] => {
  const [was, is] = [namesIn(before), namesIn(after)]
  return providers.flatMap((provider): Write[] => {
    const [old, names] = [was.get(provider) ?? [], is.get(provider) ?? []]
    const isSame = old.length === names.length && old.every((name, index) => name === names[index])
    if (isSame) return []
    const key = keys.providerNaming(provider, userId)
    const label = `names of ${provider}`
    if (names.length === 0) return [{ label, delete: key }]
    return [{ label, put: { ...key, kind: itemKinds.providerNaming, names: [...names] } }]
  })
}
