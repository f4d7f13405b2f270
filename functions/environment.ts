/** The environment that the stack gives a function. Read here and nowhere else in functions. */
export const required = (name: string): string => {
  const value = process.env[name]
  if (value === undefined || value === '') throw new Error(`The environment variable ${name} is not set`)
  return value
}

export const seconds = (name: string): number => {
  const value = Number(required(name))
  if (!Number.isInteger(value) || value < 0)
    throw new Error(`The environment variable ${name} is no number of seconds`)
  return value
}
