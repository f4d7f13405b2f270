import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import type { OrganizationId, UserId } from '../secrets/key-id.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import type { RawItem } from '../table/read.ts'
import { readCollection } from '../table/read.ts'
import { itemKinds } from '../table/schema.ts'
import type { Seen, SightingsToSave } from './note-sightings.ts'

/** The most recent addresses, and as many endpoints, that are kept per credential. */
export const sightingsKept = 50
const keptSeconds = 90 * 86_400

export type StoredSightings = {
  readonly credential: string
  readonly addresses: ReadonlyMap<string, Readonly<Seen>>
  readonly endpoints: ReadonlyMap<string, Readonly<Seen>>
}

/** Each address and endpoint has four attributes, so that containers can update them without a read. */
const parts = ['first', 'last', 'count', 'refused'] as const
type Part = (typeof parts)[number]
const attributeOf = (kind: 'a' | 'e', part: Part, name: string): string => `${kind}:${part}:${name}`

const seenIn = (item: RawItem, kind: 'a' | 'e'): Map<string, Seen> => {
  const prefix = `${kind}:last:`
  const names = Object.keys(item).filter((attribute) => attribute.startsWith(prefix))
  const numberOf = (part: Part, name: string): number => {
    const value = item[attributeOf(kind, part, name)]
    return typeof value === 'number' ? value : 0
  }
  return new Map(
    names.map((attribute) => {
      const name = attribute.slice(prefix.length)
      const [firstSeconds, lastSeconds] = [numberOf('first', name), numberOf('last', name)]
      return [
        name,
        { firstSeconds, lastSeconds, count: numberOf('count', name), refused: numberOf('refused', name) },
      ]
    }),
  )
}

const surplus = (item: RawItem, kind: 'a' | 'e'): string[] =>
  [...seenIn(item, kind)]
    .sort(([, one], [, other]) => other.lastSeconds - one.lastSeconds)
    .slice(sightingsKept)
    .flatMap(([name]) => parts.map((part) => attributeOf(kind, part, name)))

/** Limited by the size of an expression (4 KB); the next write removes the rest. */
const mostRemoved = 200

/** One UpdateItem that merges the sightings, and a second one if there are too many. */
export const saveSightings = async (
  table: Table,
  { organizationId, userId, credential, addresses, endpoints }: SightingsToSave,
): Promise<void> => {
  const Key = keys.sightings(organizationId, userId, credential)
  const names: Record<string, string> = { '#kind': 'kind', '#expiry': 'expiresAtSeconds' }
  const values: Record<string, unknown> = { ':kind': itemKinds.sightings }
  const sets = ['#kind = :kind', '#expiry = :expiry']
  const adds: string[] = []
  let latest = 0
  const all = [
    ...[...addresses].map(([name, seen]) => ['a', name, seen] as const),
    ...[...endpoints].map(([name, seen]) => ['e', name, seen] as const),
  ]
  for (const [index, [kind, name, seen]] of all.entries()) {
    for (const part of parts) names[`#${part[0]}${index}`] = attributeOf(kind, part, name)
    values[`:f${index}`] = seen.firstSeconds
    values[`:l${index}`] = seen.lastSeconds
    values[`:c${index}`] = seen.count
    values[`:r${index}`] = seen.refused
    sets.push(`#f${index} = if_not_exists(#f${index}, :f${index})`, `#l${index} = :l${index}`)
    adds.push(`#c${index} :c${index}`, `#r${index} :r${index}`)
    latest = Math.max(latest, seen.lastSeconds)
  }
  if (all.length === 0) return
  const answer = await table.client.send(
    new UpdateCommand({
      TableName: table.tableName,
      Key,
      UpdateExpression: `SET ${sets.join(', ')} ADD ${adds.join(', ')}`,
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: { ...values, ':expiry': latest + keptSeconds },
      ReturnValues: 'ALL_NEW',
    }),
  )
  const item = answer.Attributes ?? {}
  const removed = [...surplus(item, 'a'), ...surplus(item, 'e')].slice(0, mostRemoved)
  if (removed.length === 0) return
  await table.client.send(
    new UpdateCommand({
      TableName: table.tableName,
      Key,
      UpdateExpression: `REMOVE ${removed.map((_, index) => `#n${index}`).join(', ')}`,
      ExpressionAttributeNames: Object.fromEntries(removed.map((name, index) => [`#n${index}`, name])),
    }),
  )
}

/** The sightings of all credentials of a user in one organization. @throws DomainError temporarily_unavailable */
export const readSightings = async (
  table: Table,
  organizationId: OrganizationId,
  userId: UserId,
): Promise<StoredSightings[]> => {
  const items = await readCollection(table, keys.userSightings(organizationId, userId))
  return items.map((item) => ({
    credential: String(item['sk']),
    addresses: seenIn(item, 'a'),
    endpoints: seenIn(item, 'e'),
  }))
}
