import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as z from 'zod'
import type { FunctionSet } from './function-set.ts'
import { StartError } from './start-error.ts'

export const refreshFunction = 'refresh-providers'
export const sourcesVariable = 'POSTERN_PROVIDER_SOURCES'

/** Converts the option to the stack's `providerSources`; on a laptop it may be the path of a folder. */
export function providerSourcesOf(setting: string | undefined): string | undefined {
  const given = setting?.trim() ?? ''
  if (given === '') return undefined
  const isPath = !given.startsWith('{') && !URL.canParse(given)
  if (!isPath) return given
  const folder = resolve(given)
  if (!existsSync(folder))
    throw new StartError(`${sourcesVariable} names ${folder}, and there is no such folder.`)
  return `${pathToFileURL(folder).href}/`
}

const outcomes = z.array(
  z.object({ provider: z.string(), outcome: z.string(), reason: z.string().optional() }),
)

/** Loads the lists with the function that the schedule calls, and reports the result. */
export async function loadProviderLists(
  functions: Pick<FunctionSet, 'byName'>,
  signal: AbortSignal,
  report: (message: string) => void,
): Promise<void> {
  const result = await functions.byName(refreshFunction)?.invoke({})
  // A failure of the function itself is already reported.
  if (result?.type !== 'result' || signal.aborted) return
  const lists = outcomes.parse(result.payload)
  const words = lists.map(({ provider, outcome, reason }) =>
    outcome === 'refused' ? `${provider} refused (${reason})` : `${provider} ${outcome}`,
  )
  report(`Address lists of cloud providers: ${words.join(', ')}`)
}
