import { errorShapes } from '../drop-in-errors.ts'
import type { Endpoint } from '../endpoint.ts'
import type { Response } from './document.ts'
import type { ProblemTable } from './problem.ts'
import type { SchemaCollection } from './schema.ts'

/** Refusals in the shape of the product whose call the endpoint answers, by status; problems stay as they are. */
export const inErrorStyle = (
  { errorStyle, response }: Endpoint,
  refusals: Readonly<Record<string, Response>>,
  problems: ProblemTable,
  schemas: SchemaCollection,
): Record<string, Response> => {
  if (errorStyle === undefined) return { ...refusals }
  const { shape, example } = errorShapes[errorStyle]
  const schema = schemas.convert(shape, 'output')
  const styled = ({ 'x-postern-codes': codes = [], ...refusal }: Response): Response => ({
    ...refusal,
    content: {
      'application/json': {
        schema,
        examples: Object.fromEntries(codes.map((code) => [code, { value: example(problems[code].title) }])),
      },
      ...(response.alternative === undefined ? {} : { [response.alternative]: { schema } }),
    },
    'x-postern-codes': codes,
  })
  return Object.fromEntries(Object.entries(refusals).map(([status, refusal]) => [status, styled(refusal)]))
}
