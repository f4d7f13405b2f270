import type { FunctionSpec } from './function-spec.ts'
import { plain } from './function-spec.ts'
import { answering } from './functions.ts'

/** An example of a customer's API behind the authorizer. It has no permissions on Postern's resources. */
export const demoFunctionSpec: FunctionSpec = {
  ...answering,
  ...plain,
  entry: 'infra/local/demo-api.ts',
  purpose: 'A small API to try the authorizer on',
  table: [],
  reads: [],
  writes: [],
  signing: 'none',
}

export const demoRoutes = [
  { method: 'GET', path: '/demo/orders' },
  { method: 'POST', path: '/demo/orders' },
] as const
