import * as z from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import { shownInstant as instant } from '../contract/fields.ts'
import { providers } from '../whitelist/provider.ts'

const provider = z.enum(providers).meta({ id: 'Provider' })

const Space = z
  .object({ ipv4Addresses: z.int(), blockCount: z.int(), blocks: z.array(z.string()) })
  .meta({ id: 'AddressSpace', description: '`blocks` are the first hundred; the counts are of all.' })

const Losses = z
  .object({
    count: z.int(),
    narrowings: z.array(
      z.object({
        name: z.string(),
        gone: z.boolean(),
        blocks: z.int().meta({ description: 'CIDR blocks that it had.' }),
        keptPercent: z.int().meta({ description: 'Of its worse address family.' }),
        held: z.boolean().meta({ description: 'Whitelists name it: its last good addresses still hold.' }),
      }),
    ),
  })
  .meta({
    id: 'LostNarrowings',
    description: 'Narrowings that are gone or keep less than half: the first hundred, and the count of all.',
  })

const Change = z
  .object({
    at: instant,
    fromVersion: z.string().nullable(),
    toVersion: z.string(),
    added: Space,
    removed: Space,
    losses: Losses,
  })
  .meta({ id: 'ProviderListChange' })
export type ProviderListChange = z.infer<typeof Change>

const perFamily = z.object({ ipv4: z.int(), ipv6: z.int() })
const changeSize = z.object({ ipv4Addresses: z.int(), blockCount: z.int() })

const summaryFields = {
  provider,
  available: z.boolean().meta({ description: 'False: the provider word lets nobody in for now.' }),
  version: z.string().nullable().meta({ description: "The provider's own, else a hash of the content." }),
  publishedAt: instant.nullable().meta({ description: 'As the document says; null where it does not.' }),
  acceptedAt: instant.nullable().meta({ description: 'When this version took the place of the one before.' }),
  checkedAt: instant.nullable().meta({ description: 'When a download last confirmed it, to the day.' }),
  ageSeconds: z.int().nullable().meta({ description: 'Since `checkedAt`.' }),
  maximumAgeSeconds: z.int(),
  tooOld: z.boolean(),
  prefixes: perFamily.nullable().meta({ description: 'As published.' }),
  intervals: perFamily.nullable().meta({ description: 'Merged: what the check searches.' }),
  ipv4Addresses: z.int().nullable(),
  narrowings: z.int().meta({ description: 'How many names the word can be narrowed to.' }),
  lastChange: z
    .object({
      at: instant,
      fromVersion: z.string().nullable(),
      toVersion: z.string(),
      added: changeSize,
      removed: changeSize,
    })
    .nullable(),
  lastError: z
    .object({ at: instant, since: instant, reason: z.string(), detail: z.string() })
    .nullable()
    .meta({
      description:
        'Why the last refresh was refused, and since when refreshes are for this reason; null when it was not.',
    }),
  waiting: z.boolean().meta({
    description: 'A refused list, or a part of one, waits for an administrator of the first organization.',
  }),
}

const ProviderList = z.object(summaryFields).meta({ id: 'ProviderList' })
export type ProviderList = z.infer<typeof ProviderList>

const ProviderDetails = z
  .object({
    ...summaryFields,
    names: z.array(z.string()).meta({ description: 'What may stand behind the colon.' }),
    changes: z.array(Change).meta({ description: 'The last twenty, newest first.' }),
  })
  .meta({ id: 'ProviderListDetails' })
export type ProviderListDetails = z.infer<typeof ProviderDetails>

const Refused = z
  .object({
    provider,
    hash: z
      .string()
      .meta({ description: 'SHA-256 over all that the list lets in; names it when it is accepted.' }),
    at: instant.meta({ description: 'When it was downloaded last.' }),
    reason: z.string(),
    detail: z.string(),
    version: z.string(),
    publishedAt: instant.nullable(),
    prefixes: perFamily,
    ipv4Addresses: z.int(),
    narrowings: z.int(),
    added: Space,
    removed: Space,
    losses: Losses,
  })
  .meta({ id: 'RefusedProviderList', description: 'Beside the list in force: what accepting it would do.' })
export type RefusedProviderList = z.infer<typeof Refused>

const AcceptBody = z
  .strictObject({
    hash: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'must be the hash of the refused list: 64 digits and letters a to f'),
  })
  .meta({ id: 'ProviderListAcceptance' })

const RefreshBody = z
  .strictObject({
    providers: z
      .array(provider)
      .min(1, 'must name at least one provider')
      .optional()
      .meta({ description: 'All of them when it is left out.' }),
  })
  .meta({ id: 'ProviderRefresh' })

const look = { section: 'postern-whitelist', level: 'read', scope: 'account-group' } as const
const manage = { section: 'postern-whitelist', level: 'write' } as const

