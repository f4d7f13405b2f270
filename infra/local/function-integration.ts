import type { FunctionRunner } from './function-runner.ts'
import { answers, type Integrate } from './gateway.ts'
import { httpAnswer } from './http-result.ts'
import type { RouteDefinition } from './system.ts'

/** Lambda proxy integration, payload format 2.0. */
export const functionIntegration =
  (runnerOf: (functionId: string) => Pick<FunctionRunner, 'invoke'>): Integrate<RouteDefinition> =>
  async (route, event) => {
    const result = await runnerOf(route.functionId).invoke(event)
    if (result.type === 'too-large') return answers.tooLarge
    if (result.type === 'error') return answers.failed
    return httpAnswer(result.payload) ?? answers.failed
  }
