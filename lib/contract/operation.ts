import type * as z from 'zod'
import type { Batch } from '../contract/batch.ts'
import type { Endpoint, MediaType } from '../contract/endpoint.ts'
import type { Subject } from '../decision/subject.ts'
import type { Reach } from '../identity/account-group-reach.ts'
import type { AdmittedSnapshot } from '../identity/caller-snapshot.ts'
import type { WriteTransaction } from '../table/transaction.ts'
import type { CallImpact } from './call-impact.ts'

/** Who made a request that passed the decision. */
export type Caller = {
  readonly subject: Subject
  readonly snapshot: AdmittedSnapshot
  readonly aid: number | null
  /** The users that the permission of this request covers. */
  readonly reach: Reach
}

/** The source of a request, for the audit and for throttles. */
export type Origin = { readonly address: string; readonly requestId: string }

/**
 * Wraps a creation whose `write` stores the result: a repetition with the same Idempotency-Key gets the result of the first request.
 */
export type Once = <T>(make: () => Promise<T>) => Promise<T>

type Output<S> = S extends z.ZodType ? z.output<S> : undefined
type Field<T, K extends string> = T extends { readonly [P in K]: infer S } ? S : undefined

/** The input of an operation, validated by its contract. */
type Input<E extends Endpoint> = {
  readonly params: Output<Field<E['request'], 'params'>>
  readonly query: Output<Field<E['request'], 'query'>>
  readonly headers: Output<Field<E['request'], 'headers'>>
  readonly body: Output<Field<E['request'], 'body'>>
  /** The raw body of a form endpoint; null for other content types. */
  readonly form: string | null
  readonly authorization: string | undefined
  /** `name=value`; empty unless the endpoint works with cookies. */
  readonly cookies: readonly string[]
  readonly dryRun: boolean
  /** Writes once per Idempotency-Key, and nothing in a dry run. */
  readonly write: WriteTransaction
  readonly once: Once
  readonly caller: E['access'] extends 'public' ? null : Caller
  readonly origin: Origin
}

/** A file, as Lambda passes bytes to API Gateway. */
export type SentFile = { readonly mediaType: string; readonly base64: string }

/** A serialized body. */
export type Written = { readonly mediaType: MediaType; readonly text: string }

type ResponseBody<E extends Endpoint> =
  Field<E['response'], 'schema'> extends infer S extends z.ZodType ? z.input<S> : undefined

type Reply<E extends Endpoint> = {
  /** Default: the status in the contract. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Values of Set-Cookie. */
  readonly cookies?: readonly string[]
  /** For a dry run. */
  readonly impact?: CallImpact | undefined
} & (ResponseBody<E> extends undefined
  ? { readonly html?: string; readonly file?: SentFile }
  :
      | {
          readonly body: ResponseBody<E>
          readonly problem?: never
          /** For other formats than JSON; gets the body after the schema was applied. */
          readonly write?: (body: unknown) => Written
        }
      // An error that the endpoint's protocol defines, in the format of its `errorStyle`.
      | { readonly refusal: unknown })

type Operation<E extends Endpoint> = (input: Input<E>) => Promise<Reply<E>> | Reply<E>

/** One implementation for each of these endpoints, except batches; a missing or superfluous one does not compile. */
export type Operations<E extends Endpoint> = {
  readonly [Id in Exclude<E, { batch: Batch }>['operationId']]: Operation<Extract<E, { operationId: Id }>>
}
