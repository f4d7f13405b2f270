import type { Server } from 'node:http'
import type { References } from '../intrinsics.ts'
import type { FunctionDefinition } from '../system.ts'
import type { Template } from '../template.ts'
import { neededByDynamoDb, neededByKms, neededBySes } from './calls.ts'
import { createGate } from './gate.ts'
import { statementsOf } from './roles.ts'

/** The local origin of each AWS service. */
export type ServiceOrigins = { readonly dynamodb: string; readonly kms: string; readonly ses: string }

const neededBy = { dynamodb: neededByDynamoDb, kms: neededByKms, ses: neededBySes }

/**
 * Opens a gate in front of each service, only for the functions, and returns the gates' origins. So the laptop and every test
 * over HTTP detect a missing permission before the first deployment.
 *
 * @param serve listens on a free port and returns it.
 */
export async function openGates(
  services: ServiceOrigins,
  {
    template,
    references,
    definitions,
    serve,
    report,
  }: {
    readonly template: Template
    readonly references: References
    readonly definitions: readonly FunctionDefinition[]
    readonly serve: (server: Server) => Promise<number>
    readonly report: (message: string) => void
  },
): Promise<ServiceOrigins> {
  const roles = new Map(
    definitions.map(({ logicalId, name }) => [
      logicalId,
      { name, statements: statementsOf(template, references, logicalId) },
    ]),
  )
  const open = async (service: keyof ServiceOrigins): Promise<string> => {
    const gate = createGate({
      upstream: services[service],
      neededBy: neededBy[service],
      statementsOf: (functionId) => roles.get(functionId)?.statements,
      onRefused: (functionId, lacking) =>
        report(`The function ${roles.get(functionId)?.name ?? functionId} may not: ${lacking}`),
    })
    return `http://127.0.0.1:${await serve(gate)}`
  }
  return { dynamodb: await open('dynamodb'), kms: await open('kms'), ses: await open('ses') }
}
