import type * as z from 'zod'
import type { OAuthErrorCode } from '../../contract/error-styles.ts'
import type { DomainErrorCode } from '../../effects/domain-error.ts'

export type JsonSchema = z.core.JSONSchema.JSONSchema

export type Reference = { readonly $ref: string }

export type Header = {
  readonly description: string
  readonly required?: boolean
  readonly schema: JsonSchema
}

export type Parameter = {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly description?: string
  readonly required: boolean
  readonly schema: JsonSchema
  readonly example?: unknown
}

export type Example = { readonly summary?: string; readonly value: unknown }

export type Content = {
  readonly schema: JsonSchema
  readonly example?: unknown
  readonly examples?: Readonly<Record<string, Example | Reference>>
}

export type Body = {
  readonly required: boolean
  readonly content: Readonly<Record<string, Content>>
}

export type Response = {
  readonly description: string
  readonly headers?: Readonly<Record<string, Reference>>
  readonly content?: Readonly<Record<string, Content>>
  /** The codes of this answer that the errors section explains. */
  readonly 'x-postern-codes'?: readonly DomainErrorCode[]
  readonly 'x-oauth-errors'?: readonly OAuthErrorCode[]
}

/** Alternatives: a request satisfies one of them. An empty one means no credential. */
export type Security = readonly Readonly<Record<string, readonly string[]>>[]

/** The required permission; `self` = any active credential, `none` = no credential. */
export type PermissionNeeded =
  | 'none'
  | 'self'
  | { readonly section: string; readonly level: 'read' | 'write' }

export type Operation = {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description: string
  readonly security: Security
  readonly parameters?: readonly (Parameter | Reference)[]
  readonly requestBody?: Body
  readonly responses: Readonly<Record<string, Response | Reference>>
  readonly 'x-postern-permission': PermissionNeeded
}

export type PathItem = Readonly<Record<string, Operation>>

export type SecurityScheme =
  | { readonly type: 'http'; readonly scheme: 'bearer' | 'basic'; readonly description: string }
  | {
      readonly type: 'apiKey'
      readonly in: 'header' | 'cookie'
      readonly name: string
      readonly description: string
    }
  | {
      readonly type: 'oauth2'
      readonly description: string
      readonly flows: { readonly clientCredentials: { readonly tokenUrl: string; readonly scopes: object } }
    }

/** One row of the errors section, which lists all codes, even those that no endpoint of this version returns. */
export type ErrorExplanation = {
  readonly code: DomainErrorCode
  readonly status: number
  readonly title: string
  readonly meaning: string
  readonly remedy: string
}

/** The subset of OpenAPI 3.1 that Postern writes (https://spec.openapis.org/oas/v3.1.0). */
export type OpenApiDocument = {
  readonly openapi: '3.1.0'
  readonly info: {
    readonly title: string
    readonly summary: string
    readonly description: string
    readonly version: string
    readonly license: { readonly name: string; readonly identifier: string }
  }
  readonly servers: readonly { readonly url: string; readonly description: string }[]
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly paths: Readonly<Record<string, PathItem>>
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>
    readonly responses: Readonly<Record<string, Response>>
    readonly parameters: Readonly<Record<string, Parameter>>
    readonly headers: Readonly<Record<string, Header>>
    readonly examples: Readonly<Record<string, Example>>
    readonly securitySchemes: Readonly<Record<string, SecurityScheme>>
  }
  readonly 'x-postern-errors': readonly ErrorExplanation[]
}

/** A response of an operation, with its reference resolved. */
export const responseBehind = (
  { components }: { readonly components: Pick<OpenApiDocument['components'], 'responses'> },
  response: Response | Reference | undefined,
): Response | undefined =>
  response !== undefined && '$ref' in response ? components.responses[nameIn(response)] : response

/** The parameters of an operation, with references resolved. */
export const parametersBehind = (
  { components }: Pick<OpenApiDocument, 'components'>,
  { parameters = [] }: Pick<Operation, 'parameters'>,
): Parameter[] =>
  parameters.flatMap((parameter) =>
    '$ref' in parameter ? (components.parameters[nameIn(parameter)] ?? []) : parameter,
  )

const nameIn = ({ $ref }: Reference): string => $ref.slice($ref.lastIndexOf('/') + 1)
