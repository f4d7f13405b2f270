import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import type { OrganizationId, UserId } from '../secrets/key-id.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { readCollection, readItem, readItems } from '../table/read.ts'
import { setFields } from '../table/update-expression.ts'
import { indexes, isFilled } from './merge-sightings.ts'
import type { CredentialSeen } from './note-sightings.ts'
import type { SightingsPart } from './sightings-part.ts'
import { partIn, storedPart } from './sightings-part.ts'

const keyOf = ({ organizationId, userId, credential }: CredentialSeen, index: number) =>
  keys.sightings(organizationId, userId, credential, index)

/** All items of a credential. Most have one, so the others are read only if it is filled. @throws DomainError temporarily_unavailable */
export const readSightingsParts = async (table: Table, about: CredentialSeen): Promise<SightingsPart[]> => {
  const [first, ...others] = indexes
  const item = await readItem(table, keyOf(about, first))
  if (item === undefined) return []
  const part = partIn(item)
  const more = isFilled(part)
    ? await readItems(
        table,
        others.map((index) => keyOf(about, index)),
      )
    : []
  return [part, ...more.flatMap((found) => (found === undefined ? [] : [partIn(found)]))]
}

/** False if another container has written the item since it was read. */
export const writeSightingsPart = async (
  table: Table,
  about: CredentialSeen,
  part: SightingsPart,
): Promise<boolean> => {
  const { set, names, values } = setFields(storedPart(part))
  const isAsRead = part.version === 1 ? 'attribute_not_exists(pk)' : '#version = :read'
  try {
    await table.client.send(
      new UpdateCommand({
        TableName: table.tableName,
        Key: keyOf(about, part.index),
        UpdateExpression: set,
        ConditionExpression: isAsRead,
        ExpressionAttributeNames: { ...names, ...(part.version === 1 ? {} : { '#version': 'version' }) },
        ExpressionAttributeValues: {
          ...values,
          ...(part.version === 1 ? {} : { ':read': part.version - 1 }),
        },
      }),
    )
    return true
  } catch (fault) {
    if (fault instanceof ConditionalCheckFailedException) return false
    throw fault
  }
}

/** The items of all credentials of a user in one organization. @throws DomainError temporarily_unavailable */
export const readSightings = async (
  table: Table,
  organizationId: OrganizationId,
  userId: UserId,
): Promise<(SightingsPart & { readonly credential: string })[]> =>
  (await readCollection(table, keys.userSightings(organizationId, userId))).map(partIn)
