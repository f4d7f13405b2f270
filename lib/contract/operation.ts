import type * as z from 'zod'
import type { Batch } from '../contract/batch.ts'
import type { Endpoint, MediaType } from '../contract/endpoint.ts'
import type { Subject } from '../decision/subject.ts'
import type { Reach } from '../identity/account-group-reach.ts'
import type { AdmittedSnapshot } from '../identity/caller-snapshot.ts'
import type { WriteTransaction } from '../table/transaction.ts'
import type { ForeseenCalls } from './foreseen-calls.ts'

/** Who made a request that passed the decision. */
export type Caller = {
  readonly subject: Subject
  readonly snapshot: AdmittedSnapshot
  readonly aid: number | null
  /** Whom the management that this request needed reaches. */
  readonly reach: Reach
}

/** Where a request came from, for the audit and for throttles. */
export type Origin = { readonly address: string; readonly requestId: string }

/**
 * Around whatever makes something, and hands to `write` what it returns: a repetition under the same Idempotency-Key gets what the first
 * request made.
 */
export type Once = <T>(make: () => Promise<T>) => Promise<T>

type Output<S> = S extends z.ZodType ? z.output<S> : undefined
type Field<T, K extends string> = T extends { readonly [P in K]: infer S } ? S : undefined

/** What an operation gets: validated by its contract, and its caller unless it is public. */
type Input<E extends Endpoint> = {
  readonly params: Output<Field<E['request'], 'params'>>
  readonly query: Output<Field<E['request'], 'query'>>
  readonly headers: Output<Field<E['request'], 'headers'>>
  readonly body: Output<Field<E['request'], 'body'>>
  /** The body of a form endpoint as it came; null when the content type is another. */
  readonly form: string | null
  readonly authorization: string | undefined
  readonly dryRun: boolean
  /** The one way to write: once for each Idempotency-Key, and not at all in a dry run. */
  readonly write: WriteTransaction
  readonly once: Once
  readonly caller: E['access'] extends 'public' ? null : Caller
  readonly origin: Origin
}

/** A body in the form in which it leaves. */
export type Written = { readonly mediaType: MediaType; readonly text: string }

type ResponseBody<E extends Endpoint> =
  Field<E['response'], 'schema'> extends infer S extends z.ZodType ? z.input<S> : undefined

type Reply<E extends Endpoint> = {
  /** The contract's status unless given. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Of a dry run, beside what it would change. */
  readonly foreseen?: ForeseenCalls | undefined
} & (ResponseBody<E> extends undefined
  ? { readonly html?: string }
  :
      | {
          readonly body: ResponseBody<E>
          readonly problem?: never
          /** For another form than JSON; gets what the schema let through. */
          readonly write?: (body: unknown) => Written
        }
      // An outcome that the endpoint's own protocol calls an error, in the shape of its `errorStyle`.
      | { readonly refusal: unknown })

type Operation<E extends Endpoint> = (input: Input<E>) => Promise<Reply<E>> | Reply<E>

/** One implementation for each of these endpoints; a missing or a superfluous one does not compile. A batch has none of its own. */
export type Operations<E extends Endpoint> = {
  readonly [Id in Exclude<E, { batch: Batch }>['operationId']]: Operation<Extract<E, { operationId: Id }>>
}
