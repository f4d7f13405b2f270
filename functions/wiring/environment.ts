/** The environment variables of the stack. */
export const required = (name: string): string => {
  const value = process.env[name]
  if (value === undefined || value === '') throw new Error(`The environment variable ${name} is not set`)
  return value
}

const wholeNumber = (name: string, unit: string): number => {
  const value = Number(required(name))
  if (!Number.isInteger(value) || value < 0)
    throw new Error(`The environment variable ${name} is no number of ${unit}`)
  return value
}

export const seconds = (name: string): number => wholeNumber(name, 'seconds')

export const days = (name: string): number => wholeNumber(name, 'days')

/** For a setting whose absence has a meaning of its own. */
export const optional = (name: string): string => process.env[name] ?? ''
