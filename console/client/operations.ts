import type * as z from 'zod'
import type { DryRunReport } from '../../lib/contract/dry-run.ts'
import type { PosternEndpoint } from '../../lib/reference/endpoints.ts'

/** The types of every operation of the API, derived from its contract. */

export type OperationId = PosternEndpoint['operationId']
type EndpointOf<Id extends OperationId> = Extract<PosternEndpoint, { readonly operationId: Id }>

type Schema<T, K extends string> = T extends { readonly [P in K]: infer S extends z.ZodType } ? S : never
type Requested<Id extends OperationId, K extends string> = z.input<Schema<EndpointOf<Id>['request'], K>>

/** Values in paths and queries are written as text. */
type OnTheWire<T> = { readonly [K in keyof T]: T[K] | string | number | boolean }
/** What is sent is not changed. */
type Given<T> = T extends object ? { readonly [K in keyof T]: Given<T[K]> } : T
type Without = Readonly<Record<never, never>>

/** What the contract demands of a request. Query parameters include `aid`, which every endpoint takes. */
export type Input<Id extends OperationId> = ([Schema<EndpointOf<Id>['request'], 'params'>] extends [never]
  ? Without
  : { readonly params: OnTheWire<Requested<Id, 'params'>> }) &
  ([Schema<EndpointOf<Id>['request'], 'body'>] extends [never]
    ? Without
    : { readonly body: Given<Requested<Id, 'body'>> }) & {
    readonly query?: ([Schema<EndpointOf<Id>['request'], 'query'>] extends [never]
      ? Without
      : Partial<OnTheWire<Requested<Id, 'query'>>>) & { readonly aid?: number | undefined }
  }

/** What the operation answers; undefined where it answers without a body. */
export type Answer<Id extends OperationId> = [Schema<EndpointOf<Id>['response'], 'schema'>] extends [never]
  ? undefined
  : z.output<Schema<EndpointOf<Id>['response'], 'schema'>>

/** What a dry run answers besides the usual answer. */
export type Foreseen = { readonly dryRun: z.output<typeof DryRunReport> }
