import type { Bundles } from './function-bundles.ts'
import { functionEnvironment, type LocalEndpoints } from './function-environment.ts'
import { createPlaces } from './function-places.ts'
import { createRunner, type FunctionRunner } from './function-runner.ts'
import { functionArn } from './references.ts'
import type { FunctionDefinition } from './system.ts'

export type FunctionSet = {
  readonly byId: (logicalId: string) => FunctionRunner
  readonly byName: (name: string) => FunctionRunner | undefined
  readonly stop: () => Promise<void>
}

export type FunctionSetOptions = {
  readonly endpoints: LocalEndpoints
  readonly bundles: Bundles
  /** Of all functions together. */
  readonly instanceLimit: number
  readonly compileCacheFolder: string
  readonly log: (functionName: string, line: string) => void
  readonly report: (message: string) => void
}

/** All functions of the template. Each is loaded at its first call. */
export function createFunctions(
  definitions: readonly FunctionDefinition[],
  { endpoints, bundles, instanceLimit, compileCacheFolder, log, report }: FunctionSetOptions,
): FunctionSet {
  const places = createPlaces(instanceLimit)
  const runners = new Map(
    definitions.map((definition) => {
      const { logicalId, name, entry, exportName, memoryMegabytes, timeoutSeconds } = definition
      const runner = createRunner({
        places,
        workerUrl: bundles.workerUrl,
        start: {
          entryUrl: bundles.urlOf(entry).href,
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
    stop: async () => {
      await Promise.all(all.map(({ runner }) => runner.stop()))
    },
  }
}
