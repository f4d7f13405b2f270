import { readFileSync, writeFileSync } from 'node:fs'
import { rangeCopies } from '../../lib/providers/provider-store.ts'
import { tableSchema, wordNames } from '../../lib/table/schema.ts'
import { simulateLeases } from './leases.ts'
import type { Load, Use } from './load.ts'
import { decisionLoad, firstLimit, operationLoad, partUsed, refusesCallers, tightest } from './load.ts'
import { quotas } from './quotas.ts'
import { recordOperations } from './recorded-operations.ts'
import type { Shape } from './usage-writes.ts'
import { coldWave, minutesUntilServed, rangesWave } from './waves.ts'

const started = Date.now()
const number = (value: number): string =>
  value >= 1000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)))
type Row = Readonly<Record<string, string | number>>
const tables = new Map<string, string>()
const print = (title: string, rows: readonly Row[]): void => {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`
  const names = Object.keys(rows[0] ?? {})
  const table = [line(names), line(names.map(() => '---')), ...rows.map((row) => line(Object.values(row)))]
  tables.set(title, table.join('\n'))
  console.log(`\n${title}\n${table.join('\n')}`)
}

const recorded = await recordOperations()
const { decision } = recorded

print(
  'Consumption',
  Object.entries({
    'decision, cached': decision.request,
    'decision, caller not cached': decision.callerLoad,
    'decision, organization not cached': decision.organizationLoad,
    'decision, container is new': decision.containerStart,
    'decision, first of a caller': decision.callerFirst,
    login: recorded.login,
    'client credentials': recorded.token,
    'new user': recorded.newUser,
    'changed names': recorded.changedNames,
    'reset request': recorded.resetRequest,
  }).flatMap(([operation, costs]) =>
    costs.map(({ of, partition, scope, spread, readUnits, writeUnits }) => ({
      operation,
      of,
      partition: `\`${partition}\``,
      'shared by callers of': scope === 'caller' ? '' : `the ${scope}`,
      'over keys': spread,
      'read units': number(readUnits),
      'write units': number(writeUnits),
    })),
  ),
)

const loads = [1, 10, 100, 1000, 10_000, 100_000]
const users = [100, 10_000, 1_000_000, 100_000_000]
const organizations = [1, 10_000]
const exceededBy = ({ uses }: Load): string =>
  uses
    .filter((use) => partUsed(use) > 1)
    .toSorted((one, other) => partUsed(other) - partUsed(one))
    .map((use) => `${nameOf(use)} ${number(partUsed(use))} ×`)
    .join(', ') || 'none'
const nameOf = ({ limit }: Use): string => limit.replace(/(\S+\*\S*)$/, '`$1`')
for (const of of users)
  print(
    `Decisions, ${number(of)} users`,
    organizations.flatMap((organizations) =>
      loads.map((perSecond) => {
        const load = decisionLoad(decision, { perSecond, users: of, organizations })
        return {
          organizations: number(organizations),
          'decisions/s': number(perSecond),
          containers: number(load.environments),
          'cached, %': number(100 * (load.cached ?? 0)),
          'RCU/s': number(load.readUnits),
          'WCU/s': number(load.writeUnits),
          'refused, %': number(
            Math.max(0, 100 * (1 - 1 / partUsed(tightest(load.uses.filter(refusesCallers))))),
          ),
          'limits exceeded': exceededBy(load),
        }
      }),
    ),
  )

type Seen = { readonly caller: string; readonly remedy: string }
const seen = (operation: string, { limit }: Use): Seen => {
  const isDecision = operation === 'decision'
  if (limit.includes('API Gateway'))
    return {
      caller: '429 `{"message":"Too Many Requests"}` of API Gateway',
      remedy: "raise the account's throttle quota and `requestsPerSecond`",
    }
  if (limit.includes('Lambda'))
    return {
      caller: isDecision ? '500 of API Gateway, alarm `AuthorizerThrottled`' : '500 or 503 of API Gateway',
      remedy: "raise the account's concurrency",
    }
  const failed = isDecision
    ? '500 after attempts for about a second; never an allow'
    : '503 `temporarily_unavailable`, `Retry-After: 1`'
  if (limit.includes('SES'))
    return {
      caller: '202, and the mail later or not at all (`MailUndelivered`)',
      remedy: 'leave the sandbox of SES, raise its sending rate',
    }
  if (limit.includes('session tokens'))
    return { caller: '429 `too_many_requests` with `Retry-After`', remedy: 'raise `sessionTokensPerMinute`' }
  if (limit.includes('KMS'))
    return { caller: '503 `temporarily_unavailable`', remedy: 'raise the RSA quota of KMS' }
  if (limit.includes('USAGE#'))
    return {
      caller: 'nothing; usage is counted too low (`usage_not_counted`)',
      remedy: 'more shards of usage',
    }
  if (limit.includes('of the table') || limit.includes('index '))
    return { caller: failed, remedy: "raise the table's throughput quota, and pre-warm it" }
  return {
    caller: failed,
    remedy: isDecision
      ? 'a longer `authorizerCacheSeconds`, or more organizations'
      : 'spread over organizations',
  }
}

