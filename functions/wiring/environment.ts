/** The environment variables of the stack. */
export const required = (name: string): string => {
  const value = process.env[name]
  if (value === undefined || value === '') throw new Error(`The environment variable ${name} is not set`)
  return value
}

export const wholeNumber = (name: string, unit: string): number => {
  const value = Number(required(name))
  if (!Number.isInteger(value) || value < 0)
    throw new Error(`The environment variable ${name} is no number of ${unit}`)
  return value
}

export const seconds = (name: string): number => wholeNumber(name, 'seconds')

export const days = (name: string): number => wholeNumber(name, 'days')

/** From 0 to 1; default: 1. */
export const share = (name: string): number => {
  const value = Number(optional(name) || '1')
  if (!(value >= 0 && value <= 1))
    throw new Error(`The environment variable ${name} is no number from 0 to 1`)
  return value
}

/** For a setting whose absence has a meaning of its own. */
export const optional = (name: string): string => process.env[name] ?? ''
