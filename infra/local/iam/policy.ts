import * as z from 'zod'

const texts = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat())

/** Strict: an ignored element could make the laptop allow what AWS refuses. */
const statement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: texts,
  Resource: texts,
  Condition: z
    .strictObject({
      StringEquals: z.record(z.string(), texts).optional(),
      'ForAllValues:StringLike': z.record(z.string(), texts).optional(),
      Null: z.record(z.string(), z.enum(['true', 'false'])).optional(),
    })
    .optional(),
})

export const policyDocument = z.strictObject({
  Version: z.literal('2012-10-17'),
  Statement: z.union([statement, z.array(statement)]).transform((value) => [value].flat()),
})

export type Statement = z.infer<typeof statement>

/** One permission that a call needs. */
export type Needed = {
  /** `dynamodb:PutItem` */
  readonly action: string
  /** ARNs; permission on any one of them is enough. */
  readonly resources: readonly string[]
  /** Condition keys with their values. */
  readonly context: Readonly<Record<string, readonly string[]>>
}

/**
 * Whether a role with these statements has this permission. Implements IAM's logic for identity policies: an explicit Deny wins,
 * the default is Deny.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function allows(statements: readonly Statement[], needed: Needed): boolean {
  return needed.resources.some((resource) => {
    const said = statements.filter((each) => applies(each, resource, needed))
    return said.length > 0 && said.every(({ Effect }) => Effect === 'Allow')
  })
}

function applies(said: Statement, resource: string, { action, context }: Needed): boolean {
  const { StringEquals = {}, 'ForAllValues:StringLike': allLike = {}, Null = {} } = said.Condition ?? {}
  const valuesOf = (key: string): readonly string[] => context[key] ?? []
  return (
    said.Action.some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
    said.Resource.some((pattern) => matches(pattern, resource)) &&
    Object.entries(StringEquals).every(([key, wanted]) => {
      const [value] = valuesOf(key)
      return value !== undefined && wanted.includes(value)
    }) &&
    // Also true for a key without values, as in AWS.
    Object.entries(allLike).every(([key, patterns]) =>
      valuesOf(key).every((value) => patterns.some((pattern) => matches(pattern, value))),
    ) &&
    Object.entries(Null).every(([key, absent]) => (valuesOf(key).length === 0) === (absent === 'true'))
  )
}

/** `*` matches any text, `?` one character. */
function matches(pattern: string, value: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 's').test(value)
}
