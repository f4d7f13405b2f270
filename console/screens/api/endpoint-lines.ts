import type { Section } from './shown-api.ts'

type Shown = Section['endpoints'][number]
type Given = string | { readonly endpoint: string; readonly level: 'read' | 'write' }

/** The level that the API takes for an endpoint without one. */
const usualLevel = (endpoint: string): 'read' | 'write' =>
  /^(?:GET|HEAD|OPTIONS) /.test(endpoint) ? 'read' : 'write'

/** One endpoint in each line, with its level where that is not the usual one: `POST /stock/search read`. */
export const linesOf = (endpoints: readonly Shown[]): string =>
  endpoints
    .map(({ endpoint, level }) => (level === usualLevel(endpoint) ? endpoint : `${endpoint} ${level}`))
    .join('\n')

/** As `linesOf` writes them, so that two ways to write the same are the same. */
export const tidyLines = (text: string): string[] =>
  endpointsIn(text).map((given) =>
    linesOf([typeof given === 'string' ? { endpoint: given, level: usualLevel(given) } : given]),
  )

/** @returns what the API takes, in the order of the lines that are not empty */
export const endpointsIn = (text: string): Given[] =>
  text
    .split('\n')
    .map((line) => line.trim().replaceAll(/\s+/g, ' '))
    .filter((line) => line !== '')
    .map((line) => {
      const [, endpoint = line, level] = /^(.+) (read|write)$/.exec(line) ?? []
      return level === 'read' || level === 'write' ? { endpoint, level } : line
    })