const exampleChange = {
  at: '2026-11-21T06:00:00.000Z',
  fromVersion: '1787411000',
  toVersion: '1787411825',
  added: { ipv4Addresses: 256, blockCount: 1 },
  removed: { ipv4Addresses: 0, blockCount: 0 },
}
const exampleList = {
  provider: 'AWS',
  available: true,
  version: '1787411825',
  publishedAt: '2026-08-22T15:17:05.000Z',
  acceptedAt: '2026-11-21T06:00:00.000Z',
  checkedAt: '2026-11-21T06:00:00.000Z',
  ageSeconds: 3600,
  maximumAgeSeconds: 2_592_000,
  tooOld: false,
  prefixes: { ipv4: 7905, ipv6: 3108 },
  intervals: { ipv4: 933, ipv6: 1931 },
  ipv4Addresses: 101_846_148,
  narrowings: 812,
  lastChange: exampleChange,
  lastError: null,
  waiting: false,
}
const noLosses = { count: 0, narrowings: [] }
const exampleHash = '6f1ed002ab5595859014ebf0951522d9a2f1c1f2b6c8f8a9f8d2a4b1c0d9e8f7'
const exampleSpaces = {
  added: { ipv4Addresses: 256, blockCount: 1, blocks: ['192.0.2.0/24'] },
  removed: { ipv4Addresses: 65_536, blockCount: 1, blocks: ['198.51.0.0/16'] },
  losses: {
    count: 1,
    narrowings: [{ name: 'me-central-1', gone: true, blocks: 23, keptPercent: 0, held: false }],
  },
}

export const providerEndpoints = [
  {
    method: 'GET',
    path: '/v1/whitelist/providers',
    function: 'providers',
    operationId: 'listProviders',
    tag: 'whitelist',
    summary: 'The published address lists of cloud providers',
    description: 'The same for all organizations: the lists are public.',
    access: look,
    request: {},
    response: {
      status: 200,
      description: 'Each provider, its version, size, age and last failure',
      mediaType: 'application/json',
      schema: z.object({ providers: z.array(ProviderList) }),
      example: { providers: [exampleList] },
    },
    errors: [],
  },
  {
    method: 'GET',
    path: '/v1/whitelist/providers/{provider}',
    function: 'providers',
    operationId: 'getProvider',
    tag: 'whitelist',
    summary: 'One list: the names it can be narrowed to, and what changed',
    access: look,
    request: { params: z.object({ provider }) },
    response: {
      status: 200,
      description: 'The list, its names and its changes',
      mediaType: 'application/json',
      schema: z.object({ provider: ProviderDetails }),
      example: {
        provider: {
          ...exampleList,
          names: ['EC2', 'eu-west-1', 'eu-west-1:EC2'],
          changes: [
            {
              ...exampleChange,
              added: { ipv4Addresses: 256, blockCount: 1, blocks: ['192.0.2.0/24'] },
              removed: { ipv4Addresses: 0, blockCount: 0, blocks: [] },
              losses: noLosses,
            },
          ],
        },
      },
    },
    errors: [],
  },
  {
    method: 'POST',
    path: '/v1/whitelist/providers/refresh',
    function: 'providers',
    operationId: 'refreshProviders',
    tag: 'whitelist',
    summary: 'Download the lists now',
    description:
      'Takes seconds to minutes: ask for the list of providers to see what became of it. A list that is not whole and sane does not replace the last good one.',
    access: manage,
    request: {
      mediaType: 'application/json',
      body: RefreshBody,
      example: { providers: ['AWS', 'AZURE'] },
    },
    response: {
      status: 202,
      description: 'The refresh will begin within seconds',
      mediaType: 'application/json',
      schema: z.object({ providers: z.array(provider) }),
      example: { providers: ['AWS', 'AZURE'] },
    },
    errors: ['too_many_requests'],
  },
  {
    method: 'GET',
    path: '/v1/whitelist/providers/{provider}/refused',
    function: 'providers',
    operationId: 'getRefusedProviderList',
    tag: 'whitelist',
    summary: 'The list that was refused, and what it would change',
    description:
      'Only for administrators of the first organization: a list serves every organization. 404 when none waits.',
    access: { section: 'postern-whitelist', level: 'read' },
    request: { params: z.object({ provider }) },
    response: {
      status: 200,
      description: 'What was refused and why, with what it adds, removes and loses',
      mediaType: 'application/json',
      schema: z.object({ refused: Refused }),
      example: {
        refused: {
          provider: 'AWS',
          hash: exampleHash,
          at: '2026-11-21T06:00:00.000Z',
          reason: 'narrowing_lost',
          detail: 'me-central-1 keeps 0 %; the rest is in no other part either',
          version: '1787411825',
          publishedAt: '2026-08-22T15:17:05.000Z',
          prefixes: { ipv4: 7905, ipv6: 3108 },
          ipv4Addresses: 101_846_148,
          narrowings: 812,
          ...exampleSpaces,
        },
      },
    },
    errors: ['not_found'],
  },
  {
    method: 'POST',
    path: '/v1/whitelist/providers/{provider}/accept',
    function: 'providers',
    operationId: 'acceptProviderList',
    dryRun: true,
    tag: 'whitelist',
    summary: 'Put a refused list in force',
    description:
      'Only for administrators of the first organization. `hash` names the list that was looked at; when another one waits by now, 412. Narrowings that were held come into force with it. With `dryRun=true` nothing is written, and the answer says what would change.',
    access: manage,
    request: {
      params: z.object({ provider }),
      mediaType: 'application/json',
      body: AcceptBody,
      example: { hash: exampleHash },
    },
    response: {
      status: 200,
      description: 'What changed, as it is listed among the changes of the provider',
      mediaType: 'application/json',
      schema: z.object({ change: Change }),
      example: {
        change: {
          at: '2026-11-21T09:00:00.000Z',
          fromVersion: '1787411000',
          toVersion: '1787411825',
          ...exampleSpaces,
        },
      },
    },
    errors: ['not_found', 'precondition_failed'],
  },
] as const satisfies readonly Endpoint[]
