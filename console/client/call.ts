import { operations } from 'postern:operations'
import type { CallFailure } from './failure.ts'
import { reach, successOf } from './failure.ts'
import type { Answer, Foreseen, Input, OperationId } from './operations.ts'
import { tokenWasRefused, validToken, withToken } from './session.ts'

export type CallOptions = {
  readonly signal?: AbortSignal
  /** For creations: a repetition with the same key is carried out once. */
  readonly idempotencyKey?: string
  /** That the user proved again who it is, for a change of second factors. */
  readonly proof?: string
}

type AnyInput = {
  readonly params?: Readonly<Record<string, unknown>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
}

/**
 * Calls an operation of the API by its name. If the session has ended, the call waits until the user signed in again.
 *
 * @throws CallFailure unless the API answers with success
 */
export const call = async <Id extends OperationId>(
  operationId: Id,
  input: Input<Id>,
  options: CallOptions = {},
): Promise<Answer<Id>> =>
  (await successOf(await request(operationId, input, options), needsOf(operationId))) as Answer<Id>

/** What the operation would do; nothing is written. */
export const foresee = async <Id extends OperationId>(
  operationId: Id,
  input: Input<Id>,
  options: CallOptions = {},
): Promise<Answer<Id> & Foreseen> => {
  const given: AnyInput = input
  const rehearsal = { ...given, query: { ...given.query, dryRun: true } }
  const response = await request(operationId, rehearsal, options)
  return (await successOf(response, needsOf(operationId))) as Answer<Id> & Foreseen
}

/** The response of an operation, for answers that are not JSON, such as an export. */
export const callForFile = async <Id extends OperationId>(
  operationId: Id,
  input: Input<Id>,
  options: CallOptions = {},
): Promise<Response> => {
  const response = await request(operationId, input, options)
  if (!response.ok) await successOf(response, needsOf(operationId))
  return response
}

/** Undefined for operations that everybody may call. */
const needsOf = (operationId: OperationId): string | undefined => {
  const needs = (operations[operationId] ?? '').split(' ').slice(2).join(' ')
  return needs === '' ? undefined : needs
}

const request = async (
  operationId: OperationId,
  input: AnyInput,
  { signal, idempotencyKey, proof }: CallOptions,
): Promise<Response> => {
  const [method = '', template = ''] = (operations[operationId] ?? '').split(' ')
  const path = `${filled(template, input.params)}${queryText(input.query)}`
  const init: RequestInit = {
    method,
    ...(signal === undefined ? {} : { signal }),
    headers: {
      accept: 'application/json',
      ...(input.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      ...(proof === undefined ? {} : { 'postern-proof': proof }),
    },
    ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
  }
  const token = await validToken()
  const first = await reach(path, withToken(init, token))
  if (first.status !== 401) return first
  // Not a refusal of the call: the session was ended elsewhere, or its rights changed and it needs a new token.
  tokenWasRefused(token)
  return reach(path, withToken(init, await validToken()))
}

const filled = (template: string, params: AnyInput['params'] = {}): string =>
  template.replace(/\{(\w+)\}/g, (_match, name: string) => {
    const value = params[name]
    if (value === undefined) throw new Error(`${template} needs ${name}`)
    return encodeURIComponent(String(value))
  })

/** The given parameters as text; empty ones are left out. */
const queryText = (query: AnyInput['query'] = {}): string => {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
  return text === '' ? '' : `?${text}`
}

/** The messages of a refusal for each field, by its dotted path. */
export const fieldMessages = (failure: CallFailure | null): Readonly<Record<string, string>> =>
  Object.fromEntries((failure?.problem?.errors ?? []).map(({ path, message }) => [path, message]))
