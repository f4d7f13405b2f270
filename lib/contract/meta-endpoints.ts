import * as z from 'zod'
import type { Endpoint } from './endpoint.ts'

export const metaEndpoints = [
  {
    method: 'GET',
    path: '/health',
    function: 'meta',
    operationId: 'getHealth',
    tag: 'meta',
    summary: 'Is the service up?',
    access: 'public',
    request: {},
    response: {
      status: 200,
      description: 'It is',
      mediaType: 'application/json',
      schema: z.object({ status: z.literal('ok') }),
      example: { status: 'ok' },
    },
    errors: [],
  },
  {
    method: 'GET',
    path: '/openapi.json',
    function: 'meta',
    operationId: 'getOpenApi',
    tag: 'meta',
    summary: 'This API as an OpenAPI 3.1 document',
    access: 'public',
    request: {},
    response: {
      status: 200,
      description: 'The document',
      mediaType: 'application/json',
      schema: z.record(z.string(), z.unknown()),
      example: { openapi: '3.1.0', info: { title: 'Postern', version: '1.0.0' } },
    },
    errors: [],
  },
  {
    method: 'GET',
    path: '/docs',
    function: 'meta',
    operationId: 'showReference',
    tag: 'meta',
    summary: 'This API as a page to read',
    access: 'public',
    request: {},
    response: { status: 200, description: 'The API reference', mediaType: 'text/html' },
    errors: [],
  },
] as const satisfies readonly Endpoint[]
