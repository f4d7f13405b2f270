/** An UpdateExpression that sets only these fields, so that concurrent changes of other fields are kept. */
export const setFields = (
  fields: Readonly<Record<string, unknown>>,
): { set: string; names: Record<string, string>; values: Record<string, unknown> } => {
  const names: Record<string, string> = {}
  const values: Record<string, unknown> = {}
  const parts = Object.entries(fields).map(([field, value], index) => {
    names[`#f${index}`] = field
    values[`:f${index}`] = value
    return `#f${index} = :f${index}`
  })
  return { set: `SET ${parts.join(', ')}`, names, values }
}
