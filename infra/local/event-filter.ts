import * as z from 'zod'

/**
 * The filter patterns of event source mappings, limited to what a stream of items needs. Throws on an unsupported operator:
 * a filter that silently matches too much or too little would differ from AWS.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
 */
export type Matches = (record: unknown) => boolean

/** A record passes when it matches one of the patterns, or when there is none. */
export function createFilter(patterns: readonly string[]): Matches {
  const compiled = patterns.map((pattern) => compile(JSON.parse(pattern), '$'))
  return (record) => compiled.length === 0 || compiled.some((matches) => matches(record))
}

function compile(pattern: unknown, where: string): Matches {
  if (Array.isArray(pattern)) {
    const rules = pattern.map((rule) => compileRule(rule, where))
    return (value) => {
      const values = Array.isArray(value) ? value : [value]
      return rules.some((matches) => values.some(matches))
    }
  }
  const fields = z.record(z.string(), z.unknown()).parse(pattern)
  if ('$or' in fields) throw new Error(`The laptop does not know $or in a filter (${where})`)
  const parts = Object.entries(fields).map(
    ([name, part]) => [name, compile(part, `${where}.${name}`)] as const,
  )
  return (value) => parts.every(([name, matches]) => matches(member(value, name)))
}

function member(value: unknown, name: string): unknown {
  const isRecord = typeof value === 'object' && value !== null && Object.hasOwn(value, name)
  return isRecord ? Reflect.get(value, name) : undefined
}

const operators = z.union([
  z.strictObject({ prefix: z.string() }),
  z.strictObject({ suffix: z.string() }),
  z.strictObject({ exists: z.boolean() }),
  z.strictObject({ 'anything-but': z.union([z.string(), z.array(z.string())]) }),
])

function compileRule(rule: unknown, where: string): Matches {
  const isLiteral = rule === null || ['string', 'number', 'boolean'].includes(typeof rule)
  if (isLiteral) return (value) => value === rule
  const parsed = operators.safeParse(rule)
  if (!parsed.success)
    throw new Error(`The laptop does not know the filter ${JSON.stringify(rule)} (${where})`)
  const operator = parsed.data
  if ('prefix' in operator) return (value) => typeof value === 'string' && value.startsWith(operator.prefix)
  if ('suffix' in operator) return (value) => typeof value === 'string' && value.endsWith(operator.suffix)
  if ('exists' in operator) return (value) => (value !== undefined) === operator.exists
  const excluded = [operator['anything-but']].flat()
  return (value) => typeof value === 'string' && !excluded.includes(value)
}