const shapes = organizations.flatMap((organizations) => users.map((users) => ({ organizations, users })))
const operations: readonly (readonly [string, number, (shape: Shape) => Load])[] = [
  ['decision', 1_000_000, (shape) => decisionLoad(decision, shape)],
  ['login', 20_000, (shape) => operationLoad(recorded, 'login', shape)],
  ['client credentials', 20_000, (shape) => operationLoad(recorded, 'token', shape)],
  ['reset request', 20_000, (shape) => operationLoad(recorded, 'resetRequest', shape)],
  ['new user', 20_000, (shape) => operationLoad(recorded, 'newUser', shape)],
  ['changed names', 20_000, (shape) => operationLoad(recorded, 'changedNames', shape)],
]
print(
  'First limits',
  operations.flatMap(([operation, most, loadOf]) =>
    (operation === 'decision'
      ? shapes
      : organizations.map((organizations) => ({ organizations, users: 1_000_000 }))
    ).map((shape) => {
      const at = (perSecond: number) => loadOf({ ...shape, perSecond })
      const first = firstLimit(at, most, () => true)
      const hard = firstLimit(at, most, ({ isAdjustable }) => !isAdjustable)
      const told = first === null ? null : seen(operation, first.use)
      const hardTold = hard === null ? null : seen(operation, hard.use)
      const end = (at: typeof first) =>
        at === null ? `none up to ${number(most)}` : `${nameOf(at.use)}: ${number(at.perSecond)}`
      return {
        operation,
        organizations: number(shape.organizations),
        users: number(shape.users),
        'first limit, at a second': end(first),
        'the caller sees': told?.caller ?? '',
        'to raise it': told?.remedy ?? '',
        'then, at a second': end(first) === end(hard) ? 'the same' : end(hard),
        'what helps': end(first) === end(hard) ? '' : (hardTold?.remedy ?? ''),
      }
    }),
  ),
)

const indexesOfUsers = [tableSchema.directoryIndex.name, ...wordNames]
print(
  'Indexes of users',
  Object.entries({ 'new user': recorded.newUser, 'changed names': recorded.changedNames }).flatMap(
    ([operation, costs]) =>
      indexesOfUsers.map((index) => {
        const units = costs
          .filter(({ of }) => of === index)
          .reduce((sum, { writeUnits }) => sum + writeUnits, 0)
        return {
          operation,
          index,
          'write units': number(units),
          'of one organization at a second, at most':
            units === 0 ? 'any' : number(quotas.partition.writeUnits / units),
        }
      }),
  ),
)

print(
  'Logins of one organization',
  [100, 500, 1000, 1500, 5000].map((perSecond) => {
    const load = operationLoad(recorded, 'login', { perSecond, organizations: 1, users: 1_000_000 })
    const most = tightest(load.uses)
    return {
      'logins/s': number(perSecond),
      environments: number(load.environments),
      'RCU/s': number(load.readUnits),
      'WCU/s': number(load.writeUnits),
      'refused, %': number(Math.max(0, 100 * (1 - 1 / partUsed(most)))),
      'limits exceeded': exceededBy(load),
      'the caller sees': partUsed(most) > 1 ? seen('login', most).caller : '',
    }
  }),
)

print(
  'Traffic that starts at once',
  [1000, 10_000, 20_000, 50_000, 100_000].map((perSecond) => {
    const wave = coldWave(perSecond)
    const load = decisionLoad(decision, { perSecond, users: 1_000_000, organizations: 1 })
    return {
      'decisions/s': number(perSecond),
      environments: number(wave.environments),
      'seconds until there are enough': wave.seconds,
      'refused until then': number(wave.refused),
      'minutes until a new table serves it': Math.max(
        minutesUntilServed(load.readUnits, 'readUnits'),
        minutesUntilServed(load.writeUnits, 'writeUnits'),
      ),
    }
  }),
)

print(
  'Provider ranges in a cold wave',
  [166, 1000, 3000].flatMap((containers) =>
    [
      { copies: 1, reads: 1 },
      { copies: rangeCopies, reads: 1 },
      { copies: rangeCopies, reads: 2 },
    ].map(({ copies, reads }) => {
      const { units, most, seconds } = rangesWave(containers, copies, reads)
      return {
        'containers that start in a second': number(containers),
        copies,
        'list accepted': reads === 1 ? 'earlier' : 'in the last ten minutes',
        'read units': number(units),
        'of the busiest partition': number(most),
        'seconds until all have read': number(seconds),
      }
    }),
  ),
)

const leaseRuns = [
  { containers: 100, perSecond: 1000, limitPerMinute: 60_000 },
  { containers: 1000, perSecond: 10_000, limitPerMinute: 600_000 },
  { containers: 1000, perSecond: 20_000, limitPerMinute: 600_000 },
  { containers: 10_000, perSecond: 100_000, limitPerMinute: 6_000_000 },
]
const leases = []
for (const run of leaseRuns) {
  const span = run.perSecond > 20_000 ? { fromSecond: 45, toSecond: 5 } : { fromSecond: 30, toSecond: 60 }
  const { containers, perSecond, limitPerMinute, ...result } = await simulateLeases(run, span)
  leases.push({
    containers: number(containers),
    'requests/s': number(perSecond),
    'limit a minute': number(limitPerMinute),
    'writes of one item in its busiest second': number(result.mostWritesOfOneItem),
    'refused by DynamoDB': number(result.refusedWrites),
    'passed of what the limit allows, %': number(100 * result.passedOfAllowed),
  })
}
print('Rate limit of one organization', leases)
console.log(`\n${Math.round((Date.now() - started) / 1000)} s`)
if (process.argv.includes('--write')) {
  const page = 'docs/scaling.md'
  const filled = readFileSync(page, 'utf8').replace(
    /(<!-- (.*) -->\n)[\s\S]*?(\n<!-- end -->)/g,
    (all, begin, title, end) => (tables.has(title) ? `${begin}\n${tables.get(title)}\n${end}` : all),
  )
  writeFileSync(page, filled)
}
// Handlers keep connections open.
process.exit(0)
