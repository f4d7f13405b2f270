import * as z from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'

/** Says how the file may be sent (RFC 9110 section 12.5.3). */
export const coding = z.object({ 'accept-encoding': z.string().optional() })

/** What a screen keeps in its address, such as filters. Only the browser reads it. Each name is given once, as everywhere. */
export const screenQuery = z.looseObject({})

const page = {
  status: 200,
  description: 'The page that loads the console',
  mediaType: 'text/html',
} as const

export const consoleFileEndpoints = [
  {
    method: 'GET',
    path: '/console',
    function: 'console-files',
    operationId: 'showConsole',
    tag: 'console',
    summary: 'The console: Postern in a browser',
    access: 'public',
    request: { query: screenQuery, headers: coding },
    response: page,
    errors: [],
  },
  {
    method: 'GET',
    path: '/console/{path+}',
    function: 'console-files',
    operationId: 'showConsoleScreen',
    tag: 'console',
    summary: 'A screen of the console',
    description: 'The same page at every path. The browser chooses the screen.',
    access: 'public',
    request: {
      params: z.object({ path: z.string().meta({ description: 'Of the screen.' }) }),
      query: screenQuery,
      headers: coding,
    },
    response: page,
    errors: [],
  },
  {
    method: 'GET',
    path: '/console/assets/{file}',
    function: 'console-files',
    operationId: 'getConsoleAsset',
    tag: 'console',
    summary: 'A script, style sheet or image of the console',
    description: 'The name contains a hash of the content, so that browsers keep the file for good.',
    access: 'public',
    request: {
      params: z.object({ file: z.string().meta({ description: 'As the page names it.' }) }),
      headers: coding,
    },
    response: {
      status: 200,
      description: 'The file, under its own media type',
      mediaType: '*/*',
    },
    errors: ['not_found'],
  },
] as const satisfies readonly Endpoint[]
