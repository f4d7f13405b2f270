import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { functionEnvironment, type LocalEndpoints } from './function-environment.ts'
import { createRunner, type FunctionRunner } from './function-runner.ts'
import { functionArn } from './references.ts'
import type { FunctionDefinition } from './system.ts'

const projectRoot = join(import.meta.dirname, '../..')

export type FunctionSet = {
  readonly byId: (logicalId: string) => FunctionRunner
  readonly byName: (name: string) => FunctionRunner | undefined
  readonly warm: () => Promise<void>
  readonly stop: () => Promise<void>
}

export type FunctionSetOptions = {
  readonly endpoints: LocalEndpoints
  readonly compileCacheFolder: string
  readonly log: (functionName: string, line: string) => void
  readonly report: (message: string) => void
}

/** All functions of the template. None is loaded before it is called or warmed. */
export function createFunctions(
  definitions: readonly FunctionDefinition[],
  { endpoints, compileCacheFolder, log, report }: FunctionSetOptions,
): FunctionSet {
  const runners = new Map(
    definitions.map((definition) => {
      const { logicalId, name, entry, exportName, memoryMegabytes, timeoutSeconds } = definition
      const runner = createRunner({
        start: {
          entryUrl: pathToFileURL(join(projectRoot, entry)).href,
          exportName,
          functionName: name,
          functionArn: functionArn(logicalId),
          memoryMegabytes,
          compileCacheFolder,
        },
        environment: functionEnvironment(definition, endpoints),
        timeoutSeconds,
        onOutput: (line) => log(name, line),
        onError: ({ errorType, errorMessage, stack }) => {
          log(name, JSON.stringify({ level: 'ERROR', errorType, errorMessage, stack }))
          report(`The function ${name} failed: ${errorType}: ${errorMessage}`)
        },
      })
      return [logicalId, { name, runner }] as const
    }),
  )
  const all = [...runners.values()]
  return {
    byId: (logicalId) => {
      const found = runners.get(logicalId)
      if (found === undefined) throw new Error(`The template has no function ${logicalId} with an entry`)
      return found.runner
    },
    byName: (name) => all.find((each) => each.name === name)?.runner,
    warm: async () => {
      // One after the other: the requests that come meanwhile go first.
      for (const { runner } of all) await runner.warm()
    },
    stop: async () => {
      await Promise.all(all.map(({ runner }) => runner.stop()))
    },
  }
}
