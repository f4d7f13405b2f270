/** An unvalidated part of an event. */
export type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {})

/** Returns '' for anything but a string. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
