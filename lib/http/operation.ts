import type * as z from 'zod'
import type { Reach } from '../access/account-group-reach.ts'
import type { CallerSnapshot } from '../access/caller-snapshot.ts'
import type { Subject } from '../access/subject.ts'
import type { Batch } from '../contract/batch.ts'
import type { ForeseenCalls } from '../contract/dry-run.ts'
import type { HttpFunctionName, MediaType } from '../contract/endpoint.ts'
import type { ContractEndpoint } from '../contract/endpoints.ts'
import type { WriteTransaction } from '../table/transaction.ts'

/** Who made a request that passed the decision. */
export type Caller = {
  readonly subject: Subject
  readonly snapshot: CallerSnapshot
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

/** A batch has none of its own. */
export type OperationOf<F extends HttpFunctionName> = Exclude<
  Extract<ContractEndpoint, { function: F }>,
  { batch: Batch }
>['operationId']
type EndpointOf<Id extends string> = Extract<ContractEndpoint, { operationId: Id }>

/** What an operation gets: validated by its contract, and its caller unless it is public. */
export type Input<Id extends string> = {
  readonly params: Output<Field<EndpointOf<Id>['request'], 'params'>>
  readonly query: Output<Field<EndpointOf<Id>['request'], 'query'>>
  readonly headers: Output<Field<EndpointOf<Id>['request'], 'headers'>>
  readonly body: Output<Field<EndpointOf<Id>['request'], 'body'>>
  /** The body of a form endpoint as it came; null when the content type is another. */
  readonly form: string | null
  readonly authorization: string | undefined
  readonly hasQuery: (name: string) => boolean
  readonly dryRun: boolean
  /** The one way to write: once for each Idempotency-Key, and not at all in a dry run. */
  readonly write: WriteTransaction
  readonly once: Once
  readonly caller: EndpointOf<Id>['access'] extends 'public' ? null : Caller
  readonly origin: Origin
}

/** A body in the form in which it leaves. */
export type Written = { readonly mediaType: MediaType; readonly text: string }

type ResponseBody<Id extends string> =
  Field<EndpointOf<Id>['response'], 'schema'> extends infer S extends z.ZodType ? z.input<S> : undefined

export type Reply<Id extends string> = {
  /** The contract's status unless given. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Of a dry run, beside what it would change. */
  readonly foreseen?: ForeseenCalls | undefined
} & (ResponseBody<Id> extends undefined
  ? { readonly html?: string }
  :
      | {
          readonly body: ResponseBody<Id>
          readonly problem?: never
          /** For another form than JSON; gets what the schema let through. */
          readonly write?: (body: unknown) => Written
        }
      // An outcome that the endpoint's own protocol calls an error, in the shape of its `errorStyle`.
      | { readonly refusal: unknown })

export type Operation<Id extends string> = (input: Input<Id>) => Promise<Reply<Id>> | Reply<Id>

/** One implementation for each endpoint of a function; a missing or a superfluous one does not compile. */
export type Operations<F extends HttpFunctionName> = { readonly [Id in OperationOf<F>]: Operation<Id> }
