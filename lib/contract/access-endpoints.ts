import * as z from 'zod'
import type { Endpoint } from './endpoint.ts'
import { Role } from './shapes.ts'

const look = { section: 'postern-access', level: 'read' } as const

export const SectionShape = z
  .object({
    name: z.string(),
    title: z.string(),
    management: z.boolean().meta({ description: "True for the sections of Postern's own API." }),
    endpoints: z.array(z.object({ endpoint: z.string(), level: z.enum(['read', 'write']) })),
  })
  .meta({ id: 'Section' })

export const accessEndpoints = [
  {
    method: 'GET',
    path: '/v1/roles',
    function: 'access',
    operationId: 'listRoles',
    tag: 'access',
    summary: 'The roles that can be given to users',
    access: look,
    request: {},
    response: {
      status: 200,
      description: 'Built-in and custom roles',
      mediaType: 'application/json',
      schema: z.object({ roles: z.array(Role) }),
      example: { roles: [{ roleId: 2, roleName: 'User', hasManagementPermissions: false, builtin: true }] },
    },
    errors: [],
  },
  {
    method: 'GET',
    path: '/v1/sections',
    function: 'access',
    operationId: 'listSections',
    tag: 'access',
    summary: 'The sections that permissions can name, with their endpoints',
    access: look,
    request: {},
    response: {
      status: 200,
      description: "The organization's sections and those of Postern's own API",
      mediaType: 'application/json',
      schema: z.object({ sections: z.array(SectionShape) }),
      example: {
        sections: [
          {
            name: 'orders',
            title: 'Orders',
            management: false,
            endpoints: [{ endpoint: 'GET /orders', level: 'read' }],
          },
        ],
      },
    },
    errors: [],
  },
] as const satisfies readonly Endpoint[]
