import type * as z from 'zod'

/** Names of JSON types for messages. */
const kinds: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
  null: 'null',
}

const ofWhat: Readonly<Record<string, string>> = { string: ' characters', array: ' entries', set: ' entries' }

/** The default message for an invalid field: the end of a sentence that begins with the field's name. Undefined = zod's own message. */
export const validationMessage = (issue: z.core.$ZodRawIssue): string | undefined => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is required' : `must be ${kinds[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      if (issue.input === undefined) return 'is required'
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`
    case 'too_big':
      return bound('at most', issue.maximum, issue.origin)
    case 'too_small':
      return bound('at least', issue.minimum, issue.origin)
    case 'invalid_union':
      return issue.input === undefined ? 'is required' : 'matches none of the allowed formats'
    case 'invalid_format':
      return 'does not have the right format'
    default:
      return undefined
  }
}

const bound = (which: 'at least' | 'at most', limit: number | bigint, origin: string): string => {
  const unit = ofWhat[origin]
  return unit === undefined ? `must be ${which} ${limit}` : `must have ${which} ${limit}${unit}`
}
