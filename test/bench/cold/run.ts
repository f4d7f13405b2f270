import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { projectRoot } from '../../../infra/aws/project-root.ts'
import { median } from '../row.ts'
import { bundleFunctions } from './bundles.ts'
import { firstRequests } from './first-requests.ts'
import { type Answer, serveRuntimeApi } from './runtime-api.ts'
import { openScene } from './scene.ts'

/**
 * Starts each function in a fresh process as often as `--rounds` says, all taking turns with an empty function and one with only the
 * SDK, so that all see the same machine. `--only authorizer` measures one; `--beside ../other` measures another checkout's as well.
 */
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    only: { type: 'string', multiple: true },
    beside: { type: 'string', multiple: true, default: [] },
  },
})

type Candidate = {
  readonly name: string
  readonly folder: string
  readonly bytes: number
  readonly budget: number | null
  readonly memoryMegabytes: number
  readonly environment: Readonly<Record<string, string>>
  readonly event: () => unknown
  readonly expected: (answer: Readonly<Record<string, unknown>>) => boolean
}
type Sample = { readonly loaded: number; readonly cpu: number; readonly wall: number }

/** Lambda's own flags: a twentieth of the memory for each half of the young generation. */
const flagsFor = (megabytes: number): string[] => [
  '--expose-gc',
  '--max-http-header-size=81920',
  `--max-semi-space-size=${Math.floor(megabytes / 20)}`,
  `--max-old-space-size=${Math.floor((megabytes * 9) / 10)}`,
]

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

const start = async (bootstrap: string, candidate: Candidate): Promise<Sample> => {
  const api = await serveRuntimeApi(candidate.event())
  const at = performance.now()
  const child = spawn(process.execPath, [...flagsFor(candidate.memoryMegabytes), bootstrap], {
    cwd: candidate.folder,
    env: {
      ...candidate.environment,
      AWS_LAMBDA_RUNTIME_API: api.address,
      AWS_LAMBDA_LOG_FORMAT: 'JSON',
      LAMBDA_TASK_ROOT: candidate.folder,
      _HANDLER: 'index.handler',
      AWS_SESSION_TOKEN: 'local',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let complaint = ''
  child.stderr.on('data', (data) => {
    complaint += data
  })
  const gone = new Promise((resolve) => child.on('close', resolve))
  child.on('exit', (code) => api.fail(new Error(`${candidate.name} ended with ${code}: ${complaint}`)))
  try {
    const answer: Answer = await api.answer
    if (!isRecord(answer.payload) || !candidate.expected(answer.payload))
      throw new Error(`${candidate.name} answered ${JSON.stringify(answer.payload)}`)
    const { loadedMicroseconds, answeredMicroseconds } = answer
    return {
      loaded: loadedMicroseconds / 1000,
      cpu: answeredMicroseconds / 1000,
      wall: answer.at - at,
    }
  } finally {
    child.kill('SIGKILL')
    await gone
    await api.close()
  }
}

const nearlyAll = (samples: readonly number[]): number =>
  samples.toSorted((one, other) => one - other)[Math.floor(samples.length * 0.95)] ?? Number.NaN

const scene = await openScene()
try {
  const requests = firstRequests(scene).filter(({ name }) => options.only?.includes(name) ?? true)
  const entries = new Map(
    requests.map((request) => {
      const found = scene.functions.get(request.function)
      if (found === undefined) throw new Error(`the stack has no function ${request.function}`)
      return [request.function, found.entry] as const
    }),
  )
  const own = await bundleFunctions(projectRoot, entries, join(scene.folder, 'own'))
  const authorizer = scene.functions.get('authorizer')
  if (authorizer === undefined) throw new Error('the stack has no authorizer')
  const baselines: Candidate[] = ['empty', 'only-sdk'].map((name) => ({
    name,
    ...own(name),
    budget: null,
    memoryMegabytes: authorizer.memoryMegabytes,
    environment: authorizer.environment,
    event: () => ({}),
    expected: ({ statusCode }) => statusCode === 200,
  }))
  const from = (bundleOf: typeof own, suffix: string) =>
    requests.flatMap((request): Candidate[] => {
      const definition = scene.functions.get(request.function)
      return definition === undefined
        ? []
        : [{ ...definition, ...request, ...bundleOf(request.function), name: request.name + suffix }]
    })
  const candidates = [...baselines, ...from(own, '')]
  for (const [index, root] of options.beside.entries())
    candidates.push(
      ...from(await bundleFunctions(root, entries, join(scene.folder, `beside-${index}`)), ` (${root})`),
    )

  const samples = new Map<string, Sample[]>(candidates.map(({ name }) => [name, []]))
  for (let round = -1; round < Number(options.rounds); round += 1) {
    for (const candidate of candidates) {
      const sample = await start(join(scene.folder, 'own/bootstrap.mjs'), candidate)
      // The first round fills the caches of the file system.
      if (round >= 0) samples.get(candidate.name)?.push(sample)
    }
  }

  const of = (name: string, what: keyof Sample): number[] =>
    (samples.get(name) ?? []).map((sample) => sample[what])
  const empty = median(of('empty', 'cpu'))
  const above = ({ name }: Candidate): number => median(of(name, 'cpu')) - empty
  const isOver = (candidate: Candidate): boolean =>
    candidate.budget !== null && above(candidate) > candidate.budget
  console.log(
    `${process.arch}, Node ${process.version}, ${options.rounds} rounds; milliseconds, of the processor unless wall`,
  )
  console.table(
    Object.fromEntries(
      candidates.map((candidate) => [
        candidate.name,
        {
          KB: Math.round(candidate.bytes / 1000),
          loaded: Math.round(median(of(candidate.name, 'loaded'))),
          answered: Math.round(median(of(candidate.name, 'cpu'))),
          p95: Math.round(nearlyAll(of(candidate.name, 'cpu'))),
          'above empty': Number(above(candidate).toFixed(1)),
          budget: candidate.budget ?? '',
          holds: isOver(candidate) ? 'NO' : 'yes',
          wall: Math.round(median(of(candidate.name, 'wall'))),
          'wall p95': Math.round(nearlyAll(of(candidate.name, 'wall'))),
        },
      ]),
    ),
  )
  if (candidates.some(isOver)) process.exitCode = 1
} finally {
  await scene.close()
  rmSync(scene.folder, { recursive: true, force: true })
}
