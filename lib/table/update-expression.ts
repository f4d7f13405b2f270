/**
 * An UpdateExpression that sets only these fields, so that concurrent changes of other fields are kept. It removes those that are
 * undefined. @param others more of its SET.
 */
export const setFields = (
  fields: Readonly<Record<string, unknown>>,
  others: readonly string[] = [],
): { set: string; names: Record<string, string>; values: Record<string, unknown> } => {
  const names: Record<string, string> = {}
  const values: Record<string, unknown> = {}
  const [set, removed]: [string[], string[]] = [[...others], []]
  for (const [index, [field, value]] of Object.entries(fields).entries()) {
    names[`#f${index}`] = field
    if (value === undefined) removed.push(`#f${index}`)
    else {
      values[`:f${index}`] = value
      set.push(`#f${index} = :f${index}`)
    }
  }
  const remove = removed.length === 0 ? '' : ` REMOVE ${removed.join(', ')}`
  return { set: `SET ${set.join(', ')}${remove}`, names, values }
}
