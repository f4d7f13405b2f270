/** Part of an event, of which nothing is taken for granted. */
export type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {})

/** Anything but a text becomes empty text. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
