import * as z from '../effects/shape.ts'
import type { UserId } from '../secrets/key-id.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import { itemShape, put } from '../table/stored-item.ts'
import type { Write } from '../table/transaction.ts'
import { parseEntry } from '../whitelist/entry.ts'
import { type Provider, providers } from '../whitelist/provider.ts'

/** `PROVIDER#<provider>` / `NAMED#<userId>`: the narrowings of the provider that a user's whitelist names. */
export const StoredNaming = z.object({ ...itemShape('providerNaming'), names: z.array(z.string()) })

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
 * Stores the narrowings that a user's whitelist names beside the provider's list, too: a refresh applies a stricter rule to them
 * and reads all in one query. One row per user and provider, so that two users never write the same row.
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
    return [put<typeof StoredNaming>(label, { ...key, kind: itemKinds.providerNaming, names: [...names] })]
  })
}
