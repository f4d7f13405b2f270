import { hash } from 'node:crypto'
import type { Endpoint } from '../contract/endpoint.ts'
import type { Caller } from '../contract/operation.ts'
import { invalidField } from '../effects/domain-error.ts'
import type { Seal, SealContext } from '../secrets/seal.ts'
import type { AnyReply } from './carry-out.ts'
import type { RawInput } from './read-input.ts'
import { asRecord } from './request-writes.ts'

/** True of the lists that have pages. */
export const hasCursors = ({ request }: Endpoint): boolean => 'cursor' in (request.query?.shape ?? {})

/** A sealed text is as long as the text and a constant: without filling, a cursor would tell the length of a username. */
const blockBytes = 256
const filled = (position: string): Buffer => {
  const text = Buffer.from(position, 'utf8')
  return Buffer.concat([text], Math.ceil(text.length / blockBytes) * blockBytes)
}
const withoutFilling = (position: Buffer): string => {
  const end = position.indexOf(0)
  return position.toString('utf8', 0, end < 0 ? position.length : end)
}

/** The header with the next cursor of a list whose body has no place for it. */
const cursorHeader = 'postern-next-cursor'

/**
 * Seals the cursors of a list. A cursor is the position at which a page ended, and that can be a row which the caller must not see. So
 * callers get it encrypted, and an operation gets back only what it gave itself, to a request of the same organization in the same account
 * group with the same query but for `limit`.
 */
export const cursorsOf = (seal: Seal, endpoint: Endpoint, caller: Caller, raw: RawInput) => {
  const context = contextOf(endpoint, caller, raw)
  const sealed = async (position: unknown) =>
    typeof position === 'string'
      ? (await seal.seal(filled(position), context)).toString('base64url')
      : position
  return {
    /** @throws DomainError invalid_request, temporarily_unavailable */
    open: async (): Promise<RawInput> => {
      const { cursor } = asRecord(raw.query)
      if (typeof cursor !== 'string') return raw
      const text = Buffer.from(cursor, 'base64url')
      const position = text.length === 0 ? null : await seal.open(text, context)
      if (position === null)
        throw invalidField('cursor', 'is not a cursor of this list with this query in this account group')
      return { ...raw, query: { ...asRecord(raw.query), cursor: withoutFilling(position) } }
    },
    /** @throws DomainError temporarily_unavailable */
    seal: async (reply: AnyReply): Promise<AnyReply> => {
      const { headers = {} } = reply
      const body = asRecord(reply.body)
      if (headers[cursorHeader] !== undefined)
        return {
          ...reply,
          headers: { ...headers, [cursorHeader]: String(await sealed(headers[cursorHeader])) },
        }
      return body['nextCursor'] === undefined
        ? reply
        : { ...reply, body: { ...body, nextCursor: await sealed(body['nextCursor']) } }
    },
  }
}

const contextOf = ({ operationId }: Endpoint, { subject, aid }: Caller, { query }: RawInput): SealContext => {
  const filters = Object.entries(asRecord(query))
    .filter(([name]) => name !== 'cursor' && name !== 'limit')
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
  return {
    purpose: 'cursor',
    operation: operationId,
    organizationId: subject.organization.organizationId,
    accountGroup: String(aid),
    query: hash('sha256', JSON.stringify(filters), 'hex'),
  }
}
